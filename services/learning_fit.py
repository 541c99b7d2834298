"""The fit, in a process of its own: closed leads come in as JSON, weights and figures go out as JSON.

scikit-learn and NumPy take 90 MB and a second to import; a bot that runs for months needs them for seconds a week.
`python services/learning_fit.py` reads one object from standard input and writes one to standard output.
"""

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold

from models.learning import Cells, Column, Json
from services.learning_columns import area_under_curve, bins_of, plan_columns
from services.learning_points import propose_points

Floats = NDArray[np.float64]

SEED = 20260101
FOLDS = 5
# How strongly weights are held back, from the strongest to the weakest; chosen by what was said of leads not seen.
STRENGTHS = (0.03, 0.1, 0.3, 1.0)
# A fit that predicts no better than the plain share of won leads by this much (log loss) is not shown.
GAIN_MIN = 0.01


def fit(task: Mapping[str, Any]) -> Json:
    """Fit the chance of being won. `task` holds `rows` (cells of closed leads), `won`, `scores`, `open`, `choices`."""
    rows: list[Cells] = task["rows"]
    won = np.array(task["won"], dtype=bool)
    columns, left_out = plan_columns(rows, task["won"], task["open"], task["choices"])
    design = design_of(rows, columns)
    told, strength = _told_by_others(design, won)
    slope, shift = calibrate(told, won)
    chances = _sigmoid(slope * told + shift)
    model = _regression(strength).fit(design, won)
    report = figures(chances, won) | {
        "won": int(won.sum()),
        "lost": int((~won).sum()),
        "tenths": tenths(chances, won),
        "rules": {
            "auc": area_under_curve(task["scores"], task["won"]),
            "tenths": tenths(np.array(task["scores"]), won),
        },
        "left_out": [asdict(column) for column in left_out],
        "used": [column.name for column in columns],
        "proposal": propose_points(rows, columns, won),
    }
    return {"weights": _weights(model, slope, shift, columns, design), "report": report}


def design_of(rows: Sequence[Cells], columns: Sequence[Column]) -> csr_matrix:
    """Return one row a lead and one column a bin: 1 where the lead falls into the bin."""
    places: list[int] = []
    ends = [0]
    starts = np.cumsum([0, *(column.size for column in columns)])
    known: list[dict[Any, tuple[int, ...]]] = [{} for _ in columns]
    for row in rows:
        for column, start, seen in zip(columns, starts, known, strict=False):
            cell = row.get(column.name)
            if cell not in seen:
                seen[cell] = bins_of(column, cell)
            places += [int(start) + place for place in seen[cell]]
        ends.append(len(places))
    return csr_matrix((np.ones(len(places)), places, ends), shape=(len(rows), int(starts[-1])))


def _regression(strength: float) -> LogisticRegression:
    return LogisticRegression(C=strength, max_iter=1000, tol=1e-6)


def _told_by_others(design: csr_matrix, won: NDArray[np.bool_]) -> tuple[Floats, float]:
    """Return the log odds that each lead gets from a fit on the others, and the strength that does best at it."""
    folds = list(StratifiedKFold(FOLDS, shuffle=True, random_state=SEED).split(design, won))
    best: tuple[float, Floats, float] | None = None
    for strength in STRENGTHS:
        told = np.zeros(len(won))
        for seen, unseen in folds:
            told[unseen] = _regression(strength).fit(design[seen], won[seen]).decision_function(design[unseen])
        loss = log_loss(_sigmoid(told), won)
        if best is None or loss < best[0]:
            best = (loss, told, strength)
    assert best is not None  # noqa: S101  STRENGTHS is not empty.
    return best[1], best[2]


def calibrate(told: Floats, won: NDArray[np.bool_]) -> tuple[float, float]:
    """Return slope and shift that turn log odds told of unseen leads into shares that came true (Platt)."""
    platt = LogisticRegression(C=1e6, max_iter=1000).fit(told.reshape(-1, 1), won)
    return float(platt.coef_[0][0]), float(platt.intercept_[0])


def figures(chances: Floats, won: NDArray[np.bool_]) -> Json:
    """Return how good chances told of unseen leads are."""
    base = np.full(len(won), won.mean())
    gain = log_loss(base, won) - log_loss(chances, won)
    best = tenths(chances, won)
    return {
        "auc": area_under_curve(chances.tolist(), won.tolist()),
        "top_tenth": best[0]["won"] / best[0]["count"],
        "calibration_error": sum(abs(t["told"] - t["won"] / t["count"]) * t["count"] for t in best) / len(won),
        "base_rate": float(won.mean()),
        "is_better": bool(gain >= GAIN_MIN),
    }


def tenths(told: Floats, won: NDArray[np.bool_]) -> list[Json]:
    """Divide the leads into tenths by what was told of them, the highest first.

    Leads of which the same was told share their outcomes: no order among them means anything.
    """
    _, places, counts = np.unique(told, return_inverse=True, return_counts=True)
    shared = (np.bincount(places, weights=won) / counts)[places]
    order = np.argsort(-told, kind="stable")
    return [
        {"count": len(part), "won": float(shared[part].sum()), "told": float(told[part].mean())}
        for part in np.array_split(order, 10)
        if len(part)
    ]


def log_loss(chances: Floats, won: NDArray[np.bool_]) -> float:
    """Return the mean surprise at the outcomes."""
    kept = np.clip(chances, 1e-9, 1 - 1e-9)
    return float(-np.mean(np.where(won, np.log(kept), np.log(1 - kept))))


def _sigmoid(odds: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-odds)), dtype=np.float64)


def _weights(
    model: LogisticRegression, slope: float, shift: float, columns: Sequence[Column], design: csr_matrix
) -> Json:
    shares = np.asarray(design.mean(axis=0)).ravel()
    weighed, start = [], 0
    for column in columns:
        part = model.coef_[0][start : start + column.size]
        mean = float(part @ shares[start : start + column.size])
        weighed.append({"column": asdict(column), "weights": part.tolist(), "mean": mean})
        start += column.size
    return {"base": float(model.intercept_[0]), "slope": slope, "shift": shift, "columns": weighed}


if __name__ == "__main__":
    json.dump(fit(json.load(sys.stdin)), sys.stdout)
