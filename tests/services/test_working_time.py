"""Working time against a model that counts minute by minute: zones, summer time, holidays, short and full days."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.working_time import WorkingHours, add_working_minutes, country_of, is_holiday, is_open, next_working_time

ZONES = ("Asia/Tokyo", "America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "America/St_Johns", "UTC")
WEEK = frozenset(range(5))
TOKYO = WorkingHours("Asia/Tokyo", "JP", WEEK, time(9), time(18))

# The changes of the clocks of 2026 and the Japanese holidays of September lie close by.
_STARTS = st.sampled_from(
    [datetime(2026, month, day, tzinfo=UTC) for month, day in ((3, 7), (3, 28), (4, 4), (9, 18), (10, 3), (10, 24), (12, 31))]
)  # fmt: skip
starts = st.builds(lambda day, minute: day + timedelta(minutes=minute), _STARTS, st.integers(0, 4 * 24 * 60))
# Nobody opens in the hour in which clocks are put back: then "half past one" would be two instants.
working_hours = st.builds(
    lambda zone, weekdays, opens, length: WorkingHours(
        zone, country_of(zone, "JP"), frozenset(weekdays), time(opens // 60, opens % 60),
        time((opens + length) // 60, (opens + length) % 60),
    ),
    st.sampled_from(ZONES), st.sets(st.integers(0, 6), min_size=1), st.integers(4 * 60, 14 * 60),
    st.integers(30, 9 * 60 + 59),
)  # fmt: skip


# The machine may be busy with something else.
unhurried = settings(deadline=None)


def _model(start: datetime, minutes: int, hours: WorkingHours) -> datetime:
    """Count minute by minute on the wall clock of the place."""
    zone, at = ZoneInfo(hours.timezone), start
    while True:
        local = at.astimezone(zone)
        if hours.open_from <= local.time() < hours.open_until and hours.is_working_day(local.date()):
            minutes -= 1
        at += timedelta(minutes=1)
        if minutes <= 0:
            return at


@given(starts, st.integers(1, 300), working_hours.filter(lambda hours: len(hours.weekdays) > 2))
@settings(max_examples=30, deadline=None)
def test_result_is_what_counting_minute_by_minute_gives(start: datetime, minutes: int, hours: WorkingHours) -> None:
    """Weekends, holidays and the changes of the clocks included."""
    assert add_working_minutes(start, minutes, hours) == _model(start, minutes, hours)


@given(starts, st.integers(1, 3000), st.integers(1, 3000), working_hours)
@unhurried
def test_minutes_add_up(start: datetime, first: int, second: int, hours: WorkingHours) -> None:
    """Waiting a and then b is waiting a + b."""
    in_two = add_working_minutes(add_working_minutes(start, first, hours), second, hours)
    assert in_two == add_working_minutes(start, first + second, hours)


@given(starts, st.integers(1, 3000), working_hours)
@unhurried
def test_result_lies_in_opening_hours_and_not_before_the_start(
    start: datetime, minutes: int, hours: WorkingHours
) -> None:
    """The minute that ends there was a working one."""
    due = add_working_minutes(start, minutes, hours)
    assert due >= start + timedelta(minutes=minutes)
    assert is_open(due - timedelta(seconds=1), hours)


@given(starts, st.integers(0, 3000), st.integers(0, 3000), working_hours)
@unhurried
def test_later_start_is_never_due_earlier(start: datetime, minutes: int, later: int, hours: WorkingHours) -> None:
    """Whoever begins later is done later, or at the same time."""
    moved = start + timedelta(minutes=later)
    assert add_working_minutes(moved, minutes, hours) >= add_working_minutes(start, minutes, hours)


@pytest.mark.parametrize(
    ("start", "minutes", "due"),
    [
        ("2026-11-24T09:40:00+09:00", 120, "2026-11-24T11:40:00+09:00"),
        ("2026-11-27T17:00:00+09:00", 120, "2026-11-30T10:00:00+09:00"),
        ("2026-09-18T17:30:00+09:00", 60, "2026-09-24T09:30:00+09:00"),
        ("2026-12-31T17:59:00+09:00", 2, "2027-01-04T09:01:00+09:00"),
        ("2026-11-24T18:00:00+09:00", 0, "2026-11-25T09:00:00+09:00"),
        ("2026-11-24T16:00:00+09:00", 120, "2026-11-24T18:00:00+09:00"),
    ],
    ids=["within a day", "over a weekend", "over Silver Week", "over New Year", "from closing time", "to closing time"],
)
def test_known_cases(start: str, minutes: int, due: str) -> None:
    """As a person would count on the calendar."""
    at = add_working_minutes(datetime.fromisoformat(start), minutes, TOKYO)
    assert at == datetime.fromisoformat(due)
    assert at.tzinfo is UTC


def test_place_that_never_opens_counts_on_the_wall_clock() -> None:
    """No working day is set up: a due time still comes, and so does a next day."""
    never = replace(TOKYO, weekdays=frozenset())
    start = datetime(2026, 11, 24, tzinfo=UTC)
    for hours in (never, replace(TOKYO, open_until=time(9))):
        assert add_working_minutes(start, 120, hours) == start + timedelta(minutes=120)
        assert not is_open(start, hours)
    assert next_working_time(date(2026, 11, 24), time(9), ZoneInfo("UTC"), never) == datetime(
        2026, 11, 25, 9, tzinfo=UTC
    )


def test_countries_that_nobody_knows_have_no_holidays() -> None:
    """A zone or country that is in no table costs nothing but its holidays."""
    assert not is_holiday("XX", date(2026, 1, 1))
    assert is_holiday("JP", date(2026, 11, 23))
    assert country_of("Mars/Olympus", "JP") == "JP"
    assert country_of("Europe/London", "JP") == "GB"
    assert TOKYO.in_zone("America/New_York").country == "US"
