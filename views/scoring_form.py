"""The scoring rules in forms: an overview, one form for each part, what a change would do, and the versions."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from models.facts import Moved, RulePreview, RuleVersion
from models.lead import Source
from models.scoring import (
    CLASS_PARTS,
    BadSign,
    CapGroup,
    Effect,
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
    actions,
    ask,
    button,
    context,
    divider,
    escape,
    instant,
    modal,
    option,
    radios,
    section,
    select,
    text_input,
)
from views.labels import BAD_SIGNS, CAP_GROUPS, FIT_REASONS, KINDS, SOURCES, kind_label
from views.lead_parts import colleague, row_title
from views.words import Reader, capital, msg, msgs, signed, whole

PART = "scoring.part"
PREVIEW = "scoring.preview"
SAVE = "scoring.save"
VERSIONS = "scoring.versions"
RESTORE = "scoring.restore"

FIELDS_MAX = 1500
NOTE_MAX = 200
NAMED = 5

_PARTS: dict[RulePart, str] = {
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

EFFECTS: dict[Effect, tuple[str, str]] = {
    Effect.TURNS_HOT: msgs("🔥 {count} lead turns hot", "🔥 {count} leads turn hot"),
    Effect.RIPENS: msgs("✋ {count} lead reaches the MQL threshold", "✋ {count} leads reach the MQL threshold"),
    Effect.COOLS: msgs("{count} lead is hot no more", "{count} leads are hot no more"),
    Effect.FALLS: msgs("{count} lead falls below the MQL threshold", "{count} leads fall below the MQL threshold"),
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
    for part, title in _PARTS.items():
        change = button(PART, t("Change"), part.value, spoken=t("Change: {what}", what=t(title)))
        said = f"*{part_title(part, rules, reader)}*\n{_summary(part, rules, reader)}"
        blocks.append({**section(said, change), "block_id": part.value})
    blocks.append(context(t("The thresholds for MQL and hot are in `{command} setup`.", command=reader.command)))
    return modal("scoring.overview", t("Scoring rules"), blocks, metadata, close=t("Close"))


def part_title(part: RulePart, rules: ScoringRules, reader: Reader) -> str:
    """Name a part; a class with the days in which its points halve."""
    title = reader.t(_PARTS[part])
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


def _grades_summary(rules: ScoringRules, reader: Reader) -> str:
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
    RulePart.GRADES: _grades_summary,
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
    return modal(PREVIEW, t(_PARTS[part]), blocks, metadata, close=t("Back"), submit=t("See what changes"))


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


def preview(found: RulePreview, before: ScoringRules, reader: Reader, metadata: str) -> View:
    """Say which leads a change would move, before it is saved."""
    t = reader.t
    changes = changed_lines(before, found.rules, reader)
    blocks: list[Block] = [section(f"*{t('What changes')}*\n" + ("\n".join(changes) or t("Nothing changes.")))]
    blocks += moved_blocks(found.moved, reader) or [section(t("No lead moves over a threshold."))]
    if found.looked_at < found.total:
        blocks.append(
            context(t("Of {total} leads the newest {count} were looked at.", total=found.total, count=found.looked_at))
        )
    blocks += [
        context(t("Nobody is offered or alerted one by one: you get one summary, and marketing a list of new MQLs.")),
        ask("note", t("Why (kept with the version)"), text_input(NOTE_MAX), optional=True),
    ]
    return modal(SAVE, t("Before you save"), blocks, metadata, close=t("Back"), submit=t("Save"))


def moved_blocks(moved: Mapping[Effect, Moved], reader: Reader) -> list[Block]:
    """List the leads that a change moves, by what it does to them."""
    blocks: list[Block] = []
    for effect, (one, many) in EFFECTS.items():
        if effect in moved:
            group = moved[effect]
            rows = [
                reader.t("{lead}  {before} → {after}", lead=row_title(m.lead, reader, 40), before=whole(m.before), after=whole(m.after))
                for m in group.first[:NAMED]
            ]  # fmt: skip
            more = [reader.t("and {count} more", count=group.count - len(rows))] if group.count > len(rows) else []
            blocks.append(section("\n".join([f"*{reader.n(one, many, group.count)}*", *rows, *more])))
    return blocks


def versions(found: Sequence[RuleVersion], reader: Reader, metadata: str, now: datetime) -> View:
    """List the versions: who put them in force, when, what they changed; each can be gone back to."""
    t = reader.t
    blocks: list[Block] = []
    for number, row in enumerate(found):
        version = row.version
        said = t("*Version {number}* · {who} · {when}", number=version.number, who=colleague(row.by, reader),
                 when=instant(reader, version.at, now))  # fmt: skip
        if version.restored_from is not None:
            said += reader.t(" · ") + t("as version {number}", number=version.restored_from)
        what = reader.listed(changed_lines(row.before, row.rules, reader)[:6]) or t("Nothing changes.")
        why = escape(version.note, 200)
        back = button(RESTORE, t("Go back to this"), str(version.number),
                      spoken=t("Go back to version {number}", number=version.number)) if number else None  # fmt: skip
        block = section("\n".join(filter(None, (said, what, why))), back)
        blocks.append({**block, "block_id": f"version_{version.number}"})
    if found:
        own = button(RESTORE, t("Go back to this"), "0", spoken=t("Go back to the rules that Baton comes with"))
        blocks.append({**section(t("The rules that Baton comes with"), own), "block_id": "version_0"})
    else:
        blocks.append(section(t("The rules have never been changed.")))
    return modal("scoring.versions", t("Earlier versions"), blocks, metadata, close=t("Back"))


def changed_lines(before: ScoringRules, after: ScoringRules, reader: Reader) -> list[str]:
    """Say what differs between two versions of the rules, one difference a line; mrkdwn, escaped."""
    old, new = _flat(before, reader), _flat(after, reader)
    none = reader.t("none")
    return [
        reader.t("{what}: {before} → {after}", what=what, before=old.get(what, none), after=new.get(what, none))
        for what in dict.fromkeys((*old, *new))
        if old.get(what) != new.get(what)
    ]


def _flat(rules: ScoringRules, reader: Reader) -> dict[str, str]:
    """Name every number of the rules."""
    t = reader.t
    found: dict[str, str] = {}
    for kind, rule in rules.engagement.items():
        for direction in (Direction.INBOUND, Direction.OUTBOUND):
            found[kind_label(kind, direction, reader)] = str(whole(rule.points(direction)))
        found[t("{kind}: class", kind=t(KINDS[kind]))] = rule.half_life.value.upper()
    for half_life, days in rules.half_life_days.items():
        found[t("{part}: days", part=t(_PARTS[RulePart(half_life.value)]))] = str(whole(days))
    found |= {t(FIT_REASONS[reason]): str(whole(points)) for reason, points in rules.fit.items()}
    for source, points in rules.source_fit.items():
        found[t("source: {source}", source=t(SOURCES[source]))] = str(whole(points))
    found |= {t(BAD_SIGNS[sign]): str(whole(points)) for sign, points in rules.bad_signs.items()}
    for group, cap in rules.caps.items():
        found[t("at most ({group})", group=t(CAP_GROUPS[group]))] = str(whole(cap))
    for field in rules.field_fit:
        what, _, points_text = field_line(field).rpartition(" : ")
        found[escape(what, 100)] = points_text
    found[t("two dimensions")] = _grades_summary(rules, reader)
    return found


def saved_actions(reader: Reader) -> Block:
    """Offer the way back to the rules."""
    return actions(button("scoring.open", reader.t("Scoring rules"), "open"))
