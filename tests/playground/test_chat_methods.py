"""chat.*, through slack_sdk's WebClient."""

from collections.abc import Callable
from typing import Any

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from playground import Person, PlaygroundServer, Workspace
from playground.seed import GENERAL, GUEST, MARKETING, PRIVATE, SALES, SATO, TANAKA

SECTION = {"type": "section", "text": {"type": "mrkdwn", "text": "hello"}}


def error_of(call: Callable[[], object]) -> str:
    with pytest.raises(SlackApiError) as refused:
        call()
    return str(refused.value.response["error"])


def test_post_is_seen_by_members(client: WebClient, sato: Person) -> None:
    """A post gives channel, ts and the message, and stands in the channel."""
    answer = client.chat_postMessage(channel=SALES, text="hello", blocks=[SECTION])
    assert answer["channel"] == SALES
    assert answer["message"]["bot_id"]
    assert sato.sees(SALES)[-1].ts == answer["ts"]


def test_channel_may_be_named(client: WebClient, sato: Person) -> None:
    """A channel goes by #name as well as by id."""
    client.chat_postMessage(channel="#sales-handoffs", text="hello")
    assert sato.sees(SALES)[-1].text == "hello"


def test_post_to_a_person_opens_direct_messages(client: WebClient, sato: Person) -> None:
    """A user id as channel stands for the direct messages with that person."""
    answer = client.chat_postMessage(channel=SATO, text="psst")
    assert answer["channel"].startswith("D")
    assert [message.text for message in sato.dms()] == ["psst"]


def test_blocks_get_ids(client: WebClient) -> None:
    """Slack gives a block_id to every block and an action_id to every element that has none."""
    button = {"type": "button", "text": {"type": "plain_text", "text": "Go"}}
    blocks: list[dict[str, Any]] = [SECTION, {"type": "actions", "elements": [button]}]
    posted = client.chat_postMessage(channel=SALES, text="x", blocks=blocks)["message"]["blocks"]
    assert posted[0]["block_id"] != posted[1]["block_id"]
    assert posted[1]["elements"][0]["action_id"]


def test_timestamps_are_unique_and_increase(client: WebClient, workspace: Workspace) -> None:
    """Timestamps grow even when the clock stands still."""
    frozen = workspace.now()
    workspace.clock = lambda: frozen
    stamps = [client.chat_postMessage(channel=c, text="x")["ts"] for c in (SALES, GENERAL, SALES)]
    assert stamps == sorted(set(stamps))


def test_reply_stands_in_its_thread(client: WebClient) -> None:
    """A reply is in conversations.replies but not in the channel's history; a broadcast is in both."""
    parent = client.chat_postMessage(channel=SALES, text="parent")["ts"]
    client.chat_postMessage(channel=SALES, text="reply", thread_ts=parent)
    client.chat_postMessage(channel=SALES, text="loud", thread_ts=parent, reply_broadcast=True)
    replies = client.conversations_replies(channel=SALES, ts=parent)["messages"]
    history = client.conversations_history(channel=SALES)["messages"]
    assert [m["text"] for m in replies] == ["parent", "reply", "loud"]
    assert [m["text"] for m in history] == ["loud", "parent"]
    assert history[1]["reply_count"] == 2


