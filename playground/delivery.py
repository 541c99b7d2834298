"""The way to the app: each payload over Socket Mode or signed HTTP, events with Slack's retries."""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from typing import Literal, Protocol

from playground.calls import REMEMBERED, Call
from playground.entities import Json
from playground.workspace import Workspace

Kind = Literal["slash_commands", "interactive", "events_api"]
Outcome = Literal["acked", "timeout", "refused", "unreachable"]
# Slack's words for why an event comes again.
RETRY_REASONS = {"timeout": "http_timeout", "refused": "http_error", "unreachable": "connection_failed"}


@dataclass(frozen=True)
class Reply:
    """What the app said to one payload; `payload` is what stood in its ack."""

    outcome: Outcome
    payload: Json = field(default_factory=dict)
    status: int = 0
    seconds: float = 0.0
    no_retry: bool = False

    @property
    def ok(self) -> bool:
        return self.outcome == "acked"


@dataclass(frozen=True)
class Retry:
    """Which attempt it is, from 0, and why there is more than one."""

    attempt: int = 0
    reason: str = ""


class Carrier(Protocol):
    """One of the two ways to the app."""

    def carry(self, kind: Kind, body: Json, retry: Retry, timeout: float, copies: int) -> Reply:
        """Bring a payload to the app and wait for its answer."""


class Delivery:
    """One event on its way, with an entry in `replies` for every attempt so far."""

    def __init__(self, body: Json) -> None:
        self.body = body
        self.replies: list[Reply] = []
        self._attempted = threading.Event()

    @property
    def event_id(self) -> str:
        return str(self.body["event_id"])

    @property
    def acked(self) -> bool:
        return any(reply.ok for reply in self.replies)

    def add(self, reply: Reply) -> None:
        self.replies.append(reply)
        self._attempted.set()

    def wait(self, timeout: float = 10.0) -> bool:
        """Wait for the first attempt's outcome."""
        return self._attempted.wait(timeout)


class Dispatcher:
    """Brings payloads to the app. Requests wait for their answer; events go their own way and are retried."""

    def __init__(
        self, workspace: Workspace, carrier: Callable[[], Carrier], later: Callable[[float, Callable[[], object]], None]
    ) -> None:
        self._ws = workspace
        self._carrier = carrier
        self._later = later
        self._pool = ThreadPoolExecutor(max_workers=32, thread_name_prefix="playground-events")
        self._idle = threading.Condition()
        self._under_way = 0
        self._mine = threading.local()
        self.deliveries: deque[Delivery] = deque(maxlen=REMEMBERED)

    def request(self, kind: Kind, body: Json) -> Reply:
        """Send what Slack sends once only: a command, a click, a form."""
        mishap = self._ws.faults.for_delivery(kind)
        if mishap and mishap.delay_seconds:
            time.sleep(mishap.delay_seconds)
        if mishap and mishap.lost:
            return Reply("timeout")
        return self._send(kind, body, Retry(), mishap.copies if mishap else 1)

    def event(self, body: Json) -> Delivery:
        """Send an event in the background, again at once, after a minute and after five when there is no ack."""
        delivery = Delivery(body)
        self.deliveries.append(delivery)
        getattr(self._mine, "collected", []).append(delivery)
        self._start(delivery, Retry())
        return delivery

    @contextmanager
    def collecting(self) -> Iterator[list[Delivery]]:
        """Collect the events that this thread causes meanwhile."""
        outer = getattr(self._mine, "collected", [])
        collected: list[Delivery] = []
        self._mine.collected = collected
        try:
            yield collected
        finally:
            self._mine.collected = outer

    def settle(self, timeout: float = 10.0) -> bool:
        """Wait until no event is under way; retries that are due later do not count."""
        with self._idle:
            return self._idle.wait_for(lambda: self._under_way == 0, timeout)

    def stop(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _start(self, delivery: Delivery, retry: Retry) -> None:
        with self._idle:
            self._under_way += 1
        # A server that is stopping takes no more events.
        with suppress(RuntimeError):
            self._pool.submit(self._attempt, delivery, retry)

    def _attempt(self, delivery: Delivery, retry: Retry) -> None:
        try:
            mishap = self._ws.faults.for_delivery("events_api") if retry.attempt == 0 else None
            if mishap and mishap.lost:
                return
            if mishap and mishap.delay_seconds:
                time.sleep(mishap.delay_seconds)
            if mishap and mishap.retry_first:
                retry = Retry(1, "http_timeout")
            reply = self._send("events_api", delivery.body, retry, mishap.copies if mishap else 1)
            delivery.add(reply)
            self._again(delivery, retry, reply)
        finally:
            with self._idle:
                self._under_way -= 1
                self._idle.notify_all()

    def _again(self, delivery: Delivery, retry: Retry, reply: Reply) -> None:
        delays = self._ws.timing.event_retry_delays
        if reply.ok or reply.no_retry or retry.attempt >= len(delays):
            return
        following = Retry(retry.attempt + 1, RETRY_REASONS[reply.outcome])
        delay = delays[retry.attempt]
        if delay:
            self._later(delay, lambda: self._start(delivery, following))
        else:
            self._start(delivery, following)

    def _send(self, kind: Kind, body: Json, retry: Retry, copies: int) -> Reply:
        started = time.monotonic()
        reply = self._carrier().carry(kind, body, retry, self._ws.timing.ack_seconds, copies)
        reply = replace(reply, seconds=time.monotonic() - started)
        args = {"body": body, "retry_num": retry.attempt, "retry_reason": retry.reason}
        answer = {"ok": reply.ok, "outcome": reply.outcome, "payload": reply.payload}
        self._ws.calls.add(Call("out", kind, args, answer, reply.status, reply.seconds))
        return reply
