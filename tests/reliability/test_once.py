"""Digests in three processes that race, are killed and started again, while the clock goes on, jumps and stands still.

Time is told to the processes; each runs the digest job of the product against one database, as its scheduler would.
"""

import os
import random
import signal
import socket
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import accumulate
from pathlib import Path
from time import sleep
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from jobs import digest
from jobs.context import JobContext
from models.database import Database, make_engine
from models.delivery import Delivery, DeliveryKind
from models.lead import Lead, Source, Stage
from models.member import Member
from models.workspace import Team, Workspace
from services.working_time import country_of, is_holiday
from tests.postgres import fresh_url
from tests.reliability.helpers import Tables
from tests.reliability.recorder import record

# Summer time in the north and in the south, half hours, none at all, and a change at midnight.
ZONES = ("Asia/Tokyo", "America/New_York", "Europe/London", "Australia/Lord_Howe", "Asia/Kolkata", "America/Santiago")
PROCESSES = 3
# Within four weeks all of those clocks change that do.
BEGIN = datetime(2027, 3, 10, tzinfo=UTC)
SHORT_DAYS = 28
SEED = int(os.environ.get("SEED", "2027"))
COUNT = int(os.environ.get("COUNT", "3652"))
NINE = time(9)


class Scheduler:
    """A process that runs the job whenever it is told the time; it may be killed meanwhile."""

    def __init__(self, url: str) -> None:
        ours, theirs = socket.socketpair()
        self.pid = os.fork()
        if self.pid == 0:
            ours.close()
            _serve(url, theirs)
        theirs.close()
        self._line = ours

    def begin(self, now: datetime) -> None:
        self._line.sendall(f"{now.isoformat()}\n".encode())

    def finish(self) -> None:
        """Wait until it is done, and fail when it could not do it."""
        assert self._line.recv(1) == b"."

    def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        self._line.close()


def _serve(url: str, line: socket.socket) -> None:
    try:
        database, now = Database(make_engine(url)), BEGIN
        context = _context(database, lambda: now)
        for told in line.makefile():
            now = datetime.fromisoformat(told.strip())
            digest.run(context)
            line.sendall(b".")
    finally:
        os._exit(1)


def _context(database: Database, clock: Callable[[], datetime]) -> JobContext:
    """Give the job what it works with; it asks nothing of Slack."""
    ending: Any = SimpleNamespace(stopping=SimpleNamespace(is_set=lambda: False))
    nothing: Any = None
    return JobContext(database, nothing, 1, "T1", clock, ending, nothing, nothing, frozenset())


def _fill(database: Database, url: str) -> None:
    """Make a workspace with somebody in every zone, who always has something to do."""
    with database.write() as session:
        session.add(Workspace(id=1, slack_id="T1", created_at=BEGIN))
        session.flush()
        session.add(Team(workspace_id=1, name="", channel_slack_id="C1", created_at=BEGIN))
        for number, zone in enumerate(ZONES, start=1):
            session.add(Member(workspace_id=1, id=number, slack_id=f"U{number}", name=zone, timezone=zone, is_sales=True,
                               refreshed_at=BEGIN))  # fmt: skip
        session.flush()
        for number in range(1, len(ZONES) + 1):
            session.add(Lead(workspace_id=1, id=number, number=number, name=f"Lead {number}", name_key=f"lead{number}",
                             search_text=f"lead{number}", source=Source.OTHER, stage=Stage.SQL, stage_at=BEGIN,
                             owner_id=number, follow_up_due_at=BEGIN, follow_up_on=BEGIN.date(), created_at=BEGIN,
                             updated_at=BEGIN))  # fmt: skip


@dataclass(frozen=True)
class Gap:
    """Baton is down."""

    begin: datetime
    end: datetime


def _gaps(days: int, lot: random.Random) -> list[Gap]:
    begins = [BEGIN + timedelta(days=day, hours=lot.uniform(0, 24)) for day in range(5, days - 9, 12)]
    return [Gap(begin, begin + timedelta(hours=lot.choice((0.2, 3, 14, 40, 90, 167)))) for begin in begins]


def _due_times(days: int) -> dict[str, dict[date, datetime]]:
    """Work out from the calendar alone when everybody's digests are due (UTC)."""
    calendar = [BEGIN.date() + timedelta(days=number) for number in range(days)]
    return {
        zone: {
            day: datetime.combine(day, NINE, ZoneInfo(zone)).astimezone(UTC)
            for day in calendar
            if day.weekday() < 5
            and datetime.combine(day, NINE, ZoneInfo(zone)) > BEGIN
            and not is_holiday(country_of(zone, "JP"), day)
        }
        for zone in ZONES
    }


