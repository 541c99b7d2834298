"""A lead: who they are, where they stand, what is due."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, BigInteger, CheckConstraint, Column, ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlmodel import Field

from models.base import COMPACT, Choice, Row, UTCDateTime, one_of


class Stage(StrEnum):
    """Where a lead stands in the Demand Waterfall."""

    INQUIRY = "INQUIRY"
    MQL = "MQL"
    SQL = "SQL"
    CLOSED = "CLOSED"


ALLOWED_MOVES: dict[Stage, frozenset[Stage]] = {
    Stage.INQUIRY: frozenset({Stage.MQL, Stage.CLOSED}),
    Stage.MQL: frozenset({Stage.SQL, Stage.INQUIRY, Stage.CLOSED}),
    Stage.SQL: frozenset({Stage.MQL, Stage.INQUIRY, Stage.CLOSED}),
    Stage.CLOSED: frozenset(),
}


class Outcome(StrEnum):
    """How a closed lead ended."""

    WON = "won"
    LOST = "lost"


class LeadKind(StrEnum):
    """A prospect is new; a customer has bought before (既存顧客)."""

    PROSPECT = "prospect"
    CUSTOMER = "customer"


class Source(StrEnum):
    """Where a lead came from (獲得経路)."""

    TRADE_SHOW = "trade_show"
    SEMINAR = "seminar"
    WEBINAR = "webinar"
    WHITEPAPER = "whitepaper"
    WEB_FORM = "web_form"
    REFERRAL = "referral"
    CARD = "card"
    COLD_CALL = "cold_call"
    AD = "ad"
    SNS = "sns"
    NEWSLETTER = "newsletter"
    OTHER = "other"


class DecisionRole(StrEnum):
    """The part a lead plays in the decision (立場)."""

    DECIDER = "decider"
    CHAMPION = "champion"
    USER = "user"
    RESEARCHER = "researcher"


class Progress(StrEnum):
    """How far the evaluation is (検討状況)."""

    RESEARCH = "research"
    COMPARE = "compare"
    APPROVAL = "approval"
    HOLD = "hold"


class Consent(StrEnum):
    """Whether the lead agreed to be e-mailed."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class Mark(StrEnum):
    """What a lead turned out to be, and nobody sells to."""

    COMPETITOR = "competitor"
    SPAM = "spam"


THE_SEVEN = ("mission", "interest", "role", "need", "progress", "timing", "budget")
"""The columns that hold what sales wants to know; None is "still open"."""

CONTACT_FIELDS = ("name", "company", "title", "email", "phone", "source", "campaign", "note")
"""The columns that people type to say who a lead is."""

MAX_LENGTHS = {
    "name": 100, "company": 200, "title": 200, "email": 254, "phone": 40, "external_id": 200, "campaign": 200,
    "note": 1000, "mission": 300, "interest": 300, "need": 500, "timing": 200, "budget": 200,
    "follow_up_note": 200, "closed_note": 500,
}  # fmt: skip
"""Characters that each typed field may have, the same in forms, commands and files."""


