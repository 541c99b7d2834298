"""What people do on the page, with an app in Socket Mode behind it: talk, operate, fill in forms."""

import time
from collections.abc import Callable
from typing import Any

import pytest
from slack_sdk import WebClient

from playground import PlaygroundServer, Workspace
from playground.page import PageOptions
from playground.seed import AOKI, GENERAL, MARKETING, SALES, SATO, TANAKA
from tests.playground.browser import Browser
from tests.playground.conftest import Heard
from tests.playground.test_functions import MANIFEST as COURIER

Json = dict[str, Any]
Open = Callable[..., Browser]


@pytest.fixture
def page() -> PageOptions:
    return PageOptions()


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def option(value: str) -> Json:
    return {"text": plain(value.title()), "value": value}


GO = {"type": "button", "action_id": "go", "text": plain("Go"), "value": "42"}
SELECT = {"type": "static_select", "action_id": "size", "options": [option("s"), option("m")]}
PICKER = {"type": "datepicker", "action_id": "day"}


def field(block_id: str, kind: str = "plain_text_input", *, optional: bool = False, **element: Any) -> Json:
    element = {"type": kind, "action_id": "v", **element}
    return {"type": "input", "block_id": block_id, "label": plain(block_id), "optional": optional, "element": element}


def modal(*blocks: Json, **fields: Any) -> Json:
    whole = list(blocks) or [field("name")]
    return {
        "type": "modal",
        "callback_id": "form",
        "title": plain("Form"),
        "submit": plain("Save"),
        "blocks": whole,
    } | fields


def text_held(text: str | None) -> Json:
    return {"v": {"type": "plain_text_input", "value": text}}


@pytest.fixture
def card(client: WebClient, over_socket: Any) -> Json:
    """Where a card with a button, a menu and a date picker stands."""
    blocks = [{"type": "actions", "block_id": "row", "elements": [GO, SELECT, PICKER]}]
    return {"channel": SALES, "ts": client.chat_postMessage(channel=SALES, text="card", blocks=blocks)["ts"]}


@pytest.fixture
def show(client: WebClient, heard: Heard, over_socket: Any, tab: Open) -> Callable[..., Browser]:
    """Let Sato's command open a modal, and wait until it stands on the screen."""

    def open_one(*blocks: Json, **fields: Any) -> Browser:
        def answer(body: Json) -> None:
            client.views_open(trigger_id=body["trigger_id"], view=modal(*blocks, **fields))

        heard.answers["command"] = answer
        browser = tab(SATO)
        assert browser.act("command", channel=SALES, line="/form")["ok"]
        browser.until(lambda: browser.slices["views"])
        return browser

    return open_one


def view_id(browser: Browser) -> str:
    return str(browser.slices["views"][-1]["id"])


# talking


def test_command_is_answered_in_private(tab: Open, heard: Heard, over_socket: Any) -> None:
    """A command's answer stands on the screen before the act is answered."""
    heard.answers["command"] = "Done."
    browser = tab(SATO)
    assert browser.act("command", channel=SALES, line="/lead  help ") == {"ok": True}
    assert browser.texts(SALES) == ["Done."]
    assert (heard.last("command")["command"], heard.last("command")["text"]) == ("/lead", "help")


def test_command_fails_in_words(tab: Open) -> None:
    """Without an app a command fails with Slack's code, a sentence, and Slackbot's message."""
    browser = tab(SATO)
    failed = browser.act("command", channel=SALES, line="/lead help")
    assert (failed["ok"], failed["error"]) == (False, "dispatch_failed")
    assert failed["say"] == "The app is not connected. Wait until it is, then try again."
    assert "dispatch_failed" in browser.texts(SALES)[0]
    slackbot = next(iter(browser.messages.values()))["user"]
    assert slackbot in {one["id"] for one in browser.slices["people"]}


def test_refusals_speak_ones_language(tab: Open) -> None:
    """Who has a Japanese Slack is refused in Japanese."""
    refused = tab(TANAKA).act("command", channel=SALES, line="/lead help")
    assert (refused["error"], "チャンネル" in refused["say"]) == ("not_in_channel", True)


