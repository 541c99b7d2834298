"""Leads from a CSV file: every row that can be read is in, every other is named with its reason.

A column goes where `mapping` says, else where its heading says; what finds no field is kept in the lead's `extra` under
its heading. History alerts nobody: what should be dormant already is, and nothing becomes due by being imported.
"""

import codecs
import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import islice
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlmodel import Session, col

from models.base import new_id
from models.consent import ConsentRecord
from models.database import Database
from models.errors import BusyError, InputError, Problem
from models.facts import ConsentEntry, LeadEntry
from models.lead import MAX_LENGTHS, THE_SEVEN, Consent, DecisionRole, Lead, LeadKind, Source, Stage
from models.records import Change, ChangeKind
from models.workspace import Workspace
from services import scoring
from services.dates import read_instant
from services.exports import typed_cell
from services.folding import fold_name
from services.history_fields import CLOSED_AT, OUTCOME, closing_values, read_history_field, read_outcome
from services.leads import check_entry, dormant_days, keys_of, new_lead, next_numbers
from services.records import consent_values
from services.search import index_leads
from services.statements import insert
from services.suppression import forgotten_among, tells_of
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
from services.workspaces import get_workspace

BATCH = 200
"""Rows in a transaction. SQLite has one writer: a batch holds it for less than 100 ms."""
TRIES = 5
"""How often a batch is tried while the database is busy, about 3 s each."""
CELL_MAX = 8000
"""Characters of a cell that no field bounds."""
BAD_KEPT = 1000
"""Bad rows that a summary names; it counts them all."""

FIRST_CONTACT = "first_contact"
"""Field of a date: when the lead came in."""
TOUCHED_AT = "touched_at"
"""Field of a date: the last contact."""

_ENTRY_FIELDS = tuple(part.name for part in fields(LeadEntry))
_DATES = (FIRST_CONTACT, TOUCHED_AT, CLOSED_AT)
_TEXTS = ("name", "company", "title", "email", "phone", "external_id", "campaign", "note")
_CODED = {
    "source": read_source,
    "consent": read_consent,
    "role": read_role,
    "progress": read_progress,
    "lead_kind": read_lead_kind,
    OUTCOME: read_outcome,
}
_FIELDS = frozenset({*_TEXTS, *_CODED, *THE_SEVEN, *EXTRA_FIELDS, *_DATES})

_CHUNK = 1 << 20


class Fault(StrEnum):
    """What is wrong with a file or a row as such, whoever it is about."""

    NOT_UTF8 = "not_utf8"
    EMPTY = "empty"
    BROKEN_QUOTES = "broken_quotes"
    TOO_MANY_CELLS = "too_many_cells"


