"""When turning hot is news: at most once in the quiet days, and never while the lead has been hot all along."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from models.lead import Lead
from models.touchpoint import HalfLife
from models.workspace import Workspace
from services import scoring
from services.hotness import move_heat

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
WORKSPACE = Workspace(id=1, slack_id="T1", created_at=BEGIN)
STEPS = st.lists(
    st.tuples(st.timedeltas(timedelta(minutes=1), timedelta(days=20)), st.floats(-60, 60), st.booleans()),
    min_size=1,
    max_size=40,
)
"""Time goes by, then the score moves by so many points; the job has been there in between, or not."""


def _cool(lead: Lead, now: datetime) -> None:
    """Do what the job does of a lead whose time has come."""
    if lead.cools_at is not None and lead.cools_at <= now:
        lead.cools_at = lead.hot_since = lead.hot_alert_due_at = None


def _alert(lead: Lead, now: datetime) -> bool:
    if lead.hot_alert_due_at is None or lead.hot_alert_due_at > now:
        return False
    lead.hot_alert_due_at, lead.hot_alerted_at = None, now
    return True


@given(STEPS)
def test_one_alert_in_the_quiet_days_and_none_while_it_stays_hot(steps: list[tuple[timedelta, float, bool]]) -> None:
    """Whatever the score does, and whether the job came by or was away for days."""
    lead = Lead(workspace_id=1, number=1, name="中村", created_at=BEGIN, stage_at=BEGIN, updated_at=BEGIN)
    rules, now = scoring.rules_of(WORKSPACE), BEGIN
    alerts: list[datetime] = []
    last_cold = BEGIN
    for length, points, job_was_there in steps:
        now += length
        if lead.cools_at is not None and lead.cools_at <= now:
            last_cold = now
        if job_was_there:
            _cool(lead, now)
        lead.engagement_b = max(
            lead.engagement_b + scoring.stored_weight(points, now, rules.half_life_days[HalfLife.B]), 0.0
        )
        move_heat(lead, WORKSPACE, now)
        is_hot = scoring.score_value(lead, rules, now) >= WORKSPACE.hot_threshold
        assert (lead.hot_since is not None) == is_hot
        if not is_hot:
            last_cold = now
        if _alert(lead, now):
            assert is_hot
            if alerts:
                assert now - alerts[-1] >= timedelta(days=WORKSPACE.hot_quiet_days)
                assert last_cold > alerts[-1]
            alerts.append(now)
    assert lead.hot_alerted_at == (alerts[-1] if alerts else None)


def test_what_has_cooled_unnoticed_turns_hot_anew() -> None:
    """Baton was away while it cooled: heated again after the quiet days, it is news, as if the job had been there."""
    lead = Lead(workspace_id=1, number=1, name="中村", created_at=BEGIN, stage_at=BEGIN, updated_at=BEGIN)
    days = scoring.rules_of(WORKSPACE).half_life_days[HalfLife.B]
    lead.engagement_b = scoring.stored_weight(85, BEGIN, days)
    move_heat(lead, WORKSPACE, BEGIN)
    assert _alert(lead, BEGIN)
    later = BEGIN + timedelta(days=60)
    lead.engagement_b += scoring.stored_weight(80, later, days)
    move_heat(lead, WORKSPACE, later)
    assert lead.hot_since == later
    assert _alert(lead, later)
