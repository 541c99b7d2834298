"""Block Kit as plain dicts, and the one place where typed text is made harmless.

`escape` is for short typed fields inside mrkdwn and inside a message's plain text. Typed sentences go into rich text or
plain_text elements, where Slack parses nothing (`tidy`, `sentence`).
"""

import json
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from views.words import Reader

Block = dict[str, Any]
View = dict[str, Any]

MESSAGE_MAX = 12_500
"""Characters of a message's blocks and text. Slack refuses blocks at about 13,200 (`msg_blocks_too_long`)."""
NAME_MAX = 100
ROW_NAME_MAX = 40
TYPED_MAX = 2_500
METADATA_MAX = 3_000
LABEL_MAX = 75

# Controls, half surrogates, and the invisible signs that reorder or hide text; U+200C and U+200D stay for emoji.
_INVISIBLE = (
    "\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
)
_UNTIDY = re.compile(f"[{_INVISIBLE}\t\n\u2028\u2029\ud800-\udfff]|^\\s|\\s$")
_BREAKS = re.compile("[\t\n\x0b\x0c\r\x85\u2028\u2029]+")
_DROPPED = re.compile(f"[{_INVISIBLE}\ud800-\udfff]")
_MARKS = re.compile("[&<>*_~`]")
_HARMLESS = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "*": "＊", "_": "＿", "~": "～", "`": "｀"}


@dataclass(frozen=True)
class Message:
    """What Slack is to show: the blocks, and the whole of it in plain words for notifications and screen readers."""

    text: str
    blocks: list[Block]


