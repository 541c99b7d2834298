"""`/lead consent L-12 yes newsletter from:trade show notice:2026-04`, read."""

import re
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from models.consent import ConsentBasis
from models.errors import InputError, Problem
from models.facts import ConsentEntry
from services.dates import read_instant
from services.identity import fold
from services.vocabulary import read_basis, read_consent

_KEYS = {
    "purpose": "purpose 目的 for",
    "basis": "basis 根拠 base",
    "origin": "from 取得元 経路 場所 origin",
    "given_at": "at on 日 日付 日時 いつ when",
    "notice": "notice 版 通知 ポリシー version",
}
_NAMES = {fold(word): name for name, words in _KEYS.items() for word in words.split()}
_KEY = re.compile(
    r"(?:^|\s)(" + "|".join(sorted(map(re.escape, _NAMES), key=len, reverse=True)) + r")\s?[:：]", re.IGNORECASE
)
_WORD = re.compile(r"\S+")


def read_consent_line(text: str, now: datetime, zone: ZoneInfo) -> ConsentEntry:
    """Read what follows the lead: the answer, what it is for, and `from:`, `basis:`, `at:`, `notice:`.

    Raises:
        InputError: the answer or the basis is no word known here, or the day none that can be read.
    """
    word = _WORD.match(text.strip())
    answer = read_consent(word[0]) if word else None
    if word is None or answer is None:
        raise InputError(Problem.UNKNOWN_CHOICE, "consent", word[0] if word else "")
    told = _read_keys(text.strip()[word.end() :].strip())
    return ConsentEntry(
        answer,
        purpose=told.get("purpose", ""),
        basis=_basis(told.get("basis", "")),
        given_at=_instant(told.get("given_at", ""), now, zone),
        origin=told.get("origin", ""),
        notice=told.get("notice", ""),
    )


def _read_keys(text: str) -> dict[str, str]:
    """Return the values by name; what stands before the first key is the purpose."""
    keys = list(_KEY.finditer(text))
    told = {"purpose": text[: keys[0].start()].strip() if keys else text.strip()}
    for key, end in zip(keys, [*(key.start() for key in keys[1:]), len(text)], strict=False):
        if value := text[key.end() : end].strip():
            told[_NAMES[fold(key[1])]] = value
    return told


def _basis(word: str) -> ConsentBasis | None:
    basis = read_basis(word) if word else None
    if word and basis is None:
        raise InputError(Problem.UNKNOWN_CHOICE, "basis", word)
    return basis


def _instant(text: str, now: datetime, zone: ZoneInfo) -> datetime | None:
    return read_instant(text, now, zone, past=True, field="given_at").at if text else None


def said_on(day: date | None, now: datetime, zone: ZoneInfo) -> datetime | None:
    """Return the instant of a day that a form gives: today is now, an earlier day its end, so that it follows what was said on it."""
    if day is None or day == now.astimezone(zone).date():
        return None
    return datetime.combine(day + timedelta(days=1), datetime.min.time(), zone) - timedelta(seconds=1)
