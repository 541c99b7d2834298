"""The form in which a manager allows and forbids columns to be learned from."""

from collections.abc import Mapping, Sequence

from models.learning import SUSPICIOUS, FitReport
from views.blocks import Block, View, ask, modal, option, section, several
from views.chances import column_label
from views.words import Reader

SAVE = "report.columns"
OPTIONS_MAX = 100


def columns_of(fit: FitReport) -> tuple[str, ...]:
    """Return every column that can be decided about, in the order by which the form's options are numbered."""
    return tuple(sorted({*fit.used, *(column.name for column in fit.left_out)}))


def choose(fit: FitReport, choices: Mapping[str, bool], reader: Reader, metadata: str) -> View:
    """Ask which suspicious columns may be used, and which columns never."""
    t, names = reader.t, columns_of(fit)
    suspicious = {column.name for column in fit.left_out if column.reason in SUSPICIOUS}
    allowed = {name for name, is_allowed in choices.items() if is_allowed}
    forbidden = {name for name, is_allowed in choices.items() if not is_allowed}
    blocks: list[Block] = [
        section(t("What was filled in after a lead had closed must not be learned from: no open lead has it yet."))
    ]
    if known_before := _options(names, suspicious | allowed, reader):
        blocks.append(
            ask("allowed", t("Known before the outcome: use"), several(known_before, _places(names, allowed)),
                optional=True, hint=t("These look as if they were filled in afterwards."))
        )  # fmt: skip
    blocks.append(
        ask("forbidden", t("Never use"), several(_options(names, {*names}, reader), _places(names, forbidden)),
            optional=True, hint=t("Baton learns anew within the hour."))
    )  # fmt: skip
    return modal(SAVE, t("Columns to learn from"), blocks, metadata, close=t("Cancel"), submit=t("Save"))


def _options(names: Sequence[str], of: set[str], reader: Reader) -> list[Block]:
    return [
        option(str(place), column_label(name, reader, escaped=False)) for place, name in enumerate(names) if name in of
    ][:OPTIONS_MAX]


def _places(names: Sequence[str], of: set[str]) -> list[str]:
    return [str(place) for place, name in enumerate(names) if name in of]
