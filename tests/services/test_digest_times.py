"""Who gets a digest: asked for all people at once, and answered as for each of them alone."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select
from sqlmodel import col

from models.database import Database, make_engine
from models.delivery import Delivery, DeliveryKind
from models.handoff import Handoff, HandoffState
from models.lead import Lead, Outcome, Stage
from models.member import Member
from models.records import JobRun
from models.workspace import Team, Workspace
from services.digest_times import send_digests
from services.digests import digest_of
from services.workspaces import get_workspace

NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
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
    """A workspace with a team and nobody in it."""
    database = Database(make_engine(database_url))
    with database.write() as session:
        session.add(Workspace(id=1, slack_id="T1", created_at=NOW))
        session.flush()
        session.add(Team(workspace_id=1, id=1, name="", channel_slack_id="C1", created_at=NOW))
    yield database
    database.engine.dispose()


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
            session.add(Member(workspace_id=1, id=number, slack_id=f"U{number}", name="青木", timezone=zone,
                               is_sales=sales, is_marketing=marketing, is_manager=manager, digest_due_at=NOW,
                               refreshed_at=NOW))  # fmt: skip
        session.flush()
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


def _add(session: Any, number: int, facts: dict[str, Any], handoff: Any) -> None:
    moments = {name: NOW + value if isinstance(value, timedelta) else value for name, value in facts.items()}
    is_closed = facts["stage"] is Stage.CLOSED
    session.add(Lead(workspace_id=1, id=number, number=number, name="中村", created_at=NOW, stage_at=NOW, updated_at=NOW,
                     **moments | {"outcome": Outcome.WON if is_closed else None,
                                  "dormant_since": None if is_closed else moments["dormant_since"]}))  # fmt: skip
    session.flush()
    if handoff is not None:
        state, owner_id, is_uncontacted, is_late = handoff
        due_at = NOW + timedelta(hours=-1 if is_late else 1)
        session.add(Handoff(workspace_id=1, lead_id=number, team_id=1, state=state, owner_id=owner_id, offered_at=NOW,
                            due_at=due_at, contact_due_at=NOW if is_uncontacted else None))  # fmt: skip


def test_whoever_had_one_today_gets_no_second(database: Database) -> None:
    """Planned again for the same day, by whatever slip: the slot is taken, for one person in many too."""
    with database.write() as session:
        for number in (1, 2):
            session.add(Member(workspace_id=1, id=number, slack_id=f"U{number}", name="青木", is_sales=True,
                               digest_due_at=NOW, refreshed_at=NOW))  # fmt: skip
        session.flush()
        session.add(JobRun(workspace_id=1, job="digest", slot="1:2026-11-24", at=NOW))
        session.add(Lead(workspace_id=1, id=1, number=1, name="中村", created_at=NOW, stage_at=NOW, updated_at=NOW))
        session.flush()
        session.add(Handoff(workspace_id=1, lead_id=1, team_id=1, offered_at=NOW, due_at=NOW))
    with database.write() as session:
        assert send_digests(session, get_workspace(session, 1), NOW) == 2
    with database.read() as session:
        assert session.scalars(select(col(Delivery.subject_id))).all() == [2]
