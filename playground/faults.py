"""What tests make go wrong, and how often."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

F = TypeVar("F")


@dataclass(frozen=True)
class Fault:
    """One thing that goes wrong with a call. With `after_work` the call has done its work when it goes wrong."""

    status: int = 0
    error: str = ""
    body: str | None = None
    retry_after: int = 0
    hang_seconds: float = 0.0
    drop: bool = False
    after_work: bool = False


@dataclass(frozen=True)
class Mishap:
    """One thing that goes wrong on the way to the app."""

    copies: int = 1
    retry_first: bool = False
    delay_seconds: float = 0.0
    lost: bool = False


@dataclass(frozen=True)
class _Planned(Generic[F]):
    fault: F
    times: int | None


class Faults:
    """What is planned to go wrong; each happens `times` times, or until `clear` when None.

    Calls are named by Web API method (`chat.postMessage`, `response_url`, `upload`, `*`), payloads to the app by
    their kind (`events_api`, `slash_commands`, `interactive`, `*`). `changed` hears when something is planned or cleared.
    """

    def __init__(self, changed: Callable[[], None] = lambda: None) -> None:
        self._changed = changed
        self._lock = threading.Lock()
        self._calls: dict[str, list[_Planned[Fault]]] = {}
        self._deliveries: dict[str, list[_Planned[Mishap]]] = {}

    def plan(self, method: str, fault: Fault, times: int | None = 1) -> None:
        with self._lock:
            self._calls.setdefault(method, []).append(_Planned(fault, times))
        self._changed()

    def rate_limit(self, method: str, retry_after: int = 1, times: int | None = 1) -> None:
        self.plan(method, Fault(status=429, error="ratelimited", retry_after=retry_after), times)

    def server_error(self, method: str, status: int = 500, times: int | None = 1, *, after_work: bool = False) -> None:
        self.plan(method, Fault(status=status, body="", after_work=after_work), times)

    def garbage(
        self, method: str, body: str = "<html>Bad gateway</html>", times: int | None = 1, *, after_work: bool = False
    ) -> None:
        self.plan(method, Fault(status=200, body=body, after_work=after_work), times)

    def hang(self, method: str, seconds: float, times: int | None = 1, *, after_work: bool = False) -> None:
        """Answer late, but answer."""
        self.plan(method, Fault(hang_seconds=seconds, after_work=after_work), times)

    def drop_before(self, method: str, times: int | None = 1) -> None:
        """Cut the connection without doing the work."""
        self.plan(method, Fault(drop=True), times)

    def drop_after(self, method: str, times: int | None = 1) -> None:
        """Do the work, then cut the connection without an answer."""
        self.plan(method, Fault(drop=True, after_work=True), times)

    def refuse(self, method: str, error: str, times: int | None = 1) -> None:
        """Answer with one of Slack's errors."""
        self.plan(method, Fault(status=200, error=error), times)

    def mishap(self, kind: str, mishap: Mishap, times: int | None = 1) -> None:
        with self._lock:
            self._deliveries.setdefault(kind, []).append(_Planned(mishap, times))
        self._changed()

    def send_twice(self, kind: str = "events_api", times: int | None = 1) -> None:
        """Send the same envelope again, with nothing that marks it as a retry."""
        self.mishap(kind, Mishap(copies=2), times)

    def retry_first(self, times: int | None = 1) -> None:
        """Lose an event's first delivery: the app sees a retry only."""
        self.mishap("events_api", Mishap(retry_first=True), times)

    def delay(self, kind: str, seconds: float, times: int | None = 1) -> None:
        self.mishap(kind, Mishap(delay_seconds=seconds), times)

    def lose(self, kind: str = "events_api", times: int | None = 1) -> None:
        """Never send it, and never try again."""
        self.mishap(kind, Mishap(lost=True), times)

    def clear(self) -> None:
        with self._lock:
            self._calls.clear()
            self._deliveries.clear()
        self._changed()

    def stand(self, calls: Mapping[str, Fault]) -> None:
        """Forget what was planned; from now on these go wrong, by method, until `clear`."""
        with self._lock:
            self._calls = {method: [_Planned(fault, None)] for method, fault in calls.items()}
            self._deliveries.clear()
        self._changed()

    def standing(self) -> dict[str, Fault]:
        """Tell what goes wrong with every call until `clear`, by method."""
        with self._lock:
            last = {method: queue[-1] for method, queue in self._calls.items() if queue}
        return {method: planned.fault for method, planned in last.items() if planned.times is None}

    def for_call(self, method: str) -> Fault | None:
        with self._lock:
            return _take(self._calls, method)

    def for_delivery(self, kind: str) -> Mishap | None:
        with self._lock:
            return _take(self._deliveries, kind)


def _take(planned: dict[str, list[_Planned[F]]], name: str) -> F | None:
    for key in (name, "*"):
        queue = planned.get(key, [])
        if not queue:
            continue
        first = queue[0]
        if first.times is not None and first.times <= 1:
            queue.pop(0)
        elif first.times is not None:
            queue[0] = replace(first, times=first.times - 1)
        return first.fault
    return None