REFUSALS: dict[str, tuple[str, Json, str]] = {
    "a channel of others": ("say", {"channel": MARKETING, "text": "x"}, "not_in_channel"),
    "no channel at all": ("say", {"channel": "C0NONE", "text": "x"}, "channel_not_found"),
    "no thread": ("say", {"channel": SALES, "text": "x", "thread_ts": "1.2"}, "thread_not_found"),
    "no file": ("say", {"channel": SALES, "text": "x", "files": ["F9"]}, "file_not_found"),
    "nothing said": ("say", {"channel": SALES, "text": " "}, "no_text"),
    "too much said": ("say", {"channel": SALES, "text": "x" * 40_001}, "msg_too_long"),
    "no command": ("command", {"channel": SALES, "line": "hello"}, "unknown_command"),
    "no message": ("react", {"channel": SALES, "ts": "1.2", "name": "eyes", "on": True}, "message_not_found"),
    "no form": ("close", {"view": "V9", "everything": False}, "not_found"),
    "no tab": ("open_home", {"tab": "about"}, "bad_request"),
    "no locale": ("locale", {"locale": "klingon"}, "bad_request"),
    "no timestamp": ("read", {"channel": SALES, "ts": "yesterday"}, "bad_request"),
}  # fmt: skip


@pytest.mark.parametrize("what", REFUSALS)
def test_refusals_have_a_code_and_a_sentence(tab: Open, what: str) -> None:
    """What Slack's client or Slack would refuse is refused with a code and in words."""
    act, fields, error = REFUSALS[what]
    refused = tab(SATO).act(act, **fields)
    assert (refused["ok"], refused["error"]) == (False, error)
    assert refused["say"].endswith((".", "!"))


def test_archived_channels_take_nothing(tab: Open, workspace: Workspace) -> None:
    """Nobody writes into an archived channel."""
    workspace.change_channel(SALES, is_archived=True)
    assert tab(SATO).act("say", channel=SALES, text="x")["error"] == "is_archived"


def test_say_in_channel_and_thread(tab: Open, workspace: Workspace) -> None:
    """People talk, a line with a slash too; an answer to a reply goes to its thread."""
    browser, other = tab(SATO), tab(AOKI)
    assert browser.act("say", channel=SALES, text="/shrug <b>")["ok"]
    (parent,) = [ts for _channel, ts in browser.messages]
    for text in ("one", "two"):
        thread_ts = max(ts for _channel, ts in browser.messages)
        assert browser.act("say", channel=SALES, text=text, thread_ts=thread_ts)["ok"]
    other.until(lambda: other.texts(SALES) == ["/shrug &lt;b&gt;", "one", "two"])
    other.until(lambda: other.messages[SALES, parent].get("reply_count") == 2)
    assert [m.thread_ts for m in workspace.messages.thread(SALES, parent)] == ["", parent, parent]


def test_reactions(tab: Open, heard: Heard, card: Json) -> None:
    """A reaction comes and goes in every tab, and the app has heard of it when the act is answered."""
    browser, other = tab(SATO), tab(AOKI)
    key = (SALES, card["ts"])
    assert browser.act("react", **card, name="eyes", on=True) == {"ok": True}
    assert heard.last("event")["event"]["type"] == "reaction_added"
    other.until(lambda: other.messages[key].get("reactions") == [{"name": "eyes", "users": [SATO], "count": 1}])
    assert browser.act("react", **card, name="eyes", on=True)["error"] == "already_reacted"
    assert browser.act("react", **card, name="eyes", on=False) == {"ok": True}
    other.until(lambda: "reactions" not in other.messages[key])
    assert browser.act("react", **card, name="no such name!", on=True)["error"] == "invalid_name"


def test_private_answers_of_others_are_out_of_reach(tab: Open, client: WebClient) -> None:
    """Nobody operates a message that only somebody else sees, nor reacts to a private one."""
    blocks = [{"type": "actions", "block_id": "row", "elements": [GO]}]
    ts = client.chat_postEphemeral(channel=SALES, user=AOKI, text="x", blocks=blocks)["message_ts"]
    where = {"channel": SALES, "ts": ts}
    click = {"where": where, "block_id": "row", "action_id": "go", "value": None, "values": {}}
    assert tab(SATO).act("operate", **click)["error"] == "message_not_found"
    assert tab(AOKI).act("react", **where, name="eyes", on=True)["error"] == "message_not_found"


# operating


