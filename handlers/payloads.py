"""Slack's payloads → what a request is made of. All of it went through a person's hands: nothing in it is believed."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from models.facts import SlackMessage
from services.line_pieces import unescape


@dataclass(frozen=True)
class Payload:
    """What every interactive payload has in common."""

    kind: str
    user_slack_id: str
    team_slack_ids: frozenset[str]
    trigger_id: str
    response_url: str
    channel: str
    fields: tuple[str, ...] = ()
    """The inputs of a submitted form, in their order: an error is shown at one of them, so that nothing typed is lost."""


def payload_of(kind: str, body: Mapping[str, Any], response_url: str = "", fields: tuple[str, ...] = ()) -> Payload:
    """Read who does what from where."""
    user, team = body.get("user") or {}, body.get("team") or {}
    teams = {str(team.get("id") or ""), str(user.get("team_id") or "")}
    return Payload(
        kind,
        str(user.get("id") or ""),
        frozenset(teams),
        str(body.get("trigger_id") or ""),
        response_url or str(body.get("response_url") or ""),
        str((body.get("channel") or {}).get("id") or ""),
        fields,
    )


def value_of(action: Mapping[str, Any]) -> str:
    """Return what a clicked or chosen element carries."""
    option = action.get("selected_option") or {}
    return storable(str(action.get("value") or option.get("value") or ""))


_INPUT_KEYS = (
    "value", "selected_option", "selected_date", "selected_time", "selected_date_time", "selected_user",
    "selected_conversation", "selected_options", "selected_users", "files",
)  # fmt: skip


def values_of(view: Mapping[str, Any]) -> dict[str, Any]:
    """Read a form's inputs by block_id: text, the value of an option, a list of values or of files' ids, or None."""
    state = (view.get("state") or {}).get("values") or {}
    values: dict[str, Any] = {}
    for block_id, elements in state.items():
        element = next(iter(elements.values()), None) if isinstance(elements, dict) else None
        if isinstance(element, dict):
            found = next((element[key] for key in _INPUT_KEYS if element.get(key) is not None), None)
            values[block_id] = _plain(found)
    return values


def _plain(found: Any) -> Any:
    if isinstance(found, dict):
        return _plain(found.get("value", found.get("id")))
    if isinstance(found, list):
        return [_plain(item) for item in found]
    return storable(found) if isinstance(found, str) else found


def storable(text: str) -> str:
    """Return the text without what no database and no answer can hold: NUL, and half surrogates."""
    return text.replace("\x00", "").encode("utf-8", "ignore").decode()


_INITIAL_KEYS = ("initial_value", "initial_option", "initial_date")


def shown_in(view: Mapping[str, Any]) -> dict[str, Any]:
    """Read what a form's inputs held when it was opened, by block_id: the rest is what the person changed."""
    shown: dict[str, Any] = {}
    for block in view.get("blocks") or []:
        element = block.get("element") or {}
        found = next((element[key] for key in _INITIAL_KEYS if element.get(key) is not None), None)
        shown[str(block.get("block_id") or "")] = _plain(found)
    return shown


def metadata_of(view: Mapping[str, Any]) -> dict[str, Any]:
    """Read what the form's opener left in it; it went through the person's hands, so nothing in it is believed."""
    try:
        metadata = json.loads(view.get("private_metadata") or "{}")
    except (ValueError, RecursionError):
        return {}
    facts = metadata.items() if isinstance(metadata, dict) else ()
    return {name: storable(value) if isinstance(value, str) else value for name, value in facts}


_READ_MAX = 10_000
"""Characters of a message that are read; Slack's own composer stops at 12,000."""
_BLOCKS_READ = 100
_TS = re.compile(r"\d{10}\.\d{6}")
_PART = re.compile(r"[A-Za-z0-9\-]{1,80}")


def message_of(body: Mapping[str, Any]) -> SlackMessage | None:
    """Read the message that a shortcut was used on; None for a global one."""
    message = body.get("message")
    if not isinstance(message, dict):
        return None
    text = str(message.get("text") or "")
    if not text.strip():
        text = "\n".join(_said_in(message))
    ts = str(message.get("ts") or body.get("message_ts") or "")
    is_instant = _TS.fullmatch(ts) is not None
    profile = message.get("bot_profile")
    bot = message.get("username") or (profile.get("name") if isinstance(profile, dict) else "")
    return SlackMessage(
        text=storable(unescape(text[:_READ_MAX])),
        author_slack_id=str(message.get("user") or ""),
        bot_name=storable(str(bot or "")),
        at=datetime.fromtimestamp(float(ts), UTC) if is_instant else None,
        link=_link(body, ts) if is_instant else "",
    )


def _link(body: Mapping[str, Any], ts: str) -> str:
    """Build the message's address as Slack does; "" where its parts are not what they should be."""
    domain = str((body.get("team") or {}).get("domain") or "")
    channel = str((body.get("channel") or {}).get("id") or "")
    if not _PART.fullmatch(domain) or not _PART.fullmatch(channel):
        return ""
    return f"https://{domain}.slack.com/archives/{channel}/p{ts.replace('.', '')}"


def _said_in(message: Mapping[str, Any]) -> Iterator[str]:
    """Yield the words of a message that has no text of its own: apps say everything in blocks and attachments."""
    waiting: list[Any] = [message.get("attachments"), message.get("blocks")]
    for _ in range(_BLOCKS_READ * 10):
        if not waiting:
            return
        part = waiting.pop()
        if isinstance(part, list):
            waiting.extend(reversed(part[:_BLOCKS_READ]))
        elif isinstance(part, dict):
            if isinstance(part.get("text"), str):
                yield part["text"]
            waiting.extend(part.get(name) for name in ("attachments", "blocks", "elements", "fields", "text"))
