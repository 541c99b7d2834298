"""Days and times as people type them, in Japanese and English.

Pure: today, now and the zone come in. Every pattern is anchored and bounded, so reading costs the same at any length.
"""

import calendar
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from enum import StrEnum
from zoneinfo import ZoneInfo

from models.errors import InputError, Problem
from services.identity import half_width

WEEK_DAYS = 7
_ERAS = {"令和": 2018, "r": 2018, "平成": 1988, "h": 1988}
"""The year before an era's first."""
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_NAMED_DAYS = {
    "今日": 0, "本日": 0, "きょう": 0, "today": 0, "tonight": 0,
    "昨日": -1, "きのう": -1, "前日": -1, "yesterday": -1,
    "一昨日": -2, "おととい": -2, "day before yesterday": -2, "the day before yesterday": -2,
    "明日": 1, "あした": 1, "あす": 1, "翌日": 1, "tomorrow": 1, "tmrw": 1,
    "明後日": 2, "あさって": 2, "day after tomorrow": 2, "the day after tomorrow": 2,
    "明々後日": 3, "明明後日": 3, "しあさって": 3,
}  # fmt: skip
_WEEKS = {
    "今週": 0, "this": 0, "this week": 0, "来週": 1, "翌週": 1, "next week": 1, "再来週": 2, "先週": -1, "前週": -1,
    "last week": -1, "先々週": -2, "先先週": -2,
}  # fmt: skip
_MONTH_WORDS = {"今月": 0, "来月": 1, "翌月": 1, "再来月": 2, "先月": -1, "前月": -1, "先々月": -2,
                "this month": 0, "next month": 1, "last month": -1}  # fmt: skip
_YEAR_WORDS = {"今年": 0, "本年": 0, "来年": 1, "翌年": 1, "昨年": -1, "去年": -1}
_UNIT_DAYS = {"日": 1, "day": 1, "週": 7, "週間": 7, "week": 7}
_UNIT_MONTHS = {"か月": 1, "ヶ月": 1, "カ月": 1, "ヵ月": 1, "ケ月": 1, "箇月": 1, "month": 1, "年": 12, "year": 12}
_UNIT_MINUTES = {"時間": 60, "hour": 60, "hr": 60, "分": 1, "minute": 1, "min": 1}


@dataclass(frozen=True)
class TypedInstant:
    """A day that was typed, and its time where one was.

    `at` is the aware UTC instant, without a typed time that of the local day's beginning; `on` is the local day.
    """

    at: datetime
    has_time: bool
    on: date


class Naming(StrEnum):
    """How a day was named: itself (11/24), by words from today (来週), or only its month (1月 is the first of it)."""

    DAY = "day"
    RELATIVE = "relative"
    MONTH = "month"


@dataclass(frozen=True)
class FoundInstant:
    """An instant at the beginning of a text; it ends before `end`."""

    typed: TypedInstant
    end: int
    naming: Naming


@dataclass(frozen=True)
class _Frame:
    """What a day is read against: today, and whether a day that names no year lies behind or ahead."""

    today: date
    past: bool

    def nearest(self, make: Callable[[int], date]) -> date:
        """Return the day of `make(year)` that lies on the wanted side of today; leap days search further."""
        years = (
            range(self.today.year, self.today.year - 9, -1)
            if self.past
            else range(self.today.year, self.today.year + 9)
        )
        for year in years:
            try:
                day = make(year)
            except ValueError:
                continue
            if day <= self.today if self.past else day >= self.today:
                return day
        raise ValueError("no such day")


def read_day(text: str, today: date, *, past: bool = False, field: str = "at") -> date:
    """Return the day that was typed; without a year the coming one, with `past` the most recent one.

    Raises:
        InputError: UNREADABLE_DATE at `field`.
    """
    half = half_width(text).strip()
    try:
        found = _find_day(half, _Frame(today, past))
    except (ValueError, OverflowError):
        found = None
    if found is None or found[1] != len(half):
        raise InputError(Problem.UNREADABLE_DATE, field, text)
    return found[0]


