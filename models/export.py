"""What personal data left Baton: who took it out, when, and what became of the file in Slack."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, Index, text
from sqlmodel import Field

from models.base import COMPACT, Choice, Row, UTCDateTime, one_of


class ExportKind(StrEnum):
    """What an export holds; `LEAD` is all that is held about one person."""

    LEADS = "leads"
    TOUCHPOINTS = "touchpoints"
    HANDOFFS = "handoffs"
    LEAD = "lead"


class ExportState(StrEnum):
    """`WAITING` to be made, `MADE`, and for a file in Slack `DROPPING` and `DROPPED`; `FAILED` for the `fault`."""

    WAITING = "waiting"
    MADE = "made"
    DROPPING = "dropping"
    DROPPED = "dropped"
    FAILED = "failed"


class ExportFault(StrEnum):
    """Why there is no file, or why there still is one."""

    GONE = "gone"
    """The lead was forgotten, or its adding undone, before the file was made."""
    NOT_TAKEN = "not_taken"
    """Slack did not take the file."""
    NOT_DROPPED = "not_dropped"
    """Slack did not delete the file."""


class Export(Row, table=True):
    """One row is one export. Rows stay: they say who took which personal data out, without the person.

    `file_slack_id` is noted before anybody sees the file, `drop_at` is when it is to go. `due_at` and `leased_until`
    are real time: when there is work for a job, and how long one process has it for itself.
    """

    __table_args__ = (
        one_of("export", "what", ExportKind),
        one_of("export", "state", ExportState),
        one_of("export", "fault", ExportFault),
        Index("export_due", "workspace_id", "due_at",
              sqlite_where=text("due_at IS NOT NULL"), postgresql_where=text("due_at IS NOT NULL")),
        Index("export_kept", "workspace_id", "drop_at",
              sqlite_where=text("drop_at IS NOT NULL"), postgresql_where=text("drop_at IS NOT NULL")),
        COMPACT,
    )  # fmt: skip

    what: ExportKind = Field(sa_type=Choice(ExportKind))
    lead_number: int | None = None
    """Whose data it is, where it is one person's."""
    state: ExportState = Field(default=ExportState.WAITING, sa_type=Choice(ExportState))
    fault: ExportFault | None = Field(default=None, sa_type=Choice(ExportFault))
    member_id: int | None = Field(default=None, sa_type=BigInteger)
    """Who exports; None on the command line."""
    rows: int = 0
    file_slack_id: str = ""
    due_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    lease: str | None = None
    leased_until: datetime | None = Field(default=None, sa_type=UTCDateTime)
    attempts: int = 0
    asked_at: datetime = Field(sa_type=UTCDateTime)
    made_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    drop_at: datetime | None = Field(default=None, sa_type=UTCDateTime)

    @property
    def label(self) -> str:
        """Whose data it is: `L-12`; "" where it is everybody's."""
        return f"L-{self.lead_number}" if self.lead_number else ""
