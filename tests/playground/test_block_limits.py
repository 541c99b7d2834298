"""Every limit of Slack's: kept at the limit, refused one over it, and no laxer than slack_sdk's own models."""

import copy
from collections.abc import Callable
from typing import Any

import pytest
from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models.blocks import Block
from slack_sdk.models.views import View

from playground.limits import characters, message_problems, options_problems, view_problems

Json = dict[str, Any]


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str) -> Json:
    return {"type": "mrkdwn", "text": text}


def x(n: int) -> str:
    return "x" * n


def section(**fields: Any) -> Json:
    return {"type": "section", "text": plain("a"), **fields}


def actions(*elements: Json) -> Json:
    return {"type": "actions", "elements": list(elements)}


def button(**fields: Any) -> Json:
    return {"type": "button", "text": plain("a"), **fields}


def option(n: int, **fields: Any) -> Json:
    return {"text": plain(f"o{n}"), "value": f"v{n}", **fields}


def options(n: int) -> list[Json]:
    return [option(i) for i in range(n)]


def select(**fields: Any) -> Json:
    return {"type": "static_select", "options": options(1), **fields}


def typed(**fields: Any) -> Json:
    return {"type": "plain_text_input", **fields}


def field(element: Json | None = None, **fields: Any) -> Json:
    return {"type": "input", "label": plain("a"), "element": element or typed(), **fields}


def table(rows: int, cells: int = 1, **fields: Any) -> Json:
    return {"type": "table", "rows": [[{"type": "raw_text", "text": "a"}] * cells] * rows, **fields}


def card(**fields: Any) -> Json:
    return {"type": "card", "title": plain("a"), **fields}


def container(**fields: Any) -> Json:
    return {"type": "container", "title": plain("a"), "child_blocks": [{"type": "divider"}], **fields}


def confirm(**fields: Any) -> Json:
    whole = {"title": plain("a"), "text": plain("a"), "confirm": plain("a"), "deny": plain("a"), **fields}
    return actions(button(confirm=whole))


def image(**fields: Any) -> Json:
    return {"type": "image", "image_url": "https://x.example/a.png", "alt_text": "a", **fields}