def cut(text: str, limit: int) -> str:
    """Shorten to `limit` characters, the last of them an ellipsis."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def tidy(text: str, limit: int = NAME_MAX) -> str:
    """Bring a short typed field onto one line, without control characters and not too long."""
    if _UNTIDY.search(text):
        text = _DROPPED.sub("", _BREAKS.sub(" ", text)).strip()
    return text if len(text) <= limit else cut(text, limit)


def sentence(text: str, limit: int = TYPED_MAX) -> str:
    """Prepare a typed sentence for rich text: its lines stay, control characters go."""
    lines = _BREAKS.sub("\n", text.replace("\t", " ").replace("\r\n", "\n"))
    return cut(_DROPPED.sub("", lines).strip(), limit)


def escape(text: str, limit: int = NAME_MAX) -> str:
    """Make a short typed field harmless inside mrkdwn: no mention, link or format can come of it.

    `& < >` become entities, the marks of bold, italics, strike and code their full-width twins.
    """
    text = tidy(text, limit)
    if not _MARKS.search(text):
        return text
    # Slack takes an escaped ">" that begins a line for a quotation.
    if text[0] == ">":
        text = "＞" + text[1:]
    harmless = _MARKS.sub(lambda mark: _HARMLESS[mark[0]], text)
    if len(harmless) <= limit:
        return harmless
    kept, size = [], 1
    for sign in text:
        shown = _HARMLESS.get(sign, sign)
        size += len(shown)
        if size > limit:
            break
        kept.append(shown)
    return "".join(kept) + "…"


def mrkdwn(text: str) -> Block:
    """Build a mrkdwn object that links nothing by itself."""
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def plain(text: str) -> Block:
    """Build a plain_text object, in which ":fire:" stays as typed."""
    return {"type": "plain_text", "text": text, "emoji": False}


def section(text: str, accessory: Block | None = None) -> Block:
    """Build a section; `text` is mrkdwn with its typed parts escaped."""
    block: Block = {"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": True}}
    if accessory is not None:
        block["accessory"] = accessory
    return block


def fields(texts: Sequence[Block]) -> Block:
    """Build a section of two columns."""
    return {"type": "section", "fields": list(texts)}


def context(*texts: str) -> Block:
    """Build a context line of mrkdwn."""
    return {"type": "context", "elements": [mrkdwn(text) for text in texts]}


def plain_context(text: str) -> Block:
    """Build a context line in which nothing is parsed: for addresses and typed lines."""
    return {"type": "context", "elements": [plain(text)]}


def header(text: str) -> Block:
    """Build a heading; it is plain text."""
    return {"type": "header", "text": plain(cut(text, 150))}


def divider() -> Block:
    """Build a line between parts."""
    return {"type": "divider"}


def actions(*elements: Block) -> Block:
    """Build a row of buttons and menus."""
    return {"type": "actions", "elements": list(elements)}


def button(action_id: str, label: str, value: str = "", *, primary: bool = False, spoken: str = "") -> Block:
    """Build a button. `spoken` tells it apart, for screen readers, from others with the same label."""
    block: Block = {
        "type": "button",
        "action_id": action_id,
        "text": {"type": "plain_text", "text": cut(label, LABEL_MAX), "emoji": False},
    }
    if value:
        block["value"] = value
    if primary:
        block["style"] = "primary"
    if spoken:
        block["accessibility_label"] = cut(spoken, LABEL_MAX)
    return block


def option(value: str, label: str, description: str = "") -> Block:
    """Build one option of a select, radio group, checkbox group or overflow menu."""
    block: Block = {"text": plain(cut(label, LABEL_MAX)), "value": value}
    if description:
        block["description"] = plain(cut(description, LABEL_MAX))
    return block


def overflow(action_id: str, options: Sequence[Block]) -> Block:
    """Build a ⋮ menu of one to five options."""
    return {"type": "overflow", "action_id": action_id, "options": list(options)}


def _chosen(options: Sequence[Block], value: str) -> Block | None:
    return next((choice for choice in options if choice["value"] == value), None)


def select(options: Sequence[Block], chosen: str = "", *, action_id: str = "v", placeholder: str = "") -> Block:
    """Build a menu; `chosen` is the value it starts with, if any."""
    block: Block = {"type": "static_select", "action_id": action_id, "options": list(options)}
    if initial := _chosen(options, chosen):
        block["initial_option"] = initial
    if placeholder:
        block["placeholder"] = plain(placeholder)
    return block


def radios(options: Sequence[Block], chosen: str = "") -> Block:
    """Build radio buttons; `chosen` is the value they start with, if any."""
    block: Block = {"type": "radio_buttons", "action_id": "v", "options": list(options)}
    if initial := _chosen(options, chosen):
        block["initial_option"] = initial
    return block


def checkboxes(options: Sequence[Block], chosen: Iterable[str] = ()) -> Block:
    """Build checkboxes; `chosen` are the values that start ticked."""
    ticked = set(chosen)
    block: Block = {"type": "checkboxes", "action_id": "v", "options": list(options)}
    if initial := [choice for choice in options if choice["value"] in ticked]:
        block["initial_options"] = initial
    return block


def text_input(
    limit: int, value: str = "", *, example: str = "", multiline: bool = False, focus: bool = False
) -> Block:
    """Build a text field of at most `limit` characters."""
    block: Block = {"type": "plain_text_input", "action_id": "v", "multiline": multiline, "max_length": limit}
    if value := sentence(value, limit):
        block["initial_value"] = value if multiline else tidy(value, limit)
    if example:
        block["placeholder"] = plain(example)
    if focus:
        block["focus_on_load"] = True
    return block


def ask(block_id: str, label: str, element: Block, *, optional: bool = False, hint: str = "") -> Block:
    """Build one question of a form. The block id is the field's name; its element's action id is "v".

    A menu that asks for its options has an action id of its own, by which the router finds them.
    """
    block: Block = {
        "type": "input",
        "block_id": block_id,
        "label": plain(label),
        "element": element,
        "optional": optional,
    }
    if hint:
        block["hint"] = plain(hint)
    return block


def modal(callback_id: str, title: str, blocks: list[Block], metadata: str, *, close: str, submit: str = "") -> View:
    """Build a form; `metadata` comes back with it."""
    view: View = {
        "type": "modal",
        "callback_id": callback_id,
        "title": plain(cut(title, 24)),
        "close": plain(cut(close, 24)),
        "blocks": blocks,
        "private_metadata": metadata,
    }
    if submit:
        view["submit"] = plain(cut(submit, 24))
    return view


def part(text: str, *, bold: bool = False) -> Block:
    """Build a piece of rich text; nothing in it is parsed."""
    block: Block = {"type": "text", "text": text}
    if bold:
        block["style"] = {"bold": True}
    return block


def line(*parts: Block) -> Block:
    """Build one line, or one list entry, of rich text."""
    return {"type": "rich_text_section", "elements": list(parts)}


def bullets(lines: Sequence[Block]) -> Block:
    """Build a bullet list of rich text."""
    return {"type": "rich_text_list", "style": "bullet", "elements": list(lines)}


def rich(*elements: Block) -> Block:
    """Build a rich text block."""
    return {"type": "rich_text", "elements": list(elements)}


def quote(text: str, tail: str = "") -> Block:
    """Build a quotation of what somebody typed; `text` must not be empty."""
    parts = [part(sentence(text))]
    if tail:
        parts.append(part(tail))
    return {"type": "rich_text_quote", "elements": parts}


def preformatted(text: str) -> Block:
    """Build a block to copy a typed line from; `text` must not be empty."""
    return rich({"type": "rich_text_preformatted", "elements": [part(sentence(text) or "…")]})


def date_part(reader: Reader, at: datetime) -> Block:
    """Build the rich text form of an instant, which each reader's Slack shows in its own zone."""
    return {
        "type": "date",
        "timestamp": int(at.timestamp()),
        "format": "{date_short_pretty} {time}",
        "fallback": reader.moment(at),
    }


def instant(reader: Reader, at: datetime, near: datetime | None = None) -> str:
    """Write an instant as a date token of mrkdwn: the time alone on the day of `near`, else with its day."""
    fallback = reader.moment(at, near)
    is_near = near is not None and reader.today(near) == reader.today(at)
    form = "{time}" if is_near else "{date_short_pretty} {time}"
    return f"<!date^{int(at.timestamp())}^{form}|{fallback}>"


def fitting(build: Callable[[int], Message], sizes: Sequence[int]) -> Message:
    """Build with the largest of `sizes` whose message stays within Slack's limit, else with the smallest."""
    message = build(sizes[0])
    for size in sizes[1:]:
        if len(json.dumps([message.text, message.blocks], ensure_ascii=False)) <= MESSAGE_MAX:
            break
        message = build(size)
    return message
