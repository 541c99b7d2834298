"""How many rows a batch takes: as many as its transaction can be short with, on whatever machine."""


def next_size(size: int, took: float, wanted: float, smallest: int, largest: int) -> int:
    """Return how many rows the next batch takes when the last one, of `size`, took so many of the `wanted` seconds."""
    return max(smallest, min(largest, int(size * min(2.0, wanted / max(took, 0.001)))))
