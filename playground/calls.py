"""A record of everything that crossed the wire, for tests to look at."""

import itertools
import threading
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from time import monotonic
from typing import Literal

from playground.entities import Json

# A demo that runs for days must not fill the memory.
REMEMBERED = 50_000

Direction = Literal["in", "out"]


@dataclass(frozen=True)
class Call:
    """One Web API call that came in, or one payload that went out, with its answer.

    `at` counts the seconds of a clock that nobody moves. The log gives `number`, from 1, and `logged_at` in business time.
    """

    direction: Direction
    method: str
    args: Json
    answer: Json
    status: int
    seconds: float
    at: float = field(default_factory=monotonic)
    number: int = 0
    logged_at: datetime = field(default=datetime.min.replace(tzinfo=UTC))

    @property
    def ok(self) -> bool:
        return self.answer.get("ok", False) is True


class CallLog:
    """The latest calls, oldest first. `added` is a hook that hears of every new one, for a page."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._calls: deque[Call] = deque(maxlen=REMEMBERED)
        self._numbers = itertools.count(1)
        self.added: Callable[[], None] = lambda: None

    def add(self, call: Call) -> None:
        logged_at = self._clock()
        with self._lock:
            self._calls.append(replace(call, number=next(self._numbers), logged_at=logged_at))
        self.added()

    def __iter__(self) -> Iterator[Call]:
        with self._lock:
            return iter(list(self._calls))

    def __len__(self) -> int:
        return len(self._calls)

    def of(self, method: str) -> list[Call]:
        """List the calls of one Web API method, or the payloads of one kind (`events_api`, `slash_commands`…)."""
        return [call for call in self if call.method == method]

    def since(self, number: int, most: int) -> list[Call]:
        """List the calls after the numbered one, the latest `most` of them."""
        with self._lock:
            new = itertools.takewhile(lambda call: call.number > number, reversed(self._calls))
            return list(itertools.islice(new, most))[::-1]

    def clear(self) -> None:
        with self._lock:
            self._calls.clear()
