"""What a manager decided about a column that is learned from."""

from datetime import datetime

from sqlalchemy import BigInteger
from sqlmodel import Field, SQLModel

from models.base import COMPACT, UTCDateTime


class ColumnChoice(SQLModel, table=True):
    """One row is one column: allowed although it looks as if it was filled in after the outcome, or forbidden."""

    __tablename__ = "column_choice"
    __table_args__ = COMPACT

    workspace_id: int = Field(primary_key=True, sa_type=BigInteger)
    name: str = Field(primary_key=True)
    is_allowed: bool
    member_id: int | None = Field(default=None, sa_type=BigInteger)
    at: datetime = Field(sa_type=UTCDateTime)
