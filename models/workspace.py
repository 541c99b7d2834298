"""A Slack workspace and what its people agreed on."""

from datetime import datetime, time
from typing import Any

from sqlalchemy import JSON, BigInteger, CheckConstraint, UniqueConstraint
from sqlmodel import Field, SQLModel

from models.base import COMPACT, Row, UTCDateTime, new_id

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class Workspace(SQLModel, table=True):
    """One row is one Slack workspace with its settings (`/lead setup`).

    Thresholds are points; `*_days` are calendar days; `claim_minutes` and `contact_minutes` are working minutes
    (`open_from` to `open_until` on `working_days`, without the public holidays of `country`).
    """

    __table_args__ = (
        UniqueConstraint("slack_id", name="workspace_slack_id_once"),
        CheckConstraint("hot_threshold >= mql_threshold", name="workspace_hot_over_mql"),
    )

    id: int = Field(default_factory=new_id, primary_key=True, sa_type=BigInteger)
    slack_id: str
    name: str = ""
    bot_user_slack_id: str = ""
    locale: str = "ja"
    timezone: str = "Asia/Tokyo"
    country: str = "JP"
    marketing_channel_slack_id: str | None = None
    mql_threshold: int = 60
    hot_threshold: int = 80
    dormant_inquiry_days: int = 90
    dormant_mql_days: int = 30
    dormant_sql_days: int = 30
    recycle_days: int = 14
    hot_quiet_days: int = 7
    claim_minutes: int = 120
    contact_minutes: int = 480
    open_from: time = time(9)
    open_until: time = time(18)
    digest_time: time = time(9)
    working_days: str = "mon,tue,wed,thu,fri"
    scoring: dict[str, Any] | None = Field(default=None, sa_type=JSON)
    """The scoring rules by version, the newest in force and the one before; None: the defaults of `models/scoring.py`."""
    set_up_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    created_at: datetime = Field(sa_type=UTCDateTime)


class Counter(SQLModel, table=True):
    """One row is the last number given in a workspace, so that `L-n` is never reused."""

    workspace_id: int = Field(primary_key=True, foreign_key="workspace.id", sa_type=BigInteger)
    name: str = Field(primary_key=True)
    value: int = 0


class Team(Row, table=True):
    """One row is a sales team: the channel that its handoffs are offered in, and the channel's language."""

    __table_args__ = (UniqueConstraint("workspace_id", "channel_slack_id", name="team_channel_once"), COMPACT)

    workspace_id: int = Field(primary_key=True, foreign_key="workspace.id", sa_type=BigInteger)
    name: str
    channel_slack_id: str
    locale: str = "ja"
    created_at: datetime = Field(sa_type=UTCDateTime)
