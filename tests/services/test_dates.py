"""Days and times as people type them. Today is Sunday, 22 November 2026, 10:00 in Tokyo."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import InputError, Problem
from services.dates import Naming, find_instant, read_day, read_instant

TOKYO = ZoneInfo("Asia/Tokyo")
NEW_YORK = ZoneInfo("America/New_York")
NOW = datetime(2026, 11, 22, 10, 0, tzinfo=TOKYO)
TODAY = NOW.date()


@pytest.mark.parametrize(
    ("typed", "coming", "recent"),
    [
        ("2026-11-24", "2026-11-24", "2026-11-24"),
        ("2026/11/4", "2026-11-04", "2026-11-04"),
        ("2026.11.24", "2026-11-24", "2026-11-24"),
        ("20261124", "2026-11-24", "2026-11-24"),
        ("11/24/2026", "2026-11-24", "2026-11-24"),
        ("2026年11月24日", "2026-11-24", "2026-11-24"),
        ("令和8年11月24日", "2026-11-24", "2026-11-24"),
        ("令和元年5月1日", "2019-05-01", "2019-05-01"),
        ("R8.11.24", "2026-11-24", "2026-11-24"),
        ("11/24", "2026-11-24", "2025-11-24"),
        ("１１／２４", "2026-11-24", "2025-11-24"),
        ("11/22", "2026-11-22", "2026-11-22"),
        ("11/24(火)", "2026-11-24", "2025-11-24"),
        ("11月20日", "2027-11-20", "2026-11-20"),
        ("2/29", "2028-02-29", "2024-02-29"),
        ("24日", "2026-11-24", "2026-10-24"),
        ("31日", "2026-12-31", "2026-10-31"),
        ("1月", "2027-01-01", "2026-01-01"),
        ("2027年1月", "2027-01-01", "2027-01-01"),
        ("来年1月15日", "2027-01-15", "2027-01-15"),
        ("今日", "2026-11-22", "2026-11-22"),
        ("昨日", "2026-11-21", "2026-11-21"),
        ("一昨日", "2026-11-20", "2026-11-20"),
        ("おととい", "2026-11-20", "2026-11-20"),
        ("明日", "2026-11-23", "2026-11-23"),
        ("明後日", "2026-11-24", "2026-11-24"),
        ("あさって", "2026-11-24", "2026-11-24"),
        ("先週", "2026-11-15", "2026-11-15"),
        ("来週", "2026-11-29", "2026-11-29"),
        ("来週月曜", "2026-11-23", "2026-11-23"),
        ("来週の金曜日", "2026-11-27", "2026-11-27"),
        ("先週の金曜", "2026-11-13", "2026-11-13"),
        ("次の火曜", "2026-11-24", "2026-11-24"),
        ("月曜", "2026-11-23", "2026-11-16"),
        ("日曜", "2026-11-29", "2026-11-22"),
        ("来月", "2026-12-22", "2026-12-22"),
        ("来月末", "2026-12-31", "2026-12-31"),
        ("月末", "2026-11-30", "2026-11-30"),
        ("3日後", "2026-11-25", "2026-11-25"),
        ("3日前", "2026-11-19", "2026-11-19"),
        ("2週間後", "2026-12-06", "2026-12-06"),
        ("3ヶ月後", "2027-02-22", "2027-02-22"),
        ("1年前", "2025-11-22", "2025-11-22"),
        ("today", "2026-11-22", "2026-11-22"),
        ("Yesterday", "2026-11-21", "2026-11-21"),
        ("tomorrow", "2026-11-23", "2026-11-23"),
        ("next week", "2026-11-29", "2026-11-29"),
        ("next monday", "2026-11-23", "2026-11-23"),
        ("last friday", "2026-11-20", "2026-11-20"),
        ("monday", "2026-11-23", "2026-11-16"),
        ("in 3 days", "2026-11-25", "2026-11-25"),
        ("3 days ago", "2026-11-19", "2026-11-19"),
        ("a week later", "2026-11-29", "2026-11-29"),
        ("Nov 24", "2026-11-24", "2025-11-24"),
        ("24 Nov 2026", "2026-11-24", "2026-11-24"),
        ("November 24th, 2026", "2026-11-24", "2026-11-24"),
        ("Tue, Nov 24", "2026-11-24", "2025-11-24"),
    ],
)
def test_days_are_read(typed: str, coming: str, recent: str) -> None:
    """A day that names no year is the coming one for plans and the most recent one for what happened."""
    assert read_day(typed, TODAY) == date.fromisoformat(coming)
    assert read_day(typed, TODAY, past=True) == date.fromisoformat(recent)


@pytest.mark.parametrize(
    ("typed", "local"),
    [
        ("2026-11-24 14:00", "2026-11-24T14:00"),
        ("2026-11-24T14:00:30", "2026-11-24T14:00:30"),
        ("2026-11-24T14:00Z", "2026-11-24T23:00"),
        ("2026-11-24T20:00+00:00", "2026-11-25T05:00"),
        ("11/24 14時", "2026-11-24T14:00"),
        ("11/24(火) 14時半", "2026-11-24T14:30"),
        ("１１／２４　１４：００", "2026-11-24T14:00"),
        ("Nov 24 2pm", "2026-11-24T14:00"),
        ("Nov 24 at 2:15 p.m.", "2026-11-24T14:15"),
        ("明日 午後2時", "2026-11-23T14:00"),
        ("来週月曜の10時15分", "2026-11-23T10:15"),
        ("明日 正午", "2026-11-23T12:00"),
        ("12am", "2026-11-22T00:00"),
        ("14:00", "2026-11-22T14:00"),
        ("3時間前", "2026-11-22T07:00"),
        ("in 30 minutes", "2026-11-22T10:30"),
        ("今", "2026-11-22T10:00"),
    ],
)
def test_times_are_read(typed: str, local: str) -> None:
    """A time belongs to the zone of the reader unless it says its own."""
    read = read_instant(typed, NOW, TOKYO)
    assert read.has_time
    assert read.at == datetime.fromisoformat(local).replace(tzinfo=TOKYO)
    assert read.at.tzinfo is UTC
    assert read.on == datetime.fromisoformat(local).date()


def test_a_day_without_a_time_begins_at_midnight() -> None:
    """The instant of a day is its local beginning, and says that nobody typed it."""
    read = read_instant("11/24", NOW, TOKYO)
    assert (read.at, read.has_time, read.on) == (datetime(2026, 11, 23, 15, tzinfo=UTC), False, date(2026, 11, 24))


@pytest.mark.parametrize(
    "typed",
    ["", "someday", "そのうち", "2/30", "2/30 10:00", "13/1", "25:00", "24:00", "12:60", "2026-02-29", "0000-01-01",
     "99999日後", "9999年後", "32日", "11", "1400", "11/24 14:00 x", "明日香", "午前13時", "0001-01-01 00:00"],
)  # fmt: skip
def test_what_is_no_date_is_refused(typed: str) -> None:
    """The error names the caller's field and holds what was typed."""
    with pytest.raises(InputError) as caught:
        read_instant(typed, NOW, TOKYO, field="on")
    assert (caught.value.problem, caught.value.field, caught.value.value) in [
        (Problem.UNREADABLE_DATE, "on", typed),
        (Problem.UNREADABLE_DATE, "on", typed.partition(" ")[0]),
    ]


