"""What time alone does to handoffs: reminded of when overdue, told to the managers when that did not help."""

from datetime import datetime

from sqlalchemy import func, select
from sqlmodel import Session, col

from models.delivery import DeliveryKind
from models.handoff import Handoff
from models.workspace import Team, Workspace
from services import deliveries
from services.due import due_first, take_due
from services.working_time import add_working_minutes, hours_of
from services.workspaces import managers_of

BATCH = 100
CLAIM_DUE = due_first(Handoff, "claim_due_at", BATCH)
ESCALATE_DUE = due_first(Handoff, "escalate_due_at", BATCH)
_TOLD = ("id", "team_id")


def mark_overdue(session: Session, workspace: Workspace, now: datetime) -> int:
    """Remind of up to a batch of offers whose time is up, once, and plan when the managers hear of it; return how many.

    After as long again as the team had, in working time.
    """
    escalate_due_at = add_working_minutes(now, workspace.claim_minutes, hours_of(workspace))
    late = take_due(session, Handoff, CLAIM_DUE, workspace.id, now, _TOLD, claim_due_at=None, overdue_since=now,
                    escalate_due_at=escalate_due_at)  # fmt: skip
    for handoff in late:
        team = session.get_one(Team, (workspace.id, handoff.team_id))
        card = deliveries.find_delivery(session, workspace.id, DeliveryKind.HANDOFF_CARD, handoff.id)
        deliveries.refresh(session, workspace.id, DeliveryKind.HANDOFF_CARD, handoff.id)
        deliveries.want(session, workspace.id, DeliveryKind.HANDOFF_REMINDER, handoff.id, team.channel_slack_id, now,
                        parent_id=card.id if card else None)  # fmt: skip
    return len(late)


def escalate(session: Session, workspace: Workspace, now: datetime) -> int:
    """Tell the managers of up to a batch of overdue offers that are still unclaimed, once; return how many."""
    late = take_due(session, Handoff, ESCALATE_DUE, workspace.id, now, _TOLD, escalate_due_at=None)
    for handoff in late:
        for manager in managers_of(session, workspace.id):
            deliveries.want(session, workspace.id, DeliveryKind.HANDOFF_ESCALATION, handoff.id, manager.slack_id, now,
                            about=manager.slack_id)  # fmt: skip
    return len(late)


def count_due(session: Session, workspace: Workspace, now: datetime) -> dict[str, int]:
    """Count what a run would do: `remind` of overdue offers, and `tell` the managers of others."""
    counts = {}
    for name, column in (("remind", Handoff.claim_due_at), ("tell", Handoff.escalate_due_at)):
        due = select(func.count()).where(col(Handoff.workspace_id) == workspace.id, col(column) <= now)
        counts[name] = session.scalar(due) or 0
    return counts
