"""What a view needs to know, gathered by a service at one instant: the frozen facts that travel between rooms."""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from models.delivery import Delivery
from models.handoff import Handoff, ReturnReason
from models.import_run import ImportRun
from models.lead import Consent, Lead, Source
from models.member import Member
from models.records import Change
from models.scoring import Score
from models.touchpoint import Touchpoint
from models.workspace import Team, Workspace


@dataclass(frozen=True)
class LeadEntry:
    """What somebody typed, or a file holds, about a lead; empty means not given."""

    name: str = ""
    company: str = ""
    title: str = ""
    email: str = ""
    phone: str = ""
    external_id: str | None = None
    source: Source | None = None
    campaign: str = ""
    note: str = ""
    consent: Consent = Consent.UNKNOWN
    extra: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class LeadFacts:
    """A lead with everything its card shows.

    `touchpoints` are the last three, newest first; `handoff` is the latest; `may_see_contact` says whether the reader
    gets e-mail and phone in full.
    """

    lead: Lead
    score: Score
    owner: Member | None
    marketer: Member | None
    touchpoints: tuple[Touchpoint, ...]
    handoff: Handoff | None
    may_see_contact: bool


class MatchReason(StrEnum):
    """Why a lead is taken for the same person."""

    EMAIL = "email"
    PHONE_AND_NAME = "phone_and_name"
    COMPANY = "company"


@dataclass(frozen=True)
class Match:
    """A lead that is probably the same person; `adds` are the fields that the entry would fill in."""

    lead: Lead
    owner: Member | None
    reasons: tuple[MatchReason, ...]
    adds: tuple[str, ...]
    may_see: bool


@dataclass(frozen=True)
class Duplicates:
    """A draft that waits for an answer; `matches` are the best of `count`."""

    draft_id: int
    matches: tuple[Match, ...]
    count: int


@dataclass(frozen=True)
class Logged:
    """A touchpoint just logged, and what it did.

    `handoff` is the offer that it opened by reaching the MQL threshold, `already_logged` that the same had been logged.
    """

    lead: Lead
    touchpoint: Touchpoint
    score_before: float
    score: Score
    turned_hot: bool
    handoff: Handoff | None
    may_qualify: bool
    half_life_days: float


@dataclass(frozen=True)
class HandoffFacts:
    """A handoff with everything its card, its reminder and its notes show.

    `claimers` are the members who may claim it and are on duty; `manager` hears of it when it stays unclaimed.
    `message_link` leads to the card where it has been posted.
    """

    handoff: Handoff
    lead: Lead
    team: Team
    score: Score
    owner: Member | None
    marketer: Member | None
    offered_by: Member | None
    returned_by: Member | None
    withdrawn_by: Member | None
    touchpoints: tuple[Touchpoint, ...]
    claimers: tuple[Member, ...] = ()
    manager: Member | None = None


@dataclass(frozen=True)
class Claimed:
    """A claim that was won: what the winner gets to see, with contact details."""

    facts: HandoffFacts
    contact_due_at: datetime


@dataclass(frozen=True)
class Undone:
    """What was taken back. `typed` is the line to hand back where one was kept; `lead` is None once its adding was."""

    change: Change
    lead: Lead | None
    typed: str = ""


class ListName(StrEnum):
    """The lists of `/lead list`."""

    MINE = "mine"
    HOT = "hot"
    DORMANT = "dormant"
    UNCLAIMED = "unclaimed"
    RECYCLED = "recycled"
    DUE = "due"


@dataclass(frozen=True)
class LeadRow:
    """One line of a list: the lead, its score now, and what is known of its handoff and owner."""

    lead: Lead
    score: float
    is_hot: bool
    owner: Member | None = None
    handoff: Handoff | None = None
    last_touchpoint: Touchpoint | None = None


@dataclass(frozen=True)
class LeadList:
    """The first rows of a list or a search, and how many there are."""

    rows: tuple[LeadRow, ...]
    count: int


@dataclass(frozen=True)
class DigestGroup:
    """One group of a digest: its most urgent rows and how many there are."""

    rows: tuple[LeadRow, ...] = ()
    count: int = 0


@dataclass(frozen=True)
class Digest:
    """What is one member's to do on one local day. Groups come in their order of urgency.

    `due`: next steps of today and before. `unclaimed`: handoffs they may claim (or wait on, for marketing; overdue ones
    for a manager). `uncontacted`: claimed and not yet contacted. `hot`: turned hot. `ready`: marketing may hand them
    off. `returned`: came back from sales. `failed`: messages that could not be delivered.
    """

    member: Member
    on: date
    is_late: bool
    overdue: DigestGroup
    due: DigestGroup
    unclaimed: DigestGroup
    uncontacted: DigestGroup
    ready: DigestGroup
    returned: DigestGroup
    hot: DigestGroup
    dormant: DigestGroup
    failed: tuple[Delivery, ...]
    owned_count: int

    @property
    def groups(self) -> dict[str, DigestGroup]:
        """The groups by name, most urgent first."""
        names = ("overdue", "due", "unclaimed", "uncontacted", "ready", "returned", "hot", "dormant")
        return {name: getattr(self, name) for name in names}

    @property
    def is_empty(self) -> bool:
        return not self.failed and not any(group.count for group in self.groups.values())


@dataclass(frozen=True)
class DormantNotice:
    """The leads of one member that went dormant on one day."""

    member: Member
    rows: tuple[LeadRow, ...]
    count: int


@dataclass(frozen=True)
class ImportFacts:
    """An import with what its message shows: `earlier` is the one that wrote the very same file before."""

    run: ImportRun
    earlier: ImportRun | None = None


@dataclass(frozen=True)
class Setup:
    """The workspace's settings as the set-up form shows them; `hot_count` leads are hot today."""

    workspace: Workspace
    team: Team | None
    hot_count: int


@dataclass(frozen=True)
class SlackMessage:
    """What a shortcut was used on: its text as typed, who wrote it, when, and its address."""

    text: str
    author_slack_id: str = ""
    bot_name: str = ""
    at: datetime | None = None
    link: str = ""


class Grouping(StrEnum):
    """By what a report puts leads together."""

    SOURCE = "source"
    CAMPAIGN = "campaign"


@dataclass(frozen=True)
class Funnel:
    """What became of one group's leads: how many ever became MQL, SQL, and were won.

    `answered` offers were claimed or returned, `accepted` of them claimed; `reasons` are those of the returned, the
    most frequent first.
    """

    key: str
    leads: int
    mql: int
    sql: int
    won: int
    answered: int = 0
    accepted: int = 0
    reasons: tuple[tuple[ReturnReason, int], ...] = ()


@dataclass(frozen=True)
class SourceReport:
    """What became of the leads added from `first` to `last` (None: without an end), by group and in all."""

    grouping: Grouping
    first: date | None
    last: date | None
    funnels: tuple[Funnel, ...]
    total: Funnel
