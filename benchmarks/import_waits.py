"""How long the transactions of an import hold the database, and how commands are answered while one runs."""

import statistics
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from sqlmodel import Session, col, select

from benchmarks.commands import started_bot
from benchmarks.scale import ACK_BUDGET_MS, add_ms
from benchmarks.table import Comparison
from models.database import Database, make_engine
from models.import_run import ImportRun
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


def _take_back(database: TimedDatabase) -> None:
    """Take the last import that is not taken back yet back."""
    with database.write() as session:
        done = select(ImportRun).where(col(ImportRun.finished_at).is_not(None), col(ImportRun.state) != "undone")
        import_runs.undo_import(session, session.exec(done.order_by(col(ImportRun.id).desc())).all()[0], NOW)
    with database.write() as session:
        leased = import_runs.lease_due(session, WORKSPACE, datetime.now(UTC))
    if leased is None or not import_steps.take_back(Work(database, lambda: NOW), leased):
        raise RuntimeError("nothing was taken back")


def _slowest(what: str, lengths: Sequence[float]) -> Comparison:
    slow = statistics.quantiles(lengths, n=100)[98]
    return Comparison(f"{what}, p99 / budget", "ms", [slow], [BATCH_BUDGET_MS], 1.0)


def commands(folder: Path, file: Path, rows: int, database_url: str = "") -> list[Comparison]:
    """Import a file in a running bot, and dispatch `/lead add` again and again meanwhile."""
    waits: list[float] = []
    with started_bot(folder, database_url) as bot:
        importing = threading.Thread(target=lambda: import_file(bot.database, bot.workspace_id, file, {}, NOW))
        importing.start()
        while importing.is_alive():
            waits.append(add_ms(bot))
        importing.join()
    percentiles = statistics.quantiles(waits, n=100)
    during = f"/lead add while {rows:,} rows are imported"
    return [
        Comparison(f"{during}, {name} of {len(waits):,} / budget", "ms", [percentiles[at - 1]], [ACK_BUDGET_MS], 1.0)
        for name, at in (("p50", 50), ("p99", 99))
    ]
