"""What was measured, against what, and the table that says so."""

import random
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Comparison:
    """Baton's figures and the reference's, one of each a round; `goal` is the largest ratio allowed, None for none."""

    what: str
    unit: str
    measured: Sequence[float]
    reference: Sequence[float]
    goal: float | None = None

    @property
    def ratio(self) -> float:
        return statistics.median(self.measured) / statistics.median(self.reference)

    @property
    def quartiles(self) -> tuple[float, float]:
        """The ratios inside single rounds: how far apart the middle half of them lies is the noise."""
        ratios = sorted(mine / other for mine, other in zip(self.measured, self.reference, strict=True))
        if len(ratios) < 2:
            return ratios[0], ratios[0]
        first, _, third = statistics.quantiles(ratios, n=4, method="inclusive")
        return first, third

    @property
    def is_met(self) -> bool:
        return self.goal is None or self.ratio <= self.goal


def in_turn(rounds: int, measures: Mapping[str, Callable[[], float]]) -> dict[str, list[float]]:
    """Measure everything once a round: what slows the machine slows all of them.

    Their order changes, so that nobody always finds the CPU's caches as the same other one left them.
    """
    figures: dict[str, list[float]] = {name: [] for name in measures}
    order, dice = list(measures), random.Random(1)  # noqa: S311  Nothing secret.
    for _ in range(rounds):
        dice.shuffle(order)
        for name in order:
            figures[name].append(measures[name]())
    return figures


HEADINGS = ("what", "measured", "reference", "ratio", "middle half", "goal", "ok?")


def lines_of(comparisons: Sequence[Comparison]) -> list[str]:
    """Lay the table out, its heading first."""
    rows = [HEADINGS, *(_cells(comparison) for comparison in comparisons)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADINGS))]
    return [
        " | ".join(
            cell.ljust(width) if column == 0 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    ]


def _cells(comparison: Comparison) -> tuple[str, ...]:
    first, third = comparison.quartiles
    verdict = "" if comparison.goal is None else "yes" if comparison.is_met else "NO"
    return (
        comparison.what,
        _figure(statistics.median(comparison.measured), comparison.unit),
        _figure(statistics.median(comparison.reference), comparison.unit),
        f"{comparison.ratio:.2f}",
        f"{first:.2f}-{third:.2f}",
        "" if comparison.goal is None else f"{comparison.goal:g}",
        verdict,
    )


def _figure(value: float, unit: str) -> str:
    return f"{value:,.0f} {unit}" if value >= 1000 else f"{value:.3g} {unit}"