def test_button_carries_what_the_message_holds(tab: Open, heard: Heard, card: Json) -> None:
    """A click tells the app the full state of the message, as far as elements stand there."""
    row = {
        "size": {"type": "static_select", "selected_option": option("m")},
        "day": {"type": "datepicker", "selected_date": "2026-11-24"},
        "gone": {"type": "datepicker", "selected_date": "2026-11-24"},
    }
    values = {"row": row, "elsewhere": {"v": {"type": "plain_text_input", "value": "x"}}}
    answer = tab(SATO).act("operate", where=card, block_id="row", action_id="go", value=None, values=values)
    assert answer == {"ok": True}
    body = heard.last("action")
    assert body["state"]["values"] == {"row": {name: row[name] for name in ("size", "day")}}
    assert (body["actions"][0]["value"], body["user"]["id"]) == ("42", SATO)


@pytest.mark.parametrize(
    "value", ["m", option("m"), option("m") | {"text": plain("forged")}, {"type": "static_select", "selected_option": option("m")}]
)  # fmt: skip
def test_choice_is_one_that_is_offered(tab: Open, heard: Heard, card: Json, value: Any) -> None:
    """An option is named by its value, whole, or as the element holds it; its text is the app's own."""
    assert tab(SATO).act("operate", where=card, block_id="row", action_id="size", value=value, values={})["ok"]
    body = heard.last("action")
    assert body["actions"][0]["selected_option"] == option("m")
    assert body["state"]["values"]["row"]["size"]["selected_option"] == option("m")


# What the element is, what a browser sends, what the app gets in actions: a key and a value.
CHOICES: dict[str, tuple[Json, Any, tuple[str, Any]]] = {
    "overflow": ({"options": [option("a"), option("b")]}, "b", ("selected_option", option("b"))),
    "radio_buttons": ({"options": [option("a")]}, option("a"), ("selected_option", option("a"))),
    "checkboxes": ({"options": [option("a"), option("b")]}, [option("b")], ("selected_options", [option("b")])),
    "multi_static_select": ({"options": [option("a")]}, [], ("selected_options", [])),
    "external_select": ({}, {"text": plain("Text"), "value": "t"}, ("selected_option", {"text": plain("Text") | {"emoji": True}, "value": "t"})),
    "users_select": ({}, AOKI, ("selected_user", AOKI)),
    "multi_users_select": ({}, [AOKI, SATO], ("selected_users", [AOKI, SATO])),
    "channels_select": ({}, SALES, ("selected_channel", SALES)),
    "conversations_select": ({}, AOKI, ("selected_conversation", AOKI)),
    "multi_conversations_select": ({}, [SALES], ("selected_conversations", [SALES])),
    "datepicker": ({}, None, ("selected_date", None)),
    "timepicker": ({}, "09:05", ("selected_time", "09:05")),
    "datetimepicker": ({}, 1769785200, ("selected_date_time", 1769785200)),
}  # fmt: skip


@pytest.mark.parametrize("kind", CHOICES)
def test_every_kind_of_choice(tab: Open, client: WebClient, over_socket: Any, heard: Heard, kind: str) -> None:
    """Whatever can be chosen in a message reaches the app in Slack's shape."""
    parts, value, (key, told) = CHOICES[kind]
    blocks = [{"type": "actions", "block_id": "row", "elements": [{"type": kind, "action_id": "v", **parts}]}]
    where = {"channel": SALES, "ts": client.chat_postMessage(channel=SALES, text="x", blocks=blocks)["ts"]}
    assert tab(SATO).act("operate", where=where, block_id="row", action_id="v", value=value, values={})["ok"]
    assert heard.last("action")["actions"][0][key] == told


WRONG_VALUES: dict[str, tuple[str, Any, str]] = {
    "an option that is not there": ("size", "xl", "no_such_option"),
    "no option": ("size", ["m"], "bad_request"),
    "no date": ("day", "tomorrow", "bad_request"),
    "a date as a number": ("day", 7, "bad_request"),
    "no control": ("nothing", None, "no_such_control"),
}


@pytest.mark.parametrize("what", WRONG_VALUES)
def test_wrong_values_do_not_reach_the_app(tab: Open, heard: Heard, card: Json, what: str) -> None:
    """A value that its element cannot hold is refused in words."""
    action_id, value, error = WRONG_VALUES[what]
    refused = tab(SATO).act("operate", where=card, block_id="row", action_id=action_id, value=value, values={})
    assert (refused["ok"], refused["error"], heard.of("action")) == (False, error, [])


def test_app_that_does_not_answer_a_click(tab: Open, server: PlaygroundServer, heard: Heard, card: Json) -> None:
    """A click that the app leaves unanswered fails after Slack's patience, while another tab goes on."""
    server.workspace.timing.ack_seconds = 0.3
    heard.answers["action"] = lambda _body: time.sleep(0.6)
    clicking, talking = tab(SATO), tab(SATO)
    click = clicking.send("operate", where=card, block_id="row", action_id="go", value=None, values={})
    assert talking.act("say", channel=SALES, text="meanwhile")["ok"]
    failed = clicking.answer_to(click)
    assert (failed["error"], failed["say"]) == ("timeout", "The app did not answer within 3 seconds. Try again.")


