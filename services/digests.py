"""The daily digest: what is one member's to do, at their own time, on working days."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlmodel import Session, col

from models.delivery import DeliveryKind
from models.facts import Digest, DigestGroup
from models.handoff import Handoff, HandoffState
from models.lead import Lead, Stage
from models.member import Member, Role, Standing
from models.workspace import Workspace
from services import deliveries
from services.lists import IS_RECYCLED, row_of, theirs
from services.records import run_once
from services.undelivered import list_stuck
from services.working_time import hours_of, next_working_time
from services.workspaces import get_workspace

ROWS_SHOWN = 3
# After this long a missed digest is stale: the next one says the same and more.
CATCH_UP_DAYS = 7
LATE_AFTER = timedelta(hours=1)
# Longer than a weekend with a holiday beside it, so that there is hardly ever anybody to look at.
_FAR = timedelta(days=4)
# Gathering one takes some 15 ms, and SQLite has one writer: it waits for less than 100 ms.
BATCH = 5


def plan_digests(session: Session, workspace: Workspace, now: datetime) -> int:
    """Set the next digest of everybody who works with leads and has none planned; return how many.

    A digest that is planned for days from now is planned anew: the clock may have been wrong, and put right since.
    """
    query = select(Member).where(
        col(Member.workspace_id) == workspace.id,
        col(Member.digest_due_at).is_(None) | (col(Member.digest_due_at) > now + _FAR),
        col(Member.standing) == Standing.ACTIVE,
        col(Member.is_sales) | col(Member.is_marketing) | col(Member.is_manager),
    )
    planned = 0
    for member in session.scalars(query).all():
        due_at = _next_after(member, workspace, now)
        if due_at != member.digest_due_at:
            member.digest_due_at = due_at
            session.add(member)
            planned += 1
    return planned


def _next_after(member: Member, workspace: Workspace, now: datetime) -> datetime:
    zone = member.as_actor().zone
    today = now.astimezone(zone).date()
    hours = hours_of(workspace).in_zone(member.timezone)
    first = next_working_time(today - timedelta(days=1), workspace.digest_time, zone, hours)
    return first if first > now else next_working_time(today, workspace.digest_time, zone, hours)


def send_digests(session: Session, workspace: Workspace, now: datetime) -> int:
    """Ask for the digests that are due, once per person and local day; return how many were looked at.

    A day that was missed is caught up once, by today's if today has one, else by the next working day's; a person with
    nothing to do gets none.
    """
    query = select(Member).where(col(Member.workspace_id) == workspace.id, col(Member.digest_due_at) <= now)
    due = session.scalars(
        query.order_by(col(Member.digest_due_at)).limit(BATCH).with_for_update(skip_locked=True)
    ).all()
    for member in due:
        _send_one(session, workspace, member, now)
    return len(due)


def count_due(session: Session, workspace_id: int, now: datetime) -> int:
    """Count the people whose digest is due."""
    due = (
        select(func.count())
        .select_from(Member)
        .where(col(Member.workspace_id) == workspace_id, col(Member.digest_due_at) <= now)
    )
    return session.scalar(due) or 0


def _send_one(session: Session, workspace: Workspace, member: Member, now: datetime) -> bool:
    planned_at, today = member.digest_due_at or now, now.astimezone(member.as_actor().zone).date()
    is_time = _is_time(member, workspace, now)
    member.digest_due_at = _next_after(member, workspace, now)
    session.add(member)
    if not member.roles or not is_time or now - planned_at > timedelta(days=CATCH_UP_DAYS):
        return False
    if not run_once(session, workspace.id, "digest", f"{member.id}:{today.isoformat()}", now):
        return False
    if digest_of(session, member, today, now, is_late=False).is_empty:
        return False
    about = f"{today.isoformat()}:late" if now - planned_at > LATE_AFTER else today.isoformat()
    deliveries.want(session, workspace.id, DeliveryKind.DIGEST, member.id, member.slack_id, now, about=about)
    return True


def _is_time(member: Member, workspace: Workspace, now: datetime) -> bool:
    """Tell whether it is a working day of the member's, and their time has come.

    It may not be: a digest that was missed is looked at whenever Baton is back, and people move to other time zones.
    """
    local = now.astimezone(member.as_actor().zone)
    return local.time() >= workspace.digest_time and hours_of(workspace).in_zone(member.timezone).is_working_day(
        local.date()
    )


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
        due=leads(col(Lead.follow_up_due_at) < day_end, theirs(member.id), order=col(Lead.follow_up_due_at).asc()),
        unclaimed=_offers(session, workspace, now, bool(roles & {Role.SALES, Role.MARKETING}), is_overdue=None),
        uncontacted=leads(mine, _is_uncontacted(member.id), order=col(Lead.stage_at).asc()),
        ready=leads(
            col(Lead.cools_at) > now, col(Lead.stage) == Stage.INQUIRY, order=col(Lead.cools_at).desc(),
            when=Role.MARKETING in roles,
        ),
        returned=leads(
            IS_RECYCLED, col(Lead.stage) == Stage.INQUIRY, col(Lead.marketer_id) == member.id,
            col(Lead.returned_at) > now - timedelta(days=CATCH_UP_DAYS), order=col(Lead.returned_at).desc(),
            when=Role.MARKETING in roles,
        ),
        hot=leads(mine, is_open, col(Lead.cools_at) > now, order=col(Lead.cools_at).desc()),
        dormant=leads(col(Lead.dormant_since).is_not(None), is_open, theirs(member.id), order=col(Lead.dormant_since).desc()),
        failed=tuple(list_stuck(session, workspace.id, now - timedelta(days=CATCH_UP_DAYS)))
        if Role.MANAGER in roles
        else (),
        owned_count=_count(session, workspace.id, (mine, is_open)),
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
        select(Lead)
        .join(Handoff, (col(Handoff.workspace_id) == col(Lead.workspace_id)) & (col(Handoff.lead_id) == col(Lead.id)))
        .where(*conditions)
        .order_by(col(Handoff.due_at), col(Handoff.id))
        .limit(ROWS_SHOWN)
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
