"""The demo: the playground and the very same bot that would talk to Slack, side by side on this machine."""

import os
import signal
import sys
import tempfile
import threading
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot import Bot, Running, log_to_stderr
from playground.seed import MARKETING, SALES, demo_workspace
from playground.server import PlaygroundServer
from playground.story import play
from settings import read_settings

DEFAULT_PORT = 8484
EXIT_CONFIGURATION = 2


class Clock:
    """The time of the demo: the real one, moved forward by as much as the story asks."""

    def __init__(self) -> None:
        self._ahead = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self._ahead

    def move_to(self, at: datetime) -> None:
        """Go on from `at`."""
        self._ahead = at - datetime.now(UTC)


def main() -> int:
    """Start both, play the main job once, and stay up until Ctrl-C."""
    port = os.environ.get("PLAYGROUND_PORT") or str(DEFAULT_PORT)
    if not port.isdecimal() or int(port) > 65535:
        return _refuse(f"PLAYGROUND_PORT is malformed: set it to a number from 0 to 65535, not {port!r}")
    log_to_stderr("WARNING")
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    clock = Clock()
    try:
        server = PlaygroundServer(demo_workspace(clock), port=int(port))
    except OSError as error:
        return _refuse(
            f"the playground cannot listen on port {port} ({error.strerror}): set PLAYGROUND_PORT to another"
        )
    with server, tempfile.TemporaryDirectory(prefix="baton-demo-") as folder:
        bot = Bot(read_settings(**_settings(server, Path(folder))), clock)
        running = Running(bot)
        running.start()
        try:
            server.links.wait()
            play(server, running.scheduler.wake, clock.move_to, clock)
            print(f"\nThe playground stays up at {server.url} until Ctrl-C. Its data go with it.", flush=True)
            threading.Event().wait()
        except KeyboardInterrupt:
            # However far the story has come: who has seen enough may leave.
            return 0
        finally:
            running.stop()
    return 0


def _settings(server: PlaygroundServer, folder: Path) -> Mapping[str, object]:
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
    sys.exit(main())
