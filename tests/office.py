"""A whole office for tests: the playground's Slack, the real bot behind signed HTTP, and a clock that only moves when told."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlmodel import col

from bot import Bot
from jobs.table import run_job
from models.handoff import Handoff
from models.lead import Lead
from models.touchpoint import Touchpoint
from playground import PlaygroundServer
from playground.entities import Message
from playground.people import Person
from playground.results import CommandResult
from playground.seed import MARKETING, SALES, demo_workspace
from settings import read_settings
from web.app import make_web
from web.server import WebServer

# A Tuesday, 9:40 in Tokyo: everybody is at work.
MORNING = datetime.fromisoformat("2026-11-24T09:40:00+09:00")


class Clock:
    """Business time, moved by hand."""

    def __init__(self, now: datetime = MORNING) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def move(self, **length: float) -> None:
        """Move forward by a length such as `hours=2`."""
        self.now += timedelta(**length)


class Office:
    """The workspace, its people, and the bot that serves them. Jobs run when a test says so."""

    def __init__(self, server: PlaygroundServer, bot: Bot, clock: Clock) -> None:
        self.server, self.bot, self.clock = server, bot, clock
        self.workspace = server.workspace

    def person(self, name: str) -> Person:
        return self.server.person(name)

    @property
    def tanaka(self) -> Person:
        """Marketing, Japanese."""
        return self.person("tanaka")

    @property
    def aoki(self) -> Person:
        """Sales, Japanese."""
        return self.person("aoki")

    @property
    def sato(self) -> Person:
        """Sales, English."""
        return self.person("sato")

    @property
    def mori(self) -> Person:
        """Manager, in both channels."""
        return self.person("mori")

    def say(self, person: Person, line: str, channel: str = "") -> CommandResult:
        """Have somebody type a command in their own channel."""
        home = SALES if person.user.id in {self.aoki.user.id, self.sato.user.id} else MARKETING
        return person.command(channel or home, f"/lead {line}")

    def run(self, job: str) -> int:
        """Run one job, and send what it causes."""
        done = run_job(job, self.bot.jobs)
        if job != "deliver":
            self.deliver()
        return done

    def deliver(self) -> None:
        """Send everything that is due."""
        self.bot.deliverer.run_until_sent(5)

    def answered(self) -> None:
        """Wait until the answers through response_urls have arrived."""
        self.bot.responder.settle()

    def heard(self, person: Person, channel: str = "") -> str:
        """Return the last private answer that somebody got."""
        self.answered()
        home = SALES if person.user.id in {self.aoki.user.id, self.sato.user.id} else MARKETING
        return person.private_answers(channel or home)[-1].text

    def cards(self) -> list[Message]:
        """Return the top-level messages of the sales channel."""
        return [m for m in self.mori.sees(SALES) if not m.is_ephemeral and m.thread_ts in {None, "", m.ts}]

    def leads(self) -> list[Lead]:
        """Return all leads, the oldest first."""
        with self.bot.database.read() as session:
            return list(session.scalars(select(Lead).order_by(col(Lead.number))))

    def lead(self, number: int = 1) -> Lead:
        """Return `L-number`."""
        return next(lead for lead in self.leads() if lead.number == number)

    def handoffs(self) -> list[Handoff]:
        """Return all handoffs, the oldest first."""
        with self.bot.database.read() as session:
            return list(session.scalars(select(Handoff).order_by(col(Handoff.id))))

    def touchpoints(self) -> list[Touchpoint]:
        """Return all touchpoints, the oldest first."""
        with self.bot.database.read() as session:
            return list(session.scalars(select(Touchpoint).order_by(col(Touchpoint.id))))

    def snapshot(self) -> dict[str, Any]:
        """Return every row of what people see, to compare before and after."""
        return {
            "leads": [lead.model_dump() for lead in self.leads()],
            "handoffs": [handoff.model_dump() for handoff in self.handoffs()],
            "touchpoints": [touchpoint.model_dump() for touchpoint in self.touchpoints()],
        }


def slack_time(clock: Clock) -> Callable[[], datetime]:
    """Return Slack's time: the business time, but never before the real one, by which the bot looks messages up."""
    return lambda: max(clock(), datetime.now(UTC))


@contextmanager
def open_office(
    database_url: str, clock: Clock | None = None, *, channels: bool = True, **settings: Any
) -> Iterator[Office]:
    """Start Slack and the bot, and let the bot read who is in the channels."""
    clock = clock or Clock()
    with PlaygroundServer(demo_workspace(slack_time(clock))) as server:
        server.workspace.timing.rate_limits = False
        bot = Bot(settings_for(server, database_url, channels=channels, **settings), clock)
        bot.deliverer.seconds_between_posts = 0
        web = WebServer(
            make_web(bot.app, bot.settings, bot.database, bot.workspace_id, bot.vitals, clock, bot.metrics),
            "127.0.0.1",
            0,
        )
        web.start()
        try:
            run_job("members", bot.jobs)
            assert server.deliver_to(f"http://127.0.0.1:{web.port}/slack/events")
            yield Office(server, bot, clock)
        finally:
            web.stop(1)
            bot.responder.close()
            bot.database.engine.dispose()


def settings_for(server: PlaygroundServer, database_url: str, *, channels: bool = True, **settings: Any) -> Any:
    """Return settings that lead to the playground, by signed HTTP unless told otherwise."""
    installation = server.workspace.installation
    known = {
        "SLACK_BOT_TOKEN": installation.bot_token,
        "SLACK_SIGNING_SECRET": installation.signing_secret,
        "SLACK_API_URL": server.api_url,
        "DATABASE_URL": database_url,
        "PORT": 0,
    }
    if channels:
        known |= {"SALES_CHANNEL": SALES, "MARKETING_CHANNEL": MARKETING}
    return read_settings(**known, **settings)
