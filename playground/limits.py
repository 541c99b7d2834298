"""Slack's limits on blocks, messages and views. Pure: what goes in is JSON, what comes out are problems in words."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any

from playground.controls import elements_of, every_block
from playground.elements import (
    ACCESSORY,
    IN_ACTIONS,
    IN_CONTEXT_ACTIONS,
    IN_INPUT,
    OPTION_GROUP,
    PLAIN_OPTION,
    SLACK_FILE,
    URL,
    any_text,
    elements,
    plain_text,
)
from playground.entities import Json
from playground.schema import (
    Check,
    anything,
    array,
    boolean,
    by_type,
    integer,
    number,
    one_of,
    problem,
    shape,
    string,
)

MESSAGE_BLOCKS = 50
VIEW_BLOCKS = 100
# Undocumented and depending on how a message is built; measured at 13,297 for plain markdown (slackapi/bolt-js#2509).
MESSAGE_CHARACTERS = 13_200
TEXT_CHARACTERS = 40_000
METADATA_CHARACTERS = 8_000
VIEW_BYTES = 250 * 1024

IMAGE = elements("image")
STYLE = shape(
    {},
    dict.fromkeys(
        ("bold", "italic", "strike", "underline", "code", "highlight", "client_highlight", "unlink"), boolean
    ),
)


def _rich(**required: Check) -> Check:
    return shape(required, {"style": STYLE})


RICH_PART = by_type(
    {
        "text": _rich(text=string(None, 1)),
        "link": shape({"url": URL}, {"text": string(), "unsafe": boolean, "style": STYLE}),
        "user": _rich(user_id=string(None, 1)),
        "usergroup": _rich(usergroup_id=string(None, 1)),
        "team": _rich(team_id=string(None, 1)),
        "channel": _rich(channel_id=string(None, 1)),
        "emoji": shape({"name": string(None, 1)}, {"skin_tone": integer(1, 6), "unicode": string(), "style": STYLE}),
        "broadcast": _rich(range=one_of("here", "channel", "everyone")),
        "color": _rich(value=string(None, 1)),
        "date": shape(
            {"timestamp": integer(0, 2**40), "format": string(None, 1)},
            {"url": URL, "fallback": string(), "style": STYLE},
        ),
    }
)
RICH_PARTS = array(RICH_PART, 10_000)
RICH_SECTION = shape({"elements": RICH_PARTS})
RICH_BOXED = shape({"elements": RICH_PARTS}, {"border": integer(0, 1), "language": string()})
RICH_LIST = shape(
    {"elements": array(by_type({"rich_text_section": RICH_SECTION}), 10_000), "style": one_of("bullet", "ordered")},
    {"indent": integer(0, 8), "offset": integer(0, 2**31), "border": integer(0, 1)},
)
RICH_ELEMENT = by_type(
    {
        "rich_text_section": RICH_SECTION,
        "rich_text_preformatted": RICH_BOXED,
        "rich_text_quote": RICH_BOXED,
        "rich_text_list": RICH_LIST,
    }
)


def block(required: dict[str, Check], optional: dict[str, Check] | None = None, also: Check | None = None) -> Check:
    """Accept a block; every block may carry a block_id."""
    return shape(required, {"block_id": string(255), **(optional or {})}, also)


RICH_TEXT = block({"elements": array(RICH_ELEMENT, 10_000, 1)})
CELL = by_type(
    {
        "raw_text": shape({"text": string(None, 1)}),
        "raw_number": shape({"value": number, "text": string(None, 1)}),
        "rich_text": RICH_TEXT,
    }
)
COLUMN = shape({}, {"align": one_of("left", "center", "right"), "is_wrapped": boolean})
TASK = block(
    {"task_id": string(), "title": string(), "status": one_of("pending", "in_progress", "complete", "error")},
    {"details": RICH_TEXT, "output": RICH_TEXT, "sources": array(elements("url"), 100)},
)


def _says_something(value: Any, at: str) -> Iterator[str]:
    if not value.get("text") and not value.get("fields"):
        yield problem("missing required field: text or fields", at)


def _has_picture(value: Any, at: str) -> Iterator[str]:
    if not value.get("image_url") and not value.get("slack_file"):
        yield problem("missing required field: image_url or slack_file", at)


def _has_face(value: Any, at: str) -> Iterator[str]:
    if not any(value.get(name) for name in ("hero_image", "title", "actions", "body")):
        yield problem("at least one of hero_image, title, actions or body is required", at)


def _has_heading(value: Any, at: str) -> Iterator[str]:
    if not value.get("title") and not value.get("rich_text_title"):
        yield problem("missing required field: title or rich_text_title", at)
    if value.get("is_collapsible") and value.get("has_header_divider"):
        yield problem("has_header_divider does not go with is_collapsible", at)


CARD = block(
    {},
    {"hero_image": IMAGE, "icon": IMAGE, "title": any_text(150), "subtitle": any_text(150), "body": any_text(200)}
    | {"actions": array(elements("button", "icon_button", "overflow"), 25)},
    _has_face,
)
VIDEO = block(
    {"alt_text": string(2000, 1), "video_url": URL, "thumbnail_url": URL, "title": plain_text(200)},
    {"title_url": URL, "description": plain_text(200), "author_name": string(50)}
    | {"provider_icon_url": URL, "provider_name": string()},
)
BLOCKS: dict[str, Check] = {
    "section": block(
        {},
        {"text": any_text(3000), "fields": array(any_text(2000), 10, 1), "accessory": ACCESSORY, "expand": boolean},
        _says_something,
    ),
    "divider": block({}),
    "header": block({"text": plain_text(150)}),
    "context": block(
        {"elements": array(by_type(dict.fromkeys(("plain_text", "mrkdwn"), any_text(3000)) | {"image": IMAGE}), 10, 1)}
    ),
    "actions": block({"elements": array(IN_ACTIONS, 25, 1)}),
    "context_actions": block({"elements": array(IN_CONTEXT_ACTIONS, 5, 1)}),
    "input": block(
        {"label": plain_text(2000), "element": IN_INPUT},
        {"hint": plain_text(2000), "optional": boolean, "dispatch_action": boolean},
    ),
    "image": block(
        {"alt_text": string(2000, 1)},
        {"image_url": URL, "slack_file": SLACK_FILE, "title": plain_text(2000)},
        _has_picture,
    ),
    "rich_text": RICH_TEXT,
    "markdown": block({"text": string(12_000, 1)}),
    "table": block({"rows": array(array(CELL, 20, 1), 100, 1)}, {"column_settings": array(COLUMN, 20)}),
    "alert": block({"text": any_text(3000)}, {"level": one_of("default", "info", "warning", "error", "success")}),
    "video": VIDEO,
    "file": block({"external_id": string(255), "source": one_of("remote")}),
    "call": block({"call_id": string()}, {"api_decoration_available": boolean, "call": anything}),
    "task_card": TASK,
    "plan": block({"title": string()}, {"tasks": array(by_type({"task_card": TASK}), 100)}),
    "card": CARD,
    "carousel": block({"elements": array(by_type({"card": CARD}), 10, 1)}),
}
# A container holds any block but another container.
BLOCKS["container"] = block(
    {"child_blocks": array(by_type(dict(BLOCKS)), 10, 1)},
    {"title": plain_text(150), "rich_text_title": RICH_TEXT, "subtitle": any_text(150), "icon": IMAGE}
    | {"width": one_of("narrow", "standard", "wide", "full"), "is_collapsible": boolean}
    | {"default_collapsed": boolean, "has_header_divider": boolean},
    _has_heading,
)
NOT_IN_MESSAGES = frozenset({"alert"})
NOT_IN_VIEWS = frozenset({"markdown", "table", "context_actions", "task_card", "plan"})
NOT_IN_HOMES = NOT_IN_VIEWS | {"alert"}


def _blocks(most: int, not_here: frozenset[str], least: int = 0) -> Check:
    here = by_type({kind: check for kind, check in BLOCKS.items() if kind not in not_here})
    return array(here, most, least)


VIEW_COMMON: dict[str, Check] = {
    "callback_id": string(255),
    "private_metadata": string(3000),
    "external_id": string(255),
}


def _submit_with_inputs(value: Any, at: str) -> Iterator[str]:
    if not value.get("submit") and any(b["type"] == "input" for b in value["blocks"]):
        yield problem("submit is required when an input block is within blocks", f"{at}/submit")


MODAL = shape(
    {"title": plain_text(24), "blocks": _blocks(VIEW_BLOCKS, NOT_IN_VIEWS, 1)},
    VIEW_COMMON
    | {"submit": plain_text(24), "close": plain_text(24), "submit_disabled": boolean}
    | {"clear_on_close": boolean, "notify_on_close": boolean},
    _submit_with_inputs,
)
HOME = shape({"blocks": _blocks(VIEW_BLOCKS, NOT_IN_HOMES, 1)}, VIEW_COMMON)
IN_MESSAGE = _blocks(MESSAGE_BLOCKS, NOT_IN_MESSAGES)


def message_problems(blocks: Any) -> list[str]:
    """Find what Slack refuses in a message's blocks."""
    found = list(IN_MESSAGE(blocks, "/blocks"))
    if found:
        return found
    tables = [b for b in blocks if b["type"] == "table"]
    if len(tables) > 1:
        found.append(problem("only one table is allowed in a message", "/blocks"))
    return found + list(_repeats(blocks, "/blocks"))


