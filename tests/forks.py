"""`bot.py` in processes of its own, started in a hurry: importing the program takes longer than most tests of it.

    python -m tests.forks

imports the program once and forks a process for every line on its standard input; when that closes, all of them die.

    in:   {"arguments": ["run"], "environment": {...}, "folder": "/tmp/…", "out": "/tmp/…/out", "err": "/tmp/…/err",
           "poll_seconds": 60, "constants": {"handlers.socket_mode.SILENT_SECONDS": 3}}
    out:  {"pid": 4711} … {"pid": 4711, "code": 0}
"""

import atexit
import faulthandler
import gc
import importlib
import json
import os
import select
import subprocess
import sys
import threading
import traceback
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from signal import SIGKILL
from typing import Any

PROJECT = Path(__file__).parents[1]
PATIENCE_SECONDS = 60


class Fork:
    """One process; like a Popen as far as it goes."""

    def __init__(self, pid: int, launcher: "_Launcher") -> None:
        self.pid, self._launcher = pid, launcher

    def poll(self) -> int | None:
        """Return how it ended, -9 when it was killed; None while it runs."""
        return self._launcher.codes.get(self.pid)

    def wait(self, timeout: float = PATIENCE_SECONDS) -> int:
        """Wait for its end and return the exit code."""
        with self._launcher.news:
            assert self._launcher.news.wait_for(lambda: self.poll() is not None, timeout), f"{self.pid} does not end"
        return self._launcher.codes[self.pid]

    def send_signal(self, number: int) -> None:
        """Send it a signal; nothing happens when it has ended."""
        # It may be ending by itself in this very moment.
        with suppress(ProcessLookupError):
            if self.poll() is None:
                os.kill(self.pid, number)


def fork(
    arguments: Sequence[str],
    environment: Mapping[str, str],
    folder: Path,
    out: Path,
    err: Path,
    *,
    poll_seconds: int = 0,
    constants: Mapping[str, float] | None = None,
) -> Fork:
    """Start `bot.py` with these arguments; `poll_seconds` and `constants` change how long things take in it."""
    wish = {"arguments": list(arguments), "environment": dict(environment), "folder": str(folder), "out": str(out),
            "err": str(err), "poll_seconds": poll_seconds, "constants": dict(constants or {})}  # fmt: skip
    launcher = _launcher()
    return Fork(launcher.fork(wish), launcher)


class _Launcher:
    """The process that forks them all."""

    def __init__(self) -> None:
        self.codes: dict[int, int] = {}
        self.news = threading.Condition()
        self._pids: list[int] = []
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.forks"],
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
        with self.news:
            count = len(self._pids)
            self._process.stdin.write(json.dumps(wish) + "\n")
            self._process.stdin.flush()
            assert self.news.wait_for(lambda: len(self._pids) > count, PATIENCE_SECONDS), "nothing was forked"
            return self._pids[count]

    def _read(self) -> None:
        assert self._process.stdout
        for line in self._process.stdout:
            said = json.loads(line)
            with self.news:
                if "code" in said:
                    self.codes[said["pid"]] = said["code"]
                else:
                    # Its number may have been another's before.
                    self.codes.pop(said["pid"], None)
                    self._pids.append(said["pid"])
                self.news.notify_all()

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


def rehearse() -> None:
    """Do once what every bot does at its start, so that each fork finds it done: imports, mappers, a list of holidays."""
    # Local: a test that asks for forks has no use for all this itself.
    import alembic.command  # noqa: F401, PLC0415
    from sqlalchemy.orm import configure_mappers  # noqa: PLC0415

    import command_line  # noqa: F401, PLC0415
    import services.imports  # noqa: F401, PLC0415
    from models.schema import tables  # noqa: PLC0415
    from services.working_time import list_holidays  # noqa: PLC0415

    tables()
    configure_mappers()
    list_holidays(["JP"], datetime.now(UTC).date())
    # A fork that looks through all this for garbage would copy it.
    gc.freeze()


def _launch() -> None:
    """Fork a bot for every wish; this process has no threads, so forking it is safe."""
    rehearse()
    alive: set[int] = set()
    unread = b""
    while True:
        if select.select([0], [], [], 0.02 if alive else None)[0]:
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
        os.kill(pid, SIGKILL)
        os.waitpid(pid, 0)


def _fork(wish: Mapping[str, Any]) -> int:
    pid = os.fork()
    if pid:
        _say(pid=pid)
        return pid
    code = 1
    try:
        for stream, name in ((1, wish["out"]), (2, wish["err"])):
            os.dup2(os.open(name, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), stream)
        _run(wish)
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:  # There is no interpreter above to say so.
        traceback.print_exc()
    finally:
        # As the interpreter does: threads that still work are waited for, and what is written is written out.
        threading._shutdown()  # type: ignore[attr-defined]
        sys.stdout.flush()
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
    cli(wish["arguments"])


def _say(**facts: object) -> None:
    os.write(1, json.dumps(facts).encode() + b"\n")


if __name__ == "__main__":
    _launch()
