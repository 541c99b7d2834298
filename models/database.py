"""The engine and the two ways to use it: a transaction that writes, and one that reads."""

import math
import secrets
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlmodel import Session

from models.errors import BusyError, LeadError
from models.wake import tell_others

# Slack waits 3 s for an answer: queueing and waiting for the file together must leave room for a refusal in words.
BUSY_TIMEOUT_MS = 2500
NOTABLE_WAIT_MS = 100
# What Slack is told later than this after it asked, it may have given up on: then nothing is to be saved.
ANSWER_SECONDS = 2.7
# What is said later than this may still miss Slack's 3 s on a busy machine.
LATE_SECONDS = 2.4

_arrived_at: ContextVar[float] = ContextVar("arrived_at", default=math.inf)


@contextmanager
def answering(arrived_at: float) -> Iterator[None]:
    """Save nothing once it is too late to say so to whoever asked at `arrived_at` (monotonic seconds)."""
    token = _arrived_at.set(arrived_at)
    try:
        yield
    finally:
        _arrived_at.reset(token)


def is_late() -> bool:
    """Tell whether Slack may give up before an answer of now reaches it."""
    return time.monotonic() > _arrived_at.get() + LATE_SECONDS


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
        connect_args={
            "connect_timeout": 2,
            "options": f"-c lock_timeout={BUSY_TIMEOUT_MS} -c timezone=UTC",
            # A firewall drops an idle connection in silence: the kernel asks after half a minute, and soon knows.
            "keepalives_idle": 30,
            "keepalives_interval": 5,
            "keepalives_count": 3,
        },
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
    """Sessions of one engine, which other processes on PostgreSQL know by its `name`.

    `on_wake` is called after a commit that left something to deliver, `on_busy` when the database could not be used.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine, self.name = engine, secrets.token_hex(4)
        self._writer = engine.execution_options(writes=True)
        self._is_sqlite = engine.dialect.name == "sqlite"
        # SQLite's busy handler sleeps and is unfair; within one process writers queue here instead.
        self._queue = threading.Lock()
        self.on_wake: Callable[[], None] = lambda: None
        self.on_busy: Callable[[], None] = lambda: None

    @contextmanager
    def write(self) -> Iterator[Session]:
        """Open a transaction that writes; commit at the end, roll back when anything is raised.

        Raises:
            BusyError: the database is locked, read-only, full or away, or it is too late to answer; nothing was saved.
        """
        with (
            self._counting(),
            self._turn() as engine,
            told_in_words(),
            Session(engine, expire_on_commit=False) as session,
            session.begin(),
        ):
            try:
                yield session
            except LeadError:
                # The rollback would empty the rows that a refusal's facts refer to.
                session.expunge_all()
                raise
            wakes = session.info.get("wakes", False)
            if wakes and not self._is_sqlite:
                tell_others(session, self.name)
            if time.monotonic() > _arrived_at.get() + ANSWER_SECONDS:
                raise BusyError("too late to say that it is saved")
        if wakes:
            self.on_wake()

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Open a transaction that only reads: one consistent picture, in nobody's way.

        Raises:
            BusyError: the database is locked or away.
        """
        with self._counting(), told_in_words(), Session(self.engine, expire_on_commit=False) as session:
            yield session

    def size_bytes(self) -> int:
        """Return how big a SQLite database is; 0 for PostgreSQL, which needs no rewriting as a whole."""
        if not self._is_sqlite:
            return 0
        with self.engine.connect() as connection:
            pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
            return int(pages * connection.exec_driver_sql("PRAGMA page_size").scalar_one())

    def overwrite_freed(self) -> None:
        """Write a SQLite file anew and empty its WAL: what was deleted stands in neither any more.

        `secure_delete` is not enough: pages that were split keep copies of rows that moved. PostgreSQL overwrites what
        it frees by itself, in time.

        Raises:
            BusyError: somebody is writing, or reads what is old; it is to be tried again.
        """
        if not self._is_sqlite:
            return
        with self._counting(), self._turn(), told_in_words(), self.engine.connect() as connection:
            raw: Any = connection.connection.dbapi_connection
            try:
                raw.execute("VACUUM")
                is_busy = raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
            except sqlite3.OperationalError as error:
                raise BusyError(type(error).__name__) from error
        if is_busy:
            raise BusyError("somebody reads what is old")

    @contextmanager
    def _counting(self) -> Iterator[None]:
        try:
            yield
        except BusyError:
            self.on_busy()
            raise

    @contextmanager
    def _turn(self) -> Iterator[Engine]:
        if not self._is_sqlite:
            yield self._writer
            return
        until = min(_arrived_at.get(), time.monotonic()) + ANSWER_SECONDS
        if not self._queue.acquire(timeout=max(until - time.monotonic(), 0)):
            raise BusyError("the writers' queue is long")
        try:
            # Another process may hold the file still: who has queued long waits only for what is left.
            left_ms = int((until - time.monotonic()) * 1000)
            is_fresh = left_ms > BUSY_TIMEOUT_MS - NOTABLE_WAIT_MS
            yield self._writer if is_fresh else self._patient_for(max(left_ms, NOTABLE_WAIT_MS))
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
