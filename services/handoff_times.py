"""What time alone does to handoffs: reminded of when overdue, told to the managers when that did not help."""

from datetime import datetime

from sqlalchemy import func, select
from sqlmodel import Session, col

from models.delivery import DeliveryKind
from models.handoff import Handoff
from models.workspace import Team, Workspace
from services import deliveries
from services.working_time import add_working_minutes, hours_of
from services.workspaces import managers_of

BATCH = 100


def mark_overdue(session: Session, workspace: Workspace, now: datetime) -> int:
    """Remind of up to a batch of offers whose time is up, once, and plan when the managers hear of it; return how many.

    After as long again as the team had, in working time.
    """
    due = select(Handoff).where(col(Handoff.workspace_id) == workspace.id, col(Handoff.claim_due_at) <= now)
    late = session.scalars(due.order_by(col(Handoff.claim_due_at)).limit(BATCH).with_for_update(skip_locked=True)).all()
    for handoff in late:
        handoff.claim_due_at, handoff.overdue_since = None, now
        handoff.escalate_due_at = add_working_minutes(now, workspace.claim_minutes, hours_of(workspace))
        session.add(handoff)
        team = session.get_one(Team, (workspace.id, handoff.team_id))
        card = deliveries.find_delivery(session, workspace.id, DeliveryKind.HANDOFF_CARD, handoff.id)
        deliveries.refresh(session, workspace.id, DeliveryKind.HANDOFF_CARD, handoff.id)
        deliveries.want(session, workspace.id, DeliveryKind.HANDOFF_REMINDER, handoff.id, team.channel_slack_id, now,
                        parent_id=card.id if card else None)  # fmt: skip
    return len(late)


def escalate(session: Session, workspace: Workspace, now: datetime) -> int:
    """Tell the managers of up to a batch of overdue offers that are still unclaimed, once; return how many."""
    due = select(Handoff).where(col(Handoff.workspace_id) == workspace.id, col(Handoff.escalate_due_at) <= now)
    late = session.scalars(
        due.order_by(col(Handoff.escalate_due_at)).limit(BATCH).with_for_update(skip_locked=True)
    ).all()
    for handoff in late:
        handoff.escalate_due_at = None
        session.add(handoff)
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
