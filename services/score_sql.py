"""The formulas of services/scoring.py as expressions of the database, for what looks at many leads at once.

Every number is bound, so that PostgreSQL takes it for a float8: of a bare decimal it would make a numeric, nine times
slower.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Float, Text, case, cast, func, literal
from sqlmodel import col

from models.lead import Consent, Lead
from models.scoring import DECAY_EPOCH, MARK_SIGNS, BadSign, CapGroup, Grades, ScoringRules
from models.touchpoint import Direction, HalfLife, Touchpoint
from models.workspace import Workspace
from services import scoring

Points = ColumnElement[float]

_DAY_SECONDS = 86400.0


@dataclass(frozen=True)
class ScoreColumns:
    """A lead's score at one instant, in its parts."""

    fit: Points
    engagement: Points
    fixed: Points
    grade: ColumnElement[str]

    @property
    def value(self) -> Points:
        return self.fit + self.engagement + self.fixed


def score_columns(workspace: Workspace, now: datetime) -> ScoreColumns:
    """Build `scoring.score_value` from what stands in the lead's row, by the rules that the row follows."""
    fit, engaged = col(Lead.fit_points) + number(0.0), engagement(workspace, now)
    grades = scoring.rules_of(workspace).grades
    return ScoreColumns(fit, engaged, fixed(workspace), grade(fit, engaged, grades))


def engagement(workspace: Workspace, now: datetime) -> Points:
    """Build `scoring.engagement` of the sums in the lead's row."""
    sums = {half_life: getattr(Lead, column) for half_life, column in scoring.SUM_COLUMNS.items()}
    return _by_version(workspace, lambda rules: faded(sums, rules, now))


def faded(sums: Mapping[HalfLife, Points], rules: ScoringRules, now: datetime) -> Points:
    """Build what is left today of the sums of engagement: it is one factor for all leads."""
    total: Points = number(0.0)
    for half_life, stored in sums.items():
        left_today = number(1 / scoring.stored_weight(1.0, now, rules.half_life_days[half_life]))
        left = case((stored > 0, stored), else_=number(0.0)) * left_today
        total = total + _capped(left, rules.caps.get(scoring.CAPS[half_life]))
    return _capped(total, rules.caps.get(CapGroup.ENGAGEMENT))


def fixed(workspace: Workspace) -> Points:
    """Build `scoring.fixed_points`."""
    return col(Lead.manual_points) + _by_version(workspace, fixed_by)


def fixed_by(rules: ScoringRules) -> Points:
    """Build what bad signs take away by these rules."""
    lost = {sign: number(rules.bad_signs.get(sign, 0.0)) for sign in BadSign}
    marked = [(col(Lead.mark) == mark, lost[sign]) for mark, sign in MARK_SIGNS.items()]
    unsubscribed = case((col(Lead.consent) == Consent.NO, lost[BadSign.UNSUBSCRIBED]), else_=number(0.0))
    return unsubscribed + case(*marked, else_=number(0.0))


def grade(fit: Points, engaged: Points, grades: Grades | None) -> ColumnElement[str]:
    """Build `scoring.grade_of`."""
    if grades is None:
        return literal("", Text)
    letter = case(*zip((fit >= number(least) for least in grades.fit), "ABC", strict=True), else_="D")
    digit = case(*zip((engaged >= number(least) for least in grades.engagement), "123", strict=True), else_="4")
    return cast(letter, Text) + cast(digit, Text)


def touchpoint_points(rules: ScoringRules) -> Points:
    """Build the points that a touchpoint gave on its day."""
    return case(
        *((col(Touchpoint.kind) == kind, case((col(Touchpoint.direction) == Direction.INBOUND, number(rule.inbound)),
                                              else_=number(rule.outbound)))
          for kind, rule in rules.engagement.items()),
        else_=number(0.0),
    )  # fmt: skip


def class_sums(rules: ScoringRules, dialect: str) -> dict[HalfLife, Points]:
    """Build, as aggregates over touchpoints, the sums that `add_weight` would have made of them one by one."""
    return {half_life: _class_sum(half_life, rules, dialect) for half_life in HalfLife}


def _class_sum(half_life: HalfLife, rules: ScoringRules, dialect: str) -> Points:
    days = (_epoch_seconds(dialect) - number(DECAY_EPOCH.timestamp())) / number(_DAY_SECONDS)
    weight = func.power(number(2.0), days / number(rules.half_life_days[half_life]), type_=Float)
    inbound = col(Touchpoint.direction) == Direction.INBOUND
    whens = [
        (col(Touchpoint.kind) == kind, case((inbound, number(rule.inbound)), else_=number(rule.outbound)) * weight)
        for kind, rule in rules.engagement.items()
        if rule.half_life is half_life and (rule.inbound or rule.outbound)
    ]
    return func.coalesce(func.sum(case(*whens, else_=number(0.0))), number(0.0)) if whens else number(0.0)


def _epoch_seconds(dialect: str) -> ColumnElement[float]:
    """Build the touchpoint's instant in whole seconds, as `scoring.weight_at` takes it."""
    if dialect == "sqlite":
        return func.unixepoch(func.substr(cast(col(Touchpoint.at), Text), 1, 19), type_=Float)
    return func.floor(func.date_part("epoch", col(Touchpoint.at)), type_=Float)


def number(value: float) -> ColumnElement[float]:
    """Bind a float8."""
    return cast(literal(float(value), Float), Float(53))


def _capped(points: Points, cap: float | None) -> Points:
    return points if cap is None else case((points > number(cap), number(cap)), else_=points)


def _by_version(workspace: Workspace, build: Callable[[ScoringRules], Points]) -> Points:
    known = scoring.rules_in(workspace)
    newest = build(known[max(known)])
    others = [
        (col(Lead.rules_version) == version, build(rules)) for version, rules in known.items() if version != max(known)
    ]
    return case(*others, else_=newest) if others else newest
