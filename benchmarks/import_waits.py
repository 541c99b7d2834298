"""How long the transactions of an import hold the database, and how commands are answered while one runs."""

import statistics
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from pathlib import Path

from sqlalchemy import func, select
from sqlmodel import Session, col

from benchmarks.commands import started_bot
from benchmarks.scale import ACK_BUDGET_MS, add_ms
from benchmarks.table import Comparison
from bot import Bot
from models.database import Database, make_engine
from models.import_run import ImportRun, ImportState
from models.lead import Lead
from models.schema import migrate
from models.workspace import Workspace
from services import import_runs, import_steps
from services.import_steps import Work
from services.imports import import_file

NOW = datetime(2026, 11, 24, tzinfo=UTC)
BATCH_BUDGET_MS = 100.0
WORKSPACE = 1


class TimedDatabase(Database):
    """A database that notes how long each transaction that writes lasts, its commit included, in milliseconds."""

    def __init__(self, url: str) -> None:
        engine = make_engine(url)
        migrate(engine)
        super().__init__(engine)
        self.lengths: list[float] = []

    @contextmanager
    def write(self) -> Iterator[Session]:
        began = 0.0
        with super().write() as session:
            began = time.perf_counter()
            yield session
        self.lengths.append((time.perf_counter() - began) * 1000)

    def take_lengths(self) -> list[float]:
        """Return the lengths since the last time."""
        lengths, self.lengths = self.lengths, []
        return lengths


def batches(url: str, folder: Path, rows: int) -> list[Comparison]:
    """Import people, then more of the same people, take both back, and compare the slowest batches with their budget."""
    database = TimedDatabase(url)
    with database.write() as session:
        session.add(Workspace(id=WORKSPACE, slack_id="T1", created_at=NOW))
    first, more = folder / "first.csv", folder / "more.csv"
    _write(first, rows, "会社名,氏名,TEL", lambda n: f"株式会社 会社{n % 4999},山田 {n},{_phone(n)}")
    _write(more, rows, "氏名,TEL,部署,役職,E-mail,アンケート",
           lambda n: f"山田 {n},{_phone(n)},営業部,部長,p{n}@c{n % 997}.example,倉庫が手狭")  # fmt: skip
    comparisons = []
    for what, file in (("new people", first), ("more of the same people", more)):
        database.take_lengths()
        import_file(database, WORKSPACE, file, {}, NOW)
        comparisons.append(_slowest(f"batches of {rows:,} rows, {what}", database.take_lengths()))
    for what in ("what was added", "who was new"):
        _take_back(database)
        comparisons.append(_slowest(f"batches of taking back {what}", database.take_lengths()))
    database.engine.dispose()
    return comparisons


def _write(file: Path, rows: int, header: str, row: Callable[[int], str]) -> None:
    with file.open("w", encoding="utf-8") as out:
        out.write(header + "\n")
        out.writelines(row(number) + "\n" for number in range(rows))


def _phone(number: int) -> str:
    return f"03-{number // 10_000:04d}-{number % 10_000:04d}"


def preview(database: Database, file: Path) -> None:
    """Read a file and count what an import of it would do, as a job does for a form."""
    work = Work(database, lambda: NOW)
    run = work.patiently(lambda session: import_runs.begin_here(session, WORKSPACE, None, file.name, {}, NOW))
    with file.open("rb") as content:
        import_steps.keep_file(work, run, content)
    import_steps.read_file(work, run)
    with database.read() as session:
        if session.get_one(ImportRun, (WORKSPACE, run.id)).state is not ImportState.READY:
            raise RuntimeError("the file could not be read")


def _take_back(database: TimedDatabase) -> None:
    """Take the last import that is not taken back yet back."""
    with database.write() as session:
        done = select(ImportRun).where(
            col(ImportRun.finished_at).is_not(None), col(ImportRun.state) != ImportState.UNDONE
        )
        import_runs.undo_import(session, session.scalars(done.order_by(col(ImportRun.id).desc())).all()[0], NOW)
    with database.write() as session:
        leased = import_runs.lease_due(session, WORKSPACE, datetime.now(UTC))
    if leased is None or not import_steps.take_back(Work(database, lambda: NOW), leased):
        raise RuntimeError("nothing was taken back")


def _slowest(what: str, lengths: Sequence[float]) -> Comparison:
    slow = statistics.quantiles(lengths, n=100)[98]
    return Comparison(f"{what}, p99 / budget", "ms", [slow], [BATCH_BUDGET_MS], 1.0)


def commands(folder: Path, file: Path, rows: int, database_url: str, *, beside: bool) -> list[Comparison]:
    """Import a file in a running bot, or in a process beside it, and dispatch `/lead add` without a pause meanwhile."""
    with started_bot(folder, database_url) as bot:
        waits = _waits_during(bot, _process(database_url, bot, file) if beside else _thread(bot, file))
    where = "beside the bot" if beside else "in the bot"
    percentiles = statistics.quantiles(waits, n=100)
    what = f"/lead add while {rows:,} rows are imported {where}"
    return [
        Comparison(f"{what}, {name} of {len(waits):,} / budget", "ms", [percentiles[at - 1]], [ACK_BUDGET_MS], 1.0)
        for name, at in (("p50", 50), ("p99", 99))
    ]


def _waits_during(bot: Bot, importing: threading.Thread | BaseProcess) -> list[float]:
    waits: list[float] = []
    importing.start()
    while importing.is_alive():
        waits.append(add_ms(bot))
    importing.join()
    with bot.database.read() as session:
        counted = select(col(Lead.import_id).is_(None), func.count()).group_by(col(Lead.import_id).is_(None))
        counts = {bool(row[0]): row[1] for row in session.execute(counted)}
    # Who is told that the database is busy has an answer too.
    if counts.get(True) != len(waits) or not counts.get(False):
        raise RuntimeError(f"not everybody was saved: {counts}, {len(waits)} typed")
    return waits


def _thread(bot: Bot, file: Path) -> threading.Thread:
    return threading.Thread(target=import_file, args=(bot.database, bot.workspace_id, file, {}, NOW))


def _process(url: str, bot: Bot, file: Path) -> BaseProcess:
    return get_context("spawn").Process(target=_import_beside, args=(url, bot.workspace_id, file))


def _import_beside(url: str, workspace_id: int, file: Path) -> None:
    import_file(Database(make_engine(url)), workspace_id, file, {}, NOW)
