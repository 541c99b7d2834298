"""Socket Mode: payloads travel as envelopes over the WebSockets that the app has opened."""

import asyncio
import itertools
import json
import threading
import uuid
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from concurrent.futures import TimeoutError as AckTimeout
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect

from playground.delivery import Kind, Reply, Retry
from playground.entities import Json
from playground.workspace import Workspace

HOST = "applink-playground"


@dataclass(eq=False)
class Link:
    """One connection. A silent one stays open, but neither delivers nor answers."""

    socket: WebSocket
    transport: asyncio.Transport | None
    silent: bool = False
    acks: dict[str, "Future[Json]"] = field(default_factory=dict)


class Links:
    """All Socket Mode connections of the app, `opened` so far. Every envelope goes to one of them, in turn."""

    def __init__(self, workspace: Workspace, transport_of: Callable[[WebSocket], asyncio.Transport | None]) -> None:
        self._ws = workspace
        self._transport_of = transport_of
        self._lock = threading.Lock()
        self._links: list[Link] = []
        self.opened = 0
        self._turns = itertools.count()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._arrived = threading.Condition()

    def __len__(self) -> int:
        return len(self._links)

    async def serve(self, socket: WebSocket) -> None:
        """Hold one connection until it ends."""
        if not self._ws.tickets.admit(socket.query_params.get("ticket", "")):
            await socket.close(4001)
            return
        await socket.accept()
        self._loop = asyncio.get_running_loop()
        link = Link(socket, self._transport_of(socket))
        with self._lock:
            self._links.append(link)
            self.opened += 1
        await socket.send_text(json.dumps(self._hello()))
        with self._arrived:
            self._arrived.notify_all()
        self._ws.tell("link", "")
        try:
            await _listen(link)
        finally:
            self._forget(link)

    def wait(self, count: int = 1, timeout: float = 60.0) -> bool:
        """Wait until the app has opened so many connections."""
        with self._arrived:
            return self._arrived.wait_for(lambda: len(self._links) >= count, timeout)

    def carry(self, kind: Kind, body: Json, retry: Retry, timeout: float, copies: int) -> Reply:
        link = self._next()
        if link is None or self._loop is None:
            return Reply("unreachable")
        envelope = _envelope(kind, body, retry)
        ack: Future[Json] = Future()
        link.acks[envelope["envelope_id"]] = ack
        if not link.silent:
            for _ in range(copies):
                asyncio.run_coroutine_threadsafe(_send(link, envelope), self._loop)
        try:
            answer = ack.result(timeout)
        except AckTimeout:
            link.acks.pop(envelope["envelope_id"], None)
            return Reply("timeout")
        except ConnectionError:
            return Reply("unreachable")
        payload = answer.get("payload")
        return Reply("acked", payload if isinstance(payload, dict) else {}, 200)

    def go_silent(self) -> None:
        """Leave all connections of now open, but deliver nothing and answer nothing, not even pings."""
        self._on_loop(_hush)

    def ask_to_reconnect(self, reason: str = "refresh_requested", *, close: bool = True) -> None:
        """Send `disconnect` to all connections (reason: warning, refresh_requested, link_disabled), then close them."""
        message = {"type": "disconnect", "reason": reason, "debug_info": {"host": HOST}}
        for link in list(self._links):
            self._run(_send(link, message))
            if close and reason != "warning":
                self._run(_close(link))

    def close(self) -> None:
        """Close all connections politely."""
        for link in list(self._links):
            self._run(_close(link))

    def cut(self) -> None:
        """Cut all connections without a word."""
        self._on_loop(lambda link: link.transport.abort() if link.transport else None)

    def _on_loop(self, act: Callable[[Link], None]) -> None:
        async def run() -> None:
            for link in list(self._links):
                act(link)

        self._run(run())

    def _run(self, coroutine: Coroutine[Any, Any, None]) -> None:
        if self._loop is not None:
            asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(5)

    def _next(self) -> Link | None:
        with self._lock:
            return self._links[next(self._turns) % len(self._links)] if self._links else None

    def _forget(self, link: Link) -> None:
        with self._lock:
            self._links.remove(link)
        self._ws.tell("link", "")
        for ack in list(link.acks.values()):
            if not ack.done():
                ack.set_exception(ConnectionError())

    def _hello(self) -> Json:
        debug = {"host": HOST, "build_number": 1, "approximate_connection_time": 18060}
        here = {"app_id": self._ws.installation.app_id}
        return {"type": "hello", "num_connections": len(self), "debug_info": debug, "connection_info": here}


def _envelope(kind: Kind, body: Json, retry: Retry) -> Json:
    takes_payload = kind == "slash_commands" or body.get("type") in {"view_submission", "block_suggestion"}
    envelope: Json = {"envelope_id": str(uuid.uuid4()), "type": kind, "payload": body}
    if kind == "events_api":
        envelope |= {"retry_attempt": retry.attempt, "retry_reason": retry.reason.removeprefix("http_")}
    return envelope | {"accepts_response_payload": takes_payload}


async def _listen(link: Link) -> None:
    with suppress(WebSocketDisconnect):
        while True:
            said = await link.socket.receive_text()
            try:
                answer = json.loads(said)
            except ValueError:
                continue
            ack = link.acks.pop(answer.get("envelope_id", ""), None) if isinstance(answer, dict) else None
            if ack and not ack.done():
                ack.set_result(answer)


async def _send(link: Link, message: Json) -> None:
    with suppress(WebSocketDisconnect, RuntimeError):
        await link.socket.send_text(json.dumps(message, ensure_ascii=False))


async def _close(link: Link) -> None:
    with suppress(WebSocketDisconnect, RuntimeError):
        await link.socket.close()


def _hush(link: Link) -> None:
    link.silent = True
    if link.transport:
        # Unread pings get no pongs.
        link.transport.pause_reading()
