"""Lines that begin with a lead (`/lead log L-12 電話 …`, `follow`, `return`) → what they say.

`split_reference` takes the lead off the front (and opens Slack's escaping); each `read_…_line` reads the rest. What is
not recognised is kept as the note, exactly as typed. Looks are bounded, so the cost is linear in the line's length.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

from models.errors import InputError, Problem
from models.handoff import COMMENT_MAX, ReturnReason
from models.lead import MAX_LENGTHS
from models.touchpoint import NOTE_MAX, Direction, TouchpointKind
from services.dates import FoundInstant, Naming, TypedInstant, find_instant
from services.identity import half_width
from services.line_pieces import read_quoted
from services.vocabulary import read_consent, read_direction, read_kind, read_reason

_Found = TypeVar("_Found")

_OLDEST_YEARS = 20
_FAR_DAYS = 60
"""A day without a year that comes within so many days was meant to come, not as the one of last year."""


@dataclass(frozen=True)
class TouchpointEntry:
    """What was typed about a contact. `at` is None for now; `unknown_kind` is the word where a kind should stand."""

    kind: TouchpointKind | None
    direction: Direction | None
    at: datetime | None
    note: str
    unknown_kind: str = ""


@dataclass(frozen=True)
class FollowUpEntry:
    """The next step: its local day, its instant where a time was typed, and what to do."""

    on: date
    at: datetime | None
    note: str


@dataclass(frozen=True)
class ReturnEntry:
    """Why a lead is given back, what sales says about it, and from when to try again."""

    reason: ReturnReason | None
    comment: str
    retry_on: date | None


# --- The lead in front ------------------------------------------------------------------------------------------------

_NUMBER = re.compile(r"\s*(?:l\s?[-‐‑–—−ー]?\s?|#\s?)(\d{1,18})(?![A-Za-z0-9]|[-/.]\d)[\s,、:]*", re.IGNORECASE)
_EMAIL = re.compile(r"\s*<?([^\s<>,、「」\"]{1,254}[@＠][^\s<>,、「」\"]{1,254})>?[\s,、]*")
_WORD = re.compile(r"\S+")
_NAME_WORD = re.compile(r"[^\s、，,]+[、，,]*")
_TAIL = "、,，:： \t\n\r\u3000"
_NAME_WORDS = 6
"""Words among which the first one that is no name is looked for."""
_NAME_WORD_EN = re.compile(r"[A-Za-zÀ-ɏ.'’-]{1,20}\Z")
_NAME_WORD_JA = re.compile(r"[^\W\d_A-Za-z]{1,4}\Z|[ァ-ヺー]{1,10}\Z")
_HONORIFIC = re.compile(r"(?<=.)(?:様|さま|さん|氏)\Z")


def split_reference(text: str) -> tuple[str, str]:
    """Return which lead is meant and the rest of the line, both free of Slack's escaping.

    A number comes back as `L-12` however it was typed (`l12`, `Ｌ－１２`, `#12`). An e-mail address and a quoted name
    ("…", “…”, 「…」) come back as typed. Otherwise the name is the words before the first one that is a kind, a date, a
    direction, a reason, a yes or no, or a mention; with none of these among the first words it is the first word, or
    the first two if both are short Japanese words (up to four signs) or both Latin ones. 様, さん and 氏 are dropped. The
    reference is empty when the line begins with a kind or a date.
    """
    text = text.strip()
    if number := _NUMBER.match(half_width(text[:40])):
        return f"L-{int(number[1])}", text[number.end() :].strip()
    if quoted := read_quoted(text, 0, set()):
        return quoted[0].strip(), text[quoted[1] :].strip(_TAIL)
    if email := _EMAIL.match(text[:600]):
        return email[1], text[email.end() :].strip()
    words = [word for _, word in zip(range(_NAME_WORDS), _NAME_WORD.finditer(text), strict=False)]
    count = _count_name_words(words)
    if count == 0:
        return "", text
    end = words[count - 1].end()
    return _HONORIFIC.sub("", text[words[0].start() : end].rstrip(_TAIL)), text[end:].strip()


def _count_name_words(words: list[re.Match[str]]) -> int:
    """Return how many of the first words are the lead's name."""
    texts = [word[0] for word in words]
    for index, word in enumerate(texts):
        following = texts[index + 1] if index + 1 < len(texts) else ""
        if _is_marker(word.rstrip(_TAIL)) or _is_marker(f"{word} {following}"):
            return index
        if word.endswith(("、", ",", "，", "様", "さん")):
            return index + 1
    if len(texts) < 2:
        return len(texts)
    first_two = texts[:2]
    is_name = any(all(map(pattern.match, first_two)) for pattern in (_NAME_WORD_JA, _NAME_WORD_EN))
    return 2 if is_name else 1


