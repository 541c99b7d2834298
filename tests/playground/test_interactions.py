"""Clicks, choices, menus and shortcuts: the payload of every element, over both ways to the app."""

from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
from slack_sdk import WebClient

from playground import Message, PeopleError, Person, View, Workspace
from playground.seed import AOKI, SALES, SATO

Json = dict[str, Any]
TOKYO = ZoneInfo("Asia/Tokyo")


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


A, B = ({"text": plain(name), "value": name.lower()} for name in "AB")
BUTTON = {"type": "button", "action_id": "go", "text": plain("Go"), "value": "42", "style": "primary"}
FEEDBACK = {
    "type": "feedback_buttons",
    "positive_button": {"text": plain("Good"), "value": "up"},
    "negative_button": {"text": plain("Bad"), "value": "down"},
}

# What stands in the message, what the person does, what the action says besides type and ids.
CHOICES: dict[str, tuple[Json, Any, Json]] = {
    "static_select": ({"options": [A, B]}, "b", {"selected_option": B}),
    "external_select": ({}, "b", {"selected_option": {"text": plain("b") | {"emoji": True}, "value": "b"}}),
    "users_select": ({}, AOKI, {"selected_user": AOKI}),
    "conversations_select": ({}, SALES, {"selected_conversation": SALES}),
    "channels_select": ({}, SALES, {"selected_channel": SALES}),
    "multi_static_select": ({"options": [A, B]}, ["a", "b"], {"selected_options": [A, B]}),
    "multi_users_select": ({}, [AOKI, SATO], {"selected_users": [AOKI, SATO]}),
    "multi_conversations_select": ({}, [SALES], {"selected_conversations": [SALES]}),
    "multi_channels_select": ({}, [SALES], {"selected_channels": [SALES]}),
    "overflow": ({"options": [A, B]}, "A", {"selected_option": A}),
    "radio_buttons": ({"options": [A, B], "initial_option": A}, "b", {"selected_option": B}),
    "checkboxes": ({"options": [A, B]}, ["a"], {"selected_options": [A]}),
    "datepicker": ({}, date(2026, 1, 31), {"selected_date": "2026-01-31"}),
    "timepicker": ({"timezone": "Asia/Tokyo"}, time(9, 5), {"selected_time": "09:05"}),
    "datetimepicker": ({}, datetime(2026, 1, 31, tzinfo=TOKYO), {"selected_date_time": 1769785200}),
}


def post(client: WebClient, *elements: Json) -> str:
    blocks = [{"type": "actions", "block_id": "row", "elements": list(elements)}]
    return str(client.chat_postMessage(channel=SALES, text="card", blocks=blocks)["ts"])


def card(sato: Person) -> Message:
    return sato.sees(SALES)[0]


@pytest.mark.parametrize("kind", CHOICES)
def test_choice_has_slacks_shape(over_http: Any, client: WebClient, sato: Person, heard: Any, kind: str) -> None:
    """Each element says what was chosen in its own way, in actions and, if it has a memory, in state.values."""
    fields, raw, said = CHOICES[kind]
    post(client, {"type": kind, "action_id": "it", **fields})
    assert sato.choose(card(sato), "it", raw).ok
    body = heard.last("action")
    action = body["actions"][0]
    assert {"type", "block_id", "action_id", "action_ts"} <= set(action)
    assert {name: action[name] for name in said} == said
    if kind != "overflow":
        assert body["state"]["values"]["row"]["it"] == {"type": kind, **said}


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("plain_text_input", "hello"),
        ("email_text_input", "a@b.example"),
        ("url_text_input", "https://x.example"),
        ("number_input", "3"),
    ],
)
def test_text_with_dispatch_action(
    over_http: Any, client: WebClient, sato: Person, heard: Any, kind: str, value: str
) -> None:
    """Text in an input block with dispatch_action is sent as an action."""
    element = {"type": kind, "action_id": "it"} | ({"is_decimal_allowed": False} if kind == "number_input" else {})
    block = {"type": "input", "block_id": "row", "dispatch_action": True, "label": plain("L"), "element": element}
    client.chat_postMessage(channel=SALES, text="card", blocks=[block])
    sato.choose(card(sato), "it", value)
    body = heard.last("action")
    assert (body["actions"][0]["type"], body["actions"][0]["value"]) == (kind, value)
    assert body["state"]["values"]["row"]["it"]["value"] == value


