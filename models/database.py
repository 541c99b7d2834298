"""The engine and the two ways to use it: a transaction that writes, and one that reads."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlmodel import Session

from models.errors import BusyError, LeadError

# Slack waits 3 s for an answer: queueing and waiting for the file together must leave room for a refusal in words.
BUSY_TIMEOUT_MS = 2500
NOTABLE_WAIT_MS = 100


def make_engine(url: str) -> Engine:
    """Build the engine for a SQLite file (created with its folder when absent) or for PostgreSQL."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        if parsed.database and parsed.database != ":memory:":
            _make_private(Path(parsed.database))
        engine = create_engine(
            parsed, hide_parameters=True, connect_args={"check_same_thread": False}, pool_size=16, pool_timeout=2
        )
        _prepare_sqlite(engine)
        return engine
    return create_engine(
        parsed,
        hide_parameters=True,
        pool_size=10,
        max_overflow=10,
        pool_timeout=2,
        pool_pre_ping=True,
        connect_args={"connect_timeout": 2, "options": f"-c lock_timeout={BUSY_TIMEOUT_MS} -c timezone=UTC"},
    )


def _make_private(file: Path) -> None:
    """Make the file and its folder where absent, for our own eyes: leads are personal data. -wal and -shm follow it."""
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    file.touch(mode=0o600, exist_ok=True)


def _prepare_sqlite(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def set_up(connection: Any, _record: object) -> None:
        # The driver's own transactions begin too late and deferred; ours are begun below.
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
        cursor.execute("PRAGMA journal_mode = WAL")
        cursor.execute("PRAGMA synchronous = FULL")
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # A deferred transaction that later writes ignores busy_timeout, so one that may write begins IMMEDIATE.
        options = connection.get_execution_options()
        if "busy_timeout_ms" in options or connection.info.pop("is_hurried", False):
            patience = options.get("busy_timeout_ms", BUSY_TIMEOUT_MS)
            connection.info["is_hurried"] = patience != BUSY_TIMEOUT_MS
            connection.exec_driver_sql(f"PRAGMA busy_timeout = {patience:d}")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get("writes") else "BEGIN DEFERRED")


class Database:
    """Sessions of one engine. `on_wake` is called after a commit that left something to deliver."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._writer = engine.execution_options(writes=True)
        self._is_sqlite = engine.dialect.name == "sqlite"
        # SQLite's busy handler sleeps and is unfair; within one process writers queue here instead.
        self._queue = threading.Lock()
        self.on_wake: Callable[[], None] = lambda: None

    @contextmanager
    def write(self) -> Iterator[Session]:
        """Open a transaction that writes; commit at the end, roll back when anything is raised.

        Raises:
            BusyError: the database is locked, read-only, full or away; nothing was saved.
        """
        with self._turn() as engine, told_in_words(), Session(engine, expire_on_commit=False) as session:
            with session.begin():
                try:
                    yield session
                except LeadError:
                    # The rollback would empty the rows that a refusal's facts refer to.
                    session.expunge_all()
                    raise
            wakes = session.info.get("wakes", False)
        if wakes:
            self.on_wake()

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Open a transaction that only reads: one consistent picture, in nobody's way.

        Raises:
            BusyError: the database is locked or away.
        """
        with told_in_words(), Session(self.engine, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def _turn(self) -> Iterator[Engine]:
        if not self._is_sqlite:
            yield self._writer
            return
        started = time.monotonic()
        if not self._queue.acquire(timeout=BUSY_TIMEOUT_MS / 1000):
            raise BusyError("the writers' queue is long")
        try:
            waited_ms = int((time.monotonic() - started) * 1000)
            # Another process may hold the file still: who has queued long waits only for what is left.
            left_ms = BUSY_TIMEOUT_MS if waited_ms < NOTABLE_WAIT_MS else max(BUSY_TIMEOUT_MS - waited_ms, 100)
            yield self._writer if left_ms == BUSY_TIMEOUT_MS else self._patient_for(left_ms)
        finally:
            self._queue.release()

    def _patient_for(self, milliseconds: int) -> Engine:
        return self.engine.execution_options(writes=True, busy_timeout_ms=milliseconds)


@contextmanager
def told_in_words() -> Iterator[None]:
    """Raise BusyError for what a database cannot do just now: locked, read-only, full, away."""
    try:
        yield
    except PoolTimeoutError as error:
        raise BusyError("no connection is free") from error
    except OperationalError as error:
        if not _is_passing(error.orig):
            raise
        raise BusyError(type(error.orig).__name__) from error
    except DBAPIError as error:
        if error.connection_invalidated:
            raise BusyError("the connection was lost") from error
        # PostgreSQL's "read-only" is no OperationalError.
        if getattr(error.orig, "sqlstate", None) is not None and _is_passing(error.orig):
            raise BusyError(type(error.orig).__name__) from error
        raise


_SQLITE_PASSING = ("SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_READONLY", "SQLITE_FULL", "SQLITE_IOERR", "SQLITE_CANTOPEN")
# No connection, out of resources, shutting down, lock not had in time, deadlock, read-only: PostgreSQL's "not now".
_POSTGRES_PASSING = ("08", "53", "57", "55P03", "40001", "40P01", "25006")


def _is_passing(error: BaseException | None) -> bool:
    """Tell "not now" (locked, read-only, disk full, server away) from a statement that is wrong."""
    name = getattr(error, "sqlite_errorname", None)
    if name is not None:
        return str(name).startswith(_SQLITE_PASSING)
    code = getattr(error, "sqlstate", None)
    return code is None or str(code).startswith(_POSTGRES_PASSING)
