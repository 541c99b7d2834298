"""What Baton remembers of its own doing: changes, requests answered, jobs run, drafts waiting."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, BigInteger, Column, ForeignKeyConstraint, Index
from sqlmodel import Field, SQLModel

from models.base import COMPACT, Choice, Row, UTCDateTime, one_of


class ChangeKind(StrEnum):
    """What was done to a lead."""

    ADDED = "added"
    EDITED = "edited"
    TOUCHED = "touched"
    QUALIFIED = "qualified"
    WITHDRAWN = "withdrawn"
    CLAIMED = "claimed"
    RELEASED = "released"
    RETURNED = "returned"
    CLOSED = "closed"
    FOLLOW_UP = "follow_up"
    ASSIGNED = "assigned"
    MERGED = "merged"
    CONSENT = "consent"
    UNDONE = "undone"
    HOT = "hot"
    COOLED = "cooled"
    DORMANT = "dormant"
    SCORED = "scored"


class Change(Row, table=True):
    """One row is one change of a lead: who did what, and the values before it. Rows are only added.

    `undone_at` is set when the change was taken back; the taking back is a row of its own.
    """

    __table_args__ = (
        ForeignKeyConstraint(["workspace_id", "lead_id"], ["lead.workspace_id", "lead.id"], name="change_lead"),
        one_of("change", "kind", ChangeKind),
        Index("change_of_lead", "workspace_id", "lead_id", "id"),
        Index("change_by_member", "workspace_id", "member_id", "id"),
        COMPACT,
    )

    lead_id: int | None = Field(default=None, sa_type=BigInteger)
    """None once the lead's adding was undone, or the person was forgotten."""
    lead_number: int
    kind: ChangeKind = Field(sa_type=Choice(ChangeKind))
    member_id: int | None = Field(default=None, sa_type=BigInteger)
    subject_id: int | None = Field(default=None, sa_type=BigInteger)
    before: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    at: datetime = Field(sa_type=UTCDateTime)
    undone_at: datetime | None = Field(default=None, sa_type=UTCDateTime)


class Receipt(SQLModel, table=True):
    """One row is a request that was carried out, so that its repeat changes nothing."""

    __table_args__ = COMPACT

    workspace_id: int = Field(primary_key=True, sa_type=BigInteger)
    key: str = Field(primary_key=True)
    at: datetime = Field(sa_type=UTCDateTime)
    answer: str | None = None
    """What a webhook was answered, as JSON, to be said again; other requests keep none."""


class JobRun(SQLModel, table=True):
    """One row is one job done for one slot: its key makes any number of processes run it once."""

    __tablename__ = "job_run"
    __table_args__ = COMPACT

    workspace_id: int = Field(primary_key=True, sa_type=BigInteger)
    job: str = Field(primary_key=True)
    slot: str = Field(primary_key=True)
    at: datetime = Field(sa_type=UTCDateTime)


class Draft(Row, table=True):
    """One row is something typed that waits, unsaved, for an answer (a possible duplicate)."""

    __table_args__ = (Index("draft_age", "workspace_id", "created_at"), COMPACT)

    member_id: int = Field(sa_type=BigInteger)
    typed: str = ""
    """The line as typed, to hand back when the person discards it."""
    fields: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    created_at: datetime = Field(sa_type=UTCDateTime)