def test_click_over_both_ways(app: Any, client: WebClient, sato: Person, heard: Any) -> None:
    """A click carries the button, the message, where it stands, a trigger and a response URL."""
    ts = post(client, BUTTON)
    assert sato.click(card(sato), "go").ok
    body = heard.last("action")
    action = body["actions"][0]
    assert (action["value"], action["text"], action["style"]) == ("42", BUTTON["text"], "primary")
    assert body["container"] == {"type": "message", "message_ts": ts, "channel_id": SALES, "is_ephemeral": False}
    assert body["message"]["ts"] == ts
    assert (body["user"]["id"], body["team"]["id"], body["channel"]["id"]) == (SATO, "T0PLAY", SALES)
    assert body["trigger_id"]
    assert body["response_url"]


def test_click_with_other_elements_filled(over_http: Any, client: WebClient, sato: Person, heard: Any) -> None:
    """A click sends along what the message's other elements hold."""
    post(client, BUTTON, {"type": "static_select", "action_id": "pick", "options": [A, B], "initial_option": A})
    sato.click(card(sato), "go")
    assert heard.last("action")["state"]["values"]["row"]["pick"]["selected_option"] == A
    sato.click(card(sato), "go", typed={"pick": "b"})
    assert heard.last("action")["state"]["values"]["row"]["pick"]["selected_option"] == B


def test_other_buttons(over_http: Any, client: WebClient, sato: Person, heard: Any) -> None:
    """Icon and feedback buttons say what they stand for."""
    icon = {"type": "icon_button", "action_id": "bin", "icon": "trash", "text": plain("Delete"), "value": "1"}
    block = {"type": "context_actions", "elements": [FEEDBACK | {"action_id": "how"}, icon]}
    client.chat_postMessage(channel=SALES, text="card", blocks=[block])
    sato.click(card(sato), "how", "down")
    assert heard.last("action")["actions"][0]["value"] == "down"
    sato.click(card(sato), "bin")
    assert heard.last("action")["actions"][0]["value"] == "1"


def test_click_on_an_old_copy(over_http: Any, client: WebClient, sato: Person, heard: Any) -> None:
    """A client that lags sends the old button with the message as it is now."""
    ts = post(client, BUTTON)
    old = card(sato)
    client.chat_update(channel=SALES, ts=ts, text="claimed", blocks=[])
    sato.click(old, "go")
    body = heard.last("action")
    assert (body["actions"][0]["value"], body["message"]["text"]) == ("42", "claimed")
    with pytest.raises(PeopleError):
        sato.click(card(sato), "go")


def test_click_on_a_private_answer(over_http: Any, client: WebClient, sato: Person, heard: Any) -> None:
    """An ephemeral message is not sent along, and is replaced or deleted through the response URL only."""
    client.chat_postEphemeral(
        channel=SALES, user=SATO, text="sure?", blocks=[{"type": "actions", "elements": [BUTTON]}]
    )
    sato.click(card(sato), "go")
    body = heard.last("action")
    assert body["container"]["is_ephemeral"]
    assert "message" not in body
    httpx.post(body["response_url"], json={"text": "done", "replace_original": True})
    assert [m.text for m in sato.sees(SALES)] == ["done"]
    httpx.post(body["response_url"], json={"delete_original": True})
    assert not sato.sees(SALES)


def test_answer_to_a_click_is_private(
    over_http: Any, client: WebClient, sato: Person, aoki: Person, heard: Any
) -> None:
    """Without replace_original an answer to a click is a new private message."""
    post(client, BUTTON)
    sato.click(card(sato), "go")
    httpx.post(heard.last("action")["response_url"], json={"text": "yours"})
    assert [m.text for m in sato.private_answers(SALES)] == ["yours"]
    assert len(aoki.sees(SALES)) == 1


def test_click_in_a_thread(over_http: Any, client: WebClient, sato: Person, heard: Any) -> None:
    """A click in a thread names the thread, and its answers stand there."""
    parent = client.chat_postMessage(channel=SALES, text="parent")["ts"]
    blocks = [{"type": "actions", "elements": [BUTTON]}]
    client.chat_postMessage(channel=SALES, text="reply", blocks=blocks, thread_ts=parent)
    sato.click(sato.sees(SALES)[1], "go")
    body = heard.last("action")
    assert body["container"]["thread_ts"] == parent
    httpx.post(body["response_url"], json={"text": "there"})
    assert sato.private_answers(SALES)[0].thread_ts == parent


