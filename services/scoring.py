"""Turn what is known of a lead into points.

Engagement fades without anybody touching the row: per half-life class the lead keeps the sum of points·2^((at−epoch)/h)
("forward decay"), so the score at any instant t is fit + Σ sum·2^(−(t−epoch)/h), and adding a touchpoint is an addition.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, Protocol

from models.lead import Consent, DecisionRole, Lead, Source
from models.scoring import (
    DECAY_EPOCH,
    DEFAULT_RULES,
    MARK_SIGNS,
    ROLE_REASONS,
    BadSign,
    CapGroup,
    CappedPoints,
    Correction,
    EngagementPoints,
    FieldRule,
    FieldTest,
    FitPoints,
    FitReason,
    Grades,
    Score,
    ScoringRules,
    SignPoints,
    rules_from_json,
)
from models.touchpoint import HalfLife, Touchpoint
from models.workspace import Workspace
from services.identity import fold, is_business_email

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
    @property
    def extra(self) -> dict[str, Any]: ...


def rules_of(workspace: Workspace) -> ScoringRules:
    """Return the scoring rules in force in the workspace."""
    return rules_in(workspace)[version_of(workspace)]


def version_of(workspace: Workspace) -> int:
    """Return the number of the version in force; 0: the defaults."""
    return max(rules_in(workspace))


def rules_for(lead: Lead, workspace: Workspace) -> ScoringRules:
    """Return the rules that the lead's points follow: those in force, or the ones before until its turn has come."""
    known = rules_in(workspace)
    return known.get(lead.rules_version) or known[max(known)]


_KNOWN: dict[int, tuple[object, Mapping[int, ScoringRules]]] = {}
_DEFAULTS: Mapping[int, ScoringRules] = {0: DEFAULT_RULES}


def rules_in(workspace: Workspace) -> Mapping[int, ScoringRules]:
    """Return the rules in use by version. While the workspace's row is the same, so is what is made of it."""
    held = workspace.scoring
    if not held:
        return _DEFAULTS
    known = _KNOWN.get(workspace.id)
    if known is None or known[0] is not held:
        read = {int(number): rules_from_json(rules) for number, rules in held.items()}
        known = _KNOWN[workspace.id] = (held, {**_DEFAULTS, **read})
    return known[1]


def fit_reasons(known: Known, role: DecisionRole | None, rules: ScoringRules) -> tuple[FitPoints, ...]:
    """List what speaks for the person by who they are, the largest first."""
    found = [FitPoints(reason, rules.fit[reason]) for reason in _facts_of(known, role)]
    source_points = rules.source_fit.get(known.source, 0.0) if known.source else 0.0
    if source_points:
        found.append(FitPoints(FitReason.SOURCE, source_points, known.source))
    found += _field_reasons(known, rules.field_fit)
    return tuple(sorted(found, key=lambda reason: -reason.points))


def _facts_of(known: Known, role: DecisionRole | None) -> Iterable[FitReason]:
    if known.title:
        level = level_of(known.title)
        if level:
            yield level
    if is_business(known.email):
        yield FitReason.BUSINESS_EMAIL
    if role in ROLE_REASONS:
        yield ROLE_REASONS[role]


def _field_reasons(known: Known, rules: Sequence[FieldRule]) -> Iterable[FitPoints]:
    settled: set[str] = set()
    for rule in rules:
        if rule.field not in settled and _holds(rule, field_text(known, rule.field)):
            settled.add(rule.field)
            yield FitPoints(FitReason.FIELD, rule.points, rule=rule)


def field_text(known: Known, name: str) -> str:
    """Return what a field of the lead says: a column of its own, or one that an import brought."""
    held = known.extra.get(name)
    if held is None and name in FIT_FIELDS:
        held = getattr(known, name, None)
    return str(held or "")


FIT_FIELDS = ("company", "title", "campaign", "note")
"""The columns of a lead that field rules may look at; the columns of imports stand in `extra`."""

_NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")


def _holds(rule: FieldRule, text: str) -> bool:
    if not text:
        return False
    folded = fold(text)
    if rule.test is FieldTest.RANGE:
        found = _NUMBER.search(folded)
        number = float(found[0].replace(",", "")) if found else None
        return number is not None and (rule.low or 0.0) <= number <= (float("inf") if rule.high is None else rule.high)
    return fold(rule.text) == folded if rule.test is FieldTest.IS else fold(rule.text) in folded


@lru_cache(maxsize=4096)
def level_of(title: str) -> FitReason | None:
    """Return the level that a title speaks of."""
    return next((reason for reason, pattern in _TITLE_LEVELS if pattern.search(title)), None)


def is_business(email: str) -> bool:
    """Tell whether an address is a company's own; "" is nobody's."""
    return bool(email) and _is_business_domain(email.rpartition("@")[2])


@lru_cache(maxsize=4096)
def _is_business_domain(domain: str) -> bool:
    return is_business_email(f"x@{domain}")


def fit_points(known: Known, role: DecisionRole | None, rules: ScoringRules) -> float:
    """Return the fit in points, which is never over its cap."""
    total = sum(reason.points for reason in fit_reasons(known, role, rules))
    return min(total, rules.caps.get(CapGroup.FIT, total))


def bad_signs(lead: Lead, rules: ScoringRules) -> tuple[SignPoints, ...]:
    """List what takes points away for as long as it holds."""
    signs = [BadSign.UNSUBSCRIBED] if lead.consent is Consent.NO else []
    signs += [MARK_SIGNS[lead.mark]] if lead.mark else []
    return tuple(SignPoints(sign, rules.bad_signs[sign]) for sign in signs if rules.bad_signs.get(sign))


