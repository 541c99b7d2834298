"""What the process knows of its own health, told by bot.py and the jobs and read by `/readyz` and `/metrics`."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

PONG_SECONDS = 30.0
DELIVERER_SECONDS = 120.0
"""A pass of the deliverer may wait for Slack several times 10 s, and begins at least every 5 s."""


@dataclass(frozen=True)
class Signs:
    """The vitals at one moment; ages are seconds, None for what has not happened yet."""

    uptime_seconds: float
    is_draining: bool
    is_schema_ok: bool
    is_socket_connected: bool
    pong_age_seconds: float | None
    deliverer_age_seconds: float | None


@dataclass(frozen=True)
class _Notes:
    """What was told last; instants are monotonic seconds."""

    is_draining: bool = False
    is_schema_ok: bool = False
    is_socket_connected: bool = False
    pong_at: float | None = None
    deliverer_at: float | None = None


class Vitals:
    """The signs of life of one process. Every method may be called from any thread."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._started_at = monotonic()
        self._notes = _Notes()
        self._lock = threading.Lock()

    def schema_checked(self, *, is_ok: bool) -> None:
        """Note whether the database has the tables that this program needs; not ready until it was told."""
        self._note(is_schema_ok=is_ok)

    def socket_connected(self) -> None:
        """Note that Slack's WebSocket is open, which counts as a pong."""
        self._note(is_socket_connected=True, pong_at=self._monotonic())

    def pong_received(self, age_seconds: float = 0.0) -> None:
        """Note that there is a connection, on which Slack answered a ping `age_seconds` ago."""
        self._note(is_socket_connected=True, pong_at=self._monotonic() - age_seconds)

    def socket_lost(self) -> None:
        """Note that Slack's WebSocket is closed."""
        self._note(is_socket_connected=False)

    def deliverer_ran(self) -> None:
        """Note that the deliverer looked for due messages, whatever came of it."""
        self._note(deliverer_at=self._monotonic())

    def drain(self) -> None:
        """Note that the process is about to end and wants no more work."""
        self._note(is_draining=True)

    def read(self) -> Signs:
        """Return the signs as they are now."""
        with self._lock:
            notes = self._notes
        now = self._monotonic()
        return Signs(
            uptime_seconds=now - self._started_at,
            is_draining=notes.is_draining,
            is_schema_ok=notes.is_schema_ok,
            is_socket_connected=notes.is_socket_connected,
            pong_age_seconds=None if notes.pong_at is None else now - notes.pong_at,
            deliverer_age_seconds=None if notes.deliverer_at is None else now - notes.deliverer_at,
        )

    def _note(self, **values: bool | float) -> None:
        with self._lock:
            self._notes = replace(self._notes, **values)  # type: ignore[arg-type]  # The names are the fields'.
