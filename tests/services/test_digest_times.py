"""Who gets a digest: asked for all people at once, and answered as for each of them alone."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select
from sqlmodel import Session, col

from models.database import Database
from models.delivery import Delivery, DeliveryKind, DeliveryState
from models.handoff import Handoff, HandoffState
from models.lead import Lead, Outcome, Stage
from models.member import Member
from models.records import JobRun
from services.digest_times import plan_digests, send_digests
from services.digests import digest_of
from services.workspaces import get_workspace
from tests.services.digest_records import NOW, empty_workspaces, join, put_handoff, put_lead

PEOPLE = 6
SOMEBODY = st.none() | st.integers(1, PEOPLE)
MOMENT = st.none() | st.sampled_from([timedelta(days=-9), timedelta(hours=-1), timedelta(hours=20), timedelta(days=3)])
LEAD = st.fixed_dictionaries(
    {
        "stage": st.sampled_from(Stage),
        "owner_id": SOMEBODY,
        "marketer_id": SOMEBODY,
        "follow_up_due_at": MOMENT,
        "dormant_since": MOMENT,
        "cools_at": MOMENT,
        "is_recycled": st.booleans(),
        "returned_at": MOMENT,
    }
)
HANDOFF = st.tuples(st.sampled_from(HandoffState), SOMEBODY, st.booleans(), st.booleans())
ROLES = st.lists(st.tuples(st.booleans(), st.booleans(), st.booleans()), min_size=PEOPLE, max_size=PEOPLE)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """Workspaces with nobody in them."""
    with empty_workspaces(database_url) as database:
        yield database


@given(
    roles=ROLES,
    leads=st.lists(st.tuples(LEAD, st.none() | HANDOFF), max_size=4),
    zones=st.lists(st.sampled_from(["Asia/Tokyo", "Europe/London"]), min_size=PEOPLE, max_size=PEOPLE),
)
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_those_get_one_who_have_something_to_do(
    database: Database, roles: list[tuple[bool, bool, bool]], leads: list[tuple[dict[str, Any], Any]], zones: list[str]
) -> None:
    """Any roles, leads and handoffs: a digest is asked for exactly where gathering it finds something."""
    with database.write() as session:
        for table in (Delivery, JobRun, Handoff, Lead, Member):
            session.execute(delete(table))
        for number, ((sales, marketing, manager), zone) in enumerate(zip(roles, zones, strict=True), start=1):
            join(session, number, timezone=zone, is_sales=sales, is_marketing=marketing, is_manager=manager)
        for number, (facts, handoff) in enumerate(leads, start=1):
            _add(session, number, facts, handoff)
    with database.write() as session:
        assert send_digests(session, get_workspace(session, 1), NOW) == PEOPLE
    with database.read() as session:
        asked = set(session.scalars(select(col(Delivery.subject_id)).where(col(Delivery.kind) == DeliveryKind.DIGEST)))
        wanted = {
            member.id
            for member in session.scalars(select(Member))
            if member.timezone == "Asia/Tokyo"
            and not digest_of(session, member, NOW.date(), NOW, is_late=False).is_empty
        }
        assert asked == wanted


def _add(session: Session, number: int, facts: dict[str, Any], handoff: Any) -> None:
    moments = {name: NOW + value if isinstance(value, timedelta) else value for name, value in facts.items()}
    if facts["stage"] is Stage.CLOSED:
        moments |= {"outcome": Outcome.WON, "dormant_since": None}
    put_lead(session, number, **moments)
    if handoff is not None:
        state, owner_id, is_uncontacted, is_late = handoff
        put_handoff(session, number, state=state, owner_id=owner_id, due_at=NOW + timedelta(hours=-1 if is_late else 1),
                    contact_due_at=NOW if is_uncontacted else None)  # fmt: skip


def test_whoever_had_one_today_gets_no_second(database: Database) -> None:
    """Planned again for the same day, by whatever slip: the slot is taken, for one person in many too."""
    with database.write() as session:
        for number in (1, 2):
            join(session, number)
        session.add(JobRun(workspace_id=1, job="digest", slot="1:2026-11-24", at=NOW))
        put_lead(session, 1)
        put_handoff(session, 1)
    with database.write() as session:
        assert send_digests(session, get_workspace(session, 1), NOW) == 2
    with database.read() as session:
        assert session.scalars(select(col(Delivery.subject_id))).all() == [2]


def _asked(session: Session) -> set[int]:
    return set(session.scalars(select(col(Delivery.subject_id)).where(col(Delivery.kind) == DeliveryKind.DIGEST)))


def test_who_waits_longest_comes_first(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """As many at a time as a batch holds, until nobody is left; another workspace's people are its own."""
    monkeypatch.setattr("services.digest_times.BATCH", 2)
    with database.write() as session:
        for number, minutes in ((1, 1), (2, 3), (3, 2)):
            join(session, number, digest_due_at=NOW - timedelta(minutes=minutes))
        join(session, 4, workspace_id=2, digest_due_at=NOW - timedelta(hours=1))
    seen = []
    for _ in range(3):
        with database.write() as session:
            sent = send_digests(session, get_workspace(session, 1), NOW)
            waiting = set(session.scalars(select(col(Member.id)).where(col(Member.digest_due_at) <= NOW)))
            seen.append((sent, waiting))
    assert seen == [(2, {1, 4}), (1, {4}), (0, {4})]


