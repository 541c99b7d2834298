"""A record of everything that crossed the wire, for tests to look at."""

import threading
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from time import monotonic
from typing import Literal

from playground.entities import Json

# A demo that runs for days must not fill the memory.
REMEMBERED = 50_000

Direction = Literal["in", "out"]


@dataclass(frozen=True)
class Call:
    """One Web API call that came in, or one payload that went out, with its answer."""

    direction: Direction
    method: str
    args: Json
    answer: Json
    status: int
    seconds: float
    at: float = field(default_factory=monotonic)

    @property
    def ok(self) -> bool:
        return self.answer.get("ok", False) is True


class CallLog:
    """The latest calls, oldest first."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._calls: deque[Call] = deque(maxlen=REMEMBERED)

    def add(self, call: Call) -> None:
        with self._lock:
            self._calls.append(call)

    def __iter__(self) -> Iterator[Call]:
        with self._lock:
            return iter(list(self._calls))

    def __len__(self) -> int:
        return len(self._calls)

    def of(self, method: str) -> list[Call]:
        """List the calls of one Web API method, or the payloads of one kind (`events_api`, `slash_commands`…)."""
        return [call for call in self if call.method == method]

    def clear(self) -> None:
        with self._lock:
            self._calls.clear()
