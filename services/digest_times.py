"""When the daily digest is due, and who gets one: planned and asked for many at a time."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property, partial
from itertools import groupby
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Executable, Integer, bindparam, func, or_, select, update
from sqlmodel import Session, col

from models.delivery import DeliveryKind
from models.handoff import Handoff, HandoffState
from models.lead import Lead, Stage
from models.member import Member, Standing
from models.workspace import Workspace
from services import deliveries
from services.digests import NEWS_DAYS
from services.lists import IS_RECYCLED
from services.records import run_all_once
from services.statements import Prepared
from services.working_time import hours_of, next_working_time

LATE_AFTER = timedelta(hours=1)
# Longer than a weekend with a holiday beside it, so that there is hardly ever anybody to look at.
_FAR = timedelta(days=4)
# Some 30 ms: SQLite has one writer, and a command waits for it.
BATCH = 500


@dataclass(frozen=True)
class _LocalTime:
    """What `now` is in one time zone: which day, whether its digests go out, and when the next ones do."""

    workspace: Workspace
    timezone: str
    now: datetime

    @cached_property
    def _local(self) -> datetime:
        return self.now.astimezone(ZoneInfo(self.timezone))

    @cached_property
    def today(self) -> date:
        return self._local.date()

    @cached_property
    def day_end(self) -> datetime:
        return datetime.combine(self.today + timedelta(days=1), time(0), ZoneInfo(self.timezone))

    @cached_property
    def is_time(self) -> bool:
        """Whether it is a working day there, and the time has come.

        It may not be: a digest that was missed is looked at whenever Baton is back, and people move to other time zones.
        """
        hours = hours_of(self.workspace).in_zone(self.timezone)
        return self._local.time() >= self.workspace.digest_time and hours.is_working_day(self.today)

    @cached_property
    def next_at(self) -> datetime:
        zone, hours = ZoneInfo(self.timezone), hours_of(self.workspace).in_zone(self.timezone)
        first = next_working_time(self.today - timedelta(days=1), self.workspace.digest_time, zone, hours)
        return first if first > self.now else next_working_time(self.today, self.workspace.digest_time, zone, hours)


class _Clocks(dict[str, _LocalTime]):
    """The local times of one instant, each worked out once."""

    def __init__(self, workspace: Workspace, now: datetime) -> None:
        super().__init__()
        self.now, self._workspace = now, workspace

    def __missing__(self, timezone: str) -> _LocalTime:
        self[timezone] = _LocalTime(self._workspace, timezone, self.now)
        return self[timezone]


class _Person(NamedTuple):
    """Whose digest is due; `is_late`: for more than an hour."""

    id: int
    slack_id: str
    timezone: str
    is_active: bool
    is_late: bool
    is_sales: bool
    is_marketing: bool
    is_manager: bool


def _due(_dialect: str, *, is_locked: bool) -> Executable:
    query = (
        select(
            col(Member.id),
            col(Member.slack_id),
            col(Member.timezone),
            col(Member.standing) == Standing.ACTIVE,
            col(Member.digest_due_at) < bindparam("on_time"),
            col(Member.is_sales),
            col(Member.is_marketing),
            col(Member.is_manager),
        )
        .where(col(Member.workspace_id) == bindparam("workspace_id"), col(Member.digest_due_at) <= bindparam("now"))
        .order_by(col(Member.digest_due_at))
        .limit(bindparam("limit", type_=Integer))
    )
    return query.with_for_update(skip_locked=True) if is_locked else query


_TAKE_DUE = Prepared(partial(_due, is_locked=True))
_LOOK_AT_DUE = Prepared(partial(_due, is_locked=False))


def _people(session: Session, due: Prepared, workspace_id: int, now: datetime, limit: int) -> list[_Person]:
    times = {"now": now, "on_time": now - LATE_AFTER}
    return [_Person(*row) for row in due.run(session, {**times, "workspace_id": workspace_id, "limit": limit})]


def plan_digests(session: Session, workspace: Workspace, now: datetime) -> int:
    """Set the next digest of everybody who works with leads and has none planned; return how many.

    A digest that is planned for days from now is planned anew: the clock may have been wrong, and put right since.
    """
    clocks = _Clocks(workspace, now)
    query = select(col(Member.id), col(Member.timezone), col(Member.digest_due_at)).where(*_unplanned(workspace, now))
    due = {row.id: (clocks[row.timezone].next_at, row.digest_due_at) for row in session.execute(query)}
    moved = {member_id: next_at for member_id, (next_at, planned_at) in due.items() if next_at != planned_at}
    _plan_next(session, workspace.id, moved)
    return len(moved)


def _unplanned(workspace: Workspace, now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        col(Member.workspace_id) == workspace.id,
        col(Member.digest_due_at).is_(None) | (col(Member.digest_due_at) > now + _FAR),
        col(Member.standing) == Standing.ACTIVE,
        col(Member.is_sales) | col(Member.is_marketing) | col(Member.is_manager),
    )


def _plan_next(session: Session, workspace_id: int, times: Mapping[int, datetime]) -> None:
    rows = ({"id": member_id, "next_at": next_at} for member_id, next_at in times.items())
    _SET_NEXT.run_many(session, {"workspace_id": workspace_id}, rows)


_SET_NEXT = Prepared(
    lambda _dialect: (
        update(Member)
        .where(col(Member.workspace_id) == bindparam("workspace_id"), col(Member.id) == bindparam("id"))
        .values(digest_due_at=bindparam("next_at"))
    )
)


def send_digests(session: Session, workspace: Workspace, now: datetime) -> int:
    """Ask for the digests that are due, once per person and local day; return how many were looked at.

    A day that was missed is caught up once, by today's if today has one, else by the next working day's; a person with
    nothing to do gets none.
    """
    clocks = _Clocks(workspace, now)
    due = _people(session, _TAKE_DUE, workspace.id, now, BATCH)
    if not due:
        return 0
    _plan_next(session, workspace.id, {person.id: clocks[person.timezone].next_at for person in due})
    slots = {f"{person.id}:{clocks[person.timezone].today}": person for person in _ripe(due, clocks)}
    first = run_all_once(session, workspace.id, "digest", list(slots), now)
    busy = _with_work(session, workspace, [slots[slot] for slot in first], clocks)
    deliveries.want_all(
        session, workspace.id, DeliveryKind.DIGEST, [(person.id, person.slack_id, _about(person, clocks)) for person in busy], now
    )  # fmt: skip
    return len(due)


def _ripe(due: Iterable[_Person], clocks: _Clocks) -> Iterator[_Person]:
    return (person for person in due if person.is_active and clocks[person.timezone].is_time)


def _about(person: _Person, clocks: _Clocks) -> str:
    today = clocks[person.timezone].today
    return f"{today}:late" if person.is_late else str(today)


_EVERYBODY = 1_000_000


def count_due(session: Session, workspace: Workspace, now: datetime) -> dict[str, int]:
    """Count what a run would do: `send` digests that have something to say, and `plan` the next of so many people."""
    clocks = _Clocks(workspace, now)
    unplanned = select(func.count()).select_from(Member).where(*_unplanned(workspace, now))
    due = list(_ripe(_people(session, _LOOK_AT_DUE, workspace.id, now, _EVERYBODY), clocks))
    return {"send": len(_with_work(session, workspace, due, clocks)), "plan": session.scalar(unplanned) or 0}


def _with_work(session: Session, workspace: Workspace, people: Sequence[_Person], clocks: _Clocks) -> list[_Person]:
    """Return those for whom `digests.digest_of` would find something.

    What is everybody's with a role is asked once; who gets nothing by that is looked up among their own leads.
    """
    if not people:
        return []
    shared = _Shared(session, workspace, clocks.now)
    busy = {person.id for person in people if shared.concerns(person)}
    for day_end, rest in _by_day_end([person for person in people if person.id not in busy], clocks):
        own = or_(*_own_work(workspace.id, day_end, clocks.now))
        ids = [person.id for person in rest]
        query = select(col(Member.id)).where(col(Member.workspace_id) == workspace.id, col(Member.id).in_(ids), own)
        busy |= set(session.scalars(query))
    return [person for person in people if person.id in busy]


def _by_day_end(people: list[_Person], clocks: _Clocks) -> Iterator[tuple[datetime, list[_Person]]]:
    def day_end(person: _Person) -> datetime:
        return clocks[person.timezone].day_end

    for at, same in groupby(sorted(people, key=day_end), key=day_end):
        yield at, list(same)


class _Shared:
    """What is in the digest of everybody with a role, asked once and only when somebody has it."""

    def __init__(self, session: Session, workspace: Workspace, now: datetime) -> None:
        self._session, self._workspace, self._now = session, workspace, now

    def concerns(self, person: _Person) -> bool:
        """Tell whether it gives this person something to do."""
        return bool(
            (person.is_manager and (self._is_overdue or self._is_stuck))
            or ((person.is_sales or person.is_marketing) and self._is_offered)
            or (person.is_marketing and (self._is_ready or person.id in self._returned))
        )

    def _is_there(self, query: Any) -> bool:
        return self._session.scalars(query.limit(1)).first() is not None

    @cached_property
    def _offers(self) -> Any:
        return select(col(Handoff.id)).where(
            col(Handoff.workspace_id) == self._workspace.id, col(Handoff.state) == HandoffState.OFFERED
        )

    @cached_property
    def _is_offered(self) -> bool:
        return self._is_there(self._offers)

    @cached_property
    def _is_overdue(self) -> bool:
        return self._is_there(self._offers.where(col(Handoff.due_at) <= self._now))

    @cached_property
    def _is_stuck(self) -> bool:
        return bool(deliveries.stuck(self._session, self._workspace.id, self._now - timedelta(days=NEWS_DAYS)))

    @cached_property
    def _is_ready(self) -> bool:
        inquiries = select(col(Lead.id)).where(
            col(Lead.workspace_id) == self._workspace.id,
            col(Lead.cools_at) > self._now,
            col(Lead.stage) == Stage.INQUIRY,
        )
        return self._is_there(inquiries)

    @cached_property
    def _returned(self) -> set[int | None]:
        lately = self._now - timedelta(days=NEWS_DAYS)
        query = select(col(Lead.marketer_id)).where(
            col(Lead.workspace_id) == self._workspace.id,
            IS_RECYCLED,
            col(Lead.returned_at) > lately,
            col(Lead.stage) == Stage.INQUIRY,
        )
        return set(self._session.scalars(query.distinct()))


def _own_work(workspace_id: int, day_end: datetime, now: datetime) -> Iterator[ColumnElement[bool]]:
    """Build the conditions under which a row of `member` has something of their own to do, each answered by its index."""
    owned = (col(Lead.workspace_id) == workspace_id, col(Lead.owner_id) == col(Member.id))
    unowned = (col(Lead.workspace_id) == workspace_id, col(Lead.owner_id).is_(None),
               col(Lead.marketer_id) == col(Member.id))  # fmt: skip
    for due in (col(Lead.follow_up_due_at) < day_end, col(Lead.dormant_since).is_not(None)):
        for whose in (owned, unowned):
            yield select(1).select_from(Lead).where(*whose, due).correlate(Member).exists()
    hot = (col(Lead.cools_at) > now, col(Lead.stage) != Stage.CLOSED)
    yield select(1).select_from(Lead).where(*owned, *hot).correlate(Member).exists()
    waiting = (
        col(Handoff.workspace_id) == workspace_id,
        col(Handoff.owner_id) == col(Member.id),
        col(Handoff.contact_due_at).is_not(None),
    )
    yield select(1).select_from(Handoff).join(Lead).where(*waiting, owned[1]).correlate(Member).exists()
