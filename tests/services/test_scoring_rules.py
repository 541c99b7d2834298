"""Rules in people's hands: saved as versions, previewed, followed by every score, and gone back to."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, select
from sqlmodel import Session, col

from models.base import new_id
from models.database import make_engine
from models.errors import InputError, NotAllowedError
from models.lead import Consent, Lead, Mark, Source, Stage
from models.member import Actor, Member
from models.scoring import (
    DEFAULT_RULES,
    BadSign,
    CapGroup,
    Effect,
    EngagementRule,
    FieldRule,
    FieldTest,
    FitReason,
    Grades,
    ScoringRules,
    rules_from_json,
    rules_to_json,
)
from models.touchpoint import Direction, HalfLife, Touchpoint, TouchpointKind
from models.workspace import Workspace
from services import scoring, scoring_rules
from services.rescoring import follow_rules
from services.score_sql import score_columns
from services.touchpoints import Contact, add_weight, record_touchpoint
from services.workspaces import get_workspace
from tests.postgres import fresh_url

NOW = datetime(2026, 11, 24, 1, 3, 4, 567, tzinfo=UTC)
MANAGER = Member(workspace_id=1, id=1, slack_id="U1", name="森", is_manager=True, refreshed_at=NOW)
NOBODY = Member(workspace_id=1, id=2, slack_id="U2", name="林", is_sales=True, refreshed_at=NOW)

points = st.integers(0, 60).map(float)
signed = st.integers(-60, 60).map(float)
field_rules = st.builds(
    FieldRule,
    field=st.sampled_from(["industry", "employees", "company"]),
    test=st.sampled_from(FieldTest),
    points=signed,
    text=st.sampled_from(["製造", "ＩＴ", "sha"]),
    low=st.none() | st.just(50.0),
    high=st.none() | st.just(900.0),
)
rules = st.builds(
    ScoringRules,
    fit=st.fixed_dictionaries(dict.fromkeys(DEFAULT_RULES.fit, signed)),
    source_fit=st.dictionaries(st.sampled_from(Source), signed),
    engagement=st.fixed_dictionaries(
        {kind: st.builds(EngagementRule, points, points, st.sampled_from(HalfLife)) for kind in TouchpointKind}
    ),
    half_life_days=st.fixed_dictionaries({half_life: st.integers(7, 400).map(float) for half_life in HalfLife}),
    field_fit=st.lists(field_rules, max_size=4).map(tuple),
    bad_signs=st.dictionaries(st.sampled_from(BadSign), st.integers(-100, 0).map(float)),
    caps=st.dictionaries(st.sampled_from(CapGroup), points),
    grades=st.none() | st.just(Grades()),
)
contacts = st.builds(
    Contact,
    kind=st.sampled_from(TouchpointKind),
    direction=st.sampled_from(Direction),
    at=st.integers(0, 900 * 86400 * 1000).map(lambda ms: NOW - timedelta(milliseconds=ms)),
)
histories = st.lists(st.tuples(st.integers(0, 4), contacts), max_size=25)


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def engine(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """Five leads of different kinds, with nothing logged yet; every example is rolled back."""
    with fresh_url(request.param, tmp_path_factory.mktemp("rules"), migrated=True) as url:
        engine = make_engine(url)
        with Session(engine.execution_options(writes=True)) as session:
            session.add(Workspace(id=1, slack_id="T1", created_at=NOW))
            session.flush()
            session.add_all([Member(**MANAGER.model_dump()), Member(**NOBODY.model_dump()), *_five_leads()])
            session.commit()
        yield engine
        engine.dispose()


def _five_leads() -> list[Lead]:
    kinds: list[dict[str, Any]] = [
        {"title": "取締役", "email": "a@minamo.example", "extra": {"industry": "製造業", "employees": "約1,200名"}},
        {"title": "部長", "source": Source.REFERRAL, "extra": {"industry": "it"}, "manual_points": 12.0},
        {"company": "ＳＨＡ", "consent": Consent.NO, "extra": {"employees": "60"}},
        {"mark": Mark.COMPETITOR, "source": Source.SEMINAR},
        {"title": "課長", "stage": Stage.CLOSED, "outcome": "lost"},
    ]
    return [
        Lead(workspace_id=1, id=new_id(), number=n, name=f"n{n}", stage_at=NOW, created_at=NOW, updated_at=NOW, **kind)
        for n, kind in enumerate(kinds, start=1)
    ]


@contextmanager
def _rolled_back(engine: Engine) -> Iterator[Session]:
    with Session(engine.execution_options(writes=True), expire_on_commit=False) as session:
        _refit(session)
        yield session
        session.rollback()


def _refit(session: Session) -> None:
    for lead in _leads(session):
        lead.fit_points = scoring.fit_points(lead, lead.role, DEFAULT_RULES)
    session.flush()


def _leads(session: Session) -> list[Lead]:
    session.expire_all()
    return list(session.scalars(select(Lead).order_by(col(Lead.number))))


def _log(session: Session, history: Sequence[tuple[int, Contact]]) -> None:
    leads, workspace = _leads(session), get_workspace(session, 1)
    for index, contact in history:
        if leads[index].stage is not Stage.CLOSED:
            record_touchpoint(session, leads[index], contact, workspace, None, NOW)
    session.flush()


def _follow(session: Session, size: int = 2, batches: int = 99) -> None:
    for _ in range(batches):
        version = scoring_rules.newest_version(session, 1)
        if version is None or version.finished_at:
            return
        follow_rules(session, get_workspace(session, 1), version, size, NOW)
        session.flush()


def _scores(session: Session) -> list[float]:
    workspace = get_workspace(session, 1)
    return [scoring.score_value(lead, scoring.rules_for(lead, workspace), NOW) for lead in _leads(session)]


few = settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
close = pytest.approx


@given(rules, histories, histories, histories, st.integers(0, 3))
@few
def test_rebuilding_equals_logging_one_by_one(
    engine: Engine,
    wanted: ScoringRules,
    before: list[tuple[int, Contact]],
    meanwhile: list[tuple[int, Contact]],
    after: list[tuple[int, Contact]],
    batches: int,
) -> None:
    """Touchpoints from before a change of the rules, from the middle of the work and from after it count alike."""
    with _rolled_back(engine) as session:
        _log(session, before)
        scoring_rules.save_rules(session, MANAGER.as_actor(), wanted, "", NOW)
        _follow(session, batches=batches)
        _log(session, meanwhile)
        _follow(session)
        _log(session, after)
        rebuilt = _scores(session)
    with _rolled_back(engine) as session:
        scoring_rules.save_rules(session, MANAGER.as_actor(), wanted, "", NOW)
        _follow(session)
        _log(session, [*after, *before, *meanwhile])
        assert rebuilt == close(_scores(session), rel=1e-9, abs=1e-9)


@given(rules, rules, histories)
@few
def test_what_is_previewed_is_what_is_applied(
    engine: Engine, old: ScoringRules, wanted: ScoringRules, history: list[tuple[int, Contact]]
) -> None:
    """The same leads move over the same thresholds, by the same scores, and nobody is alerted one by one."""
    with _rolled_back(engine) as session:
        scoring_rules.save_rules(session, MANAGER.as_actor(), old, "", NOW)
        _follow(session)
        _log(session, history)
        for lead in _leads(session):
            lead.hot_alert_due_at = None
        session.flush()
        seen = scoring_rules.preview(session, get_workspace(session, 1), wanted, NOW)
        version = scoring_rules.save_rules(session, MANAGER.as_actor(), wanted, "", NOW)
        _follow(session)
        assert seen.moved.keys() == {Effect(effect) for effect in version.effect}
        for effect, group in seen.moved.items():
            done = sorted(version.effect[effect]["first"])
            assert group.count == version.effect[effect]["count"] == len(done)
            for one, (lead_id, before, after) in zip(sorted(group.first, key=lambda m: m.lead.id), done, strict=True):
                assert [one.lead.id, one.before, one.after] == close([lead_id, before, after])
        workspace = get_workspace(session, 1)
        for lead, value in zip(_leads(session), _scores(session), strict=True):
            assert (lead.hot_since is not None) == (value >= workspace.hot_threshold and lead.stage is not Stage.CLOSED)
            assert lead.hot_alert_due_at is None


@given(rules, histories)
@few
def test_going_back_restores_every_score(
    engine: Engine, wanted: ScoringRules, history: list[tuple[int, Contact]]
) -> None:
    """An earlier version put in force again gives the scores that it gave."""
    with _rolled_back(engine) as session:
        _log(session, history)
        before = _scores(session)
        scoring_rules.save_rules(session, MANAGER.as_actor(), wanted, "a try", NOW)
        _follow(session, batches=1)
        scoring_rules.restore_version(session, MANAGER.as_actor(), 0, NOW)
        _follow(session)
        assert _scores(session) == close(before, rel=1e-9, abs=1e-9)
        assert [version.restored_from for version in scoring_rules.versions(session, 1)] == [0, None]


@given(rules, histories, st.integers(0, 3))
@few
def test_the_database_computes_the_same_scores(
    engine: Engine, wanted: ScoringRules, history: list[tuple[int, Contact]], batches: int
) -> None:
    """What exports and lists compute by expressions is what cards compute, in the middle of the work too."""
    with _rolled_back(engine) as session:
        _log(session, history)
        scoring_rules.save_rules(session, MANAGER.as_actor(), wanted, "", NOW)
        _follow(session, batches=batches)
        workspace = get_workspace(session, 1)
        columns = score_columns(workspace, NOW)
        rows = session.execute(select(columns.value, columns.grade).order_by(col(Lead.number))).all()
        assert [row[0] for row in rows] == close(_scores(session), rel=1e-9, abs=1e-9)
        shown = [scoring.score_of(lead, workspace, (), NOW) for lead in _leads(session)]
        assert [row[1] for row in rows] == [score.grade for score in shown]


@given(rules, histories, st.integers(0, 900), st.integers(0, 900), st.randoms(use_true_random=False))
@settings(max_examples=40, deadline=None)
def test_waiting_adds_nothing_and_order_does_not_matter(
    wanted: ScoringRules, history: list[tuple[int, Contact]], first: int, more: int, random: Random
) -> None:
    """Whatever the points, classes and caps: a score only falls while nothing happens, in whatever order it came about."""
    held = {"1": rules_to_json(wanted)}
    workspace = Workspace(id=3, slack_id="T3", created_at=NOW, scoring=held)
    scores = []
    for contacts_in_order in (history, random.sample(history, len(history))):
        lead = Lead(workspace_id=3, number=1, name="x", rules_version=1, stage_at=NOW, created_at=NOW, updated_at=NOW)
        for _, contact in contacts_in_order:
            touchpoint = Touchpoint(workspace_id=3, lead_id=lead.id, kind=contact.kind, direction=contact.direction or Direction.INBOUND,
                                    at=contact.at or NOW, created_at=NOW)  # fmt: skip
            add_weight(lead, touchpoint, scoring.rules_for(lead, workspace), sign=1)
        scores.append(
            [scoring.score_value(lead, wanted, NOW + timedelta(days=days)) for days in (0, first, first + more)]
        )
    assert scores[0] == close(scores[1], rel=1e-9, abs=1e-9)
    assert scores[0] == sorted(scores[0], reverse=True)


@given(rules)
def test_rules_come_back_from_json_as_they_were(wanted: ScoringRules) -> None:
    """What a version holds is the whole of its rules."""
    assert rules_from_json(rules_to_json(wanted)) == wanted


@pytest.mark.parametrize(
    ("field", "spoil"),
    [
        ("days_a", lambda r: replace(r, half_life_days={**r.half_life_days, HalfLife.A: 0})),
        ("fit_director", lambda r: replace(r, fit={**r.fit, FitReason.DIRECTOR: 501})),
        ("sign_spam", lambda r: replace(r, bad_signs={BadSign.SPAM: 5})),
        ("cap_fit", lambda r: replace(r, caps={CapGroup.FIT: -1})),
        ("inbound_call", lambda r: replace(r, engagement={TouchpointKind.CALL: EngagementRule(-1, 0, HalfLife.A)})),
        ("days_b", lambda r: replace(r, half_life_days={HalfLife.B: float("nan")})),
        ("grade_fit", lambda r: replace(r, grades=Grades(fit=(5, 15, 25)))),
        ("fields", lambda r: replace(r, field_fit=(FieldRule("x", FieldTest.IS, 9000, "y"),))),
    ],
)
def test_rules_that_make_no_sense_are_refused(
    engine: Engine, field: str, spoil: Callable[[ScoringRules], ScoringRules]
) -> None:
    """The error names the field where the number was typed."""
    with _rolled_back(engine) as session, pytest.raises(InputError) as refused:
        scoring_rules.save_rules(session, MANAGER.as_actor(), spoil(DEFAULT_RULES), "", NOW)
    assert refused.value.field == field


def test_only_managers_change_rules(engine: Engine) -> None:
    """The right is checked where the rules are saved."""
    actor: Actor = NOBODY.as_actor()
    with _rolled_back(engine) as session:
        with pytest.raises(NotAllowedError):
            scoring_rules.save_rules(session, actor, DEFAULT_RULES, "", NOW)
        with pytest.raises(NotAllowedError):
            scoring_rules.restore_version(session, actor, 0, NOW)
        with pytest.raises(InputError):
            scoring_rules.restore_version(session, MANAGER.as_actor(), 7, NOW)
