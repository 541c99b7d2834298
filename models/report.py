"""A report that somebody asked for."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, BigInteger, Column, Index, LargeBinary, text
from sqlmodel import Field

from models.base import COMPACT, Choice, Row, UTCDateTime, one_of


class ReportKind(StrEnum):
    """What a report is about."""

    SCORING = "scoring"


class ReportState(StrEnum):
    """`WAITING` to be worked on, `DONE` with its facts, `FAILED` for a reason that stands in the log."""

    WAITING = "waiting"
    DONE = "done"
    FAILED = "failed"


class Report(Row, table=True):
    """One row is one report: who asked, how far it is, and what it found.

    `due_at` is real time, as that of a delivery: when a process may take it up; None once it is finished.
    """

    __table_args__ = (
        one_of("report", "kind", ReportKind),
        one_of("report", "state", ReportState),
        Index("report_due", "workspace_id", "due_at",
              sqlite_where=text("due_at IS NOT NULL"), postgresql_where=text("due_at IS NOT NULL")),
        COMPACT,
    )  # fmt: skip

    kind: ReportKind = Field(sa_type=Choice(ReportKind))
    state: ReportState = Field(default=ReportState.WAITING, sa_type=Choice(ReportState))
    member_id: int = Field(sa_type=BigInteger)
    facts: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    picture: bytes = Field(default=b"", sa_type=LargeBinary)
    attempts: int = 0
    due_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    asked_at: datetime = Field(sa_type=UTCDateTime)
    accepted_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    """When its proposal was put in force."""
