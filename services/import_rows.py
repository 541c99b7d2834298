"""From a file's cells to the values of a lead: columns find their fields, texts are read, everything without a database.

A column goes where a mapping says, else where its heading says; what finds no field is kept in the lead's `extra` under
its heading.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from models.errors import InputError, Problem
from models.facts import LeadEntry
from models.import_run import Fault
from models.lead import MAX_LENGTHS, THE_SEVEN, Consent, LeadKind, Source, Stage
from models.workspace import Workspace
from services import scoring
from services.dates import read_instant
from services.exports import typed_cell
from services.files.headings import (
    DEPARTMENT,
    FAMILY,
    FIRST_CONTACT,
    GIVEN,
    MIDDLE,
    TOUCHED_AT,
    KnownExport,
    field_of,
    known_export,
)
from services.files.records import CELL_MAX, BadRow, Record, Sheet
from services.folding import fold_name
from services.history_fields import CLOSED_AT, OUTCOME, closing_values, read_history_field, read_outcome
from services.identity import is_plain_email
from services.lead_stages import dormant_days
from services.leads import check_entry, keys_of, role_in
from services.matching import is_shared_address
from services.vocabulary import (
    EXTRA_FIELDS,
    nearest_field,
    read_consent,
    read_field,
    read_lead_kind,
    read_progress,
    read_role,
    read_source,
)

_ENTRY_FIELDS = tuple(part.name for part in fields(LeadEntry))
_TEXTS = ("name", "company", "title", "email", "phone", "external_id", "campaign", "note")
_PARTS = (FAMILY, GIVEN, MIDDLE, DEPARTMENT)
"""Fields of a file that become parts of a lead's."""
_CODED = {
    "source": read_source,
    "consent": read_consent,
    "role": read_role,
    "progress": read_progress,
    "lead_kind": read_lead_kind,
    OUTCOME: read_outcome,
}
MAPPABLE = (
    "name", FAMILY, GIVEN, "company", DEPARTMENT, "title", "email", "phone", "note", "source", "campaign", "consent",
    "lead_kind", "external_id", FIRST_CONTACT, TOUCHED_AT, OUTCOME, CLOSED_AT, *THE_SEVEN, *EXTRA_FIELDS,
)  # fmt: skip
"""The fields that a column can be given, in the order of the form."""
_FIELDS = frozenset({*MAPPABLE, MIDDLE})
REJECT_HEADINGS = ("baton_row", "baton_reason")
"""What the file of unreadable rows says of them; it is of no use once they are imported."""
KEPT = ""
"""The field of a column that only `extra` keeps."""


@dataclass(frozen=True)
class Column:
    """One column: where its cells stand, what they are called, and the field that takes them, empty where none does."""

    place: int
    heading: str
    field: str


@dataclass(frozen=True)
class Columns:
    """The columns of a file in the order in which they are asked: of several telephone numbers the most direct first."""

    asked: tuple[Column, ...]
    width: int
    export: KnownExport | None

    @property
    def mapping(self) -> dict[str, str]:
        """The field of each heading, in the order in which they are asked; "" where no field takes the column."""
        return {column.heading: column.field for column in self.asked}

    @property
    def headings(self) -> list[str]:
        """The headings in the file's order, those that are equal told apart by a number."""
        return [column.heading for column in sorted(self.asked, key=lambda column: column.place)]


@dataclass(frozen=True)
class FileRow:
    """A row as the file has it: texts by field, and by heading where no field takes them; empty cells are left out."""

    row: int
    fields: dict[str, str]
    extra: dict[str, str]


@dataclass(frozen=True)
class ForAll:
    """What is said of every lead of a file that does not say it of itself."""

    source: Source | None = None
    campaign: str = ""
    consent: Consent = Consent.UNKNOWN


Identity = tuple[str, str, str]
"""What somebody can be recognised by: a kind, its key, and what must be the same with it."""


@dataclass(frozen=True)
class PreparedRow:
    """A row on its way to becoming a lead: everything is done that takes no look at the database."""

    row: int
    values: dict[str, Any]
    identities: frozenset[Identity]

    @property
    def identified_by(self) -> frozenset[Identity]:
        """What tells whether it is known: name and company only where there is nothing better."""
        better = frozenset(identity for identity in self.identities if identity[0] != "name")
        return better or self.identities


