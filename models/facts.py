"""What a view needs to know, gathered by a service at one instant: the frozen facts that travel between rooms."""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from models.company import Company
from models.consent import ConsentBasis, ConsentRecord
from models.delivery import Delivery
from models.handoff import Handoff, ReturnReason
from models.import_run import ImportRun
from models.lead import Consent, Lead, LeadKind, Source
from models.learned_model import LearnedModel
from models.learning import Chance, Closed, FitReport
from models.match_suggestion import MatchSuggestion
from models.member import Member
from models.records import Change
from models.report import Report
from models.scoring import Effect, EngagementPoints, Score, ScoringRules
from models.scoring_version import ScoringVersion
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
    kind: LeadKind = LeadKind.PROSPECT


@dataclass(frozen=True)
class ConsentEntry:
    """What is told of somebody's consent; empty means not told. `given_at` None: now; `origin` is where they said it."""

    answer: Consent
    purpose: str = ""
    basis: ConsentBasis | None = None
    given_at: datetime | None = None
    origin: str = ""
    notice: str = ""

    @property
    def is_detailed(self) -> bool:
        """Whether more is told than the answer."""
        return bool(self.purpose or self.basis or self.given_at or self.origin or self.notice)

    def renews(self, withdrawn_at: datetime | None) -> bool:
        """Tell whether this is a new consent of somebody who had opted out: said since, and it is told when and where."""
        is_later = self.given_at is not None and (withdrawn_at is None or self.given_at > withdrawn_at)
        return self.answer is Consent.YES and is_later and bool(self.origin)


@dataclass(frozen=True)
class ErasurePlan:
    """What forgetting a lead would take away: `rows` by table, and the messages that name it.

    `whispers` are answers that only one person saw, which nobody can take back.
    """

    lead: Lead
    rows: dict[str, int]
    messages: int
    whispers: int


@dataclass(frozen=True)
class LeadFacts:
    """A lead with everything its card shows.

    `touchpoints` are the last three, newest first; `handoff` is the latest; `may_see_contact` says whether the reader
    gets e-mail and phone in full; `consent` is the answer in force, None where nobody has told one.
    """

    lead: Lead
    score: Score
    owner: Member | None
    marketer: Member | None
    touchpoints: tuple[Touchpoint, ...]
    handoff: Handoff | None
    may_see_contact: bool
    chance: Chance | None = None
    """How likely it is to be won, for one person's eyes; None in channels, and while too little is known."""
    consent: ConsentRecord | None = None


class MatchReason(StrEnum):
    """Why a lead is taken for the same person, or a company for the same one."""

    EXTERNAL_ID = "external_id"
    EMAIL = "email"
    PHONE_AND_NAME = "phone_and_name"
    NAME = "name"
    SIMILAR_NAME = "similar_name"
    PHONE = "phone"
    COMPANY = "company"
    DOMAIN = "domain"
    CORPORATE_NUMBER = "corporate_number"


@dataclass(frozen=True)
class LeadMatch:
    """A lead that is the same person as an entry when `is_certain`, else likely: `score` goes from 0 to 100."""

    lead_id: int
    reasons: tuple[MatchReason, ...]
    score: int
    is_certain: bool


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
class Pair:
    """A suggestion with the two leads, or companies, that it is about; `lead_counts` are the companies' leads."""

    suggestion: MatchSuggestion
    leads: tuple[Lead, Lead] | None = None
    companies: tuple[Company, Company] | None = None
    lead_counts: tuple[int, int] = (0, 0)

    @property
    def reasons(self) -> tuple[MatchReason, ...]:
        return tuple(MatchReason(reason) for reason in self.suggestion.reasons)


@dataclass(frozen=True)
class MergePreview:
    """What would become of two leads. `filled` fields come from the one that goes; of `differing` ones its are dropped."""

    stays: Lead
    goes: Lead
    filled: tuple[str, ...]
    differing: tuple[str, ...]
    touchpoint_count: int
    consent: Consent
    withdraws_offer: bool


@dataclass(frozen=True)
class PairList:
    """The first pairs to review, and how many there are."""

    pairs: tuple[Pair, ...]
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
    gave: EngagementPoints
    slept_days: int | None = None
    """For how many days a dormant lead had been left alone that is awake by this; None: it was awake."""


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
    grade: str = ""


@dataclass(frozen=True)
class LeadList:
    """The first rows of a list or a search, and how many there are; `is_more`: at least that many."""

    rows: tuple[LeadRow, ...]
    count: int
    is_more: bool = False


@dataclass(frozen=True)
class Undelivered:
    """A message that did not arrive, and the lead that it is about where it is about one."""

    delivery: Delivery
    lead: Lead | None


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
    failed: tuple[Undelivered, ...]
    owned_count: int
    pair_count: int = 0
    """Possible duplicates to review. They are no reason for a digest by themselves."""

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
class Reawakened:
    """A dormant lead that did something by itself: what, and where it had stopped.

    `previous` is the touchpoint before, `quiet_since` its instant, else when the lead was added; `score_before` the
    score before what it did, None where nobody noted it. `is_theirs`: the reader owns the lead.
    """

    facts: LeadFacts
    touchpoint: Touchpoint
    previous: Touchpoint | None
    quiet_since: datetime
    score_before: float | None
    is_theirs: bool


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
class ScoringReport:
    """What `/lead report scoring` says. `fit` is None while too few leads are closed to learn from."""

    report: Report
    closed: Closed
    model: LearnedModel | None = None
    fit: FitReport | None = None
    likeliest: tuple[tuple[Lead, float], ...] = ()


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
    IMPORT = "import"


@dataclass(frozen=True)
class Funnel:
    """What became of one group's leads: how many ever became MQL, SQL, and were won.

    `answered` offers were claimed or returned, `accepted` of them claimed; `reasons` are those of the returned, the
    most frequent first. `name` is what people call the group where its key does not say it; `cost` is what it cost in
    whole units of the currency, None where nobody knows; `uncounted` are a source's campaigns that are not in its cost.
    """

    key: str
    leads: int
    mql: int
    sql: int
    won: int
    answered: int = 0
    accepted: int = 0
    reasons: tuple[tuple[ReturnReason, int], ...] = ()
    name: str = ""
    cost: int | None = None
    uncounted: int = 0


@dataclass(frozen=True)
class SourceReport:
    """What became of the leads added from `first` to `last` (None: without an end), by group and in all."""

    grouping: Grouping
    first: date | None
    last: date | None
    funnels: tuple[Funnel, ...]
    total: Funnel


@dataclass(frozen=True)
class MovedLead:
    """A lead that a change of the scoring rules moves over a threshold."""

    lead: Lead
    before: float
    after: float


@dataclass(frozen=True)
class Moved:
    """The leads that a change of the rules moves in one way: how many, and the first of them, the highest scores first."""

    count: int = 0
    first: tuple[MovedLead, ...] = ()


@dataclass(frozen=True)
class RulePreview:
    """What rules would do to the leads as they are now. In a large workspace only the newest are looked at."""

    rules: ScoringRules
    moved: dict[Effect, Moved]
    looked_at: int
    total: int


@dataclass(frozen=True)
class RuleVersion:
    """A version of the scoring rules: who put it in force, and the rules before it."""

    version: ScoringVersion
    rules: ScoringRules
    before: ScoringRules
    by: Member | None


@dataclass(frozen=True)
class RulesChanged:
    """How far the scores follow a version of the rules, and whom it moved so far."""

    version: ScoringVersion
    by: Member | None
    moved: dict[Effect, Moved]
    mql_threshold: int
    hot_threshold: int
