"""Leads from a file on this machine: every row that can be read is in, every other is named with its reason.

History alerts nobody: what should be dormant already is, and nothing becomes due by being imported.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from models.database import Database
from models.errors import InputError, Problem
from models.import_run import Fate, ImportRun
from services import import_runs
from services.files.opening import open_sheet
from services.files.records import BadRow, UnreadableFileError
from services.import_rows import columns_of
from services.import_steps import Work, keep_file, write_rows

__all__ = ["BadRow", "ImportSummary", "UnreadableFileError", "import_file", "read_mapping"]

BAD_KEPT = 1000
"""Bad rows that a summary names; it counts them all."""


@dataclass(frozen=True)
class ImportSummary:
    """What an import did: `known` rows are about leads that were there already, `filled` of them added something to one.

    `bad` names the first of `bad_count`.
    """

    added: int = 0
    known: int = 0
    filled: int = 0
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

    A row is known when a lead has its external id or e-mail address, or its phone number and name, or, where it gives
    none of these, its name and company. What a known lead lacks is filled, nothing of it is overwritten. So the same file
    again adds nothing. Once its rows are being written, the file is in the database: when this process is killed, the
    running Baton carries the import to its end.

    Raises:
        UnreadableFileError: the file cannot be read; nothing of it was imported.
        InputError: UNKNOWN_FIELD, the mapping names a column or a field that does not exist.
        BusyError: the database is away; the running Baton goes on with it.
    """
    work = Work(database, lambda: now)
    bad: list[BadRow] = []

    def hear(row: BadRow) -> None:
        if len(bad) < BAD_KEPT:
            bad.append(row)

    with path.open("rb") as file:
        _require_readable(file, mapping)
        file.seek(0)
        run = _confirmed(work, workspace_id, member_id, path.name, file, mapping)
        write_rows(work, run, file, hear)
    with database.read() as session:
        done = session.get_one(ImportRun, (workspace_id, run.id)).done
    known = sum(done.values()) - done.get(Fate.NEW, 0) - done.get(Fate.BAD, 0)
    return ImportSummary(done.get(Fate.NEW, 0), known, done.get(Fate.FILLED, 0), tuple(bad), done.get(Fate.BAD, 0))


def _require_readable(file: BinaryIO, mapping: Mapping[str, str]) -> None:
    """Read the file to its end: what makes it unreadable must show before the first row is written."""
    sheet = open_sheet(file, mapping)
    columns_of(sheet, mapping)
    for _ in sheet.records:
        pass


def _confirmed(
    work: Work, workspace_id: int, member_id: int | None, name: str, file: BinaryIO, mapping: Mapping[str, str]
) -> ImportRun:
    now = work.clock()
    run = work.patiently(lambda session: import_runs.begin_here(session, workspace_id, member_id, name, mapping, now))
    size, digest = keep_file(work, run, file)
    return work.patiently(lambda session: import_runs.confirm_here(session, run, size, digest, now))


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
