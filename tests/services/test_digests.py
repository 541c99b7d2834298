"""Digest planning over a simulated year: one per local working day in every zone, through restarts and outages."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

import holidays
import pytest
from sqlalchemy import select
from sqlmodel import Session, col

from models.database import Database, make_engine
from models.member import Member
from models.records import JobRun
from models.workspace import Workspace
from services.digest_times import BATCH, plan_digests, send_digests
from services.workspaces import get_workspace
from tests.postgres import usual_url

COUNTRIES = {
    "Asia/Tokyo": "JP",
    "America/New_York": "US",
    "Europe/London": "GB",
    "Europe/Berlin": "DE",
    "Australia/Sydney": "AU",
    "Asia/Kolkata": "IN",
}
BEGIN, END = datetime(2026, 4, 1, tzinfo=UTC), datetime(2027, 4, 1, tzinfo=UTC)
NINE = time(9)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """A workspace with one salesperson in each zone."""
    with usual_url(tmp_path, migrated=True) as url:
        database = Database(make_engine(url))
        with database.write() as session:
            session.add(Workspace(id=1, slack_id="T1", created_at=BEGIN))
            session.flush()
            for number, zone in enumerate(COUNTRIES, start=1):
                session.add(Member(workspace_id=1, id=number, slack_id=f"U{number}", name=zone, timezone=zone, is_sales=True,
                                   refreshed_at=BEGIN))  # fmt: skip
        yield database
        database.engine.dispose()


def _run(session: Session, now: datetime) -> None:
    workspace = get_workspace(session, 1)
    plan_digests(session, workspace, now)
    while send_digests(session, workspace, now) == BATCH:
        pass


def _due_times() -> dict[str, dict[date, datetime]]:
    """Work out from the calendar alone when each zone's digests are due."""
    days = [BEGIN.date() + timedelta(days=number) for number in range(-1, (END - BEGIN).days)]
    return {
        zone: {
            day: datetime.combine(day, NINE, ZoneInfo(zone)).astimezone(UTC)
            for day in days
            if day.weekday() < 5 and day not in holidays.country_holidays(country, years=day.year)
        }
        for zone, country in COUNTRIES.items()
    }


def _ticks(due: dict[str, dict[date, datetime]], random: Random) -> list[datetime]:
    """Return when the bot looks: a little after every due time and at odd hours, and never while it is down."""
    wanted = {at + timedelta(seconds=random.uniform(0, 5)) for days in due.values() for at in days.values()}
    wanted |= {BEGIN + timedelta(hours=random.uniform(0, 365 * 24)) for _ in range(200)}
    begins = [BEGIN + timedelta(days=24 * number + random.uniform(1, 15)) for number in range(15)]
    outages = [(begin, begin + timedelta(hours=random.choice((0.1, 2, 12, 30, 80, 160)))) for begin in begins]
    wanted |= {end for _, end in outages}
    running = (at for at in wanted if not any(begin <= at < end for begin, end in outages))
    return [BEGIN - timedelta(days=1), *sorted(running)]


def test_one_digest_per_local_working_day(database: Database) -> None:
    """A year, six zones, fifteen outages of up to a week: each working day once if the bot was up that day after nine."""
    due = _due_times()
    ticks = _ticks(due, Random(7))  # noqa: S311  Nothing is secret here.
    with database.write() as session:
        for number, now in enumerate(ticks):
            _run(session, now)
            if number % 4 == 0:
                # As a second process would.
                _run(session, now)
    with database.read() as session:
        slots = session.scalars(select(col(JobRun.slot)).where(col(JobRun.job) == "digest")).all()
    for number, (zone, days) in enumerate(due.items(), start=1):
        sent = {date.fromisoformat(slot.partition(":")[2]) for slot in slots if slot.startswith(f"{number}:")}
        expected = {day for day, at in days.items() if at > ticks[0] and _was_up(ticks, at, zone, day)}
        assert sent == expected, zone


def _was_up(ticks: list[datetime], at: datetime, zone: str, day: date) -> bool:
    midnight = datetime.combine(day + timedelta(days=1), time(0), ZoneInfo(zone)).astimezone(UTC)
    return any(at <= tick < midnight for tick in ticks)


def test_plan_is_made_once_and_anew_when_forgotten(database: Database) -> None:
    """Whoever has a planned digest is left alone."""
    with database.write() as session:
        workspace = get_workspace(session, 1)
        assert plan_digests(session, workspace, BEGIN) == len(COUNTRIES)
        assert plan_digests(session, workspace, BEGIN + timedelta(days=3)) == 0
        member = session.get_one(Member, (1, 1))
        assert member.digest_due_at == datetime(2026, 4, 2, tzinfo=UTC)
        member.digest_due_at = None
        assert plan_digests(session, workspace, BEGIN) == 1