# name: the limit, and how a block of a size is made.
BLOCK_LIMITS: dict[str, tuple[int, Callable[[int], Json]]] = {
    "block_id": (255, lambda n: section(block_id=x(n))),
    "section text": (3000, lambda n: section(text=mrkdwn(x(n)))),
    "section fields": (10, lambda n: section(fields=[plain("a")] * n)),
    "section field": (2000, lambda n: section(fields=[mrkdwn(x(n))])),
    "header": (150, lambda n: {"type": "header", "text": plain(x(n))}),
    "context elements": (10, lambda n: {"type": "context", "elements": [mrkdwn("a")] * n}),
    "context text": (3000, lambda n: {"type": "context", "elements": [mrkdwn(x(n))]}),
    "context_actions": (
        5,
        lambda n: {
            "type": "context_actions",
            "elements": [{"type": "icon_button", "icon": "trash", "text": plain("a")}] * n,
        },
    ),
    "actions elements": (25, lambda n: actions(*[button()] * n)),
    "action_id": (255, lambda n: actions(button(action_id=x(n)))),
    "button text": (75, lambda n: actions(button(text=plain(x(n))))),
    "button value": (2000, lambda n: actions(button(value=x(n)))),
    "button url": (3000, lambda n: actions(button(url=x(n)))),
    "button accessibility_label": (75, lambda n: actions(button(accessibility_label=x(n)))),
    "confirm title": (100, lambda n: confirm(title=plain(x(n)))),
    "confirm text": (300, lambda n: confirm(text=mrkdwn(x(n)))),
    "confirm confirm": (30, lambda n: confirm(confirm=plain(x(n)))),
    "confirm deny": (30, lambda n: confirm(deny=plain(x(n)))),
    "select options": (100, lambda n: actions(select(options=options(n)))),
    "select option text": (75, lambda n: actions(select(options=[option(0, text=plain(x(n)))]))),
    "select option value": (150, lambda n: actions(select(options=[option(0, value=x(n))]))),
    "select option description": (75, lambda n: actions(select(options=[option(0, description=plain(x(n)))]))),
    "select placeholder": (150, lambda n: actions(select(placeholder=plain(x(n))))),
    "select groups": (
        100,
        lambda n: actions(
            {"type": "static_select", "option_groups": [{"label": plain("a"), "options": options(1)}] * n}
        ),
    ),
    "select group label": (
        75,
        lambda n: actions({"type": "static_select", "option_groups": [{"label": plain(x(n)), "options": options(1)}]}),
    ),
    "select group options": (
        100,
        lambda n: actions({"type": "static_select", "option_groups": [{"label": plain("a"), "options": options(n)}]}),
    ),
    "multi select options": (100, lambda n: section(accessory={"type": "multi_static_select", "options": options(n)})),
    "radio options": (10, lambda n: actions({"type": "radio_buttons", "options": options(n)})),
    "checkbox options": (10, lambda n: actions({"type": "checkboxes", "options": options(n)})),
    "overflow options": (5, lambda n: section(accessory={"type": "overflow", "options": options(n)})),
    "input label": (2000, lambda n: field(label=plain(x(n)))),
    "input hint": (2000, lambda n: field(hint=plain(x(n)))),
    "input max_length": (3000, lambda n: field(typed(max_length=n))),
    "input min_length": (3000, lambda n: field(typed(min_length=n, max_length=3000))),
    "file_input max_files": (10, lambda n: field({"type": "file_input", "max_files": n})),
    "image alt_text": (2000, lambda n: image(alt_text=x(n))),
    "image title": (2000, lambda n: image(title=plain(x(n)))),
    "image url": (3000, lambda n: image(image_url=x(n))),
    "markdown": (12_000, lambda n: {"type": "markdown", "text": x(n)}),
    "table rows": (100, table),
    "table cells": (20, lambda n: table(1, n)),
    "table column_settings": (20, lambda n: table(1, column_settings=[{"align": "left"}] * n)),
    "card title": (150, lambda n: card(title=plain(x(n)))),
    "card subtitle": (150, lambda n: card(subtitle=plain(x(n)))),
    "card body": (200, lambda n: card(body=mrkdwn(x(n)))),
    "carousel": (10, lambda n: {"type": "carousel", "elements": [card()] * n}),
    "container title": (150, lambda n: container(title=plain(x(n)))),
    "container subtitle": (150, lambda n: container(subtitle=plain(x(n)))),
    "container children": (10, lambda n: container(child_blocks=[{"type": "divider"}] * n)),
}


@pytest.mark.parametrize(("limit", "make"), BLOCK_LIMITS.values(), ids=BLOCK_LIMITS)
def test_block_at_and_over_its_limit(limit: int, make: Callable[[int], Json]) -> None:
    """A block is kept at its limit and refused one over it."""
    assert message_problems([make(limit)]) == []
    assert message_problems([make(limit + 1)])


@pytest.mark.parametrize(("limit", "make"), BLOCK_LIMITS.values(), ids=BLOCK_LIMITS)
def test_slack_sdk_agrees_at_the_limit(limit: int, make: Callable[[int], Json]) -> None:
    """What we keep at its limit, slack_sdk's models keep too."""
    parsed = Block.parse(copy.deepcopy(make(limit)))
    assert parsed is not None
    parsed.validate_json()


def refused_by_sdk(block: Json) -> bool:
    try:
        parsed = Block.parse(copy.deepcopy(block))
        if parsed is None:
            return True
        parsed.to_dict()
    except (SlackObjectFormationError, TypeError):
        return True
    return False


