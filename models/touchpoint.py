"""One dated contact with a lead."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, BigInteger, Column, ForeignKeyConstraint, Index
from sqlmodel import Field

from models.base import COMPACT, Choice, Row, UTCDateTime, one_of


class TouchpointKind(StrEnum):
    """What kind of contact it was."""

    CALL = "call"
    EMAIL = "email"
    REPLY = "reply"
    MEETING = "meeting"
    VISIT = "visit"
    DEMO = "demo"
    DEMO_REQUEST = "demo_request"
    TRADE_SHOW = "trade_show"
    SEMINAR = "seminar"
    WEBINAR = "webinar"
    WHITEPAPER = "whitepaper"
    FORM = "form"
    PRICING = "pricing"
    PAGE_VIEW = "page_view"
    SNS = "sns"
    AD = "ad"
    CARD = "card"
    OTHER = "other"


class Direction(StrEnum):
    """Who came to whom: inbound is the lead's own doing."""

    INBOUND = "inbound"
    OUTBOUND = "outbound"


_WE_COME_TO_THEM = {
    TouchpointKind.CALL,
    TouchpointKind.EMAIL,
    TouchpointKind.MEETING,
    TouchpointKind.VISIT,
    TouchpointKind.DEMO,
    TouchpointKind.OTHER,
}

USUAL_DIRECTION: dict[TouchpointKind, Direction] = {
    kind: Direction.OUTBOUND if kind in _WE_COME_TO_THEM else Direction.INBOUND for kind in TouchpointKind
}
"""The direction a kind has unless somebody says otherwise."""

NOTE_MAX = 2000


class HalfLife(StrEnum):
    """The class in which a touchpoint's points fade; the days of each are in the scoring rules."""

    A = "a"
    B = "b"
    C = "c"
    D = "d"


class Touchpoint(Row, table=True):
    """One row is one contact: what it was, who came to whom and when. Its points follow from these."""

    __table_args__ = (
        ForeignKeyConstraint(["workspace_id", "lead_id"], ["lead.workspace_id", "lead.id"], name="touchpoint_lead"),
        one_of("touchpoint", "kind", TouchpointKind),
        one_of("touchpoint", "direction", Direction),
        # Kind and direction are all that scores need: they are rebuilt from the index alone.
        Index("touchpoint_of_lead", "workspace_id", "lead_id", "at", "kind", "direction"),
        COMPACT,
    )

    lead_id: int = Field(sa_type=BigInteger)
    kind: TouchpointKind = Field(sa_type=Choice(TouchpointKind))
    direction: Direction = Field(sa_type=Choice(Direction))
    at: datetime = Field(sa_type=UTCDateTime)
    note: str = ""
    extra: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True)))
    """What a webhook told of it and no field took, by its name."""
    member_id: int | None = Field(default=None, sa_type=BigInteger)
    created_at: datetime = Field(sa_type=UTCDateTime)
