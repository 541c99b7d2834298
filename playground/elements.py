"""Slack's limits on text objects and block elements, one table. docs.slack.dev/reference/block-kit."""

from collections.abc import Iterator
from typing import Any

from playground.schema import (
    Check,
    anything,
    array,
    boolean,
    by_type,
    integer,
    matching,
    number,
    one_of,
    problem,
    shape,
    string,
)

ACTION_ID = string(255)
URL = string(3000)


def plain_text(longest: int) -> Check:
    """Accept a plain_text object."""
    return by_type({"plain_text": shape({"text": string(longest, 1)}, {"emoji": boolean})})


def any_text(longest: int) -> Check:
    """Accept a plain_text or a mrkdwn object."""
    mrkdwn = shape({"text": string(longest, 1)}, {"verbatim": boolean})
    return by_type({"plain_text": shape({"text": string(longest, 1)}, {"emoji": boolean}), "mrkdwn": mrkdwn})


def option(text: Check) -> Check:
    """Accept an option. Values are 1 to 150 characters, descriptions up to 75."""
    return shape({"text": text}, {"value": string(150), "description": any_text(75), "url": URL})


PLAIN_OPTION = option(plain_text(75))
ANY_OPTION = option(any_text(75))
OPTION_GROUP = shape({"label": plain_text(75), "options": array(PLAIN_OPTION, 100, 1)})
CONFIRM = shape(
    {"title": plain_text(100), "text": any_text(300), "confirm": plain_text(30), "deny": plain_text(30)},
    {"style": one_of("primary", "danger")},
)
DISPATCH = shape({}, {"trigger_actions_on": array(one_of("on_enter_pressed", "on_character_entered"), 2)})
FILTER = shape(
    {},
    {
        "include": array(one_of("im", "mpim", "private", "public"), 4, 1),
        "exclude_external_shared_channels": boolean,
        "exclude_bot_users": boolean,
    },
)
SLACK_FILE = shape({}, {"id": string(), "url": string()})
WORKFLOW = shape({"trigger": shape({"url": URL}, {"customizable_input_parameters": anything})})
FEEDBACK = shape({"text": plain_text(75), "value": string(2000)}, {"accessibility_label": string(75)})

COMMON: dict[str, Check] = {"action_id": ACTION_ID, "confirm": CONFIRM, "focus_on_load": boolean}
PLACED: dict[str, Check] = COMMON | {"placeholder": plain_text(150)}
MANY: dict[str, Check] = {"max_selected_items": integer(1, 2**31)}
LIST_OF_IDS = array(string(), 1000)


def _chosen_among_options(value: Any, at: str) -> Iterator[str]:
    """Refuse two kinds of options at once, none at all, and initial options that are not among them."""
    if ("options" in value) == ("option_groups" in value):
        yield problem("either options or option_groups must be given", at)
    groups = value.get("option_groups", [])
    offered = [*value.get("options", []), *(o for group in groups for o in group["options"])]
    initial = [*value.get("initial_options", []), *([value["initial_option"]] if value.get("initial_option") else [])]
    keys = {(o["text"]["text"], o.get("value")) for o in offered}
    if any((o["text"]["text"], o.get("value")) not in keys for o in initial):
        yield problem("initial option must exactly match one of the options", at)


def _lengths_in_order(value: Any, at: str) -> Iterator[str]:
    if value.get("min_length", 0) > value.get("max_length", 3000):
        yield problem("max_length must not be less than min_length", at)


def _source_given(value: Any, at: str) -> Iterator[str]:
    if not value.get("image_url") and not value.get("slack_file"):
        yield problem("missing required field: image_url or slack_file", at)


def _select(optional: dict[str, Check], *, options: bool = False) -> Check:
    if not options:
        return shape({}, PLACED | optional)
    choices = {"options": array(PLAIN_OPTION, 100, 1), "option_groups": array(OPTION_GROUP, 100, 1)}
    return shape({}, PLACED | choices | optional, _chosen_among_options)


def _boxes(optional: dict[str, Check]) -> Check:
    return shape({"options": array(ANY_OPTION, 10, 1)}, COMMON | optional, _chosen_among_options)


TEXT_INPUT: dict[str, Check] = PLACED | {"initial_value": string(3000), "dispatch_action_config": DISPATCH}
LABELLED: dict[str, Check] = {"action_id": ACTION_ID, "accessibility_label": string(75)}

