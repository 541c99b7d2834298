"""The JSON of inbound webhooks turned into what the services take, each fault with the name of its field."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NoReturn

from models.consent import ConsentBasis
from models.errors import InputError, Problem
from models.facts import ConsentEntry, LeadEntry
from models.lead import Consent, LeadKind, Source
from models.touchpoint import Direction
from services import vocabulary
from services.hooks import EXTRA_MAX
from services.touchpoints import Contact

EXTRA_NAME_MAX = 100
EXTRA_TEXT_MAX = 1000

LEAD_FIELDS = (
    "name", "company", "title", "email", "phone", "external_id", "source", "campaign", "lead_kind", "note",
    "consent", "consent_purpose", "consent_basis", "consent_at", "consent_from", "consent_notice",
)  # fmt: skip
TOUCHPOINT_FIELDS = ("lead", "kind", "direction", "at", "note")
_BREAKS = re.compile(r"\r\n?|[\u2028\u2029]")
# What no database column and no reader wants; the rest of a text is worth keeping.
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_SURROGATES = re.compile("[\ud800-\udfff]")


class BodyError(Exception):
    """The body cannot be used: `reason` says why, `field` where, empty when it is no JSON object at all."""

    def __init__(self, reason: str, field: str = "") -> None:
        super().__init__(reason)
        self.reason, self.field = reason, field


@dataclass(frozen=True)
class TouchpointReport:
    """A contact and the lead it was with: `L-12`, an e-mail or an external id."""

    lead: str
    contact: Contact


def read_lead(body: bytes) -> tuple[LeadEntry, ConsentEntry]:
    """Read what `/hooks/leads` takes; fields it does not know become the lead's `extra`. A naive `consent_at` stays naive.

    Raises:
        BodyError: it is no JSON object, or a field is not of its type.
        InputError: a word is none of those known.
    """
    data = _read_object(body)
    consent = _consent(data)
    entry = LeadEntry(
        name=_line(data, "name"),
        company=_line(data, "company"),
        title=_line(data, "title"),
        email=_line(data, "email"),
        phone=_line(data, "phone"),
        external_id=_external_id(data, "external_id") or None,
        source=_source(_line(data, "source")),
        campaign=_line(data, "campaign"),
        note=_text(data, "note"),
        consent=consent.answer,
        extra=_extra(data, LEAD_FIELDS),
        kind=_lead_kind(_line(data, "lead_kind")),
    )
    return entry, consent


def read_touchpoint(body: bytes) -> TouchpointReport:
    """Read what `/hooks/touchpoints` takes; fields it does not know become its `extra`. A naive `at` stays naive.

    Raises:
        BodyError: it is no JSON object, or a field is missing or not of its type.
        InputError: a word is none of those known, or `at` is no date.
    """
    data = _read_object(body)
    lead, word = _external_id(data, "lead"), _line(data, "kind")
    if not lead:
        raise BodyError("is missing", "lead")
    if not word:
        raise BodyError("is missing", "kind")
    found = vocabulary.read_kind(word)
    if found is None:
        raise InputError(Problem.UNKNOWN_KIND, "kind", word, nearest=vocabulary.nearest_kind(word))
    kind, usual = found
    direction = _direction(_line(data, "direction")) or usual
    at, extra = _at(data, "at"), _extra(data, TOUCHPOINT_FIELDS)
    return TouchpointReport(lead, Contact(kind, direction, at, _text(data, "note"), extra))


def _read_object(body: bytes) -> Mapping[str, Any]:
    try:
        data = json.loads(body.decode(), parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise BodyError("the body is not JSON") from None
    if not isinstance(data, dict):
        raise BodyError("the body is not a JSON object")
    return data


def _refuse_constant(_name: str) -> NoReturn:
    """Python reads NaN and Infinity, which JSON does not have and PostgreSQL does not take."""
    raise ValueError


def _text(data: Mapping[str, Any], field: str) -> str:
    """Return a text that may have several lines; absent, null and blank are all empty."""
    value = data.get(field)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise BodyError("must be text", field)
    return _tidy(value)


def _line(data: Mapping[str, Any], field: str) -> str:
    return _one_line(_text(data, field))


def _external_id(data: Mapping[str, Any], field: str) -> str:
    """Other systems' ids are often numbers."""
    value = data.get(field)
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return str(value) if is_number else _line(data, field)


def _tidy(text: str) -> str:
    return _SURROGATES.sub("\N{REPLACEMENT CHARACTER}", _CONTROLS.sub(" ", _BREAKS.sub("\n", text))).strip()


def _one_line(text: str) -> str:
    return text.replace("\n", " ").replace("\t", " ")


def _source(word: str) -> Source | None:
    source = vocabulary.read_source(word) if word else None
    if word and source is None:
        raise InputError(Problem.UNKNOWN_SOURCE, "source", word, nearest=vocabulary.nearest_source(word))
    return source


def _lead_kind(word: str) -> LeadKind:
    kind = vocabulary.read_lead_kind(word) if word else LeadKind.PROSPECT
    if kind is None:
        raise InputError(Problem.UNKNOWN_CHOICE, "lead_kind", word)
    return kind


def _consent(data: Mapping[str, Any]) -> ConsentEntry:
    return ConsentEntry(
        _consent_answer(data),
        purpose=_line(data, "consent_purpose"),
        basis=_basis(_line(data, "consent_basis")),
        given_at=_at(data, "consent_at"),
        origin=_line(data, "consent_from"),
        notice=_line(data, "consent_notice"),
    )


def _consent_answer(data: Mapping[str, Any]) -> Consent:
    if isinstance(data.get("consent"), bool):
        return Consent.YES if data["consent"] else Consent.NO
    word = _line(data, "consent")
    consent = vocabulary.read_consent(word) if word else Consent.UNKNOWN
    if consent is None:
        raise InputError(Problem.UNKNOWN_CHOICE, "consent", word)
    return consent


def _basis(word: str) -> ConsentBasis | None:
    basis = vocabulary.read_basis(word) if word else None
    if word and basis is None:
        raise InputError(Problem.UNKNOWN_CHOICE, "consent_basis", word)
    return basis


def _direction(word: str) -> Direction | None:
    direction = vocabulary.read_direction(word) if word else None
    if word and direction is None:
        raise InputError(Problem.UNKNOWN_CHOICE, "direction", word)
    return direction


def _at(data: Mapping[str, Any], field: str) -> datetime | None:
    text = _line(data, field)
    if not text:
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise InputError(Problem.UNREADABLE_DATE, field, text) from None


def _extra(data: Mapping[str, Any], fields: tuple[str, ...]) -> dict[str, str]:
    """Return the unknown fields as text: what is no text stays JSON."""
    unknown = {name: value for name, value in data.items() if name not in fields and value is not None}
    if len(unknown) > EXTRA_MAX:
        raise BodyError(f"more than {EXTRA_MAX} unknown fields")
    return {_extra_name(name): _extra_text(name, value) for name, value in unknown.items()}


def _extra_name(name: str) -> str:
    if len(name) > EXTRA_NAME_MAX:
        raise BodyError(f"a field's name is longer than {EXTRA_NAME_MAX} characters")
    return _one_line(_tidy(name))


def _extra_text(name: str, value: Any) -> str:
    try:
        text = _tidy(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))
    except RecursionError:
        raise BodyError("is nested too deeply", _extra_name(name)) from None
    if len(text) > EXTRA_TEXT_MAX:
        raise InputError(Problem.TOO_LONG, _extra_name(name), text, limit=EXTRA_TEXT_MAX)
    return text