def read_instant(text: str, now: datetime, zone: ZoneInfo, *, past: bool = False, field: str = "at") -> TypedInstant:
    """Return the day and time that were typed, as in `zone`. A time alone is one of today.

    A time that a clock change skips moves ahead by the gap; one that comes twice is the first.

    Raises:
        InputError: UNREADABLE_DATE at `field`.
    """
    stripped = text.strip()
    found = find_instant(stripped, now, zone, past=past, field=field)
    if found is None or found.end != len(stripped):
        raise InputError(Problem.UNREADABLE_DATE, field, text)
    return found.typed


def find_instant(
    text: str, now: datetime, zone: ZoneInfo, *, past: bool = False, field: str = "at"
) -> FoundInstant | None:
    """Return the instant that `text` begins with, None when it begins with anything else.

    Raises:
        InputError: UNREADABLE_DATE at `field`, it looks like a date, and there is none such (2/30, 25:00).
    """
    half = half_width(text[:_LOOK])
    try:
        return _find_instant(half, now, zone, past=past)
    except (ValueError, OverflowError):
        raise InputError(Problem.UNREADABLE_DATE, field, text.split(maxsplit=1)[0][:_LOOK]) from None


_LOOK = 80
"""Characters in which a date and its time fit."""


def _find_instant(half: str, now: datetime, zone: ZoneInfo, *, past: bool) -> FoundInstant | None:
    local_now = now.astimezone(zone)
    if moved := _find_moved_instant(half, now):
        return FoundInstant(TypedInstant(moved[0], True, moved[0].astimezone(zone).date()), moved[1], Naming.RELATIVE)
    found = _find_day(half, _Frame(local_now.date(), past))
    day, end, naming = found or (local_now.date(), 0, Naming.DAY)
    clock = _find_time(half[end:])
    if clock is None:
        typed = TypedInstant(datetime.combine(day, time(), zone).astimezone(UTC), False, day)
        return FoundInstant(typed, end, naming) if found else None
    at = datetime.combine(day, clock[0], clock[2] or zone).astimezone(UTC)
    return FoundInstant(TypedInstant(at, True, at.astimezone(zone).date()), end + clock[1], naming)