class UnreadableFileError(Exception):
    """The file is no CSV that can be read; nothing of it was imported."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(f"unreadable file: {fault}")
        self.fault = fault


@dataclass(frozen=True)
class BadRow:
    """A row that could not be imported. The header is row 1, as a spreadsheet counts; `field` and `value` say where."""

    row: int
    reason: Problem | Fault
    field: str = ""
    value: str = ""
    limit: int | None = None


@dataclass(frozen=True)
class FileRow:
    """A row as the file has it: texts by field, and by heading where no field takes them; empty cells are left out."""

    row: int
    fields: dict[str, str]
    extra: dict[str, str]


@dataclass(frozen=True)
class ImportSummary:
    """What an import did: `known` rows are about leads that were there already. `bad` names the first of `bad_count`."""

    added: int = 0
    known: int = 0
    bad: tuple[BadRow, ...] = ()
    bad_count: int = 0


def import_file(
    database: Database,
    workspace_id: int,
    path: Path,
    mapping: Mapping[str, str],
    now: datetime,
    member_id: int | None = None,
) -> ImportSummary:
    """Import the leads of a file in short transactions; `member_id` is who takes care of them, None for nobody.

    A row is known, and passed over, when a lead has its external id or e-mail address, or its phone number and name, or,
    where it gives none of these, its name and company. So the same file again adds nothing, and an import that was
    interrupted is finished by starting it again.

    Raises:
        UnreadableFileError: the file is not UTF-8 or empty.
        InputError: UNKNOWN_FIELD, the mapping names a column or a field that does not exist.
        BusyError: the database is away; what was imported until then stays.
    """
    with database.read() as session:
        workspace = get_workspace(session, workspace_id)
    blank = new_lead(LeadEntry(), workspace, 0, member_id, now).model_dump()
    summary = ImportSummary()
    rows = read_rows(path, mapping)
    while batch := list(islice(rows, BATCH)):
        prepared = [_prepared(row, workspace, now, blank) for row in batch]
        prepared = _without_forgotten(database, workspace_id, prepared)
        found = [row for row in prepared if isinstance(row, _Prepared)]
        bad = [row for row in prepared if isinstance(row, BadRow)]
        added = _save(database, workspace_id, found, now) if found else 0
        _tell_planner(database, summary.added, summary.added + added)
        summary = ImportSummary(
            summary.added + added,
            summary.known + len(found) - added,
            (*summary.bad, *bad)[:BAD_KEPT],
            summary.bad_count + len(bad),
        )
    return summary


def read_mapping(pairs: Iterable[str]) -> dict[str, str]:
    """Read `COLUMN=FIELD` pairs, as `bot.py import --map` takes them.

    Raises:
        InputError: UNKNOWN_FIELD, a pair has no `=`.
    """
    mapping = {}
    for pair in pairs:
        column, sign, name = pair.rpartition("=")
        if not sign:
            raise InputError(Problem.UNKNOWN_FIELD, "map", pair)
        mapping[column.strip()] = name.strip()
    return mapping


def read_rows(path: Path, mapping: Mapping[str, str]) -> Iterator[FileRow | BadRow]:
    """Read a CSV file in UTF-8 (with a byte order mark or without) whose first row is a header, one row at a time.

    A row with an open quotation mark is bad by itself: the next one begins on the next line.

    Raises:
        UnreadableFileError, InputError: as `import_file`, before the first row.
    """
    _require_utf8(path)
    with path.open(encoding="utf-8-sig", newline="") as file:
        records = _records(file)
        header = next(records, None)
        if not isinstance(header, list):
            raise UnreadableFileError(Fault.EMPTY if header is None else header)
        columns = _columns(header, mapping)
        for row, record in enumerate(records, start=2):
            if isinstance(record, Fault):
                yield BadRow(row, record)
            elif len(record) > len(columns) and any(record[len(columns) :]):
                yield BadRow(row, Fault.TOO_MANY_CELLS)
            elif any(record):
                yield _file_row(row, record, columns)


@dataclass(frozen=True)
class _Column:
    heading: str
    field: str


_Identity = tuple[str, str, str]
"""A kind of `_COLUMNS`, its key, and what must be the same with it."""

_COLUMNS = {
    "external_id": col(Lead.external_id),
    "email": col(Lead.email_key),
    "phone": col(Lead.phone_key),
    "name": col(Lead.name_key),
}


@dataclass(frozen=True)
class _Prepared:
    """A row on its way to becoming a lead: everything is done that takes no look at the database."""

    row: int
    values: dict[str, Any]
    identities: frozenset[_Identity]

    @property
    def identified_by(self) -> frozenset[_Identity]:
        """What tells whether it is known: name and company only where there is nothing better."""
        better = frozenset(identity for identity in self.identities if identity[0] != "name")
        return better or self.identities


@dataclass
class _Lines:
    """The lines of a file, which can be read again from the second line of the record that was begun last."""

    source: Iterator[str]
    taken: list[str] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = self.waiting.pop() if self.waiting else next(self.source)
        self.taken.append(line)
        return line

    def step_back(self) -> None:
        self.waiting.extend(reversed(self.taken[1:]))


def _require_utf8(path: Path) -> None:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        raise UnreadableFileError(Fault.NOT_UTF8) from None


def _records(file: Iterable[str]) -> Iterator[list[str] | Fault]:
    lines = _Lines(iter(file))
    # Not strict, a quotation mark that is never closed would swallow the rows after it in silence.
    reader = csv.reader(lines, strict=True)
    while True:
        lines.taken.clear()
        try:
            yield next(reader)
        except StopIteration:
            return
        except csv.Error:
            lines.step_back()
            yield Fault.BROKEN_QUOTES


def _columns(header: list[str], mapping: Mapping[str, str]) -> list[_Column]:
    """Return for every column its heading and its field, empty where it has none; a field is taken once."""
    headings = [heading.strip() or f"column {place}" for place, heading in enumerate(header, start=1)]
    for heading, name in mapping.items():
        if heading not in headings:
            raise InputError(Problem.UNKNOWN_FIELD, "column", heading)
        if _field(name) is None:
            raise InputError(Problem.UNKNOWN_FIELD, "field", name, nearest=nearest_field(name))
    wanted = {heading: _field(name) or "" for heading, name in mapping.items()}
    taken = set(wanted.values())
    columns: list[_Column] = []
    for heading in headings:
        name = wanted.pop(heading, "")
        if not name:
            name = read_field(heading) or read_history_field(heading) or ""
            name = "" if name in taken else name
        taken.add(name)
        columns.append(_Column(_unused(heading, columns), name))
    return columns


def _field(name: str) -> str | None:
    return name if name in _FIELDS else read_field(name) or read_history_field(name)


def _unused(heading: str, columns: list[_Column]) -> str:
    count = sum(column.heading.partition(" (")[0] == heading for column in columns)
    return f"{heading} ({count + 1})" if count else heading


def _file_row(row: int, record: list[str], columns: list[_Column]) -> FileRow:
    fields: dict[str, str] = {}
    extra: dict[str, str] = {}
    for column, cell in zip(columns, record, strict=False):
        if text := typed_cell(cell.replace("\0", "").strip()):
            code = _code(column.field, text)
            if code and column.field not in fields:
                fields[column.field] = code
            else:
                extra[column.field if column.field in EXTRA_FIELDS else column.heading] = text
    return FileRow(row, fields, extra)


def _code(name: str, text: str) -> str:
    """Return what the field holds of the text: the code of a closed set's word; empty for what it cannot take."""
    if name in _CODED:
        return _CODED[name](text) or ""
    return text if name and name not in EXTRA_FIELDS else ""


