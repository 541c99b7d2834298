"""The page as a whole: its tabs, what they are told, and the threads in which they act."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from starlette.routing import BaseRoute, WebSocketRoute
from starlette.websockets import WebSocket

from playground.delivery import Dispatcher
from playground.entities import Json
from playground.links import Links
from playground.page.acts import Desk, perform
from playground.page.connection import Tab
from playground.page.options import PageOptions
from playground.page.routes import PageWeb
from playground.page.settings import Clock, Reads
from playground.page.shown import Shown
from playground.people import Person
from playground.workspace import Change, Workspace

# An act waits for the app, up to 3 s; these wait together.
THREADS = 32
# WebSocket codes from 4000 on are an application's own.
NOBODY = 4404


class Page:
    """The workspace in browsers, any number of tabs and people at once. It takes the hooks of workspace and call log."""

    def __init__(self, workspace: Workspace, dispatcher: Dispatcher, links: Links, options: PageOptions) -> None:
        self._ws = workspace
        self._dispatcher = dispatcher
        self._tour = options.tour
        self._clock = Clock(workspace, options.move_clock)
        self._reads = Reads(workspace)
        self._shown = Shown(workspace, links, self._clock, self._reads, options)
        self._web = PageWeb(workspace, options, self._person)
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="playground-page")
        self._lock = threading.Lock()
        self._tabs: set[Tab] = set()
        workspace.changed, workspace.calls.added = self._heard, self._called

    @property
    def routes(self) -> list[BaseRoute]:
        """What PlaygroundServer serves for the page."""
        return [WebSocketRoute("/page/socket", self._socket), *self._web.routes()]

    def begin(self) -> None:
        """Let the visitor's story start here: all there is counts as read, and no step of the tour as done."""
        self._reads.mark_everything()
        if self._tour:
            self._tour.start_over()
            self._ws.tell("tour", "")

    def stop(self) -> None:
        """Take no more acts, and wait for none."""
        self._clock.stop()
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _socket(self, socket: WebSocket) -> None:
        await socket.accept()
        person = self._person(socket.query_params.get("as", "")) or self._anybody()
        if person is None:
            await socket.close(NOBODY, "nobody in this workspace can sit before the page")
            return
        tab = Tab(socket, person, self._shown, self._perform, self._threads)
        with self._lock:
            self._tabs.add(tab)
        try:
            # A server that stops cancels its sockets; uvicorn would log each as a fault of ours.
            with suppress(asyncio.CancelledError):
                await tab.serve()
        finally:
            with self._lock:
                self._tabs.discard(tab)

    def _person(self, user_id: str) -> Person | None:
        """Find somebody who can sit before a screen."""
        user = self._ws.users.get(user_id)
        if user is None or user.is_bot or user.deleted:
            return None
        return Person(self._ws, self._dispatcher, user.id)

    def _anybody(self) -> Person | None:
        """Give the first person there is: an address may be older than the workspace."""
        return next(filter(None, map(self._person, list(self._ws.users))), None)

    def _perform(self, tab: Tab, text: str) -> Json:
        return perform(Desk(self._ws, tab.person, self._clock, self._reads, tab.watch), text)

    def _heard(self, change: Change) -> None:
        for tab in self._open_tabs():
            tab.note(change)
        if self._tour and self._tour.note(self._ws, change):
            self._ws.tell("tour", "")

    def _called(self) -> None:
        for tab in self._open_tabs():
            tab.note_calls()

    def _open_tabs(self) -> list[Tab]:
        with self._lock:
            return list(self._tabs)