def view_problems(view: Any, kind: str = "modal") -> list[str]:
    """Find what Slack refuses in a modal or a Home tab."""
    if not isinstance(view, dict) or view.get("type") != kind:
        return [problem(f"must be a view of the type {kind}", "/view/type")]
    found = list((MODAL if kind == "modal" else HOME)(view, "/view"))
    if found:
        return found
    focused = [e for b in every_block(view["blocks"]) for e in elements_of(b) if e.get("focus_on_load")]
    if len(focused) > 1:
        found.append(problem("only one element may have focus_on_load", "/view/blocks"))
    return found + list(_repeats(view["blocks"], "/view/blocks"))


def options_problems(answer: Any) -> list[str]:
    """Find what Slack refuses in the options that answer a block_suggestion."""
    if not isinstance(answer, dict) or not ({"options", "option_groups"} & set(answer)):
        return [problem("missing required field: options or option_groups", "/")]
    check = shape({}, {"options": array(PLAIN_OPTION, 100), "option_groups": array(OPTION_GROUP, 100)})
    return list(check(answer, ""))


def _repeats(blocks: Iterable[Json], at: str) -> Iterator[str]:
    everything = list(every_block(blocks))
    ids = Counter(b["block_id"] for b in everything if b.get("block_id"))
    yield from (problem(f"`block_id` {name} already exists", at) for name, times in ids.items() if times > 1)
    for one in everything:
        actions = Counter(e["action_id"] for e in elements_of(one) if e.get("action_id"))
        yield from (problem(f"`action_id` {name} already exists", at) for name, times in actions.items() if times > 1)


def characters(blocks: Any) -> int:
    """Count the characters that people read in blocks, roughly as Slack does for msg_blocks_too_long."""
    if isinstance(blocks, list | tuple):
        return sum(characters(one) for one in blocks)
    if not isinstance(blocks, dict):
        return 0
    own = sum(len(blocks[name]) for name in ("text", "alt_text") if isinstance(blocks.get(name), str))
    return own + sum(characters(value) for value in blocks.values())


compact = partial(json.dumps, ensure_ascii=False, separators=(",", ":"))


def view_bytes(view: Json) -> int:
    """Measure a view as it crosses the wire."""
    return len(compact(view).encode())
