"""What a job does for an import, in short transactions: read the file, write its rows, take them back.

Every transaction renews the job's lease and writes where it stopped; whoever comes after a kill goes on from there.
"""

import hashlib
import tempfile
import time
from collections import Counter as Tally
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import islice
from typing import Any, BinaryIO, TypeVar, cast

from sqlmodel import Session

from models.database import Database
from models.errors import BusyError, Problem
from models.facts import LeadEntry
from models.import_chunk import CHUNK_BYTES
from models.import_run import Fate, Fault, ImportRun, ImportState
from services import import_chunks, import_runs, import_undo
from services.files.opening import open_sheet
from services.files.records import BadRow, Record, Sheet, UnreadableFileError
from services.import_batches import BATCH, Batch, Forecast, save_batch
from services.import_known import known_leads, without_forgotten
from services.import_rows import Columns, PreparedRow, Preparer, columns_of, guessed_by_content, read_row
from services.leads import new_lead
from services.pace import next_size
from services.workspaces import get_workspace

Result = TypeVar("Result")

BATCH_SECONDS = 0.03
"""What a batch should take: an idle machine writes 200 new leads in that, a busy one is not to take 100 ms."""
FIRST = 50
"""Rows of the first batch, before it is known how long they take; of an undo, and the fewest of all, `FEWEST`."""
FEWEST, MOST_UNDONE = 10, 100
TRIES = 5
"""How often a batch is tried while the database is busy, about 3 s each."""
SAMPLED = 3
_RENEW_EVERY = timedelta(seconds=5)
_GUESSED_FROM = 20


@dataclass(frozen=True)
class Opened:
    """A file laid open under its columns, and its records, the first not yet taken.

    `is_known`: the very same file was imported before in the same way, so that nothing of it is news.
    """

    sheet: Sheet
    columns: Columns
    records: Iterator[Record | BadRow]
    is_known: bool


@dataclass(frozen=True)
class Work:
    """What the steps work with. `has_to_stop` tells that Baton is about to end: the rest is still due."""

    database: Database
    clock: Callable[[], datetime]
    has_to_stop: Callable[[], bool] = lambda: False

    def patiently(self, do: Callable[[Session], Result]) -> Result:
        """Do something in a transaction of its own, and try again when the database is busy: others had their turn.

        Raises:
            BusyError: it is busy still.
        """
        for _ in range(TRIES - 1):
            with suppress(BusyError), self.database.write() as session:
                return do(session)
        with self.database.write() as session:
            return do(session)


def keep_file(work: Work, run: ImportRun, content: BinaryIO) -> tuple[int, str]:
    """Keep a file with its import, piece by piece; return its size in bytes and its SHA-256."""
    digest, size, place = hashlib.sha256(), 0, 0
    while piece := content.read(CHUNK_BYTES):
        work.patiently(partial(import_chunks.store_chunk, run=run, place=place, content=piece))
        digest.update(piece)
        size, place = size + len(piece), place + 1
    return size, digest.hexdigest()


@contextmanager
def kept_file(work: Work, run: ImportRun) -> Iterator[BinaryIO]:
    """Open the file that is kept with an import.

    Raises:
        UnreadableFileError: GONE, it is kept no longer.
    """
    # Nameless from the beginning: nobody else can open it, and it is gone with the process.
    with tempfile.TemporaryFile() as file:
        place = 0
        while True:
            with work.database.read() as session:
                piece = import_chunks.read_chunk(session, run, place)
            if piece is None:
                break
            file.write(piece)
            place += 1
        if not place:
            raise UnreadableFileError(Fault.GONE)
        yield cast(BinaryIO, file)


def opened(work: Work, run: ImportRun, file: BinaryIO) -> Opened:
    """Lay the file of an import open, with the columns that it was given, or that the last file of its kind was.

    Raises:
        UnreadableFileError, InputError: as `open_sheet` and `columns_of`.
    """
    mapping = dict(run.mapping)
    sheet = open_sheet(file, mapping)
    if not mapping:
        with work.database.read() as session:
            mapping = import_runs.remembered_mapping(session, run.workspace_id, sheet.headings)
    columns = columns_of(sheet, mapping)
    head = list(islice(sheet.records, _GUESSED_FROM))
    if not sheet.has_header and not mapping:
        columns = guessed_by_content(columns, [record for record in head if isinstance(record, Record)])
    return Opened(sheet, columns, _chained(head, sheet.records), _is_known(work, run, sheet, columns))


def _is_known(work: Work, run: ImportRun, sheet: Sheet, columns: Columns) -> bool:
    with work.database.read() as session:
        earlier = import_runs.earlier_import(session, run)
    if earlier is None or import_runs.for_all_of(earlier) != import_runs.for_all_of(run):
        return False
    return columns_of(sheet, earlier.mapping).mapping == columns.mapping


