"""The playground as one thing to start: its workspace, its server, and the way to the app."""

import asyncio
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Self

from starlette.routing import BaseRoute
from starlette.websockets import WebSocket

from playground.delivery import Carrier, Dispatcher
from playground.endpoint import Endpoint, HttpReply
from playground.errors import PeopleError
from playground.links import Links
from playground.page import Page, PageOptions
from playground.people import Person
from playground.seed import demo_workspace
from playground.serving import ServerThread
from playground.web import application
from playground.workspace import Workspace


class PlaygroundServer:
    """A Slack-compatible workspace on 127.0.0.1, Socket Mode until `deliver_to` names a request URL.

    `page` adds the page to look at it with, under `/`; `routes` come before its own.

    with PlaygroundServer() as server:
        app = App(client=WebClient(token, base_url=server.api_url))
        server.person("sato").command("#sales-handoffs", "/lead help")
    """

    def __init__(
        self,
        workspace: Workspace | None = None,
        port: int = 0,
        routes: Sequence[BaseRoute] = (),
        page: PageOptions | None = None,
    ) -> None:
        self.workspace = workspace or demo_workspace()
        self.links = Links(self.workspace, self._transport_of)
        self.endpoint = Endpoint(self.workspace)
        self.dispatcher = Dispatcher(self.workspace, self._carrier, self._later)
        self.page = Page(self.workspace, self.dispatcher, self.links, page) if page else None
        more = [*routes, *(self.page.routes if self.page else ())]
        self._serving = ServerThread(application(self.workspace, self.links, self._cut, more), port)
        self.url = self.workspace.url = self._serving.url

    @property
    def api_url(self) -> str:
        """The base URL for Slack's clients."""
        return f"{self.url}/api/"

    def start(self) -> Self:
        """Start, and wait until it serves."""
        self.workspace.event_listener = self.dispatcher.event
        self._serving.start()
        return self

    def stop(self) -> None:
        """Stop serving and free the port."""
        self.workspace.event_listener = lambda _body: None
        self.dispatcher.stop()
        self._serving.stop()
        if self.page:
            self.page.stop()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def person(self, user_id: str) -> Person:
        """Act as somebody, named by id or by handle."""
        for user in self.workspace.users.values():
            if user_id in (user.id, user.name):
                return Person(self.workspace, self.dispatcher, user.id)
        raise PeopleError(f"nobody here is called {user_id!r}")

    def deliver_to(self, request_url: str) -> bool:
        """Switch from Socket Mode to signed HTTP.

        Returns:
            Whether the URL passed Slack's check (url_verification).
        """
        self.workspace.installation.request_url = request_url
        self.workspace.tell("link", "")
        return self.endpoint.verify()

    def send_raw(self, body: str, headers: dict[str, str], timeout: float = 5.0) -> HttpReply:
        """Post any bytes to the app's request URL, signed rightly unless the headers carry a signature or a time."""
        return self.endpoint.post(body, headers, timeout)

    def settle(self, timeout: float = 10.0) -> bool:
        """Wait until no event is on its way to the app; retries that are due later do not count."""
        return self.dispatcher.settle(timeout)

    def _cut(self, client: tuple[str, int]) -> None:
        transport = self._serving.transport(client)
        if transport:
            transport.abort()

    def _carrier(self) -> Carrier:
        return self.endpoint if self.workspace.installation.request_url else self.links

    def _later(self, delay: float, act: Callable[[], object]) -> None:
        loop = self._serving.loop
        loop.call_soon_threadsafe(loop.call_later, delay, act)

    def _transport_of(self, websocket: WebSocket) -> asyncio.Transport | None:
        client = websocket.client
        return self._serving.transport((client.host, client.port)) if client else None
