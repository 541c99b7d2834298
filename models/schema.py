"""The tables as they stand in a database: brought up to date at start, refused when they are not ours.

Revisions are the files `migrations/versions/NNNN_what.py`, in one line without branches. Alembic is imported only when
one of them is to be run: it costs 100 ms.
"""

import importlib
import pkgutil
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, MetaData, inspect, text
from sqlmodel import SQLModel

import models

MIGRATIONS = Path(__file__).parent.parent / "migrations"

SEARCH_INDEX = "lead_search"
"""The table of the search index, with which the names of its parts begin. Only the revisions make it."""

# Any number will do; it must only be Baton's own among the programs that share a PostgreSQL database.
_LOCK_KEY = 0x4241544F4E
# Another process is migrating: a big table takes its time, and this one has nothing else to do before.
_WAIT_SECONDS = 600
# On PostgreSQL an older process may still be using the tables; longer than this, and everybody queues behind us.
_TABLE_WAIT_SECONDS = 10


class SchemaError(Exception):
    """The tables cannot be used as they stand. The text is one line and says what to do."""


class SchemaNewerError(SchemaError):
    """The tables were made by a Baton that knows more revisions: `found` is theirs, `latest` the last one known here."""

    def __init__(self, found: str, latest: str) -> None:
        super().__init__(
            f"the database is at revision {found} and this Baton knows revisions up to {latest}: "
            "start the newer Baton, or restore the backup made before it first started"
        )
        self.found, self.latest = found, latest


class ForeignTablesError(SchemaError):
    """The database holds tables of our names that no revision of ours made."""

    def __init__(self, tables: Sequence[str]) -> None:
        super().__init__(
            f"the database already holds tables that Baton did not make ({', '.join(tables)}): "
            "set DATABASE_URL to a database of its own"
        )
        self.tables = tuple(tables)


class BrokenReferencesError(SchemaError):
    """After a revision, rows of `tables` refer to rows that do not exist; it was rolled back."""

    def __init__(self, revision: str, tables: Sequence[str]) -> None:
        super().__init__(
            f"revision {revision} would leave rows without what they refer to ({', '.join(tables)}), so nothing was "
            "changed: please report this, and go on with the Baton you had"
        )
        self.revision, self.tables = revision, tuple(tables)


def tables() -> MetaData:
    """Return every table of the models, whichever files they stand in."""
    for module in pkgutil.iter_modules(models.__path__):
        importlib.import_module(f"models.{module.name}")
    return SQLModel.metadata


def revisions(migrations: Path = MIGRATIONS) -> list[str]:
    """List the revisions that this Baton knows, oldest first, by their files' names."""
    return sorted(file.name[:4] for file in (migrations / "versions").glob("[0-9][0-9][0-9][0-9]_*.py"))


def migrate(engine: Engine, migrations: Path = MIGRATIONS) -> None:
    """Bring the tables to the last revision; when they are there already, this is one query.

    Every revision is one transaction that begins by taking the database's own lock, so that of several processes that
    start at once one does the work and the others find it done, and a kill leaves the tables as they were. A SQLite file
    that holds tables is copied to `<file>.before-<revision>.bak` first.

    Raises:
        SchemaNewerError: the tables are ahead of this Baton.
        ForeignTablesError: tables of our names are there that no revision made.
        BrokenReferencesError: a revision left rows without what they refer to.
    """
    known = revisions(migrations)
    with engine.connect() as connection:
        found = _found_revision(connection)
    has_backup = False
    while found != known[-1]:
        with _alone(engine) as connection:
            found = _found_revision(connection)
            _refuse_unknown(found, known)
            if found == known[-1]:
                return
            revision = known[known.index(found) + 1 if found else 0]
            if not has_backup:
                _prepare(connection, found, revision)
                has_backup = True
            _run(connection, revision, migrations)
            _check_references(connection, revision)
            if connection.dialect.name == "sqlite":
                _tell_planner(connection)
        found = revision


