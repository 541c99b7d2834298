"""A points table from closed leads: at most 20 lines of whole numbers that people can read, argue about and change.

Points are only given, never taken, and a lead without a fact gets none for it: so the thresholds are plain numbers, and
every line is one that the scoring rules can hold.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.sparse import csr_matrix

from models.lead import DecisionRole, Source
from models.learning import EXTRA, TOUCHES, Cells, Column, ColumnKind, Json, PointsRule
from models.scoring import FitReason
from services.learning_columns import area_under_curve, bins_of, points_of

RULES_MAX = 20
POINTS_MAX = 25
"""Points of the strongest line."""
HELD_BACK = 1.0
"""How strongly weights are held back (half the sum of their squares counts so much)."""
EXPRESSIBLE: dict[str, frozenset[str]] = {
    "source": frozenset(Source),
    "title": frozenset({FitReason.EXECUTIVE, FitReason.DIRECTOR, FitReason.MANAGER}),
    "email": frozenset({"business"}),
    "role": frozenset({DecisionRole.DECIDER, DecisionRole.CHAMPION}),
}
"""What the scoring rules can give points for, besides columns of imports and kinds of touchpoints."""

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class _Line:
    """A line that may go into the table, and the bins of its column that it takes in."""

    column: int
    first: int
    is_open: bool

    def holds(self, bins: tuple[int, ...]) -> bool:
        return bins[-1] >= self.first if self.is_open else self.first in bins


def propose_points(rows: Sequence[Cells], columns: Sequence[Column], won: NDArray[np.bool_]) -> Json:
    """Return the table that sorts won from lost best, how well it does, and thresholds on its scale."""
    known = [column for column in columns if _can_be_a_line(column)]
    lines, design = _candidates(rows, known)
    rules = _table(known, lines, design, won) if lines else []
    totals = np.array([points_of(rules, row) for row in rows], dtype=float)
    return {
        "rules": [asdict(rule) for rule in rules],
        "auc": area_under_curve(totals.tolist(), won.tolist()),
        "thresholds": _thresholds(totals, won) if rules else [],
    }


def _can_be_a_line(column: Column) -> bool:
    is_one_kind = column.name.startswith(TOUCHES) and column.name.count(":") == 2
    return column.name.startswith(EXTRA) or column.name in EXPRESSIBLE or is_one_kind


def _candidates(rows: Sequence[Cells], columns: Sequence[Column]) -> tuple[list[_Line], csr_matrix]:
    lines: list[_Line] = []
    filled: list[Floats] = []
    for place, column in enumerate(columns):
        seen: dict[Any, tuple[int, ...]] = {}
        bins = []
        for row in rows:
            cell = row.get(column.name)
            if cell not in seen:
                seen[cell] = bins_of(column, cell)
            bins.append(seen[cell])
        for first in _firsts(column):
            line = _Line(place, first, column.kind is ColumnKind.NUMBER)
            lines.append(line)
            filled.append(np.array([line.holds(of_row) for of_row in bins], dtype=float))
    return lines, csr_matrix(np.array(filled).T) if filled else csr_matrix((len(rows), 0))


def _firsts(column: Column) -> Sequence[int]:
    """Return the bins at which lines of a column begin; a touchpoint's points count each time, so one line says it."""
    if column.kind is ColumnKind.NUMBER:
        return range(2, 3 if column.name.startswith(TOUCHES) else column.size)
    known = EXPRESSIBLE.get(column.name)
    return [place for place, value in enumerate(column.values, start=1) if known is None or value in known]


def _table(
    columns: Sequence[Column], lines: Sequence[_Line], design: csr_matrix, won: NDArray[np.bool_]
) -> list[PointsRule]:
    """Weigh all lines together, and drop the weakest until the table is short enough."""
    kept = np.arange(len(lines))
    weights = _weigh(design, won)
    while True:
        kept, weights = kept[weights > 0], weights[weights > 0]
        rules = _rules(columns, [lines[int(place)] for place in kept], weights)
        if len(rules) <= RULES_MAX:
            return rules
        shares = np.asarray(design[:, kept].mean(axis=0)).ravel()
        strengths = weights * np.sqrt(shares * (1 - shares))
        order = np.argsort(strengths, kind="stable")
        kept = np.sort(kept[order[max(1, (len(kept) - RULES_MAX) // 4) :]])
        weights = _weigh(design[:, kept], won)


def _weigh(design: csr_matrix, won: NDArray[np.bool_]) -> Floats:
    """Fit a logistic regression whose weights are not negative."""
    outcome = won.astype(float)

    def loss(at: Floats) -> tuple[float, Floats]:
        odds = design @ at[1:] + at[0]
        missed = 1 / (1 + np.exp(-odds)) - outcome
        held_back = HELD_BACK * at[1:]
        value = np.logaddexp(0, odds).sum() - outcome @ odds + at[1:] @ held_back / 2
        return float(value), np.concatenate([[missed.sum()], design.T @ missed + held_back])

    width = design.shape[1]
    found = minimize(
        loss, np.zeros(width + 1), jac=True, method="L-BFGS-B", bounds=[(None, None), *[(0, None)] * width],
        options={"maxiter": 500},
    )  # fmt: skip
    return np.asarray(found.x[1:], dtype=np.float64)


def _rules(columns: Sequence[Column], lines: Sequence[_Line], weights: Floats) -> list[PointsRule]:
    """Turn weights into lines of whole points; a number's lines add up from the lowest to the highest."""
    totals: dict[_Line, float] = {}
    for line, weight in zip(lines, weights, strict=True):
        below = sum(
            other_weight
            for other, other_weight in zip(lines, weights, strict=True)
            if line.is_open and other.column == line.column and other.first < line.first
        )
        totals[line] = float(weight + below)
    most = max(totals.values(), default=1.0)
    rules = [_rule(columns[line.column], line, round(total / most * POINTS_MAX)) for line, total in totals.items()]
    rules = [rule for rule in rules if rule.points]
    strongest = {rule.column: max(r.points for r in rules if r.column == rule.column) for rule in rules}
    # A column's lines stay together, its highest first: of a number's, that is the one that counts.
    return sorted(rules, key=lambda rule: (-strongest[rule.column], rule.column, -rule.points, -rule.low))


def _rule(column: Column, line: _Line, points: int) -> PointsRule:
    if line.is_open:
        return PointsRule(column.name, column.kind, points, low=column.edges[line.first - 2])
    return PointsRule(column.name, column.kind, points, value=column.values[line.first - 1])


def _thresholds(totals: Floats, won: NDArray[np.bool_]) -> list[Json]:
    """Propose where an MQL begins (won and lost part best) and what is hot (the top tenth)."""
    cuts = np.unique(totals[totals > 0])
    if not len(cuts):
        return []
    gains = [won[totals >= cut].sum() / won.sum() - (~won)[totals >= cut].sum() / (~won).sum() for cut in cuts]
    mql = float(cuts[int(np.argmax(gains))])
    hot = max(float(np.quantile(totals, 0.9, method="higher")), mql)
    return [_threshold(totals, won, cut) for cut in (mql, hot)]


def _threshold(totals: Floats, won: NDArray[np.bool_], cut: float) -> Json:
    over = totals >= cut
    return {
        "points": int(cut),
        "share": float(over.mean()),
        "won": float(won[over].mean()),
        "caught": float(won[over].sum() / won.sum()),
    }