class Lead(Row, table=True):
    """One row is one person at a company who may buy.

    `*_key` columns are the folded forms that matching compares (services/folding.py). `engagement_a` to `engagement_d` are the sums of
    points·2^((at−epoch)/half-life) of each half-life class (services/scoring.py). `hot_alert_due_at`, `cools_at`,
    `dormant_at` and `follow_up_due_at` are due times: None means that time can cause nothing.
    """

    __table_args__ = (
        ForeignKeyConstraint(["workspace_id", "owner_id"], ["member.workspace_id", "member.id"], name="lead_owner"),
        ForeignKeyConstraint(
            ["workspace_id", "marketer_id"], ["member.workspace_id", "member.id"], name="lead_marketer"
        ),
        ForeignKeyConstraint(["workspace_id", "company_id"], ["company.workspace_id", "company.id"], name="lead_company"),
        UniqueConstraint("workspace_id", "number", name="lead_number_once"),
        one_of("lead", "kind", LeadKind),
        one_of("lead", "source", Source),
        one_of("lead", "stage", Stage),
        one_of("lead", "outcome", Outcome),
        one_of("lead", "role", DecisionRole),
        one_of("lead", "progress", Progress),
        one_of("lead", "consent", Consent),
        one_of("lead", "mark", Mark),
        CheckConstraint("(stage = 'CLOSED') = (outcome IS NOT NULL)", name="lead_closed_has_outcome"),
        CheckConstraint("name <> '' OR email <> '' OR phone <> '' OR external_id IS NOT NULL", name="lead_someone"),
        Index("lead_email", "workspace_id", "email_key"),
        Index("lead_phone", "workspace_id", "phone_key", "name_key"),
        Index("lead_name", "workspace_id", "name_key"),
        Index("lead_created", "workspace_id", "created_at", "source", "campaign", "stage", "outcome"),
        Index("lead_at_company", "workspace_id", "company_key", "name_key",
              sqlite_where=text("company_key IS NOT NULL"), postgresql_where=text("company_key IS NOT NULL")),
        Index("lead_of_company", "workspace_id", "company_id",
              sqlite_where=text("company_id IS NOT NULL"), postgresql_where=text("company_id IS NOT NULL")),
        Index("lead_match_due", "workspace_id", "match_due_at",
              sqlite_where=text("match_due_at IS NOT NULL"), postgresql_where=text("match_due_at IS NOT NULL")),
        Index("lead_external", "workspace_id", "external_id", unique=True,
              sqlite_where=text("external_id IS NOT NULL"), postgresql_where=text("external_id IS NOT NULL")),
        Index("lead_closed", "workspace_id", "outcome", "id",
              sqlite_where=text("outcome IS NOT NULL"), postgresql_where=text("outcome IS NOT NULL")),
        Index("lead_owned", "workspace_id", "owner_id", "stage",
              sqlite_where=text("owner_id IS NOT NULL"), postgresql_where=text("owner_id IS NOT NULL")),
        Index("lead_dormant_due", "workspace_id", "dormant_at",
              sqlite_where=text("dormant_at IS NOT NULL"), postgresql_where=text("dormant_at IS NOT NULL")),
        Index("lead_dormant", "workspace_id", "dormant_since",
              sqlite_where=text("dormant_since IS NOT NULL"), postgresql_where=text("dormant_since IS NOT NULL")),
        Index("lead_dormant_owned", "workspace_id", "owner_id", "dormant_since",
              sqlite_where=text("dormant_since IS NOT NULL"), postgresql_where=text("dormant_since IS NOT NULL")),
        Index("lead_dormant_unowned", "workspace_id", "marketer_id", "dormant_since",
              sqlite_where=text("dormant_since IS NOT NULL AND owner_id IS NULL"),
              postgresql_where=text("dormant_since IS NOT NULL AND owner_id IS NULL")),
        Index("lead_hot_alert_due", "workspace_id", "hot_alert_due_at",
              sqlite_where=text("hot_alert_due_at IS NOT NULL"), postgresql_where=text("hot_alert_due_at IS NOT NULL")),
        Index("lead_cools", "workspace_id", "cools_at",
              sqlite_where=text("cools_at IS NOT NULL"), postgresql_where=text("cools_at IS NOT NULL")),
        Index("lead_hot_owned", "workspace_id", "owner_id", "cools_at",
              sqlite_where=text("cools_at IS NOT NULL"), postgresql_where=text("cools_at IS NOT NULL")),
        Index("lead_follow_up_due", "workspace_id", "follow_up_due_at",
              sqlite_where=text("follow_up_due_at IS NOT NULL"), postgresql_where=text("follow_up_due_at IS NOT NULL")),
        Index("lead_follow_up_owned", "workspace_id", "owner_id", "follow_up_due_at",
              sqlite_where=text("follow_up_due_at IS NOT NULL"), postgresql_where=text("follow_up_due_at IS NOT NULL")),
        Index("lead_follow_up_unowned", "workspace_id", "marketer_id", "follow_up_due_at",
              sqlite_where=text("follow_up_due_at IS NOT NULL AND owner_id IS NULL"),
              postgresql_where=text("follow_up_due_at IS NOT NULL AND owner_id IS NULL")),
        Index("lead_imported", "workspace_id", "import_id", "id",
              sqlite_where=text("import_id IS NOT NULL"), postgresql_where=text("import_id IS NOT NULL")),
        Index("lead_recycled", "workspace_id", "returned_at",
              sqlite_where=text("is_recycled"), postgresql_where=text("is_recycled")),
        COMPACT,
    )  # fmt: skip

    workspace_id: int = Field(primary_key=True, foreign_key="workspace.id", sa_type=BigInteger)
    number: int

    name: str = ""
    company: str = ""
    title: str = ""
    email: str = ""
    phone: str = ""
    name_key: str = ""
    email_key: str | None = None
    phone_key: str | None = None
    company_key: str | None = None
    company_id: int | None = Field(default=None, sa_type=BigInteger)
    search_text: str = ""
    """What the search index holds of this lead (services/search.py); the two change together."""
    match_due_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    """When its company and its likely duplicates are to be looked for; None: they are known."""
    external_id: str | None = None
    kind: LeadKind = Field(default=LeadKind.PROSPECT, sa_type=Choice(LeadKind))
    source: Source = Field(default=Source.OTHER, sa_type=Choice(Source))
    campaign: str = ""
    note: str = ""
    extra: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    """What an import brought and no field took, by its column's name."""
    import_id: int | None = Field(default=None, sa_type=BigInteger)
    """The import that brought the lead; None for all others."""

    stage: Stage = Field(default=Stage.INQUIRY, sa_type=Choice(Stage))
    stage_at: datetime = Field(sa_type=UTCDateTime)
    outcome: Outcome | None = Field(default=None, sa_type=Choice(Outcome))
    closed_note: str = ""
    is_recycled: bool = False
    returned_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    owner_id: int | None = Field(default=None, sa_type=BigInteger)
    marketer_id: int | None = Field(default=None, sa_type=BigInteger)

    mission: str | None = None
    interest: str | None = None
    role: DecisionRole | None = Field(default=None, sa_type=Choice(DecisionRole))
    need: str | None = None
    progress: Progress | None = Field(default=None, sa_type=Choice(Progress))
    timing: str | None = None
    budget: str | None = None

    consent: Consent = Field(default=Consent.UNKNOWN, sa_type=Choice(Consent))
    consent_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    mark: Mark | None = Field(default=None, sa_type=Choice(Mark))

    rules_version: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    """The version of the scoring rules that `fit_points` and the sums follow."""
    fit_points: float = 0.0
    manual_points: float = Field(default=0.0, sa_column_kwargs={"server_default": "0"})
    """The sum of the corrections that people made."""
    engagement_a: float = 0.0
    engagement_b: float = 0.0
    engagement_c: float = 0.0
    engagement_d: float = 0.0
    hot_since: datetime | None = Field(default=None, sa_type=UTCDateTime)
    hot_alerted_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    hot_alert_due_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    cools_at: datetime | None = Field(default=None, sa_type=UTCDateTime)

    last_touch_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    dormant_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    dormant_since: datetime | None = Field(default=None, sa_type=UTCDateTime)
    follow_up_on: date | None = None
    follow_up_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    """The instant of a next step that has a time of day; None for a day without one."""
    follow_up_due_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    follow_up_note: str = ""

    rev: int = 1
    created_by_id: int | None = Field(default=None, sa_type=BigInteger)
    created_at: datetime = Field(sa_type=UTCDateTime)
    updated_at: datetime = Field(sa_type=UTCDateTime)

    @property
    def label(self) -> str:
        """The name people type: `L-12`."""
        return f"L-{self.number}"
