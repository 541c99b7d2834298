"""uvicorn in a thread of its own: up in milliseconds, down without waiting for anybody."""

import asyncio
import socket
import threading
from types import TracebackType
from typing import Any, Self

import uvicorn
from starlette.types import ASGIApp


class _Uvicorn(uvicorn.Server):
    """uvicorn that says when it serves, and neither sleeps between ticks nor before it ends."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = threading.Event()
        self.ending = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()

    async def main_loop(self) -> None:
        await self.on_tick(0)
        await self.ending.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Cut every connection: whoever still waits here waits for a fault that was planned."""
        for listener in sockets or []:
            asyncio.get_running_loop().remove_reader(listener.fileno())
        for task in self.server_state.tasks:
            task.cancel()
        # The other tasks are connections that were just accepted: closed before their turn, they would leak sockets.
        everything = asyncio.all_tasks() - {asyncio.current_task()}
        await asyncio.wait_for(asyncio.gather(*everything, return_exceptions=True), 5)
        for server in self.servers:
            server.close()
        for listener in sockets or []:
            listener.close()
        connections: list[Any] = list(self.server_state.connections)
        for connection in connections:
            connection.transport.abort()
        # Transports tell their protocols of the end on the loop's next turn.
        while self.server_state.connections:
            await asyncio.sleep(0)


class ServerThread:
    """An ASGI application on a port of 127.0.0.1, in its own thread with its own event loop."""

    def __init__(self, app: ASGIApp, port: int = 0) -> None:
        self._listener = socket.create_server(("127.0.0.1", port))
        # Else each keep-alive answer waits 40 ms: what accept() gives inherits this.
        self._listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.loop = asyncio.new_event_loop()
        self._uvicorn = _Uvicorn(_config(app))
        self._thread = threading.Thread(target=self._run, name="playground", daemon=True)

    def start(self) -> Self:
        """Start, and wait until it serves."""
        self._thread.start()
        if not self._uvicorn.ready.wait(10):
            raise RuntimeError("the server did not start")
        return self

    def stop(self) -> None:
        """Stop serving and free the port."""
        self.loop.call_soon_threadsafe(self._uvicorn.ending.set)
        self._thread.join(10)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def transport(self, client: tuple[str, int]) -> asyncio.Transport | None:
        """Find the transport of one client's connection; on the event loop only."""
        connections: list[Any] = list(self._uvicorn.server_state.connections)
        for protocol in connections:
            if protocol.client == client:
                transport: asyncio.Transport = protocol.transport
                return transport
        return None

    def _run(self) -> None:
        asyncio.set_event_loop(self.loop)
        try:
            self.loop.run_until_complete(self._uvicorn.serve([self._listener]))
        finally:
            self.loop.close()


def _config(app: ASGIApp) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        lifespan="off",
        log_config=None,
        log_level="critical",
        access_log=False,
        ws="websockets-sansio",
        ws_ping_interval=None,
    )
