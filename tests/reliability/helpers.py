"""What the tests of reliability share: bots that are killed, time that passes, and what must be true afterwards."""

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any

from sqlalchemy import event, select, update
from sqlmodel import Session, col

from bot import Bot
from models.database import make_engine
from models.delivery import Delivery, DeliveryState
from playground.entities import Message
from playground.people import Person
from playground.seed import MARKETING
from playground.workspace import Workspace

PROJECT = Path(__file__).parents[2]
# Nothing is judged by it: on a busy machine a process that is well may take half a minute to start.
PATIENCE_SECONDS = 60


def until(true: Callable[[], object], seconds: float = PATIENCE_SECONDS) -> None:
    """Wait until something is so that happens in another process."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not come true in time"
        time.sleep(0.005)


@dataclass(frozen=True)
class Kill:
    """When a bot kills itself: as it passes one of these points, or so many of any. By default it lives."""

    at: tuple[str, ...] = ()
    after: int = 0


class Launcher:
    """The process that starts bots (launcher.py), one at a time."""

    def __init__(self) -> None:
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        self._log = tempfile.TemporaryFile()  # noqa: SIM115  It lives as long as the process.
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.reliability.launcher"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            cwd=PROJECT,
            env=kept,
        )
        self.passed: list[str] = []
        self.killed_at = ""
        self._news = threading.Condition()
        self.port, self.pid, self.exit_code = 0, 0, 0
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def start(self, environment: dict[str, str], kill: Kill) -> bool:
        """Start a bot; False when it was killed before it served."""
        assert self._process.stdin
        self.port = self.pid = self.exit_code = 0
        self.passed = []
        order = {"environment": environment, "kill_at": kill.at, "kill_after": kill.after}
        self._process.stdin.write(json.dumps(order).encode() + b"\n")
        self._process.stdin.flush()
        self._wait(lambda: self.port or self.exit_code)
        return not self.exit_code

    @property
    def is_alive(self) -> bool:
        return not self.exit_code

    def wait_for_end(self) -> int:
        """Return how the bot ended: -9 when it was killed."""
        self._wait(lambda: self.exit_code)
        return self.exit_code

    @property
    def log(self) -> str:
        """Everything that the bots have logged."""
        self._log.seek(0)
        return self._log.read().decode()

    def kill(self) -> None:
        """Kill the bot if it lives."""
        if self.pid and self.is_alive:
            os.kill(self.pid, 9)
            self.wait_for_end()

    def close(self) -> None:
        """Kill the bot and end."""
        self.kill()
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait(PATIENCE_SECONDS)
        self._reader.join(PATIENCE_SECONDS)
        assert self._process.stdout
        self._process.stdout.close()
        self._log.close()

    def _wait(self, true: Callable[[], object]) -> None:
        with self._news:
            assert self._news.wait_for(true, PATIENCE_SECONDS), "the bot neither served nor ended"

    def _read(self) -> None:
        assert self._process.stdout
        for line in self._process.stdout:
            said = json.loads(line)
            with self._news:
                if "passed" in said:
                    self.passed.append(said["passed"])
                self.killed_at = said.get("killed_at", self.killed_at)
                self.pid = said.get("pid", self.pid)
                self.port = said.get("ready", self.port)
                self.exit_code = said.get("ended", self.exit_code)
                self._news.notify_all()


class Tables:
    """The database as somebody sees it who is not the bot."""

    def __init__(self, url: str) -> None:
        self._engine = make_engine(url)

    def all(self, table: Any) -> list[Any]:
        with Session(self._engine) as session:
            return list(session.scalars(select(table).order_by(col(table.id))))

    def end_leases(self) -> None:
        """Let a minute pass for whoever died: what they had leased is due again."""
        with Session(self._engine.execution_options(writes=True)) as session:
            leased = update(Delivery).where(col(Delivery.leased_until).is_not(None))
            session.execute(leased.values(leased_until=datetime.now(UTC) - timedelta(seconds=1)))
            session.commit()

    def close(self) -> None:
        self._engine.dispose()


class Later:
    """The deliverer's real time, moved ahead by hand: leases end and pauses pass when a test says so.

    It stands for the modules `time` and `datetime` in jobs/deliver.py.
    """

    def __init__(self) -> None:
        self.ahead = 0.0

    def monotonic(self) -> float:
        return time.monotonic() + self.ahead

    def now(self, zone: tzinfo) -> datetime:
        return datetime.now(zone) + timedelta(seconds=self.ahead)

    def sleep(self, seconds: float) -> None:
        self.ahead += seconds


class Abandoned(BaseException):
    """The process is no more."""


class Mortal:
    """A bot in this process whose deliverer can die between any two of its steps: calls to Slack, and commits."""

    def __init__(self, bot: Bot) -> None:
        self._bot, self._steps_left, self._thread = bot, 0, 0
        client, api_call = bot.client, type(bot.client).api_call

        def call(method: str, **arguments: Any) -> Any:
            self._step()
            answer = api_call(client, method, **arguments)
            self._step()
            return answer

        client.api_call = call  # type: ignore[method-assign,assignment]
        self._listeners = [
            (bot.database.engine, "commit", lambda _connection: self._step()),
            (Session, "after_commit", lambda _session: self._step()),
        ]
        for target, name, listener in self._listeners:
            event.listen(target, name, listener)

    def deliver(self, steps: int = 0) -> bool:
        """Send what is due, but die after so many steps (0: live); return whether it died."""
        self._steps_left, self._thread = steps, threading.get_ident()
        try:
            self._bot.deliverer.run()
        except Abandoned:
            return True
        finally:
            self._steps_left = 0
        return False

    def _step(self) -> None:
        if self._steps_left and self._thread == threading.get_ident():
            self._steps_left -= 1
            if not self._steps_left:
                raise Abandoned

    def close(self) -> None:
        """Watch no longer."""
        for target, name, listener in self._listeners:
            event.remove(target, name, listener)


def delivery_id_of(message: Message) -> int:
    """Return the delivery that a message of the bot's carries in its metadata."""
    assert message.metadata
    return int(message.metadata["event_payload"]["id"])


