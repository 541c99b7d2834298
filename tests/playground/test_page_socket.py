"""The page's socket: what a tab is told at first, what it hears later, and what it can bear."""

import json
import socket
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from slack_sdk import WebClient
from websockets.exceptions import ConnectionClosed, InvalidStatus

from playground import Person, PlaygroundServer, User, Workspace
from playground.controls import VALUE_KEYS
from playground.entities import Team
from playground.page import PageOptions
from playground.page.acts import ACTS
from playground.seed import AOKI, GENERAL, GUEST, MARKETING, MORI, PARTNERS, PRIVATE, SALES, SATO, STRANGER, TANAKA
from tests.playground.browser import Browser

Open = Callable[..., Browser]
OPTIONS = [{"text": {"type": "plain_text", "text": "A"}, "value": "a"}]


@pytest.fixture
def page() -> PageOptions:
    return PageOptions()


def channels(browser: Browser) -> set[str]:
    return {one["id"] for one in browser.slices["channels"]}


def test_hello_tells_everything(tab: Open, client: WebClient, workspace: Workspace) -> None:
    """The first frame has every slice of the protocol, and the messages of one's own channels in order."""
    first = client.chat_postMessage(channel=SALES, text="one")["ts"]
    client.chat_postMessage(channel=MARKETING, text="not for sales")
    second = client.chat_postMessage(channel=GENERAL, text="two")["ts"]
    browser = tab(SATO)
    hello = browser.heard[0]
    assert [(one["channel"], one["ts"]) for one in hello["messages"]] == [(SALES, first), (GENERAL, second)]
    slices = hello["slices"]
    assert set(slices) == {
        "team", "app", "me", "people", "channels", "views", "home", "read", "bot", "clock", "slack", "tour",
    }  # fmt: skip
    assert (slices["me"], slices["team"]) == (SATO, {"name": workspace.team.name})
    assert (slices["views"], slices["home"], slices["read"], slices["tour"]) == ([], None, {}, None)
    assert (slices["bot"], slices["slack"]) == ({"connected": False}, {"mood": "fine"})
    assert slices["clock"].keys() == {"now", "is_movable", "next_morning", "moving_to"}
    sato = next(one for one in slices["people"] if one["id"] == SATO)
    assert (sato["display_name"], sato["locale"], sato["is_guest"]) == ("Sato", "en-US", False)
    assert "email" not in sato
    assert "metadata" not in hello["messages"][0]


def test_who_knows_which_channel(tab: Open) -> None:
    """Members find public channels and their private ones; guests and strangers only those they are in."""
    assert channels(tab(SATO)) == {GENERAL, MARKETING, SALES, PARTNERS}
    assert PRIVATE in channels(tab(MORI))
    assert channels(tab(GUEST)) == {SALES}
    assert channels(tab(STRANGER)) == {PARTNERS}


@pytest.mark.parametrize("name", ["U0NOBODY", "", "U0BOT", "U0KIM"])
def test_nobody_to_be_is_the_first_person(tab: Open, workspace: Workspace, name: str) -> None:
    """An unknown person, a bot and a deactivated account are the first person there is instead."""
    workspace.change_user("U0KIM", deleted=True)
    assert tab(name).slices["me"] == TANAKA


def test_empty_workspace_has_no_page() -> None:
    """Where there is nobody to be, the socket closes and says so."""
    workspace = Workspace(Team("T1", "Empty", "empty"))
    workspace.users["U0BOT"] = User("U0BOT", "bot", "Bot", "T1", is_bot=True)
    with PlaygroundServer(workspace, page=PageOptions()) as server, pytest.raises(ConnectionClosed) as closed:
        Browser(server.url, "")
    assert closed.value.rcvd is not None
    assert (closed.value.rcvd.code, "nobody" in closed.value.rcvd.reason) == (4404, True)


def test_two_people_see_one_card_change(tab: Open, client: WebClient) -> None:
    """A card that comes, changes and goes does so in every tab of everybody in the channel."""
    tabs = [tab(SATO), tab(AOKI), tab(SATO)]
    outside = tab(TANAKA)

    def all_see(texts: list[str]) -> None:
        for one in tabs:
            one.until(partial(lambda one: one.texts(SALES) == texts, one))

    ts = client.chat_postMessage(channel=SALES, text="open")["ts"]
    all_see(["open"])
    client.chat_update(channel=SALES, ts=ts, text="claimed")
    all_see(["claimed"])
    client.chat_delete(channel=SALES, ts=ts)
    all_see([])
    client.chat_postMessage(channel=MARKETING, text="for Tanaka")
    outside.until(lambda: outside.texts(MARKETING))
    assert outside.texts(SALES) == []


