"""Importing a file against writing its very rows by hand, and how memory and answers fare meanwhile.

`python -m benchmarks.imports [--rows N] [--postgres] [--memory | --batches | --commands]` measures alone; `python -m
benchmarks` shows the ratio on SQLite among the others.
"""

import argparse
import gc
import os
import random
import resource
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import text

from benchmarks import import_waits
from benchmarks.table import Comparison, in_turn, lines_of
from models.database import BUSY_TIMEOUT_MS, Database, make_engine
from models.schema import migrate
from models.workspace import Workspace
from services.imports import import_file
from services.search import written as grams

NOW = datetime(2026, 11, 24, tzinfo=UTC)
GOAL = 6.0
"""Times a hand-written executemany (SQLite) or COPY (PostgreSQL) of the same rows into the same tables."""
TABLES = ("lead", "change")


@dataclass(frozen=True)
class Counts:
    """How many rows a file has, and how often each side is measured."""

    rows: int = 20_000
    rounds: int = 3


def write_people(file: Path, count: int) -> None:
    """Write a list as a fair makes it: a fifth of its people once more, some without an address, free columns."""
    dice = random.Random(1)  # noqa: S311  Nothing secret.
    with file.open("w", encoding="utf-8") as out:
        out.write("No.,会社名,氏名,部署,役職,E-mail,TEL,アンケート,製品\n")
        for row in range(count):
            who = row if row % 5 else dice.randrange(row + 1)
            email = f"p{who}@c{who % 997}.example" if who % 7 else ""
            out.write(
                f"{row},株式会社 会社{who % 4999},山田 {who},営業部,{('部長', '課長', '')[who % 3]},{email},"
                f"03-{who // 10_000 % 10_000:04d}-{who % 10_000:04d},倉庫が手狭,{('A', 'B')[who % 2]}\n"
            )


def fresh(url: str) -> Database:
    """Return a database with the tables and a workspace, and nothing else."""
    engine = make_engine(url)
    migrate(engine)
    database = Database(engine)
    with database.write() as session:
        session.add(Workspace(id=1, slack_id="T1", created_at=NOW))
    return database


def import_seconds(
    url: str, file: Path, clock: Callable[[], float] = time.process_time
) -> tuple[float, dict[str, list[tuple[Any, ...]]]]:
    """Import the file into an empty database; return how long that took, and the rows that it wrote."""
    database = fresh(url)
    gc.collect()
    began = clock()
    import_file(database, 1, file, {}, NOW)
    took = clock() - began
    with database.engine.connect() as connection:
        written = {
            name: [tuple(row) for row in connection.execute(text(f"SELECT * FROM {name}"))]  # noqa: S608  Our own.
            for name in TABLES
        }
        if database.engine.dialect.name == "sqlite":
            texts = connection.execute(text("SELECT id, search_text FROM lead"))
            # The index keeps no text of its own that could be read back.
            written["lead_search (rowid, grams)"] = [(row[0], grams(1, row[1], is_sqlite=True)) for row in texts]
        else:
            written["lead_search"] = [tuple(row) for row in connection.execute(text("SELECT * FROM lead_search"))]
    database.engine.dispose()
    return took, written


def by_hand_on_sqlite(file: Path, written: dict[str, list[tuple[Any, ...]]]) -> float:
    """Write the same rows with the sqlite3 module: one transaction, an executemany for each table."""
    fresh(f"sqlite:///{file}").engine.dispose()
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        for setting in (
            f"busy_timeout = {BUSY_TIMEOUT_MS}",
            "journal_mode = WAL",
            "synchronous = FULL",
            "foreign_keys = ON",
        ):
            connection.execute(f"PRAGMA {setting}")
        began = time.process_time()
        connection.execute("BEGIN IMMEDIATE")
        for table, rows in written.items():
            marks = ",".join("?" * len(rows[0]))
            connection.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)  # noqa: S608  Our own names.
        connection.execute("COMMIT")
        return time.process_time() - began


def by_hand_on_postgres(url: str, written: dict[str, list[tuple[Any, ...]]], clock: Callable[[], float]) -> float:
    """Write the same rows with COPY, one transaction."""
    database = fresh(url)
    raw = database.engine.raw_connection()
    began = clock()
    cursor: Any = raw.cursor()
    with cursor:
        for name, rows in written.items():
            with cursor.copy(f"COPY {name} FROM STDIN") as copy:
                for row in rows:
                    copy.write_row([_json(value) for value in row])
    raw.commit()
    took = clock() - began
    raw.close()
    database.engine.dispose()
    return took


def _json(value: Any) -> Any:
    from psycopg.types.json import Json  # noqa: PLC0415  Only PostgreSQL's side needs it.

    return Json(value) if isinstance(value, dict | list) else value