def posted(workspace: Workspace) -> list[Message]:
    """Return every message of the bot's that more than one may see, in whatever channel."""
    everywhere = [m for channel in list(workspace.channels) for m in workspace.messages.in_channel(channel)]
    return [message for message in everywhere if message.user == workspace.bot.id and message.metadata]


def check_messages(deliveries: Sequence[Delivery], messages: Sequence[Message], whispered: int) -> None:
    """Fail for a message that is lost in silence, that is there twice, or that nobody asked for.

    Args:
        deliveries: what was asked for, all of it settled by now.
        messages: what stands in the channels.
        whispered: how many private answers Slack showed; nobody can look one up, so it may be unknown.
    """
    shown = Counter(map(delivery_id_of, messages))
    assert set(shown) <= {delivery.id for delivery in deliveries}, "a message that nobody asked for"
    public = [delivery for delivery in deliveries if delivery.only_to_slack_id is None]
    private = [delivery for delivery in deliveries if delivery.only_to_slack_id is not None]
    for delivery in public:
        what = f"{delivery.kind} {delivery.id}, {delivery.state} {delivery.error}"
        assert delivery.state in {DeliveryState.SENT, DeliveryState.DROPPED}, what
        assert delivery.state is DeliveryState.DROPPED or delivery.slack_ts, f"lost: {what}"
        assert shown[delivery.id] == (1 if delivery.slack_ts else 0), f"{shown[delivery.id]} times: {what}"
    sent = [delivery.state for delivery in private].count(DeliveryState.SENT)
    settled = {DeliveryState.SENT, DeliveryState.DROPPED, DeliveryState.UNKNOWN}
    assert {delivery.state for delivery in private} <= settled
    assert sent <= whispered <= sum(delivery.wanted_rev for delivery in private), "a private answer, lost or twice"


def said_to_be_there(people: Iterable[Person], names: Iterable[str]) -> set[str]:
    """Return of which leads people heard in marketing's channel: in answer to their command, or later when that was late."""
    heard = [message.text for person in people for message in person.private_answers(MARKETING)]
    answers = "\n".join(text for text in heard if "L-" in text)
    return {name for name in names if name in answers}
