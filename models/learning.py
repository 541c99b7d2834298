"""What is learned from closed leads: columns in bins, their weights, and a chance opened into its reasons."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

ENOUGH_CLOSED = 200
"""Closed leads below which nothing is learned: with some twenty columns, fewer give chances that are mostly luck."""
ENOUGH_OF_EACH = 40
"""Won leads, and lost leads, below which nothing is learned."""


MISSING = ""
"""The cell of a lead of which nothing is known in a column; its bin is the first."""

EXTRA = "extra:"
"""Begins the name of a column that came with an import; its heading follows."""
TOUCHES = "touches:"
"""Begins the name of a count of touchpoints: `touches:demo:inbound`, `touches:inbound`."""
RECENCY = "recency:"
"""Begins the name of the days since the last touchpoint of a direction: `recency:inbound`."""

Cell = str | float
"""What a lead has in a column: a number or a text; an empty one is left out."""
Cells = dict[str, Cell]


class ColumnKind(StrEnum):
    """How a column's cells are put into bins."""

    NUMBER = "number"
    CATEGORY = "category"
    MANY = "many"
    """Several values in one cell, such as `mail; fair`: each is a bin."""


class LeftOut(StrEnum):
    """Why a column is not learned from. The first five say nothing; the others may say too much."""

    CONSTANT = "constant"
    RARE = "rare"
    IDENTIFIER = "identifier"
    DATE = "date"
    TEXT = "text"
    FORBIDDEN = "forbidden"
    ONE_OUTCOME = "one_outcome"
    TELLS_ALONE = "tells_alone"
    NAMED_AFTER = "named_after"
    CLOSED_ONLY = "closed_only"


SUSPICIOUS = (LeftOut.ONE_OUTCOME, LeftOut.TELLS_ALONE, LeftOut.NAMED_AFTER, LeftOut.CLOSED_ONLY)
"""What looks as if it was filled in after the outcome. A manager who knows better can allow the column."""


@dataclass(frozen=True)
class LeftOutColumn:
    """A column that is not learned from. `detail` is what was measured: shares filled, or how well it tells alone."""

    name: str
    reason: LeftOut
    detail: tuple[float, ...] = ()


@dataclass(frozen=True)
class Column:
    """A column in bins. `edges` are where a number's bins begin, but for the first; `values` the bins of the other kinds."""

    name: str
    kind: ColumnKind
    edges: tuple[float, ...] = ()
    values: tuple[str, ...] = ()

    @property
    def size(self) -> int:
        """How many bins there are: the missing one first, then the numbers', or the values' and the one of the rest."""
        return len(self.edges) + 2 if self.kind is ColumnKind.NUMBER else len(self.values) + 2


@dataclass(frozen=True)
class WeighedColumn:
    """A column with one weight a bin (log odds), and the mean of what it adds over the leads learned from."""

    column: Column
    weights: tuple[float, ...]
    mean: float


@dataclass(frozen=True)
class Weights:
    """A whole fit: chance = 1 / (1 + exp(−(slope · (base + Σ weights of the lead's bins) + shift)))."""

    base: float
    slope: float
    shift: float
    columns: tuple[WeighedColumn, ...]


@dataclass(frozen=True)
class ChanceReason:
    """What a column adds to a lead's chance or takes from it (log odds, beside the mean lead).

    `value` is the lead's cell as text, empty where nothing is known; `low` and `high` bound the bin of a number.
    """

    column: str
    value: str
    effect: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Chance:
    """How likely a lead is to be won, the strongest reasons first, and which fit says so."""

    probability: float
    reasons: tuple[ChanceReason, ...]
    version: int
    fitted_at: datetime


@dataclass(frozen=True)
class Closed:
    """How many leads are closed, and what is missing until something can be learned from them."""

    won: int
    lost: int

    @property
    def missing(self) -> int:
        """How many more leads must close, at least."""
        in_all = max(0, ENOUGH_CLOSED - self.won - self.lost)
        of_each = sum(max(0, ENOUGH_OF_EACH - count) for count in (self.won, self.lost))
        return max(in_all, of_each)


@dataclass(frozen=True)
class PointsRule:
    """One line of a points table: so many points when a lead's column is like this. Of a column's lines the first counts.

    A number is `low` or more; a text is `value`, and a cell of several holds it.
    """

    column: str
    kind: ColumnKind
    points: int
    value: str = ""
    low: float = 0.0


Json = dict[str, Any]


@dataclass(frozen=True)
class Tenth:
    """A tenth of the closed leads by what was told of them: how many, how many were won (leads told the same share theirs), and what was told on average."""

    count: int
    won: float
    told: float


@dataclass(frozen=True)
class Threshold:
    """A threshold on the points table: the share of leads at or over it, of them won, and of all won caught."""

    points: int
    share: float
    won: float
    caught: float


@dataclass(frozen=True)
class PointsTable:
    """A points table that is proposed, how well it sorts won from lost, and where an MQL and a hot lead begin."""

    rules: tuple[PointsRule, ...]
    auc: float
    thresholds: tuple[Threshold, ...]


@dataclass(frozen=True)
class FitReport:
    """How well a version predicts leads that it had not seen, beside the scoring rules in force.

    `auc` is how often a won lead is told higher than a lost one; `top_tenth` the share won of the likeliest tenth;
    `calibration_error` how far chances are from the shares that came true, on average.
    """

    auc: float
    rules_auc: float
    top_tenth: float
    calibration_error: float
    base_rate: float
    tenths: tuple[Tenth, ...]
    rules_tenths: tuple[Tenth, ...]
    used: tuple[str, ...]
    left_out: tuple[LeftOutColumn, ...]
    table: PointsTable


def read_fit_report(held: Json) -> FitReport:
    """Read what services/learning_fit.py found."""
    proposal = held["proposal"]
    return FitReport(
        held["auc"],
        held["rules"]["auc"],
        held["top_tenth"],
        held["calibration_error"],
        held["base_rate"],
        _tenths(held["tenths"]),
        _tenths(held["rules"]["tenths"]),
        tuple(held["used"]),
        tuple(LeftOutColumn(c["name"], LeftOut(c["reason"]), tuple(c["detail"])) for c in held["left_out"]),
        PointsTable(
            tuple(PointsRule(**{**rule, "kind": ColumnKind(rule["kind"])}) for rule in proposal["rules"]),
            proposal["auc"],
            tuple(Threshold(**threshold) for threshold in proposal["thresholds"]),
        ),
    )


def _tenths(held: list[Json]) -> tuple[Tenth, ...]:
    return tuple(Tenth(**tenth) for tenth in held)