def compare(folder: Path, counts: Counts) -> list[Comparison]:
    """Compare on SQLite, in databases of their own in `folder`."""
    file, kept = folder / "people.csv", dict[str, list[tuple[Any, ...]]]()
    write_people(file, counts.rows)
    numbers = iter(range(10_000))

    def imported() -> float:
        took, written = import_seconds(f"sqlite:///{folder}/import{next(numbers)}.db", file)
        kept.update(written)
        return took

    imported()
    figures = in_turn(
        counts.rounds, {"import": imported, "hand": lambda: by_hand_on_sqlite(folder / f"hand{next(numbers)}.db", kept)}
    )
    what = f"importing {counts.rows:,} rows, matched / an executemany of the same rows"
    return [Comparison(what, "s", figures["import"], figures["hand"], GOAL)]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure as told and print it."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.imports", description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--postgres", action="store_true", help="on a PostgreSQL server of its own; against COPY")
    parser.add_argument("--memory", action="store_true", help="only read and import, and say how much memory that took")
    parser.add_argument("--batches", action="store_true", help="how long transactions last, of an undo too")
    parser.add_argument("--commands", action="store_true", help="how long `/lead add` takes during an import")
    parser.add_argument("--folder", type=Path, default=Path("/var/tmp"))  # noqa: S108  TemporaryDirectory makes its own.
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="baton-bench-", dir=options.folder) as name:
        folder = Path(name)
        if options.memory:
            _say_memory(folder, options.rows)
        else:
            _say(_measured(folder, options))
    return 0


def _measured(folder: Path, options: argparse.Namespace) -> list[Comparison]:
    if options.batches:
        with _database(folder, options) as url:
            return import_waits.batches(url, folder, options.rows)
    if options.commands:
        return _commands(folder, options)
    if options.postgres:
        return _on_postgres(folder, options.rows)
    return compare(folder, Counts(options.rows, options.rounds))


def _commands(folder: Path, options: argparse.Namespace) -> list[Comparison]:
    file, comparisons = folder / "people.csv", list[Comparison]()
    write_people(file, options.rows)
    for beside in (False, True):
        with _database(folder, options) as url:
            comparisons += import_waits.commands(folder, file, options.rows, url, beside=beside)
    return comparisons


@contextmanager
def _database(folder: Path, options: argparse.Namespace) -> Iterator[str]:
    from tests.postgres import fresh_url  # noqa: PLC0415  It starts a server.

    with fresh_url("postgres" if options.postgres else "sqlite", folder) as url:
        yield url


def _say_memory(folder: Path, rows: int) -> None:
    """Preview the file as the form does, and import it as the command line does; say what this process held at most."""
    write_people(folder / "people.csv", rows)
    database = fresh(f"sqlite:///{folder}/import.db")
    before, began = _peak_mb(), time.process_time()
    import_waits.preview(database, folder / "people.csv")
    previewed, read_in = _peak_mb(), time.process_time() - began
    import_file(database, 1, folder / "people.csv", {}, NOW)
    sys.stdout.write(
        f"{rows:,} rows: previewed in {read_in:.0f} s of CPU, at most {previewed} MB; imported in "
        f"{time.process_time() - began - read_in:.0f} s, at most {_peak_mb()} MB ({before} MB before)\n"
    )


def _peak_mb() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def _on_postgres(folder: Path, rows: int) -> list[Comparison]:
    from tests.postgres import fresh_url  # noqa: PLC0415  It starts a server.

    write_people(folder / "people.csv", rows)
    with fresh_url("postgres", folder) as one, fresh_url("postgres", folder) as other:
        clock = _clock_with_server(one)
        took, written = import_seconds(one, folder / "people.csv", clock)
        hand = by_hand_on_postgres(other, written, clock)
    what = f"importing {rows:,} rows on PostgreSQL, matched / COPY of the same rows, CPU of both sides"
    return [Comparison(what, "s", [took], [hand], GOAL)]


def _clock_with_server(url: str) -> Callable[[], float]:
    """Return a clock of the CPU of this process and of the whole server: others on the machine do not count."""
    engine = make_engine(url)
    with engine.connect() as connection:
        server = int(_stat(connection.execute(text("SELECT pg_backend_pid()")).scalar_one())[1])
    engine.dispose()

    def seconds() -> float:
        # What has ended is counted with the server itself, what lives is not yet.
        living = (_stat(int(file.name)) for file in Path("/proc").iterdir() if file.name.isdigit())
        ticks = sum(int(tick) for tick in _stat(server)[11:15])
        ticks += sum(int(tick) for stat in living if stat[1] == str(server) for tick in stat[11:13])
        return time.process_time() + ticks / os.sysconf("SC_CLK_TCK")

    return seconds


def _stat(process: int) -> list[str]:
    """Return the fields of /proc/PID/stat from the third on: state, parent …, user and system ticks, its children's."""
    try:
        return Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    except OSError:
        return ["", ""]


def _say(comparisons: list[Comparison]) -> None:
    sys.stdout.write("\n".join(lines_of(comparisons)) + "\n")


if __name__ == "__main__":
    sys.exit(main())
