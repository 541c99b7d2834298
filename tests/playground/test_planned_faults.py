"""Faults: what slack_sdk's client sees of them, and whether the work was done."""

import http.client
import socket
import time
from collections.abc import Callable
from typing import Any
from urllib.error import URLError

import httpx
import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from playground import Person, PlaygroundServer, Workspace
from playground.seed import SALES, SATO

CUT = (URLError, http.client.RemoteDisconnected, ConnectionError)


def post(client: WebClient) -> str:
    return str(client.chat_postMessage(channel=SALES, text="x")["ts"])


def refused(client: WebClient) -> SlackApiError:
    with pytest.raises(SlackApiError) as caught:
        post(client)
    return caught.value


def test_rate_limit(client: WebClient, workspace: Workspace, sato: Person) -> None:
    """A planned 429 says how long to wait, does nothing, and passes."""
    workspace.faults.rate_limit("chat.postMessage", retry_after=7, times=2)
    for _ in range(2):
        error = refused(client)
        assert (error.response.status_code, error.response.headers["Retry-After"]) == (429, "7")
    post(client)
    assert len(sato.sees(SALES)) == 1


@pytest.mark.parametrize(("after_work", "posted"), [(False, 0), (True, 1)])
def test_server_error(client: WebClient, workspace: Workspace, sato: Person, *, after_work: bool, posted: int) -> None:
    """A 500 comes before or after the work."""
    workspace.faults.server_error("chat.postMessage", after_work=after_work)
    with pytest.raises(SlackApiError) as caught:
        post(client)
    assert caught.value.response.status_code == 500
    assert len(sato.sees(SALES)) == posted


@pytest.mark.parametrize("body", ["<html>Bad gateway</html>", "", "{"])
def test_garbage(client: WebClient, workspace: Workspace, sato: Person, body: str) -> None:
    """Slack may answer with a page, with nothing, or with half of something."""
    workspace.faults.garbage("chat.postMessage", body)
    with pytest.raises(SlackApiError):
        post(client)
    assert not sato.sees(SALES)


@pytest.mark.parametrize(
    ("plan", "posted"),
    [(lambda faults: faults.drop_before, 0), (lambda faults: faults.drop_after, 1)],
    ids=["before", "after"],
)
def test_dropped_connection(
    client: WebClient, workspace: Workspace, sato: Person, plan: Callable[[Any], Any], posted: int
) -> None:
    """The connection is cut before or after the work; the client cannot tell which."""
    plan(workspace.faults)("chat.postMessage")
    with pytest.raises(CUT):
        post(client)
    assert len(sato.sees(SALES)) == posted
    post(client)


def test_default_client_posts_twice(server: PlaygroundServer, sato: Person) -> None:
    """slack_sdk's own retry handler posts again after a drop: the reason to switch it off."""
    server.workspace.faults.drop_after("chat.postMessage")
    default = WebClient(server.workspace.installation.bot_token, base_url=server.api_url)
    post(default)
    assert len(sato.sees(SALES)) == 2


@pytest.mark.parametrize(("after_work", "posted"), [(False, 0), (True, 1)])
def test_hang(server: PlaygroundServer, sato: Person, *, after_work: bool, posted: int) -> None:
    """A call hangs before or after its work, while others pass."""
    hasty = WebClient(server.workspace.installation.bot_token, base_url=server.api_url, retry_handlers=[], timeout=1)
    server.workspace.faults.hang("chat.postMessage", 1.5, after_work=after_work)
    with pytest.raises((TimeoutError, socket.timeout, URLError)):
        post(hasty)
    assert len(sato.sees(SALES)) == posted
    assert hasty.auth_test()["ok"]


def test_any_error_of_slacks(client: WebClient, workspace: Workspace) -> None:
    """Any error code can be had, until cleared."""
    workspace.faults.refuse("chat.postMessage", "fatal_error", times=None)
    assert [refused(client).response["error"] for _ in range(3)] == ["fatal_error"] * 3
    workspace.faults.clear()
    post(client)


def test_every_method_at_once(client: WebClient, workspace: Workspace) -> None:
    """The star stands for all methods."""
    workspace.faults.refuse("*", "service_unavailable", times=2)
    assert refused(client).response["error"] == "service_unavailable"
    with pytest.raises(SlackApiError):
        client.auth_test()
    assert client.auth_test()["ok"]


def test_faults_of_response_urls(workspace: Workspace, sato: Person) -> None:
    """Response URLs fail as methods do."""
    url = workspace.tickets.response_url(SATO, SALES, kind="commands")
    workspace.faults.server_error("response_url")
    assert httpx.post(url, json={"text": "x"}).status_code == 500
    workspace.faults.drop_after("response_url")
    with pytest.raises(httpx.TransportError):
        httpx.post(url, json={"text": "once"})
    assert [m.text for m in sato.sees(SALES)] == ["once"]


def test_faults_are_in_the_log(client: WebClient, workspace: Workspace) -> None:
    """A call that met a fault before its work is noted with an empty answer."""
    workspace.faults.server_error("chat.postMessage")
    refused(client)
    call = workspace.calls.of("chat.postMessage")[0]
    assert (call.status, call.answer) == (500, {})


def test_stop_does_not_wait(client: WebClient) -> None:
    """A server with a hanging call stops at once."""
    server = PlaygroundServer().start()
    server.workspace.faults.hang("api.test", 30)
    with socket.create_connection(("127.0.0.1", int(server.url.rpartition(":")[2]))) as hanging:
        hanging.sendall(b"POST /api/api.test HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 0\r\n\r\n")
        time.sleep(0.05)
        started = time.monotonic()
        server.stop()
        assert time.monotonic() - started < 20
