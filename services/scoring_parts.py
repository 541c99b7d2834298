"""Read what a manager typed into a part of the scoring form: the rules, with that part changed."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from models.errors import InputError, Problem
from models.lead import Source
from models.scoring import (
    CLASS_PARTS,
    BadSign,
    CapGroup,
    EngagementRule,
    FieldRule,
    FieldTest,
    Grades,
    RulePart,
    ScoringRules,
)
from models.touchpoint import HalfLife, TouchpointKind
from services.identity import fold
from services.scoring_rules import HALF_LIFE_MAX, HALF_LIFE_MIN, POINTS_MAX, check_rules

Typed = Mapping[str, str]

CAP_MAX = 10 * POINTS_MAX
_SIGNED = re.compile(r"[+-]?\d{1,4}")


def change_part(rules: ScoringRules, part: RulePart, typed: Typed) -> ScoringRules:
    """Return the rules with one part as typed: the values of its form, by field.

    Raises:
        InputError: a value cannot be used; `field` names it.
    """
    half_life = CLASS_PARTS.get(part)
    changed = _with_class(rules, half_life, typed) if half_life else _READERS[part](rules, typed)
    check_rules(changed)
    return changed


def _with_class(rules: ScoringRules, half_life: HalfLife, typed: Typed) -> ScoringRules:
    days = _whole(typed, f"days_{half_life}", HALF_LIFE_MIN, HALF_LIFE_MAX)
    engagement = dict(rules.engagement)
    for kind, rule in rules.engagement.items():
        if rule.half_life is half_life:
            engagement[kind] = _engagement_rule(kind, typed)
    return _capped(
        replace(rules, engagement=engagement, half_life_days={**rules.half_life_days, half_life: days}),
        CapGroup(half_life.value),
        typed,
    )


def _engagement_rule(kind: TouchpointKind, typed: Typed) -> EngagementRule:
    inbound, outbound = (_whole(typed, f"{way}_{kind}", 0, POINTS_MAX) for way in ("inbound", "outbound"))
    chosen = typed.get(f"class_{kind}", "")
    if chosen not in set(HalfLife):
        raise InputError(Problem.UNKNOWN_CHOICE, f"class_{kind}", chosen)
    return EngagementRule(inbound, outbound, HalfLife(chosen))


def _with_fit(rules: ScoringRules, typed: Typed) -> ScoringRules:
    fit = {reason: _whole(typed, f"fit_{reason}", -POINTS_MAX, POINTS_MAX) for reason in rules.fit}
    return _capped(replace(rules, fit=fit), CapGroup.FIT, typed)


def _with_sources(rules: ScoringRules, typed: Typed) -> ScoringRules:
    points = {source: _whole(typed, f"source_{source}", -POINTS_MAX, POINTS_MAX) for source in Source}
    return replace(rules, source_fit={source: value for source, value in points.items() if value})


def _with_signs(rules: ScoringRules, typed: Typed) -> ScoringRules:
    signs = {sign: _whole(typed, f"sign_{sign}", -POINTS_MAX, 0) for sign in BadSign}
    return _capped(replace(rules, bad_signs=signs), CapGroup.ENGAGEMENT, typed)


def _with_grades(rules: ScoringRules, typed: Typed) -> ScoringRules:
    if typed.get("grades") != "on":
        return replace(rules, grades=None)
    return replace(rules, grades=Grades(fit=_bounds(typed, "grade_fit"), engagement=_bounds(typed, "grade_engagement")))


def _bounds(typed: Typed, field: str) -> tuple[float, float, float]:
    numbers = re.findall(r"-?\d{1,4}", fold(typed.get(field, "")))
    if len(numbers) != 3:
        raise InputError(Problem.BOUNDS_ORDER, field, typed.get(field, ""))
    first, second, third = map(float, numbers)
    return first, second, third


def _with_fields(rules: ScoringRules, typed: Typed) -> ScoringRules:
    lines = [line.strip() for line in typed.get("fields", "").splitlines()]
    return replace(rules, field_fit=tuple(read_field_rule(line) for line in lines if line))


_FIELD_RULE = re.compile(
    r"(?P<field>[^=~\s][^=~]{0,79}?)\s*(?:\s(?:(?P<low>\d{1,9})\s*[-~]\s*(?P<high>\d{1,9})|(?P<from>\d{1,9})\s*-|-\s*(?P<to>\d{1,9}))"
    r"|(?P<test>[=~])\s*(?P<text>\S.{0,79}?))\s*:\s*(?P<points>[+-]?\d{1,4})"
)
_WIDE = str.maketrans("＝〜～：＋－−０１２３４５６７８９　", "=~~:+--0123456789 ")


def read_field_rule(line: str) -> FieldRule:
    """Read one rule as `field_line` writes it: `業種 = 製造業 : +10`, `業種 ~ 製造 : 5`, `従業員数 300-999 : 10`.

    Raises:
        InputError: it is none.
    """
    found = _FIELD_RULE.fullmatch(line.translate(_WIDE))
    if found is None:
        raise InputError(Problem.UNKNOWN_RULE, "fields", line)
    points = float(found["points"])
    if found["test"]:
        test = FieldTest.IS if found["test"] == "=" else FieldTest.HAS
        return FieldRule(found["field"].strip(), test, points, text=found["text"].strip())
    low, high = (float(end) if end else None for end in (found["low"] or found["from"], found["high"] or found["to"]))
    return FieldRule(found["field"].strip(), FieldTest.RANGE, points, low=low, high=high)


def _capped(rules: ScoringRules, group: CapGroup, typed: Typed) -> ScoringRules:
    caps = {key: cap for key, cap in rules.caps.items() if key is not group}
    if typed.get(f"cap_{group}"):
        caps[group] = _whole(typed, f"cap_{group}", 1, CAP_MAX)
    return replace(rules, caps=caps)


def _whole(typed: Typed, field: str, low: int, high: int) -> float:
    text = fold(typed.get(field, "")).replace("−", "-")
    if not _SIGNED.fullmatch(text) or not low <= int(text) <= high:
        raise InputError(Problem.NOT_A_NUMBER, field, text, limit=high)
    return float(text)


_READERS: Mapping[RulePart, Any] = {
    RulePart.FIT: _with_fit,
    RulePart.SOURCES: _with_sources,
    RulePart.FIELDS: _with_fields,
    RulePart.SIGNS: _with_signs,
    RulePart.GRADES: _with_grades,
}
