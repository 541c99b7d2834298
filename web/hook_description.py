"""What `/hooks/leads` and `/hooks/touchpoints` take and answer, as OpenAPI 3.1.

Built of the same sets, limits and names that the endpoints check by, so it cannot say anything else. `python -m
web.hook_description` writes it to docs/openapi.json; a running Baton serves it at `/hooks/openapi.json`.
"""

import json
import sys
from pathlib import Path
from typing import Any

from models.consent import CONSENT_MAX, ConsentBasis
from models.lead import MAX_LENGTHS, Consent, LeadKind, Source
from models.touchpoint import NOTE_MAX, Direction, TouchpointKind
from services.hooks import EXTRA_MAX
from web.hook_bodies import EXTRA_NAME_MAX, EXTRA_TEXT_MAX

FILE = Path(__file__).parent.parent / "docs" / "openapi.json"

Json = dict[str, Any]

_ID: Json = {"type": "string", "pattern": r"^[\x21-\x7e]{1,200}$"}
_HEADERS: tuple[tuple[str, Json, str], ...] = (
    ("webhook-id", _ID, "The message's own id, the same in every repeat of it."),
    ("webhook-timestamp", {"type": "string", "pattern": "^[0-9]{1,12}$"}, "Seconds since 1970, at most 5 minutes off."),
    ("webhook-signature", {"type": "string"}, "`v1,` and the base64 of HMAC-SHA256 over `ID.TIMESTAMP.BODY`."),
)
_REASONS: dict[int, str] = {
    400: "The body is no JSON object.",
    401: "Not signed with a secret of HOOK_SECRET, or more than 5 minutes old.",
    408: "The body came too slowly.",
    410: "The person asked to be deleted. Send nothing more of them.",
    413: "The body is longer than 64 kB.",
    422: "A field cannot be used; `field` names it.",
    429: "Too many at once. Send it again after `Retry-After` seconds.",
    500: "Unexpected. Nothing was saved; the reference stands in Baton's log.",
    503: "Busy. Nothing was saved; send it again after `Retry-After` seconds.",
}
_TOUCHPOINT_REASONS: dict[int, str] = {
    404: "No lead goes by this. Report the lead first.",
    409: "The lead is closed, or several go by this.",
}


def describe() -> Json:
    """Return the description."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Baton: inbound webhooks",
            "version": "1",
            "description": "Signed by the Standard Webhooks scheme (https://www.standardwebhooks.com).",
        },
        "servers": [{"url": "http://127.0.0.1:3000"}],
        "paths": {
            "/hooks/leads": {"post": _operation("reportLead", "Add a lead, or complete the one that is known.", "Lead", {
                200: ("The lead was known.", "known"), 201: ("A new lead.", "added"),
            }, {})},
            "/hooks/touchpoints": {"post": _operation("reportTouchpoint", "Log a contact with a known lead.", "Touchpoint", {
                201: ("The contact is logged.", "logged"),
            }, _TOUCHPOINT_REASONS)},
        },
        "components": {"schemas": {"Lead": _lead(), "Touchpoint": _touchpoint(), "Error": _error()}},
    }  # fmt: skip


def _operation(name: str, says: str, schema: str, done: dict[int, tuple[str, str]], reasons: dict[int, str]) -> Json:
    answers: Json = {str(status): _done(*told) for status, told in done.items()}
    answers |= {str(status): _refused(status, reason) for status, reason in sorted((_REASONS | reasons).items())}
    return {
        "operationId": name,
        "summary": says,
        "parameters": [
            {"name": header, "in": "header", "required": True, "schema": kind, "description": told}
            for header, kind, told in _HEADERS
        ],
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}},
        },
        "responses": answers,
    }


def _done(says: str, status: str) -> Json:
    schema = {
        "type": "object",
        "properties": {"lead": {"type": "string", "pattern": "^L-[0-9]+$"}, "status": {"const": status}},
        "required": ["lead", "status"],
    }
    return {"description": says, "content": {"application/json": {"schema": schema}}}


def _refused(status: int, reason: str) -> Json:
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
    answer: Json = {"description": reason, "content": content}
    if status in {429, 503}:
        answer["headers"] = {"Retry-After": {"schema": {"type": "integer"}}}
    return answer


def _error() -> Json:
    texts: Json = {name: {"type": "string"} for name in ("error", "field", "reference")}
    return {"type": "object", "properties": texts, "required": ["error"]}


def _text(limit: int, says: str = "") -> Json:
    """Describe a text; null is the same as leaving it out."""
    schema: Json = {"type": ["string", "null"], "maxLength": limit}
    return {**schema, "description": says} if says else schema


def _word(choices: Any, says: str) -> Json:
    return {"type": ["string", "null"], "examples": [choice.value for choice in choices], "description": says}


def _instant(says: str) -> Json:
    return {"type": ["string", "null"], "description": f"ISO 8601; without an offset in the workspace's zone. {says}"}


def _extra(says: str) -> Json:
    return {
        "additionalProperties": True,
        "description": f"Fields that are not named here {says}: up to {EXTRA_MAX}, names of {EXTRA_NAME_MAX} and "
        f"texts of {EXTRA_TEXT_MAX} characters.",
    }


def _lead() -> Json:
    named = ("name", "company", "title", "email", "phone", "campaign", "note")
    return {
        "type": "object",
        **_extra("are kept with the lead"),
        "properties": {
            **{field: _text(MAX_LENGTHS[field]) for field in named},
            "external_id": _id("The other system's own key of this person."),
            "source": _word(Source, "Where they came from; the words that `/lead add` knows are taken too."),
            "lead_kind": _word(
                LeadKind, "Whether they buy already; a `customer` stays one. Left out: a prospect, or what is known."
            ),
            "consent": {
                "type": ["string", "boolean", "null"],
                "examples": [choice.value for choice in Consent],
                "description": "May they be e-mailed? `no` always counts.",
            },
            "consent_purpose": _text(CONSENT_MAX["purpose"], "What for."),
            "consent_basis": _word(ConsentBasis, "Why their address may be written to."),
            "consent_at": _instant("When they said it."),
            "consent_from": _text(CONSENT_MAX["origin"], "Where they said it."),
            "consent_notice": _text(CONSENT_MAX["notice"], "The version of the privacy notice that they saw."),
        },
        "anyOf": [{"required": [field]} for field in ("name", "email", "phone", "external_id")],
    }


def _id(says: str) -> Json:
    return {"type": ["string", "integer", "null"], "maxLength": MAX_LENGTHS["external_id"], "description": says}


def _touchpoint() -> Json:
    return {
        "type": "object",
        **_extra("are kept with the contact"),
        "properties": {
            "lead": {"type": ["string", "integer"], "description": "`L-12`, an e-mail address or an external id."},
            "kind": {**_word(TouchpointKind, "The words that `/lead log` knows are taken too."), "type": "string"},
            "direction": _word(Direction, "Who came to whom; else the usual one of the kind."),
            "at": _instant("Now when left out; not in the future."),
            "note": _text(NOTE_MAX),
        },
        "required": ["lead", "kind"],
    }


def written() -> str:
    """Return the text of docs/openapi.json."""
    return json.dumps(describe(), ensure_ascii=False, indent=2) + "\n"


if __name__ == "__main__":
    FILE.write_text(written())
    sys.exit(0)
