"""The server serves when `start` returns, says in words why it cannot, and lets running requests end."""

import asyncio
import logging
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from tests.web.web_site import Site
from web.app import Apologies
from web.errors import ServeError
from web.server import WebServer

CANARY = "@".join(("canary", "example.com"))


# Set while a slow request is being answered.
_ARRIVED = threading.Event()


async def _slow(request: Request) -> Response:
    _ARRIVED.set()
    await asyncio.sleep(float(request.query_params["seconds"]))
    return PlainTextResponse("done")


async def _broken(_request: Request) -> Response:
    raise RuntimeError(CANARY)


APP = Starlette(routes=[Route("/slow", _slow), Route("/broken", _broken)], middleware=[Middleware(Apologies)])


@pytest.fixture
def server() -> Iterator[WebServer]:
    """A server of two endpoints: one slow, one broken."""
    _ARRIVED.clear()
    server = WebServer(APP, "127.0.0.1", 0)
    server.start()
    yield server
    server.stop(1)


def _get(server: WebServer, path: str) -> httpx.Response:
    return httpx.get(f"http://127.0.0.1:{server.port}{path}", trust_env=False)


def test_port_zero_gets_a_real_one(server: WebServer) -> None:
    """Whoever asked for any port can read which one it is."""
    assert server.port > 0
    assert _get(server, "/slow?seconds=0").text == "done"


def test_a_taken_port_is_said_in_words(server: WebServer) -> None:
    """The text names the variables to change."""
    with pytest.raises(ServeError, match=rf"HOST 127.0.0.1, PORT {server.port}: Address already in use"):
        WebServer(APP, "127.0.0.1", server.port).start()


def test_a_foreign_host_is_said_in_words() -> None:
    """An address of another machine cannot be listened on."""
    with pytest.raises(ServeError, match=r"HOST 192\.0\.2\.1"):
        WebServer(APP, "192.0.2.1", 0).start()


def test_stopping_lets_a_running_request_end(server: WebServer) -> None:
    """Draining: no new connection is taken, the running one gets its answer."""
    with ThreadPoolExecutor(1) as callers:
        running = callers.submit(_get, server, "/slow?seconds=0.4")
        assert _ARRIVED.wait(10)
        server.stop(5)
        assert running.result().text == "done"
    with pytest.raises(httpx.ConnectError):
        _get(server, "/slow?seconds=0")


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_stopping_waits_no_longer_than_the_grace(server: WebServer, caplog: pytest.LogCaptureFixture) -> None:
    """A request that does not end is cut off."""
    with ThreadPoolExecutor(1) as callers, caplog.at_level(logging.CRITICAL, "uvicorn.error"):
        running = callers.submit(_get, server, "/slow?seconds=30")
        time.sleep(0.15)
        started = time.monotonic()
        server.stop(0.2)
        assert time.monotonic() - started < 20
        assert running.exception() is not None or running.result().status_code >= 500


def test_stopping_twice_and_before_the_start_does_nothing(server: WebServer) -> None:
    """bot.py stops in every case."""
    WebServer(APP, "127.0.0.1", 0).stop()
    server.stop(1)
    server.stop(1)


def test_the_port_is_free_after_stopping(server: WebServer) -> None:
    """A restart finds it."""
    server.stop(1)
    with socket.create_server(("127.0.0.1", server.port)):
        pass


def test_it_takes_no_signal_handlers(server: WebServer) -> None:
    """Signals are bot.py's business: the server lives in another thread."""
    assert any(thread.name == "web" for thread in threading.enumerate())
    assert _get(server, "/slow?seconds=0").headers.get("server") is None


def test_the_unexpected_is_answered_with_a_reference_that_stands_in_the_log(
    server: WebServer, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither the answer nor the log holds the error's text, which may quote what was to be saved."""
    response = _get(server, "/broken")
    assert response.status_code == 500
    assert set(response.json()) == {"error", "reference"}
    assert response.json()["reference"] in caplog.text
    assert "RuntimeError" in caplog.text
    assert "_broken" in caplog.text
    assert "canary" not in caplog.text + response.text


@pytest.mark.parametrize("path", ["/", "/slack/events/", "/hooks", "/hooks/leads/", "/metrics/x", "/%00", "/..%2f"])
def test_an_unknown_path_is_404_in_plain_json(door: Site, path: str) -> None:
    """Nothing is redirected."""
    response = door.http.post(path)
    assert (response.status_code, response.json()) == (404, {"error": "Not Found"})


@pytest.mark.parametrize(
    "sent",
    [
        b"GET /\r\n\r\n",
        b"\x16\x03\x01\x02\x00",
        b"POST /hooks/leads HTTP/1.1\r\nHost: x\r\nContent-Length: abc\r\n\r\n",
        b"POST /hooks/leads HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n",
        b"POST /slack/events HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    ],
)
def test_what_is_no_http_is_a_400(door: Site, sent: bytes) -> None:
    """Garbage costs its own connection only."""
    with socket.create_connection(("127.0.0.1", door.server.port), timeout=5) as connection:
        connection.sendall(sent)
        assert connection.recv(1000).startswith(b"HTTP/1.1 400")
    assert door.http.get("/healthz").status_code == 200


def test_a_caller_who_hangs_up_in_the_middle_of_a_body_harms_nobody(
    door: Site, caplog: pytest.LogCaptureFixture
) -> None:
    """The rest of the body never comes; no error is logged."""
    with socket.create_connection(("127.0.0.1", door.server.port), timeout=5) as connection:
        connection.sendall(b"POST /hooks/leads HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n\r\nhalf")
    assert door.http.get("/healthz").status_code == 200
    assert "Error" not in caplog.text