def columns_of(sheet: Sheet, mapping: Mapping[str, str]) -> Columns:
    """Give each column of a file its field; `mapping` comes first, in its order, "" for a column that is only kept.

    Raises:
        InputError: UNKNOWN_FIELD, the mapping names a heading or a field that does not exist.
    """
    headings: list[str] = []
    for heading in sheet.headings:
        headings.append(_unused(heading, headings))
    wanted = _wanted(headings, mapping)
    said = list(wanted)
    ranked: list[tuple[int, Column]] = []
    for place, heading in enumerate(headings):
        if heading in wanted:
            ranked.append((said.index(heading) - len(said), Column(place, heading, wanted[heading])))
            continue
        field, rank = field_of(heading) or (KEPT, 0)
        # What somebody gave to one column is not to be mixed with what another's heading says.
        ranked.append((rank, Column(place, heading, KEPT if field in wanted.values() else field)))
    ordered = tuple(column for _, column in sorted(ranked, key=lambda pair: (pair[0], pair[1].place)))
    return Columns(ordered, len(headings), known_export(sheet.headings))


def _wanted(headings: Sequence[str], mapping: Mapping[str, str]) -> dict[str, str]:
    wanted = {}
    for heading, name in mapping.items():
        if heading not in headings:
            raise InputError(Problem.UNKNOWN_FIELD, "column", heading)
        field = name if name in _FIELDS or name == KEPT else read_field(name) or read_history_field(name)
        if field is None:
            raise InputError(Problem.UNKNOWN_FIELD, "field", name, nearest=nearest_field(name))
        wanted[heading] = field
    return wanted


def _unused(heading: str, headings: list[str]) -> str:
    count = sum(other.partition(" (")[0] == heading for other in headings)
    return f"{heading} ({count + 1})" if count else heading


def guessed_by_content(columns: Columns, records: Iterable[Record]) -> Columns:
    """Give columns without headings the fields that their cells show: addresses are hard to mistake."""
    rows = [record.cells for record in records]

    def is_email(place: int) -> bool:
        cells = [cells[place].strip() for cells in rows if len(cells) > place and cells[place].strip()]
        return bool(cells) and all(is_plain_email(cell) for cell in cells)

    asked = tuple(
        Column(column.place, column.heading, "email") if is_email(column.place) else column for column in columns.asked
    )
    return Columns(asked, columns.width, columns.export)


def read_row(record: Record | BadRow, columns: Columns) -> FileRow | BadRow:
    """Read a record under its columns."""
    if isinstance(record, BadRow):
        return record
    if len(record.cells) > columns.width and any(cell.strip() for cell in record.cells[columns.width :]):
        return BadRow(record.row, Fault.TOO_MANY_CELLS)
    fields: dict[str, str] = {}
    extra: dict[str, str] = {}
    for column in columns.asked:
        cell = record.cells[column.place] if column.place < len(record.cells) else ""
        if text := typed_cell(cell.strip()):
            code = _code(column.field, text)
            if code and column.field not in fields:
                fields[column.field] = code
            elif column.heading not in REJECT_HEADINGS:
                extra[column.field if column.field in EXTRA_FIELDS else column.heading] = text
    return FileRow(record.row, _joined(fields), extra)


def _code(name: str, text: str) -> str:
    """Return what the field holds of the text: the code of a closed set's word; empty for what it cannot take."""
    if name in _CODED:
        return _CODED[name](text) or ""
    return text if name and name not in EXTRA_FIELDS else ""


_CJK = re.compile("[぀-ヿ㐀-鿿豈-﫿々]")


def _joined(fields: dict[str, str]) -> dict[str, str]:
    """Put together what a lead holds in one field and files in several: names, and department and title."""
    family, given, middle, department = (fields.pop(part, "") for part in _PARTS)
    if "name" not in fields and (family or given):
        order = (family, given) if _CJK.search(family + given) else (given, middle, family)
        fields["name"] = " ".join(part for part in order if part)
    if department:
        title = fields.get("title", "")
        fields["title"] = title if department in title else " ".join(filter(None, (department, title)))
    return fields