def test_suggestions(tab: Open, client: WebClient, heard: Heard, over_socket: Any) -> None:
    """A menu asks the app for options, in groups or not, once enough is typed."""
    element = {"type": "external_select", "action_id": "who", "min_query_length": 2}
    blocks = [{"type": "actions", "block_id": "row", "elements": [element, GO]}]
    where = {"channel": SALES, "ts": client.chat_postMessage(channel=SALES, text="x", blocks=blocks)["ts"]}
    asking = {"where": where, "block_id": "row", "action_id": "who"}
    browser = tab(SATO)
    assert browser.act("suggest", **asking, typed="n") == {"ok": True, "options": []}
    heard.answers["options"] = {"options": [option("nakamura")]}
    assert browser.act("suggest", **asking, typed="na") == {"ok": True, "options": [option("nakamura")]}
    groups = [{"label": plain("N"), "options": [option("nakamura")]}]
    heard.answers["options"] = {"option_groups": groups}
    assert browser.act("suggest", **asking, typed="na") == {"ok": True, "groups": groups}
    heard.answers["options"] = {"options": [{"value": "nameless"}]}
    refused = browser.act("suggest", **asking, typed="na")
    assert (refused["error"], "text" in refused["say"]) == ("invalid_options", True)
    assert browser.act("suggest", **asking | {"action_id": "go"}, typed="na")["error"] == "no_such_control"


def test_shortcuts(tab: Open, heard: Heard, card: Json) -> None:
    """Shortcuts, global and on a message, reach the app."""
    browser = tab(SATO)
    assert browser.act("shortcut", callback_id="lead.add") == {"ok": True}
    assert heard.last("shortcut")["callback_id"] == "lead.add"
    assert browser.act("message_shortcut", callback_id="lead.log", **card) == {"ok": True}
    assert heard.last("shortcut")["message"]["ts"] == card["ts"]


def test_a_step_is_run_as_a_workflow_would(
    workspace: Workspace, client: WebClient, heard: Heard, over_socket: Any, tab: Open
) -> None:
    """What is put in reaches the app as its parameters say; what came out, or the error in words, is the answer."""
    workspace.install(COURIER)

    def answer(body: Json) -> None:
        execution, given = body["event"]["function_execution_id"], body["event"]["inputs"]
        if given.get("grams"):
            client.functions_completeSuccess(function_execution_id=execution, outputs={"number": f"P-{given['grams']}"})
        else:
            client.functions_completeError(function_execution_id=execution, error="Nothing weighs nothing.")

    heard.answers["event"] = answer
    browser = tab(SATO)
    (step,) = browser.slices["app"]["steps"]
    assert (step["title"], [one["name"] for one in step["inputs"]]) == ("Send a parcel", ["to", "grams", "is_fragile"])
    given = {"to": AOKI, "grams": "1.5", "is_fragile": ""}
    run = browser.act("run_step", callback_id="parcel.send", inputs=given)
    assert (run["ok"], run.get("outputs")) == (True, {"number": "P-1.5"})
    failed = browser.act("run_step", callback_id="parcel.send", inputs={"to": AOKI})
    assert (failed["ok"], failed["say"]) == (False, "Nothing weighs nothing.")
    assert (
        browser.act("run_step", callback_id="parcel.send", inputs={"to": AOKI, "grams": "much"})["error"]
        == "bad_request"
    )
    assert browser.act("run_step", callback_id="parcel.lose", inputs={})["error"] == "function_not_found"


def test_an_app_that_takes_no_messages_gets_none(workspace: Workspace, tab: Open) -> None:
    """Its manifest makes the messages tab one that is only read: the page shows that, and Slack refuses."""
    manifest = {
        "display_information": {"name": "Courier"},
        "features": {"app_home": {"messages_tab_read_only_enabled": True}},
    }
    workspace.install(manifest)
    browser = tab(SATO)
    assert browser.slices["app"]["takes_messages"] is False
    place = workspace.open_im(SATO).id
    assert browser.act("say", channel=place, text="hello")["error"] == "messages_tab_disabled"


# forms


