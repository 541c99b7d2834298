"""Spans of days as people type them: 2026-Q3, 7月, last month, 2026-07-01..2026-09-30."""

import re
from dataclasses import dataclass
from datetime import date, timedelta

from models.errors import InputError, Problem
from services.dates import read_day
from services.identity import fold, half_width

_YEAR_DAYS = 365
_TYPED_MAX = 60
_RANGE = re.compile(r"\s*(?:\.\.+|~|〜|～|から|\bto\b)\s*")
_YEAR = re.compile(r"(20\d\d)年?\Z")
_MONTH = re.compile(r"(?:(20\d\d)(?:-|/|年\s*))?(\d{1,2})(月)?\Z")
_QUARTER = re.compile(r"(?:(20\d\d)(?:-|/|年|\s)*)?(?:Q|第)([1-4])(?:四半期)?\Z", re.IGNORECASE)
_ALL = frozenset(map(fold, ("all", "all time", "全期間", "すべて", "全部")))
_MONTHS_BACK = {
    fold(word): back
    for words, back in (("this month,今月", 0), ("last month,先月,前月", 1))
    for word in words.split(",")
}
_QUARTERS_BACK = {
    fold(word): back
    for words, back in (("this quarter,今四半期,当四半期", 0), ("last quarter,前四半期,先四半期", 1))
    for word in words.split(",")
}
_YEARS_BACK = {
    fold(word): back
    for words, back in (("this year,今年,本年", 0), ("last year,昨年,去年", 1))
    for word in words.split(",")
}


@dataclass(frozen=True)
class Period:
    """The days from `first` to `last`, both of them in; None has no end on that side."""

    first: date | None
    last: date | None


def read_period(typed: str, today: date) -> Period:
    """Read the span of days that was typed; nothing is the last twelve months.

    Raises:
        InputError: UNKNOWN_PERIOD.
    """
    text = half_width(typed).strip()
    if not text:
        return Period(today - timedelta(days=_YEAR_DAYS), today)
    word = fold(text[:_TYPED_MAX])
    if word in _ALL:
        return Period(None, None)
    found = _relative(word, today) or _named(text[:_TYPED_MAX], today) or _between(text[:_TYPED_MAX], today)
    if found is None:
        raise InputError(Problem.UNKNOWN_PERIOD, "period", typed)
    return found


def _relative(word: str, today: date) -> Period | None:
    if word in _MONTHS_BACK:
        return _months(today.year, today.month - _MONTHS_BACK[word], 1)
    if word in _QUARTERS_BACK:
        return _months(today.year, (today.month - 1) // 3 * 3 + 1 - 3 * _QUARTERS_BACK[word], 3)
    if word in _YEARS_BACK:
        return _months(today.year - _YEARS_BACK[word], 1, 12)
    return None


def _named(text: str, today: date) -> Period | None:
    if year := _YEAR.match(text):
        return _months(int(year[1]), 1, 12)
    if quarter := _QUARTER.match(text):
        return _months(int(quarter[1] or today.year), int(quarter[2]) * 3 - 2, 3)
    month = _MONTH.match(text)
    if month and (month[1] or month[3]) and 1 <= int(month[2]) <= 12:
        return _months(int(month[1] or today.year), int(month[2]), 1)
    return None


def _between(text: str, today: date) -> Period | None:
    ends = _RANGE.split(text, maxsplit=1)
    if len(ends) != 2 or not all(ends):
        return None
    try:
        first, last = (read_day(end, today, past=True) for end in ends)
    except InputError:
        return None
    return Period(first, last) if first <= last else None


def _months(year: int, month: int, count: int) -> Period:
    """Return whole months; `month` may lie outside of the year."""
    start, end = year * 12 + month - 1, year * 12 + month - 1 + count
    first, after = (date(month // 12, month % 12 + 1, 1) for month in (start, end))
    return Period(first, after - timedelta(days=1))