WRONG_BLOCKS: dict[str, Json] = {
    "unknown block": {"type": "blink"},
    "no type": {"text": plain("a")},
    "unknown element": actions({"type": "lever"}),
    "element in the wrong place": actions({"type": "plain_text_input"}),
    "empty section": {"type": "section"},
    "empty text": section(text=plain("")),
    "header in mrkdwn": {"type": "header", "text": mrkdwn("a")},
    "button text in mrkdwn": actions(button(text=mrkdwn("a"))),
    "button style": actions(button(style="loud")),
    "unknown field": section(colour="red"),
    "verbatim on plain_text": section(text={"type": "plain_text", "text": "a", "verbatim": True}),
    "actions without elements": {"type": "actions", "elements": []},
    "select without options": actions({"type": "static_select"}),
    "select with both": actions(select(option_groups=[{"label": plain("a"), "options": options(1)}])),
    "select with no options": actions(select(options=[])),
    "initial option not offered": actions(select(initial_option=option(7))),
    "initial date": actions({"type": "datepicker", "initial_date": "31.1.2026"}),
    "initial time": actions({"type": "timepicker", "initial_time": "25:00"}),
    "datetime in a section": section(accessory={"type": "datetimepicker"}),
    "max below min": field(typed(min_length=10, max_length=5)),
    "number without decimals said": field({"type": "number_input"}),
    "input without element": {"type": "input", "label": plain("a")},
    "image without source": {"type": "image", "alt_text": "a"},
    "image without alt_text": {"type": "image", "image_url": "https://x.example/a.png"},
    "rich text part": {
        "type": "rich_text",
        "elements": [{"type": "rich_text_section", "elements": [{"type": "shout", "text": "a"}]}],
    },
    "empty rich text": {
        "type": "rich_text",
        "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": ""}]}],
    },
    "empty table cell": {"type": "table", "rows": [[{"type": "raw_text", "text": ""}]]},
    "alert in a message": {"type": "alert", "text": plain("a")},
    "text as string": section(text="a"),
    "container in container": container(child_blocks=[container()]),
}


@pytest.mark.parametrize("block", WRONG_BLOCKS.values(), ids=WRONG_BLOCKS)
def test_wrong_block_is_refused(block: Json) -> None:
    """Blocks of the wrong shape are refused, with a pointer to the place."""
    problems = message_problems([block])
    assert problems
    assert all("[json-pointer:/blocks" in problem for problem in problems)


RIGHT_BLOCKS: dict[str, Json] = {
    "divider": {"type": "divider"},
    "section with everything": section(fields=[mrkdwn("a")], accessory=button(style="primary", value="1"), expand=True),
    "verbatim mrkdwn": section(text={"type": "mrkdwn", "text": "a", "verbatim": True}),
    "rich text": {
        "type": "rich_text",
        "elements": [
            {
                "type": "rich_text_section",
                "elements": [
                    {"type": "text", "text": "a", "style": {"bold": True}},
                    {"type": "user", "user_id": "U1"},
                    {"type": "link", "url": "https://x.example", "text": "x"},
                    {"type": "emoji", "name": "wave", "skin_tone": 2},
                    {"type": "date", "timestamp": 1, "format": "{date_short}", "fallback": "1970"},
                    {"type": "broadcast", "range": "here"},
                ],
            },
            {
                "type": "rich_text_list",
                "style": "bullet",
                "indent": 1,
                "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": "a"}]}],
            },
            {"type": "rich_text_quote", "elements": [{"type": "text", "text": "a"}], "border": 1},
            {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": "a"}]},
        ],
    },
    "table": {
        "type": "table",
        "rows": [[{"type": "raw_text", "text": "a"}, {"type": "raw_number", "value": 1, "text": "1"}]],
        "column_settings": [{"align": "right", "is_wrapped": True}],
    },
    "null where nothing is": section(accessory=None),
}


@pytest.mark.parametrize("block", RIGHT_BLOCKS.values(), ids=RIGHT_BLOCKS)
def test_right_block_is_kept(block: Json) -> None:
    """Blocks as Slack documents them pass, here and in slack_sdk."""
    assert message_problems([block]) == []
    assert not refused_by_sdk({name: value for name, value in block.items() if value is not None})


