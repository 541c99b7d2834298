"""Slack's rate limit on posts: one a second and channel, short bursts tolerated."""

import math
import threading
from time import monotonic


class Pacing:
    """One token bucket a channel, in real time whatever the workspace's clock says."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._full_at: dict[str, float] = {}

    def wait(self, channel: str, per_second: float, burst: int) -> int:
        """Take a place for one post.

        Returns:
            Whole seconds to wait when the bucket is empty, else 0.
        """
        with self._lock:
            now = monotonic()
            full_at = max(self._full_at.get(channel, now), now) + 1 / per_second
            over = (full_at - now) - burst / per_second
            if over > 1e-9:
                return math.ceil(over)
            self._full_at[channel] = full_at
            return 0
