"""Commands dispatched inside one process: what the CPU does for an ack, and for a whole `/lead add`."""

import cProfile
import pstats
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from slack_bolt import App, BoltRequest

from benchmarks import payloads
from benchmarks.bare import bare_app
from benchmarks.by_hand import ByHand, Statement, noted
from benchmarks.payloads import Command
from benchmarks.table import Comparison, in_turn
from benchmarks.whole import whole_bot
from bot import Bot
from playground import PlaygroundServer
from playground.seed import MARKETING, SALES
from settings import read_settings

HEADERS: dict[str, str | Sequence[str]] = {"content-type": "application/x-www-form-urlencoded"}
ACK_GOAL, BY_HAND_GOAL, ADD_GOAL = 2.0, 2.5, 14.0


@dataclass(frozen=True)
class Counts:
    """How often: rounds of acks, one after the other, and single adds; about `leads` are there before the first."""

    rounds: int = 30
    acks: int = 200
    adds: int = 400
    leads: int = 20_000


@contextmanager
def started_bot(folder: Path, database_url: str = "") -> Iterator[Bot]:
    """Put Baton together over a database, one in `folder` where no other is named, against a playground of its own."""
    with PlaygroundServer() as slack:
        installation = slack.workspace.installation
        bot = whole_bot(
            read_settings(
                _env_file=None,
                SLACK_BOT_TOKEN=installation.bot_token,
                SLACK_APP_TOKEN=None,
                SLACK_SIGNING_SECRET=installation.signing_secret,
                SLACK_API_URL=slack.api_url,
                DATABASE_URL=database_url or f"sqlite:///{folder / 'whole.db'}",
                SALES_CHANNEL=SALES,
                MARKETING_CHANNEL=MARKETING,
            )
        )
        yield bot
        bot.responder.close()
        bot.database.engine.dispose()


def compare(folder: Path, counts: Counts) -> list[Comparison]:
    """Measure acks and adds, the bare app's and by hand's in the same rounds.

    Acks are measured many in a row. An add is measured alone, beside a single ack and the same add by hand: it moves so
    much through the CPU's caches that whatever comes next starts from memory, and an ack costs twice what it does in a
    row of acks.
    """
    with started_bot(folder) as bot, ExitStack() as open_files:
        adds, requests = _rehearsed(bot, counts, folder)
        by_hand, in_listener = (
            open_files.enter_context(closing(ByHand(folder / f"{name}.db", requests))) for name in COPIES
        )
        bare, listener = bare_app(), bare_app(work=in_listener)
        nothing, row, coming = [payloads.nothing()], [payloads.nothing()] * counts.acks, iter(adds)
        acks = in_turn(
            counts.rounds,
            {
                "whole": lambda: _cpu(lambda: _carry_out(bot.app, row)) / counts.acks,
                "bare": lambda: _cpu(lambda: _carry_out(bare, row)) / counts.acks,
            },
        )
        single = in_turn(
            counts.adds,
            {
                "add": lambda: _cpu(lambda: _carry_out(bot.app, [next(coming)])),
                "bare": lambda: _cpu(lambda: _carry_out(bare, nothing)),
                "by hand": lambda: _cpu(by_hand),
                "listener": lambda: _cpu(lambda: _carry_out(listener, nothing)),
            },
        )
    return [
        Comparison("ack of nothing, CPU / a bare ack", "us", acks["whole"], acks["bare"], ACK_GOAL),
        Comparison("/lead add, CPU / its statements by hand", "us", single["add"], single["by hand"], BY_HAND_GOAL),
        Comparison("/lead add, CPU / a bare ack", "us", single["add"], single["bare"], ADD_GOAL),
        Comparison("/lead add, CPU / a bare listener that does it by hand", "us", single["add"], single["listener"]),
    ]


WARMING, PROFILED = 50, 1000
COPIES = ("by_hand", "in_listener")


def _rehearsed(bot: Bot, counts: Counts, folder: Path) -> tuple[list[Command], list[list[Statement]]]:
    """Return the adds to come and the statements of each, and leave equal databases that hold none of them yet."""
    _carry_out(bot.app, _adds(WARMING))
    # The last connection's end moves everything from the -wal into the file.
    bot.database.engine.dispose()
    _fill(folder / "whole.db", counts.leads)
    for name in COPIES:
        shutil.copy(folder / "whole.db", folder / f"{name}.db")
    adds, requests = _adds(counts.adds), []
    with noted(bot.database.engine) as statements:
        # What a connection is set up with is none of a request's statements.
        _carry_out(bot.app, [payloads.add()])
        for command in adds:
            statements.clear()
            _carry_out(bot.app, [command])
            requests.append(list(statements))
    shutil.copy(folder / f"{COPIES[0]}.db", folder / "whole.db")
    return adds, requests


def _fill(file: Path, count: int) -> None:
    """Add leads like the first one: a query that reads the whole table is to be seen."""
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        columns = [row[1] for row in connection.execute("PRAGMA table_info(lead)")]
        keys = {name: f"first.{name} || n" for name in ("name_key", "email_key", "phone_key")}
        values = {name: f"first.{name}" for name in columns} | keys | {"id": "first.id - n", "number": "1000000 + n"}
        connection.execute(
            "WITH RECURSIVE serial(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM serial WHERE n < ?) "  # noqa: S608  Our own names.
            f"INSERT INTO lead SELECT {', '.join(values.values())} FROM serial, (SELECT * FROM lead LIMIT 1) AS first",
            [count],
        )


def profile(folder: Path, what: str) -> None:
    """Print where the time of `/lead add`, or of the verb that does nothing, goes."""
    with started_bot(folder) as bot:
        commands = _adds(PROFILED) if what == "add" else [payloads.nothing()] * PROFILED
        _carry_out(bot.app, _adds(WARMING))
        profiler = cProfile.Profile()
        profiler.runcall(_carry_out, bot.app, commands)
    for order in ("tottime", "cumtime"):
        pstats.Stats(profiler).sort_stats(order).print_stats(25)


def _adds(count: int) -> list[Command]:
    return [payloads.add() for _ in range(count)]


def _carry_out(app: App, commands: Iterable[Command]) -> None:
    for command in commands:
        command.check(app.dispatch(BoltRequest(body=command.body, headers=HEADERS)).body)


def _cpu(act: Callable[[], object]) -> float:
    """Return the process's user and system time of `act`, in microseconds."""
    started = time.process_time()
    act()
    return (time.process_time() - started) * 1e6
