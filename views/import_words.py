"""The words about files: why one cannot be read, why a row cannot, and what the fields of a column are called."""

from models.errors import InputError, Problem
from models.import_run import Fault, FileFormat
from views import errors
from views.labels import FIELDS, field_label
from views.words import Reader, msg

_FAULTS: dict[Fault, str] = {
    Fault.EMPTY: msg("it is empty"),
    Fault.NOT_A_TABLE: msg("it is no CSV, TSV, Excel workbook (XLSX), vCard or LDIF; export it as one of these"),
    Fault.OLD_SPREADSHEET: msg("it is an old Excel workbook (XLS); save it as XLSX or CSV"),
    Fault.LOCKED_SPREADSHEET: msg("it is protected with a password; save a copy without one"),
    Fault.BROKEN_SPREADSHEET: msg("the workbook is damaged or incomplete; open it in Excel, save it again and import that"),
    Fault.TOO_BIG: msg("it is too big; split it into several files"),
    Fault.TOO_MANY_COLUMNS: msg("it has more than 500 columns; leave out those that are not needed"),
    Fault.LINE_TOO_LONG: msg("a line of it is longer than 1 MB, so it is hardly a list of people"),
    Fault.BINARY: msg("it holds characters that no text has (NUL); export it again as CSV or XLSX"),
    Fault.UNKNOWN_ENCODING: msg("its encoding is not known; save it as “CSV UTF-8”"),
    Fault.MIXED_ENCODINGS: msg("it is written in two encodings; save it as “CSV UTF-8”"),
    Fault.BROKEN_QUOTES: msg("a quotation mark is not closed"),
    Fault.TOO_MANY_CELLS: msg("it has more cells than the header"),
    Fault.BROKEN_CARD: msg("the card does not end"),
    Fault.NOT_A_PERSON: msg("this is a list of people, not a person"),
    Fault.GONE: msg("the file is kept no longer; upload it again"),
    Fault.NOT_FETCHED: msg("Slack did not give the file; upload it again"),
    Fault.NOT_YOURS: msg("it is another person's file, or lies outside Slack; upload it yourself"),
}  # fmt: skip

_FIELD_WORDS: dict[str, str] = {
    "name": msg("name"),
    "family_name": msg("family name"),
    "given_name": msg("given name"),
    "department": msg("department"),
    "title": msg("job title"),
    "first_contact": msg("first contact (date)"),
    "touched_at": msg("last contact (date)"),
    "outcome": msg("won or lost"),
    "closed_at": msg("closed on (date)"),
    "address": msg("address"),
    "website": msg("website"),
    "fax": msg("fax"),
}
MAPPABLE = (
    "name", "family_name", "given_name", "company", "department", "title", "email", "phone", "note", "source", "campaign",
    "consent", "lead_kind", "external_id", "first_contact", "touched_at", "outcome", "closed_at", "mission", "interest",
    "role", "need", "progress", "timing", "budget", "address", "website", "fax",
)  # fmt: skip
"""The fields that a column can be given, in the order of the form."""

FORMATS: dict[FileFormat, str] = {
    FileFormat.CSV: "CSV", FileFormat.TSV: "TSV", FileFormat.XLSX: "Excel", FileFormat.VCARD: "vCard",
    FileFormat.LDIF: "LDIF",
}  # fmt: skip
"""Names of formats, the same in every language."""


def fault(what: Fault, row: int | None, reader: Reader) -> str:
    """Say in a clause why a file cannot be read, and in which row it shows."""
    said = reader.t(_FAULTS[what])
    return reader.t("row {row}: {what}", row=row, what=said) if row else said


def reason(what: str, field: str, limit: int | None, reader: Reader, value: str = "…") -> str:
    """Say why a row cannot be read. Without `value` it is not quoted: personal data have no place in a log."""
    if what in set(Fault):
        return reader.t(_FAULTS[Fault(what)])
    problem = InputError(Problem(what), field, value, limit=limit)
    return reader.t(
        "{field}: {what}",
        field=column_field(field, reader) if field else reader.t("lead"),
        what=errors.field_message(problem, reader),
    )


def short_reason(what: str, reader: Reader) -> str:
    """Name what is wrong with some rows in a word or two: the field, or the fault."""
    if what == Problem.FORGOTTEN:
        return reader.t("deleted at their own request")
    return reader.t(_FAULTS[Fault(what)]) if what in set(Fault) else column_field(what, reader)


def column_field(field: str, reader: Reader) -> str:
    """Name a field of a file's column."""
    msgid = _FIELD_WORDS.get(field) or FIELDS.get(field)
    return reader.t(msgid) if msgid else field_label(field, reader)