def test_a_time_that_the_clock_change_skips_moves_ahead() -> None:
    """In New York 2:30 did not exist on 8 March 2026: it is 3:30 by the new clock."""
    read = read_instant("2026-03-08 02:30", NOW, NEW_YORK)
    assert read.at.astimezone(NEW_YORK).isoformat() == "2026-03-08T03:30:00-04:00"


def test_a_time_that_comes_twice_is_the_first() -> None:
    """1:30 came twice on 1 November 2026; the summer one is meant."""
    assert read_instant("2026-11-01 01:30", NOW, NEW_YORK).at == datetime(2026, 11, 1, 5, 30, tzinfo=UTC)


def test_a_day_without_its_midnight_begins_an_hour_late() -> None:
    """Where the clock jumps at midnight, the day begins at one."""
    beirut = ZoneInfo("Asia/Beirut")
    assert read_instant("2026-03-29", NOW, beirut).at.astimezone(beirut).isoformat() == "2026-03-29T01:00:00+03:00"


@pytest.mark.parametrize(
    ("text", "end", "naming"),
    [
        ("11/24 14:00 デモ", 11, Naming.DAY),
        ("来週 デモ", 2, Naming.RELATIVE),
        ("1月 予算", 2, Naming.MONTH),
        ("Nov 24 2026 demo", 11, Naming.DAY),
        ("デモ 11/24", None, None),
        ("1,000万円", None, None),
    ],
)
def test_a_date_is_found_where_a_text_begins(text: str, end: int | None, naming: Naming | None) -> None:
    """The caller learns where the date ends and how it was named."""
    found = find_instant(text, NOW, TOKYO)
    assert (found.end if found else None, found.naming if found else None) == (end, naming)


@given(st.dates(date(1900, 1, 1), date(2999, 12, 31)))
def test_written_days_come_back(day: date) -> None:
    """Every calendar day reads the same in each of its full forms."""
    forms = [day.isoformat(), f"{day:%Y/%m/%d}", f"{day.year}年{day.month}月{day.day}日"]
    assert {read_day(form, TODAY) for form in forms} == {day}


@given(st.dates(date(2000, 1, 1), date(2099, 12, 31)), st.dates(date(2000, 1, 1), date(2099, 12, 31)))
def test_a_day_without_year_lies_on_the_wanted_side(today: date, day: date) -> None:
    """Looking ahead it never lies behind today, looking back never ahead."""
    typed = f"{day.month}/{day.day}"
    assert read_day(typed, today) >= today
    assert read_day(typed, today, past=True) <= today


@given(
    st.text("0123456789/-.:年月日時分半前後午今来先週曜火 TZ+apm月末令和R次のnextago", max_size=24)
    | st.text(max_size=90)
)
def test_dates_raise_nothing_but_input_errors(text: str) -> None:
    """Whatever is typed, the answer is a date or an InputError."""
    for past in (True, False):
        try:
            read = read_instant(text, NOW, TOKYO, past=past)
        except InputError:
            continue
        assert abs(read.at - NOW) < timedelta(days=9000 * 366)
