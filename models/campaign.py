"""What a marketing activity cost, so that its leads can be judged by more than their number."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, UniqueConstraint
from sqlmodel import Field

from models.base import COMPACT, Row, UTCDateTime


class Campaign(Row, table=True):
    """One row is one campaign: its name as it was first typed, and what it cost in whole units of the currency.

    Leads name their campaign in words; `name_key` is the folded form by which the two are compared.
    """

    __table_args__ = (
        UniqueConstraint("workspace_id", "name_key", name="campaign_name_once"),
        CheckConstraint("cost >= 0", name="campaign_cost_not_negative"),
        COMPACT,
    )

    workspace_id: int = Field(primary_key=True, foreign_key="workspace.id", sa_type=BigInteger)
    name: str
    name_key: str
    cost: int | None = Field(default=None, sa_type=BigInteger)
    """None: nobody has said."""
    created_at: datetime = Field(sa_type=UTCDateTime)
