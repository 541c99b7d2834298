"""What one tab has not been told yet: names of things, not their contents, so that a tab that lags costs nothing."""

import asyncio
import threading
from contextlib import suppress
from dataclasses import dataclass, field

from playground.entities import Json
from playground.workspace import Change

# Change.what → the slices it touches. A person's rights decide which channels they can find.
TOUCHED = {
    "app": ("app",),
    "channel": ("channels",),
    "clock": ("clock",),
    "faults": ("slack",),
    "link": ("bot",),
    "read": ("read",),
    "tour": ("tour",),
    "user": ("people", "channels", "clock"),
    "view": ("views", "home"),
}


@dataclass
class Batch:
    """Everything that changed since the last batch, each thing once, and the answers that are due after it."""

    slices: set[str] = field(default_factory=set)
    messages: set[tuple[str, str]] = field(default_factory=set)
    has_calls: bool = False
    answers: list[Json] = field(default_factory=list)


class News:
    """Filled from any thread, taken on the event loop."""

    def __init__(self, user: str) -> None:
        self._user = user
        self._loop = asyncio.get_running_loop()
        self._arrived = asyncio.Event()
        self._lock = threading.Lock()
        self._batch = Batch()

    def note(self, change: Change) -> None:
        """Note a change, if this person may know of it."""
        if change.user not in ("", self._user):
            return
        with self._lock:
            if change.what == "message":
                self._batch.messages.add((change.channel, change.id))
            self._batch.slices.update(TOUCHED.get(change.what, ()))
        self._wake()

    def note_calls(self) -> None:
        with self._lock:
            self._batch.has_calls = True
        self._wake()

    def answer(self, frame: Json) -> None:
        """Send this once everything that changed before it has been told."""
        with self._lock:
            self._batch.answers.append(frame)
        self._wake()

    async def next(self) -> Batch:
        """Wait until there is something to tell."""
        await self._arrived.wait()
        self._arrived.clear()
        with self._lock:
            batch, self._batch = self._batch, Batch()
        return batch

    def _wake(self) -> None:
        # A loop that is closed has no tabs left.
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._arrived.set)
