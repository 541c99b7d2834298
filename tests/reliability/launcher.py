"""Start the bot in processes of their own that end themselves with kill -9 at a named point.

The program is imported once; each process is a fork of that. What it passes is told on standard output, and the product
knows nothing of it: functions at its edges are wrapped from here.

    in:   {"environment": {...}, "kill_at": ["/lead add: before the commit"], "kill_after": 0}
    out:  {"passed": "/lead add: arrived"} … {"ready": 40123} … {"killed_at": "…"} {"ended": -9}
"""

import json
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from slack_sdk import WebClient
from sqlalchemy.engine.default import DefaultDialect

from bot import Bot, Running
from handlers.responder import Responder
from handlers.router import Router
from jobs import reactions
from jobs.deliver import Deliverer
from jobs.table import run_job
from services import deliveries
from settings import read_settings
from tests.forks import rehearse
from web.slack_requests import SlackRequests


def say(**facts: object) -> None:
    """Tell the test; a line this short is written in one piece, whichever thread writes it."""
    os.write(1, json.dumps(facts).encode() + b"\n")


class Points:
    """Which point is being passed: what this thread is busy with, and what it is about to do or has just done."""

    def __init__(self) -> None:
        self.kill_at: list[str] = []
        self.kill_after = 0
        self._passed = 0
        self.last_request = ""
        self._here = threading.local()

    def begin(self, label: str) -> None:
        self._here.label, self._here.called = label, ""

    def end(self) -> None:
        self._here.label = ""

    @contextmanager
    def busy_with(self, label: str) -> Iterator[None]:
        self.begin(label)
        try:
            yield
        finally:
            self.end()

    def called(self, method: str) -> None:
        self._here.called = f" after {method}"

    def passes(self, what: str, *, is_commit: bool = False) -> None:
        """Pass a point, alive or not."""
        if label := getattr(self._here, "label", ""):
            self.passes_named(f"{label}: {what}{self._here.called if is_commit else ''}")

    def passes_named(self, point: str) -> None:
        say(passed=point)
        self._passed += 1
        if point in self.kill_at or self._passed == self.kill_after:
            say(killed_at=point)
            os.kill(os.getpid(), signal.SIGKILL)


points = Points()


def wrap_everything() -> None:
    """Put the points between a request's arrival and a delivery's last write."""
    _wrap_commits()
    _wrap_requests()
    _wrap_responses()
    _wrap_deliveries()
    _wrap_found_hands()
    _wrap_slack()


def _wrap_commits() -> None:
    do_commit: Any = DefaultDialect.do_commit

    def commit(self: DefaultDialect, connection: Any) -> None:
        points.passes("before the commit", is_commit=True)
        do_commit(self, connection)
        points.passes("after the commit", is_commit=True)

    DefaultDialect.do_commit = commit  # type: ignore[method-assign]


def _wrap_requests() -> None:
    _wrap_request("on_command", lambda body: f"/lead {str(body['text']).split(' ')[0]}")
    _wrap_request("on_action", lambda body: f"click {body['actions'][0]['action_id']}")
    _wrap_request("on_form", lambda body: f"form {body['view']['callback_id']}")
    _wrap_request("on_event", lambda body: f"event {body['event']['type']}")


def _wrap_request(name: str, label_of: Any) -> None:
    original = getattr(Router, name)

    # Bolt gives a listener what its parameters are called.
    def listener(self: Router, body: dict[str, Any], ack: Any) -> None:
        def acked(*args: Any, **kwargs: Any) -> Any:
            points.passes("before the ack")
            return ack(*args, **kwargs)

        points.last_request = label_of(body)
        with points.busy_with(points.last_request):
            points.passes("arrived")
            original(self, body, acked)
            points.passes("after the ack")

    setattr(Router, name, listener)


def _wrap_responses() -> None:
    dispatch = SlackRequests.__call__

    async def answer(self: SlackRequests, request: Any) -> Any:
        response = await dispatch(self, request)
        # Requests come one after another here.
        label = points.last_request

        async def send_out(scope: Any, receive: Any, send: Any) -> None:
            await response(scope, receive, send)
            points.passes_named(f"{label}: answered")

        return send_out

    SlackRequests.__call__ = answer  # type: ignore[method-assign]
    post = Responder._post

    def respond(self: Responder, url: str, body: bytes) -> None:
        with points.busy_with("private answer"):
            points.passes("before its response_url")
            post(self, url, body)
            points.passes("after its response_url")

    Responder._post = respond  # type: ignore[method-assign]


def _wrap_deliveries() -> None:
    lease_due, deliver = deliveries.lease_due, Deliverer._deliver

    def lease(*args: Any) -> Any:
        leased = lease_due(*args)
        points.begin(f"lease of {leased[0].kind}" if leased else "")
        return leased

    def attempt(self: Deliverer, delivery: Any) -> bool:
        with points.busy_with(str(delivery.kind)):
            return deliver(self, delivery)

    deliveries.lease_due = lease  # type: ignore[assignment]
    Deliverer._deliver = attempt  # type: ignore[method-assign]


def _wrap_found_hands() -> None:
    claim = reactions._claim

    def claim_found(*args: Any) -> bool:
        with points.busy_with("hand found at start"):
            return claim(*args)

    reactions._claim = claim_found  # type: ignore[assignment]


def _wrap_slack() -> None:
    api_call = WebClient.api_call

    def call(self: WebClient, api_method: str, **arguments: Any) -> Any:
        points.passes(f"before {api_method}")
        answer = api_call(self, api_method, **arguments)
        points.called(api_method)
        points.passes(f"after {api_method}")
        return answer

    WebClient.api_call = call  # type: ignore[method-assign,assignment]


def serve(order: dict[str, Any]) -> None:
    """Be the bot until killed."""
    os.environ.clear()
    os.environ.update(order["environment"])
    points.kill_at, points.kill_after = order["kill_at"], order["kill_after"]
    bot = Bot(read_settings())
    bot.deliverer.seconds_between_posts = 0
    run_job("members", bot.jobs)
    running = Running(bot)
    running.start()
    say(ready=running.web.port)
    running.wait_for_end()


def main() -> None:
    """Fork a bot for each order, and tell how it ended."""
    wrap_everything()
    rehearse()
    for line in sys.stdin:
        pid = os.fork()
        if not pid:
            serve(json.loads(line))
            os._exit(0)
        say(pid=pid)
        say(ended=os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))


if __name__ == "__main__":
    main()
