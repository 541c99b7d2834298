"""Count in working time: opening hours on working days, without public holidays."""

import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from models.workspace import WEEKDAYS, Workspace


@dataclass(frozen=True)
class WorkingHours:
    """When a place works: local times in `timezone`, weekdays as numbers from Monday = 0, ISO 3166 `country`."""

    timezone: str
    country: str
    weekdays: frozenset[int]
    open_from: time
    open_until: time

    def is_working_day(self, day: date) -> bool:
        return day.weekday() in self.weekdays and not is_holiday(self.country, day)

    def in_zone(self, timezone: str) -> "WorkingHours":
        """Return the same hours for a person who lives elsewhere, with the holidays of their country."""
        return replace(self, timezone=timezone, country=country_of(timezone, self.country))


def hours_of(workspace: Workspace) -> WorkingHours:
    """Return the working hours that the workspace set up."""
    return WorkingHours(
        workspace.timezone,
        workspace.country,
        weekdays_of(workspace.working_days),
        workspace.open_from,
        workspace.open_until,
    )


def weekdays_of(names: str) -> frozenset[int]:
    """Turn "mon,tue" into {0, 1}."""
    return frozenset(WEEKDAYS.index(name) for name in names.split(",") if name)


def add_working_minutes(start: datetime, minutes: int, hours: WorkingHours) -> datetime:
    """Return the instant (UTC) at which `minutes` of working time have passed since `start`."""
    # In UTC: where summer time begins, a local hour later is not always an hour later.
    start, left = start.astimezone(UTC), timedelta(minutes=minutes)
    for opens, closes in _openings(start, hours):
        begin = max(opens, start)
        if closes - begin >= left:
            return begin + left
        left -= closes - begin
    return start + left


def is_open(at: datetime, hours: WorkingHours) -> bool:
    """Tell whether `at` falls into working time."""
    opens, closes = next(_openings(at, hours), (NEVER_OPEN, NEVER_OPEN))
    return opens <= at < closes


def next_working_time(after: date, at: time, zone: ZoneInfo, hours: WorkingHours) -> datetime:
    """Return the instant (UTC) of `at` o'clock in `zone` on the first working day later than `after`.

    Where no day is one, every day is.
    """
    tomorrow = after + timedelta(days=1)
    day = next((day for day in _days_from(tomorrow) if hours.is_working_day(day)), tomorrow)
    return datetime.combine(day, at, zone).astimezone(UTC)


NEVER_OPEN = datetime.max.replace(tzinfo=UTC)

# Without any working day in a year there is nothing to count: the callers' minutes then run on the wall clock.
_HORIZON_DAYS = 366


def _openings(start: datetime, hours: WorkingHours) -> Iterator[tuple[datetime, datetime]]:
    """Yield the opening hours (UTC) that end after `start`, day by day, until there are none for a year."""
    zone = ZoneInfo(hours.timezone)
    day = start.astimezone(zone).date()
    last = day + timedelta(days=_HORIZON_DAYS)
    while day < last:
        if hours.is_working_day(day):
            opens = datetime.combine(day, hours.open_from, zone).astimezone(UTC)
            closes = datetime.combine(day, hours.open_until, zone).astimezone(UTC)
            if closes > max(opens, start):
                last = day + timedelta(days=_HORIZON_DAYS)
                yield opens, closes
        day += timedelta(days=1)


def _days_from(first: date) -> Iterator[date]:
    return (first + timedelta(days=offset) for offset in range(_HORIZON_DAYS))


def is_holiday(country: str, day: date) -> bool:
    """Tell whether `day` is a public holiday; a country that is not known has none."""
    return day in _holidays(country, _first_year(day))


def list_holidays(countries: Iterable[str], day: date) -> None:
    """Have the holidays of these countries at hand, from `day` on for a year and more.

    Listing a country's takes a third of a second, on a busy machine several: more than an answer or a row's lock has.
    """
    for country in countries:
        for first_year in {_first_year(day), _first_year(day + timedelta(days=_HORIZON_DAYS))}:
            _holidays(country, first_year)


_YEARS = 5


def _first_year(day: date) -> int:
    return day.year - day.year % _YEARS


_LISTING = f"""
import sys, holidays
first = int(sys.argv[2])
try:
    print(*map(str, holidays.country_holidays(sys.argv[1], years=range(first, first + {_YEARS}))))
except NotImplementedError:
    pass
"""


@lru_cache(maxsize=512)
def _holidays(country: str, first_year: int) -> frozenset[date]:
    """List the holidays of some years in a process of its own.

    The library comes as 400 modules: a bot that runs for months would keep 11 MB of them for a hundred dates.
    """
    listed = subprocess.run(  # noqa: S603  Our own program, and words that no person types.
        [sys.executable, "-P", "-c", _LISTING, country, str(first_year)], capture_output=True, text=True, check=True
    )
    return frozenset(map(date.fromisoformat, listed.stdout.split()))


@lru_cache(maxsize=1)
def _zone_countries() -> dict[str, str]:
    """Read which country a time zone belongs to from the tz database's own table."""
    from importlib import resources  # noqa: PLC0415  Read once, and only where a person has a zone of their own.

    table = resources.files("tzdata").joinpath("zoneinfo", "zone.tab").read_text(encoding="utf-8")
    rows = (line.split("\t") for line in table.splitlines() if line and not line.startswith("#"))
    return {columns[2]: columns[0] for columns in rows}


def country_of(timezone: str, default: str) -> str:
    """Return the ISO 3166 country of a time zone such as "Asia/Tokyo"."""
    return _zone_countries().get(timezone, default)
