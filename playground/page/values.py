"""What a browser says that elements hold, made into what Slack would have let them hold."""

import re
from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

from playground.controls import VALUE_KEYS, controls, holding, options_of
from playground.entities import Json
from playground.errors import PeopleError
from playground.page.words import PageError
from playground.workspace import Workspace

CLOCK_TIME = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")
Entries = dict[str, dict[str, Json]]


def entries_of(ws: Workspace, blocks: Iterable[Json], given: Any) -> Entries:
    """Read state.values for the elements that stand in these blocks; whatever else was given is left out.

    Raises:
        PageError: bad_request, where something has another shape than its element can hold.
        PeopleError: no_such_option.
        SlackError: file_not_found, user_not_found, channel_not_found.
    """
    entries: Entries = {}
    values = _part(given, "values")
    for block, element in controls(blocks):
        held = values.get(block["block_id"])
        if held is None or element["type"] not in VALUE_KEYS:
            continue
        raw = _part(held, block["block_id"])
        if element["action_id"] in raw:
            value = value_of(ws, element, raw[element["action_id"]])
            entries.setdefault(block["block_id"], {})[element["action_id"]] = holding(element, value)
    return entries


def value_of(ws: Workspace, element: Json, raw: Any) -> Any:
    """Read what one element is to hold: bare, or as an entry of state.values. Options are named by their value or whole.

    Raises:
        PageError, PeopleError, SlackError: as entries_of.
    """
    kind = element["type"]
    key = VALUE_KEYS.get(kind, "selected_option")
    if isinstance(raw, dict) and raw.get("type") == kind:
        raw = raw.get(key)
    if raw is None:
        return None
    if key not in READERS:
        return _many(ws, element, raw, MANY[key])
    return READERS[key](ws, element, raw)


def _part(value: Any, name: str) -> Json:
    if not isinstance(value, dict):
        raise PageError("bad_request", name)
    return value


def _bad(element: Json) -> PageError:
    return PageError("bad_request", str(element.get("action_id", element["type"])))


def _many(ws: Workspace, element: Json, raw: Any, key: str) -> list[Any]:
    if not isinstance(raw, list):
        raise _bad(element)
    return [READERS[key](ws, element, one) for one in raw]


def _string(element: Json, raw: Any) -> str:
    if not isinstance(raw, str):
        raise _bad(element)
    return raw


def _text(_ws: Workspace, element: Json, raw: Any) -> str | None:
    is_number = isinstance(raw, int | float) and not isinstance(raw, bool)
    text = str(raw) if is_number and element["type"] == "number_input" else _string(element, raw)
    # Slack holds null in a field that was emptied.
    return text or None


def _rich_text(_ws: Workspace, element: Json, raw: Any) -> Json:
    if not isinstance(raw, dict) or raw.get("type") != "rich_text" or not isinstance(raw.get("elements"), list):
        raise _bad(element)
    return raw


def _option(_ws: Workspace, element: Json, raw: Any) -> Json:
    value = _string(element, raw.get("value") if isinstance(raw, dict) else raw)
    if "external" in element["type"]:
        text = raw.get("text", {}).get("text") if isinstance(raw, dict) and isinstance(raw.get("text"), dict) else value
        return {"text": {"type": "plain_text", "text": _string(element, text), "emoji": True}, "value": value}
    for option in options_of(element):
        if option.get("value") == value:
            return option
    raise PeopleError(f"no option {value!r} in {element['action_id']!r}", "no_such_option")


def _user(ws: Workspace, element: Json, raw: Any) -> str:
    return ws.user(_string(element, raw)).id


def _channel(ws: Workspace, element: Json, raw: Any) -> str:
    return ws.channel(_string(element, raw)).id


def _conversation(ws: Workspace, element: Json, raw: Any) -> str:
    return raw if isinstance(raw, str) and raw in ws.users else _channel(ws, element, raw)


def _file(ws: Workspace, element: Json, raw: Any) -> Json:
    return ws.files.to_json(_string(element, raw.get("id") if isinstance(raw, dict) else raw))


def _date(_ws: Workspace, element: Json, raw: Any) -> str:
    try:
        return date.fromisoformat(_string(element, raw)).isoformat()
    except ValueError:
        raise _bad(element) from None


def _time(_ws: Workspace, element: Json, raw: Any) -> str:
    if not CLOCK_TIME.fullmatch(_string(element, raw)):
        raise _bad(element)
    return str(raw)


def _instant(_ws: Workspace, element: Json, raw: Any) -> int:
    if not isinstance(raw, int) or isinstance(raw, bool):
        raise _bad(element)
    return raw


READERS: dict[str, Callable[[Workspace, Json, Any], Any]] = {
    "value": _text,
    "rich_text_value": _rich_text,
    "selected_option": _option,
    "selected_user": _user,
    "selected_channel": _channel,
    "selected_conversation": _conversation,
    "selected_date": _date,
    "selected_time": _time,
    "selected_date_time": _instant,
    "file": _file,
}
# What a list holds.
MANY = {
    "selected_options": "selected_option",
    "selected_users": "selected_user",
    "selected_channels": "selected_channel",
    "selected_conversations": "selected_conversation",
    "files": "file",
}


def step_input(kind: str, typed: str) -> Any:
    """Read what was put into a field of a step; None for nothing.

    Raises:
        PageError: bad_request, it is no number where one must stand.
    """
    if not typed:
        return None
    if kind not in {"integer", "number", "slack#/types/timestamp"}:
        return typed == "true" if kind == "boolean" else typed
    try:
        return float(typed) if kind == "number" else int(typed)
    except ValueError:
        raise PageError("bad_request", kind) from None