def _prepared(row: FileRow | BadRow, workspace: Workspace, now: datetime, blank: dict[str, Any]) -> _Prepared | BadRow:
    if isinstance(row, BadRow):
        return row
    try:
        return _Prepared(row.row, *_prepare(row, workspace, now, blank))
    except InputError as error:
        return BadRow(row.row, error.problem, error.field, error.value, error.limit)


def _prepare(
    row: FileRow, workspace: Workspace, now: datetime, blank: dict[str, Any]
) -> tuple[dict[str, Any], frozenset[_Identity]]:
    entry = check_entry(_entry(row), workspace.country)
    seven = {name: row.fields[name] for name in THE_SEVEN if name in row.fields}
    _check_lengths(seven, row.extra)
    created_at = _instant(row, FIRST_CONTACT, workspace, now) or now
    touched_at = _instant(row, TOUCHED_AT, workspace, now)
    dormant_at = (touched_at or created_at) + timedelta(days=dormant_days(workspace, Stage.INQUIRY, entry.kind) or 0)
    role = DecisionRole(seven["role"]) if "role" in seven else None
    values = {
        **blank,
        **{name: getattr(entry, name) for name in _ENTRY_FIELDS},
        **keys_of(entry.name, entry.company, entry.email, entry.phone, workspace.country),
        **seven,
        "source": entry.source or blank["source"],
        "consent_at": None if entry.consent is Consent.UNKNOWN else now,
        "rules_version": scoring.version_of(workspace),
        "fit_points": scoring.fit_points(entry, role, scoring.rules_of(workspace)),
        "created_at": created_at,
        "last_touch_at": touched_at,
        # Whoever has long been asleep is not news: nobody is told of what happened before the import.
        "dormant_at": dormant_at if dormant_at > now else None,
        "dormant_since": None if dormant_at > now else dormant_at,
    }
    if OUTCOME in row.fields:
        closed_at = _instant(row, CLOSED_AT, workspace, now) or now
        values |= closing_values(row.fields[OUTCOME], closed_at, created_at)
    keys = (values["external_id"], values["email_key"], values["phone_key"], values["name_key"])
    return values, _identities(*keys, entry.company)


def _entry(row: FileRow) -> LeadEntry:
    given = row.fields
    return LeadEntry(
        **{name: given[name] for name in _TEXTS if name in given},
        source=Source(given["source"]) if "source" in given else None,
        consent=Consent(given.get("consent", Consent.UNKNOWN)),
        kind=LeadKind(given.get("lead_kind", LeadKind.PROSPECT)),
        extra=row.extra,
    )


def _check_lengths(seven: dict[str, str], extra: dict[str, str]) -> None:
    for texts, limits in ((seven, MAX_LENGTHS), (extra, dict[str, int]())):
        for name, text in texts.items():
            limit = limits.get(name, CELL_MAX)
            if len(text) > limit:
                raise InputError(Problem.TOO_LONG, name, text, limit=limit)


def _instant(row: FileRow, name: str, workspace: Workspace, now: datetime) -> datetime | None:
    text = row.fields.get(name)
    if not text:
        return None
    zone = ZoneInfo(workspace.timezone)
    try:
        at = datetime.fromisoformat(text)
        at = at if at.tzinfo else at.replace(tzinfo=zone)
    except ValueError:
        at = read_instant(text, now, zone, past=True, field=name).at
    if at > now:
        raise InputError(Problem.FUTURE_DATE, name, text)
    return at


