"""A person who was forgotten: the proof that stays, and the keyed hashes by which they are not brought back."""

from datetime import datetime

from sqlalchemy import JSON, BigInteger, Column, Index, text
from sqlmodel import Field, SQLModel

from models.base import COMPACT, Row, UTCDateTime

LIFT_REASON_MAX = 200


class Erasure(Row, table=True):
    """One row is the proof that a lead was erased: who asked, when, how many rows. It says nothing of the person.

    `done_at` is when their last message in Slack was changed and the freed space overwritten; until then the job looks
    after it.
    """

    __table_args__ = (
        Index("erasure_of_number", "workspace_id", "lead_number"),
        Index("erasure_open", "workspace_id", "id",
              sqlite_where=text("done_at IS NULL"), postgresql_where=text("done_at IS NULL")),
        COMPACT,
    )  # fmt: skip

    lead_number: int
    asked_by_id: int | None = Field(default=None, sa_type=BigInteger)
    """Who asked; None on the command line."""
    asked_at: datetime = Field(sa_type=UTCDateTime)
    rows: dict[str, int] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    """How many rows went, by table."""
    messages: int = 0
    unedited: int = 0
    """Messages that Slack did not let us change."""
    homes_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    """When everybody's Home tab was drawn anew."""
    overwritten_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    """When the database's freed space was overwritten."""
    done_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    lifted_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    lifted_by_id: int | None = Field(default=None, sa_type=BigInteger)
    lift_reason: str = ""

    @property
    def label(self) -> str:
        """The name that the lead went by: `L-12`."""
        return f"L-{self.lead_number}"


class Suppression(SQLModel, table=True):
    """One row is the keyed hash of something that tells a forgotten person: an address, a number with a name, an id."""

    __table_args__ = (Index("suppression_of_erasure", "workspace_id", "erasure_id"), COMPACT)

    workspace_id: int = Field(primary_key=True, sa_type=BigInteger)
    digest: str = Field(primary_key=True)
    erasure_id: int = Field(sa_type=BigInteger)


class SuppressionKey(SQLModel, table=True):
    """One row is a workspace's own secret for those hashes, made when the first person is forgotten."""

    __tablename__ = "suppression_key"

    workspace_id: int = Field(primary_key=True, foreign_key="workspace.id", sa_type=BigInteger)
    secret: str
