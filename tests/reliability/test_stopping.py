"""SIGTERM at any moment: what was said to be saved is saved, what was said to have failed is not, and nothing waits long."""

import os
import random
import re
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from models.delivery import Delivery
from models.handoff import Handoff
from models.lead import Lead
from playground import PlaygroundServer
from playground.people import Person
from playground.results import CommandResult
from playground.seed import MARKETING, SALES
from tests.postgres import USUAL_KIND, usual_url
from tests.reliability.fleet import Fleet, Process, fleet_at
from tests.reliability.helpers import Tables, said_to_be_there, until
from tests.reliability.recorder import record

SHORT = 2
SEED = int(os.environ.get("SEED", "0"))
COUNT = int(os.environ.get("COUNT", "500"))
# Supervisors wait 30 s and longer.
ALLOWED_SECONDS = 25


class Traffic:
    """People who add and hand off leads all the time, and remember what they were told."""

    def __init__(self, server: PlaygroundServer) -> None:
        self.people = [server.person(name) for name in ("tanaka", "mori", "kim")]
        self._enough = threading.Event()
        self._numbers = iter(range(1, 1_000_000))
        self.said: dict[str, CommandResult] = {}

    @contextmanager
    def going_on(self) -> Iterator[None]:
        self._enough.clear()
        threads = [threading.Thread(target=self._work, args=(person,)) for person in self.people]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self._enough.set()
            for thread in threads:
                thread.join()

    def _work(self, person: Person) -> None:
        while not self._enough.is_set():
            name = f"鈴木 {next(self._numbers)}号"
            self.said[name] = person.command(MARKETING, f"/lead add {name}")
            if label := re.search(r"L-\d+", self.said[name].text):
                person.command(MARKETING, f"/lead qualify {label[0]}")


def _stop_often(kind: str, times: int, folder: Path, lot: random.Random) -> tuple[float, int]:
    """Stop and start a process under traffic; return the longest stop (seconds) and how many leads were added."""
    longest = 0.0
    with (
        PlaygroundServer() as server,
        usual_url(folder, migrated=True) as url,
        fleet_at(server, url, folder) as fleet,
    ):
        server.workspace.timing.rate_limits = False
        traffic, tables = Traffic(server), Tables(url)
        for _ in range(times):
            process = _started(fleet, server, kind)
            with traffic.going_on():
                time.sleep(lot.uniform(0, 1.5))
                began = time.monotonic()
                assert process.end(signal.SIGTERM) == 0
                longest = max(longest, time.monotonic() - began)
        saved = {lead.name for lead in tables.all(Lead)}
        told = said_to_be_there(traffic.people, traffic.said)
        assert saved == told, [traffic.said[name].reply for name in saved ^ told]
        last = _started(fleet, server, kind)
        # Whoever was ended in the middle of a post has left a lease that somebody must outwait.
        until(lambda: all(row.sent_rev == row.wanted_rev for row in tables.all(Delivery)), 100)
        assert len(server.workspace.messages.in_channel(SALES)) == len(tables.all(Handoff))
        assert last.end() == 0
        tables.close()
    return longest, len(saved)


def _started(fleet: Fleet, server: PlaygroundServer, kind: str) -> Process:
    process = fleet.start(http=kind == "http").ready()
    if kind == "http":
        assert server.deliver_to(f"http://127.0.0.1:{process.port}/slack/events")
    else:
        assert server.links.wait()
    return process


@pytest.mark.parametrize("kind", ["socket", "http"])
def test_what_people_were_told_is_true_through_stops(kind: str, tmp_path: Path) -> None:
    """Commands come all the time; after each stop exactly what was answered as saved is there, and every card is posted."""
    longest, _ = _stop_often(kind, SHORT, tmp_path, random.Random(7))  # noqa: S311  Nothing is secret here.
    assert longest < ALLOWED_SECONDS


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux lets a signal be aimed at a thread")
def test_a_signal_that_wakes_nobody_ends_the_process(tmp_path: Path) -> None:
    """SIGTERM comes while the main thread is about to wait, or to another thread: it is noticed soon all the same."""
    with (
        PlaygroundServer() as server,
        usual_url(tmp_path, migrated=True) as url,
        fleet_at(server, url, tmp_path) as fleet,
    ):
        process = fleet.start(http=True).ready()
        threads = {int(task.name) for task in Path(f"/proc/{process.pid}/task").iterdir()} - {process.pid}
        os.kill(min(threads), signal.SIGTERM)
        assert process.wait() == 0


@pytest.mark.soak
@pytest.mark.timeout(0)
@pytest.mark.parametrize("kind", ["socket", "http"])
def test_five_hundred_stops(kind: str, tmp_path: Path) -> None:
    """The same for long."""
    longest, leads = 0.0, 0
    for number in range(SEED, SEED + COUNT // 10):
        folder = tmp_path / str(number)
        folder.mkdir()
        seconds, count = _stop_often(kind, 10, folder, random.Random(number))  # noqa: S311  The same.
        longest, leads = max(longest, seconds), leads + count
    figures = {
        "stops": COUNT // 10 * 10,
        "leads added": leads,
        "s the longest stop": round(longest, 1),
        "untrue answers": 0,
    }
    record(
        f"SIGTERM under traffic, {kind}",
        {"database": USUAL_KIND, "seed": f"{SEED} to {SEED + COUNT // 10 - 1}", **figures},
    )
    assert longest < ALLOWED_SECONDS
