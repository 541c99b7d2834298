"""Two leads that became one."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Column, ForeignKeyConstraint, Index, text
from sqlmodel import Field

from models.base import COMPACT, Row, UTCDateTime

UNDO_DAYS = 30
"""How long a merge can be taken back."""


class LeadMerge(Row, table=True):
    """One row is one merge: the lead that went into another, by whose number, address and external id it is still found.

    `before` holds both leads and what moved, so that the whole can be taken back.
    """

    __tablename__ = "lead_merge"
    __table_args__ = (
        ForeignKeyConstraint(["workspace_id", "into_id"], ["lead.workspace_id", "lead.id"], name="lead_merge_into"),
        Index("lead_merge_number", "workspace_id", "number", unique=True,
              sqlite_where=text("undone_at IS NULL"), postgresql_where=text("undone_at IS NULL")),
        Index("lead_merge_email", "workspace_id", "email_key",
              sqlite_where=text("undone_at IS NULL"), postgresql_where=text("undone_at IS NULL")),
        Index("lead_merge_external", "workspace_id", "external_id",
              sqlite_where=text("external_id IS NOT NULL AND undone_at IS NULL"),
              postgresql_where=text("external_id IS NOT NULL AND undone_at IS NULL")),
        Index("lead_merge_into", "workspace_id", "into_id", "id"),
        COMPACT,
    )  # fmt: skip

    into_id: int = Field(sa_type=BigInteger)
    """The lead that stands for both; when that goes into another, so do its merges."""
    lead_id: int = Field(sa_type=BigInteger)
    number: int
    email_key: str | None = None
    external_id: str | None = None
    before: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    member_id: int | None = Field(default=None, sa_type=BigInteger)
    at: datetime = Field(sa_type=UTCDateTime)
    undone_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