class Preparer:
    """Turns rows into leads' values; the fields of a lead that a file never fills are worked out once."""

    def __init__(
        self, workspace: Workspace, blank: dict[str, Any], columns: Columns, for_all: ForAll, now: datetime
    ) -> None:
        self._workspace, self._blank, self._now = workspace, blank, now
        self._for_all, self._export = for_all, columns.export
        self._source = for_all.source or (columns.export.source if columns.export else None)
        self._rules = scoring.rules_of(workspace)
        self._zone = ZoneInfo(workspace.timezone)

    def prepared(self, row: FileRow | BadRow) -> PreparedRow | BadRow:
        """Return the lead's values, or why there are none."""
        if isinstance(row, BadRow):
            return row
        try:
            return self._prepare(row)
        except InputError as error:
            return BadRow(row.row, error.problem, error.field, error.value, error.limit)

    def _prepare(self, row: FileRow) -> PreparedRow:
        workspace, now = self._workspace, self._now
        entry = check_entry(self._entry(row), workspace.country)
        seven = {name: row.fields[name] for name in THE_SEVEN if name in row.fields}
        _check_lengths(seven, row.extra)
        created_at = self._instant(row, FIRST_CONTACT) or now
        touched_at = self._instant(row, TOUCHED_AT)
        dormant_at = (touched_at or created_at) + timedelta(
            days=dormant_days(workspace, Stage.INQUIRY, entry.kind) or 0
        )
        values = {
            **self._blank,
            **{name: getattr(entry, name) for name in _ENTRY_FIELDS},
            **keys_of(entry.name, entry.company, entry.email, entry.phone, workspace.country),
            **seven,
            "source": entry.source or self._blank["source"],
            "consent_at": None if entry.consent is Consent.UNKNOWN else now,
            "fit_points": scoring.fit_points(entry, role_in(seven), self._rules),
            "created_at": created_at,
            "last_touch_at": touched_at,
            # Whoever has long been asleep is not news: nobody is told of what happened before the import.
            "dormant_at": dormant_at if dormant_at > now else None,
            "dormant_since": None if dormant_at > now else dormant_at,
        }
        if OUTCOME in row.fields:
            closed_at = self._instant(row, CLOSED_AT) or now
            values |= closing_values(row.fields[OUTCOME], closed_at, created_at)
        return PreparedRow(row.row, values, identities_of(values))

    def _entry(self, row: FileRow) -> LeadEntry:
        given = {name: row.fields[name] for name in _TEXTS if name in row.fields}
        given.setdefault("campaign", self._for_all.campaign)
        if "phone" in given:
            # Meta marks what kind of value a cell holds: `p:+819012345678`.
            given["phone"] = given["phone"].removeprefix("p:")
        if "external_id" in given and self._export:
            given["external_id"] = self._export.id_prefix + given["external_id"]
        said = row.fields.get("consent")
        return LeadEntry(
            **given,
            source=Source(row.fields["source"]) if "source" in row.fields else self._source,
            consent=Consent(said) if said else self._for_all.consent,
            kind=LeadKind(row.fields.get("lead_kind", LeadKind.PROSPECT)),
            extra=row.extra,
        )

    def _instant(self, row: FileRow, name: str) -> datetime | None:
        text = row.fields.get(name)
        if not text:
            return None
        try:
            at = datetime.fromisoformat(text)
            at = at if at.tzinfo else at.replace(tzinfo=self._zone)
        except ValueError:
            at = read_instant(text, self._now, self._zone, past=True, field=name).at
        if at > self._now:
            raise InputError(Problem.FUTURE_DATE, name, text)
        return at


def _check_lengths(seven: dict[str, str], extra: dict[str, str]) -> None:
    for texts, limits in ((seven, MAX_LENGTHS), (extra, dict[str, int]())):
        for name, text in texts.items():
            limit = limits.get(name, CELL_MAX)
            if len(text) > limit:
                raise InputError(Problem.TOO_LONG, name, text, limit=limit)


# Many in a file come from one company.
_company_key = lru_cache(maxsize=4096)(fold_name)


def identities_of(lead: Mapping[str, Any]) -> frozenset[Identity]:
    """Return everything by which a lead can be recognised.

    Its phone number and an address such as info@… only with its name: colleagues share them.
    """
    name_key, email = lead["name_key"], lead["email_key"]
    found = (
        ("external_id", lead["external_id"], ""),
        ("email", email, name_key if is_shared_address(email) else ""),
        ("phone", lead["phone_key"], name_key),
        ("name", name_key, _company_key(lead["company"])),
    )
    return frozenset((kind, key, with_it) for kind, key, with_it in found if key)
