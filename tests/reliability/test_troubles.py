"""A real process in trouble: it refuses in words, takes no event that it cannot save, tells the truth, and recovers alone."""

import signal
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from playground import PlaygroundServer
from playground.seed import MARKETING, SALES
from tests.postgres import USUAL_KIND, sqlite_url, usual_url
from tests.reliability.fleet import Process, fleet_at
from tests.reliability.helpers import until
from tests.reliability.recorder import record

BUSY = "混み合って"
IMPATIENT = {"models.database.BUSY_TIMEOUT_MS": 500, "models.database.ANSWER_SECONDS": 0.6}
QUICK_WATCH = {
    "handlers.socket_mode.PING_SECONDS": 0.2,
    "handlers.socket_mode.WATCH_SECONDS": 0.1,
    "handlers.socket_mode.SILENT_SECONDS": 1.5,
}


@pytest.fixture
def slack() -> Iterator[PlaygroundServer]:
    with PlaygroundServer() as server:
        server.workspace.timing.rate_limits = False
        yield server


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    """A database for what has nothing to do with it."""
    with usual_url(tmp_path, migrated=True) as url:
        yield url


@contextmanager
def full_disk(process: Process, _file: Path) -> Iterator[None]:
    """Let the kernel refuse every byte that the process writes to a file."""
    from resource import RLIM_INFINITY, RLIMIT_FSIZE, prlimit  # noqa: PLC0415  Linux alone has it.

    _, hard = prlimit(process.pid, RLIMIT_FSIZE)
    prlimit(process.pid, RLIMIT_FSIZE, (0, hard))
    yield
    prlimit(process.pid, RLIMIT_FSIZE, (RLIM_INFINITY, hard))


@contextmanager
def locked(_process: Process, file: Path) -> Iterator[None]:
    """Hold the file's lock in another program."""
    with closing(sqlite3.connect(file, isolation_level=None)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        yield
        holder.rollback()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits another process")
@pytest.mark.parametrize("trouble", [full_disk, locked])
def test_a_database_that_cannot_save_is_told_of_and_recovers_alone(
    slack: PlaygroundServer, tmp_path: Path, trouble: Callable[[Process, Path], Iterator[None]]
) -> None:
    """Command, click and hand are refused, and the probes say so; with room again the hand that Slack kept claims."""
    url = sqlite_url(tmp_path, migrated=True)
    with fleet_at(slack, url, tmp_path) as fleet:
        process = fleet.start(http=True, constants=IMPATIENT).ready()
        assert slack.deliver_to(f"http://127.0.0.1:{process.port}/slack/events")
        slack.workspace.timing.event_retry_delays = (0.1, 0.2, 0.5, 1, 1, 1, 1, 1)
        tanaka, aoki = slack.person("tanaka"), slack.person("aoki")
        assert tanaka.command(MARKETING, "/lead add 中村 理恵, ミナモ精機, r@x.example").ok
        until(lambda: tanaka.command(MARKETING, "/lead qualify L-1").ok and aoki.sees(SALES))
        card = aoki.sees(SALES)[0]
        assert process.failing() == []
        with trouble(process, Path(url.removeprefix("sqlite:///"))):  # type: ignore[attr-defined]
            result = tanaka.command(MARKETING, "/lead add 鈴木 一郎, x@y.example")
            assert BUSY in result.text
            assert "鈴木 一郎" in result.text
            aoki.click(card, "handoff.claim")
            until(lambda: any(BUSY in answer.text for answer in aoki.private_answers(SALES)))
            aoki.react(card, "raised_hand")
            assert not slack.dispatcher.deliveries[-1].acked
            time.sleep(1.1)
            assert process.failing() == ["database"]
            assert process.get("/healthz")[0] == 200
            assert process.metric("baton_database_busy_total") >= 3
        until(lambda: slack.dispatcher.deliveries[-1].acked)
        until(lambda: "青木" in aoki.sees(SALES)[0].text)
        assert "L-2" in tanaka.command(MARKETING, "/lead add 鈴木 一郎, x@y.example").text
        until(lambda: process.failing() == [])
        assert process.end() == 0


def test_a_silent_socket_ends_the_process_for_its_supervisor(slack: PlaygroundServer, url: str, tmp_path: Path) -> None:
    """Slack answers no ping and no call: not ready at once, and gone soon, with a code that says why."""
    with fleet_at(slack, url, tmp_path) as fleet:
        process = fleet.start(constants=QUICK_WATCH).ready()
        assert slack.links.wait()
        slack.workspace.faults.refuse("apps.connections.open", "internal_error", times=None)
        slack.links.go_silent()
        assert process.wait() == 3
        assert any("silent" in line["event"] for line in process.lines)


def test_a_socket_that_is_cut_is_opened_anew(slack: PlaygroundServer, url: str, tmp_path: Path) -> None:
    """While there is none the process is not ready; then it is, without having ended."""
    with fleet_at(slack, url, tmp_path) as fleet:
        process = fleet.start(constants={**QUICK_WATCH, "handlers.socket_mode.SILENT_SECONDS": 60}).ready()
        assert slack.links.wait()
        until(lambda: process.failing() == [])
        slack.workspace.faults.refuse("apps.connections.open", "internal_error", times=None)
        slack.links.cut()
        until(lambda: process.failing() == ["socket"])
        slack.workspace.faults.clear()
        until(lambda: process.failing() == [])
        assert "L-1" in slack.person("tanaka").command(MARKETING, "/lead add 中村 理恵").text


@pytest.mark.soak
@pytest.mark.timeout(0)
def test_a_silent_socket_is_noticed_in_ninety_seconds(slack: PlaygroundServer, url: str, tmp_path: Path) -> None:
    """With the real pauses: from the last pong to the end of the process."""
    with fleet_at(slack, url, tmp_path) as fleet:
        process = fleet.start().ready()
        assert slack.links.wait()
        slack.workspace.faults.refuse("apps.connections.open", "internal_error", times=None)
        slack.links.go_silent()
        began = time.monotonic()
        assert process.wait(120) == 3
        seconds = time.monotonic() - began
        record("silent socket noticed and left", {"database": USUAL_KIND, "seconds": round(seconds, 1)})
        noticed = [line for line in process.lines if "silent" in line["event"]]
        assert noticed
        assert seconds < 90 + 25


def test_a_process_that_waits_for_slack_ends_in_time(slack: PlaygroundServer, url: str, tmp_path: Path) -> None:
    """Slack takes a post and does not answer: SIGTERM ends the process soon, and the next one finds the card there."""
    with fleet_at(slack, url, tmp_path) as fleet:
        process = fleet.start(http=True, constants={"command_line.STOP_SECONDS": 1}).ready()
        assert slack.deliver_to(f"http://127.0.0.1:{process.port}/slack/events")
        tanaka = slack.person("tanaka")
        assert tanaka.command(MARKETING, "/lead add 中村 理恵, ミナモ精機, r@x.example").ok
        slack.workspace.faults.hang("chat.postMessage", 30, after_work=True)
        until(lambda: tanaka.command(MARKETING, "/lead qualify L-1").ok and slack.person("aoki").sees(SALES))
        began = time.monotonic()
        assert process.end(signal.SIGTERM) == 0
        assert time.monotonic() - began < 20
