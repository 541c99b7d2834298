"""Scoring rules as data, and a score opened into its reasons. docs/scoring.md says where the numbers come from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from functools import cache
from typing import Any

from pydantic import TypeAdapter

from models.lead import DecisionRole, Mark, Source
from models.touchpoint import Direction, HalfLife, TouchpointKind

DECAY_EPOCH = datetime(2024, 1, 1, tzinfo=UTC)
"""The instant to which the stored sums of engagement refer; 2^(days/14) stays within a float until 2063."""


class FitReason(StrEnum):
    """A fact about who somebody is that gives fit points."""

    EXECUTIVE = "executive"
    DIRECTOR = "director"
    MANAGER = "manager"
    BUSINESS_EMAIL = "business_email"
    SOURCE = "source"
    DECIDER = "decider"
    CHAMPION = "champion"
    FIELD = "field"


class BadSign(StrEnum):
    """A fact about a lead that takes points away for as long as it holds."""

    UNSUBSCRIBED = "unsubscribed"
    COMPETITOR = "competitor"
    SPAM = "spam"


MARK_SIGNS: dict[Mark, BadSign] = {Mark.COMPETITOR: BadSign.COMPETITOR, Mark.SPAM: BadSign.SPAM}


class CapGroup(StrEnum):
    """Points that can be capped together: the fit, one class of the engagement, or all of it."""

    FIT = "fit"
    A = "a"
    B = "b"
    C = "c"
    D = "d"
    ENGAGEMENT = "engagement"


class FieldTest(StrEnum):
    """How a field rule compares."""

    IS = "is"
    HAS = "has"
    RANGE = "range"


@dataclass(frozen=True)
class FieldRule:
    """Points for what one field of a lead says: any column of its own, or one that an import brought.

    `IS` and `HAS` compare `text` with the field, whatever the width and case of the letters; `RANGE` takes the first number
    in it, from `low` to `high` (None: without end). Of the rules of one field the first that fits counts.
    """

    field: str
    test: FieldTest
    points: float
    text: str = ""
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Grades:
    """The least points of A, B and C, and of 1, 2 and 3; below them it is D, and 4."""

    fit: tuple[float, float, float] = (25, 15, 5)
    engagement: tuple[float, float, float] = (40, 20, 5)


@dataclass(frozen=True)
class EngagementRule:
    """Points of one kind of touchpoint on its day, by direction, and the class in which they fade."""

    inbound: float
    outbound: float
    half_life: HalfLife

    def points(self, direction: Direction) -> float:
        return self.inbound if direction is Direction.INBOUND else self.outbound


@dataclass(frozen=True)
class ScoringRules:
    """Everything that turns facts into points. Half-lives are days.

    `bad_signs` are negative points; `caps` the most that a group may give; `grades` None: the number alone is shown.
    """

    fit: dict[FitReason, float]
    source_fit: dict[Source, float]
    engagement: dict[TouchpointKind, EngagementRule]
    half_life_days: dict[HalfLife, float]
    field_fit: tuple[FieldRule, ...] = ()
    bad_signs: dict[BadSign, float] = field(default_factory=dict)
    caps: dict[CapGroup, float] = field(default_factory=dict)
    grades: Grades | None = None


DEFAULT_RULES = ScoringRules(
    fit={
        FitReason.EXECUTIVE: 15,
        FitReason.DIRECTOR: 10,
        FitReason.MANAGER: 5,
        FitReason.BUSINESS_EMAIL: 5,
        FitReason.DECIDER: 10,
        FitReason.CHAMPION: 5,
    },
    source_fit={Source.REFERRAL: 10, Source.WEB_FORM: 5, Source.TRADE_SHOW: 3, Source.SEMINAR: 3},
    engagement={
        TouchpointKind.CALL: EngagementRule(12, 2, HalfLife.B),
        TouchpointKind.EMAIL: EngagementRule(8, 1, HalfLife.A),
        TouchpointKind.REPLY: EngagementRule(10, 2, HalfLife.B),
        TouchpointKind.MEETING: EngagementRule(20, 15, HalfLife.D),
        TouchpointKind.VISIT: EngagementRule(15, 10, HalfLife.D),
        TouchpointKind.DEMO: EngagementRule(25, 20, HalfLife.D),
        TouchpointKind.DEMO_REQUEST: EngagementRule(25, 0, HalfLife.D),
        TouchpointKind.TRADE_SHOW: EngagementRule(12, 5, HalfLife.C),
        TouchpointKind.SEMINAR: EngagementRule(12, 3, HalfLife.C),
        TouchpointKind.WEBINAR: EngagementRule(8, 2, HalfLife.C),
        TouchpointKind.WHITEPAPER: EngagementRule(20, 2, HalfLife.C),
        TouchpointKind.FORM: EngagementRule(15, 0, HalfLife.C),
        TouchpointKind.PRICING: EngagementRule(7, 0, HalfLife.B),
        TouchpointKind.PAGE_VIEW: EngagementRule(2, 0, HalfLife.A),
        TouchpointKind.SNS: EngagementRule(2, 1, HalfLife.A),
        TouchpointKind.AD: EngagementRule(2, 0, HalfLife.A),
        TouchpointKind.CARD: EngagementRule(5, 5, HalfLife.C),
        TouchpointKind.OTHER: EngagementRule(3, 1, HalfLife.B),
    },
    half_life_days={HalfLife.A: 14, HalfLife.B: 30, HalfLife.C: 60, HalfLife.D: 90},
    bad_signs={BadSign.UNSUBSCRIBED: -30, BadSign.COMPETITOR: -50, BadSign.SPAM: -100},
)


@cache
def _adapter() -> TypeAdapter[ScoringRules]:
    return TypeAdapter(ScoringRules)


def rules_to_json(rules: ScoringRules) -> dict[str, Any]:
    """Return the rules as JSON holds them."""
    held: dict[str, Any] = _adapter().dump_python(rules, mode="json")
    return held


def rules_from_json(held: Mapping[str, Any]) -> ScoringRules:
    """Read rules that `rules_to_json` wrote.

    Raises:
        pydantic.ValidationError: it did not.
    """
    return _adapter().validate_python(held)


class RulePart(StrEnum):
    """A part of the rules that is changed in one form: a class of touchpoints, or something else."""

    A = "a"
    B = "b"
    C = "c"
    D = "d"
    FIT = "fit"
    SOURCES = "sources"
    FIELDS = "fields"
    SIGNS = "signs"
    GRADES = "grades"


CLASS_PARTS: dict[RulePart, HalfLife] = {RulePart(half_life.value): half_life for half_life in HalfLife}


class Effect(StrEnum):
    """What a change of the rules does to a lead."""

    TURNS_HOT = "turns_hot"
    COOLS = "cools"
    RIPENS = "ripens"
    """An INQUIRY reaches the MQL threshold."""
    FALLS = "falls"
    """An INQUIRY falls below the MQL threshold."""


ROLE_REASONS: dict[DecisionRole, FitReason] = {
    DecisionRole.DECIDER: FitReason.DECIDER,
    DecisionRole.CHAMPION: FitReason.CHAMPION,
}


@dataclass(frozen=True)
class FitPoints:
    """One reason of the fit and its points; `source` and `rule` say which one where it is SOURCE or FIELD."""

    reason: FitReason
    points: float
    source: Source | None = None
    rule: FieldRule | None = None


@dataclass(frozen=True)
class EngagementPoints:
    """What is left today (`points`) of what a touchpoint gave on its day (`of`)."""

    kind: TouchpointKind
    direction: Direction
    at: datetime
    points: float
    of: float
    half_life_days: float


@dataclass(frozen=True)
class SignPoints:
    """Points that a bad sign takes away."""

    sign: BadSign
    points: float


@dataclass(frozen=True)
class Correction:
    """Points that a person gave or took, and why."""

    points: float
    reason: str
    by: str
    at: datetime


@dataclass(frozen=True)
class CappedPoints:
    """Points that a group has over its cap, which do not count; both are positive."""

    group: CapGroup
    points: float
    cap: float


@dataclass(frozen=True)
class Score:
    """A lead's score at one instant, with its reasons, the largest first.

    `fixed` are the points of bad signs and corrections, which do not fade; `capped` is what does not count.
    `cools_at` is when a hot lead will cool if nothing happens; `grade` is such as `B2`, empty where grades are not used.
    """

    fit: float
    engagement: float
    fit_reasons: tuple[FitPoints, ...]
    engagement_reasons: tuple[EngagementPoints, ...]
    hot_threshold: int
    mql_threshold: int
    fixed: float = 0.0
    signs: tuple[SignPoints, ...] = ()
    corrections: tuple[Correction, ...] = ()
    capped: tuple[CappedPoints, ...] = ()
    cools_at: datetime | None = None
    grade: str = ""

    @property
    def value(self) -> float:
        return self.fit + self.engagement + self.fixed

    @property
    def is_hot(self) -> bool:
        return self.value >= self.hot_threshold
