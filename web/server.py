"""uvicorn in a thread of its own: it serves when `start` returns and is silent when `stop` does."""

import asyncio
import logging
import socket
import threading

import uvicorn
from starlette.types import ASGIApp

from web.errors import ServeError

START_SECONDS = 10.0
# Longer than the 60 s after which proxies and Slack drop idle connections: whoever closes first races with a request.
KEEP_ALIVE_SECONDS = 75
CONNECTIONS_MAX = 1000
BACKLOG = 2048


class _Uvicorn(uvicorn.Server):
    """uvicorn that says when it serves and ends at once when told to. Signals stay with bot.py."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = threading.Event()
        self._ending = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.loop = asyncio.get_running_loop()
        self.ready.set()

    async def main_loop(self) -> None:
        while not self.should_exit:
            await self.on_tick(0)
            try:
                await asyncio.wait_for(self._ending.wait(), 1)
            except TimeoutError:
                continue

    def end(self) -> None:
        """Ask the loop to end, from another thread."""
        self.should_exit = True
        self.loop.call_soon_threadsafe(self._ending.set)


class WebServer:
    """An ASGI application on HOST:PORT, in its own thread with its own event loop.

    Raises:
        ServeError: the port is taken or the host is not this machine's.
    """

    def __init__(self, app: ASGIApp, host: str, port: int) -> None:
        self._app = app
        self._host, self._asked_port = host, port
        self._uvicorn: _Uvicorn | None = None
        self._thread: threading.Thread | None = None
        self.port = port
        """The real port once it serves, whatever was asked."""

    def start(self) -> None:
        """Start, and wait until it serves.

        Raises:
            ServeError: the port is taken, or the host is not this machine's.
        """
        listener = _listen(self._host, self._asked_port)
        self.port = int(listener.getsockname()[1])
        server = self._uvicorn = _Uvicorn(_config(self._app))
        self._thread = threading.Thread(target=server.run, args=([listener],), name="web", daemon=True)
        self._thread.start()
        if not server.ready.wait(START_SECONDS):
            raise ServeError(f"the web server on {self._host}:{self.port} did not start within {START_SECONDS:g} s")

    def stop(self, grace_seconds: float = 10.0) -> None:
        """Take no new connections, let running requests end for up to `grace_seconds`, and return."""
        if self._uvicorn is None or self._thread is None:
            return
        self._uvicorn.config.timeout_graceful_shutdown = grace_seconds  # type: ignore[assignment]  # wait_for takes both.
        if self._thread.is_alive():
            self._uvicorn.end()
        self._thread.join(grace_seconds + 5)
        self._uvicorn = self._thread = None


def _config(app: ASGIApp) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        loop="asyncio",
        ws="none",
        lifespan="off",
        log_config=None,
        log_level=logging.WARNING,
        access_log=False,
        server_header=False,
        # A proxy on this machine names the real source; `limits.is_local` believes no header.
        forwarded_allow_ips="127.0.0.1",
        limit_concurrency=CONNECTIONS_MAX,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
    )


def _listen(host: str, port: int) -> socket.socket:
    """Open the socket here, where a failure can still be told in words."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        # `localhost` is both; what is told to use it usually tries 127.0.0.1.
        family, kind, protocol, _, address = min(found, key=lambda info: info[0] is not socket.AF_INET)
        # Not socket.create_server: asyncio switches Nagle's delay (40 ms an answer) off only where the protocol is named.
        listener = socket.socket(family, kind, protocol)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(address)
            listener.listen(BACKLOG)
        except OSError:
            listener.close()
            raise
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise ServeError(
            f"cannot listen on HOST {host}, PORT {port}: {reason}; set others or stop what uses them"
        ) from None
    listener.setblocking(False)
    return listener
