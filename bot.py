"""Baton's composition root: settings → engine → Bolt app → scheduler → start. `python bot.py` is the command line."""

import gc

# What is imported stays, and is much: a seventh of a start would go into looking through it for what does not.
gc.disable()

import logging
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from http.client import HTTPException
from queue import Empty, SimpleQueue

from slack_bolt import App
from slack_bolt.authorization import AuthorizeResult
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from handlers.people import People
from handlers.request import Desk
from handlers.responder import Responder
from handlers.router import Router
from handlers.socket_mode import SocketMode
from handlers.table import HELP
from jobs.context import JobContext
from jobs.deliver import TOKEN_ERRORS, Deliverer
from jobs.scheduler import Scheduler
from models.database import Database, make_engine, told_in_words
from models.schema import migrate
from models.wake import Listener
from models.workspace import Workspace
from services import workspaces
from services.metrics import Metrics
from services.working_time import list_holidays
from services.workspaces import Installation
from settings import Settings
from views.blocks import View
from views.help import VerbHelp
from views.words import Reader
from web.vitals import Vitals

gc.freeze()
gc.enable()

log = logging.getLogger("baton")

EXIT_SILENT_SOCKET = 3
# How long requests under way may take to end once the process is told to.
DRAIN_SECONDS = 10
SIGNAL_SECONDS = 1.0
SLACK_START_PAUSES = (1, 2, 5, 10, 20, 30)


class StartError(Exception):
    """Baton cannot start. The text is one line that says why and what to do."""


def utc_now() -> datetime:
    """Return the real time: the business clock of a bot that runs."""
    return datetime.now(UTC)


def usage(locale: str) -> tuple[VerbHelp, ...]:
    """List what can be typed after the command, in the words of a language (`ja`, `en`)."""
    say = Reader(locale, "UTC", "").t
    return tuple(replace(verb, usage=say(verb.usage), summary=say(verb.summary)) for verb in HELP)


class Bot:
    """Everything that runs in one process, put together once."""

    def __init__(self, settings: Settings, clock: Callable[[], datetime] = utc_now) -> None:
        self.settings, self.clock = settings, clock
        engine = make_engine(settings.DATABASE_URL)
        with told_in_words():
            migrate(engine)
        self.database, self.metrics, self.vitals = Database(engine), Metrics(), Vitals()
        self.database.on_busy = self.metrics.database_busy
        self.vitals.schema_checked(is_ok=True)
        self.client = WebClient(
            settings.SLACK_BOT_TOKEN, base_url=settings.SLACK_API_URL, timeout=10, retry_handlers=[]
        )
        self.installation = _installation(self.client)
        workspace = self._install()
        self.workspace_id = workspace.id
        # What happens before an ack has 2 s for Slack, the rest of the 3 s is ours.
        hurried = WebClient(settings.SLACK_BOT_TOKEN, base_url=settings.SLACK_API_URL, timeout=2, retry_handlers=[])
        people = People(
            self.database, hurried, workspace.id, workspace.slack_id, settings.DEFAULT_LOCALE, settings.DEFAULT_TIMEZONE
        )
        self.responder = Responder(settings.fetchable_origins)
        self.desk = Desk(self.database, workspace.id, workspace.country, forget_person=people.forget)
        self.desk.command, self.desk.bot_slack_id = settings.COMMAND, workspace.bot_user_slack_id
        self.desk.publish_home = self._publish_home
        self.reader = Reader(settings.DEFAULT_LOCALE, settings.DEFAULT_TIMEZONE, settings.COMMAND)
        router = Router(
            self.desk, people, hurried, self.responder, self.metrics, clock, workspace.slack_id, self.reader
        )
        self.app = _bolt_app(settings, self.installation)
        router.register(self.app)
        self.deliverer = Deliverer(self.database, self.client, workspace.id, clock, self.metrics, settings.COMMAND)
        self.jobs = JobContext(
            self.database,
            self.client,
            workspace.id,
            workspace.slack_id,
            clock,
            self.deliverer,
            self.metrics,
            people.forget,
            settings.fetchable_origins,
        )

    def _publish_home(self, slack_id: str, view: View) -> None:
        self.responder.later(lambda: self.client.views_publish(user_id=slack_id, view=view))

    def _install(self) -> Workspace:
        settings, now = self.settings, self.clock()
        with self.database.write() as session:
            workspace = workspaces.install_workspace(
                session, self.installation, settings.DEFAULT_LOCALE, settings.DEFAULT_TIMEZONE, now
            )
            workspaces.set_channels(session, workspace, settings.SALES_CHANNEL, settings.MARKETING_CHANNEL, now)
        return workspace


def _bolt_app(settings: Settings, installation: Installation) -> App:
    """Build Bolt's app so that a listener is done before its ack and nothing is asked of Slack on the way."""
    result = AuthorizeResult(
        enterprise_id=None,
        team_id=installation.slack_id,
        bot_token=settings.SLACK_BOT_TOKEN,
        bot_user_id=installation.bot_user_slack_id,
    )
    quiet = logging.getLogger("baton.bolt")
    quiet.setLevel(logging.ERROR)
    return App(
        # Else Bolt looks for the name of the file that asks, through the sources of every frame on the stack.
        name="baton",
        logger=quiet,
        client=WebClient(base_url=settings.SLACK_API_URL),
        authorize=lambda: result,
        process_before_response=True,
        # web/ checks signatures on the raw bytes; a socket is authenticated by its token.
        request_verification_enabled=False,
        user_facing_authorize_error_message="",
    )


