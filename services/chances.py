"""The chance that a lead is won, and its reasons: additions of numbers that were learned, in pure Python.

The bot never imports scikit-learn: what it fitted are plain numbers (services/learning_fit.py).
"""

import math
from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import defer
from sqlmodel import Session, col

from models.lead import Lead, Stage
from models.lead_chance import LeadChance
from models.learned_model import LearnedModel
from models.learning import (
    MISSING,
    Cells,
    Chance,
    ChanceReason,
    Column,
    ColumnKind,
    Json,
    WeighedColumn,
    Weights,
)
from services.learning_columns import bins_of, clean, number_in
from services.learning_rows import cells_now

REASONS = 3
"""Reasons that a chance is shown with."""
REASON_MIN = 0.05
"""Log odds below which a reason is none: about one percent of chance."""


def chance_now(session: Session, lead: Lead, now: datetime) -> Chance | None:
    """Return how likely an open lead is to be won; None while too little is known, or the fit is no better than a guess."""
    if lead.stage is Stage.CLOSED:
        return None
    model = model_in_force(session, lead.workspace_id)
    if model is None or not model.is_shown:
        return None
    return chance_of(model, cells_now(session, [lead], now)[0])


def chance_of(model: LearnedModel, cells: Cells) -> Chance:
    """Return the chance of a lead with these cells, by this version."""
    weights = weights_of(model)
    return Chance(probability_of(weights, cells), reasons_of(weights, cells), model.version, model.fitted_at)


def model_in_force(session: Session, workspace_id: int) -> LearnedModel | None:
    """Return the newest version; None before anything was learned. Its long columns are read when they are asked for."""
    query = (
        select(LearnedModel)
        .where(col(LearnedModel.workspace_id) == workspace_id)
        .order_by(col(LearnedModel.version).desc())
        .limit(1)
        .options(defer(LearnedModel.weights), defer(LearnedModel.report))  # type: ignore[arg-type]
    )
    return session.scalars(query).first()


def model_of_version(session: Session, workspace_id: int, version: int) -> LearnedModel:
    """Return a version. Versions are never deleted."""
    query = select(LearnedModel).where(
        col(LearnedModel.workspace_id) == workspace_id, col(LearnedModel.version) == version
    )
    return session.scalars(query).one()


_KNOWN: dict[int, tuple[int, Weights]] = {}


def weights_of(model: LearnedModel) -> Weights:
    """Return a version's weights; a version never changes, so those in force are read from the database once."""
    known = _KNOWN.get(model.workspace_id)
    if known is None or known[0] != model.id:
        known = _KNOWN[model.workspace_id] = (model.id, read_weights(model.weights))
    return known[1]


def read_weights(held: Json) -> Weights:
    """Read weights from JSON."""
    return Weights(held["base"], held["slope"], held["shift"], tuple(map(_read_column, held["columns"])))


def _read_column(held: Json) -> WeighedColumn:
    of = held["column"]
    column = Column(of["name"], ColumnKind(of["kind"]), tuple(of["edges"]), tuple(of["values"]))
    return WeighedColumn(column, tuple(held["weights"]), held["mean"])


def log_odds(weights: Weights, cells: Cells) -> float:
    """Return the log odds before they are calibrated."""
    return weights.base + sum(_added(weighed, cells) for weighed in weights.columns)


def probability_of(weights: Weights, cells: Cells) -> float:
    """Return the calibrated chance, between 0 and 1."""
    return 1 / (1 + math.exp(-(weights.slope * log_odds(weights, cells) + weights.shift)))


def _added(weighed: WeighedColumn, cells: Cells) -> float:
    return sum(weighed.weights[place] for place in bins_of(weighed.column, cells.get(weighed.column.name)))


def reasons_of(weights: Weights, cells: Cells) -> tuple[ChanceReason, ...]:
    """Return what moves the chance most, up or down, beside the mean of all leads learned from."""
    found = [_reason(weighed, cells, weights.slope) for weighed in weights.columns]
    strong = [reason for reason in found if abs(reason.effect) >= REASON_MIN]
    return tuple(sorted(strong, key=lambda reason: (-abs(reason.effect), reason.column))[:REASONS])


def _reason(weighed: WeighedColumn, cells: Cells, slope: float) -> ChanceReason:
    column, cell = weighed.column, clean(cells.get(weighed.column.name, MISSING))
    effect = slope * (_added(weighed, cells) - weighed.mean)
    if column.kind is ColumnKind.NUMBER and cell != MISSING and number_in(cell) is not None:
        (place,) = bins_of(column, cell)
        low, high = _bounds(column.edges, place)
        return ChanceReason(column.name, str(cell), effect, low, high)
    return ChanceReason(column.name, str(cell), effect)


def _bounds(edges: Sequence[float], place: int) -> tuple[float | None, float | None]:
    return (edges[place - 2] if place > 1 else None), (edges[place - 1] if place <= len(edges) else None)


def forget_chances(session: Session, workspace_id: int, lead_ids: Collection[int]) -> None:
    """Delete the chances of leads that are no more."""
    session.execute(
        delete(LeadChance)
        .where(col(LeadChance.workspace_id) == workspace_id, col(LeadChance.lead_id).in_(lead_ids))
        .execution_options(synchronize_session=False)
    )