def test_metadata_is_given_back_on_request_only(client: WebClient) -> None:
    """Metadata is kept, and shown with include_all_metadata."""
    metadata = {"event_type": "delivery", "event_payload": {"id": "1"}}
    client.chat_postMessage(channel=SALES, text="x", metadata=metadata)
    assert "metadata" not in client.conversations_history(channel=SALES)["messages"][0]
    shown = client.conversations_history(channel=SALES, include_all_metadata=True)["messages"][0]
    assert shown["metadata"] == metadata


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"channel": "C0NOWHERE", "text": "x"}, "channel_not_found"),
        ({"channel": PRIVATE, "text": "x"}, "channel_not_found"),
        ({"channel": SALES}, "no_text"),
        ({"channel": SALES, "text": "x" * 40_001}, "msg_too_long"),
        ({"channel": SALES, "text": "x", "blocks": "[{"}, "invalid_blocks_format"),
        ({"channel": SALES, "text": "x", "blocks": [{"type": "nonsense"}]}, "invalid_blocks"),
        ({"channel": SALES, "text": "x", "thread_ts": "1.000000"}, "thread_not_found"),
        ({"channel": SALES, "text": "x", "metadata": {"event_type": "a"}}, "invalid_metadata_format"),
        (
            {"channel": SALES, "text": "x", "metadata": {"event_type": "a", "event_payload": {"x": "y" * 8000}}},
            "metadata_too_large",
        ),
        (
            {"channel": SALES, "text": "x", "blocks": [SECTION | {"text": {"type": "mrkdwn", "text": "x" * 3000}}] * 5},
            "msg_blocks_too_long",
        ),
    ],
)
def test_post_is_refused(client: WebClient, arguments: dict[str, object], error: str) -> None:
    """What Slack refuses is refused with Slack's code."""
    assert error_of(lambda: client.api_call("chat.postMessage", json=arguments)) == error


def test_blocks_as_a_whole_at_and_over_the_limit(client: WebClient) -> None:
    """13,200 characters of blocks pass, one more does not, and updates are held to the same."""
    full: list[dict[str, Any]] = [SECTION | {"text": {"type": "mrkdwn", "text": "x" * 2640}} for _ in range(5)]
    ts = client.chat_postMessage(channel=SALES, text="x", blocks=full)["ts"]
    over: list[dict[str, Any]] = [*full, {"type": "context", "elements": [{"type": "plain_text", "text": "x"}]}]
    assert error_of(lambda: client.chat_postMessage(channel=SALES, text="x", blocks=over)) == "msg_blocks_too_long"
    assert error_of(lambda: client.chat_update(channel=SALES, ts=ts, text="x", blocks=over)) == "msg_blocks_too_long"


def test_refused_blocks_say_where(client: WebClient) -> None:
    """invalid_blocks carries what is wrong and a pointer to it."""
    long = {"type": "header", "text": {"type": "plain_text", "text": "x" * 151}}
    with pytest.raises(SlackApiError) as refused:
        client.chat_postMessage(channel=SALES, text="x", blocks=[long])
    said = refused.value.response["response_metadata"]["messages"]
    assert said == ["[ERROR] must be less than 151 characters [json-pointer:/blocks/0/text/text]"]


def test_post_needs_membership(client: WebClient, workspace: Workspace) -> None:
    """A public channel without the bot is not_in_channel, until chat:write.public is granted."""
    workspace.leave(GENERAL, workspace.bot.id)
    assert error_of(lambda: client.chat_postMessage(channel=GENERAL, text="x")) == "not_in_channel"
    workspace.installation.scopes |= {"chat:write.public"}
    assert client.chat_postMessage(channel=GENERAL, text="x")["ok"]


def test_archived_channel_takes_no_posts(client: WebClient, workspace: Workspace) -> None:
    """An archived channel answers is_archived."""
    workspace.change_channel(GENERAL, is_archived=True)
    assert error_of(lambda: client.chat_postMessage(channel=GENERAL, text="x")) == "is_archived"


def test_deactivated_person_gets_no_posts(client: WebClient, workspace: Workspace) -> None:
    """Direct messages to a deactivated account are refused."""
    channel = client.chat_postMessage(channel=SATO, text="x")["channel"]
    workspace.change_user(SATO, deleted=True)
    assert error_of(lambda: client.chat_postMessage(channel=channel, text="x")) == "channel_not_found"
    assert error_of(lambda: client.chat_postMessage(channel=SATO, text="x")) == "channel_not_found"


def test_update_replaces_what_is_given(client: WebClient, sato: Person) -> None:
    """Blocks not given stay, an empty list removes them, and the message is marked as edited."""
    ts = client.chat_postMessage(channel=SALES, text="a", blocks=[SECTION])["ts"]
    client.chat_update(channel=SALES, ts=ts, text="b")
    assert (sato.sees(SALES)[0].text, len(sato.sees(SALES)[0].blocks)) == ("b", 1)
    answer = client.chat_update(channel=SALES, ts=ts, text="c", blocks=[])
    assert not sato.sees(SALES)[0].blocks
    assert answer["message"]["edited"]["user"]


