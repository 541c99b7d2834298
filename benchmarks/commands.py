"""Commands dispatched inside one process: what the CPU does for an ack, and for a whole `/lead add`."""

import cProfile
import pstats
import shutil
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from slack_bolt import Ack, App, BoltRequest, BoltResponse

from benchmarks import payloads
from benchmarks.bare import BLOCKS, TEXT, bare_app
from benchmarks.by_hand import ByHand, Statement, noted
from benchmarks.table import Comparison, in_turn
from benchmarks.whole import whole_bot
from bot import Bot
from models.database import Database
from playground import PlaygroundServer
from playground.seed import MARKETING, SALES
from settings import read_settings

HEADERS = {"content-type": ["application/x-www-form-urlencoded"]}
ACK_GOAL, BY_HAND_GOAL, ADD_GOAL = 2.0, 2.5, 14.0


@dataclass(frozen=True)
class Counts:
    """How often: rounds, and in each of them acks and adds; `leads` are there before the first."""

    rounds: int = 25
    acks: int = 200
    adds: int = 20
    leads: int = 1000


@contextmanager
def started_bot(folder: Path) -> Iterator[Bot]:
    """Put Baton together over a database in `folder`, against a playground of its own."""
    with PlaygroundServer() as slack:
        installation = slack.workspace.installation
        bot = whole_bot(
            read_settings(
                _env_file=None,
                SLACK_BOT_TOKEN=installation.bot_token,
                SLACK_APP_TOKEN=None,
                SLACK_SIGNING_SECRET=installation.signing_secret,
                SLACK_API_URL=slack.api_url,
                DATABASE_URL=f"sqlite:///{folder / 'whole.db'}",
                SALES_CHANNEL=SALES,
                MARKETING_CHANNEL=MARKETING,
            )
        )
        yield bot
        bot.responder.close()
        bot.database.engine.dispose()


def compare(folder: Path, counts: Counts) -> list[Comparison]:
    """Measure acks and adds, the bare app's and by hand's in the same rounds."""
    bare, nothing = bare_app(), [payloads.form_of(payloads.nothing())] * counts.acks
    with started_bot(folder) as bot:
        _carry_out(bot.app, _adds(counts.leads))
        adds = _adds(counts.rounds * counts.adds)
        alone, listening = _prepared(bot, adds, folder, counts.rounds)
        bodies = _parts(adds, counts.adds)
        with closing(alone), closing(listening):
            figures = in_turn(
                counts.rounds,
                {
                    "bare": lambda: _cpu(lambda: _carry_out(bare, nothing)) / counts.acks,
                    "nothing": lambda: _cpu(lambda: _carry_out(bot.app, nothing)) / counts.acks,
                    "by hand": lambda: _cpu(lambda: [alone() for _ in range(counts.adds)]) / counts.adds,
                    "listener": lambda: _cpu(lambda: _carry_out(_app_of(listening), nothing[: counts.adds])) / counts.adds,
                    "add": lambda: _cpu(lambda: _carry_out(bot.app, next(bodies))) / counts.adds,
                },
            )
    return [
        Comparison("ack of nothing, CPU / a bare ack", "us", figures["nothing"], figures["bare"], ACK_GOAL),
        Comparison("/lead add, CPU / its statements by hand", "us", figures["add"], figures["by hand"], BY_HAND_GOAL),
        Comparison("/lead add, CPU / a bare ack", "us", figures["add"], figures["bare"], ADD_GOAL),
        Comparison("/lead add, CPU / a bare listener that does them by hand", "us", figures["add"], figures["listener"]),
    ]