def test_no_laxer_than_slack_sdk() -> None:
    """Whatever slack_sdk's models refuse, the playground refuses."""
    candidates = [make(limit + 1) for limit, make in BLOCK_LIMITS.values()]
    candidates += [*WRONG_BLOCKS.values(), *RIGHT_BLOCKS.values()]
    assert all(message_problems([block]) for block in candidates if refused_by_sdk(block))


def test_message_as_a_whole() -> None:
    """A message holds 50 blocks, one table, and no id twice."""
    assert message_problems([section()] * 50) == []
    assert message_problems([section()] * 51)
    assert message_problems([table(1)]) == []
    assert message_problems([table(1), table(1)])
    assert message_problems([section(block_id="a"), section(block_id="a")])
    assert message_problems([actions(button(action_id="a"), button(action_id="a"))])
    assert message_problems([actions(button(action_id="a")), actions(button(action_id="a"))]) == []
    assert message_problems("blocks")


def test_characters_count_what_is_read() -> None:
    """The size of a message is the sum of its texts."""
    assert characters([section(text=mrkdwn(x(10)), fields=[plain(x(5))]), actions(button(value=x(99)))]) == 16


def modal(**fields: Any) -> Json:
    return {"type": "modal", "title": plain("a"), "blocks": [section()], **fields}


VIEW_LIMITS: dict[str, tuple[int, Callable[[int], Json]]] = {
    "title": (24, lambda n: modal(title=plain(x(n)))),
    "submit": (24, lambda n: modal(submit=plain(x(n)))),
    "close": (24, lambda n: modal(close=plain(x(n)))),
    "private_metadata": (3000, lambda n: modal(private_metadata=x(n))),
    "callback_id": (255, lambda n: modal(callback_id=x(n))),
    "external_id": (255, lambda n: modal(external_id=x(n))),
    "blocks": (100, lambda n: modal(blocks=[section()] * n)),
}


@pytest.mark.parametrize(("limit", "make"), VIEW_LIMITS.values(), ids=VIEW_LIMITS)
def test_view_at_and_over_its_limit(limit: int, make: Callable[[int], Json]) -> None:
    """A modal is kept at its limit, here and in slack_sdk, and refused one over it."""
    assert view_problems(make(limit)) == []
    View(**make(limit)).validate_json()
    assert view_problems(make(limit + 1))


@pytest.mark.parametrize(
    "view",
    [
        {"type": "modal", "blocks": [section()]},
        modal(blocks=[]),
        modal(blocks=[field()]),
        modal(blocks=[table(1)]),
        modal(blocks=[{"type": "markdown", "text": "a"}]),
        modal(colour="red"),
        modal(blocks=[field(typed(focus_on_load=True)), field(typed(focus_on_load=True))], submit=plain("a")),
        {"type": "home", "blocks": [section()]},
        "view",
    ],
)
def test_wrong_modal_is_refused(view: Any) -> None:
    """A modal needs a title, blocks that modals take, and a submit button where there are inputs."""
    assert view_problems(view)


def test_right_views_are_kept() -> None:
    """Inputs with a submit button, alerts in modals, and Home tabs without a title are right."""
    assert view_problems(modal(submit=plain("Go"), blocks=[field(), {"type": "alert", "text": plain("a")}])) == []
    assert view_problems({"type": "home", "blocks": [section()]}, "home") == []
    assert view_problems({"type": "home", "blocks": [{"type": "alert", "text": plain("a")}]}, "home")
    assert view_problems({"type": "home", "title": plain("a"), "blocks": [section()]}, "home")


def test_suggested_options_are_checked() -> None:
    """At most 100 options answer a block_suggestion."""
    assert options_problems({"options": options(100)}) == []
    assert options_problems({"option_groups": [{"label": plain("a"), "options": options(1)}]}) == []
    assert options_problems({"options": options(101)})
    assert options_problems({})
