"""The forms of an import: the file with what is true of all of it, and what each of its columns is."""

from collections.abc import Mapping

from models.import_run import ImportRun
from models.lead import MAX_LENGTHS, Consent, Source
from views.blocks import (
    Block,
    View,
    ask,
    context,
    escape,
    modal,
    option,
    plain,
    radios,
    section,
    select,
    text_input,
    tidy,
)
from views.import_words import MAPPABLE, column_field
from views.labels import CONSENTS, SOURCES
from views.words import Reader, capital

UPLOAD = "import.upload"
SETTINGS = "import.settings"
COLUMN = "column:"
"""Block ids of a file's columns: this and the column's place."""
KEEP = "keep"
"""The choice for a column that no field takes."""
COLUMNS_SHOWN = 40
COST_MAX = 999_999_999
BASIS_MAX = 200


def upload(reader: Reader, metadata: str) -> View:
    """Ask for the file, and for what is true of everybody in it."""
    t = reader.t
    file: Block = {"type": "file_input", "action_id": "v", "max_files": 1}
    blocks: list[Block] = [
        ask("file", t("File"), file, hint=t("CSV, TSV, Excel (XLSX), vCard or LDIF; up to 20 MB. Nothing is written before you have seen what was understood.")),
        *_for_all(None, None, reader),
    ]  # fmt: skip
    return modal(UPLOAD, t("Import leads"), blocks, metadata, close=t("Cancel"), submit=t("Read the file"))


def settings(run: ImportRun, cost: int | None, reader: Reader, metadata: str) -> View:
    """Ask what each column is, its first cells beside it, and for what is true of everybody in the file."""
    t = reader.t
    headings = list(run.layout.get("headings", ()))
    shown = headings[:COLUMNS_SHOWN]
    blocks: list[Block] = [section(t("*{file}*: what is in its columns?", file=escape(run.file_name)))]
    blocks += [_column(place, heading, run, reader) for place, heading in enumerate(shown)]
    if len(headings) > len(shown):
        rest = reader.n("{count} more column stays as it is.", "{count} more columns stay as they are.", len(headings) - len(shown))  # fmt: skip
        blocks.append(context(rest))
    blocks += _for_all(run, cost, reader)
    return modal(SETTINGS, t("Settings of the import"), blocks, metadata, close=t("Cancel"), submit=t("Read again"))


def _column(place: int, heading: str, run: ImportRun, reader: Reader) -> Block:
    t = reader.t
    options = [option(KEEP, t("Keep with the lead, in no field"))]
    options += [option(field, capital(column_field(field, reader))) for field in MAPPABLE]
    mapping: Mapping[str, str] = run.mapping
    cells = [tidy(str(row[place]), 40) for row in run.sample if len(row) > place and str(row[place]).strip()]
    label = tidy(heading, 60) or t("column {place}", place=place + 1)
    hint = t("e.g. {cells}", cells=reader.t(" / ").join(cells)) if cells else t("Its first cells are empty.")
    return ask(f"{COLUMN}{place}", label, select(options, mapping.get(heading) or KEEP), hint=hint)


def _for_all(run: ImportRun | None, cost: int | None, reader: Reader) -> list[Block]:
    t = reader.t
    sources = [option(source.value, capital(t(label))) for source, label in SOURCES.items()]
    consents = [option(consent.value, capital(t(label))) for consent, label in CONSENTS.items()]
    source = Source(run.source).value if run and run.source else ""
    consent = Consent(run.consent).value if run else Consent.UNKNOWN.value
    number: Block = {"type": "number_input", "action_id": "v", "is_decimal_allowed": False, "min_value": "0",
                     "max_value": str(COST_MAX)}  # fmt: skip
    if cost is not None:
        number["initial_value"] = str(cost)
    basis = text_input(BASIS_MAX, run.consent_basis if run else "", example=t("e.g. ticked on the form at the booth"))
    return [
        ask("source", t("Source"), select(sources, source, placeholder=t("As each row says")), optional=True,
            hint=t("For rows that do not say it themselves; so are campaign and consent.")),
        ask("campaign", t("Campaign"), text_input(MAX_LENGTHS["campaign"], run.campaign if run else ""), optional=True),
        ask("cost", t("Cost of the campaign"), {**number, "placeholder": plain(t("Whole number, e.g. 1500000"))},
            optional=True, hint=t("In your currency. Reports then say what each lead, MQL and deal cost.")),
        ask("consent", t("Consent to e-mail"), radios(consents, consent)),
        ask("consent_basis", t("How they agreed"), basis, optional=True),
    ]  # fmt: skip
