"""What tests of the clock's side look at and move by hand: messages on their way, their leases and their due times."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlmodel import col

from jobs.deliver import Deliverer
from jobs.table import run_job
from models.delivery import Delivery, DeliveryKind
from models.handoff import Handoff
from models.lead import Lead
from models.member import Member
from models.records import Change, JobRun
from models.touchpoint import Touchpoint
from playground.entities import Message
from playground.seed import AOKI, MORI, SALES
from tests.office import Office

POST, UPDATE = "chat.postMessage", "chat.update"


def offer(office: Office, name: str = "中村 理恵") -> str:
    """Have marketing add a lead and hand it off, and nothing sent yet; return its label."""
    number = len(office.leads()) + 1
    office.say(office.tanaka, f"add {name}{number}, ミナモ精機株式会社, n{number}@minamo.example")
    office.say(office.tanaka, f"qualify L-{number}")
    return f"L-{number}"


def claim(office: Office, label: str) -> None:
    """Have Aoki claim a lead by command: there may be no card to click."""
    assert office.say(office.aoki, f"claim {label}").ok


def become_overdue(office: Office) -> None:
    """Let the time to claim run out and the clock's side note it; nothing is sent yet."""
    office.clock.move(hours=2, minutes=1)
    run_job("handoffs", office.bot.jobs)


def assign(office: Office, label: str) -> None:
    """Have the manager give a lead to Aoki, who is told in a direct message."""
    assert office.say(office.mori, f"assign {label} <@{AOKI}>").ok


def outbox(office: Office, kind: DeliveryKind | None = None) -> list[Delivery]:
    """Return the messages that should exist, the oldest first."""
    query = select(Delivery).order_by(col(Delivery.id))
    with office.bot.database.read() as session:
        return list(session.scalars(query if kind is None else query.where(col(Delivery.kind) == kind)))


def move_outbox(office: Office, **values: Any) -> None:
    """Change every message's row."""
    with office.bot.database.write() as session:
        session.execute(update(Delivery).values(values))


def run_again(office: Office, deliverer: Deliverer | None = None) -> int:
    """Run the deliverer as if every pause were over."""
    move_outbox(office, next_attempt_at=datetime(1970, 1, 1, tzinfo=UTC))
    return (deliverer or office.bot.deliverer).run()


def end_leases(office: Office) -> None:
    """Make the leases of a process that died run out."""
    long_ago = datetime.now(UTC) - timedelta(seconds=1)
    with office.bot.database.write() as session:
        leased = update(Delivery).where(col(Delivery.leased_until).is_not(None))
        session.execute(leased.values(leased_until=long_ago))


def another_deliverer(office: Office) -> Deliverer:
    """Return a second deliverer on the same database, as another process has one."""
    bot = office.bot
    other = Deliverer(bot.database, bot.client, bot.workspace_id, office.clock, bot.metrics, bot.settings.COMMAND)
    other.seconds_between_posts = 0
    return other


def posted(office: Office, channel: str = SALES) -> list[Message]:
    """Return what the bot posted in a channel, thread replies among it."""
    bot = office.workspace.bot.id
    return [message for message in office.workspace.messages.in_channel(channel) if message.user == bot]


def told_managers(office: Office) -> list[Message]:
    """Return the manager's direct messages."""
    return [message for message in office.person(MORI).dms() if message.user == office.workspace.bot.id]


def changes(office: Office) -> list[Change]:
    """Return the history of all leads, the oldest first."""
    with office.bot.database.read() as session:
        return list(session.scalars(select(Change).order_by(col(Change.id))))


def snapshot(office: Office) -> dict[str, list[Any]]:
    """Return every row that a job could change."""
    with office.bot.database.read() as session:
        tables = (Lead, Handoff, Touchpoint, Delivery, Member, Change, JobRun)
        return {table.__name__: [row.model_dump() for row in session.scalars(select(table))] for table in tables}
