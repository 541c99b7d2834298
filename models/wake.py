"""Several processes on one PostgreSQL wake each other: what one commits, whichever is free sends at once.

Nothing depends on it. Every process also looks for itself every few seconds, so a notice that is lost costs that long.
"""

import logging
import threading
from collections.abc import Callable
from contextlib import closing
from typing import Any

from sqlalchemy import Engine, text
from sqlmodel import Session

log = logging.getLogger(__name__)

CHANNEL = "baton_due"
_NOTIFY = text("SELECT pg_notify(:channel, :sender)")
# How long a stop may wait for us, and how long we leave a database alone that is away.
_LOOK_SECONDS = 1.0
_PAUSE_SECONDS = 2.0


def tell_others(session: Session, sender: str) -> None:
    """Tell the other processes, once this transaction is committed, that `sender` left something to send."""
    session.execute(_NOTIFY, {"channel": CHANNEL, "sender": sender})


class Listener:
    """Calls `on_wake` when another process than `ourselves` has left something to send. On SQLite it does nothing."""

    def __init__(self, engine: Engine, ourselves: str, on_wake: Callable[[], None]) -> None:
        self._engine, self._ourselves, self._on_wake = engine, ourselves, on_wake
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._listen, name="wake", daemon=True)

    def start(self) -> None:
        if self._engine.dialect.name == "postgresql":
            self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()

    def _listen(self) -> None:
        while not self._stopping.is_set():
            try:
                with closing(self._engine.raw_connection()) as connection:
                    # It is ours for as long as it lasts, and takes no place in the pool.
                    connection.detach()
                    self._hear(connection.dbapi_connection)
            except Exception as error:
                # Whatever it is, the polling goes on, and so do we.
                log.warning("the other processes are not heard: %s", type(error).__name__)
                self._stopping.wait(_PAUSE_SECONDS)

    def _hear(self, connection: Any) -> None:
        connection.autocommit = True
        connection.execute(f"LISTEN {CHANNEL}")
        # What was left while nobody listened.
        self._on_wake()
        while not self._stopping.is_set():
            for notice in connection.notifies(timeout=_LOOK_SECONDS, stop_after=1):
                if notice.payload != self._ourselves:
                    self._on_wake()
