"""The versions of a workspace's scoring rules."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Column, UniqueConstraint
from sqlmodel import Field

from models.base import COMPACT, Row, UTCDateTime


class ScoringVersion(Row, table=True):
    """One row is one version of a workspace's scoring rules, and how far the scores follow it. Rules are never changed.

    `cursor` is the last lead whose score follows; `done` of `total` leads do; `effect` counts and names the leads that the
    change moved over a threshold, by `Effect`.
    """

    __tablename__ = "scoring_version"
    __table_args__ = (UniqueConstraint("workspace_id", "number", name="scoring_version_number_once"), COMPACT)

    number: int
    rules: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    member_id: int | None = Field(default=None, sa_type=BigInteger)
    note: str = ""
    restored_from: int | None = None
    at: datetime = Field(sa_type=UTCDateTime)
    cursor: int = Field(default=0, sa_type=BigInteger)
    done: int = 0
    total: int = 0
    effect: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    finished_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    is_replaced: bool = False
    """Newer rules came before every lead followed these."""
