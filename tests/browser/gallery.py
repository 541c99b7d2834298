"""A small app behind signed HTTP that notes what it hears, and Sato, who operates its elements in one tab of the page."""

import logging
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from queue import SimpleQueue
from typing import Any, Self

from playwright.sync_api import Browser, Dialog, Locator, expect
from slack_bolt import Ack, App
from slack_bolt.adapter.starlette.handler import to_bolt_request, to_starlette_response
from slack_sdk import WebClient
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from playground import PlaygroundServer
from playground.page import PageOptions
from playground.seed import SALES, SATO
from playground.serving import ServerThread
from tests.browser.tab import Tab

Json = dict[str, Any]
EVERYTHING = re.compile(".*")
KINDS = ("command", "action", "view", "view_closed", "options", "shortcut", "event")
PATIENCE_SECONDS = 30
MANIFEST: Json = {
    "display_information": {"name": "Gallery"},
    "features": {
        "bot_user": {"display_name": "Gallery"},
        "shortcuts": [
            {"name": "Start anywhere", "type": "global", "callback_id": "anywhere", "description": "Needs no message"},
            {"name": "File this", "type": "message", "callback_id": "file_this", "description": "Takes a message"},
        ],
        "slash_commands": [{"command": "/form", "description": "Open a form", "usage_hint": "anything"}],
    },
    "oauth_config": {
        "scopes": {
            "bot": [
                "channels:history", "channels:read", "chat:write", "commands", "files:read", "files:write", "im:write",
                "reactions:read", "reactions:write", "users:read",
            ]
        }
    },
    "settings": {"event_subscriptions": {"bot_events": ["message.channels", "reaction_added", "reaction_removed"]}},
}  # fmt: skip


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text, "emoji": True}


def option(value: str) -> Json:
    """Give an option whose text is its value with a capital."""
    return {"text": plain(value.title()), "value": value}


def field(label: str, element: Json, *, block_id: str = "", **more: Any) -> Json:
    """Give an input block; its block_id is its label in small letters."""
    return {"type": "input", "block_id": block_id or label.lower(), "label": plain(label), "element": element} | more


def text_field(label: str, **more: Any) -> Json:
    return field(label, {"type": "plain_text_input", "action_id": "it"}, **more)


def section(text: str) -> Json:
    return {"type": "section", "text": plain(text)}


def modal(*blocks: Json, **fields: Any) -> Json:
    form = {"type": "modal", "callback_id": "form", "title": plain("Form"), "submit": plain("Save")}
    return form | {"blocks": list(blocks)} | fields


class Heard:
    """The bodies that the app got, by kind, and what it is to say to each: an answer, or a function of the body."""

    def __init__(self) -> None:
        self.answers: dict[str, Any] = {}
        self._arrived: dict[str, SimpleQueue[Json]] = {kind: SimpleQueue() for kind in KINDS}

    def note(self, kind: str, body: Json, ack: Ack) -> None:
        self._arrived[kind].put(body)
        answer = self.answers.get(kind)
        answer = answer(body) if callable(answer) else answer
        if isinstance(answer, dict):
            ack(**answer)
        else:
            ack()

    def next(self, kind: str) -> Json:
        """Wait for the next body of a kind."""
        return self._arrived[kind].get(timeout=PATIENCE_SECONDS)

    def more(self, kind: str) -> int:
        """Tell how many of a kind have come that nobody asked for yet."""
        return self._arrived[kind].qsize()