def _without_forgotten(
    database: Database, workspace_id: int, rows: list[_Prepared | BadRow]
) -> list[_Prepared | BadRow]:
    """Return the rows, with a refusal in the place of each that is about somebody who asked to be forgotten."""
    tells = {tell for row in rows if isinstance(row, _Prepared) for tell in tells_of(row.values)}
    with database.read() as session:
        forgotten = forgotten_among(session, workspace_id, tells)

    def is_refused(row: _Prepared | BadRow) -> bool:
        return isinstance(row, _Prepared) and not forgotten.isdisjoint(tells_of(row.values))

    return [BadRow(row.row, Problem.FORGOTTEN) if is_refused(row) else row for row in rows] if forgotten else rows


def _save(database: Database, workspace_id: int, rows: list[_Prepared], now: datetime) -> int:
    """Store the rows that are about nobody known, in one transaction, and return how many."""
    for attempt in range(1, TRIES + 1):
        try:
            with database.write() as session:
                return _save_unknown(session, workspace_id, rows, now)
        except BusyError:
            # Others had their turn meanwhile; a file should not have to start again for that.
            if attempt == TRIES:
                raise
    return 0


def _tell_planner(database: Database, before: int, after: int) -> None:
    """Have PostgreSQL count the leads each time that they have doubled.

    It checks a row's references by a plan made while the table was empty, which reads every lead of the workspace for
    each: 8,000 rows took 22 s.
    """
    if database.engine.dialect.name == "postgresql" and after.bit_length() > before.bit_length():
        with database.write() as session:
            session.connection().exec_driver_sql("ANALYZE lead")


def _save_unknown(session: Session, workspace_id: int, rows: list[_Prepared], now: datetime) -> int:
    # Whoever adds a lead takes a number first. Taking none holds the counter, so nobody adds what we are looking for.
    next_numbers(session, workspace_id, 0)
    new = _unknown(session, workspace_id, rows)
    if not new:
        return 0
    first = next_numbers(session, workspace_id, len(new))
    leads = [{**row.values, "id": new_id(), "number": number} for number, row in enumerate(new, start=first)]
    # What is empty in all of them is left to the database: half of the columns.
    filled = {name for lead in leads for name, value in lead.items() if value is not None}
    session.execute(insert(session, Lead), [{name: lead[name] for name in filled} for lead in leads])
    index_leads(session, workspace_id, [(lead["id"], lead["search_text"]) for lead in leads])
    session.execute(insert(session, Change), [_change(lead, now) for lead in leads])
    if answers := [_answer(lead, now) for lead in leads if lead["consent"] is not Consent.UNKNOWN]:
        session.execute(insert(session, ConsentRecord), answers)
    return len(new)


def _answer(lead: dict[str, Any], now: datetime) -> dict[str, Any]:
    return consent_values(lead["workspace_id"], lead["id"], ConsentEntry(lead["consent"]), None, now)


def _change(lead: dict[str, Any], now: datetime) -> dict[str, Any]:
    # By nobody: `/lead undo` takes back one's own last slip, and an import is not one.
    return {
        "workspace_id": lead["workspace_id"],
        "id": new_id(),
        "lead_id": lead["id"],
        "lead_number": lead["number"],
        "kind": ChangeKind.ADDED,
        "before": {},
        "at": now,
    }


def _unknown(session: Session, workspace_id: int, rows: list[_Prepared]) -> list[_Prepared]:
    """Return the rows that are about no lead of the workspace, nor about the same as a row before them."""
    known = _known(session, workspace_id, {identity for row in rows for identity in row.identified_by})
    new = []
    for row in rows:
        if known.isdisjoint(row.identified_by):
            new.append(row)
        known |= row.identities
    return new


def _known(session: Session, workspace_id: int, asked: set[_Identity]) -> set[_Identity]:
    """Return the identities of every lead that has one of those asked for."""
    known: set[_Identity] = set()
    for kind, column in _COLUMNS.items():
        if keys := sorted({identity[1] for identity in asked if identity[0] == kind}):
            # A query for each index: with OR between them, PostgreSQL reads the whole table.
            query = select(*_COLUMNS.values(), col(Lead.company))
            for lead in session.execute(query.where(col(Lead.workspace_id) == workspace_id, column.in_(keys))):
                known |= _identities(lead.external_id, lead.email_key, lead.phone_key, lead.name_key, lead.company)
    return known


def _identities(
    external_id: str | None, email_key: str | None, phone_key: str | None, name_key: str, company: str
) -> frozenset[_Identity]:
    """Return everything by which a lead can be recognised; its phone number only with its name: colleagues share one."""
    found = {
        ("external_id", external_id, ""),
        ("email", email_key, ""),
        ("phone", phone_key, name_key),
        ("name", name_key, fold_name(company)),
    }
    return frozenset((kind, key, with_it) for kind, key, with_it in found if key)
