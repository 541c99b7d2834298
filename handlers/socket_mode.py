"""Slack over a WebSocket: connected, watched, and left when it goes silent."""

import logging
import threading
import time
from collections.abc import Callable

from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk import WebClient

log = logging.getLogger(__name__)

PING_SECONDS = 10
# Slack's socket can stay "connected" for hours and deliver nothing: without a pong for so long the process ends, and
# its supervisor starts it anew.
SILENT_SECONDS = 75
WATCH_SECONDS = 5
WORKERS = 16


class SocketMode:
    """One Socket Mode connection; `on_silence` is called once when it has died without saying so."""

    def __init__(
        self,
        app: App,
        app_token: str,
        api_url: str,
        on_pong: Callable[[float], None],
        on_silence: Callable[[], None],
    ) -> None:
        quiet = logging.getLogger("baton.socket")
        quiet.setLevel(logging.WARNING)
        self._handler = SocketModeHandler(
            app,
            app_token,
            logger=quiet,
            web_client=WebClient(base_url=api_url, timeout=10, retry_handlers=[]),
            ping_interval=PING_SECONDS,
            concurrency=WORKERS,
        )
        self._on_pong, self._on_silence = on_pong, on_silence
        self._stopping = threading.Event()
        self._watch = threading.Thread(target=self._keep_watch, name="socket-watch", daemon=True)

    def start(self) -> None:
        """Connect, and watch the connection from then on."""
        self._handler.connect()  # type: ignore[no-untyped-call]
        self._watch.start()

    def stop(self) -> None:
        """Take no more envelopes; those under way are answered."""
        self._stopping.set()
        self._handler.close()  # type: ignore[no-untyped-call]

    def _keep_watch(self) -> None:
        alive_at = time.time()
        while not self._stopping.wait(WATCH_SECONDS):
            session = self._handler.client.current_session
            pong_at = session.last_ping_pong_time if session is not None else None
            alive_at = max(alive_at, pong_at or 0)
            silence = time.time() - alive_at
            if pong_at is not None:
                self._on_pong(silence)
            if silence > SILENT_SECONDS:
                log.error("Slack's socket has been silent for %d s", silence)
                self._on_silence()
                return
