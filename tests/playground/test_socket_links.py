"""Socket Mode as slack_sdk's built-in client meets it: envelopes, several connections, reconnects, silence."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from slack_sdk import WebClient
from slack_sdk.socket_mode.builtin import SocketModeClient
from slack_sdk.socket_mode.client import BaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from playground import Person, PlaygroundServer
from playground.seed import SALES

Json = dict[str, Any]


def wait_until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not true():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.005)


@pytest.fixture
def ticket(server: PlaygroundServer) -> str:
    app_token = server.workspace.installation.app_token
    return str(WebClient(base_url=server.api_url).apps_connections_open(app_token=app_token)["url"])


@pytest.fixture
def raw(ticket: str) -> Iterator[Any]:
    """A bare WebSocket, past the hello."""
    with connect(ticket, close_timeout=0.1) as socket:
        assert json.loads(socket.recv())["type"] == "hello"
        yield socket


def test_hello_and_ticket(server: PlaygroundServer, ticket: str) -> None:
    """A ticket opens one connection, which starts with hello."""
    with connect(ticket) as socket:
        hello = json.loads(socket.recv())
        assert (hello["type"], hello["num_connections"]) == ("hello", 1)
        assert hello["connection_info"]["app_id"] == server.workspace.installation.app_id
        with pytest.raises(InvalidStatus):
            connect(ticket)


def test_envelopes_have_slacks_shape(raw: Any, server: PlaygroundServer, sato: Person) -> None:
    """Commands take a payload in the ack; events do not, and count their attempts."""
    server.workspace.timing.ack_seconds = 0.05
    sato.command(SALES, "/lead help")
    envelope = json.loads(raw.recv(timeout=30))
    assert (envelope["type"], envelope["accepts_response_payload"]) == ("slash_commands", True)
    assert envelope["payload"]["text"] == "help"
    said = sato.say(SALES, "x")
    sato.react(said, "eyes")
    first, second = (json.loads(raw.recv(timeout=30)) for _ in range(2))
    assert (first["type"], first["accepts_response_payload"]) == ("events_api", False)
    assert [e["retry_attempt"] for e in (first, second)] == [0, 1]
    assert second["retry_reason"] == "timeout"
    assert first["payload"]["event_id"] == second["payload"]["event_id"]
    assert first["envelope_id"] != second["envelope_id"]


def test_same_envelope_again(raw: Any, server: PlaygroundServer, sato: Person) -> None:
    """Slack may send one envelope twice, with no sign of a retry."""
    server.workspace.timing.event_retry_delays = ()
    server.workspace.timing.ack_seconds = 0.05
    server.workspace.faults.send_twice("events_api")
    sato.react(sato.say(SALES, "x"), "eyes")
    first, second = (json.loads(raw.recv(timeout=30)) for _ in range(2))
    assert first == second


def test_pings_are_answered(raw: Any) -> None:
    """A ping gets its pong."""
    assert raw.ping("now").wait(30)


def test_silence(raw: Any, server: PlaygroundServer, sato: Person) -> None:
    """A silent connection stays open, delivers nothing and answers no ping."""
    server.workspace.timing.ack_seconds = 0.05
    server.links.go_silent()
    assert not raw.ping("now").wait(0.1)
    assert sato.command(SALES, "/lead help").error == "operation_timeout"
    with pytest.raises(TimeoutError):
        raw.recv(timeout=0.05)
    assert len(server.links) == 1


def test_every_envelope_goes_to_one_connection(server: PlaygroundServer, client: WebClient, sato: Person) -> None:
    """Of two connections each gets every other envelope."""
    got: list[tuple[int, str]] = []
    clients = [_client(server, client, number, got) for number in range(2)]
    assert server.links.wait(2)
    for n in range(6):
        assert sato.command(SALES, f"/lead {n}").ok
    assert sorted(text for _, text in got) == ["0", "1", "2", "3", "4", "5"]
    assert [number for number, _ in got].count(0) == 3
    for one in clients:
        _close(one, server)


def _client(server: PlaygroundServer, client: WebClient, number: int, got: list[tuple[int, str]]) -> SocketModeClient:
    def listen(socket: BaseSocketModeClient, request: SocketModeRequest) -> None:
        got.append((number, request.payload["text"]))
        socket.send_socket_mode_response(SocketModeResponse(envelope_id=request.envelope_id))

    socket = SocketModeClient(server.workspace.installation.app_token, web_client=client, ping_interval=0.1)
    socket.socket_mode_request_listeners.append(listen)
    socket.connect()
    return socket


def _close(socket: SocketModeClient, server: PlaygroundServer) -> None:
    socket.auto_reconnect_enabled = False
    server.links.close()
    wait_until(lambda: not socket.is_connected())
    socket.closed = True
    socket.enqueue_message("")
    socket.close()


def test_client_reconnects_when_asked(over_socket: Any, server: PlaygroundServer, sato: Person, heard: Any) -> None:
    """After `disconnect` the client opens a new connection, and work goes on."""
    server.links.ask_to_reconnect()
    wait_until(lambda: server.links.opened >= 2)
    # The client may answer both the message and the close with a new connection: some are short-lived.
    server.workspace.timing.ack_seconds = 0.3
    wait_until(lambda: sato.command(SALES, "/lead help").ok)


def test_client_reconnects_when_cut(over_socket: Any, server: PlaygroundServer, sato: Person) -> None:
    """A connection that is cut comes back by itself."""
    server.links.cut()
    wait_until(lambda: server.links.opened >= 2)
    server.workspace.timing.ack_seconds = 0.3
    wait_until(lambda: sato.command(SALES, "/lead help").ok)


def test_warning_changes_nothing(raw: Any, server: PlaygroundServer) -> None:
    """A warning announces the end of a connection that still lives."""
    server.links.ask_to_reconnect("warning")
    message = json.loads(raw.recv(timeout=30))
    assert (message["type"], message["reason"]) == ("disconnect", "warning")
    assert len(server.links) == 1


def test_connection_lost_before_the_ack(raw: Any, server: PlaygroundServer, sato: Person) -> None:
    """When the connection goes before the ack, the person is told at once."""
    threading.Timer(0.05, server.links.cut).start()
    assert sato.command(SALES, "/lead help").error == "dispatch_failed"


def test_nonsense_from_the_app_is_ignored(raw: Any, server: PlaygroundServer) -> None:
    """What is no ack does no harm."""
    for message in ("", "[]", "{}", "not json", '{"envelope_id": "unknown"}'):
        raw.send(message)
    assert raw.ping("still there").wait(2)
