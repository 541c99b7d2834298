"""Many processes of the real `bot.py run` at once, in front of one Slack."""

import json
import signal
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playground import PlaygroundServer
from playground.seed import MARKETING, SALES
from tests.forks import Fork, fork
from tests.reliability.helpers import until

# A playground does not mind, and a thousand cards are not to take a thousand seconds.
_HURRIED = {"jobs.deliver.SECONDS_BETWEEN_POSTS": 0}


@dataclass(eq=False)
class Process:
    """One `bot.py run`."""

    fork: Fork
    log: Path

    @property
    def pid(self) -> int:
        return self.fork.pid

    @property
    def lines(self) -> list[dict[str, Any]]:
        """What it has logged so far."""
        *whole, _ = self.log.read_text(encoding="utf-8").split("\n")
        return [json.loads(line) for line in whole if line.startswith("{")]

    @property
    def port(self) -> int:
        """Where it serves; 0 as long as it does not."""
        return next((int(line["port"]) for line in self.lines if line["event"] == "ready"), 0)

    @property
    def code(self) -> int | None:
        """How it ended; -9 when it was killed."""
        return self.fork.poll()

    def ready(self) -> "Process":
        until(lambda: self.port or self.code is not None)
        assert self.port, self.log.read_text(encoding="utf-8")
        return self

    def end(self, number: int = signal.SIGTERM) -> int:
        """Send a signal and return the exit code."""
        self.fork.send_signal(number)
        return self.wait()

    def wait(self, seconds: float = 30) -> int:
        """Return the exit code; a process that does not end says first where each of its threads stands."""
        try:
            return self.fork.wait(seconds)
        except AssertionError:
            self.fork.send_signal(signal.SIGABRT)
            self.fork.wait()
            raise AssertionError(self.log.read_text(encoding="utf-8")) from None

    def get(self, path: str) -> tuple[int, str]:
        """Ask its own web server."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=5) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()

    def failing(self) -> list[str]:
        """Return the checks of /readyz that are not well."""
        checks = json.loads(self.get("/readyz")[1])["checks"]
        return [name for name, check in checks.items() if not check["ok"]]

    def metric(self, name: str) -> float:
        """Return one number of /metrics."""
        lines = self.get("/metrics")[1].splitlines()
        return sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith(name))


class Fleet:
    """The processes of one test, in front of one Slack."""

    def __init__(self, server: PlaygroundServer, database_url: str, folder: Path) -> None:
        self._server, self._url, self._folder = server, database_url, folder
        self._processes: list[Process] = []

    def start(
        self, *, http: bool = False, poll_seconds: int = 0, constants: Mapping[str, float] | None = None
    ) -> Process:
        """Start one process; `poll_seconds` is how often its deliverer looks unasked, `constants` what takes too long."""
        installation, count = self._server.workspace.installation, len(self._processes)
        known = {
            "SLACK_BOT_TOKEN": installation.bot_token,
            "SLACK_API_URL": self._server.api_url,
            "DATABASE_URL": self._url,
            "PORT": "0",
            "SALES_CHANNEL": SALES,
            "MARKETING_CHANNEL": MARKETING,
        }
        ear = (
            {"SLACK_SIGNING_SECRET": installation.signing_secret}
            if http
            else {"SLACK_APP_TOKEN": installation.app_token}
        )
        log = self._folder / f"{count}.log"
        log.touch()
        started = fork(["run"], known | ear, self._folder, log, log, poll_seconds=poll_seconds,
                       constants={**_HURRIED, **(constants or {})})  # fmt: skip
        process = Process(started, log)
        self._processes.append(process)
        return process

    def close(self) -> None:
        """Kill what still runs."""
        for process in self._processes:
            process.end(signal.SIGKILL)


@contextmanager
def fleet_at(server: PlaygroundServer, database_url: str, folder: Path) -> Iterator[Fleet]:
    """Give a fleet, and kill what is left of it afterwards."""
    fleet = Fleet(server, database_url, folder)
    try:
        yield fleet
    finally:
        fleet.close()
