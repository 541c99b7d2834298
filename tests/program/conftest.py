"""The program as a stranger starts it: a process of its own, against the playground."""

import json
import os
import signal
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from playground import PlaygroundServer
from playground.seed import MARKETING, SALES

PROJECT = Path(__file__).parents[2]
PATIENCE_SECONDS = 60


class Program:
    """`bot.py` with its environment. `run` waits for the end, `start` for the line `ready`."""

    def __init__(self, environment: Mapping[str, str], folder: Path) -> None:
        self.environment, self.folder = dict(environment), folder
        self.process: subprocess.Popen[str] | None = None
        self.port = 0
        self.log: list[dict[str, Any]] = []

    def run(self, *arguments: str, **changes: str) -> subprocess.CompletedProcess[str]:
        """Run a command to its end. A change to "" takes the variable away."""
        return subprocess.run(
            [sys.executable, str(PROJECT / "bot.py"), *arguments],
            env=self._environment(changes),
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=PATIENCE_SECONDS,
            check=False,
        )

    def start(self, **changes: str) -> None:
        """Start serving."""
        self.process = subprocess.Popen(
            [sys.executable, str(PROJECT / "bot.py"), "run"],
            env=self._environment(changes),
            cwd=self.folder,
            stderr=subprocess.PIPE,
            text=True,
        )
        ready = threading.Event()
        threading.Thread(target=self._read_log, args=(self.process, ready), daemon=True).start()
        assert ready.wait(PATIENCE_SECONDS), self.log
        self.port = next(line["port"] for line in self.log if line["event"] == "ready")

    def _read_log(self, process: subprocess.Popen[str], ready: threading.Event) -> None:
        assert process.stderr
        for line in process.stderr:
            self.log.append(json.loads(line))
            if self.log[-1]["event"] == "ready":
                ready.set()
        process.stderr.close()

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

    def _environment(self, changes: Mapping[str, str]) -> dict[str, str]:
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        return {name: value for name, value in {**kept, **self.environment, **changes}.items() if value}


@pytest.fixture
def slack() -> Iterator[PlaygroundServer]:
    """A Slack for the program to talk to."""
    with PlaygroundServer() as server:
        server.workspace.timing.rate_limits = False
        yield server


@pytest.fixture
def program(slack: PlaygroundServer, tmp_path: Path) -> Iterator[Program]:
    """The program, set up for Socket Mode with a SQLite file in a folder of its own."""
    installation = slack.workspace.installation
    program = Program(
        {
            "SLACK_BOT_TOKEN": installation.bot_token,
            "SLACK_APP_TOKEN": installation.app_token,
            "SLACK_API_URL": slack.api_url,
            "DATABASE_URL": f"sqlite:///{tmp_path / 'data' / 'baton.db'}",
            "PORT": "0",
            "SALES_CHANNEL": SALES,
            "MARKETING_CHANNEL": MARKETING,
        },
        tmp_path,
    )
    yield program
    if program.process and program.process.poll() is None:
        program.end(signal.SIGKILL)