def test_modal_opens_on_every_tab_of_its_person(show: Callable[..., Browser], tab: Open) -> None:
    """The modal stands on both tabs of one person and on nobody else's, without the app's private notes."""
    browser = show(private_metadata="secret")
    (view,) = tab(SATO).slices["views"]
    assert view == browser.slices["views"][0]
    assert set(view) == {
        "id", "type", "callback_id", "title", "submit", "close", "blocks", "hash", "previous_view_id", "state",
    }  # fmt: skip
    stranger = tab(AOKI)
    assert stranger.slices["views"] == []
    assert stranger.act("submit", view=view["id"], values={})["error"] == "not_found"


def test_submit_checks_first(show: Callable[..., Browser], heard: Heard) -> None:
    """What Slack's client would not send is told by field, and the app hears nothing."""
    browser = show(field("name"), field("mail", "email_text_input"))
    mail = {"v": {"type": "email_text_input", "value": "not one"}}
    told = browser.act("submit", view=view_id(browser), values={"name": text_held(""), "mail": mail})
    assert (told["ok"], told["outcome"], set(told["errors"])) == (False, "errors", {"name", "mail"})
    assert heard.of("view") == []


def test_submit_sends_what_was_filled_in(show: Callable[..., Browser], heard: Heard) -> None:
    """The app gets the values, and what was not filled in keeps its initial value."""
    browser = show(field("name"), field("note", initial_value="as before"))
    values = {"name": text_held("Nakamura"), "gone": text_held("x")}
    assert browser.act("submit", view=view_id(browser), values=values) == {"ok": True, "outcome": "closed"}
    held = heard.last("view")["view"]["state"]["values"]
    assert (held["name"], held["note"]) == (text_held("Nakamura"), text_held("as before"))
    assert browser.slices["views"] == []


def test_submit_shows_the_apps_errors(show: Callable[..., Browser], heard: Heard) -> None:
    """The app's errors come with the answer, and the form stays with what was typed."""
    browser = show()
    heard.answers["view"] = {"response_action": "errors", "errors": {"name": "Taken."}}
    told = browser.act("submit", view=view_id(browser), values={"name": text_held("Sato")})
    assert told == {"ok": False, "outcome": "errors", "errors": {"name": "Taken."}}
    assert browser.slices["views"][0]["state"]["values"]["name"] == text_held("Sato")


def test_submit_updates_pushes_and_clears(show: Callable[..., Browser], heard: Heard) -> None:
    """A form is replaced, gets another on top, and they all go."""
    browser = show()
    values = {"name": text_held("x")}
    heard.answers["view"] = {"response_action": "update", "view": modal(title=plain("Second"))}
    assert browser.act("submit", view=view_id(browser), values=values)["outcome"] == "updated"
    assert browser.slices["views"][0]["title"]["text"] == "Second"
    heard.answers["view"] = {"response_action": "push", "view": modal(title=plain("Third"))}
    assert browser.act("submit", view=view_id(browser), values=values)["outcome"] == "pushed"
    assert [view["title"]["text"] for view in browser.slices["views"]] == ["Second", "Third"]
    heard.answers["view"] = {"response_action": "clear"}
    assert browser.act("submit", view=view_id(browser), values=values) == {"ok": True, "outcome": "cleared"}
    assert browser.slices["views"] == []


def test_submit_fails_in_words(show: Callable[..., Browser], heard: Heard) -> None:
    """An answer that Slack refuses, and none at all, leave the form open and say why."""
    browser = show()
    values = {"name": text_held("x")}
    heard.answers["view"] = {"response_action": "update", "view": modal(title=plain("x" * 25))}
    told = browser.act("submit", view=view_id(browser), values=values)
    assert (told["ok"], told["outcome"], told["error"]) == (False, "failed", "invalid_arguments")
    assert "/view/title/text" in told["say"]
    over = browser.act("submit", view=view_id(browser), values={"name": {"v": 7}})
    assert (over["error"], len(browser.slices["views"])) == ("bad_request", 1)


def test_submit_without_an_app(show: Callable[..., Browser], server: PlaygroundServer, over_socket: Any) -> None:
    """A form that reaches nobody stays, with what was typed."""
    browser = show()
    over_socket.client.auto_reconnect_enabled = False
    server.links.close()
    browser.until(lambda: not browser.slices["bot"]["connected"])
    told = browser.act("submit", view=view_id(browser), values={"name": text_held("x")})
    assert (told["outcome"], told["error"]) == ("failed", "unreachable")
    assert browser.slices["views"][0]["state"]["values"]["name"] == text_held("x")


