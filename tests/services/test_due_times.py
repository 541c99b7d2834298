"""Due times follow the settings: moved in SQL, batch by batch, to where the code for one lead would put them."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select, update
from sqlmodel import col

from models.database import Database, make_engine
from models.lead import Lead, LeadKind, Outcome, Stage
from models.workspace import Workspace
from services import due_times
from services.hotness import move_heat
from services.lead_stages import plan_dormancy
from services.workspaces import get_workspace

NOW = datetime(2026, 11, 24, 0, 40, 0, 123456, tzinfo=UTC)
MOMENTS = st.timedeltas(timedelta(days=-800), timedelta(0)).map(lambda ago: NOW + ago)
LEADS = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(LeadKind),
        "stage": st.sampled_from(Stage),
        "created_at": MOMENTS,
        "stage_at": MOMENTS,
        "last_touch_at": st.none() | MOMENTS,
        "follow_up_due_at": st.none() | MOMENTS | MOMENTS.map(lambda at: at + timedelta(days=800)),
        "is_asleep": st.booleans(),
        "fit_points": st.sampled_from([0.0, 30.0, 79.0, 81.0]),
        "engagement_a": st.just(0.0) | st.floats(1, 1e24),
        "engagement_d": st.just(0.0) | st.floats(1, 1e6),
    }
)
DAYS = st.integers(1, 730)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A workspace without leads."""
    database = Database(make_engine(database_url))
    with database.write() as session:
        session.add(Workspace(id=1, slack_id="T1", created_at=NOW))
    yield database
    database.engine.dispose()


def _lead(number: int, facts: dict[str, Any]) -> Lead:
    is_asleep = facts.pop("is_asleep") and facts["stage"] != Stage.CLOSED
    lead = Lead(workspace_id=1, id=number, number=number, name="中村", updated_at=NOW, **facts)
    lead.outcome = Outcome.WON if lead.stage is Stage.CLOSED else None
    if lead.stage is not Stage.CLOSED:
        lead.dormant_since = NOW - timedelta(days=1) if is_asleep else None
        lead.dormant_at = None if is_asleep else NOW
    return lead


@given(facts=st.lists(LEADS, min_size=1, max_size=8), days=st.tuples(DAYS, DAYS, DAYS, DAYS), hot=st.integers(60, 120))
@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_lead_ends_where_the_code_for_one_lead_puts_it(
    database: Database, facts: list[dict[str, Any]], days: tuple[int, int, int, int], hot: int
) -> None:
    """Any stage, kind and history: to the microsecond on both databases; nobody is alerted by a setting."""
    names = ("dormant_inquiry_days", "dormant_mql_days", "dormant_sql_days", "dormant_customer_days")
    with database.write() as session:
        session.execute(delete(Lead))
        changed = dict(zip(names, days, strict=True)) | {"hot_threshold": hot, "due_times_after_id": 0}
        session.execute(update(Workspace).values(changed))
        session.add_all(_lead(number, dict(one)) for number, one in enumerate(facts, start=1))
    with database.write() as session:
        workspace = get_workspace(session, 1)
        wanted = {}
        for lead in session.scalars(select(Lead).order_by(col(Lead.id))):
            if lead.stage is not Stage.CLOSED:
                plan_dormancy(lead, workspace, NOW)
                move_heat(lead, workspace, NOW)
            wanted[lead.id] = (lead.dormant_at, lead.dormant_since, lead.hot_since, lead.cools_at)
        session.rollback()
    with database.write() as session:
        due_times.move_due_times(session, get_workspace(session, 1), NOW)
    with database.read() as session:
        found = {
            lead.id: (lead.dormant_at, lead.dormant_since, lead.hot_since, lead.cools_at)
            for lead in session.scalars(select(Lead))
        }
        assert found == wanted
        assert not session.scalars(
            select(col(Lead.hot_alert_due_at)).where(col(Lead.hot_alert_due_at).is_not(None))
        ).all()
        assert get_workspace(session, 1).due_times_after_id is None


def test_batches_go_on_where_the_last_one_ended(database: Database) -> None:
    """More leads than a batch: each run looks at one batch, and what it did is written down with where it came to."""
    count = due_times.BATCH + 5
    with database.write() as session:
        session.add_all(
            Lead(workspace_id=1, id=number, number=number, name="中村", created_at=NOW, stage_at=NOW, updated_at=NOW,
                 dormant_at=NOW + timedelta(days=90))
            for number in range(1, count + 1)
        )  # fmt: skip
        session.execute(update(Workspace).values(dormant_inquiry_days=60, due_times_after_id=0))
    for looked_at, left in ((due_times.BATCH, 5), (5, 0), (0, 0)):
        with database.write() as session:
            assert due_times.move_due_times(session, get_workspace(session, 1), NOW) == looked_at
        with database.read() as session:
            late = select(col(Lead.id)).where(col(Lead.dormant_at) == NOW + timedelta(days=90))
            assert len(session.scalars(late).all()) == left
            assert due_times.count_due(session, get_workspace(session, 1), NOW) == left