def _chained(head: list[Record | BadRow], rest: Iterator[Record | BadRow]) -> Iterator[Record | BadRow]:
    yield from head
    yield from rest


def preparer(work: Work, run: ImportRun, columns: Columns) -> tuple[Preparer, Batch]:
    """Return what makes leads of the rows, and what all of its batches have in common."""
    with work.database.read() as session:
        workspace = get_workspace(session, run.workspace_id)
    now = work.clock()
    blank = new_lead(LeadEntry(), workspace, 0, run.member_id, now).model_dump()
    return Preparer(workspace, blank, columns, import_runs.for_all_of(run), now), Batch(
        workspace, run.id, now, run.consent_basis
    )


def read_file(work: Work, run: ImportRun) -> None:
    """Read the whole file, count what an import of it would do, and show that; nothing of it is written.

    A file that cannot be read ends the import.
    """
    try:
        with kept_file(work, run) as file:
            found = _forecast(work, run, opened(work, run, file))
    except UnreadableFileError as error:
        found = {"state": ImportState.FAILED, "fault": error.fault.value, "fault_row": error.row}
    if found is not None:
        finish(work, run, **found)


def _forecast(work: Work, run: ImportRun, file: Opened) -> dict[str, Any] | None:
    prepare, batch = preparer(work, run, file.columns)
    forecast, bad, sample = Forecast(), Tally[str](), list[list[str]]()
    lease = Lease(work, run)
    while records := list(islice(file.records, BATCH)):
        prepared = _read_batch(work, run, prepare, records, file.columns)
        shown = [record.cells for record in _shown(records, prepared) if isinstance(record, Record)]
        sample += shown[: SAMPLED - len(sample)]
        rows = [row for row in prepared if isinstance(row, PreparedRow)]
        bad.update(row.field or row.reason.value for row in prepared if isinstance(row, BadRow))
        if file.is_known:
            forecast.counts[Fate.KNOWN] += len(rows)
        else:
            with work.database.read() as session:
                forecast.add(known_leads(session, run.workspace_id, rows), rows, batch.workspace)
        if not lease.is_renewed():
            return None
    sheet, export = file.sheet, file.columns.export
    layout = {"format": sheet.format.value, "encoding": sheet.encoding, "headings": file.columns.headings,
              "has_header": sheet.has_header, "export": export.name if export else ""}  # fmt: skip
    return {
        "state": ImportState.READY, "layout": layout, "mapping": file.columns.mapping, "sample": sample,
        "planned": {**forecast.counts, Fate.BAD: bad.total()}, "bad": dict(bad),
        **({"drops_file": True} if bad[Problem.FORGOTTEN] else {}),
    }  # fmt: skip


def _read_batch(
    work: Work, run: ImportRun, prepare: Preparer, records: Sequence[Record | BadRow], columns: Columns
) -> list[PreparedRow | BadRow]:
    rows = [prepare.prepared(read_row(record, columns)) for record in records]
    with work.database.read() as session:
        return without_forgotten(session, run.workspace_id, rows)


def _shown(records: Sequence[Record | BadRow], rows: Sequence[PreparedRow | BadRow]) -> Iterator[Record | BadRow]:
    """Yield the records that may be shown: not those of people who asked to be forgotten."""
    for record, row in zip(records, rows, strict=True):
        if not _is_forgotten(row):
            yield record


def _is_forgotten(row: PreparedRow | BadRow) -> bool:
    return isinstance(row, BadRow) and row.reason is Problem.FORGOTTEN


class Lease:
    """The lease of a step that writes nothing for long: renewed every few seconds."""

    def __init__(self, work: Work, run: ImportRun) -> None:
        self._work, self._run, self._renewed_at = work, run, datetime.now(UTC)

    def is_renewed(self) -> bool:
        """Tell whether to go on: the import is still this process's, and Baton runs on."""
        now = datetime.now(UTC)
        if self._work.has_to_stop():
            return False
        if now - self._renewed_at < _RENEW_EVERY:
            return True
        self._renewed_at = now
        with self._work.database.write() as session:
            return import_runs.hold(session, self._run, now) is not None


def finish(work: Work, run: ImportRun, **values: Any) -> bool:
    """Write the end of a step, give the lease back and have the message show it; False when it was taken over."""
    with work.database.write() as session:
        current = import_runs.hold(session, run, datetime.now(UTC))
        if current is None:
            return False
        if current.drops_file and not run.drops_file:
            # Somebody was forgotten while the file was read: they may stand in its first rows.
            values["sample"] = []
        for name, value in values.items():
            setattr(current, name, value)
        import_runs.let_go(current)
        session.add(current)
        import_chunks.drop_file(session, current)
        import_runs.want_note(session, current, work.clock())
    return True


