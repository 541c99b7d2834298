"""Baton as it is, with one verb more: the verb that does nothing.

`python -m benchmarks.whole http|socket` serves it, settings from the environment, until its standard input ends; over
HTTP it first prints its port.
"""

import os
import sys
from unittest.mock import patch

from benchmarks.bare import BLOCKS, TEXT
from benchmarks.payloads import NOTHING
from bot import Bot, Running
from handlers import router, table
from handlers.request import Desk, Reply, Request
from models.member import Right
from settings import Settings, read_settings
from views.blocks import Message


def _do_nothing(_desk: Desk, _request: Request) -> Reply:
    return Reply(Message(TEXT, BLOCKS))


def whole_bot(settings: Settings) -> Bot:
    """Put Baton together; every verb, click and form of its own is there too."""
    with patch.object(router, "VERBS", (*table.VERBS, table.Entry(_do_nothing, Right.READ, NOTHING))):
        return Bot(settings)


def _serve(door: str) -> None:
    other = "SLACK_SIGNING_SECRET" if door == "socket" else "SLACK_APP_TOKEN"
    os.environ[other] = ""
    running = Running(whole_bot(read_settings()))
    running.start()
    sys.stdout.write(f"{running.web.port}\n")
    sys.stdout.flush()
    sys.stdin.read()
    running.stop()


if __name__ == "__main__":
    _serve(sys.argv[1])