def test_private_answers_stay_private(tab: Open, client: WebClient, workspace: Workspace) -> None:
    """An ephemeral message reaches its person alone, and goes when it is forgotten."""
    sato, aoki = tab(SATO), tab(AOKI)
    client.chat_postEphemeral(channel=SALES, user=SATO, text="for Sato")
    client.chat_postMessage(channel=SALES, text="for all")
    sato.until(lambda: sato.texts(SALES) == ["for Sato", "for all"])
    aoki.until(lambda: aoki.texts(SALES) == ["for all"])
    assert {one.get("only_for") for one in sato.messages.values()} == {SATO, None}
    workspace.messages.forget_private(AOKI)
    workspace.messages.forget_private()
    sato.until(lambda: sato.texts(SALES) == ["for all"])
    assert all(len(frame.get("messages", [])) == 0 for frame in aoki.heard if frame["kind"] == "hello")
    assert [frame for frame in aoki.heard if "for Sato" in json.dumps(frame)] == []


def test_coming_and_going(tab: Open, client: WebClient, sato: Person) -> None:
    """Who joins a channel sees what stood there before; who leaves it sees it no more."""
    client.chat_postMessage(channel=MARKETING, text="plans")
    browser = tab(SATO)
    sato.join(MARKETING)
    browser.until(lambda: browser.texts(MARKETING) == ["plans"])
    sato.leave(MARKETING)
    browser.until(lambda: browser.texts(MARKETING) == [])


def test_replies_count_on_their_parent(tab: Open, client: WebClient) -> None:
    """A parent tells how many replies it has, also when one is deleted."""
    browser = tab(SATO)
    ts = client.chat_postMessage(channel=SALES, text="parent")["ts"]
    reply = client.chat_postMessage(channel=SALES, text="reply", thread_ts=ts)["ts"]
    browser.until(lambda: browser.messages.get((SALES, ts), {}).get("reply_count") == 1 and len(browser.messages) == 2)
    assert browser.messages[SALES, ts]["latest_reply"] == reply
    assert browser.messages[SALES, reply]["thread_ts"] == ts
    client.chat_delete(channel=SALES, ts=reply)
    browser.until(lambda: "reply_count" not in browser.messages[SALES, ts])


def test_whether_the_app_listens(tab: Open, server: PlaygroundServer, over_socket: Any) -> None:
    """The page is told when the app's connection comes and goes."""
    browser = tab(SATO)
    assert browser.slices["bot"] == {"connected": True}
    over_socket.client.auto_reconnect_enabled = False
    server.links.close()
    browser.until(lambda: browser.slices["bot"] == {"connected": False})


def test_app_over_http_listens_too(tab: Open, over_http: Any) -> None:
    """An app behind a request URL counts as one that listens."""
    assert tab(SATO).slices["bot"] == {"connected": True}


def test_people_change(tab: Open, workspace: Workspace) -> None:
    """New and deactivated accounts show at once, and a deactivated person acts no more."""
    browser = tab(SATO)
    workspace.add_user("new", id="U0NEW")
    workspace.change_user(SATO, deleted=True)
    browser.until(lambda: {"U0NEW"} <= {one["id"] for one in browser.slices["people"]})
    refused = browser.act("say", channel=SALES, text="x")
    assert (refused["ok"], refused["error"]) == (False, "account_inactive")


def test_tab_that_lags_sees_the_end(tab: Open, client: WebClient) -> None:
    """A tab that has not read for a thousand changes is told the last state, and others never waited."""
    slow, quick = tab(SATO, max_queue=1), tab(AOKI)
    ts = client.chat_postMessage(channel=SALES, text="0")["ts"]
    slow.socket.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    text = "x" * 3000
    for number in range(1, 301):
        client.chat_update(channel=SALES, ts=ts, text=f"{number} {text}")
    quick.until(lambda: quick.texts(SALES) == [f"300 {text}"])
    slow.until(lambda: slow.texts(SALES) == [f"300 {text}"])


BAD_FRAMES: dict[str, str | bytes] = {
    "no JSON": "{",
    "no object": "[1]",
    "a number": "17",
    "bytes": b"\xff\xfe",
    "too deep": "[" * 100_000,
    "half a character": '{"act":"say","channel":"C0SALES","text":"\\ud800"}',
    "no number at all": '{"act":"say","channel":"C0SALES","text":"x","more":NaN}',
    "no act": "{}",
    "an unknown act": '{"act":"fly"}',
    "an act that is no word": '{"act":{}}',
    "a missing field": '{"act":"command","channel":"C0SALES"}',
    "a wrong type": '{"act":"say","channel":"C0SALES","text":"x","files":"F1"}',
    "a flag that is none": '{"act":"watch_calls","on":"yes"}',
    "nowhere": '{"act":"operate","where":[],"block_id":"","action_id":"","value":null,"values":{}}',
}


