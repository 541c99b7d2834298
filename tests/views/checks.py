"""The rules that every view keeps: Slack's limits, the board's rules, and no harm from what people type."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from slack_sdk.models.blocks import Block as SlackBlock
from slack_sdk.models.views import View as SlackView

from views.blocks import Block, Message, View

VALUE = re.compile(r"(?:(?:[a-z_]+:)?[IL]-\d+(?::\d{4}-\d\d-\d\d|:L-\d+)?|\d+(?::L-\d+)?|[a-z]+)")
"""What a button or menu of a message may carry: ids and the words of our own code, nothing typed."""
TOKENS = re.compile(r"<([^<>]*)>")
OUR_TOKENS = re.compile(
    r"!date\^\d+\^[^|^<>]+\|[^|<>]+|@[UW][A-Z0-9]+|#C[A-Z0-9]+|mailto:([^|<>]+)\|\1|tel:\+?\d+\|[\d ().+-]+"
    r"|https://example\.slack\.com/[^|<>]+\|[^|<>]+"
)
TOKENS_OF_TEXT = re.compile(r"[<>]|&(?!(?:amp|lt|gt);)")
BOLD = re.compile(r"\*[^*\n]+\*")


def walk(node: Any) -> Iterator[dict[str, Any]]:
    """Yield every object of a message or view."""
    if isinstance(node, dict):
        yield node
        for value in node.values():
            yield from walk(value)
    elif isinstance(node, list):
        for value in node:
            yield from walk(value)


def shape(node: Any) -> Any:
    """Reduce a message to its structure: what must be the same in both languages."""
    if isinstance(node, dict):
        return {
            key: shape(value)
            for key, value in node.items()
            if key not in {"text", "fallback", "value"} or isinstance(value, dict)
        }
    if isinstance(node, list):
        return [shape(value) for value in node]
    return node if node in {True, False, None} or re.fullmatch(r"[a-z_.]+", str(node)) else "…"


def blocks_of(built: Message | View) -> list[Block]:
    return built.blocks if isinstance(built, Message) else list(built["blocks"])


def check(built: Message | View) -> None:
    """Fail where a message or view breaks a rule."""
    blocks = blocks_of(built)
    check_with_slack_sdk(built)
    check_limits(built, blocks)
    check_buttons(blocks, is_message=isinstance(built, Message))
    for node in walk(blocks):
        if node.get("type") == "mrkdwn":
            check_mrkdwn(node)
    if isinstance(built, Message):
        check_text(built.text)


def check_with_slack_sdk(built: Message | View) -> None:
    """Let Slack's own models look at it."""
    for block in blocks_of(built):
        parsed = SlackBlock.parse(block)
        assert parsed is not None, block
        parsed.validate_json()
    tables = [block for block in blocks_of(built) if block["type"] == "table"]
    assert len(tables) <= isinstance(built, Message)
    for table in tables:
        assert len(table["rows"]) <= 100
        assert {len(row) for row in table["rows"]} == {len(table["column_settings"])}
        assert len(table["column_settings"]) <= 20
        assert all(cell["type"] == "raw_text" and cell["text"].strip() for row in table["rows"] for cell in row)
    if not isinstance(built, Message):
        SlackView(**built).validate_json()


def check_limits(built: Message | View, blocks: list[Block]) -> None:
    """Keep the limits of slack-limits.md, also those that the models do not check."""
    json.dumps(blocks, ensure_ascii=False).encode("utf-8")
    assert 1 <= len(blocks) <= (50 if isinstance(built, Message) else 100)
    if isinstance(built, Message):
        assert len(json.dumps([built.text, built.blocks], ensure_ascii=False)) < 13_000
        assert len(built.text) <= 4_000
    else:
        assert len(json.dumps(built)) < 250_000
        assert len(built.get("private_metadata", "")) <= 3_000
        block_ids = [block["block_id"] for block in blocks if "block_id" in block]
        assert len(block_ids) == len(set(block_ids))
        if built["type"] == "modal":
            assert ("submit" in built) == any(block["type"] == "input" for block in blocks)
    for node in walk(blocks):
        check_node(node)
    if isinstance(built, dict) and built["type"] == "modal":
        for part in ("title", "submit", "close"):
            if part in built:
                assert 1 <= len(built[part]["text"]) <= 24, built[part]
                assert "…" not in built[part]["text"], built[part]


