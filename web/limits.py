"""What is refused before anything is parsed: bodies too long or too slow, sources too eager, and the curious."""

import asyncio
import ipaddress
import math
import time
from collections import OrderedDict
from collections.abc import Callable

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request

BODY_SECONDS = 10.0
# Whoever is refused in the middle of sending sees a reset instead of the 413; so a little more is read and thrown away.
DRAINED_BYTES = 4 * 1024 * 1024
SOURCES_MAX = 4096

_FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip", "via")


async def read_body(request: Request, limit: int) -> bytes:
    """Return the body of at most `limit` bytes.

    Raises:
        HTTPException: 413 it is longer, 408 it takes longer than 10 s, 400 the sender hung up.
    """
    try:
        async with asyncio.timeout(BODY_SECONDS):
            return await _read(request, limit)
    except TimeoutError:
        raise HTTPException(408, "the body did not come in time", {"Connection": "close"}) from None
    except ClientDisconnect:
        raise HTTPException(400, "the body is incomplete") from None


async def _read(request: Request, limit: int) -> bytes:
    body = bytearray()
    announced = request.headers.get("content-length", "0")
    if announced.isdecimal() and int(announced) > DRAINED_BYTES:
        raise _too_large(limit)
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size <= limit:
            body += chunk
        elif size > DRAINED_BYTES:
            break
    if size > limit:
        raise _too_large(limit)
    return bytes(body)


def _too_large(limit: int) -> HTTPException:
    return HTTPException(413, f"the body is longer than {limit} bytes", {"Connection": "close"})


def is_local(request: Request) -> bool:
    """Tell whether a process on this machine asks for itself: no proxy stands between."""
    host = request.client.host if request.client else ""
    return is_loopback(host) and not any(name in request.headers for name in _FORWARDED)


def is_loopback(host: str) -> bool:
    """Tell whether an address is this machine's own (127.0.0.0/8, ::1, and the first written as IPv6)."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return (mapped or address).is_loopback


class RateLimit:
    """A token bucket per source: `per_second` on average, `burst` at once. For one event loop, so without a lock."""

    def __init__(self, per_second: float, burst: int, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._per_second, self._burst, self._monotonic = per_second, burst, monotonic
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait_seconds(self, source: str) -> int:
        """Take one token and return 0, or return how many whole seconds to wait for one."""
        now = self._monotonic()
        tokens, seen_at = self._buckets.pop(source, (float(self._burst), now))
        tokens = min(tokens + (now - seen_at) * self._per_second, float(self._burst))
        self._buckets[source] = (max(tokens - 1, 0.0) if tokens >= 1 else tokens, now)
        if len(self._buckets) > SOURCES_MAX:
            self._buckets.popitem(last=False)
        return 0 if tokens >= 1 else math.ceil((1 - tokens) / self._per_second)
