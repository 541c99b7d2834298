"""Events: what the app hears of what happens, and how Slack tries again."""

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from slack_sdk import WebClient

from playground import Person, PlaygroundServer, Workspace
from playground.seed import AOKI, GENERAL, GUEST, MARKETING, SALES, SATO

Json = dict[str, Any]


def events(heard: Any, kind: str) -> list[Json]:
    return [body["event"] for body in heard.of("event") if body["event"]["type"] == kind]


def wait_until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not true():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.005)


def test_reaction_is_heard(app: Any, client: WebClient, sato: Person, heard: Any) -> None:
    """A reaction names who, what and on which message, in an envelope with an event id."""
    ts = client.chat_postMessage(channel=SALES, text="card")["ts"]
    sato.react(sato.sees(SALES)[0], "raised_hand::skin-tone-3")
    body = heard.last("event")
    event = body["event"]
    assert (event["type"], event["user"], event["reaction"]) == ("reaction_added", SATO, "raised_hand::skin-tone-3")
    assert event["item"] == {"type": "message", "channel": SALES, "ts": ts}
    assert event["item_user"] == "U0BOT"
    assert body["event_id"].startswith("Ev")
    assert (body["team_id"], body["authorizations"][0]["user_id"]) == ("T0PLAY", "U0BOT")
    sato.unreact(sato.sees(SALES)[0], "raised_hand::skin-tone-3")
    assert heard.last("event")["event"]["type"] == "reaction_removed"


def test_bot_hears_where_it_is(over_http: Any, workspace: Workspace, sato: Person, heard: Any) -> None:
    """Nothing is heard of channels without the bot, nor of event types not subscribed to."""
    said = sato.say(GENERAL, "hello")
    workspace.leave(GENERAL, workspace.bot.id)
    sato.react(said, "eyes")
    workspace.join(GENERAL, workspace.bot.id)
    workspace.installation.events -= {"reaction_added"}
    sato.react(said, "tada")
    assert not events(heard, "reaction_added")


def test_members_come_and_go(over_http: Any, server: PlaygroundServer, workspace: Workspace, heard: Any) -> None:
    """Joining and leaving are heard, the bot's own too."""
    kim = server.person("kim")
    kim.join(SALES)
    kim.leave(SALES)
    assert [(e["user"], e["channel"]) for e in events(heard, "member_joined_channel")] == [("U0KIM", SALES)]
    assert [(e["user"], e["channel"]) for e in events(heard, "member_left_channel")] == [("U0KIM", SALES)]
    workspace.leave(MARKETING, workspace.bot.id)
    server.settle()
    assert events(heard, "member_left_channel")[-1]["user"] == "U0BOT"


def test_accounts_change(over_http: Any, server: PlaygroundServer, workspace: Workspace, heard: Any) -> None:
    """New, changed and deactivated accounts are heard."""
    new = workspace.add_user("new")
    server.settle()
    workspace.change_user(new.id, deleted=True)
    server.settle()
    assert events(heard, "team_join")[0]["user"]["id"] == new.id
    assert events(heard, "user_change")[0]["user"]["deleted"]


def test_channels_change(over_http: Any, server: PlaygroundServer, workspace: Workspace, heard: Any) -> None:
    """Archiving and renaming are heard."""
    workspace.change_channel(GENERAL, is_archived=True)
    workspace.change_channel(GENERAL, is_archived=False, name="all")
    server.settle()
    assert events(heard, "channel_archive")[0]["channel"] == GENERAL
    assert events(heard, "channel_rename")[0]["channel"]["name"] == "all"


def test_home_is_opened(over_http: Any, client: WebClient, sato: Person, heard: Any) -> None:
    """Opening Home is heard, with the view that stands there."""
    assert sato.open_home() is None
    client.views_publish(user_id=SATO, view={"type": "home", "blocks": [{"type": "divider"}]})
    assert sato.open_home() is not None
    first, second = events(heard, "app_home_opened")
    assert ("view" in first, second["view"]["type"], second["tab"]) == (False, "home", "home")


def test_messages_are_heard_when_asked_for(
    over_http: Any, server: PlaygroundServer, client: WebClient, sato: Person, heard: Any
) -> None:
    """With `message` among the events, what is said, changed and deleted is heard; text comes escaped."""
    sato.say(SALES, "unheard")
    server.workspace.installation.events |= {"message"}
    sato.say(SALES, "a < b & <@U0AOKI>")
    event = heard.last("event")["event"]
    assert (event["text"], event["channel_type"], event["user"]) == ("a &lt; b &amp; <@U0AOKI>", "channel", SATO)
    ts = client.chat_postMessage(channel=SALES, text="x")["ts"]
    client.chat_update(channel=SALES, ts=ts, text="y")
    client.chat_delete(channel=SALES, ts=ts)
    server.settle()
    subtypes = {e.get("subtype") for e in events(heard, "message")}
    assert subtypes == {None, "message_changed", "message_deleted"}