def test_update_keeps_what_was_typed(show: Callable[..., Browser], client: WebClient, heard: Heard) -> None:
    """The app changes the form after a choice; what was typed stays where its element stays, and only there."""
    kind = {"type": "actions", "block_id": "kind", "elements": [SELECT]}
    browser = show(kind, field("name"), field("note"))

    def change(body: Json) -> None:
        date = field("note", "datepicker", optional=True)
        client.views_update(view_id=body["view"]["id"], view=modal(kind, field("name"), date, field("more")))

    heard.answers["action"] = change
    values = {"name": text_held("Nakamura"), "note": text_held("x")}
    where = {"view": view_id(browser)}
    assert browser.act("operate", where=where, block_id="kind", action_id="size", value="m", values=values)["ok"]
    held = browser.until(lambda: "more" in browser.slices["views"][0]["state"]["values"] and browser.slices["views"][0])
    values = held["state"]["values"]
    assert values["kind"]["size"]["selected_option"] == option("m")
    assert (values["name"], values["more"]) == (text_held("Nakamura"), text_held(None))
    assert values["note"] == {"v": {"type": "datepicker", "selected_date": None}}
    assert heard.last("action")["view"]["state"]["values"]["name"] == text_held("Nakamura")


def test_close_is_told(show: Callable[..., Browser], heard: Heard) -> None:
    """A form that is closed goes from the screen, and the app hears of it where it asked to."""
    browser = show(notify_on_close=True)
    assert browser.act("close", view=view_id(browser), everything=True) == {"ok": True}
    assert browser.slices["views"] == []
    assert heard.last("view_closed")["is_cleared"] is False


def test_files_in_a_form(show: Callable[..., Browser], workspace: Workspace, heard: Heard, sato: Any) -> None:
    """A form's files are those that were uploaded; the app gets Slack's file objects."""
    browser = show(field("list", "file_input"))
    file = sato.upload("leads.csv", b"x")
    held = {"v": {"type": "file_input", "files": [{"id": file.id}]}}
    assert browser.act("submit", view=view_id(browser), values={"list": held})["outcome"] == "closed"
    (given,) = heard.last("view")["view"]["state"]["values"]["list"]["v"]["files"]
    assert (given["id"], given["name"], "url_private" in given) == (file.id, "leads.csv", True)


# the app's own place


def test_home_is_opened_and_operated(tab: Open, client: WebClient, heard: Heard, over_socket: Any) -> None:
    """Opening the Home tab tells the app, what it publishes is shown, and its buttons work."""
    row = {"type": "actions", "block_id": "row", "elements": [GO, SELECT]}

    def publish(body: Json) -> None:
        client.views_publish(user_id=body["event"]["user"], view={"type": "home", "blocks": [row]})

    heard.answers["event"] = publish
    browser = tab(SATO)
    assert browser.slices["home"] is None
    assert browser.act("open_home", tab="home") == {"ok": True}
    home = browser.until(lambda: browser.slices["home"])
    assert (home["type"], home["blocks"][0]["elements"][0]["action_id"]) == ("home", "go")
    assert {one["im_user"] for one in browser.slices["channels"]} == {"", SATO}
    values = {"row": {"size": {"type": "static_select", "selected_option": option("s")}}}
    where = {"view": home["id"]}
    assert browser.act("operate", where=where, block_id="row", action_id="go", value=None, values=values)["ok"]
    body = heard.last("action")
    assert (body["view"]["type"], body["view"]["state"]["values"]) == ("home", values)


def test_messages_tab_is_told(tab: Open, heard: Heard, over_socket: Any) -> None:
    """Looking at the app's messages tells the app so."""
    assert tab(SATO).act("open_home", tab="messages")["ok"]
    assert heard.last("event")["event"]["tab"] == "messages"


def test_direct_messages_arrive(tab: Open, client: WebClient) -> None:
    """The app's first direct message opens the channel on its person's page only."""
    browser, other = tab(SATO), tab(AOKI)
    client.chat_postMessage(channel=SATO, text="digest")
    client.chat_postMessage(channel=GENERAL, text="for all")
    (channel,) = browser.until(lambda: [one["id"] for one in browser.slices["channels"] if one["im_user"] == SATO])
    browser.until(lambda: browser.texts(channel) == ["digest"])
    other.until(lambda: other.texts(GENERAL))
    assert [one for one in other.slices["channels"] if one["im_user"]] == []
    assert other.texts(channel) == []
