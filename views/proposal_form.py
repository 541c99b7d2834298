"""The form in which a manager accepts a proposed points table, or changes it first."""

from collections.abc import Sequence

from models.facts import RulePreview
from models.learning import PointsTable
from models.scoring import Effect
from views.blocks import Block, View, ask, context, modal, section
from views.scoring_report import line_label
from views.words import Reader, msgs

SAVE = "report.proposal"
POINTS_MAX = 500
THRESHOLD_MAX = 1000

_EFFECTS: dict[Effect, tuple[str, str]] = {
    Effect.TURNS_HOT: msgs("{count} lead turns hot", "{count} leads turn hot"),
    Effect.COOLS: msgs("{count} lead is hot no more", "{count} leads are hot no more"),
    Effect.RIPENS: msgs("{count} lead reaches the MQL threshold", "{count} leads reach the MQL threshold"),
    Effect.FALLS: msgs("{count} lead falls below the MQL threshold", "{count} leads fall below the MQL threshold"),
}


def propose(table: PointsTable, effects: RulePreview, reader: Reader, metadata: str) -> View:
    """Ask for the points of every line and for the thresholds; what is proposed stands in the form."""
    t = reader.t
    moved = [reader.n(*_EFFECTS[effect], group.count) for effect, group in effects.moved.items()]
    would = t("As proposed: {effects}.", effects=reader.listed(moved)) if moved else t("As proposed, no lead moves.")
    blocks: list[Block] = [
        section(would),
        context(t("The lines replace the fit points of today. Points of touchpoints that no line names stay. 0 drops a line.")),
        *(ask(name, line_label(rule, reader), _number(rule.points, POINTS_MAX, 0))
          for name, rule in zip(names_of(table), table.rules, strict=True)),
        *(ask(name, label, _number(at.points, THRESHOLD_MAX, 1)) for name, label, at in zip(
            ("mql_threshold", "hot_threshold"), (t("MQL from (points)"), t("Hot from (points)")), table.thresholds,
            strict=False)),
    ]  # fmt: skip
    return modal(SAVE, t("Proposed points"), blocks, metadata, close=t("Cancel"), submit=t("Save"))


def names_of(table: PointsTable) -> Sequence[str]:
    """Name the inputs of the lines."""
    return [f"line_{place}" for place in range(len(table.rules))]


def _number(value: int, most: int, least: int) -> Block:
    return {
        "type": "number_input",
        "action_id": "v",
        "is_decimal_allowed": False,
        "initial_value": str(value),
        "min_value": str(least),
        "max_value": str(most),
    }
