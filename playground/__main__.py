"""The demo: the playground and the very same bot that would talk to Slack, side by side on this machine.

`python -m playground` serves the page; `python -m playground story` plays the main job once and prints it.
"""

import json
import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bot import Bot, Running, usage
from log_lines import log_to_stderr
from playground.page import ClockMoved, PageOptions, Step, Tour, Verb
from playground.seed import MARKETING, SALES, SATO, demo_workspace
from playground.server import PlaygroundServer
from playground.story import furnish, next_morning, play
from settings import read_settings

DEFAULT_PORT = 8484
EXIT_CONFIGURATION = 2
MANIFEST = Path(__file__).parents[1] / "manifest.json"
LANGUAGES = ("ja", "en")
STRIDE = timedelta(hours=1)
# How long one such stop waits for messages that Slack makes wait.
PATIENCE_SECONDS = 5.0

# A step is done when the bot has shown the button that only what comes of it has.
STEPS = (
    Step("add", "lead.undo_add"),
    Step("log", "touchpoint.undo"),
    Step("claim", "handoff.return_form", for_user=SATO, without="handoff.claim"),
    ClockMoved("clock"),
)


class Clock:
    """The time of the demo: the real one, moved forward by as much as somebody asked."""

    def __init__(self, start: datetime | None = None) -> None:
        self._ahead = start - datetime.now(UTC) if start else timedelta()
        self.do_what_is_due: Callable[[], None] = lambda: None

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self._ahead

    def move_to(self, at: datetime) -> None:
        """Go on from `at`."""
        self._ahead = at - datetime.now(UTC)

    def walk_to(self, at: datetime) -> None:
        """Go to `at` hour by hour, so that the bot does on the way what falls due there, about when it does."""
        self.do_what_is_due()
        while (now := self()) < at:
            self.move_to(min(at, now.replace(minute=0, second=0, microsecond=0) + STRIDE))
            self.do_what_is_due()


@dataclass(frozen=True)
class Demo:
    """The playground and the bot in it, running."""

    server: PlaygroundServer
    running: Running
    clock: Clock
    language: str

    def furnish(self) -> None:
        """Fill the office for whoever comes to look; their first steps begin after that."""
        furnish(self.server, self.clock(), self.language)
        if self.server.page:
            self.server.page.begin()


@contextmanager
def open_demo(port: int = 0, start: datetime | None = None, locale: str | None = None) -> Iterator[Demo]:
    """Run both. The clock begins at `start`, else at the real time; channels speak `locale`, else DEFAULT_LOCALE.

    Raises:
        OSError: the port is taken.
    """
    clock = Clock(start)
    workspace = demo_workspace(clock)
    workspace.install(json.loads(MANIFEST.read_text("utf-8")))
    verbs = {language: _verbs(language) for language in LANGUAGES}
    page = PageOptions(clock.walk_to, next_morning, {"/lead": verbs}, Tour(STEPS))
    with (
        PlaygroundServer(workspace, port=port, page=page) as server,
        tempfile.TemporaryDirectory(prefix="baton-demo-") as folder,
    ):
        given = _settings(server, Path(folder)) | ({"DEFAULT_LOCALE": locale} if locale else {})
        settings = read_settings(**given)
        running = Running(Bot(settings, clock))
        clock.do_what_is_due = lambda: running.scheduler.run_what_is_due(PATIENCE_SECONDS)
        running.start()
        try:
            server.links.wait()
            yield Demo(server, running, clock, settings.DEFAULT_LOCALE)
        finally:
            running.stop()


def _verbs(language: str) -> tuple[Verb, ...]:
    return tuple(Verb(verb.verb, verb.aliases, verb.usage, verb.summary) for verb in usage(language))


def main(arguments: list[str]) -> int:
    """Start both, and stay up until Ctrl-C; told to play the story, end with it."""
    port = os.environ.get("PLAYGROUND_PORT") or str(DEFAULT_PORT)
    if not port.isdecimal() or int(port) > 65535:
        return _refuse(f"PLAYGROUND_PORT is malformed: set it to a number from 0 to 65535, not {port!r}")
    log_to_stderr("WARNING")
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with open_demo(int(port)) as demo:
            if "story" in arguments:
                play(demo.server, demo.running.scheduler.wake, demo.clock.move_to, demo.clock)
                return 0
            _serve(demo)
    except OSError as error:
        return _refuse(
            f"the playground cannot listen on port {port} ({error.strerror}): set PLAYGROUND_PORT to another"
        )
    except KeyboardInterrupt:
        # However far it has come: who has seen enough may leave.
        return 0
    return 0


def _serve(demo: Demo) -> None:
    print(f"Open {demo.server.url} in a browser. Baton is there with a few leads; nothing leaves this machine.")
    print("Ctrl-C ends it, and its data go with it.", flush=True)
    demo.furnish()
    # A Ctrl-C that comes just before a wait without end would not end it: so it looks every second.
    while True:
        time.sleep(1)


def _settings(server: PlaygroundServer, folder: Path) -> dict[str, Any]:
    """Lead the bot to the playground, whatever .env says."""
    installation = server.workspace.installation
    return {
        "SLACK_BOT_TOKEN": installation.bot_token,
        "SLACK_APP_TOKEN": installation.app_token,
        "SLACK_SIGNING_SECRET": None,
        "SLACK_API_URL": server.api_url,
        "DATABASE_URL": f"sqlite:///{folder / 'baton.db'}",
        "HOST": "127.0.0.1",
        "PORT": 0,
        "COMMAND": "/lead",
        "SALES_CHANNEL": SALES,
        "MARKETING_CHANNEL": MARKETING,
        "HOOK_SECRET": None,
    }


def _refuse(said: str) -> int:
    print(said, file=sys.stderr)
    return EXIT_CONFIGURATION


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
