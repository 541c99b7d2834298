"""The parts of blocks that people operate: where they stand, what they hold, what Slack tells the app of them."""

import copy
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, time
from typing import Any

from playground.entities import Json
from playground.errors import PeopleError

# What each element with a memory holds, by its name in state.values.
VALUE_KEYS = {
    "plain_text_input": "value",
    "email_text_input": "value",
    "url_text_input": "value",
    "number_input": "value",
    "rich_text_input": "rich_text_value",
    "file_input": "files",
    "static_select": "selected_option",
    "external_select": "selected_option",
    "radio_buttons": "selected_option",
    "users_select": "selected_user",
    "conversations_select": "selected_conversation",
    "channels_select": "selected_channel",
    "multi_static_select": "selected_options",
    "multi_external_select": "selected_options",
    "checkboxes": "selected_options",
    "multi_users_select": "selected_users",
    "multi_conversations_select": "selected_conversations",
    "multi_channels_select": "selected_channels",
    "datepicker": "selected_date",
    "timepicker": "selected_time",
    "datetimepicker": "selected_date_time",
}
# Elements that send an action and remember nothing.
BUTTONS = frozenset({"button", "workflow_button", "icon_button", "feedback_buttons"})
INTERACTIVE = frozenset(VALUE_KEYS) | BUTTONS | {"overflow"}
# Slack shows these with an empty list, not null, when nothing is chosen.
LISTS = frozenset({"selected_options", "selected_users", "selected_conversations", "selected_channels", "files"})

Typed = Mapping[str, Mapping[str, Json]]


def with_ids(blocks: Iterable[Json], numbers: Iterator[int]) -> tuple[Json, ...]:
    """Copy blocks and give a block_id and an action_id to those that have none, as Slack does."""
    ready = tuple(copy.deepcopy(block) for block in blocks)
    for block in every_block(ready):
        if not block.get("block_id"):
            block["block_id"] = f"blk{next(numbers)}"
        for element in elements_of(block):
            if element.get("type") in INTERACTIVE and not element.get("action_id"):
                element["action_id"] = f"act{next(numbers)}"
    return ready


def every_block(blocks: Iterable[Json]) -> Iterator[Json]:
    """Go through the blocks, and those inside containers and carousels."""
    for block in blocks:
        yield block
        nested = block.get("child_blocks", []) if block["type"] == "container" else []
        yield from every_block(nested or (block.get("elements", []) if block["type"] == "carousel" else []))


def elements_of(block: Json) -> list[Json]:
    """List what one block holds that may be operated."""
    held = [block.get("accessory"), block.get("element"), *block.get("actions", [])]
    if block["type"] in {"actions", "context_actions"}:
        held += block["elements"]
    return [element for element in held if isinstance(element, dict)]


def controls(blocks: Iterable[Json]) -> Iterator[tuple[Json, Json]]:
    """Go through (block, element) for everything that people may operate."""
    for block in every_block(blocks):
        for element in elements_of(block):
            if element.get("type") in INTERACTIVE:
                yield block, element


def find_control(blocks: Iterable[Json], action_id: str, block_id: str = "") -> tuple[Json, Json]:
    """Find one control by its action_id, or an input by its block_id.

    Raises:
        PeopleError: there is none, so a person could not have touched it.
    """
    candidates = list(controls(blocks))
    for block, element in candidates:
        if element["action_id"] == action_id and block_id in ("", block["block_id"]):
            return block, element
    found = [element["action_id"] for _, element in candidates]
    raise PeopleError(f"no control {action_id!r} here, only {found}", "no_such_control")


def state_values(blocks: Iterable[Json], typed: Typed) -> dict[str, dict[str, Json]]:
    """Give state.values: what every element with a memory holds now."""
    values: dict[str, dict[str, Json]] = {}
    for block, element in controls(blocks):
        if element["type"] in VALUE_KEYS:
            held = typed.get(block["block_id"], {}).get(element["action_id"])
            # Another kind of element under the same ids starts anew.
            known = held if held and held["type"] == element["type"] else initial_value(element)
            values.setdefault(block["block_id"], {})[element["action_id"]] = known
    return values


def initial_value(element: Json) -> Json:
    """Give what an element holds before anybody has touched it."""
    key = VALUE_KEYS[element["type"]]
    initial_key = "initial_value" if key in {"value", "rich_text_value"} else key.replace("selected", "initial")
    return holding(element, element.get(initial_key))


def holding(element: Json, value: Any) -> Json:
    """Give the entry of state.values for an element that holds the value."""
    key = VALUE_KEYS[element["type"]]
    if value is None and key in LISTS:
        value = []
    return {"type": element["type"], key: value}


def held(entry: Json) -> Any:
    """Give the bare value out of an entry of state.values."""
    return entry[VALUE_KEYS[entry["type"]]]


def options_of(element: Json) -> list[Json]:
    """List the options of a menu, those in groups too."""
    grouped = [option for group in element.get("option_groups", []) for option in group["options"]]
    return [*element.get("options", []), *grouped]


def as_value(element: Json, raw: Any, *, force: bool = False) -> Any:
    """Turn what a test says a person chose into what Slack holds for it. Options are named by their value or text.

    Raises:
        PeopleError: no such option, unless forced.
    """
    key = VALUE_KEYS.get(element["type"], "selected_option")
    if raw is None:
        return None
    if key == "selected_option":
        return _option(element, raw, force)
    if key == "selected_options":
        return [_option(element, one, force) for one in raw]
    if key in LISTS:
        return list(raw)
    return _scalar(raw)


def _scalar(raw: Any) -> Any:
    if isinstance(raw, datetime):
        return int(raw.timestamp())
    if isinstance(raw, time):
        return raw.strftime("%H:%M")
    if isinstance(raw, date):
        return raw.isoformat()
    return raw


def _option(element: Json, raw: Any, force: bool) -> Json:
    if isinstance(raw, dict):
        return raw
    for option in options_of(element):
        if raw in (option.get("value"), option["text"]["text"]):
            return option
    if force or "external" in element["type"]:
        return {"text": {"type": "plain_text", "text": str(raw), "emoji": True}, "value": str(raw)}
    raise PeopleError(f"no option {raw!r} in {element['action_id']!r}", "no_such_option")


def action(block: Json, element: Json, raw: Any, action_ts: str, *, force: bool = False) -> Json:
    """Give the entry of `actions` that block_actions carries when a person operates the element."""
    kind = element["type"]
    body: Json = {
        "type": kind,
        "block_id": block["block_id"],
        "action_id": element["action_id"],
        "action_ts": action_ts,
    }
    if kind in BUTTONS:
        chosen = _feedback(element, raw) if kind == "feedback_buttons" else element
        body |= {name: chosen[name] for name in ("text", "value", "style", "icon") if name in chosen}
        return body | ({"value": raw} if force and raw is not None else {})
    if kind == "overflow":
        return body | {"selected_option": _option(element, raw, force)}
    kept = {name: element[name] for name in element if name.startswith("initial_") or name == "placeholder"}
    return body | kept | holding(element, as_value(element, raw, force=force))


def _feedback(element: Json, raw: Any) -> Json:
    for button in (element["positive_button"], element["negative_button"]):
        if raw == button["value"]:
            return dict(button)
    raise PeopleError(f"no feedback {raw!r} here", "no_such_option")
