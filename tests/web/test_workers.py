"""Work that blocks runs on threads; what nobody waits for any more is not begun."""

import asyncio
import threading

import pytest

from web.workers import CrowdedError, Workers


def test_the_result_and_the_error_come_back() -> None:
    """As if the work had been called."""
    workers = Workers("test", 1, 5)
    assert asyncio.run(workers.run(lambda: 42)) == 42
    with pytest.raises(ZeroDivisionError):
        asyncio.run(workers.run(lambda: 1 // 0))


def test_what_began_late_is_waited_for_and_what_did_not_begin_is_dropped() -> None:
    """The patience is for beginning, not for ending."""
    workers, may_end, done = Workers("test", 1, 0.05), threading.Event(), []

    async def two() -> tuple[object, object]:
        first = asyncio.create_task(workers.run(lambda: may_end.wait(5)))
        await asyncio.sleep(0)
        second = asyncio.create_task(workers.run(lambda: done.append("second")))
        await asyncio.sleep(0.15)
        may_end.set()
        return await asyncio.gather(first, second, return_exceptions=True)

    first, second = asyncio.run(two())
    assert first is True
    assert isinstance(second, CrowdedError)
    assert done == []


def test_what_was_not_begun_when_the_server_stops_never_is() -> None:
    """Slack was told nothing, so nothing may happen."""
    workers, may_end, done = Workers("test", 1, 5), threading.Event(), []

    async def stop_early() -> None:
        first = asyncio.create_task(workers.run(lambda: may_end.wait(5)))
        await asyncio.sleep(0)
        second = asyncio.create_task(workers.run(lambda: done.append("second")))
        await asyncio.sleep(0.05)
        second.cancel()
        await asyncio.gather(second, return_exceptions=True)
        may_end.set()
        await first
        await workers.run(lambda: None)

    asyncio.run(stop_early())
    assert done == []
