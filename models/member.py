"""The people of a workspace, and what each role may do."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from sqlalchemy import BigInteger, Index, UniqueConstraint
from sqlmodel import Field

from models.base import COMPACT, Choice, Row, UTCDateTime, one_of


class Standing(StrEnum):
    """What Slack says somebody is. Only an active person can do anything."""

    ACTIVE = "active"
    GUEST = "guest"
    STRANGER = "stranger"
    BOT = "bot"
    DEACTIVATED = "deactivated"


class Role(StrEnum):
    """A part somebody plays; `MEMBER` is every active full member."""

    MEMBER = "member"
    MARKETING = "marketing"
    SALES = "sales"
    MANAGER = "manager"


class Right(StrEnum):
    """Something that needs a role."""

    ADD = "add"
    LOG = "log"
    READ = "read"
    EDIT = "edit"
    FOLLOW = "follow"
    QUALIFY = "qualify"
    CLAIM = "claim"
    CLOSE = "close"
    ASSIGN = "assign"
    REPORT = "report"
    REVIEW = "review"
    MERGE = "merge"
    FORGET = "forget"
    SETUP = "setup"
    IMPORT = "import"
    EXPORT = "export"


_WORKING = frozenset({Role.MARKETING, Role.SALES, Role.MANAGER})

ROLES_WITH: dict[Right, frozenset[Role]] = {
    Right.ADD: frozenset({Role.MEMBER}),
    Right.LOG: frozenset({Role.MEMBER}),
    Right.READ: frozenset({Role.MEMBER}),
    Right.EDIT: _WORKING,
    Right.FOLLOW: _WORKING,
    Right.QUALIFY: frozenset({Role.MARKETING, Role.MANAGER}),
    Right.CLAIM: frozenset({Role.SALES, Role.MANAGER}),
    Right.CLOSE: _WORKING,
    Right.ASSIGN: frozenset({Role.MANAGER}),
    Right.REPORT: frozenset({Role.MARKETING, Role.MANAGER}),
    Right.REVIEW: frozenset({Role.MARKETING, Role.MANAGER}),
    Right.MERGE: frozenset({Role.MANAGER}),
    Right.FORGET: frozenset({Role.MANAGER}),
    Right.SETUP: frozenset({Role.MANAGER}),
    Right.IMPORT: frozenset({Role.MARKETING, Role.MANAGER}),
    Right.EXPORT: frozenset({Role.MANAGER}),
}


@dataclass(frozen=True)
class Actor:
    """Who is acting: a member as read when the request came in."""

    workspace_id: int
    member_id: int
    slack_id: str
    name: str
    locale: str
    timezone: str
    standing: Standing
    roles: frozenset[Role]

    def may(self, right: Right) -> bool:
        """Tell whether one of the roles carries the right."""
        return not self.roles.isdisjoint(ROLES_WITH[right])

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)


class Member(Row, table=True):
    """One row is a Slack user known to Baton, with their roles.

    `is_sales` and `is_marketing` follow the membership of the channels, `is_manager` Slack's admins and owners.
    """

    __table_args__ = (
        UniqueConstraint("workspace_id", "slack_id", name="member_slack_id_once"),
        one_of("member", "standing", Standing),
        Index("member_digest_due", "workspace_id", "digest_due_at"),
        COMPACT,
    )

    workspace_id: int = Field(primary_key=True, foreign_key="workspace.id", sa_type=BigInteger)
    slack_id: str
    name: str
    handle: str = ""
    """What Slack's composer completes after `@`."""
    locale: str = "ja"
    timezone: str = "Asia/Tokyo"
    standing: Standing = Field(default=Standing.ACTIVE, sa_type=Choice(Standing))
    is_marketing: bool = False
    is_sales: bool = False
    is_manager: bool = False
    digest_due_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    refreshed_at: datetime = Field(sa_type=UTCDateTime)

    @property
    def roles(self) -> frozenset[Role]:
        if self.standing is not Standing.ACTIVE:
            return frozenset()
        flags = {Role.MARKETING: self.is_marketing, Role.SALES: self.is_sales, Role.MANAGER: self.is_manager}
        return frozenset({Role.MEMBER} | {role for role, held in flags.items() if held})

    def as_actor(self) -> Actor:
        """Return the frozen picture of this member that travels with a request."""
        return Actor(
            self.workspace_id, self.id, self.slack_id, self.name, self.locale, self.timezone, self.standing, self.roles
        )
