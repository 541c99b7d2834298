"""Who counts as local, how many requests a source may send, and what a slow or long body costs."""

import asyncio
import socket
from typing import Any

import pytest
from starlette.exceptions import HTTPException
from starlette.requests import Request

from tests.web.web_site import Site
from web import limits
from web.limits import RateLimit, is_local, is_loopback, read_body


def _request(host: str = "127.0.0.1", receive: Any = None, **headers: str) -> Request:
    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return Request({"type": "http", "method": "POST", "headers": raw, "client": (host, 1)}, receive)


@pytest.mark.parametrize(
    ("host", "is_ours"),
    [
        ("127.0.0.1", True), ("127.8.9.10", True), ("::1", True), ("::ffff:127.0.0.1", True),
        ("10.0.0.1", False), ("192.168.0.9", False), ("::ffff:10.0.0.1", False), ("localhost", False), ("", False),
    ],
)  # fmt: skip
def test_loopback_addresses_are_told_from_others(host: str, is_ours: bool) -> None:
    """A name is no address, and IPv6 may wrap either."""
    assert is_loopback(host) is is_ours


@pytest.mark.parametrize("header", ["x_forwarded_for", "forwarded", "x_real_ip", "via"])
def test_a_proxy_on_this_machine_is_not_local(header: str) -> None:
    """A reverse proxy connects from 127.0.0.1 on behalf of the whole internet."""
    assert is_local(_request())
    assert not is_local(_request(**{header: "127.0.0.1"}))


def test_a_source_may_burst_and_then_waits() -> None:
    """Two at once, then one a half second; another source is not concerned."""
    now = 0.0
    limit = RateLimit(per_second=2, burst=2, monotonic=lambda: now)
    assert [limit.wait_seconds("a") for _ in range(3)] == [0, 0, 1]
    assert limit.wait_seconds("b") == 0
    now = 0.5
    assert [limit.wait_seconds("a") for _ in range(2)] == [0, 1]
    now = 100.0
    assert [limit.wait_seconds("a") for _ in range(3)] == [0, 0, 1]


def test_the_memory_of_sources_is_bounded() -> None:
    """A million addresses do not fill the memory."""
    limit = RateLimit(per_second=1, burst=1)
    for number in range(limits.SOURCES_MAX + 50):
        limit.wait_seconds(str(number))
    assert len(limit._buckets) == limits.SOURCES_MAX


def test_a_body_that_does_not_come_is_a_408(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody holds a connection open by sending a byte a minute."""
    monkeypatch.setattr(limits, "BODY_SECONDS", 0.05)

    async def receive() -> dict[str, Any]:
        await asyncio.sleep(60)
        return {}

    with pytest.raises(HTTPException) as refusal:
        asyncio.run(read_body(_request(receive=receive), 10))
    assert refusal.value.status_code == 408


def test_a_body_without_an_announced_length_is_limited_too(door: Site) -> None:
    """Chunked bodies have none."""

    def chunks() -> Any:
        yield from [b"x" * 65536] * 3

    assert door.http.post("/hooks/leads", content=chunks()).status_code == 413


def test_a_body_of_gigabytes_is_not_even_read(door: Site) -> None:
    """The announced length is enough to refuse it."""
    with socket.create_connection(("127.0.0.1", door.server.port), timeout=5) as connection:
        connection.sendall(b"POST /hooks/leads HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000000000\r\n\r\n{")
        answer = connection.recv(1000)
    assert answer.startswith(b"HTTP/1.1 413")
    assert b"connection: close" in answer.lower()
