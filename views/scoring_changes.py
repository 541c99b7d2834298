"""What a change of the scoring rules does: which leads it moves, what differs between versions, and the way back."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from models.facts import Moved, RulePreview, RuleVersion
from models.scoring import Effect, RulePart, ScoringRules
from models.touchpoint import Direction
from views.blocks import Block, View, ask, button, context, escape, instant, modal, section, text_input
from views.labels import BAD_SIGNS, CAP_GROUPS, FIT_REASONS, KINDS, SOURCES, kind_label
from views.lead_parts import colleague, row_title
from views.scoring_form import PARTS, RESTORE, SAVE, field_line, grades_summary
from views.words import Reader, msgs, whole

NOTE_MAX = 200
NAMED = 5

EFFECTS: dict[Effect, tuple[str, str]] = {
    Effect.TURNS_HOT: msgs("🔥 {count} lead turns hot", "🔥 {count} leads turn hot"),
    Effect.RIPENS: msgs("✋ {count} lead reaches the MQL threshold", "✋ {count} leads reach the MQL threshold"),
    Effect.COOLS: msgs("{count} lead is hot no more", "{count} leads are hot no more"),
    Effect.FALLS: msgs("{count} lead falls below the MQL threshold", "{count} leads fall below the MQL threshold"),
}


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
        found[t("{part}: days", part=t(PARTS[RulePart(half_life.value)]))] = str(whole(days))
    found |= {t(FIT_REASONS[reason]): str(whole(points)) for reason, points in rules.fit.items()}
    for source, points in rules.source_fit.items():
        found[t("source: {source}", source=t(SOURCES[source]))] = str(whole(points))
    found |= {t(BAD_SIGNS[sign]): str(whole(points)) for sign, points in rules.bad_signs.items()}
    for group, cap in rules.caps.items():
        found[t("at most ({group})", group=t(CAP_GROUPS[group]))] = str(whole(cap))
    for field in rules.field_fit:
        what, _, points_text = field_line(field).rpartition(" : ")
        found[escape(what, 100)] = points_text
    found[t("two dimensions")] = grades_summary(rules, reader)
    return found