_READERS: tuple[Callable[[str], object], ...] = (read_kind, read_direction, read_reason, read_consent)
_DATE_WORD = re.compile(
    r"\d{1,4}[-/年月]\d|\d{1,2}日|\d{1,4}\s?(?:日|週間?|[かヶカヵ]月|年|時間|分)[前後]|(?:今|本|昨|明|一昨|明後)日|(?:おととい|あした|あさって|きのう|きょう)|"
    r"(?:今|来|先|再来)[週月年]|[月火水木金土日]曜|次の|(?:today|yesterday|tomorrow|next|last|this|in|on|"
    r"mon|tue|wed|thu|fri|sat|sun|monday|tuesday|wednesday|thursday|friday|saturday|sunday)\Z|"
    r"(?:at|日時|日付|いつ|retry|until)[:：]",
    re.IGNORECASE,
)


def _is_marker(word: str) -> bool:
    """Say whether a word is no part of a name."""
    if len(word) > 40 or not word:
        return False
    if word[0] in "@＠" or word.startswith("<@") or _DATE_WORD.match(half_width(word)):
        return True
    bare = re.split(r"[(（:：、,]", word, maxsplit=1)[0]
    return any(read(bare) is not None for read in _READERS) if bare else False


# --- Contacts ---------------------------------------------------------------------------------------------------------

_AT_KEY = re.compile(r"(?:(?<=\s)|\A)(?:at|when|date|日時|日付|いつ)\s{0,3}[:：]\s{0,3}", re.IGNORECASE)
_BRACKETED = re.compile(r"\s*[(（]([^()（）]{1,30})[)）]")
_KIND_WORDS = 3
_IN_A_SENTENCE = re.compile(
    r"(?:in|out)\s+(?:\d|(?:the|an?|my|our|his|her|their|this|that|next|last|of|to|for|on|at|and|person|order|about)\b)",
    re.IGNORECASE,
)
"""Where `in` and `out` say no direction: "call in the morning"."""


def read_touchpoint_line(rest: str, now: datetime, zone: ZoneInfo) -> TouchpointEntry:
    """Read `KIND [direction] [date] [note]`, the date also as `at:…` anywhere.

    A day without a time is its noon, today's is None (now). Words for a day ahead (来週 デモ) belong to the note
    that they begin: contacts lie behind, plans are what notes are about.

    Raises:
        InputError: UNREADABLE_DATE, FUTURE_DATE, OLD_DATE or TOO_LONG.
    """
    rest, keyed = _without_key(rest.strip(), now, zone)
    found, rest = _read_words(rest, read_kind, _KIND_WORDS)
    kind, direction = found or (None, None)
    if found is None and rest:
        unknown, note = _first_word(rest)
        return TouchpointEntry(None, None, _contact_at(keyed, now, zone), _checked(note, "note", NOTE_MAX), unknown)
    typed = keyed
    for _ in range(2):
        stated, rest = _read_direction(rest)
        direction = stated or direction
        if typed is None:
            typed, rest = _read_past(rest, now, zone)
    return TouchpointEntry(kind, direction, _contact_at(typed, now, zone), _checked(rest, "note", NOTE_MAX))


def _without_key(rest: str, now: datetime, zone: ZoneInfo) -> tuple[str, TypedInstant | None]:
    """Return the line without its `at:…`, and the instant that stood there."""
    key = _AT_KEY.search(rest)
    if key is None:
        return rest, None
    value = rest[key.end() :]
    found = find_instant(value, now, zone, past=True)
    if found is None or not _is_end(value, found.end):
        raise InputError(Problem.UNREADABLE_DATE, "at", _first_word(value)[0])
    _refuse_far(value[: found.end], found, now, zone)
    before, after = rest[: key.start()].rstrip(), value[found.end :].lstrip()
    return f"{before} {after}".strip() if before and after else before + after, found.typed


def _read_past(rest: str, now: datetime, zone: ZoneInfo) -> tuple[TypedInstant | None, str]:
    """Return the instant that the rest begins with, and what follows it."""
    found = find_instant(rest, now, zone, past=True)
    if found is None or not _is_end(rest, found.end) or found.naming is Naming.MONTH:
        return None, rest
    if found.naming is Naming.RELATIVE and found.typed.at > now and rest[found.end :].strip():
        return None, rest
    _refuse_far(rest[: found.end], found, now, zone)
    return found.typed, rest[found.end :].lstrip()


def _refuse_far(text: str, found: FoundInstant, now: datetime, zone: ZoneInfo) -> None:
    """Refuse a day typed without its year that was almost a year ago: the one that comes soon was meant."""
    coming = find_instant(text, now, zone, past=False)
    days_ahead = (coming.typed.on - now.astimezone(zone).date()).days if coming else 0
    is_another_year = coming is not None and (coming.typed.on - found.typed.on).days > _FAR_DAYS * 2
    if is_another_year and 0 < days_ahead <= _FAR_DAYS:
        raise InputError(Problem.FUTURE_DATE, "at", text.strip())


def _contact_at(typed: TypedInstant | None, now: datetime, zone: ZoneInfo) -> datetime | None:
    """Return the contact's instant, None for now."""
    if typed is None:
        return None
    today = now.astimezone(zone).date()
    if typed.on > today or (typed.has_time and typed.at > now):
        raise InputError(Problem.FUTURE_DATE, "at", typed.on.isoformat())
    if today - typed.on > timedelta(days=_OLDEST_YEARS * 365.25):
        raise InputError(Problem.OLD_DATE, "at", typed.on.isoformat(), limit=_OLDEST_YEARS)
    if typed.has_time:
        return typed.at
    return None if typed.on == today else datetime.combine(typed.on, time(12), zone).astimezone(UTC)


