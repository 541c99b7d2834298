"""Leads from a CSV file: every row that can be read is in, every other is named with its reason.

A column goes where `mapping` says, else where its heading says; what finds no field is kept in the lead's `extra` under
its heading. History alerts nobody: what should be dormant already is, and nothing becomes due by being imported.
"""

import codecs
import csv
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import islice
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import insert, select
from sqlmodel import Session, col

from models.base import new_id
from models.database import Database
from models.errors import InputError, LeadError, Problem
from models.facts import LeadEntry
from models.lead import MAX_LENGTHS, THE_SEVEN, Consent, DecisionRole, Lead
from models.records import Change, ChangeKind
from models.workspace import Workspace
from services import scoring
from services.dates import read_instant
from services.exports import typed_cell
from services.identity import fold
from services.leads import check_entry, keys_of, new_lead, next_numbers
from services.vocabulary import (
    EXTRA_FIELDS,
    nearest_field,
    read_consent,
    read_field,
    read_progress,
    read_role,
    read_source,
)
from services.workspaces import get_workspace

BATCH = 300
"""Rows in a transaction. SQLite has one writer: a batch holds it for less than 100 ms."""
CELL_MAX = 8000
"""Characters of a cell that no field bounds."""
BAD_KEPT = 1000
"""Bad rows that a summary names; it counts them all."""

FIRST_CONTACT = "first_contact"
"""Field of a date: when the lead came in."""
TOUCHED_AT = "touched_at"
"""Field of a date: the last contact."""

_DATES = (FIRST_CONTACT, TOUCHED_AT)
_TEXTS = ("name", "company", "title", "email", "phone", "external_id", "campaign", "note")
_CODED = {"source": read_source, "consent": read_consent, "role": read_role, "progress": read_progress}
_FIELDS = frozenset({*_TEXTS, *_CODED, *THE_SEVEN, *EXTRA_FIELDS, *_DATES})

_CHUNK = 1 << 20


class Fault(StrEnum):
    """What is wrong with a file or a row as such, whoever it is about."""

    NOT_UTF8 = "not_utf8"
    EMPTY = "empty"
    BROKEN_QUOTES = "broken_quotes"
    TOO_MANY_CELLS = "too_many_cells"


class UnreadableFileError(LeadError):
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
    summary = ImportSummary()
    rows = read_rows(path, mapping)
    while batch := list(islice(rows, BATCH)):
        prepared = [_prepared(row, workspace, now) for row in batch]
        found = [row for row in prepared if isinstance(row, _Prepared)]
        bad = [row for row in prepared if isinstance(row, BadRow)]
        with database.write() as session:
            added = _save(session, workspace, found, member_id, now) if found else 0
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


@dataclass
class _Prepared:
    """A row on its way to becoming a lead: everything that takes no look at the database is done."""

    values: dict[str, Any]
    company_key: str


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
            name = read_field(heading) or ""
            name = "" if name in taken else name
        taken.add(name)
        columns.append(_Column(_unused(heading, columns), name))
    return columns


def _field(name: str) -> str | None:
    return name if name in _FIELDS else read_field(name)


def _unused(heading: str, columns: list[_Column]) -> str:
    count = sum(column.heading.partition(" (")[0] == heading for column in columns)
    return f"{heading} ({count + 1})" if count else heading


def _file_row(row: int, record: list[str], columns: list[_Column]) -> FileRow:
    fields: dict[str, str] = {}
    extra: dict[str, str] = {}
    for column, cell in zip(columns, record, strict=False):
        if text := typed_cell(cell.replace("\0", "").strip()):
            if column.field and column.field not in EXTRA_FIELDS:
                fields[column.field] = text
            else:
                extra[column.field or column.heading] = text
    return FileRow(row, fields, extra)
