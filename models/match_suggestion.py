"""Two leads, or two companies, that may be one."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, BigInteger, CheckConstraint, Column, Index, UniqueConstraint, text
from sqlmodel import Field

from models.base import COMPACT, Choice, Row, UTCDateTime, one_of


class Subject(StrEnum):
    """What the two are."""

    LEAD = "lead"
    COMPANY = "company"


class SuggestionState(StrEnum):
    """What became of a suggestion. `NOT_SAME` is remembered: the same two are never suggested again."""

    OPEN = "open"
    LATER = "later"
    ACCEPTED = "accepted"
    NOT_SAME = "not_same"


class MatchSuggestion(Row, table=True):
    """One row is one pair that may be the same: why, how likely (0 to 100), and what a person said to it.

    `first_id` is the smaller id of the two. A pair put off for later waits behind the open ones.
    """

    __tablename__ = "match_suggestion"
    __table_args__ = (
        one_of("match_suggestion", "subject", Subject),
        one_of("match_suggestion", "state", SuggestionState),
        CheckConstraint("first_id < second_id", name="match_suggestion_ordered"),
        UniqueConstraint("workspace_id", "subject", "first_id", "second_id", name="match_suggestion_once"),
        Index("match_suggestion_of", "workspace_id", "subject", "second_id"),
        Index("match_suggestion_open", "workspace_id", "state", "score", "id",
              sqlite_where=text("state IN ('open', 'later')"), postgresql_where=text("state IN ('open', 'later')")),
        COMPACT,
    )  # fmt: skip

    subject: Subject = Field(sa_type=Choice(Subject))
    first_id: int = Field(sa_type=BigInteger)
    second_id: int = Field(sa_type=BigInteger)
    score: int
    reasons: list[Any] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    state: SuggestionState = Field(default=SuggestionState.OPEN, sa_type=Choice(SuggestionState))
    decided_by_id: int | None = Field(default=None, sa_type=BigInteger)
    decided_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    created_at: datetime = Field(sa_type=UTCDateTime)