def test_update_is_refused(client: WebClient, workspace: Workspace, sato: Person) -> None:
    """Only the bot's own messages that exist can be changed, and not into nothing or nonsense."""
    ts = client.chat_postMessage(channel=SALES, text="a")["ts"]
    said = sato.say(SALES, "mine")
    assert error_of(lambda: client.chat_update(channel=SALES, ts="1.0", text="b")) == "message_not_found"
    assert error_of(lambda: client.chat_update(channel=SALES, ts=said.ts, text="b")) == "cant_update_message"
    empty = {"channel": SALES, "ts": ts, "text": ""}
    assert error_of(lambda: client.api_call("chat.update", json=empty)) == "no_text"
    bad = [{"type": "nonsense"}]
    assert error_of(lambda: client.chat_update(channel=SALES, ts=ts, text="b", blocks=bad)) == "invalid_blocks"
    workspace.change_channel(SALES, is_archived=True)
    assert error_of(lambda: client.chat_update(channel=SALES, ts=ts, text="b")) == "is_archived"


def test_delete(client: WebClient, sato: Person) -> None:
    """The bot deletes its own messages and nobody else's."""
    ts = client.chat_postMessage(channel=SALES, text="a")["ts"]
    said = sato.say(SALES, "mine")
    client.chat_delete(channel=SALES, ts=ts)
    assert [message.text for message in sato.sees(SALES)] == ["mine"]
    assert error_of(lambda: client.chat_delete(channel=SALES, ts=ts)) == "message_not_found"
    assert error_of(lambda: client.chat_delete(channel=SALES, ts=said.ts)) == "cant_delete_message"


def test_ephemeral_is_for_one(client: WebClient, sato: Person, aoki: Person) -> None:
    """A private answer is seen by one person, is not in the history, and cannot be updated."""
    ts = client.chat_postEphemeral(channel=SALES, user=SATO, text="only you")["message_ts"]
    assert [message.text for message in sato.private_answers(SALES)] == ["only you"]
    assert not aoki.sees(SALES)
    assert not client.conversations_history(channel=SALES)["messages"]
    assert error_of(lambda: client.chat_update(channel=SALES, ts=ts, text="b")) == "message_not_found"


def test_ephemeral_is_refused(client: WebClient) -> None:
    """The person must exist and be in the channel."""
    assert error_of(lambda: client.chat_postEphemeral(channel=SALES, user="U9", text="x")) == "user_not_found"
    assert error_of(lambda: client.chat_postEphemeral(channel=SALES, user=TANAKA, text="x")) == "user_not_in_channel"
    empty = {"channel": SALES, "user": GUEST}
    assert error_of(lambda: client.api_call("chat.postEphemeral", json=empty)) == "no_text"


def test_permalink(client: WebClient) -> None:
    """A permalink names team, channel and message, and the thread of a reply."""
    parent = client.chat_postMessage(channel=SALES, text="a")["ts"]
    reply = client.chat_postMessage(channel=SALES, text="b", thread_ts=parent)["ts"]
    link = client.chat_getPermalink(channel=SALES, message_ts=parent)["permalink"]
    assert link == f"https://playground.slack.com/archives/{SALES}/p{parent.replace('.', '')}"
    assert f"thread_ts={parent}" in client.chat_getPermalink(channel=SALES, message_ts=reply)["permalink"]


def test_posts_are_paced(client: WebClient, server: PlaygroundServer) -> None:
    """A short burst passes; then a channel answers 429 with Retry-After while others still take posts."""
    server.workspace.timing.rate_limits = True
    for _ in range(server.workspace.timing.post_burst):
        client.chat_postMessage(channel=SALES, text="x")
    with pytest.raises(SlackApiError) as refused:
        client.chat_postMessage(channel=SALES, text="x")
    assert refused.value.response.status_code == 429
    assert refused.value.response["error"] == "ratelimited"
    assert int(refused.value.response.headers["Retry-After"]) == 1
    assert client.chat_postMessage(channel=MARKETING, text="x")["ok"]
