"""The scoring rules in forms: an overview, one form for each part, what a change would do, and the versions."""

from collections.abc import Iterable, Sequence

from models.lead import Source
from models.scoring import (
    CLASS_PARTS,
    BadSign,
    CapGroup,
    FieldRule,
    FieldTest,
    Grades,
    RulePart,
    ScoringRules,
)
from models.touchpoint import Direction, HalfLife, TouchpointKind
from views.blocks import (
    Block,
    View,
    ask,
    button,
    context,
    divider,
    escape,
    modal,
    option,
    radios,
    section,
    select,
    text_input,
)
from views.labels import BAD_SIGNS, CAP_GROUPS, FIT_REASONS, KINDS, SOURCES, kind_label
from views.words import Reader, capital, msg, signed, whole

PART = "scoring.part"
PREVIEW = "scoring.preview"
SAVE = "scoring.save"
VERSIONS = "scoring.versions"
RESTORE = "scoring.restore"

FIELDS_MAX = 1500
NOTE_MAX = 200
NAMED = 5

PARTS: dict[RulePart, str] = {
    RulePart.A: msg("Light contacts"),
    RulePart.B: msg("Contacts that say more"),
    RulePart.C: msg("Events and material"),
    RulePart.D: msg("Meetings and demos"),
    RulePart.FIT: msg("Who they are"),
    RulePart.SOURCES: msg("Where they came from"),
    RulePart.FIELDS: msg("Any other field"),
    RulePart.SIGNS: msg("Points taken away"),
    RulePart.GRADES: msg("Two dimensions"),
}


def overview(rules: ScoringRules, number: int, reader: Reader, metadata: str) -> View:
    """Show the rules in force, part by part, each with the button that changes it."""
    t = reader.t
    said = (
        t("Version {number} of the rules is in force.", number=number)
        if number
        else t("These are the rules that Baton comes with.")
    )
    blocks: list[Block] = [section(said, button(VERSIONS, t("Earlier versions")))]
    for part, title in PARTS.items():
        change = button(PART, t("Change"), part.value, spoken=t("Change: {what}", what=t(title)))
        said = f"*{part_title(part, rules, reader)}*\n{_summary(part, rules, reader)}"
        blocks.append({**section(said, change), "block_id": part.value})
    blocks.append(context(t("The thresholds for MQL and hot are in `{command} setup`.", command=reader.command)))
    return modal("scoring.overview", t("Scoring rules"), blocks, metadata, close=t("Close"))


def part_title(part: RulePart, rules: ScoringRules, reader: Reader) -> str:
    """Name a part; a class with the days in which its points halve."""
    title = reader.t(PARTS[part])
    if part not in CLASS_PARTS:
        return title
    days = reader.n("halves every day", "halves every {count} days", whole(rules.half_life_days[CLASS_PARTS[part]]))
    return reader.t("{part} ({fading})", part=title, fading=days)


def _summary(part: RulePart, rules: ScoringRules, reader: Reader) -> str:
    if part in CLASS_PARTS:
        shown = [
            reader.t("{kind} {inbound}/{outbound}", kind=reader.t(KINDS[kind]), inbound=whole(rule.inbound),
                     outbound=whole(rule.outbound))
            for kind, rule in rules.engagement.items() if rule.half_life is CLASS_PARTS[part]
        ]  # fmt: skip
        return reader.dotted((reader.listed(shown) or reader.t("nothing"), _cap(CapGroup(part.value), rules, reader)))
    return _SUMMARIES[part](rules, reader)


def _cap(group: CapGroup, rules: ScoringRules, reader: Reader) -> str:
    return reader.t("at most {points}", points=whole(rules.caps[group])) if group in rules.caps else ""


def _fit_summary(rules: ScoringRules, reader: Reader) -> str:
    shown = (f"{reader.t(FIT_REASONS[reason])} {signed(points)}" for reason, points in rules.fit.items() if points)
    return reader.dotted((reader.listed(shown) or reader.t("nothing"), _cap(CapGroup.FIT, rules, reader)))