ELEMENTS: dict[str, Check] = {
    "button": shape(
        {"text": plain_text(75)},
        LABELLED
        | {"url": URL, "value": string(2000), "style": one_of("primary", "danger"), "confirm": CONFIRM}
        | {"agent_prompt": string(4000), "agent_prompt_display": anything, "visible_to_user_ids": LIST_OF_IDS},
    ),
    "workflow_button": shape(
        {"text": plain_text(75), "workflow": WORKFLOW}, LABELLED | {"style": one_of("primary", "danger")}
    ),
    "icon_button": shape(
        {"icon": string(), "text": plain_text(75)},
        LABELLED | {"value": string(2000), "confirm": CONFIRM, "visible_to_user_ids": LIST_OF_IDS},
    ),
    "feedback_buttons": shape({"positive_button": FEEDBACK, "negative_button": FEEDBACK}, {"action_id": ACTION_ID}),
    "overflow": shape({"options": array(PLAIN_OPTION, 5, 1)}, {"action_id": ACTION_ID, "confirm": CONFIRM}),
    "static_select": _select({"initial_option": PLAIN_OPTION}, options=True),
    "multi_static_select": _select(MANY | {"initial_options": array(PLAIN_OPTION, 100)}, options=True),
    "external_select": _select({"initial_option": PLAIN_OPTION, "min_query_length": integer(0, 2**31)}),
    "multi_external_select": _select(
        MANY | {"initial_options": array(PLAIN_OPTION, 100), "min_query_length": integer(0, 2**31)}
    ),
    "users_select": _select({"initial_user": string()}),
    "multi_users_select": _select(MANY | {"initial_users": LIST_OF_IDS}),
    "conversations_select": _select(
        {"initial_conversation": string(), "default_to_current_conversation": boolean}
        | {"response_url_enabled": boolean, "filter": FILTER}
    ),
    "multi_conversations_select": _select(
        MANY | {"initial_conversations": LIST_OF_IDS, "default_to_current_conversation": boolean, "filter": FILTER}
    ),
    "channels_select": _select({"initial_channel": string(), "response_url_enabled": boolean}),
    "multi_channels_select": _select(MANY | {"initial_channels": LIST_OF_IDS}),
    "radio_buttons": _boxes({"initial_option": ANY_OPTION}),
    "checkboxes": _boxes({"initial_options": array(ANY_OPTION, 10)}),
    "datepicker": shape({}, PLACED | {"initial_date": matching(r"\d{4}-\d\d-\d\d", "a date such as 2026-01-31")}),
    "timepicker": shape(
        {},
        PLACED | {"initial_time": matching(r"([01]\d|2[0-3]):[0-5]\d", "a time such as 23:59"), "timezone": string()},
    ),
    "datetimepicker": shape({}, COMMON | {"initial_date_time": integer(1_000_000_000, 9_999_999_999)}),
    "plain_text_input": shape(
        {},
        TEXT_INPUT | {"multiline": boolean, "min_length": integer(0, 3000), "max_length": integer(1, 3000)},
        _lengths_in_order,
    ),
    "email_text_input": shape({}, TEXT_INPUT),
    "url_text_input": shape({}, TEXT_INPUT),
    "number_input": shape({"is_decimal_allowed": boolean}, TEXT_INPUT | {"min_value": string(), "max_value": string()}),
    "rich_text_input": shape(
        {},
        PLACED
        | {"initial_value": anything, "dispatch_action_config": DISPATCH, "min_lines": number, "max_lines": number},
    ),
    "file_input": shape({}, {"action_id": ACTION_ID, "filetypes": array(string(), 100), "max_files": integer(1, 10)}),
    "image": shape({"alt_text": string(2000, 1)}, {"image_url": URL, "slack_file": SLACK_FILE}, _source_given),
    "url": shape({"url": URL, "text": string()}, {"icon_url": URL}),
}

SELECTS = frozenset(kind for kind in ELEMENTS if kind.endswith("_select"))
PICKERS = frozenset({"datepicker", "timepicker"})
BOXES = frozenset({"radio_buttons", "checkboxes"})
TEXT_INPUTS = frozenset(kind for kind in ELEMENTS if kind.endswith("_input") and kind != "file_input")


def elements(*kinds: str) -> Check:
    """Accept only these kinds of elements."""
    return by_type({kind: ELEMENTS[kind] for kind in kinds})


ACCESSORY = elements("button", "workflow_button", "image", "overflow", *SELECTS, *PICKERS, *BOXES)
IN_ACTIONS = elements(
    "button", "workflow_button", "overflow", "datetimepicker", "rich_text_input", *SELECTS, *PICKERS, *BOXES
)
IN_INPUT = elements("datetimepicker", "file_input", *TEXT_INPUTS, *SELECTS, *PICKERS, *BOXES)
IN_CONTEXT_ACTIONS = elements("feedback_buttons", "icon_button")
