"""A workspace for each test, Slack's own clients in front of it, and an app that notes what it hears."""

import gc
import logging
import re
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

import pytest
from slack_bolt import Ack, App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_bolt.adapter.starlette.handler import to_bolt_request, to_starlette_response
from slack_sdk import WebClient
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from playground import Person, PlaygroundServer, Workspace
from playground.page import PageOptions
from playground.seed import SATO
from playground.serving import ServerThread
from tests.playground.browser import Browser

EVERYTHING = re.compile(".*")
logging.getLogger("slack_bolt").setLevel(logging.CRITICAL)
logging.getLogger("slack_sdk").setLevel(logging.CRITICAL)


@pytest.fixture
def page() -> PageOptions | None:
    """What the page is like; the modules that look at it say so."""
    return None


@pytest.fixture
def server(page: PageOptions | None) -> Iterator[PlaygroundServer]:
    with PlaygroundServer(page=page) as running:
        running.workspace.timing.rate_limits = False
        running.workspace.timing.ack_seconds = 2.0
        running.workspace.timing.event_retry_delays = (0.0, 0.02, 0.04)
        yield running


@pytest.fixture
def tab(server: PlaygroundServer) -> Iterator[Callable[..., Browser]]:
    """Open the page as somebody, in as many tabs as one likes."""
    with ExitStack() as closing:

        def open_one(user: str = SATO, **options: Any) -> Browser:
            browser = Browser(server.url, user, **options)
            closing.callback(browser.close)
            return browser

        yield open_one


@pytest.fixture
def workspace(server: PlaygroundServer) -> Workspace:
    return server.workspace


@pytest.fixture
def client(server: PlaygroundServer) -> WebClient:
    return WebClient(server.workspace.installation.bot_token, base_url=server.api_url, retry_handlers=[], timeout=5)


@pytest.fixture
def sato(server: PlaygroundServer) -> Person:
    return server.person("sato")


@pytest.fixture
def aoki(server: PlaygroundServer) -> Person:
    return server.person("aoki")


@dataclass
class Heard:
    """The bodies that the app got, by kind, and what it is to say to each: an answer, or a function of the body."""

    bodies: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    answers: dict[str, Any] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, kind: str, body: dict[str, Any], headers: dict[str, Any], ack: Ack) -> None:
        with self.lock:
            self.bodies.append((kind, body))
            self.headers.append({name: values[0] for name, values in headers.items()})
        answer = self.answers.get(kind)
        answer = answer(body) if callable(answer) else answer
        if isinstance(answer, dict):
            ack(**answer)
        else:
            ack(answer or "")

    def of(self, kind: str) -> list[dict[str, Any]]:
        with self.lock:
            return [body for heard, body in self.bodies if heard == kind]

    def last(self, kind: str) -> dict[str, Any]:
        return self.of(kind)[-1]


def _listen(bolt: App, heard: Heard) -> None:
    def listener(kind: str) -> Callable[..., None]:
        def listen(ack: Ack, body: dict[str, Any], request: Any) -> None:
            heard.note(kind, body, request.headers, ack)

        return listen

    bolt.command(EVERYTHING)(listener("command"))
    bolt.action(EVERYTHING)(listener("action"))
    bolt.view(EVERYTHING)(listener("view"))
    bolt.view_closed(EVERYTHING)(listener("view_closed"))
    bolt.options(EVERYTHING)(listener("options"))
    bolt.shortcut(EVERYTHING)(listener("shortcut"))
    bolt.event(EVERYTHING)(listener("event"))


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def bolt(client: WebClient, workspace: Workspace, heard: Heard) -> App:
    app = App(
        client=client,
        signing_secret=workspace.installation.signing_secret,
        process_before_response=True,
        ignoring_self_events_enabled=False,
    )
    _listen(app, heard)
    return app


@pytest.fixture
def over_http(bolt: App, server: PlaygroundServer) -> Iterator[App]:
    """The app behind a signed request URL, through slack_bolt's Starlette adapter."""

    async def endpoint(request: Request) -> Response:
        bolt_request = to_bolt_request(request, await request.body())
        # The adapter's own handle() would keep the event loop busy while a listener runs.
        return to_starlette_response(await run_in_threadpool(bolt.dispatch, bolt_request))

    with ServerThread(Starlette(routes=[Route("/slack/events", endpoint, methods=["POST"])])) as serving:
        assert server.deliver_to(f"{serving.url}/slack/events")
        yield bolt


def close_quickly(handler: SocketModeHandler, server: PlaygroundServer) -> None:
    """Close slack_sdk's client without its waits: up to 3 s for its socket and 1 s for its queue."""
    handler.client.auto_reconnect_enabled = False
    server.links.close()
    # Two threads that close one connection at once trip over each other in the client.
    deadline = time.monotonic() + 5
    while handler.client.is_connected() and time.monotonic() < deadline:
        time.sleep(0.002)
    handler.client.closed = True
    handler.client.enqueue_message("")
    handler.close()  # type: ignore[no-untyped-call]


@pytest.fixture
def over_socket(bolt: App, server: PlaygroundServer) -> Iterator[SocketModeHandler]:
    """The app over Socket Mode, with slack_sdk's built-in client."""
    handler = SocketModeHandler(bolt, server.workspace.installation.app_token, ping_interval=0.1)
    handler.connect()  # type: ignore[no-untyped-call]
    assert server.links.wait()
    yield handler
    close_quickly(handler, server)
    if server.links.opened > 1:
        _forget_leaked_sockets()


def _forget_leaked_sockets() -> None:
    """Collect the sockets that slack_sdk's client leaves open when a handshake of a reconnect fails."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


@pytest.fixture(params=["over_http", "over_socket"])
def app(request: pytest.FixtureRequest) -> Any:
    """The app, once behind signed HTTP and once over Socket Mode."""
    return request.getfixturevalue(request.param)
