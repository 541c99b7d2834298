"""Scores: waiting never adds, order does not matter, what is taken back is as if it had not been."""

import math
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from models.lead import Lead
from models.scoring import DEFAULT_RULES
from models.touchpoint import Direction, Touchpoint, TouchpointKind
from services.scoring import NEVER, cools_at, engagement, score_value
from services.touchpoints import add_weight

NOW = datetime(2026, 11, 24, tzinfo=UTC)
PRECISION = 1e-9

_LONG_AGO = timedelta(days=3650)

contacts = st.lists(
    st.tuples(
        st.sampled_from(TouchpointKind),
        st.sampled_from(Direction),
        st.integers(0, int(_LONG_AGO.total_seconds())).map(lambda seconds: NOW - timedelta(seconds=seconds)),
    ),
    max_size=30,
)
waits = st.integers(0, 20 * 365 * 86400).map(lambda seconds: timedelta(seconds=seconds))
fits = st.integers(0, 40).map(float)

# The machine may be busy with something else.
unhurried = settings(deadline=None)

Contact = tuple[TouchpointKind, Direction, datetime]


def _lead(fit: float = 0.0) -> Lead:
    return Lead(workspace_id=1, number=1, name="x", stage_at=NOW, created_at=NOW, updated_at=NOW, fit_points=fit)


def _touchpoint(contact: Contact) -> Touchpoint:
    kind, direction, at = contact
    return Touchpoint(workspace_id=1, lead_id=1, kind=kind, direction=direction, at=at, created_at=NOW)


def _points(contact: Contact) -> float:
    kind, direction, _ = contact
    return DEFAULT_RULES.engagement[kind].points(direction)


def _add(lead: Lead, contact: Contact, sign: int = 1) -> None:
    add_weight(lead, _touchpoint(contact), DEFAULT_RULES, sign=sign)


def _scored(history: Sequence[Contact], fit: float = 0.0) -> Lead:
    lead = _lead(fit)
    for contact in history:
        _add(lead, contact)
    return lead


def _by_definition(history: Sequence[Contact], now: datetime) -> float:
    """Sum what is left of each touchpoint, one by one, without any stored sum."""
    days = {kind: DEFAULT_RULES.half_life_days[rule.half_life] for kind, rule in DEFAULT_RULES.engagement.items()}
    return math.fsum(
        _points(contact) * 0.5 ** ((now - contact[2]).total_seconds() / 86400 / days[contact[0]]) for contact in history
    )


@given(contacts, waits)
@unhurried
def test_stored_sums_say_what_the_touchpoints_say(history: list[Contact], wait: timedelta) -> None:
    """The four sums of forward decay equal the fading of every touchpoint by itself, at any instant."""
    now = NOW + wait
    assert abs(engagement(_scored(history), DEFAULT_RULES, now) - _by_definition(history, now)) < PRECISION


@given(contacts, waits, waits)
@unhurried
def test_waiting_adds_no_points(history: list[Contact], first: timedelta, more: timedelta) -> None:
    """A score only falls while nothing happens."""
    lead = _scored(history, fit=12)
    sooner = score_value(lead, DEFAULT_RULES, NOW + first)
    assert score_value(lead, DEFAULT_RULES, NOW + first + more) <= sooner + PRECISION


@given(contacts, st.randoms(use_true_random=False))
@unhurried
def test_order_of_arrival_does_not_matter(history: list[Contact], random: Random) -> None:
    """Touchpoints logged late, or in another order, give the same score."""
    shuffled = random.sample(history, len(history))
    one, other = _scored(history), _scored(shuffled)
    assert abs(score_value(one, DEFAULT_RULES, NOW) - score_value(other, DEFAULT_RULES, NOW)) < PRECISION


@given(contacts, contacts)
@unhurried
def test_undoing_restores_the_score(kept: list[Contact], undone: list[Contact]) -> None:
    """What was added and taken back leaves nothing behind, whatever stands beside it."""
    lead = _scored(kept)
    before = score_value(lead, DEFAULT_RULES, NOW)
    for contact in undone:
        _add(lead, contact)
    for contact in undone:
        _add(lead, contact, sign=-1)
    assert abs(score_value(lead, DEFAULT_RULES, NOW) - before) < PRECISION


@given(contacts, fits, st.integers(1, 120))
@unhurried
def test_cooling_time_is_the_crossing_to_a_second(history: list[Contact], fit: float, threshold: int) -> None:
    """At `cools_at` the score is below the threshold, a second before it is not."""
    lead = _scored(history, fit)
    at = cools_at(lead, threshold, DEFAULT_RULES, NOW)
    if score_value(lead, DEFAULT_RULES, NOW) < threshold:
        assert at is None
    elif fit >= threshold:
        assert at == NEVER
    else:
        assert at is not None
        assert score_value(lead, DEFAULT_RULES, at) < threshold
        assert score_value(lead, DEFAULT_RULES, at - timedelta(seconds=1)) >= threshold - PRECISION


def test_cooling_time_of_a_score_a_hair_over_its_fit_is_found() -> None:
    """A fit a millionth below the threshold keeps the lead hot for years, not for ever."""
    history = [(TouchpointKind.DEMO, Direction.INBOUND, NOW)]
    at = cools_at(_scored(history, fit=79.999999), 80, DEFAULT_RULES, NOW)
    assert at is not None
    assert NOW + timedelta(days=365) < at < NOW + timedelta(days=3650)


@given(contacts)
@unhurried
def test_sums_stay_within_a_float_until_2063(history: list[Contact]) -> None:
    """Weights grow with time: far in the future they still count, and are still finite."""
    far = datetime(2062, 12, 31, tzinfo=UTC)
    lead = _scored([(kind, direction, far) for kind, direction, _ in history])
    expected = sum(_points((kind, direction, far)) for kind, direction, _ in history)
    assert abs(engagement(lead, DEFAULT_RULES, far) - expected) < PRECISION
