"""Scoring rules as data, and a score opened into its reasons. docs/scoring.md says where the numbers come from."""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from models.lead import DecisionRole, Source
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
    """Everything that turns facts into points. Half-lives are days."""

    fit: dict[FitReason, float]
    source_fit: dict[Source, float]
    engagement: dict[TouchpointKind, EngagementRule]
    half_life_days: dict[HalfLife, float]


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
)

ROLE_REASONS: dict[DecisionRole, FitReason] = {
    DecisionRole.DECIDER: FitReason.DECIDER,
    DecisionRole.CHAMPION: FitReason.CHAMPION,
}


@dataclass(frozen=True)
class FitPoints:
    """One reason of the fit and its points; `source` says which one where the reason is SOURCE."""

    reason: FitReason
    points: float
    source: Source | None = None


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
class Score:
    """A lead's score at one instant, with its reasons, the largest first."""

    fit: float
    engagement: float
    fit_reasons: tuple[FitPoints, ...]
    engagement_reasons: tuple[EngagementPoints, ...]
    hot_threshold: int
    mql_threshold: int

    @property
    def value(self) -> float:
        return self.fit + self.engagement

    @property
    def is_hot(self) -> bool:
        return self.value >= self.hot_threshold
