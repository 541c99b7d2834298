"""Marketing's offer of a lead to a sales team."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import BigInteger, ForeignKeyConstraint, Index, text
from sqlmodel import Field

from models.base import COMPACT, Choice, Row, UTCDateTime, one_of


class HandoffState(StrEnum):
    """Where an offer stands. Overdue is not a state of its own: the offer still stands."""

    OFFERED = "offered"
    CLAIMED = "claimed"
    RETURNED = "returned"
    WITHDRAWN = "withdrawn"


class ReturnReason(StrEnum):
    """Why sales gave a lead back."""

    INCOMPLETE = "incomplete"
    MISROUTED = "misrouted"
    NO_FIT = "no_fit"
    TOO_EARLY = "too_early"
    UNREACHABLE = "unreachable"
    NO_NEED = "no_need"
    DUPLICATE = "duplicate"
    OTHER = "other"


WHY_NOW_MAX = 500
COMMENT_MAX = 500
RELEASE_MINUTES = 15
"""How long a claim can be put back as if it had not been."""


class Handoff(Row, table=True):
    """One row is one offer: what marketing said, until when it stood, who took it and how it ended.

    `claim_due_at`, `escalate_due_at` and `contact_due_at` are due times, None once they can cause nothing more;
    `due_at` keeps what was promised. `overdue_since` is when the reminder went out.
    """

    __table_args__ = (
        ForeignKeyConstraint(["workspace_id", "lead_id"], ["lead.workspace_id", "lead.id"], name="handoff_lead"),
        ForeignKeyConstraint(["workspace_id", "team_id"], ["team.workspace_id", "team.id"], name="handoff_team"),
        ForeignKeyConstraint(["workspace_id", "owner_id"], ["member.workspace_id", "member.id"], name="handoff_owner"),
        one_of("handoff", "state", HandoffState),
        one_of("handoff", "reason", ReturnReason),
        Index("handoff_open_once", "workspace_id", "lead_id", unique=True,
              sqlite_where=text("state = 'offered'"), postgresql_where=text("state = 'offered'")),
        Index("handoff_of_lead", "workspace_id", "lead_id", "offered_at"),
        Index("handoff_offered", "workspace_id", "state", "due_at"),
        Index("handoff_claim_due", "workspace_id", "claim_due_at",
              sqlite_where=text("claim_due_at IS NOT NULL"), postgresql_where=text("claim_due_at IS NOT NULL")),
        Index("handoff_escalate_due", "workspace_id", "escalate_due_at",
              sqlite_where=text("escalate_due_at IS NOT NULL"), postgresql_where=text("escalate_due_at IS NOT NULL")),
        Index("handoff_uncontacted", "workspace_id", "owner_id", "contact_due_at",
              sqlite_where=text("contact_due_at IS NOT NULL"), postgresql_where=text("contact_due_at IS NOT NULL")),
        COMPACT,
    )  # fmt: skip

    lead_id: int | None = Field(default=None, sa_type=BigInteger)
    """None once the person was forgotten: what is left counts in the statistics and says nothing of them."""
    team_id: int = Field(sa_type=BigInteger)
    state: HandoffState = Field(default=HandoffState.OFFERED, sa_type=Choice(HandoffState))
    why_now: str = ""
    marketer_id: int | None = Field(default=None, sa_type=BigInteger)
    offered_by_id: int | None = Field(default=None, sa_type=BigInteger)
    """Who pressed "hand off"; None when the score reached the MQL threshold by itself."""
    offered_at: datetime = Field(sa_type=UTCDateTime)
    due_at: datetime = Field(sa_type=UTCDateTime)
    claim_due_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    escalate_due_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    overdue_since: datetime | None = Field(default=None, sa_type=UTCDateTime)
    owner_id: int | None = Field(default=None, sa_type=BigInteger)
    claimed_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    contact_due_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    contacted_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    returned_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    returned_by_id: int | None = Field(default=None, sa_type=BigInteger)
    reason: ReturnReason | None = Field(default=None, sa_type=Choice(ReturnReason))
    comment: str = ""
    retry_on: date | None = None
    withdrawn_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    withdrawn_by_id: int | None = Field(default=None, sa_type=BigInteger)
