"""The calls as the page's drawer shows them: without secrets, and not longer than anybody reads."""

from typing import Any

from playground.calls import Call
from playground.entities import Json
from playground.installation import Installation

LONGEST_TEXT = 4_000
# Slack's own names for what opens something: the token of a call, those of payloads and of functions.
SECRET_NAMES = frozenset({"token", "bot_access_token", "authorization"})


def call_json(call: Call, installation: Installation) -> Json:
    """Give one call."""
    secrets = (installation.bot_token, installation.app_token, installation.signing_secret)
    return {
        "number": call.number,
        "direction": call.direction,
        "method": call.method,
        "args": _told(call.args, secrets),
        "answer": _told(call.answer, secrets),
        "status": call.status,
        "seconds": round(call.seconds, 4),
        "at": call.logged_at.isoformat(),
    }


def _told(value: Any, secrets: tuple[str, ...]) -> Any:
    if isinstance(value, dict):
        return {name: _told(held, secrets) for name, held in value.items() if name not in SECRET_NAMES}
    if isinstance(value, list | tuple):
        return [_told(one, secrets) for one in value]
    return _text(value, secrets) if isinstance(value, str) else value


def _text(text: str, secrets: tuple[str, ...]) -> str:
    for secret in secrets:
        text = text.replace(secret, "…")
    if len(text) <= LONGEST_TEXT:
        return text
    return f"{text[:LONGEST_TEXT]}… ({len(text):,} characters)"
