"""Many processes of the real `bot.py run` at once, started in a hurry.

    python -m tests.reliability.fleet

imports the program once and forks a process for every line on its standard input; when that closes, all of them die.

    in:   {"environment": {...}, "folder": "/tmp/…", "log": "/tmp/…/1.log", "poll_seconds": 60,
           "constants": {"handlers.socket_mode.SILENT_SECONDS": 3}}
    out:  {"pid": 4711} … {"pid": 4711, "code": 0}
"""

import atexit
import faulthandler
import importlib
import json
import os
import select
import signal
import subprocess
import sys
import threading
import traceback
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from playground import PlaygroundServer
from playground.seed import MARKETING, SALES
from tests.reliability.helpers import PATIENCE_SECONDS, PROJECT, until

# A playground does not mind, and a thousand cards are not to take a thousand seconds.
_HURRIED = {"jobs.deliver.SECONDS_BETWEEN_POSTS": 0}


@dataclass(eq=False)
class Process:
    """One `bot.py run`."""

    pid: int
    log: Path
    fleet: "Fleet"

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
        return self.fleet.codes.get(self.pid)

    def ready(self) -> "Process":
        until(lambda: self.port or self.code is not None)
        assert self.port, self.log.read_text(encoding="utf-8")
        return self

    def end(self, number: int = signal.SIGTERM) -> int:
        """Send a signal and return the exit code."""
        os.kill(self.pid, number)
        return self.wait()

    def wait(self, seconds: float = 30) -> int:
        """Return the exit code; a process that does not end says first where each of its threads stands."""
        try:
            until(lambda: self.code is not None, seconds)
        except AssertionError:
            os.kill(self.pid, signal.SIGABRT)
            until(lambda: self.code is not None)
            raise AssertionError(self.log.read_text(encoding="utf-8")) from None
        return self.code if self.code is not None else 1

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


class _Launcher:
    """The process that forks them all: importing the program takes longer than a test of it."""

    def __init__(self) -> None:
        self.codes: dict[int, int] = {}
        self._pids: list[int] = []
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.reliability.fleet"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=PROJECT,
            env={name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ},
            text=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        atexit.register(self._close)

    def fork(self, wish: Mapping[str, Any]) -> int:
        """Have a process started and return its id."""
        assert self._process.stdin
        count = len(self._pids)
        self._process.stdin.write(json.dumps(wish) + "\n")
        self._process.stdin.flush()
        until(lambda: len(self._pids) > count)
        return self._pids[count]

    def _read(self) -> None:
        assert self._process.stdout
        for line in self._process.stdout:
            said = json.loads(line)
            if "code" in said:
                self.codes[said["pid"]] = said["code"]
            else:
                # Its number may have been another's before.
                self.codes.pop(said["pid"], None)
                self._pids.append(said["pid"])

    def _close(self) -> None:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.close()
        self._process.wait(PATIENCE_SECONDS)
        self._reader.join(PATIENCE_SECONDS)
        self._process.stdout.close()


@cache
def _launcher() -> _Launcher:
    return _Launcher()


class Fleet:
    """The processes of one test, in front of one Slack."""

    def __init__(self, server: PlaygroundServer, database_url: str, folder: Path) -> None:
        self._server, self._url, self._folder = server, database_url, folder
        self._processes: list[Process] = []

    @property
    def codes(self) -> Mapping[int, int]:
        """How those that have ended did, by process id."""
        return _launcher().codes

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
        wish = {"environment": known | ear, "folder": str(self._folder), "log": str(log),
                "poll_seconds": poll_seconds, "constants": {**_HURRIED, **(constants or {})}}  # fmt: skip
        process = Process(_launcher().fork(wish), log, self)
        self._processes.append(process)
        return process

    def close(self) -> None:
        """Kill what still runs."""
        for process in self._processes:
            # It may be ending by itself.
            with suppress(ProcessLookupError):
                if process.code is None:
                    os.kill(process.pid, signal.SIGKILL)
            process.wait()


@contextmanager
def fleet_at(server: PlaygroundServer, database_url: str, folder: Path) -> Iterator[Fleet]:
    """Give a fleet, and kill what is left of it afterwards."""
    fleet = Fleet(server, database_url, folder)
    try:
        yield fleet
    finally:
        fleet.close()


def _launch() -> None:
    """Fork a bot for every wish; this process has no threads, so forking it is safe."""
    import command_line  # noqa: F401, PLC0415  Once for all of them.

    alive: set[int] = set()
    unread = b""
    while True:
        if select.select([0], [], [], 0.02)[0]:
            received = os.read(0, 65536)
            if not received:
                break
            *wishes, unread = (unread + received).split(b"\n")
            for wish in wishes:
                alive.add(_fork(json.loads(wish)))
        for pid in list(alive):
            ended, status = os.waitpid(pid, os.WNOHANG)
            if ended:
                alive.remove(pid)
                _say(pid=pid, code=os.waitstatus_to_exitcode(status))
    for pid in alive:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


def _fork(wish: Mapping[str, Any]) -> int:
    pid = os.fork()
    if pid:
        _say(pid=pid)
        return pid
    code = 1
    try:
        log = os.open(wish["log"], os.O_WRONLY | os.O_APPEND)
        for stream in (1, 2):
            os.dup2(log, stream)
        _run(wish)
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    except BaseException:  # There is no interpreter above to say so.
        traceback.print_exc()
    finally:
        # As the interpreter does: threads that still work are waited for.
        threading._shutdown()  # type: ignore[attr-defined]
        os._exit(code)


def _run(wish: Mapping[str, Any]) -> None:
    from command_line import cli  # noqa: PLC0415  Imported by the parent already.
    from jobs import table  # noqa: PLC0415  The same.

    faulthandler.enable()
    os.environ.update(wish["environment"])
    os.chdir(wish["folder"])
    for name, value in wish["constants"].items():
        module, _, constant = name.rpartition(".")
        setattr(importlib.import_module(module), constant, value)
    if wish["poll_seconds"]:
        job = replace(table.JOBS["deliver"], seconds=wish["poll_seconds"])
        table.JOBS["deliver"] = job  # type: ignore[index]
    cli(["run"])


def _say(**facts: object) -> None:
    os.write(1, json.dumps(facts).encode() + b"\n")


if __name__ == "__main__":
    _launch()