def fixed_points(lead: Lead, rules: ScoringRules) -> float:
    """Return the points that do not fade: corrections by hand, less what bad signs take away."""
    if not lead.mark and lead.consent is not Consent.NO:
        return lead.manual_points
    return lead.manual_points + sum(sign.points for sign in bad_signs(lead, rules))


def stored_weight(points: float, at: datetime, half_life_days: float) -> float:
    """Return what a touchpoint adds to its class's sum: its points as seen from the epoch."""
    return points * weight_at(at, half_life_days)


def engagement(lead: Lead, rules: ScoringRules, now: datetime) -> float:
    """Return the engagement in points at `now`; a sum never counts below zero, nor over its cap."""
    left = (_faded(getattr(lead, SUM_COLUMNS[c]), rules.half_life_days[c], now) for c in HalfLife)
    if not rules.caps:
        return sum(left)
    total = sum(min(points, rules.caps.get(CAPS[c], points)) for c, points in zip(HalfLife, left, strict=True))
    return min(total, rules.caps.get(CapGroup.ENGAGEMENT, total))


CAPS: dict[HalfLife, CapGroup] = {half_life: CapGroup(half_life.value) for half_life in HalfLife}


def score_value(lead: Lead, rules: ScoringRules, now: datetime) -> float:
    """Return the score in points at `now`. `rules` are those that the lead's points follow, see `rules_for`."""
    return lead.fit_points + fixed_points(lead, rules) + engagement(lead, rules, now)


def score_of(
    lead: Lead,
    workspace: Workspace,
    touchpoints: Sequence[Touchpoint],
    now: datetime,
    corrections: Sequence[Correction] = (),
) -> Score:
    """Open the score into its reasons. `touchpoints` are those worth naming; their points are as of `now`."""
    rules = rules_for(lead, workspace)
    fit, engaged = lead.fit_points, engagement(lead, rules, now)
    return Score(
        fit=fit,
        engagement=engaged,
        fit_reasons=fit_reasons(lead, lead.role, rules),
        engagement_reasons=_engagement_reasons(touchpoints, rules, now),
        hot_threshold=workspace.hot_threshold,
        mql_threshold=workspace.mql_threshold,
        fixed=fixed_points(lead, rules),
        signs=bad_signs(lead, rules),
        corrections=tuple(corrections),
        capped=_capped(lead, rules, now) if rules.caps else (),
        cools_at=lead.cools_at if lead.cools_at and lead.cools_at > now else None,
        grade=grade_of(fit, engaged, rules_of(workspace).grades),
    )


def grade_of(fit: float, engaged: float, grades: Grades | None) -> str:
    """Return the two dimensions as such as `B2`; empty where they are not used."""
    if grades is None:
        return ""
    letter = next((letter for letter, least in zip("ABC", grades.fit, strict=True) if fit >= least), "D")
    return letter + next((d for d, least in zip("123", grades.engagement, strict=True) if engaged >= least), "4")


def _capped(lead: Lead, rules: ScoringRules, now: datetime) -> tuple[CappedPoints, ...]:
    """List what does not count because its group has reached its cap."""
    left = {CAPS[c]: _faded(getattr(lead, SUM_COLUMNS[c]), rules.half_life_days[c], now) for c in HalfLife}
    left[CapGroup.ENGAGEMENT] = sum(min(points, rules.caps.get(group, points)) for group, points in left.items())
    left[CapGroup.FIT] = sum(reason.points for reason in fit_reasons(lead, lead.role, rules))
    over = ((group, points - rules.caps[group]) for group, points in left.items() if group in rules.caps)
    return tuple(CappedPoints(group, points, rules.caps[group]) for group, points in over if points > 0)


def _engagement_reasons(
    touchpoints: Sequence[Touchpoint], rules: ScoringRules, now: datetime
) -> tuple[EngagementPoints, ...]:
    reasons = (points_of(touchpoint, rules, now) for touchpoint in touchpoints)
    return tuple(sorted((reason for reason in reasons if reason.of), key=lambda reason: -reason.points))


def points_of(touchpoint: Touchpoint, rules: ScoringRules, now: datetime) -> EngagementPoints:
    """Say what a touchpoint gave on its day by these rules, and what is left of it."""
    rule = rules.engagement[touchpoint.kind]
    of, half_life_days = rule.points(touchpoint.direction), rules.half_life_days[rule.half_life]
    left = of * 2.0 ** (-_days(now - touchpoint.at) / half_life_days)
    return EngagementPoints(touchpoint.kind, touchpoint.direction, touchpoint.at, left, of, half_life_days)


def cools_at(lead: Lead, threshold: float, rules: ScoringRules, now: datetime) -> datetime | None:
    """Return the instant at which the score falls below `threshold` if nothing happens; None when it is below now.

    With several half-lives there is no closed form: bisect, to the second, between now and the longest that the slowest
    class can hold the whole engagement up.
    """
    if score_value(lead, rules, now) < threshold:
        return None
    if lead.fit_points + fixed_points(lead, rules) >= threshold:
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


def weight_at(at: datetime, half_life_days: float) -> float:
    """Return 2^((at−epoch)/half-life) for a touchpoint: by whole seconds, as the databases compute it."""
    return float(2.0 ** (_days_since_epoch(at.replace(microsecond=0)) / half_life_days))


def _days(length: timedelta) -> float:
    return length.total_seconds() / _DAY_SECONDS
