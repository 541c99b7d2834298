"""The program as a stranger starts it: a process of its own, against the playground."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import count
from pathlib import Path

import pytest

from playground import PlaygroundServer
from playground.seed import MARKETING, SALES
from tests.forks import PATIENCE_SECONDS, PROJECT, Fork, fork
from tests.postgres import USUAL_KIND, drop_postgres, postgres_url


def until(true: Callable[[], object], seconds: float = PATIENCE_SECONDS) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not come true in time"
        time.sleep(0.05)


Start = Callable[[Sequence[str], Mapping[str, str], Path, Path, Path], "Fork | subprocess.Popen[bytes]"]
"""Start `bot.py` with arguments and an environment, in a folder, its standard output and errors written to two files."""


def spawn(
    arguments: Sequence[str], environment: Mapping[str, str], folder: Path, out: Path, err: Path
) -> subprocess.Popen[bytes]:
    """Start it as a stranger does, by a Python of its own; `fork` is the same, some ten times faster."""
    command = [sys.executable, str(PROJECT / "bot.py"), *arguments]
    with out.open("wb") as told, err.open("wb") as failed:
        return subprocess.Popen(command, env=environment, cwd=folder, stdout=told, stderr=failed)


class Program:
    """`bot.py` with its environment. `run` waits for the end, `start` for the line `ready`."""

    def __init__(self, environment: Mapping[str, str], folder: Path, begin: Start) -> None:
        self.environment, self.folder = dict(environment), folder
        self.process: Fork | subprocess.Popen[bytes] | None = None
        self.port = 0
        self._begin, self._numbers = begin, count(1)

    def run(self, *arguments: str, **changes: str) -> subprocess.CompletedProcess[str]:
        """Run a command to its end. A change to "" takes the variable away."""
        process, out, err = self._started(arguments, changes)
        try:
            code = process.wait(PATIENCE_SECONDS)
        finally:
            process.send_signal(signal.SIGKILL)
        return subprocess.CompletedProcess(arguments, code, out.read_text("utf-8"), err.read_text("utf-8"))

    def start(self, **changes: str) -> None:
        """Start serving."""
        self.process, _, err = self._started(["run"], changes)
        until(lambda: '"ready"' in err.read_text("utf-8") or (self.process and self.process.poll() is not None))
        log = [json.loads(line) for line in err.read_text("utf-8").splitlines()]
        self.port = next(line["port"] for line in log if line["event"] == "ready")

    def _started(
        self, arguments: Sequence[str], changes: Mapping[str, str]
    ) -> "tuple[Fork | subprocess.Popen[bytes], Path, Path]":
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        environment = {name: value for name, value in {**kept, **self.environment, **changes}.items() if value}
        number = next(self._numbers)
        out, err = (self.folder / f"{number}.{what}" for what in ("out", "err"))
        err.touch()
        return self._begin(arguments, environment, self.folder, out, err), out, err

    def end(self, number: int = signal.SIGTERM) -> int:
        """Send a signal and return the exit code."""
        assert self.process
        self.process.send_signal(number)
        return self.process.wait(PATIENCE_SECONDS)

    def get(self, path: str) -> tuple[int, str]:
        """Ask the program's own web server."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=5) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()


@pytest.fixture
def slack() -> Iterator[PlaygroundServer]:
    """A Slack for the program to talk to."""
    with PlaygroundServer() as server:
        server.workspace.timing.rate_limits = False
        yield server


@pytest.fixture
def program(slack: PlaygroundServer, tmp_path: Path) -> Iterator[Program]:
    """The program, set up for Socket Mode with a database and a folder of its own; forked where all is imported."""
    yield from _program(slack, tmp_path, fork)


@pytest.fixture
def whole_program(slack: PlaygroundServer, tmp_path: Path) -> Iterator[Program]:
    """The same, started by a Python of its own."""
    yield from _program(slack, tmp_path, spawn)


def _program(slack: PlaygroundServer, folder: Path, begin: Start) -> Iterator[Program]:
    installation = slack.workspace.installation
    url = f"sqlite:///{folder / 'data' / 'baton.db'}" if USUAL_KIND == "sqlite" else postgres_url()
    program = Program(
        {
            "SLACK_BOT_TOKEN": installation.bot_token,
            "SLACK_APP_TOKEN": installation.app_token,
            "SLACK_API_URL": slack.api_url,
            "DATABASE_URL": url,
            "PORT": "0",
            "SALES_CHANNEL": SALES,
            "MARKETING_CHANNEL": MARKETING,
        },
        folder,
        begin,
    )
    yield program
    if program.process and program.process.poll() is None:
        program.end(signal.SIGKILL)
    if USUAL_KIND == "postgres":
        drop_postgres(url)
