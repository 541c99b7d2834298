"""Read a form's inputs and a button's value. All of it went through the person's hands: nothing in it is believed."""

import re
from datetime import UTC, date, datetime, time
from typing import Any

from handlers.payloads import storable
from handlers.request import Request
from models.errors import DraftGoneError, InputError, LeadNotFoundError, Problem
from services.lead_lines import EXTRA_MAX
from services.vocabulary import EXTRA_FIELDS

FILE_ID = re.compile(r"F[A-Z0-9]{2,40}")
"""The id of a file in Slack."""


def text_of(request: Request, name: str) -> str:
    """Return what was typed or chosen in an input, without outer blanks; "" for nothing."""
    value = request.values.get(name)
    return str(value).strip() if isinstance(value, str | int) else ""


def extra_of(request: Request) -> dict[str, str]:
    """Return the fields without an input (an address, a fax number) that a form's opener left in it."""
    extra = request.metadata.get("extra")
    found = {name: extra.get(name) for name in EXTRA_FIELDS} if isinstance(extra, dict) else {}
    return {name: storable(value)[:EXTRA_MAX] for name, value in found.items() if isinstance(value, str) and value}


def list_of(request: Request, name: str) -> list[str]:
    """Return what was ticked in an input."""
    value: Any = request.values.get(name)
    return [str(item) for item in value] if isinstance(value, list) else []


def day_of(request: Request, name: str) -> date | None:
    """Return the day chosen; None for none.

    Raises:
        InputError: it is no date.
    """
    typed = text_of(request, name)
    try:
        return date.fromisoformat(typed) if typed else None
    except ValueError:
        raise InputError(Problem.UNREADABLE_DATE, name, typed) from None


def coming_day_of(request: Request, name: str) -> date | None:
    """Return the day chosen, today or later; None for none.

    Raises:
        InputError: it is no date, or it is over.
    """
    day = day_of(request, name)
    if day is not None and day < request.now.astimezone(request.actor.zone).date():
        raise InputError(Problem.PAST_DATE, name, day.isoformat())
    return day


def time_of(request: Request, name: str) -> time | None:
    """Return the time of day chosen; None for none. Raises as `day_of`."""
    typed = text_of(request, name)
    try:
        return time.fromisoformat(typed) if typed else None
    except ValueError:
        raise InputError(Problem.UNREADABLE_DATE, name, typed) from None


def instant_of(request: Request, name: str) -> datetime | None:
    """Return the instant chosen, which Slack gives as seconds since 1970; None for none. Raises as `day_of`."""
    typed = text_of(request, name)
    try:
        return datetime.fromtimestamp(int(typed), UTC) if typed else None
    except (ValueError, OverflowError, OSError):
        raise InputError(Problem.UNREADABLE_DATE, name, typed) from None


_DIGITS_MAX = 9


def number_in(request: Request, name: str, low: int, high: int) -> int:
    """Return the whole number typed.

    Raises:
        InputError: it is none, or not from `low` to `high`.
    """
    typed = text_of(request, name)
    if not typed.isdecimal() or len(typed) > _DIGITS_MAX or not low <= int(typed) <= high:
        raise InputError(Problem.NOT_A_NUMBER, name, typed, limit=high)
    return int(typed)


def id_of(value: str) -> int:
    """Return the id that a draft's button carries.

    Raises:
        DraftGoneError: it carries none.
    """
    if not _is_id(value):
        raise DraftGoneError
    return int(value)


def row_id_of(value: str) -> int:
    """Return the id that a handoff's or touchpoint's button carries.

    Raises:
        LeadNotFoundError: it carries none.
    """
    if not _is_id(value):
        raise LeadNotFoundError(value[:40])
    return int(value)


def _is_id(value: str) -> bool:
    return value.isascii() and value.isdecimal() and len(value) <= 19 and int(value) < 2**63
