"""What a change of the scoring rules does, told once: to the manager who changed them, and to marketing."""

from models.facts import RulesChanged
from models.scoring import Effect
from views.blocks import Block, Message, context, section
from views.scoring_changes import EFFECTS, moved_blocks
from views.words import Reader


def progress(facts: RulesChanged, reader: Reader) -> Message:
    """Show how far the scores follow the new rules; at the end, whom that moved."""
    t, version = reader.t, facts.version
    if version.finished_at is None:
        said = t("Scores follow version {number} of the rules: {done} of {total} leads.", number=version.number,
                 done=version.done, total=version.total)  # fmt: skip
        return Message(said, [section(f"⏳ {said}")])
    if version.is_replaced:
        said = t("Version {number} of the rules was replaced before all scores followed it.", number=version.number)
        return Message(said, [section(said)])
    said = reader.n("Every score follows version {number} of the rules: {count} lead.",
                    "Every score follows version {number} of the rules: {count} leads.", version.done,
                    number=version.number)  # fmt: skip
    blocks: list[Block] = [section(f"*{said}*"), *moved_blocks(facts.moved, reader)]
    if not facts.moved:
        blocks.append(section(t("No lead moved over a threshold.")))
    if Effect.RIPENS in facts.moved:
        blocks.append(context(t("They are not offered by themselves: marketing has the list.")))
    return Message(reader.sentences((said, *_counted(facts, reader))), blocks)


def _counted(facts: RulesChanged, reader: Reader) -> list[str]:
    return [reader.stopped(reader.n(*EFFECTS[effect], group.count)) for effect, group in facts.moved.items()]


def ripened(facts: RulesChanged, reader: Reader) -> Message | None:
    """List for marketing who reached the MQL threshold because the rules changed; None when nobody did."""
    group = facts.moved.get(Effect.RIPENS)
    if group is None:
        return None
    t = reader.t
    said = t("The scoring rules were changed. Leads that reached the MQL threshold of {threshold} by it are yours to hand off.",
             threshold=facts.mql_threshold)  # fmt: skip
    text = reader.sentences((said, reader.stopped(reader.n(*EFFECTS[Effect.RIPENS], group.count))))
    return Message(text, [section(said), *moved_blocks({Effect.RIPENS: group}, reader)])
