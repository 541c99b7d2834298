"""A Slack message that should exist."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from models.base import COMPACT, Choice, Row, UTCDateTime, one_of


class DeliveryKind(StrEnum):
    """What a message is about; `subject_id` is the row it is rendered from."""

    HANDOFF_CARD = "handoff_card"
    HANDOFF_REMINDER = "handoff_reminder"
    HANDOFF_ESCALATION = "handoff_escalation"
    RETURN_NOTE = "return_note"
    CLAIM_ANSWER = "claim_answer"
    ASSIGNED_NOTE = "assigned_note"
    HOT_ALERT = "hot_alert"
    DORMANT_NOTICE = "dormant_notice"
    REAWAKENED = "reawakened"
    DIGEST = "digest"
    DELIVERY_FAILED = "delivery_failed"
    SCORES_CHANGED = "scores_changed"
    REPORT = "report"
    REPORT_PICTURE = "report_picture"
    ERASURE_NOTE = "erasure_note"
    IMPORT_NOTE = "import_note"
    MESSAGE_ANSWER = "message_answer"
    EXPORT_NOTE = "export_note"


class DeliveryState(StrEnum):
    """`PENDING` wants sending, `SENT` shows the wanted revision, `DROPPED` has nothing left to say.

    `UNKNOWN`: an answer was lost and the message could not be found; `FAILED`: Slack refuses it for good.
    """

    PENDING = "pending"
    SENT = "sent"
    DROPPED = "dropped"
    UNKNOWN = "unknown"
    FAILED = "failed"


class Delivery(Row, table=True):
    """One row is one message: about which row, to whom, and the revision it should show. It holds no text.

    `key` makes it unique; `about` tells several messages about one row apart (a digest's local day, a reader); `channel_slack_id` is a channel, or a user for a direct message; `only_to_slack_id` makes it
    an ephemeral message; `parent_id` is the delivery whose thread it belongs to. `leased_until` is real time.
    """

    __table_args__ = (
        UniqueConstraint("workspace_id", "key", name="delivery_key_once"),
        one_of("delivery", "kind", DeliveryKind),
        one_of("delivery", "state", DeliveryState),
        Index("delivery_due", "workspace_id", "next_attempt_at",
              sqlite_where=text("state = 'pending'"), postgresql_where=text("state = 'pending'")),
        Index("delivery_message", "workspace_id", "slack_ts",
              sqlite_where=text("slack_ts IS NOT NULL"), postgresql_where=text("slack_ts IS NOT NULL")),
        Index(
            "delivery_stuck",
            "workspace_id",
            "created_at",
            sqlite_where=text("state IN ('unknown', 'failed')"),
            postgresql_where=text("state IN ('unknown', 'failed')"),
        ),
        Index("delivery_about", "workspace_id", "kind", "subject_id"),
        Index("delivery_erased", "workspace_id", "erasure_id",
              sqlite_where=text("erasure_id IS NOT NULL"), postgresql_where=text("erasure_id IS NOT NULL")),
        COMPACT,
    )  # fmt: skip

    kind: DeliveryKind = Field(sa_type=Choice(DeliveryKind))
    key: str
    subject_id: int = Field(sa_type=BigInteger)
    about: str = ""
    channel_slack_id: str
    only_to_slack_id: str | None = None
    parent_id: int | None = Field(default=None, sa_type=BigInteger)
    erasure_id: int | None = Field(default=None, sa_type=BigInteger)
    """Somebody whom it names was forgotten: what stands in Slack is to lose them."""
    wanted_rev: int = 1
    sent_rev: int = 0
    state: DeliveryState = Field(default=DeliveryState.PENDING, sa_type=Choice(DeliveryState))
    next_attempt_at: datetime = Field(sa_type=UTCDateTime)
    leased_until: datetime | None = Field(default=None, sa_type=UTCDateTime)
    lease: str | None = None
    attempts: int = 0
    is_doubtful: bool = False
    """An attempt's answer was lost: look the message up in the channel before sending again."""
    posted_channel_slack_id: str | None = None
    slack_ts: str | None = None
    error: str = ""
    created_at: datetime = Field(sa_type=UTCDateTime)
    sent_at: datetime | None = Field(default=None, sa_type=UTCDateTime)


class Mention(SQLModel, table=True):
    """One row says that a message about several leads named this one: so it can be found when the person is forgotten."""

    __table_args__ = (
        ForeignKeyConstraint(["workspace_id", "lead_id"], ["lead.workspace_id", "lead.id"], name="mention_lead"),
        COMPACT,
    )

    workspace_id: int = Field(primary_key=True, sa_type=BigInteger)
    lead_id: int = Field(primary_key=True, sa_type=BigInteger)
    delivery_id: int = Field(primary_key=True, sa_type=BigInteger)
