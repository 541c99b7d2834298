"""Signed HTTP: what slack_bolt verifies, and requests that are not Slack's."""

import json
import time
from typing import Any

import httpx
import pytest

from playground import Person, PlaygroundServer
from playground.endpoint import sign
from playground.seed import SALES
from playground.serving import ServerThread

JSON = {"Content-Type": "application/json"}


def test_url_verification(over_http: Any, server: PlaygroundServer) -> None:
    """A request URL counts only if it gives the challenge back."""
    assert server.endpoint.verify()
    assert not server.deliver_to("http://127.0.0.1:9/")


def test_signature_is_slacks(over_http: Any, server: PlaygroundServer) -> None:
    """A body signed rightly is taken, one that was changed afterwards is not."""
    body = json.dumps({"type": "event_callback", "event": {"type": "x"}, "team_id": "T0PLAY"})
    assert server.send_raw(body, JSON).status == 200
    timestamp = str(int(time.time()))
    signature = sign(server.workspace.installation.signing_secret, timestamp, body)
    stale = {"X-Slack-Request-Timestamp": timestamp, "X-Slack-Signature": signature}
    assert server.send_raw(body + " ", JSON | stale).status == 401


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Slack-Signature": "v0=00"},
        {"X-Slack-Signature": ""},
        {"X-Slack-Request-Timestamp": str(int(time.time()) - 301)},
        {"X-Slack-Request-Timestamp": str(int(time.time()) + 3000)},
    ],
)
def test_wrong_signature_and_old_time(over_http: Any, sato: Person, heard: Any, headers: dict[str, str]) -> None:
    """A wrong signature or a time out of range is refused before any listener."""
    reply = sato.send("slash_commands", {"command": "/lead", "text": "x"}, headers=headers)
    assert reply.status == 401
    assert not heard.bodies


def test_raw_payload(over_http: Any, sato: Person, heard: Any) -> None:
    """Any payload can be sent with a right signature."""
    body = {"type": "block_actions", "actions": [{"type": "button", "action_id": "x", "block_id": "b"}]}
    assert sato.send("interactive", body | {"user": {"id": "U0EVIL"}, "team": {"id": "T9"}}).status == 200
    assert heard.last("action")["user"]["id"] == "U0EVIL"


def test_raw_payload_over_socket(over_socket: Any, sato: Person, heard: Any) -> None:
    """Over Socket Mode 200 stands for an ack."""
    assert sato.send("slash_commands", {"command": "/lead", "text": "x", "team_id": "T9"}).status == 200
    assert heard.last("command")["team_id"] == "T9"


def answering(status: int, body: str, content_type: str, **headers: str) -> Any:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        extra = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
        start = {"type": "http.response.start", "status": status}
        await send(start | {"headers": [(b"content-type", content_type.encode()), *extra]})
        await send({"type": "http.response.body", "body": body.encode()})

    return app


@pytest.mark.parametrize(
    ("status", "body", "content_type", "seen"),
    [
        (200, "plain words", "text/plain", "plain words"),
        (200, '{"text": "json"}', "application/json; charset=utf-8", "json"),
        (200, "", "text/plain", ""),
        (404, "nobody here", "text/plain", '/lead failed with the error "http_service_error"'),
        (302, "", "text/plain", '/lead failed with the error "http_service_error"'),
    ],
)
def test_answers_of_any_app(
    server: PlaygroundServer, sato: Person, status: int, body: str, content_type: str, seen: str
) -> None:
    """Plain text and JSON are shown, nothing shows nothing, and anything but 2xx is an error."""
    with ServerThread(answering(status, body, content_type)) as app:
        server.workspace.installation.request_url = app.url
        sato.command(SALES, "/lead help")
    assert [m.text for m in sato.sees(SALES)] == ([seen] if seen else [])


def test_no_retry_header_is_obeyed(server: PlaygroundServer, sato: Person) -> None:
    """x-slack-no-retry ends the retries of an event."""
    with ServerThread(answering(500, "", "text/plain", x_slack_no_retry="1")) as app:
        server.workspace.installation.request_url = app.url
        sato.react(sato.say(SALES, "x"), "eyes")
        server.settle()
    assert len(server.dispatcher.deliveries[-1].replies) == 1


@pytest.mark.parametrize(
    "headers",
    [{"Host": "evil.example"}, {"Origin": "https://evil.example"}, {"Host": "127.0.0.1.evil.example"}],
)
def test_only_this_machine(server: PlaygroundServer, headers: dict[str, str]) -> None:
    """A web page elsewhere cannot use the playground through somebody's browser."""
    assert httpx.post(f"{server.api_url}api.test", headers=headers).status_code == 403
    assert httpx.post(f"{server.api_url}api.test", headers={"Origin": server.url}).status_code == 200