def test_function_is_asked_for(over_http: Any, server: PlaygroundServer, workspace: Workspace, heard: Any) -> None:
    """A workflow step names its function, its inputs and its execution."""
    execution_id = workspace.run_function("add_lead", {"name": "x"})
    server.settle()
    event = events(heard, "function_executed")[0]
    assert (event["function"]["callback_id"], event["inputs"]) == ("add_lead", {"name": "x"})
    assert event["function_execution_id"] == execution_id


def test_events_are_tried_four_times(over_http: Any, server: PlaygroundServer, sato: Person, heard: Any) -> None:
    """An event without success comes again at once, then after each delay, with one event id and the reason."""

    def refuse(_body: Json) -> None:
        raise RuntimeError

    said = sato.say(SALES, "x")
    heard.answers["event"] = refuse
    sato.react(said, "eyes")
    wait_until(lambda: len(heard.of("event")) == 4)
    server.settle()
    assert len({body["event_id"] for body in heard.of("event")}) == 1
    assert [h.get("x-slack-retry-num") for h in heard.headers] == [None, "1", "2", "3"]
    assert {h.get("x-slack-retry-reason") for h in heard.headers[1:]} == {"http_error"}
    delivery = server.dispatcher.deliveries[-1]
    assert (delivery.acked, len(delivery.replies)) == (False, 4)


def test_retry_that_succeeds_is_the_last(app: Any, server: PlaygroundServer, sato: Person, heard: Any) -> None:
    """Once an attempt is acked there is no other."""
    server.workspace.timing.ack_seconds = 0.2
    failures = [1]

    def refuse_once(_body: Json) -> None:
        if failures:
            failures.pop()
            raise RuntimeError

    said = sato.say(SALES, "x")
    heard.answers["event"] = refuse_once
    sato.react(said, "eyes")
    wait_until(lambda: server.dispatcher.deliveries[-1].acked)
    assert len(heard.of("event")) == 2
    assert heard.headers[1]["x-slack-retry-num"] == "1"


def test_slow_app_is_tried_again(over_http: Any, server: PlaygroundServer, sato: Person, heard: Any) -> None:
    """No answer in time counts as http_timeout."""
    server.workspace.timing.ack_seconds = 0.1
    server.workspace.timing.event_retry_delays = (0.0,)
    said = sato.say(SALES, "x")
    heard.answers["event"] = lambda _body: time.sleep(0.2)
    sato.react(said, "eyes")
    wait_until(lambda: len(heard.of("event")) == 2)
    assert heard.headers[1]["x-slack-retry-reason"] == "http_timeout"
    server.settle()


@pytest.mark.parametrize("mishap", ["twice", "retry_first", "lost", "late"])
def test_planned_mishaps(
    over_http: Any, server: PlaygroundServer, workspace: Workspace, sato: Person, heard: Any, mishap: str
) -> None:
    """Tests have an event sent twice, as a retry only, never, or late."""
    said = sato.say(SALES, "x")
    plan: dict[str, Callable[[], None]] = {
        "twice": lambda: workspace.faults.send_twice("events_api"),
        "retry_first": workspace.faults.retry_first,
        "lost": workspace.faults.lose,
        "late": lambda: workspace.faults.delay("events_api", 0.05),
    }
    plan[mishap]()
    started = time.monotonic()
    sato.react(said, "eyes", wait=False)
    server.settle()
    retries = [h.get("x-slack-retry-num") for h in heard.headers]
    expected: dict[str, list[str | None]] = {"twice": [None, None], "retry_first": ["1"], "lost": [], "late": [None]}
    assert retries == expected[mishap]
    if mishap == "late":
        assert time.monotonic() - started >= 0.05


def test_an_app_that_is_down_hears_later(
    bolt: Any, server: PlaygroundServer, sato: Person, heard: Any, request: pytest.FixtureRequest
) -> None:
    """An event that found no app arrives with a retry once there is one."""
    server.workspace.timing.event_retry_delays = (0.0, 0.2)
    sato.react(sato.say(SALES, "x"), "eyes")
    request.getfixturevalue("over_http")
    wait_until(lambda: len(heard.of("event")) == 1)
    assert heard.headers[0]["x-slack-retry-reason"] == "connection_failed"


def test_events_do_not_wait_for_each_other(over_http: Any, server: PlaygroundServer, heard: Any, sato: Person) -> None:
    """Five events whose answers wait for each other are all answered."""
    said = sato.say(SALES, "x")
    meeting = threading.Barrier(5)
    heard.answers["event"] = lambda _body: meeting.wait(60) and ""
    for name in "abcde":
        sato.react(said, name, wait=False)
    server.settle()
    assert len(heard.of("event")) == 5
    assert not meeting.broken


def test_guests_and_people_react_alike(over_http: Any, server: PlaygroundServer, heard: Any, aoki: Person) -> None:
    """A guest's reaction is an event like any other: rights are the app's business."""
    said = aoki.say(SALES, "x")
    server.person("guest").react(said, "eyes")
    assert events(heard, "reaction_added")[0]["user"] == GUEST
    assert said.user == AOKI
