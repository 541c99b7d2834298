"""Slash commands over both ways to the app: what arrives, what the person sees, three seconds, response URLs."""

import time
from datetime import timedelta
from typing import Any

import httpx
import pytest

from playground import PeopleError, Person, PlaygroundServer, Workspace
from playground.seed import GENERAL, MARKETING, SALES, SATO

SECTION = {"type": "section", "text": {"type": "mrkdwn", "text": "hello"}}


def test_command_arrives_whole(app: Any, sato: Person, heard: Any) -> None:
    """The app gets the command's text, who typed it and where, a trigger and a response URL."""
    result = sato.command(SALES, "/lead add 中村 & Söhne,  a@b.example ")
    body = heard.last("command")
    assert result.ok
    assert (body["command"], body["text"]) == ("/lead", "add 中村 & Söhne,  a@b.example")
    assert (body["user_id"], body["channel_id"], body["team_id"]) == (SATO, SALES, "T0PLAY")
    assert body["response_url"].startswith("http://127.0.0.1")
    assert body["trigger_id"]


def test_text_in_the_ack_is_private(app: Any, sato: Person, aoki: Person, heard: Any) -> None:
    """Text in the ack is shown to the one who typed."""
    heard.answers["command"] = "hello"
    assert sato.command(SALES, "/lead help").text == "hello"
    assert [m.text for m in sato.private_answers(SALES)] == ["hello"]
    assert not aoki.sees(SALES)


def test_ack_may_be_for_the_channel(app: Any, sato: Person, aoki: Person, heard: Any) -> None:
    """response_type in_channel shows the answer, blocks and all, to everybody."""
    heard.answers["command"] = {"text": "hello", "blocks": [SECTION], "response_type": "in_channel"}
    result = sato.command(SALES, "/lead help")
    assert result.message == aoki.sees(SALES)[-1]
    assert result.message.blocks[0]["block_id"]


def test_empty_ack_shows_nothing(app: Any, sato: Person) -> None:
    """An ack without a body is success without a message."""
    result = sato.command(SALES, "/lead help")
    assert (result.ok, result.message) == (True, None)
    assert not sato.sees(SALES)


def test_no_ack_in_time_is_shown(app: Any, workspace: Workspace, sato: Person, heard: Any) -> None:
    """Without an ack in three seconds the person reads operation_timeout, and nothing is sent again."""
    workspace.timing.ack_seconds = 0.1
    heard.answers["command"] = lambda _body: time.sleep(0.2)
    result = sato.command(SALES, "/lead slow")
    assert result.error == "operation_timeout"
    assert "operation_timeout" in sato.private_answers(SALES)[-1].text
    time.sleep(0.3)
    assert len(heard.of("command")) == 1


def test_bad_ack_is_shown(app: Any, sato: Person, heard: Any) -> None:
    """Blocks that Slack refuses reach nobody."""
    heard.answers["command"] = {"text": "x", "blocks": [{"type": "nonsense"}]}
    assert sato.command(SALES, "/lead help").error == "invalid_blocks"


def test_no_app_is_dispatch_failed(server: PlaygroundServer, sato: Person) -> None:
    """Without an app the person reads dispatch_failed."""
    assert sato.command(SALES, "/lead help").error == "dispatch_failed"
    server.workspace.installation.request_url = "http://127.0.0.1:9/slack/events"
    assert sato.command(SALES, "/lead help").error == "dispatch_failed"


def test_client_knows_its_channels_and_commands(workspace: Workspace, sato: Person) -> None:
    """People type where they are members, and only commands that are registered."""
    with pytest.raises(PeopleError):
        sato.command(MARKETING, "/lead help")
    workspace.installation.commands = frozenset({"/lead"})
    with pytest.raises(PeopleError):
        sato.command(SALES, "/other")


def test_direct_message_command(over_http: Any, workspace: Workspace, sato: Person, heard: Any) -> None:
    """In direct messages the channel is called directmessage."""
    sato.command(workspace.open_im(SATO).id, "/lead help")
    assert heard.last("command")["channel_name"] == "directmessage"


def answer_later(sato: Person, heard: Any, **body: Any) -> httpx.Response:
    return httpx.post(heard.last("command")["response_url"], json=body)


def test_response_url_answers_later(over_http: Any, sato: Person, aoki: Person, heard: Any) -> None:
    """A response URL shows private answers, or public ones when asked."""
    sato.command(SALES, "/lead help")
    assert answer_later(sato, heard, text="private").status_code == 200
    assert answer_later(sato, heard, text="public", response_type="in_channel").json() == {"ok": True}
    assert [m.text for m in sato.sees(SALES)] == ["private", "public"]
    assert [m.text for m in aoki.sees(SALES)] == ["public"]


def test_response_url_replaces_and_deletes(over_http: Any, sato: Person, heard: Any) -> None:
    """The answer in the ack can be replaced, then deleted."""
    heard.answers["command"] = "working"
    sato.command(SALES, "/lead help")
    answer_later(sato, heard, text="done", replace_original=True)
    assert [m.text for m in sato.sees(SALES)] == ["done"]
    answer_later(sato, heard, delete_original=True)
    assert not sato.sees(SALES)


def test_response_url_five_times(over_http: Any, sato: Person, heard: Any) -> None:
    """The sixth use is 404 used_url."""
    sato.command(SALES, "/lead help")
    assert [answer_later(sato, heard, text="x").status_code for _ in range(5)] == [200] * 5
    sixth = answer_later(sato, heard, text="x")
    assert (sixth.status_code, sixth.json()["error"]) == (404, "used_url")


def test_response_url_thirty_minutes(over_http: Any, workspace: Workspace, sato: Person, heard: Any) -> None:
    """After thirty minutes of the workspace's clock it is 404 expired_url."""
    sato.command(SALES, "/lead help")
    real = workspace.clock
    workspace.clock = lambda: real() + timedelta(minutes=29)
    assert answer_later(sato, heard, text="x").status_code == 200
    workspace.clock = lambda: real() + timedelta(minutes=31)
    late = answer_later(sato, heard, text="x")
    assert (late.status_code, late.json()["error"]) == (404, "expired_url")


def test_response_url_refuses_nonsense(over_http: Any, sato: Person, heard: Any) -> None:
    """Bad blocks and empty answers are refused."""
    sato.command(GENERAL, "/lead help")
    assert answer_later(sato, heard, blocks=[{"type": "nonsense"}]).json()["error"] == "invalid_blocks"
    assert answer_later(sato, heard).json()["error"] == "no_text"
    unknown = heard.last("command")["response_url"][:-4] + "0000"
    assert httpx.post(unknown, json={"text": "x"}).status_code == 404


def test_command_can_be_lost_or_late(over_http: Any, workspace: Workspace, sato: Person, heard: Any) -> None:
    """Planned mishaps lose, delay or double a command on its way."""
    workspace.faults.lose("slash_commands")
    assert sato.command(SALES, "/lead help").error == "operation_timeout"
    assert not heard.of("command")
    workspace.faults.send_twice("slash_commands")
    assert sato.command(SALES, "/lead help").ok
    assert len(heard.of("command")) == 2
    workspace.faults.delay("slash_commands", 0.05)
    started = time.monotonic()
    assert sato.command(SALES, "/lead help").ok
    assert time.monotonic() - started >= 0.05