@pytest.mark.parametrize("name", BAD_FRAMES)
def test_bad_frames_are_answered(tab: Open, name: str) -> None:
    """A frame that makes no sense is answered with a sentence, and the socket stays up."""
    browser = tab(SATO)
    answer = browser.raw(BAD_FRAMES[name])
    assert (answer["ok"], answer["error"]) == (False, "bad_request")
    assert answer["say"].startswith("The page sent something")
    assert browser.act("watch_calls", on=False) == {"ok": True}


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
names = st.sampled_from(
    ["channel", "ts", "text", "line", "where", "view", "values", "value", "block_id", "action_id", "on", "name", "to"]
)
KINDS = [*(kind for kind in VALUE_KEYS if "input" not in kind), "overflow", "button"]
CARD = [
    {"type": "actions", "block_id": kind, "elements": [{"type": kind, "action_id": "v", "options": OPTIONS}]}
    for kind in KINDS
]
PARTS = {"options": OPTIONS, "is_decimal_allowed": False}
FORM = [
    {
        "type": "input",
        "block_id": kind,
        "label": OPTIONS[0]["text"],
        "element": {"type": kind, "action_id": "v", **PARTS},
    }
    for kind in VALUE_KEYS
]
held = (
    st.sampled_from(["a", {"value": "a"}, ["a"], "2026-01-31", "09:05", 1769785200, SATO, [SATO], "F1"]) | json_values
)
entries = st.builds(
    lambda kind, value: {"type": kind, VALUE_KEYS[kind]: value}, st.sampled_from(sorted(VALUE_KEYS)), held
)
values = st.dictionaries(
    st.sampled_from(sorted(VALUE_KEYS)), st.fixed_dictionaries({"v": held | entries}) | json_values
)
fields = st.dictionaries(names, json_values | st.just(SALES) | st.fixed_dictionaries({"channel": st.just(SALES)}))
frames = json_values | st.builds(lambda act, body: {**body, "act": act}, st.sampled_from(sorted(ACTS)), fields)


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(frame=frames)
def test_no_json_ends_a_socket(server: PlaygroundServer, frame: Any) -> None:
    """Whatever a page sends, it gets an answer, and never a fault of the server's own."""
    server.workspace.timing.ack_seconds = 0.05
    browser = Browser(server.url, SATO)
    try:
        if isinstance(frame, dict):
            frame = {**frame, "id": 7}
            browser.socket.send(json.dumps(frame))
            answer = browser.answer_to(7)
        else:
            answer = browser.raw(json.dumps(frame))
        assert answer["ok"] or (answer["say"] and answer["error"] != "internal")
    finally:
        browser.close()


@pytest.fixture
def where(workspace: Workspace) -> dict[str, str]:
    """Where a card stands with every element that a message can have."""
    card = workspace.messages.post(workspace.channel(SALES), workspace.bot.id, "x", CARD)
    return {"channel": SALES, "ts": card.ts}


@settings(deadline=None, max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(kind=st.sampled_from(KINDS), value=held | entries, values=values | json_values, fits=st.booleans())
def test_no_value_is_a_fault(
    server: PlaygroundServer, where: dict[str, str], kind: str, value: Any, values: Any, fits: bool
) -> None:
    """Whatever a page says that elements hold, it is sent on or refused in words, and can be shown again."""
    form = server.workspace.views.open(SATO, {"type": "modal", "blocks": FORM, "submit": OPTIONS[0]["text"]})
    browser = Browser(server.url, SATO)
    try:
        operated = browser.act("operate", where=where, block_id=kind, action_id="v", value=value, values=values)
        submitted = browser.act("submit", view=form.id, values=values if fits else {kind: {"v": value}})
        for answer in (operated, submitted):
            assert answer["ok"] or answer.get("errors") or (answer["say"] and answer["error"] != "internal")
    finally:
        browser.close()


def test_bad_frame_is_answered_by_its_number(tab: Open) -> None:
    """A page that can be told which of its acts made no sense is told so."""
    browser = tab(SATO)
    browser.socket.send('{"id": 12, "act": "say", "channel": "C0SALES", "text": "\\udfff", "more": Infinity}')
    assert browser.answer_to(12)["error"] == "bad_request"


@pytest.mark.parametrize("origin", ["https://evil.example", "http://127.0.0.1:1", "null"])
def test_foreign_pages_get_no_socket(server: PlaygroundServer, origin: str) -> None:
    """A page from elsewhere cannot open the socket."""
    with pytest.raises(InvalidStatus):
        Browser(server.url, SATO, origin=origin)


def test_own_page_gets_a_socket(server: PlaygroundServer, tab: Open) -> None:
    """The page itself, whose origin is the server's, can."""
    assert tab(SATO, origin=server.url).slices["me"] == SATO


def test_server_stops_with_tabs_open(page: PageOptions) -> None:
    """Tabs that are open do not keep the server up, nor does an act that waits for the app."""
    with PlaygroundServer(page=page) as server:
        browser = Browser(server.url, SATO)
        browser.send("command", channel=SALES, line="/lead help")
    with pytest.raises(ConnectionClosed):
        browser.until(lambda: False)
    browser.close()
