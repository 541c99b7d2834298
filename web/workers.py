"""Threads for what blocks, so that the event loop never does."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

_Result = TypeVar("_Result")


class CrowdedError(Exception):
    """The work was not begun in time, and will not be."""


class Workers:
    """A pool of `count` threads; what has not begun after `start_seconds` is not begun at all."""

    def __init__(self, name: str, count: int, start_seconds: float) -> None:
        self._pool = ThreadPoolExecutor(count, thread_name_prefix=name)
        self._start_seconds = start_seconds

    async def run(self, work: Callable[[], _Result]) -> _Result:
        """Return what `work` returns, or raise what it raises.

        Raises:
            CrowdedError: every thread was busy for too long.
        """
        job = self._pool.submit(work)
        result = asyncio.wrap_future(job)
        try:
            done, _ = await asyncio.wait({result}, timeout=self._start_seconds)
            # Cancelling succeeds only for what no thread has taken up.
            if not done and job.cancel():
                raise CrowdedError
            return await result
        finally:
            # When the server is stopped nobody waits any more for what has not begun.
            job.cancel()