class Gallery:
    """The app, its workspace, and one tab in which Sato sits in the sales channel."""

    def __init__(self, server: PlaygroundServer, tab: Tab) -> None:
        self.server = server
        self.workspace = server.workspace
        self.tab, self.page = tab, tab.page
        self.sato = server.person(SATO)
        self.client = WebClient(self.workspace.installation.bot_token, base_url=server.api_url, retry_handlers=[])
        self.heard = Heard()
        # What must never be: errors that nobody caught, and dialogs of the browser's own.
        self.faults: list[str] = []
        # What the page or the browser told the console as an error.
        self.complaints: list[str] = []
        self.requests: list[str] = []
        self._home = self.page.url
        self._watch()

    def _watch(self) -> None:
        def hear(dialog: Dialog) -> None:
            self.faults.append(f"dialog: {dialog.message}")
            dialog.dismiss()

        self.page.on("dialog", hear)
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on("console", lambda said: self.complaints.append(said.text) if said.type == "error" else None)
        self.page.context.on("request", lambda request: self.requests.append(request.url))

    def post(self, *blocks: Json) -> Locator:
        """Let the app post blocks to the channel, and give what the page shows of them."""
        ts = self.client.chat_postMessage(channel=SALES, text="Blocks", blocks=blocks)["ts"]
        return self.message(str(ts)).locator(".b-blocks")

    def message(self, ts: str) -> Locator:
        """Give a message as it stands in the channel, once it does."""
        message = self.page.locator(f'main article[data-ts="{ts}"]')
        expect(message).to_be_attached()
        return message

    def open_form(self, *blocks: Json, **fields: Any) -> Locator:
        """Let Sato type a command that opens a form, and give the form."""
        form = modal(*blocks, **fields)

        def answer(body: Json) -> None:
            self.client.views_open(trigger_id=body["trigger_id"], view=form)

        self.heard.answers["command"] = answer
        self.tab.type("/form")
        expect(self.tab.form).to_be_visible()
        return self.tab.form

    @contextmanager
    def silence(self, kind: str) -> Iterator[None]:
        """Keep the app from answering one kind of payload meanwhile."""
        over = threading.Event()
        self.heard.answers[kind] = lambda _body: over.wait(PATIENCE_SECONDS) and None
        try:
            yield
        finally:
            over.set()

    def use(self) -> Iterator[Self]:
        """Lend it to one test; what the page should not have done meanwhile fails that test."""
        self._begin_anew()
        yield self
        wrong = self.faults + self.complaints
        assert not wrong, wrong

    def _begin_anew(self) -> None:
        """Close what a test left open, and forget what was heard and seen."""
        if self.sato.view:
            self.sato.close(everything=True)
        if self.page.url != self._home:
            self.page.goto(self._home)
        expect(self.tab.form).not_to_be_visible()
        self.tab.composer.fill("")
        self.server.settle()
        self.heard = Heard()
        self.faults.clear()
        self.complaints.clear()
        self.requests.clear()


@contextmanager
def open_gallery(chromium: Browser, at: str = SALES) -> Iterator[Gallery]:
    """Start a workspace, the app and one tab."""
    with PlaygroundServer(page=PageOptions()) as server:
        server.workspace.timing.rate_limits = False
        server.workspace.install(MANIFEST)
        context = chromium.new_context(viewport={"width": 1280, "height": 860})
        page = context.new_page()
        page.set_default_timeout(PATIENCE_SECONDS * 1000)
        page.goto(f"{server.url}/?as={SATO}#{at}")
        gallery = Gallery(server, Tab(page))
        with ServerThread(_listening(gallery)) as serving:
            assert server.deliver_to(f"{serving.url}/slack/events")
            yield gallery
        context.close()


def _listening(gallery: Gallery) -> Starlette:
    logging.getLogger("slack_bolt").setLevel(logging.CRITICAL)
    bolt = App(
        client=gallery.client,
        signing_secret=gallery.workspace.installation.signing_secret,
        process_before_response=True,
    )

    def listener(kind: str) -> Callable[..., None]:
        def listen(ack: Ack, body: Json) -> None:
            gallery.heard.note(kind, body, ack)

        return listen

    for kind in KINDS:
        getattr(bolt, kind)(EVERYTHING)(listener(kind))

    async def endpoint(request: Request) -> Response:
        bolt_request = to_bolt_request(request, await request.body())
        # The adapter's own handle() would keep the event loop busy while a listener runs.
        return to_starlette_response(await run_in_threadpool(bolt.dispatch, bolt_request))

    return Starlette(routes=[Route("/slack/events", endpoint, methods=["POST"])])
