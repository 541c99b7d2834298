"""A learned chance in words: how likely a lead is to be won, and what speaks for and against it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from models.learning import EXTRA, MISSING, RECENCY, TOUCHES, Chance, ChanceReason
from models.touchpoint import Direction, TouchpointKind
from views.blocks import escape, tidy
from views.labels import CONSENTS, DECISION_ROLES, FIELDS, FIT_REASONS, PROGRESS, SOURCES, kind_label
from views.words import Reader, msg, whole

COLUMN_MAX, VALUE_MAX = 60, 40

_TOUCHED = {
    f"{TOUCHES}inbound": msg("inbound touchpoints"),
    f"{TOUCHES}outbound": msg("outbound touchpoints"),
    f"{RECENCY}inbound": msg("days since the last inbound touchpoint"),
    f"{RECENCY}outbound": msg("days since the last outbound touchpoint"),
}
_OWN = {"title": msg("title"), "email": msg("e-mail address"), "kind": msg("kind of lead")}
_VALUES = {
    "known": msg("known"),
    "business": msg("of a company"),
    "free": msg("free mail"),
    "other": msg("another one"),
    "prospect": msg("new"),
    "customer": msg("existing customer"),
}
_CODED: dict[str, Mapping[Any, str]] = {
    "source": SOURCES,
    "consent": CONSENTS,
    "role": DECISION_ROLES,
    "progress": PROGRESS,
    "title": FIT_REASONS,
}


def percent(share: float) -> int:
    """Write a share as whole per cent; only what is certain is 0 or 100."""
    return min(99, max(1, whole(share * 100))) if 0 < share < 1 else whole(share * 100)


def chance_line(chance: Chance, reader: Reader, now: datetime) -> str:
    """Say the chance, its strongest reasons and how old the version is; mrkdwn."""
    t = reader.t
    learned = t("learned {day}", day=reader.short_day(reader.today(chance.fitted_at), reader.today(now)))
    why = reader.dotted((_reasons(chance, reader), learned))
    return t("*Chance to close {percent}%*  {why}", percent=percent(chance.probability), why=why)


def chance_text(chance: Chance, reader: Reader) -> str:
    """Say the chance in plain words."""
    return reader.t("Chance to close {percent}%.", percent=percent(chance.probability))


def _reasons(chance: Chance, reader: Reader) -> str:
    up = [reason_label(reason, reader) for reason in chance.reasons if reason.effect > 0]
    down = [reason_label(reason, reader) for reason in chance.reasons if reason.effect < 0]
    return reader.dotted(
        (
            reader.t("for it: {reasons}", reasons=reader.listed(up)) if up else "",
            reader.t("against it: {reasons}", reasons=reader.listed(down)) if down else "",
        )
    )


def reason_label(reason: ChanceReason, reader: Reader) -> str:
    """Name a column and what the lead has there; escaped."""
    return reader.t(
        "{column} = {value}",
        column=column_label(reason.column, reader),
        value=value_label(reason.column, reason.value, reader),
    )


def column_label(name: str, reader: Reader, *, escaped: bool = True) -> str:
    """Name a column as people know it; the heading of an import's own is escaped, but for rich text."""
    if name.startswith(EXTRA):
        return _typed(name.removeprefix(EXTRA), COLUMN_MAX, escaped=escaped) or reader.t("(no name)")
    if name in _TOUCHED:
        return reader.t(_TOUCHED[name])
    if name.startswith(TOUCHES):
        kind, direction = name.removeprefix(TOUCHES).split(":")
        return kind_label(TouchpointKind(kind), Direction(direction), reader)
    return reader.t(_OWN.get(name) or FIELDS.get(name, name))


def value_label(name: str, value: str, reader: Reader, *, escaped: bool = True) -> str:
    """Write what a lead has in a column; what was typed is escaped, but for rich text."""
    if value == MISSING:
        return reader.t("none") if name.startswith((TOUCHES, RECENCY)) else reader.t("(empty)")
    if name.startswith((TOUCHES, RECENCY)):
        return str(whole(float(value)))
    for code, label in _CODED.get(name, {}).items():
        if code == value:
            return reader.t(label)
    if not name.startswith(EXTRA) and value in _VALUES:
        return reader.t(_VALUES[value])
    return _typed(value, VALUE_MAX, escaped=escaped) or reader.t("(empty)")


def _typed(text: str, limit: int, *, escaped: bool) -> str:
    return escape(text, limit) if escaped else tidy(text, limit)