def check_node(node: dict[str, Any]) -> None:
    """Check one object by its type."""
    kind = node.get("type", "")
    if kind in {"mrkdwn", "plain_text", "text"}:
        assert 1 <= len(node["text"]) <= 3_000
        assert node["text"].strip(" \u3000") or kind == "text", node
    if kind == "section":
        assert ("text" in node) != ("fields" in node)
        assert len(node.get("fields", ())) <= 10
    if kind in {"button", "header"}:
        assert len(node["text"]["text"]) <= {"button": 75, "header": 150}[kind]
    if kind == "input":
        # A menu that asks for its options says by its action id who has them.
        assert (node["element"]["action_id"] == "v") != (node["element"]["type"] == "external_select")
    if set(node) >= {"text", "value"} and "type" not in node:
        assert len(node["text"]["text"]) <= 75
    for key, longest in LONGEST.items():
        value = node.get(key, "")
        assert len(value["text"] if isinstance(value, dict) else str(value)) <= longest, node
    check_counts(node, kind)


LONGEST = {
    "accessibility_label": 75,
    "description": 75,
    "placeholder": 150,
    "hint": 2_000,
    "value": 150,
    "action_id": 255,
}


def check_counts(node: dict[str, Any], kind: str) -> None:
    """Check how many options and elements an object has, and what a field starts with."""
    if "options" in node:
        assert 1 <= len(node["options"]) <= {"overflow": 5, "radio_buttons": 10, "checkboxes": 10}.get(kind, 100)
    if "elements" in node:
        assert 1 <= len(node["elements"]) <= {"context": 10, "actions": 25}.get(kind, 1_000)
    if "initial_value" in node:
        assert node["initial_value"].strip()
        assert len(node["initial_value"]) <= node.get("max_length", 3_000)


def check_buttons(blocks: list[Block], *, is_message: bool) -> None:
    """Keep the board's rules for buttons: one primary, no typed text in values, repeated labels told apart."""
    buttons = [node for node in walk(blocks) if node.get("type") == "button"]
    assert sum(button.get("style") == "primary" for button in buttons) <= 1
    assert not any(button.get("style") == "danger" for button in buttons)
    for button in buttons:
        assert VALUE.fullmatch(button.get("value", "L-1")), button
    if is_message:
        for node in walk(blocks):
            for choice in node.get("options", ()):
                assert VALUE.fullmatch(choice["value"]), choice
    labels = Counter((button["text"]["text"]) for button in buttons)
    for button in buttons:
        if labels[button["text"]["text"]] > 1:
            assert button.get("accessibility_label"), button
    does = {
        (button["accessibility_label"], button["action_id"], button.get("value"))
        for button in buttons
        if "accessibility_label" in button
    }
    spoken = [label for label, _, _ in does]
    assert len(spoken) == len(set(spoken)), spoken
    for block in blocks:
        keys = [(item["action_id"], item.get("value")) for item in block.get("elements", ()) if "action_id" in item]
        assert len(keys) == len(set(keys)), keys


def check_mrkdwn(node: dict[str, Any]) -> None:
    """Check that a mrkdwn object links nothing by itself and that every token in it is ours."""
    assert node.get("verbatim") is True, node
    text = node["text"]
    for token in TOKENS.findall(text):
        assert OUR_TOKENS.fullmatch(token), (token, text)
    rest = TOKENS.sub("", text)
    assert not TOKENS_OF_TEXT.search(rest), text
    for line in text.split("\n"):
        assert not line.startswith(("&gt;", ">")), text
        assert line.count("*") % 2 == 0, text
        assert line.count("`") % 2 == 0, text
    assert "~" not in rest, text
    assert not re.search(r"(?<!\w)_|_(?!\w)", rest.replace("not_in_channel", "")), text


def check_bold(text: str) -> None:
    """Check that bold and code have a line end or a half-width space on both sides, as Japanese needs."""
    for mark in re.finditer(r"\*[^*\n]+\*|`[^`\n]+`", text):
        before, after = text[: mark.start()][-1:], text[mark.end() :][:1]
        assert before in {"", "\n", " "}, (before, text)
        assert after in {"", "\n", " "}, (after, text)
        inside = mark[0][1:-1]
        assert inside == inside.strip(), text


def check_text(text: str) -> None:
    """Check the plain text of a message: something, in words, with no markup and no tokens."""
    assert text.strip()
    assert not TOKENS_OF_TEXT.search(text), text
    assert not re.search(r"[*`~\x00-\x09\x0b-\x1f]", text), text