@pytest.mark.parametrize(("due_at", "asked"), [("12:59", {1, 2}), ("14:59", {1}), ("15:00", set())])
def test_day_ends_at_midnight_where_one_is(database: Database, due_at: str, asked: set[int]) -> None:
    """At 15:00 UTC in Tokyo and two hours before that in Sydney: what falls due then is tomorrow's."""
    follow_up = datetime.fromisoformat(f"2026-11-24T{due_at}:00Z")
    with database.write() as session:
        for number, zone in ((1, "Asia/Tokyo"), (2, "Australia/Sydney")):
            join(session, number, timezone=zone)
            put_lead(session, number, owner_id=number, follow_up_due_at=follow_up)
        send_digests(session, get_workspace(session, 1), NOW)
        assert _asked(session) == asked


@pytest.mark.parametrize("what", ["overdue", "stuck", "offered"])
def test_manager_hears_of_what_is_overdue_or_cannot_be_sent(database: Database, what: str) -> None:
    """Either is enough; an offer whose time is not up is for others."""
    with database.write() as session:
        join(session, 1, is_sales=False, is_manager=True)
        put_lead(session, 1)
        if what == "stuck":
            session.add(Delivery(workspace_id=1, kind=DeliveryKind.HOT_ALERT, key="k", subject_id=1, channel_slack_id="C1",
                                 state=DeliveryState.FAILED, next_attempt_at=NOW, created_at=NOW))  # fmt: skip
        else:
            due_at = NOW if what == "overdue" else NOW + timedelta(seconds=1)
            put_handoff(session, 1, due_at=due_at)
        session.flush()
        send_digests(session, get_workspace(session, 1), NOW)
        assert _asked(session) == (set() if what == "offered" else {1})


def test_digest_planned_for_too_far_away_is_planned_anew(database: Database) -> None:
    """The clock was wrong when it was planned; one within the next four days is left alone."""
    with database.write() as session:
        for number, days in ((1, 4), (2, 4.01)):
            join(session, number, digest_due_at=NOW + timedelta(days=days))
        assert plan_digests(session, get_workspace(session, 1), NOW) == 1
        planned = session.scalars(select(col(Member.digest_due_at)).order_by(col(Member.id))).all()
        assert planned == [NOW + timedelta(days=4), datetime(2026, 11, 25, 0, 0, tzinfo=UTC)]


HOT = NOW + timedelta(seconds=1)


@pytest.mark.parametrize(
    ("lead", "contact_due_at", "asked"),
    [({"cools_at": HOT}, None, {1}), ({"cools_at": NOW}, None, set()), ({"cools_at": HOT, "owner_id": 2}, None, {2}),
     ({"cools_at": HOT, "stage": Stage.CLOSED, "outcome": Outcome.WON}, None, set()), ({"dormant_since": NOW}, None, {1}),
     ({}, NOW, {1}), ({}, None, set()), ({"owner_id": 2}, NOW, set())],
)  # fmt: skip
def test_somebody_has_something_to_do_with_their_own_leads(
    database: Database, lead: dict[str, Any], contact_due_at: datetime | None, asked: set[int]
) -> None:
    """It is hot, or dormant, or nobody has called yet; of a lead that somebody else has now, it is theirs to do."""
    with database.write() as session:
        for number in (1, 2):
            join(session, number)
        put_lead(session, 1, **{"stage": Stage.SQL, "owner_id": 1, **lead})
        put_handoff(session, 1, state=HandoffState.CLAIMED, owner_id=1, contact_due_at=contact_due_at)
        send_digests(session, get_workspace(session, 1), NOW)
        assert _asked(session) == asked
