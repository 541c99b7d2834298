"""Commands through the real doors: HTTP and Socket Mode, to Baton and to the bare bot as processes of their own."""

import itertools
import json
import os
import re
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks import payloads
from benchmarks.payloads import Command
from benchmarks.table import Comparison, in_turn
from playground import PlaygroundServer
from playground.delivery import Retry
from playground.seed import MARKETING, SALES

ROOT = Path(__file__).parent.parent
GOAL = 5.0
AT_ONCE = 8
BOTS = ("whole", "bare")
_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)

Answered = Callable[[Command], float]
"""Send a command, wait for its answer, return the milliseconds."""


@dataclass(frozen=True)
class Counts:
    """How often: rounds, and in each of them commands, over AT_ONCE connections."""

    rounds: int = 7
    nothings: int = 800
    adds: int = 160


@contextmanager
def served(command: Sequence[str], slack: PlaygroundServer, folder: Path) -> Iterator[subprocess.Popen[str]]:
    """Run a bot as a process with the playground's tokens and its database in `folder`; it ends with its input."""
    installation = slack.workspace.installation
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "SLACK_BOT_TOKEN": installation.bot_token,
        "SLACK_APP_TOKEN": installation.app_token,
        "SLACK_SIGNING_SECRET": installation.signing_secret,
        "SLACK_API_URL": slack.api_url,
        "DATABASE_URL": f"sqlite:///{folder / 'served.db'}",
        "PORT": "0",
        "SALES_CHANNEL": SALES,
        "MARKETING_CHANNEL": MARKETING,
        "LOG_LEVEL": "WARNING",
    }
    with subprocess.Popen(  # noqa: S603  Our own programs.
        [sys.executable, *command],
        cwd=folder,
        env=environment,
        text=True,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        try:
            yield process
        finally:
            process.terminate()


def compare(folder: Path, counts: Counts) -> list[Comparison]:
    """Measure the time to an answer, over HTTP and over Socket Mode."""
    return [*_compare("HTTP", _http, folder, counts), *_compare("Socket Mode", _socket_mode, folder, counts)]


def _compare(
    door: str, opened: Callable[[str, Path, ExitStack], list[Answered]], folder: Path, counts: Counts
) -> list[Comparison]:
    with ExitStack() as stack:
        ways = {}
        for bot in BOTS:
            home = folder / f"{door}-{bot}"
            home.mkdir()
            ways[bot] = opened(bot, home, stack)
        for way in ways.values():
            _percentiles(way, payloads.nothing, counts.nothings)
        tails: dict[str, list[float]] = {name: [] for name in ("bare", "nothing", "add")}

        def measure(name: str, bot: str, ask: Callable[[], Command], count: int) -> float:
            p50, p99 = _percentiles(ways[bot], ask, count)
            tails[name].append(p99)
            return p50

        figures = in_turn(
            counts.rounds,
            {
                "bare": lambda: measure("bare", "bare", payloads.nothing, counts.nothings),
                "nothing": lambda: measure("nothing", "whole", payloads.nothing, counts.nothings),
                "add": lambda: measure("add", "whole", payloads.add, counts.adds),
            },
        )
    return [
        Comparison(f"{door}, ack of nothing, p50 / bare", "ms", figures["nothing"], figures["bare"], GOAL),
        Comparison(f"{door}, ack of nothing, p99 / bare", "ms", tails["nothing"], tails["bare"]),
        Comparison(f"{door}, /lead add, p50 / a bare ack", "ms", figures["add"], figures["bare"]),
        Comparison(f"{door}, /lead add, p99 / a bare ack", "ms", tails["add"], tails["bare"]),
    ]


def _percentiles(ways: Sequence[Answered], ask: Callable[[], Command], count: int) -> tuple[float, float]:
    """Send commands over all ways at once, on each one after the other, and return the p50 and p99 of their times."""
    shares = [[ask() for _ in range(count // len(ways))] for _ in ways]
    with ThreadPoolExecutor(len(ways)) as pool:
        times = pool.map(lambda way, share: [way(command) for command in share], ways, shares)
        percentiles = statistics.quantiles(itertools.chain.from_iterable(times), n=100, method="inclusive")
    return percentiles[49], percentiles[98]


def _http(bot: str, home: Path, stack: ExitStack) -> list[Answered]:
    slack = stack.enter_context(PlaygroundServer())
    process = stack.enter_context(served(["-m", f"benchmarks.{bot}", "http"], slack, home))
    port = int(_first_line(process))
    secret = slack.workspace.installation.signing_secret

    def way() -> Answered:
        connection = stack.enter_context(closing(socket.create_connection(("127.0.0.1", port), timeout=10)))
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

        def send(command: Command) -> float:
            request = payloads.signed_request(command, port, secret)
            started = time.perf_counter()
            connection.sendall(request)
            answer = _read_answer(connection)
            milliseconds = (time.perf_counter() - started) * 1000
            command.check(answer)
            return milliseconds

        return send

    return [way() for _ in range(AT_ONCE)]


def _read_answer(connection: socket.socket) -> str:
    """Read one HTTP answer: far less of a client than http.client, whose cost would hide the server's."""
    head, _, body = connection.recv(65536).partition(b"\r\n\r\n")
    length = _LENGTH.search(head)
    if not head.startswith(b"HTTP/1.1 200") or length is None:
        raise RuntimeError(head.decode("latin-1"))
    while len(body) < int(length[1]):
        body += connection.recv(65536)
    return body.decode()


def _socket_mode(bot: str, home: Path, stack: ExitStack) -> list[Answered]:
    slack = stack.enter_context(PlaygroundServer())
    stack.enter_context(served(["-m", f"benchmarks.{bot}", "socket"], slack, home))
    if not slack.links.wait(timeout=30):
        raise RuntimeError(f"the {bot} bot did not connect")

    def send(command: Command) -> float:
        started = time.perf_counter()
        reply = slack.links.carry("slash_commands", command.payload, Retry(), 10.0, 1)
        milliseconds = (time.perf_counter() - started) * 1000
        command.check(json.dumps(reply.payload))
        return milliseconds

    return [send] * AT_ONCE


def _first_line(process: subprocess.Popen[str]) -> str:
    if process.stdout is None:
        raise RuntimeError("no pipe")
    return process.stdout.readline()
