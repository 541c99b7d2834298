"""What people said about the columns of a kind of file, to be known the next time."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Column
from sqlmodel import Field, SQLModel

from models.base import COMPACT, UTCDateTime


class ImportMapping(SQLModel, table=True):
    """One row is the mapping last used for files with these very headings; `headings_key` is their hash."""

    __tablename__ = "import_mapping"
    __table_args__ = COMPACT

    workspace_id: int = Field(primary_key=True, sa_type=BigInteger)
    headings_key: str = Field(primary_key=True)
    mapping: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    used_at: datetime = Field(sa_type=UTCDateTime)