def test_tampered_values(over_http: Any, client: WebClient, sato: Person, heard: Any) -> None:
    """Values that are not offered are sent only when forced."""
    post(client, BUTTON, {"type": "static_select", "action_id": "pick", "options": [A]})
    with pytest.raises(PeopleError):
        sato.choose(card(sato), "pick", "evil")
    sato.choose(card(sato), "pick", "evil", force=True)
    assert heard.last("action")["actions"][0]["selected_option"]["value"] == "evil"
    sato.click(card(sato), "go", "L-999", force=True)
    assert heard.last("action")["actions"][0]["value"] == "L-999"


def test_click_and_choose_know_their_elements(client: WebClient, sato: Person) -> None:
    """A menu cannot be clicked, and what is not there cannot be touched."""
    post(client, {"type": "static_select", "action_id": "pick", "options": [A]})
    with pytest.raises(PeopleError):
        sato.click(card(sato), "pick")
    with pytest.raises(PeopleError):
        sato.click(card(sato), "nothing")


def test_click_that_fails(client: WebClient, sato: Person, over_http: Any, heard: Any) -> None:
    """A click that the app does not take shows a warning, and is not sent again."""

    def refuse(_body: Json) -> None:
        raise RuntimeError

    post(client, BUTTON)
    heard.answers["action"] = refuse
    assert sato.click(card(sato), "go").error == "refused"
    assert len(heard.of("action")) == 1


def test_suggestions(app: Any, client: WebClient, sato: Person, heard: Any) -> None:
    """A menu asks the app from min_query_length on, and shows at most 100 valid options."""
    post(client, {"type": "external_select", "action_id": "lead", "min_query_length": 2})
    heard.answers["options"] = {"options": [A, B]}
    assert sato.suggest(card(sato), "lead", "x").values == []
    assert not heard.of("options")
    assert sato.suggest(card(sato), "lead", "中村").values == ["a", "b"]
    assert heard.last("options")["value"] == "中村"
    heard.answers["options"] = {"option_groups": [{"label": plain("All"), "options": [A]}]}
    assert sato.suggest(card(sato), "lead", "xy").values == ["a"]
    heard.answers["options"] = {"options": [A] * 101}
    assert "100" in sato.suggest(card(sato), "lead", "xy").error


def test_shortcuts(app: Any, client: WebClient, sato: Person, heard: Any) -> None:
    """A global shortcut has no channel; one on a message has the message and a response URL."""
    post(client, BUTTON)
    assert sato.shortcut("lead.add").ok
    body = heard.last("shortcut")
    assert (body["type"], body["callback_id"], "channel" in body) == ("shortcut", "lead.add", False)
    assert sato.message_shortcut("lead.from_message", card(sato)).ok
    body = heard.last("shortcut")
    assert (body["type"], body["message"]["text"], body["channel"]["id"]) == ("message_action", "card", SALES)
    httpx.post(body["response_url"], json={"text": "saved"})
    assert sato.private_answers(SALES)[0].text == "saved"


def test_people_keep_their_words(over_http: Any, sato: Person, heard: Any) -> None:
    """An app cannot replace what a person wrote: its answer is a new private message."""
    said = sato.say(SALES, "mine")
    sato.message_shortcut("lead.from_message", said)
    httpx.post(heard.last("shortcut")["response_url"], json={"text": "saved", "replace_original": True})
    assert [(m.text, m.is_ephemeral) for m in sato.sees(SALES)] == [("mine", False), ("saved", True)]


def test_click_in_home(over_http: Any, client: WebClient, sato: Person, heard: Any) -> None:
    """A click in a view has the view in place of channel, message and response URL."""
    home = {"type": "home", "blocks": [{"type": "actions", "elements": [BUTTON]}], "private_metadata": "x"}
    client.views_publish(user_id=SATO, view=home)
    shown = sato.home
    assert isinstance(shown, View)
    sato.click(shown, "go")
    body = heard.last("action")
    assert body["container"] == {"type": "view", "view_id": shown.id}
    assert (body["view"]["private_metadata"], body["view"]["type"]) == ("x", "home")
    assert not {"channel", "message", "response_url"} & set(body)


def test_mishaps_in_interaction(
    over_http: Any, client: WebClient, workspace: Workspace, sato: Person, heard: Any
) -> None:
    """A click can arrive twice when a test wants it to."""
    post(client, BUTTON)
    workspace.faults.send_twice("interactive")
    sato.click(card(sato), "go")
    first, second = heard.of("action")
    assert first == second
