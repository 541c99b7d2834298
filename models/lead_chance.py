"""How likely an open lead was last found to be won."""

from datetime import datetime

from sqlalchemy import BigInteger, Index
from sqlmodel import Field, SQLModel

from models.base import COMPACT, UTCDateTime


class LeadChance(SQLModel, table=True):
    """One row is the chance that a version gave to an open lead. It stays when the lead closes: so predictions can be checked.

    It refers to the lead without a foreign key: it says nothing of a person, and must not hold up the undoing of an adding.
    """

    __tablename__ = "lead_chance"
    __table_args__ = (Index("lead_chance_highest", "workspace_id", "version", "chance"), COMPACT)

    workspace_id: int = Field(primary_key=True, sa_type=BigInteger)
    lead_id: int = Field(primary_key=True, sa_type=BigInteger)
    version: int
    chance: float
    at: datetime = Field(sa_type=UTCDateTime)
