"""`GET /healthz` and `GET /readyz`: does the process live, and can it do its work."""

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from web.vitals import DELIVERER_SECONDS, PONG_SECONDS, Signs, Vitals

PROBE_MS = 1000
PROBED_SECONDS = 1.0
"""How long the database's answer is believed, so that probes cannot crowd out work."""


@dataclass(frozen=True)
class Check:
    """One thing that must be so, and how it is."""

    name: str
    is_ok: bool
    state: str


class WriteProbe:
    """Asks the database whether it saves, by saving what changes nothing."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine.execution_options(writes=True, busy_timeout_ms=PROBE_MS)
        self._lock = threading.Lock()
        self._last: Check | None = None
        self._asked_at = 0.0

    def __call__(self) -> Check:
        """Ask, or repeat what was answered within the last second. A database that is away costs about 2 s."""
        with self._lock:
            if self._last is None or time.monotonic() - self._asked_at > PROBED_SECONDS:
                self._last, self._asked_at = self._ask(), time.monotonic()
            return self._last

    def _ask(self) -> Check:
        try:
            with self._engine.connect() as connection:
                writable = _probe_postgresql if connection.dialect.name == "postgresql" else _probe_sqlite
                return Check("database", *((True, "writable") if writable(connection) else (False, "read-only")))
        except PoolTimeoutError:
            return Check("database", is_ok=False, state="no connection is free")
        except DBAPIError as error:
            # The driver's sentence may name a path or a host; its class is enough here.
            return Check("database", is_ok=False, state=f"unavailable: {type(error.orig).__name__}")


def _probe_sqlite(connection: Connection) -> bool:
    """Write a header field as it is, and commit: until then a full disk is not noticed."""
    version = int(connection.execute(text("PRAGMA user_version")).scalar_one())
    connection.execute(text(f"PRAGMA user_version = {version:d}"))
    connection.commit()
    return True


def _probe_postgresql(connection: Connection) -> bool:
    """A standby and a server set read-only both say so here."""
    connection.execute(text(f"SET LOCAL statement_timeout = {PROBE_MS:d}"))
    return bool(connection.execute(text("SHOW transaction_read_only")).scalar_one() == "off")


class Health:
    """The two endpoints."""

    def __init__(self, vitals: Vitals, engine: Engine, *, needs_socket: bool) -> None:
        self._vitals, self._probe, self._needs_socket = vitals, WriteProbe(engine), needs_socket

    async def live(self, _request: Request) -> Response:
        """Answer 200 from the loop itself: nothing else is asked."""
        return JSONResponse({"status": "ok"})

    async def ready(self, _request: Request) -> Response:
        """Answer 200 when every check is well, 503 otherwise; the body names each check and its state."""
        database = await run_in_threadpool(self._probe)
        checks = [database, *check_signs(self._vitals.read(), needs_socket=self._needs_socket)]
        is_ready = all(check.is_ok for check in checks)
        return JSONResponse(
            {
                "status": "ready" if is_ready else "not ready",
                "checks": {check.name: {"ok": check.is_ok, "state": check.state} for check in checks},
            },
            200 if is_ready else 503,
            {"Cache-Control": "no-store"},
        )


def check_signs(signs: Signs, *, needs_socket: bool) -> Iterator[Check]:
    """Judge what the process knows of itself; the socket counts in Socket Mode only."""
    yield Check("draining", not signs.is_draining, "draining" if signs.is_draining else "serving")
    yield Check("schema", signs.is_schema_ok, "current" if signs.is_schema_ok else "not checked, or not this program's")
    deliverer_age = signs.uptime_seconds if signs.deliverer_age_seconds is None else signs.deliverer_age_seconds
    yield Check("deliverer", deliverer_age < DELIVERER_SECONDS, _ago("ran", signs.deliverer_age_seconds))
    if needs_socket:
        pong_age = signs.pong_age_seconds
        is_heard = pong_age is not None and pong_age < PONG_SECONDS
        state = _ago("last pong", pong_age) if signs.is_socket_connected else "not connected"
        yield Check("socket", signs.is_socket_connected and is_heard, state)


def _ago(what: str, seconds: float | None) -> str:
    return f"{what} never" if seconds is None else f"{what} {seconds:.0f} s ago"
