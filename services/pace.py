"""How many rows a batch takes: as many as its transaction can be short with, on whatever machine."""

BATCH_SECONDS = 0.06
"""What a batch should take. SQLite's only writer is held as long; on a busy machine it may be twice that."""


def next_size(size: int, seconds: float, smallest: int, largest: int) -> int:
    """Return how many rows the next batch takes when the last one of `size` took `seconds`."""
    return max(smallest, min(largest, int(size * min(2.0, BATCH_SECONDS / max(seconds, 0.001)))))