def copy_sqlite(source: Path, target: Path) -> None:
    """Copy a SQLite database as it stands at one instant, while others write; `target` is replaced when complete.

    Raises:
        sqlite3.Error, OSError: it could not be read or written, or the copy is not sound; `target` is as before.
    """
    part = target.with_name(f"{target.name}.part")
    part.unlink(missing_ok=True)
    # It holds personal data, so nobody else may read it, whatever the umask.
    part.touch(mode=0o600)
    try:
        with closing(sqlite3.connect(source)) as reader, closing(sqlite3.connect(part)) as writer:
            # All pages in one step are one snapshot: in WAL mode no writer waits for it and none makes it restart.
            reader.backup(writer, pages=-1)
            # One file, not one with a -wal beside it.
            writer.execute("PRAGMA journal_mode = DELETE")
            verdict = writer.execute("PRAGMA integrity_check").fetchone()[0]
        if verdict != "ok":
            raise sqlite3.DatabaseError(f"the copy is not sound: {verdict}")
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def sqlite_file(engine: Engine) -> Path | None:
    """Return the file of a SQLite database; None in memory and for PostgreSQL."""
    name = engine.url.database
    return Path(name) if engine.dialect.name == "sqlite" and name and name != ":memory:" else None


def _found_revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()
    return None if found is None else str(found)


def _refuse_unknown(found: str | None, known: list[str]) -> None:
    if found is not None and found not in known:
        raise SchemaNewerError(found, known[-1])


@contextmanager
def _alone(engine: Engine) -> Iterator[Connection]:
    """Open a transaction that no other migrating process can be in at the same time."""
    is_sqlite = engine.dialect.name == "sqlite"
    with engine.execution_options(writes=True, busy_timeout_ms=_WAIT_SECONDS * 1000).connect() as connection:
        raw: Any = connection.connection.dbapi_connection
        try:
            if is_sqlite:
                # Else rebuilding a table deletes the rows that refer to it. It has no effect inside a transaction.
                raw.execute("PRAGMA foreign_keys = OFF")
            with connection.begin():
                if not is_sqlite:
                    connection.execute(text(f"SET LOCAL lock_timeout = '{_WAIT_SECONDS}s'"))
                    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK_KEY})
                    connection.execute(text(f"SET LOCAL lock_timeout = '{_TABLE_WAIT_SECONDS}s'"))
                yield connection
        finally:
            if is_sqlite:
                raw.execute("PRAGMA foreign_keys = ON")


def _prepare(connection: Connection, found: str | None, revision: str) -> None:
    names = inspect(connection).get_table_names()
    if found is None and (ours := sorted(set(names) & tables().tables.keys())):
        raise ForeignTablesError(ours)
    file = sqlite_file(connection.engine)
    if file is not None and names:
        copy_sqlite(file, file.with_name(f"{file.name}.before-{revision}.bak"))


def _run(connection: Connection, revision: str, migrations: Path) -> None:
    from alembic import command  # noqa: PLC0415  # 100 ms that only a migration needs.
    from alembic.config import Config  # noqa: PLC0415  # The same.

    config = Config()
    config.set_main_option("script_location", str(migrations).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


# What a busy workspace's tables look like to SQLite's planner.
_TYPICAL_ROWS, _TYPICAL_PARTIAL_ROWS, _TYPICAL_SAME = 100_000, 1_000, 10


def _tell_planner(connection: Connection) -> None:
    """Write down statistics of a large workspace, whatever is there.

    Every index begins with the workspace, of which there is one. Without statistics SQLite holds that column for
    selective and reads whole tables by it; with those of a database that is still small it would not know better.
    """
    run = connection.exec_driver_sql
    run("ANALYZE sqlite_schema")
    run("DELETE FROM sqlite_stat1")
    names = run(
        "SELECT name, sql LIKE '%WITHOUT ROWID%' FROM sqlite_schema "  # noqa: S608  Our own name.
        f"WHERE type = 'table' AND name NOT LIKE 'sqlite%' AND name NOT LIKE '{SEARCH_INDEX}%'"
    )
    for table, is_compact in names.all():
        for _, index, is_unique, origin, is_partial in run(f"PRAGMA index_list({table})").all():
            columns = len(run(f"PRAGMA index_info({index})").all())
            rows = _TYPICAL_PARTIAL_ROWS if is_partial else _TYPICAL_ROWS
            same = [rows] + [_TYPICAL_SAME] * (columns - 1)
            if is_unique:
                same[-1] = 1
            name = table if origin == "pk" and is_compact else index
            run("INSERT INTO sqlite_stat1 VALUES (?, ?, ?)", (table, name, " ".join(map(str, [rows, *same]))))
    run("ANALYZE sqlite_schema")


def _check_references(connection: Connection, revision: str) -> None:
    if connection.dialect.name != "sqlite":
        return
    broken = {str(row[0]) for row in connection.execute(text("PRAGMA foreign_key_check"))}
    if broken:
        raise BrokenReferencesError(revision, sorted(broken))
