"""What is in a daily digest: one member's to do. services/digest_times.py says when, and who gets one."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlmodel import Session, col

from models.facts import Digest, DigestGroup
from models.handoff import Handoff, HandoffState
from models.lead import Lead, Stage
from models.member import Member, Right, Role
from models.workspace import Workspace
from services.lists import IS_RECYCLED, row_of, theirs
from services.suggestions import count_pairs
from services.undelivered import list_stuck
from services.workspaces import get_workspace

ROWS_SHOWN = 3
NEWS_DAYS = 7
"""How long what came back, or could not be sent, is news."""


def digest_of(session: Session, member: Member, on: date, now: datetime, *, is_late: bool) -> Digest:
    """Gather what is the member's to do on their local day `on`."""
    workspace = get_workspace(session, member.workspace_id)
    roles, mine = member.roles, col(Lead.owner_id) == member.id
    day_end = datetime.combine(on + timedelta(days=1), time(0), member.as_actor().zone)
    is_open = col(Lead.stage) != Stage.CLOSED

    def leads(*conditions: ColumnElement[bool], order: ColumnElement[Any], when: bool = True) -> DigestGroup:
        return _group(session, workspace, conditions, order, now) if when else DigestGroup()

    return Digest(
        member=member,
        on=on,
        is_late=is_late,
        overdue=_offers(session, workspace, now, Role.MANAGER in roles, is_overdue=True),
        due=leads(
            theirs(workspace.id, member.id, col(Lead.follow_up_due_at) < day_end),
            order=col(Lead.follow_up_due_at).asc(),
        ),
        unclaimed=_offers(session, workspace, now, bool(roles & {Role.SALES, Role.MARKETING}), is_overdue=None),
        uncontacted=leads(mine, _is_uncontacted(member.id), order=col(Lead.stage_at).asc()),
        ready=leads(
            col(Lead.cools_at) > now, col(Lead.stage) == Stage.INQUIRY, order=col(Lead.cools_at).desc(),
            when=Role.MARKETING in roles,
        ),
        returned=leads(
            IS_RECYCLED, col(Lead.stage) == Stage.INQUIRY, col(Lead.marketer_id) == member.id,
            col(Lead.returned_at) > now - timedelta(days=NEWS_DAYS), order=col(Lead.returned_at).desc(),
            when=Role.MARKETING in roles,
        ),
        hot=leads(mine, is_open, col(Lead.cools_at) > now, order=col(Lead.cools_at).desc()),
        dormant=leads(
            theirs(workspace.id, member.id, col(Lead.dormant_since).is_not(None)), is_open,
            order=col(Lead.dormant_since).desc(),
        ),
        failed=tuple(list_stuck(session, workspace.id, now - timedelta(days=NEWS_DAYS)))
        if Role.MANAGER in roles
        else (),
        owned_count=_count(session, workspace.id, (mine, is_open)),
        pair_count=count_pairs(session, workspace.id) if member.as_actor().may(Right.REVIEW) else 0,
    )  # fmt: skip


def _is_uncontacted(member_id: int) -> ColumnElement[bool]:
    return (
        select(col(Handoff.id))
        .where(
            col(Handoff.workspace_id) == col(Lead.workspace_id),
            col(Handoff.lead_id) == col(Lead.id),
            col(Handoff.owner_id) == member_id,
            col(Handoff.contact_due_at).is_not(None),
        )
        .exists()
    )


def _offers(
    session: Session, workspace: Workspace, now: datetime, concerns: bool, is_overdue: bool | None
) -> DigestGroup:
    """Gather the waiting handoffs; `is_overdue` True: only those whose time is up."""
    if not concerns:
        return DigestGroup()
    conditions = [col(Handoff.workspace_id) == workspace.id, col(Handoff.state) == HandoffState.OFFERED]
    if is_overdue:
        conditions.append(col(Handoff.due_at) <= now)
    query = (
        select(Lead).join(Handoff).where(*conditions).order_by(col(Handoff.due_at), col(Handoff.id)).limit(ROWS_SHOWN)
    )
    count = session.scalar(select(func.count()).select_from(Handoff).where(*conditions)) or 0
    rows = tuple(row_of(session, workspace, lead, now) for lead in session.scalars(query)) if count else ()
    return DigestGroup(rows, count)


def _group(
    session: Session,
    workspace: Workspace,
    conditions: Sequence[ColumnElement[bool]],
    order: ColumnElement[Any],
    now: datetime,
) -> DigestGroup:
    count = _count(session, workspace.id, conditions)
    query = select(Lead).where(col(Lead.workspace_id) == workspace.id, *conditions).order_by(order).limit(ROWS_SHOWN)
    rows = tuple(row_of(session, workspace, lead, now) for lead in session.scalars(query)) if count else ()
    return DigestGroup(rows, count)


def _count(session: Session, workspace_id: int, conditions: Sequence[ColumnElement[bool]]) -> int:
    query = select(func.count()).select_from(Lead).where(col(Lead.workspace_id) == workspace_id, *conditions)
    return session.scalar(query) or 0