def _ticks(
    due: Mapping[str, Mapping[date, datetime]], gaps: list[Gap], days: int, lot: random.Random
) -> list[datetime]:
    """Return when the processes look: just before or after every due time and at odd hours, but never while down."""
    ticks = {at + timedelta(seconds=lot.choice((-1, 0, 2, 5))) for times in due.values() for at in times.values()}
    ticks |= {BEGIN + timedelta(days=lot.uniform(0, days)) for _ in range(days)}
    ticks |= {gap.end for gap in gaps}
    up = sorted(at for at in ticks if at >= BEGIN and not any(gap.begin <= at < gap.end for gap in gaps))
    return [BEGIN, *up]


def _simulate(url: str, days: int, lot: random.Random) -> Iterator[tuple[datetime, bool]]:
    """Let the days pass; yield every time that somebody looked, and whether that process was killed."""
    due = _due_times(days)
    processes = [Scheduler(url) for _ in range(PROCESSES)]
    try:
        for at in _ticks(due, _gaps(days, lot), days, lot):
            # A clock may be set back by a minute or by two hours, and find its way again.
            for now in (at, at - timedelta(seconds=lot.choice((60, 7200))), at) if lot.random() < 0.02 else (at,):
                doomed = lot.randrange(PROCESSES) if lot.random() < 0.1 else None
                _look(processes, now, doomed)
                if doomed is not None:
                    processes[doomed] = Scheduler(url)
                    # What it had locked is free when the database has seen that it died, and is looked for every 5 s.
                    for _ in range(3):
                        sleep(0.02)
                        _look(processes, now, None)
                yield now, doomed is not None
    finally:
        for process in processes:
            process.kill()


def _look(processes: list[Scheduler], now: datetime, doomed: int | None) -> None:
    """Have everybody run the job at once, and kill one of them meanwhile."""
    for process in processes:
        process.begin(now)
    for number, process in enumerate(processes):
        if number != doomed:
            process.finish()
    if doomed is not None:
        processes[doomed].kill()


def _run(kind: str, folder: Path, days: int, lot: random.Random) -> dict[str, int]:
    """Simulate, compare what was sent with the calendar, and return the figures."""
    with fresh_url(kind, folder, migrated=True) as url:
        database, tables = Database(make_engine(url)), Tables(url)
        _fill(database, url)
        database.engine.dispose()
        looks = list(_simulate(url, days, lot))
        sent = [row for row in tables.all(Delivery) if row.kind is DeliveryKind.DIGEST]
        tables.close()
    # A clock that is set back does not undo what was planned before: whoever looks then finds nothing new to do.
    latest = accumulate((at for at, _ in looks), max)
    times = [at for (at, _), last in zip(looks, latest, strict=True) if at == last]
    late = 0
    for number, (zone, due) in enumerate(_due_times(days).items(), start=1):
        about = [row.about.partition(":") for row in sent if row.subject_id == number]
        got = Counter(date.fromisoformat(day) for day, _, _ in about)
        wanted = {day: first for day, at in due.items() if (first := _first_look(times, at, day, zone))}
        assert got == Counter(wanted.keys()), zone
        late += sum(mark == "late" for _, _, mark in about)
        marked = {date.fromisoformat(day) for day, _, mark in about if mark == "late"}
        an_hour_late, after_a_gap = _late_days(due, wanted, times)
        assert an_hour_late <= marked <= an_hour_late | after_a_gap, zone
    return {"digests": len(sent), "marked late": late, "kills": sum(killed for _, killed in looks), "looks": len(looks)}


def _first_look(times: list[datetime], at: datetime, day: date, zone: str) -> datetime | None:
    """Return when somebody first looked on that day at nine or later; None when everybody was down."""
    midnight = datetime.combine(day + timedelta(days=1), time(0), ZoneInfo(zone)).astimezone(UTC)
    return next((look for look in times if at <= look < midnight), None)


def _late_days(
    due: Mapping[date, datetime], wanted: Mapping[date, datetime], times: list[datetime]
) -> tuple[set[date], set[date]]:
    """Return the days whose digest came over an hour late, and those on which it stands for a missed one as well."""
    late = {day for day, look in wanted.items() if look - due[day] > timedelta(hours=1)}
    pairs = zip(due, list(due)[1:], strict=False)
    gaps = {day for before, day in pairs if day in wanted and not any(due[before] <= at < wanted[day] for at in times)}
    return late, gaps


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_one_digest_a_person_and_working_day(kind: str, tmp_path: Path) -> None:
    """Four weeks with the change to summer time: kills, outages of up to a week, a clock set back; each day once."""
    figures = _run(kind, tmp_path, SHORT_DAYS, random.Random(7))  # noqa: S311  Nothing is secret here.
    assert figures["kills"] > 3
    assert figures["marked late"] > 0


@pytest.mark.soak
@pytest.mark.timeout(0)
@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_ten_years_of_digests(kind: str, tmp_path: Path) -> None:
    """The same for ten years."""
    figures = _run(kind, tmp_path, COUNT, random.Random(SEED))  # noqa: S311  The same.
    clock = {"days": COUNT, "zones": len(ZONES), "processes": PROCESSES}
    record("digests", {"database": kind, "seed": SEED, **clock, **figures, "missing or twice": 0})