def postpone(work: Work, run: ImportRun, pause: timedelta) -> None:
    """Give the lease of an import back and try its step again later."""
    with work.database.write() as session:
        current = import_runs.hold(session, run, datetime.now(UTC))
        if current is not None:
            current.lease, current.leased_until, current.due_at = None, None, datetime.now(UTC) + pause
            session.add(current)


def write_kept_rows(work: Work, run: ImportRun) -> bool:
    """Write the rows of a kept file that are not written yet. Raises as `kept_file`."""
    with kept_file(work, run) as file:
        return write_rows(work, run, file)


def write_rows(
    work: Work, run: ImportRun, source: BinaryIO, hear: Callable[[BadRow], None] = lambda _row: None
) -> bool:
    """Write the rows of a file that are not written yet, batch by batch; True when the last one is.

    `hear` is told of each row that cannot be read.
    """
    file = opened(work, run, source)
    prepare, batch = preparer(work, run, file.columns)
    records, size = islice(file.records, run.position, None), FIRST
    while taken := list(islice(records, size)):
        prepared = [prepare.prepared(read_row(record, file.columns)) for record in taken]
        before = run.done.get(Fate.NEW, 0)
        write = partial(_write_batch, work=work, run=run, batch=None if file.is_known else batch, prepared=prepared)
        began = time.monotonic()
        written = work.patiently(write)
        if written is None:
            return False
        size = next_size(size, time.monotonic() - began, BATCH_SECONDS, FEWEST, BATCH)
        run, rows = written
        for row in rows:
            if isinstance(row, BadRow):
                hear(row)
        _tell_planner(work.database, before, run.done.get(Fate.NEW, 0))
        if work.has_to_stop():
            return False
    return finish(work, run, state=ImportState.DONE, finished_at=work.clock(), sample=[])


def _write_batch(
    session: Session, work: Work, run: ImportRun, batch: Batch | None, prepared: list[PreparedRow | BadRow]
) -> tuple[ImportRun, list[PreparedRow | BadRow]] | None:
    """Write the next rows (without a batch: only count them) and where they end; return them as they were taken.

    None when the import was stopped or taken over.
    """
    now = datetime.now(UTC)
    current = import_runs.hold(session, run, now)
    if current is None:
        return None
    # In the same transaction: somebody may just be forgotten.
    prepared = without_forgotten(session, run.workspace_id, prepared)
    current.drops_file = current.drops_file or any(map(_is_forgotten, prepared))
    rows = [row for row in prepared if isinstance(row, PreparedRow)]
    counts = save_batch(session, batch, rows) if rows and batch else Tally({Fate.KNOWN: len(rows)})
    counts[Fate.BAD] = len(prepared) - len(rows)
    current.done = {fate.value: current.done.get(fate, 0) + counts[fate] for fate in Fate}
    current.position += len(prepared)
    if current.told_at is None or now - current.told_at >= timedelta(seconds=import_runs.TOLD_SECONDS):
        current.told_at = now
        import_runs.want_note(session, current, work.clock())
    session.add(current)
    return current, prepared


def _tell_planner(database: Database, before: int, after: int) -> None:
    """Have PostgreSQL count the leads each time that they have doubled.

    It checks a row's references by a plan made while the table was empty, which reads every lead of the workspace for
    each: 8,000 rows took 22 s.
    """
    if database.engine.dialect.name == "postgresql" and after.bit_length() > before.bit_length():
        with database.write() as session:
            session.connection().exec_driver_sql("ANALYZE lead")


def take_back(work: Work, run: ImportRun) -> bool:
    """Take an import back, batch by batch; True when there is nothing more to take back."""
    size = FEWEST
    while True:
        began = time.monotonic()
        with work.database.write() as session:
            current = import_runs.hold(session, run, datetime.now(UTC))
            if current is None:
                return False
            is_over = import_undo.undo_batch(session, current, size, work.clock())
            session.add(current)
        run, size = current, next_size(size, time.monotonic() - began, BATCH_SECONDS, FEWEST, MOST_UNDONE)
        if is_over:
            return finish(work, run, state=ImportState.UNDONE)
        if work.has_to_stop():
            return False


def unreadable_rows(work: Work, run: ImportRun) -> Iterator[tuple[BadRow, list[str]]]:
    """Yield what could not be read of an import, each with its cells as they stand in the file.

    Of people who asked to be forgotten only the row's number.

    Raises:
        UnreadableFileError: GONE, the file is kept no longer.
    """
    with kept_file(work, run) as file:
        laid = opened(work, run, file)
        prepare, _ = preparer(work, run, laid.columns)
        while records := list(islice(laid.records, BATCH)):
            for record, row in zip(records, _read_batch(work, run, prepare, records, laid.columns), strict=True):
                if isinstance(row, BadRow):
                    cells = record.cells if isinstance(record, Record) else [row.value]
                    yield row, [] if _is_forgotten(row) else cells