def _shift_months(day: date, months: int) -> date:
    """Return the same day some months on; the 31st becomes the last of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def _any(words: dict[str, int] | tuple[str, ...]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


# Where Latin letters go on, it was another word (todays). After Japanese the caller must look (明日香).
_END = r"(?![A-Za-z0-9])"
_WEEKDAY_MARK = r"(?:\s?\([月火水木金土日](?:曜日?)?[祝]?\))?"
_WEEKDAY_EN = r"(?:mon|tue(?:s)?|wed(?:nes)?|thu(?:r|rs)?|fri|sat(?:ur)?|sun)(?:day)?"
_MONTH_EN = r"(jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]{0,6}\.?"
_YEAR_EN = r"(?:,?\s{1,3}((?:19|20)\d\d)(?![\d:]))?"


def _iso(found: re.Match[str], _: _Frame) -> date:
    return date(int(found[1]), int(found[3]), int(found[4]))


def _ymd(found: re.Match[str], _: _Frame) -> date:
    return date(int(found[1]), int(found[2]), int(found[3]))


def _mdy(found: re.Match[str], _: _Frame) -> date:
    return date(int(found[3]), int(found[1]), int(found[2]))


def _era(found: re.Match[str], _: _Frame) -> date:
    year = _ERAS[found[1].lower()] + (1 if found[2] == "元" else int(found[2]))
    return date(year, int(found[3]), int(found[4]))


def _month_day(found: re.Match[str], frame: _Frame) -> date:
    return frame.nearest(lambda year: date(year, int(found[1]), int(found[2])))


def _year_month(found: re.Match[str], _: _Frame) -> date:
    return date(int(found[1]), int(found[2]), 1)


def _named_year_day(found: re.Match[str], frame: _Frame) -> date:
    return date(frame.today.year + _YEAR_WORDS[found[1]], int(found[2]), int(found[3] or 1))


def _month_alone(found: re.Match[str], frame: _Frame) -> date:
    return frame.nearest(lambda year: date(year, int(found[1]), 1))


def _day_alone(found: re.Match[str], frame: _Frame) -> date:
    for months in range(13):
        first = _shift_months(frame.today.replace(day=1), -months if frame.past else months)
        if int(found[1]) > calendar.monthrange(first.year, first.month)[1]:
            continue
        day = first.replace(day=int(found[1]))
        if day <= frame.today if frame.past else day >= frame.today:
            return day
    raise ValueError("no such day")


def _english(month: str, day: str, year: str | None, frame: _Frame) -> date:
    number = _MONTHS.index(month[:3].lower()) + 1
    return date(int(year), number, int(day)) if year else frame.nearest(lambda year: date(year, number, int(day)))


def _english_month_first(found: re.Match[str], frame: _Frame) -> date:
    return _english(found[1], found[2], found[3], frame)


def _english_day_first(found: re.Match[str], frame: _Frame) -> date:
    return _english(found[2], found[1], found[3], frame)


def _named_day(found: re.Match[str], frame: _Frame) -> date:
    return frame.today + timedelta(days=_NAMED_DAYS[" ".join(found[1].lower().split())])


def _in_week(weekday: int, weeks: int, frame: _Frame) -> date:
    return frame.today + timedelta(days=weekday - frame.today.weekday() + WEEK_DAYS * weeks)


def _week_day_ja(found: re.Match[str], frame: _Frame) -> date:
    return _in_week("月火水木金土日".index(found[2]), _WEEKS[found[1]], frame)


def _week(found: re.Match[str], frame: _Frame) -> date:
    return frame.today + timedelta(days=WEEK_DAYS * _WEEKS[" ".join(found[1].lower().split())])


def _weekday(weekday: int, word: str | None, frame: _Frame) -> date:
    """Return the nearest such weekday: of `last` and `next` never today, of a bare one today only when looking back."""
    is_past = {"last": True, "past": True, "前": True, "この前": True, "next": False, "coming": False, "this": False,
               "次": False, "今度": False}.get((word or "").lower(), frame.past)  # fmt: skip
    if is_past:
        back = (frame.today.weekday() - weekday) % WEEK_DAYS
        return frame.today - timedelta(days=back or (WEEK_DAYS if word else 0))
    return frame.today + timedelta(days=(weekday - frame.today.weekday()) % WEEK_DAYS or WEEK_DAYS)


def _weekday_ja(found: re.Match[str], frame: _Frame) -> date:
    return _weekday("月火水木金土日".index(found[2]), found[1], frame)


def _weekday_en(found: re.Match[str], frame: _Frame) -> date:
    return _weekday(_WEEKDAYS.index(found[2][:3].lower()), found[1], frame)


def _month_word(found: re.Match[str], frame: _Frame) -> date:
    day = _shift_months(frame.today, _MONTH_WORDS[" ".join(found[1].lower().split())])
    if found[2] is None:
        return day
    last = calendar.monthrange(day.year, day.month)[1]
    return day.replace(day={"末": last, "初": 1, "頭": 1}.get(found[2]) or int(found[3]))


def _month_end(_: re.Match[str], frame: _Frame) -> date:
    return frame.today.replace(day=calendar.monthrange(frame.today.year, frame.today.month)[1])


def _shifted(number: str, unit: str, sign: int, frame: _Frame) -> date:
    count = sign * (1 if number.lower() in {"a", "an"} else int(number))
    unit = unit.lower()
    if unit in _UNIT_DAYS:
        return frame.today + timedelta(days=count * _UNIT_DAYS[unit])
    return _shift_months(frame.today, count * _UNIT_MONTHS[unit])


def _shift_ja(found: re.Match[str], frame: _Frame) -> date:
    return _shifted(found[1], found[2], -1 if found[3] == "前" else 1, frame)


def _shift_in(found: re.Match[str], frame: _Frame) -> date:
    return _shifted(found[1], found[2], 1, frame)


def _shift_ago(found: re.Match[str], frame: _Frame) -> date:
    return _shifted(found[1], found[2], -1 if found[3].lower() in {"ago", "before"} else 1, frame)


_DayRule = tuple[re.Pattern[str], Callable[[re.Match[str], _Frame], date], Naming]


def _rule(pattern: str, read: Callable[[re.Match[str], _Frame], date], naming: Naming = Naming.DAY) -> _DayRule:
    return re.compile(pattern, re.IGNORECASE), read, naming


# The first rule that fits wins: longer forms stand before the shorter ones they begin with.
_RULES: tuple[_DayRule, ...] = (
    _rule(rf"(\d{{4}})([-/.])(\d{{1,2}})\2(\d{{1,2}})(?!\d){_WEEKDAY_MARK}", _iso),
    _rule(rf"(\d{{4}})年\s?(\d{{1,2}})月\s?(\d{{1,2}})日?{_WEEKDAY_MARK}", _ymd),
    _rule(r"((?:19|20)\d\d)(\d\d)(\d\d)(?![\d-])", _ymd),
    _rule(rf"(\d{{1,2}})/(\d{{1,2}})/(\d{{4}})(?!\d){_WEEKDAY_MARK}", _mdy),
    _rule(rf"({_any(_ERAS)})\s?(\d{{1,2}}|元)[年./-]\s?(\d{{1,2}})[月./-]\s?(\d{{1,2}})日?{_WEEKDAY_MARK}", _era),
    _rule(rf"({_any(_YEAR_WORDS)})の?\s?(\d{{1,2}})(?:月|/)\s?(?:(\d{{1,2}})日?)?{_WEEKDAY_MARK}", _named_year_day,
          Naming.RELATIVE),
    _rule(r"(\d{4})(?:年\s?|[-/])(\d{1,2})月?(?![\d/-])", _year_month, Naming.MONTH),
    _rule(rf"(\d{{1,2}})月\s?(\d{{1,2}})日?{_WEEKDAY_MARK}", _month_day),
    _rule(rf"(\d{{1,2}})/(\d{{1,2}})(?![\d/]){_WEEKDAY_MARK}", _month_day),
    _rule(r"(\d{1,2})月(?!曜)", _month_alone, Naming.MONTH),
    _rule(rf"(?:{_WEEKDAY_EN},?\s)?{_MONTH_EN}\s(\d{{1,2}})(?:st|nd|rd|th)?(?![\d:]){_YEAR_EN}", _english_month_first),
    _rule(rf"(?:{_WEEKDAY_EN},?\s)?(\d{{1,2}})(?:st|nd|rd|th)?\s(?:of\s)?{_MONTH_EN}{_END}{_YEAR_EN}",
          _english_day_first),
    _rule(rf"(\d{{1,4}})\s?({_any({**_UNIT_DAYS, **_UNIT_MONTHS})})間?(後|前)", _shift_ja, Naming.RELATIVE),
    _rule(r"in\s(\d{1,4}|an?)\s(day|week|month|year)s?" + _END, _shift_in, Naming.RELATIVE),
    _rule(r"(\d{1,4}|an?)\s(day|week|month|year)s?\s(ago|before|later|from\snow|from\stoday)" + _END, _shift_ago,
          Naming.RELATIVE),
    _rule(rf"(\d{{1,2}})日(?![前後間]){_WEEKDAY_MARK}", _day_alone),
    _rule(rf"({_any(_WEEKS)})の?\s?([月火水木金土日])(?:曜日?)?(?![月火水木金土日])", _week_day_ja, Naming.RELATIVE),
    _rule(rf"({_any(_NAMED_DAYS)}){_END}{_WEEKDAY_MARK}", _named_day, Naming.RELATIVE),
    _rule(rf"({_any({word: n for word, n in _WEEKS.items() if word != 'this'})}){_END}", _week, Naming.RELATIVE),
    _rule(rf"({_any(_MONTH_WORDS)})の?(末|初|頭|(\d{{1,2}})日)?{_END}", _month_word, Naming.RELATIVE),
    _rule(r"月末|end of (?:the )?month", _month_end, Naming.RELATIVE),
    _rule(r"(?:(この前|今度|次|前)の?)?([月火水木金土日])曜日?", _weekday_ja, Naming.RELATIVE),
    _rule(rf"(?:(?:on\s)?(next|last|past|this|coming)\s)?({_WEEKDAY_EN}){_END}", _weekday_en, Naming.RELATIVE),
)  # fmt: skip


def _find_day(half: str, frame: _Frame) -> tuple[date, int, Naming] | None:
    """Return the day that `half` begins with, where it ends, and how it was named."""
    for pattern, read, naming in _RULES:
        if found := pattern.match(half):
            return read(found, frame), found.end(), naming
    return None


_MOVED = re.compile(
    rf"(\d{{1,4}})\s?({_any(_UNIT_MINUTES)})s?\s?(前|後|ago|later){_END}|in\s(\d{{1,4}})\s(hour|minute|min)s?{_END}"
    r"|(今|さっき|先ほど|たった今|now|just now)(?![A-Za-z\w])",
    re.IGNORECASE,
)


def _find_moved_instant(half: str, now: datetime) -> tuple[datetime, int] | None:
    """Return `now` moved by hours or minutes (`3時間前`), and where the words end."""
    found = _MOVED.match(half)
    if found is None:
        return None
    if found[6]:
        return now.astimezone(UTC), found.end()
    number, unit = found[1] or found[4], found[2] or found[5]
    minutes = int(number) * _UNIT_MINUTES[unit.lower()]
    sign = -1 if (found[3] or "").lower() in {"前", "ago"} else 1
    return (now + timedelta(minutes=sign * minutes)).astimezone(UTC), found.end()


_TIME = re.compile(
    r"(?:[T\s]\s{0,2}|の\s?|,\s?)?(?:at\s)?(?:@\s?)?(?:"
    r"(午前|午後|朝|夜|夕方)?\s?(?:(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d{1,6})?)?|(\d{1,2})時(?!間)(?:(\d{1,2})分|(半))?)"
    r"(?:\s?([ap])\.?m\.?(?![A-Za-z]))?"
    r"|(\d{1,2})\s?([ap])\.?m\.?(?![A-Za-z])|(正午|noon)(?![A-Za-z]))"
    r"(?:\s?(Z(?![A-Za-z])|[+-]\d{2}:?\d{2}(?!\d)))?(?![\d:])",
    re.IGNORECASE,
)


def _find_time(half: str) -> tuple[time, int, timezone | None] | None:
    """Return the time of day that `half` begins with, where it ends, and its UTC offset where one was typed."""
    found = _TIME.match(half)
    if found is None:
        return None
    if found[11]:
        return time(12), found.end(), None
    hour = int(found[2] or found[5] or found[9])
    minute = 30 if found[7] else int(found[3] or found[6] or 0)
    half_day = {"a": "午前", "p": "午後"}.get((found[8] or found[10] or "").lower()) or found[1]
    return time(_hour(hour, half_day), minute, int(found[4] or 0)), found.end(), _offset(found[12])


def _hour(hour: int, half_day: str | None) -> int:
    """Return the hour of 24 that an hour of a half day is."""
    if half_day == "午前":
        return hour % 12 if hour <= 12 else 24
    if half_day in {"午後", "夜", "夕方"}:
        return hour % 12 + 12 if hour <= 12 else hour
    return hour


def _offset(typed: str | None) -> timezone | None:
    if not typed:
        return None
    if typed in {"Z", "z"}:
        return UTC
    digits = typed[1:].replace(":", "")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-offset if typed[0] == "-" else offset)