def _sources_summary(rules: ScoringRules, reader: Reader) -> str:
    shown = (f"{reader.t(SOURCES[source])} {signed(points)}" for source, points in rules.source_fit.items() if points)
    return reader.listed(shown) or reader.t("nothing")


def _fields_summary(rules: ScoringRules, reader: Reader) -> str:
    shown = [escape(field_line(rule), 80) for rule in rules.field_fit]
    more = reader.t("and {count} more", count=len(shown) - 5) if len(shown) > 5 else ""
    return reader.listed([*shown[:5], more]) or reader.t("nothing")


def _signs_summary(rules: ScoringRules, reader: Reader) -> str:
    shown = (f"{reader.t(BAD_SIGNS[sign])} {signed(points)}" for sign, points in rules.bad_signs.items() if points)
    return reader.dotted((reader.listed(shown) or reader.t("nothing"), _engagement_cap(rules, reader)))


def _engagement_cap(rules: ScoringRules, reader: Reader) -> str:
    cap = _cap(CapGroup.ENGAGEMENT, rules, reader)
    return f"{reader.t(CAP_GROUPS[CapGroup.ENGAGEMENT])}{reader.t(': ')}{cap}" if cap else ""


def grades_summary(rules: ScoringRules, reader: Reader) -> str:
    """Say from how many points each grade begins."""
    if rules.grades is None:
        return reader.t("not used")
    return reader.t("Fit: {fit} · engagement: {engagement}", fit=_bounds(rules.grades.fit, "ABC"),
                    engagement=_bounds(rules.grades.engagement, "123"))  # fmt: skip


def _bounds(bounds: Sequence[float], names: str) -> str:
    return " ".join(f"{name}≥{whole(bound)}" for name, bound in zip(names, bounds, strict=True))


_SUMMARIES = {
    RulePart.FIT: _fit_summary,
    RulePart.SOURCES: _sources_summary,
    RulePart.FIELDS: _fields_summary,
    RulePart.SIGNS: _signs_summary,
    RulePart.GRADES: grades_summary,
}


def field_line(rule: FieldRule) -> str:
    """Write a field rule as it is typed."""
    if rule.test is FieldTest.RANGE:
        ends = ("" if end is None else f"{end:g}" for end in (rule.low, rule.high))
        return f"{rule.field} {'-'.join(ends)} : {rule.points:+g}"
    return f"{rule.field} {'=' if rule.test is FieldTest.IS else '~'} {rule.text} : {rule.points:+g}"


def part_form(part: RulePart, rules: ScoringRules, reader: Reader, metadata: str) -> View:
    """Ask for one part of the rules; what is in force stands in the form."""
    t = reader.t
    blocks = _class_form(CLASS_PARTS[part], rules, reader) if part in CLASS_PARTS else _FORMS[part](rules, reader)
    return modal(PREVIEW, t(PARTS[part]), blocks, metadata, close=t("Back"), submit=t("See what changes"))


def _class_form(half_life: HalfLife, rules: ScoringRules, reader: Reader) -> list[Block]:
    t = reader.t
    classes = [option(c.value, part_title(RulePart(c.value), rules, reader)) for c in HalfLife]
    blocks: list[Block] = [
        ask(f"days_{half_life}", t("Days in which points halve"), _number(rules.half_life_days[half_life], 7, 1000)),
        _cap_input(CapGroup(half_life.value), rules, reader),
    ]
    for kind, rule in rules.engagement.items():
        if rule.half_life is half_life:
            blocks += [divider(), *_kind_inputs(kind, rules, classes, reader)]
    return blocks