def _installation(client: WebClient) -> Installation:
    """Ask Slack who we are; wait for it while it is away.

    Raises:
        StartError: Slack refuses the token, or has not answered for a minute.
    """
    for pause in (*SLACK_START_PAUSES, None):
        try:
            answer = client.auth_test()
            return Installation(str(answer["team_id"]), str(answer["team"]), str(answer["user_id"]))
        except SlackApiError as error:
            code = str(error.response.get("error"))
            if code in TOKEN_ERRORS:
                raise StartError(
                    f"SLACK_BOT_TOKEN is refused by Slack ({code}): copy it anew from the page OAuth & Permissions"
                ) from None
            reason = code
        except (SlackClientError, OSError) as error:
            reason = type(error).__name__
        if pause is None:
            break
        log.warning("Slack does not answer (%s), trying again in %d s", reason, pause)
        time.sleep(pause)
    raise StartError(f"Slack does not answer at {client.base_url} ({reason}): check the network and SLACK_API_URL")


class Running:
    """A bot that serves: web, socket and scheduler started, and stopped in the order that loses nothing."""

    def __init__(self, bot: Bot) -> None:
        from web.app import make_web  # noqa: PLC0415  Most commands serve nothing, and Starlette and uvicorn are large.
        from web.server import WebServer  # noqa: PLC0415  As above.

        self._bot, settings = bot, bot.settings
        self.exit_code = 0
        # Not an Event: a signal's handler may interrupt whoever holds its lock, and a second signal the first's handler.
        self._endings: SimpleQueue[int] = SimpleQueue()
        self.scheduler = Scheduler(bot.jobs)
        web = make_web(bot.app, settings, bot.database, bot.workspace_id, bot.vitals, bot.clock, bot.metrics)
        self.web = WebServer(web, settings.HOST, settings.PORT)
        self._socket = (
            SocketMode(
                bot.app,
                settings.SLACK_APP_TOKEN,
                settings.SLACK_API_URL,
                bot.reader,
                bot.vitals.pong_received,
                bot.vitals.socket_lost,
                self._fall_silent,
            )
            if settings.SLACK_APP_TOKEN
            else None
        )
        self._listener = Listener(bot.database.engine, bot.database.name, self.scheduler.wake)
        bot.database.on_wake = self.scheduler.wake
        bot.desk.channels_changed = self.scheduler.read_channels
        bot.desk.scores_changed = lambda: self.scheduler.wake("scores")
        bot.deliverer.on_pass = bot.vitals.deliverer_ran

    def start(self) -> None:
        """Serve.

        Raises:
            ServeError: the port is taken.
            StartError: Slack refuses the app token or does not answer.
        """
        # The first handoff's answer could not wait for it; the members job lists those of other countries.
        list_holidays([self._bot.desk.country], self._bot.clock().date())
        self.web.start()
        self.scheduler.start()
        self._listener.start()
        if self._socket is not None:
            try:
                self._socket.start()
            except SlackApiError as error:
                raise StartError(
                    f"SLACK_APP_TOKEN is refused by Slack ({error.response.get('error')}): "
                    "copy it anew from the page Basic Information, with the scope connections:write"
                ) from None
            except (SlackClientError, OSError, HTTPException) as error:
                raise StartError(f"Slack does not answer ({type(error).__name__}): check the network") from None
            if self._socket.is_connected:
                self._bot.vitals.socket_connected()
        if not self._bot.settings.HOOK_SECRET:
            log.info("HOOK_SECRET is not set: webhooks are off")
        log.info("ready", extra={"port": self.web.port, "mode": "socket" if self._socket else "http"})

    def stop(self) -> None:
        """Take nothing more in, finish what runs, and let go."""
        self._bot.vitals.drain()
        # At once, not when its turn comes below: what it is sending may take Slack ten seconds.
        self._bot.deliverer.stopping.set()
        self._listener.stop()
        if self._socket is not None:
            self._socket.stop()
        self.web.stop(DRAIN_SECONDS)
        self.scheduler.stop()
        self._bot.responder.close()
        self._bot.database.engine.dispose()

    def end(self, exit_code: int = 0) -> None:
        """Have whoever waits for the end go on; a signal may call it, in whatever moment."""
        self._endings.put(exit_code)

    def wait_for_end(self) -> None:
        """Serve until somebody calls `end`.

        A signal that comes between the last look at signals and the wait does not end the wait: so it looks every second.
        """
        while True:
            with suppress(Empty):
                self.exit_code = self._endings.get(timeout=SIGNAL_SECONDS)
                return

    def _fall_silent(self) -> None:
        self.end(EXIT_SILENT_SOCKET)


if __name__ == "__main__":
    # The command line puts a Bot together only for what needs one.
    from command_line import cli

    cli()
