"""What time alone does to handoffs: reminded of when overdue, told to the managers when that did not help."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, func, select, update
from sqlmodel import Session, col

from models.delivery import DeliveryKind
from models.handoff import Handoff
from models.workspace import Team, Workspace
from services import deliveries
from services.statements import Prepared
from services.working_time import add_working_minutes, hours_of
from services.workspaces import managers_of

BATCH = 100


def _due(column: Any) -> Prepared:
    """Prepare the question which offers' time has come, by the index of the due time, the longest due first."""
    query = select(col(Handoff.id)).where(
        col(Handoff.workspace_id) == bindparam("workspace_id"), column <= bindparam("now")
    )
    return Prepared(lambda _dialect: query.order_by(column).limit(BATCH).with_for_update(skip_locked=True))


CLAIM_DUE = _due(col(Handoff.claim_due_at))
ESCALATE_DUE = _due(col(Handoff.escalate_due_at))


def mark_overdue(session: Session, workspace: Workspace, now: datetime) -> int:
    """Remind of up to a batch of offers whose time is up, once, and plan when the managers hear of it; return how many.

    After as long again as the team had, in working time.
    """
    if not (ids := _due_ids(session, workspace, CLAIM_DUE, now)):
        return 0
    escalate_due_at = add_working_minutes(now, workspace.claim_minutes, hours_of(workspace))
    late = _take(session, workspace, ids, claim_due_at=None, overdue_since=now, escalate_due_at=escalate_due_at)
    for handoff in late:
        team = session.get_one(Team, (workspace.id, handoff.team_id))
        card = deliveries.find_delivery(session, workspace.id, DeliveryKind.HANDOFF_CARD, handoff.id)
        deliveries.refresh(session, workspace.id, DeliveryKind.HANDOFF_CARD, handoff.id)
        deliveries.want(session, workspace.id, DeliveryKind.HANDOFF_REMINDER, handoff.id, team.channel_slack_id, now,
                        parent_id=card.id if card else None)  # fmt: skip
    return len(late)


def escalate(session: Session, workspace: Workspace, now: datetime) -> int:
    """Tell the managers of up to a batch of overdue offers that are still unclaimed, once; return how many."""
    ids = _due_ids(session, workspace, ESCALATE_DUE, now)
    late = _take(session, workspace, ids, escalate_due_at=None) if ids else ()
    for handoff in late:
        for manager in managers_of(session, workspace.id):
            deliveries.want(session, workspace.id, DeliveryKind.HANDOFF_ESCALATION, handoff.id, manager.slack_id, now,
                            about=manager.slack_id)  # fmt: skip
    return len(late)


def _due_ids(session: Session, workspace: Workspace, due: Prepared, now: datetime) -> list[int]:
    return [row[0] for row in due.run(session, {"workspace_id": workspace.id, "now": now})]


def _take(session: Session, workspace: Workspace, ids: list[int], **values: Any) -> Sequence[Row[Any]]:
    these = (col(Handoff.workspace_id) == workspace.id, col(Handoff.id).in_(ids))
    statement = update(Handoff).where(*these).values(**values).execution_options(synchronize_session=False)
    return session.execute(statement.returning(col(Handoff.id), col(Handoff.team_id))).all()


def count_due(session: Session, workspace: Workspace, now: datetime) -> dict[str, int]:
    """Count what a run would do: `remind` of overdue offers, and `tell` the managers of others."""
    counts = {}
    for name, column in (("remind", Handoff.claim_due_at), ("tell", Handoff.escalate_due_at)):
        due = select(func.count()).where(col(Handoff.workspace_id) == workspace.id, col(column) <= now)
        counts[name] = session.scalar(due) or 0
    return counts