def _kind_inputs(kind: TouchpointKind, rules: ScoringRules, classes: Sequence[Block], reader: Reader) -> list[Block]:
    rule, named = rules.engagement[kind], reader.t(KINDS[kind])
    return [
        ask(f"inbound_{kind}", capital(kind_label(kind, Direction.INBOUND, reader)), _number(rule.inbound, 0, 500)),
        ask(f"outbound_{kind}", capital(kind_label(kind, Direction.OUTBOUND, reader)), _number(rule.outbound, 0, 500)),
        ask(
            f"class_{kind}",
            reader.t("{kind}: counts among", kind=capital(named)),
            select(classes, rule.half_life.value),
        ),
    ]


def _cap_input(group: CapGroup, rules: ScoringRules, reader: Reader) -> Block:
    cap = rules.caps.get(group)
    return ask(f"cap_{group}", reader.t("At most, points ({group})", group=reader.t(CAP_GROUPS[group])),
               _number(cap, 1, 5000), optional=True, hint=reader.t("Left empty, there is no limit."))  # fmt: skip


def _fit_form(rules: ScoringRules, reader: Reader) -> list[Block]:
    asked = [ask(f"fit_{reason}", capital(reader.t(FIT_REASONS[reason])), _number(points, -500, 500))
             for reason, points in rules.fit.items()]  # fmt: skip
    return [*asked, _cap_input(CapGroup.FIT, rules, reader)]


def _sources_form(rules: ScoringRules, reader: Reader) -> list[Block]:
    return [ask(f"source_{source}", capital(reader.t(SOURCES[source])), _number(rules.source_fit.get(source, 0), -500, 500))
            for source in Source]  # fmt: skip


def _fields_form(rules: ScoringRules, reader: Reader) -> list[Block]:
    t = reader.t
    typed = "\n".join(map(field_line, rules.field_fit))
    return [
        section(t("One rule a line: the field, what it says, the points. Of the rules of one field the first that fits counts.")),
        context(t("“=” is exactly this, “{has}” contains it, “300-999” is a number from and to. Fields are the columns of your "
                  "imports, and company, title, campaign and note.", has="～")),
        ask("fields", t("Rules"), text_input(FIELDS_MAX, typed, multiline=True,
            example=t("industry = manufacturing : +10")), optional=True),
    ]  # fmt: skip


def _signs_form(rules: ScoringRules, reader: Reader) -> list[Block]:
    asked = [ask(f"sign_{sign}", capital(reader.t(BAD_SIGNS[sign])), _number(rules.bad_signs.get(sign, 0), -500, 0))
             for sign in BadSign]  # fmt: skip
    return [section(reader.t("These points do not fade. Write them with a minus.")), *asked,
            _cap_input(CapGroup.ENGAGEMENT, rules, reader)]  # fmt: skip


def _grades_form(rules: ScoringRules, reader: Reader) -> list[Block]:
    t, grades = reader.t, rules.grades or Grades()
    ways = [
        option("off", t("Show the number alone")),
        option("on", t("Show fit A to D and engagement 1 to 4 beside it")),
    ]
    return [
        ask("grades", t("Show"), radios(ways, "on" if rules.grades else "off")),
        ask("grade_fit", t("Fit: least points for A, B and C"), text_input(40, _typed(grades.fit)), hint=t("Below them it is D.")),
        ask("grade_engagement", t("Engagement: least points for 1, 2 and 3"), text_input(40, _typed(grades.engagement)),
            hint=t("Below them it is 4.")),
    ]  # fmt: skip


def _typed(bounds: Iterable[float]) -> str:
    return ", ".join(str(whole(bound)) for bound in bounds)


_FORMS = {
    RulePart.FIT: _fit_form,
    RulePart.SOURCES: _sources_form,
    RulePart.FIELDS: _fields_form,
    RulePart.SIGNS: _signs_form,
    RulePart.GRADES: _grades_form,
}


def _number(value: float | None, least: int, most: int) -> Block:
    block: Block = {"type": "number_input", "action_id": "v", "is_decimal_allowed": False,
                    "min_value": str(least), "max_value": str(most)}  # fmt: skip
    return block if value is None else {**block, "initial_value": str(whole(value))}
