"""What a process costs: importing the program, and the memory of a bot that waits."""

import re
import resource
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.doors import ROOT, served
from benchmarks.table import Comparison, in_turn
from playground import PlaygroundServer

IMPORT_GOAL, MEMORY_GOAL = 1.5, 1.6
PROGRAM = "import bot, command_line"
LIBRARIES = "import slack_bolt, sqlmodel, apscheduler.schedulers.background, alembic.command"
BOT = [str(ROOT / "bot.py"), "run"]


@dataclass(frozen=True)
class Counts:
    """How often imports are measured, and how long (seconds) after it connected a bot's memory is."""

    rounds: int = 9
    settling_seconds: float = 3.0


def compare(folder: Path, counts: Counts) -> list[Comparison]:
    """Measure imports, each in a new process, and idle memory."""
    imports = in_turn(
        counts.rounds, {"program": lambda: _import_ms(PROGRAM), "libraries": lambda: _import_ms(LIBRARIES)}
    )
    home = folder / "idle"
    home.mkdir()
    # The first start makes the tables, which loads Alembic: it happens once in a bot's life.
    _idle_mb(BOT, home, 0.0)
    memory = in_turn(
        1,
        {
            "bot": lambda: _idle_mb(BOT, home, counts.settling_seconds),
            "bare": lambda: _idle_mb(["-m", "benchmarks.bare", "idle"], home, counts.settling_seconds),
        },
    )
    return [
        Comparison(
            "importing the program, CPU / its four libraries",
            "ms",
            imports["program"],
            imports["libraries"],
            IMPORT_GOAL,
        ),
        Comparison("idle memory / a bare Socket Mode bot with them", "MB", memory["bot"], memory["bare"], MEMORY_GOAL),
    ]


def _import_ms(statement: str) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", statement], cwd=ROOT, check=True)  # noqa: S603  Our own words.
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime) * 1000


def _idle_mb(command: list[str], home: Path, settling_seconds: float) -> float:
    """Return the resident memory of a bot some seconds after it connected."""
    with PlaygroundServer() as slack, served(command, slack, home) as process:
        if not slack.links.wait(timeout=30):
            raise RuntimeError(f"{command} did not connect")
        time.sleep(settling_seconds)
        status = Path(f"/proc/{process.pid}/status").read_text(encoding="ascii")
    resident = re.search(r"VmRSS:\s+(\d+) kB", status)
    if resident is None:
        raise RuntimeError("no VmRSS")
    return int(resident[1]) / 1024