def _read_direction(rest: str) -> tuple[Direction | None, str]:
    """Return the direction that the rest begins with, in brackets or not (電話（先方から）), and what follows it."""
    if _IN_A_SENTENCE.match(rest):
        return None, rest
    if (bracketed := _BRACKETED.match(rest)) and (direction := read_direction(bracketed[1])):
        return direction, rest[bracketed.end() :].lstrip(_TAIL)
    return _read_words(rest, read_direction, 2)


# --- Next steps and returns -------------------------------------------------------------------------------------------

_PARTICLE = re.compile(r"\s*(?:までに|まで|から|以降|ごろ|頃|に|は)?[、,，:：\s]*")
_RETRY_KEY = re.compile(
    r"(?:(?<=\s)|\A)(?:retry|until|from|date|at|再開|再アプローチ|再架電|時期|日付)\s{0,3}[:：]\s{0,3}", re.IGNORECASE
)
_REASON_WORDS = 7


def read_follow_line(rest: str, now: datetime, zone: ZoneInfo) -> FollowUpEntry:
    """Read `DATE [time] [note]`; a day without a year is the coming one.

    Raises:
        InputError: MISSING_DATE, UNREADABLE_DATE, PAST_DATE or TOO_LONG.
    """
    rest = _AT_KEY.sub("", rest.strip(), count=1) if _AT_KEY.match(rest.strip()) else rest.strip()
    if not rest:
        raise InputError(Problem.MISSING_DATE, "on")
    found, note = _read_coming(rest, now, zone, "on")
    if found is None:
        raise InputError(Problem.UNREADABLE_DATE, "on", _first_word(rest)[0])
    return FollowUpEntry(
        found.on, found.at if found.has_time else None, _checked(note, "follow_up_note", MAX_LENGTHS["follow_up_note"])
    )


def read_return_line(rest: str, now: datetime, zone: ZoneInfo) -> ReturnEntry:
    """Read `REASON [date] [comment]`, the date to try again also as `retry:…`; an unknown reason is comment.

    Raises:
        InputError: UNREADABLE_DATE, PAST_DATE or TOO_LONG.
    """
    reason, rest = _read_words(rest.strip(), read_reason, _REASON_WORDS)
    retry: TypedInstant | None = None
    if key := _RETRY_KEY.search(rest):
        retry, after = _read_coming(rest[key.end() :], now, zone, "retry_on")
        if retry:
            rest = f"{rest[: key.start()].rstrip()} {after}".strip()
    elif reason is not None:
        retry, rest = _read_coming(rest, now, zone, "retry_on")
    return ReturnEntry(reason, _checked(rest, "comment", COMMENT_MAX), retry.on if retry else None)


def _read_coming(rest: str, now: datetime, zone: ZoneInfo, name: str) -> tuple[TypedInstant | None, str]:
    """Return the day ahead that the rest begins with, and what follows it; `name` is the field for errors."""
    found = find_instant(rest, now, zone, past=False, field=name)
    particle = _PARTICLE.match(rest, found.end) if found else None
    if found is None or particle is None or not (particle.end() > found.end or _is_end(rest, found.end)):
        return None, rest
    typed = found.typed
    if typed.on < now.astimezone(zone).date() or (typed.has_time and typed.at < now):
        raise InputError(Problem.PAST_DATE, name, rest[: found.end].strip())
    return typed, rest[particle.end() :]


# --- Words ------------------------------------------------------------------------------------------------------------


def _read_words(rest: str, read: Callable[[str], _Found | None], most: int) -> tuple[_Found | None, str]:
    """Return what the first words mean, as many of them as mean anything, and what follows."""
    for end in reversed(list(_word_ends(rest, most))):
        word = rest[:end]
        if (found := read(word)) is not None:
            return found, rest[end:].lstrip(_TAIL)
    return None, rest


def _word_ends(rest: str, most: int) -> Iterable[int]:
    """Return where the first words end: before a blank, and within the first ones before a bracket or a separator."""
    ends: list[int] = []
    for count, word in enumerate(_WORD.finditer(rest[:200])):
        if count == most:
            break
        ends += [word.start() + sign.start() for sign in re.finditer(r"[(（:：、,]", word[0]) if sign.start()]
        ends.append(word.end())
    return ends


def _first_word(rest: str) -> tuple[str, str]:
    """Return the first word and what follows it, as typed."""
    word = _WORD.match(rest)
    end = word.end() if word else 0
    return rest[:end], rest[end:].lstrip()


def _is_end(text: str, end: int) -> bool:
    return end == len(text) or text[end].isspace()


def _checked(text: str, name: str, limit: int) -> str:
    text = text.strip()
    if len(text) > limit:
        raise InputError(Problem.TOO_LONG, name, text, limit=limit)
    return text
