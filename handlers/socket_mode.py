"""Slack over a WebSocket: connected, watched, and left when it goes silent."""

import logging
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from slack_bolt import App
from slack_bolt.adapter.socket_mode.internals import run_bolt_app, send_response
from slack_sdk import WebClient
from slack_sdk.socket_mode import SocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse

from models.database import answering
from models.errors import BusyError
from views import errors
from views.words import Reader

log = logging.getLogger(__name__)

PING_SECONDS = 10
# Slack's socket can stay "connected" for hours and deliver nothing: without a pong for so long the process ends, and
# its supervisor starts it anew, 90 s after the silence began at the latest.
SILENT_SECONDS = 75
WATCH_SECONDS = 5
# More than the database lets in at once: who waits for the file should wait there, where the wait is bounded.
WORKERS = 256
# Slack gives up after 3 s. What has not begun by now is refused, so that nothing "failed" is carried out later.
START_SECONDS = 2.4


class _Envelope(str):
    """An envelope's text, which knows when it came (monotonic seconds)."""

    __slots__ = ("arrived_at",)
    arrived_at: float


class _Client(SocketModeClient):
    """Slack's client, with what it lacks: envelopes know their age, and a stop answers those under way."""

    def enqueue_message(self, message: str) -> None:
        envelope = _Envelope(message)
        envelope.arrived_at = time.monotonic()
        super().enqueue_message(envelope)

    def drain(self) -> None:
        """Take nothing more from the socket, and let what runs be answered while it is still open."""
        self.closed, self.auto_reconnect_enabled = True, False
        self.message_processor.shutdown()  # type: ignore[no-untyped-call]
        self.message_workers.shutdown(wait=True)

    def disconnect(self) -> None:
        """Close the connection at once: its reader holds a lock that this takes, until it hears something or 3 s are over."""
        connection = self.current_session.sock if self.current_session is not None else None
        if connection is not None:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        super().disconnect()


class SocketMode:
    """One Socket Mode connection.

    `on_pong` is told every few seconds how old (seconds) the last pong is while there is a connection, `on_lost` while
    there is none; `on_silence` is called once when Slack has been silent for too long.
    """

    def __init__(
        self,
        app: App,
        app_token: str,
        api_url: str,
        reader: Reader,
        on_pong: Callable[[float], None],
        on_lost: Callable[[], None],
        on_silence: Callable[[], None],
    ) -> None:
        quiet = logging.getLogger("baton.socket")
        quiet.setLevel(logging.WARNING)
        self._app, self._reader = app, reader
        self._client = _Client(
            app_token,
            logger=quiet,
            web_client=WebClient(base_url=api_url, timeout=10, retry_handlers=[]),
            ping_interval=PING_SECONDS,
            concurrency=WORKERS,
        )
        self._client.message_listeners.append(self._handle)
        self._on_pong, self._on_lost, self._on_silence = on_pong, on_lost, on_silence
        self._stopping = threading.Event()
        self._watch = threading.Thread(target=self._keep_watch, name="socket-watch", daemon=True)

    def start(self) -> None:
        """Connect, and watch the connection from then on."""
        self._client.connect()
        self._watch.start()

    @property
    def is_connected(self) -> bool:
        return bool(self._client.is_connected())

    def stop(self) -> None:
        """Take no more envelopes; those under way are answered first."""
        self._stopping.set()
        self._client.drain()
        try:
            self._client.close()
        except Exception:
            # One of its own threads has closed the connection in the same moment, which it takes for a fault.
            log.debug("the socket was closed already", exc_info=True)

    def _handle(self, client: Any, message: dict[str, Any], raw_message: str | None) -> None:
        request = SocketModeRequest.from_dict(message)
        if request is None:
            return
        arrived_at = getattr(raw_message, "arrived_at", time.monotonic())
        # An event that comes late comes again anyway; nobody waits for its answer.
        if time.monotonic() - arrived_at > START_SECONDS and request.type != "events_api":
            self._refuse(request)
            return
        with answering(arrived_at):
            answer = run_bolt_app(self._app, request)
        send_response(client, request, answer, time.time())

    def _refuse(self, request: SocketModeRequest) -> None:
        """Refuse what was not begun: a command in words, the rest by Slack's own sign of failure."""
        log.error("refused a request of Slack's: every worker is busy")
        if request.type != "slash_commands":
            return
        message = errors.message(BusyError("no worker is free"), self._reader)
        words = {"response_type": "ephemeral", "text": message.text, "blocks": message.blocks}
        self._client.send_socket_mode_response(SocketModeResponse(request.envelope_id, words))

    def _keep_watch(self) -> None:
        last_pong, alive_at = None, time.monotonic()
        while not self._stopping.wait(WATCH_SECONDS):
            # Only whether it has changed: its clock can be set, ours cannot.
            pong = self._last_pong()
            if pong is not None and pong != last_pong:
                last_pong, alive_at = pong, time.monotonic()
            silence = time.monotonic() - alive_at
            if not self.is_connected:
                self._on_lost()
            elif last_pong is not None:
                self._on_pong(silence)
            if silence > SILENT_SECONDS:
                log.error("Slack's socket has been silent for %d s", silence)
                self._on_silence()
                return

    def _last_pong(self) -> float | None:
        session = self._client.current_session
        return session.last_ping_pong_time if session is not None else None
