"""What was learned from closed leads, version by version."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Column, UniqueConstraint
from sqlmodel import Field

from models.base import COMPACT, Row, UTCDateTime


class LearnedModel(Row, table=True):
    """One row is one fit of the chance of being won; the newest is in force, the older ones are kept.

    `weights` and `report` are what services/learning_fit.py returned. `is_shown` is False for a fit that predicts no
    better than the plain share of won leads.
    """

    __tablename__ = "learned_model"
    __table_args__ = (UniqueConstraint("workspace_id", "version", name="learned_model_version_once"), COMPACT)

    version: int
    fitted_at: datetime = Field(sa_type=UTCDateTime)
    won: int
    lost: int
    is_shown: bool
    weights: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    report: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    scored_to_id: int | None = Field(default=0, sa_type=BigInteger)
    """The last open lead whose chance was written down; None when all are."""
