"""Turn what is known of a lead into points.

Engagement fades without anybody touching the row: per half-life class the lead keeps the sum of points·2^((at−epoch)/h)
("forward decay"), so the score at any instant t is fit + Σ sum·2^(−(t−epoch)/h), and adding a touchpoint is an addition.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Protocol

from sqlalchemy import ColumnElement, case
from sqlmodel import col

from models.lead import DecisionRole, Lead, Source
from models.scoring import (
    DECAY_EPOCH,
    DEFAULT_RULES,
    ROLE_REASONS,
    EngagementPoints,
    FitPoints,
    FitReason,
    Score,
    ScoringRules,
)
from models.touchpoint import HalfLife, Touchpoint
from models.workspace import Workspace
from services.identity import is_business_email

NEVER = datetime(9999, 1, 1, tzinfo=UTC)
"""When a lead cools that is hot by its fit alone."""

SUM_COLUMNS: dict[HalfLife, str] = {half_life: f"engagement_{half_life.value}" for half_life in HalfLife}

_DAY_SECONDS = 86400.0

# The first that fits wins. A vice-director counts as a director: they speak for one.
_TITLE_LEVELS: tuple[tuple[FitReason, re.Pattern[str]], ...] = (
    (
        FitReason.EXECUTIVE,
        re.compile(
            r"取締役|執行役|社長|代表|会長|理事長|役員|最高[^ ]{1,6}責任者"
            r"|\b(c[a-z]o|president|founder|owner|chair(man|woman|person)?|vp|vice president|chief [a-z ]+ officer)\b",
            re.IGNORECASE,
        ),
    ),
    (FitReason.DIRECTOR, re.compile(r"部長|本部長|工場長|所長|支店長|局長|\b(director|head of|general manager)\b", re.IGNORECASE)),
    (FitReason.MANAGER, re.compile(r"課長|係長|室長|次長|マネージャ|リーダー|\b(manager|lead|supervisor)\b", re.IGNORECASE)),
)  # fmt: skip


class Known(Protocol):
    """What the fit is judged by: a lead, or an entry that may become one."""

    @property
    def title(self) -> str: ...
    @property
    def email(self) -> str: ...
    @property
    def source(self) -> Source | None: ...


def rules_of(workspace: Workspace) -> ScoringRules:  # noqa: ARG001  Each workspace will have its own.
    """Return the scoring rules in force in the workspace."""
    return DEFAULT_RULES


def fit_reasons(known: Known, role: DecisionRole | None, rules: ScoringRules) -> tuple[FitPoints, ...]:
    """List what speaks for the person by who they are, the largest first."""
    found = [FitPoints(reason, rules.fit[reason]) for reason in _facts_of(known, role)]
    source_points = rules.source_fit.get(known.source, 0.0) if known.source else 0.0
    if source_points:
        found.append(FitPoints(FitReason.SOURCE, source_points, known.source))
    return tuple(sorted(found, key=lambda reason: -reason.points))


def _facts_of(known: Known, role: DecisionRole | None) -> Iterable[FitReason]:
    if known.title:
        level = _level_of(known.title)
        if level:
            yield level
    if known.email and is_business_email(known.email):
        yield FitReason.BUSINESS_EMAIL
    if role in ROLE_REASONS:
        yield ROLE_REASONS[role]


@lru_cache(maxsize=4096)
def _level_of(title: str) -> FitReason | None:
    return next((reason for reason, pattern in _TITLE_LEVELS if pattern.search(title)), None)


def fit_points(known: Known, role: DecisionRole | None, rules: ScoringRules) -> float:
    """Return the fit in points."""
    return sum(reason.points for reason in fit_reasons(known, role, rules))


def stored_weight(points: float, at: datetime, half_life_days: float) -> float:
    """Return what a touchpoint adds to its class's sum: its points as seen from the epoch."""
    return float(points * 2.0 ** (_days_since_epoch(at) / half_life_days))


def engagement(lead: Lead, rules: ScoringRules, now: datetime) -> float:
    """Return the engagement in points at `now`; a sum never counts below zero."""
    return sum(_faded(getattr(lead, SUM_COLUMNS[c]), rules.half_life_days[c], now) for c in HalfLife)


def score_value(lead: Lead, rules: ScoringRules, now: datetime) -> float:
    """Return the score in points at `now`."""
    return lead.fit_points + engagement(lead, rules, now)


def score_column(rules: ScoringRules, now: datetime) -> ColumnElement[float]:
    """Build `score_value` as an expression: what is left of each class's sum today is one factor for all."""
    score = col(Lead.fit_points) + 0.0
    for half_life in HalfLife:
        stored = getattr(Lead, SUM_COLUMNS[half_life])
        left_today = 1 / stored_weight(1.0, now, rules.half_life_days[half_life])
        score += case((stored > 0, stored), else_=0.0) * left_today
    return score


def score_of(lead: Lead, workspace: Workspace, touchpoints: Sequence[Touchpoint], now: datetime) -> Score:
    """Open the score into its reasons. `touchpoints` are those worth naming; their points are as of `now`."""
    rules = rules_of(workspace)
    return Score(
        fit=lead.fit_points,
        engagement=engagement(lead, rules, now),
        fit_reasons=fit_reasons(lead, lead.role, rules),
        engagement_reasons=_engagement_reasons(touchpoints, rules, now),
        hot_threshold=workspace.hot_threshold,
        mql_threshold=workspace.mql_threshold,
    )


def _engagement_reasons(
    touchpoints: Sequence[Touchpoint], rules: ScoringRules, now: datetime
) -> tuple[EngagementPoints, ...]:
    reasons = [
        EngagementPoints(
            kind=touchpoint.kind,
            direction=touchpoint.direction,
            at=touchpoint.at,
            points=touchpoint.points
            * 2.0 ** (-_days(now - touchpoint.at) / rules.half_life_days[touchpoint.half_life]),
            of=touchpoint.points,
            half_life_days=rules.half_life_days[touchpoint.half_life],
        )
        for touchpoint in touchpoints
        if touchpoint.points
    ]
    return tuple(sorted(reasons, key=lambda reason: -reason.points))


def cools_at(lead: Lead, threshold: float, rules: ScoringRules, now: datetime) -> datetime | None:
    """Return the instant at which the score falls below `threshold` if nothing happens; None when it is below now.

    With several half-lives there is no closed form: bisect, to the second, between now and the longest that the slowest
    class can hold the whole engagement up.
    """
    if score_value(lead, rules, now) < threshold:
        return None
    if lead.fit_points >= threshold:
        return NEVER
    low, high = 0.0, _DAY_SECONDS
    while score_value(lead, rules, now + timedelta(seconds=high)) >= threshold:
        low, high = high, high * 2
    while high - low > 1:
        middle = (low + high) / 2
        if score_value(lead, rules, now + timedelta(seconds=middle)) >= threshold:
            low = middle
        else:
            high = middle
    return now + timedelta(seconds=high)


def _faded(stored: float, half_life_days: float, now: datetime) -> float:
    return float(max(stored, 0.0) * 2.0 ** (-_days_since_epoch(now) / half_life_days)) if stored else 0.0


def _days_since_epoch(at: datetime) -> float:
    return _days(at - DECAY_EPOCH)


def _days(length: timedelta) -> float:
    return length.total_seconds() / _DAY_SECONDS
