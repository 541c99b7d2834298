"""Many commands at once while another program holds the SQLite file: they wait, and nobody is told anything untrue."""

import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest

from models.lead import Lead
from playground import PlaygroundServer
from playground.results import CommandResult
from playground.seed import MARKETING
from tests.journeys.steps import at_once
from tests.postgres import sqlite_url
from tests.reliability.fleet import fleet_at
from tests.reliability.helpers import Tables, said_to_be_there
from tests.reliability.recorder import record

SHORT, LONG = 40, 200


def _crowd(folder: Path, *, http: bool, count: int, locked_seconds: float) -> tuple[list[CommandResult], int]:
    """Have so many add a lead at the moment the file is locked; check that what was said is what is there.

    Return what came of the commands, and how many leads are there.
    """
    url = sqlite_url(folder, migrated=True)
    with PlaygroundServer() as server, fleet_at(server, url, folder) as fleet:
        server.workspace.timing.rate_limits = False
        process = fleet.start(http=http).ready()
        if http:
            assert server.deliver_to(f"http://127.0.0.1:{process.port}/slack/events")
        people = [server.person(name) for name in ("tanaka", "mori", "kim")]
        for person in people:
            assert person.command(MARKETING, "/lead help").ok

        def hold() -> None:
            with closing(sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)) as holder:
                holder.execute("BEGIN IMMEDIATE")
                time.sleep(locked_seconds)
                holder.rollback()

        def add(number: int) -> CommandResult:
            time.sleep(0.05)
            return people[number % 3].command(MARKETING, f"/lead add 鈴木 {number}号")

        _, *results = at_once(hold, *[lambda number=number: add(number) for number in range(count)])
        tables = Tables(url)
        saved = {lead.name for lead in tables.all(Lead)}
        tables.close()
        assert process.end() == 0
        assert saved == said_to_be_there(people, [f"鈴木 {number}号" for number in range(count)])
    return results, len(saved)


def test_commands_outwait_a_locked_file(tmp_path: Path) -> None:
    """Forty at once and a lock of one second: all are saved, and all are told so."""
    results, saved = _crowd(tmp_path, http=False, count=SHORT, locked_seconds=1)
    assert all(result.ok for result in results)
    assert saved == SHORT


@pytest.mark.soak
@pytest.mark.timeout(0)
@pytest.mark.parametrize("http", [False, True], ids=["socket", "http"])
def test_two_hundred_commands_outwait_two_seconds(tmp_path: Path, *, http: bool) -> None:
    """None is told a failure that was none; how many are refused, and how long they wait, is measured."""
    results: list[CommandResult] = []
    saved = 0
    for number in range(10):
        folder = tmp_path / str(number)
        folder.mkdir()
        more, there = _crowd(folder, http=http, count=LONG, locked_seconds=2)
        results, saved = results + more, saved + there
    waits = sorted(result.reply.seconds for result in results)
    figures = {
        "commands": len(results),
        "at once": LONG,
        "refused in words": sum(result.ok for result in results) - saved,
        "without an answer": sum(not result.ok for result in results),
        "s p50": round(waits[len(waits) // 2], 2),
        "s p99": round(waits[int(len(waits) * 0.99)], 2),
    }
    record(
        f"commands while the file is locked for 2 s, {'http' if http else 'socket'}", {"database": "sqlite", **figures}
    )
    assert figures["without an answer"] == 0
