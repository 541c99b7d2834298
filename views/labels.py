"""The words of the closed sets, the same on every surface. They begin small; `words.capital` begins a line with them."""

from collections.abc import Iterable

from models.consent import ConsentBasis
from models.facts import MatchReason
from models.handoff import ReturnReason
from models.lead import Consent, DecisionRole, Lead, LeadKind, Mark, Outcome, Progress, Source, Stage
from models.member import Member, Role
from models.scoring import BadSign, CapGroup, FitPoints, FitReason
from models.touchpoint import USUAL_DIRECTION, Direction, TouchpointKind
from views.blocks import escape
from views.words import Reader, msg

KINDS: dict[TouchpointKind, str] = {
    TouchpointKind.CALL: msg("call"),
    TouchpointKind.EMAIL: msg("e-mail"),
    TouchpointKind.REPLY: msg("reply"),
    TouchpointKind.MEETING: msg("meeting"),
    TouchpointKind.VISIT: msg("visit"),
    TouchpointKind.DEMO: msg("demo"),
    TouchpointKind.DEMO_REQUEST: msg("demo request"),
    TouchpointKind.TRADE_SHOW: msg("trade show"),
    TouchpointKind.SEMINAR: msg("seminar"),
    TouchpointKind.WEBINAR: msg("webinar"),
    TouchpointKind.WHITEPAPER: msg("whitepaper download"),
    TouchpointKind.FORM: msg("form"),
    TouchpointKind.PRICING: msg("pricing page view"),
    TouchpointKind.PAGE_VIEW: msg("page view"),
    TouchpointKind.SNS: msg("social media"),
    TouchpointKind.AD: msg("ad"),
    TouchpointKind.CARD: msg("business card"),
    TouchpointKind.OTHER: msg("other contact"),
}
"""In the order of the form: what people log by hand comes first."""

_TWO_WAYS: dict[tuple[TouchpointKind, Direction], str] = {
    (TouchpointKind.CALL, Direction.INBOUND): msg("inbound call"),
    (TouchpointKind.CALL, Direction.OUTBOUND): msg("outbound call"),
    (TouchpointKind.EMAIL, Direction.INBOUND): msg("inbound e-mail"),
    (TouchpointKind.EMAIL, Direction.OUTBOUND): msg("outbound e-mail"),
}
_UNUSUAL: dict[Direction, str] = {
    Direction.INBOUND: msg("{kind} (inbound)"),
    Direction.OUTBOUND: msg("{kind} (outbound)"),
}

DIRECTIONS: dict[Direction, str] = {
    Direction.OUTBOUND: msg("Outbound (from us)"),
    Direction.INBOUND: msg("Inbound (from them)"),
}

SOURCES: dict[Source, str] = {
    Source.TRADE_SHOW: msg("trade show"),
    Source.SEMINAR: msg("seminar"),
    Source.WEBINAR: msg("webinar"),
    Source.WHITEPAPER: msg("whitepaper request"),
    Source.WEB_FORM: msg("web form"),
    Source.REFERRAL: msg("referral"),
    Source.CARD: msg("business card"),
    Source.COLD_CALL: msg("cold call"),
    Source.AD: msg("ad"),
    Source.SNS: msg("social media"),
    Source.NEWSLETTER: msg("newsletter"),
    Source.OTHER: msg("other"),
}

OUTCOMES: dict[Outcome, str] = {Outcome.WON: msg("won"), Outcome.LOST: msg("lost")}

REASONS: dict[ReturnReason, str] = {
    ReturnReason.INCOMPLETE: msg("not enough information"),
    ReturnReason.MISROUTED: msg("wrong team or region"),
    ReturnReason.NO_FIT: msg("out of target"),
    ReturnReason.TOO_EARLY: msg("too early"),
    ReturnReason.UNREACHABLE: msg("cannot be reached"),
    ReturnReason.NO_NEED: msg("no need or no budget"),
    ReturnReason.DUPLICATE: msg("duplicate or already in a deal"),
    ReturnReason.OTHER: msg("other"),
}

CONSENTS: dict[Consent, str] = {
    Consent.YES: msg("yes"),
    Consent.NO: msg("no, or opted out"),
    Consent.UNKNOWN: msg("not known"),
}

LEAD_KINDS: dict[LeadKind, str] = {
    LeadKind.PROSPECT: msg("prospect"),
    LeadKind.CUSTOMER: msg("existing customer"),
}
BASES: dict[ConsentBasis, str] = {
    ConsentBasis.CONSENT: msg("they agreed"),
    ConsentBasis.CONTRACT: msg("contract"),
    ConsentBasis.LEGITIMATE_INTEREST: msg("legitimate interest"),
    ConsentBasis.CARD: msg("business card received"),
    ConsentBasis.PUBLISHED: msg("published address"),
}

ROLES: dict[Role, str] = {
    Role.MARKETING: msg("marketing"),
    Role.SALES: msg("sales"),
    Role.MANAGER: msg("managers"),
    Role.MEMBER: msg("every member"),
}
_NAMED_WITH_ROLE: tuple[tuple[Role, str], ...] = (
    (Role.MARKETING, msg("{name} (marketing)")),
    (Role.MANAGER, msg("{name} (manager)")),
)

DECISION_ROLES: dict[DecisionRole, str] = {
    DecisionRole.DECIDER: msg("Decides"),
    DecisionRole.CHAMPION: msg("Champion, not the decider"),
    DecisionRole.USER: msg("User"),
    DecisionRole.RESEARCHER: msg("Gathers information"),
}

PROGRESS: dict[Progress, str] = {
    Progress.RESEARCH: msg("Gathering information"),
    Progress.COMPARE: msg("Comparing vendors"),
    Progress.APPROVAL: msg("Internal approval"),
    Progress.HOLD: msg("On hold"),
}

FIT_REASONS: dict[FitReason, str] = {
    FitReason.EXECUTIVE: msg("executive"),
    FitReason.DIRECTOR: msg("department head"),
    FitReason.MANAGER: msg("section manager"),
    FitReason.BUSINESS_EMAIL: msg("business e-mail"),
    FitReason.SOURCE: msg("source"),
    FitReason.DECIDER: msg("decision-maker"),
    FitReason.CHAMPION: msg("champion"),
    FitReason.FIELD: msg("another field"),
}

BAD_SIGNS: dict[BadSign, str] = {
    BadSign.UNSUBSCRIBED: msg("unsubscribed"),
    BadSign.COMPETITOR: msg("competitor"),
    BadSign.SPAM: msg("spam or a prank"),
}

MARKS: dict[Mark, str] = {Mark.COMPETITOR: msg("competitor"), Mark.SPAM: msg("spam or a prank")}

CAP_GROUPS: dict[CapGroup, str] = {
    CapGroup.FIT: msg("fit"),
    CapGroup.A: msg("light contacts"),
    CapGroup.B: msg("contacts that say more"),
    CapGroup.C: msg("events and material"),
    CapGroup.D: msg("meetings and demos"),
    CapGroup.ENGAGEMENT: msg("all engagement"),
}

MATCH_REASONS: dict[MatchReason, str] = {
    MatchReason.EXTERNAL_ID: msg("external id"),
    MatchReason.EMAIL: msg("e-mail (exact)"),
    MatchReason.PHONE_AND_NAME: msg("phone number and name"),
    MatchReason.NAME: msg("same name"),
    MatchReason.SIMILAR_NAME: msg("similar name"),
    MatchReason.PHONE: msg("phone number"),
    MatchReason.COMPANY: msg("company name"),
    MatchReason.DOMAIN: msg("e-mail domain"),
    MatchReason.CORPORATE_NUMBER: msg("corporate number"),
}

THE_SEVEN: dict[str, str] = {
    "need": msg("need"),
    "mission": msg("mission"),
    "role": msg("role"),
    "progress": msg("progress"),
    "timing": msg("timing"),
    "budget": msg("budget"),
    "interest": msg("interest"),
}
"""In the order in which a card shows what is known."""

FIELDS: dict[str, str] = {
    "name": msg("name"),
    "company": msg("company name"),
    "title": msg("department and title"),
    "email": msg("e-mail address"),
    "phone": msg("phone number"),
    "external_id": msg("external id"),
    "source": msg("source"),
    "campaign": msg("campaign"),
    "note": msg("note"),
    "consent": msg("consent to e-mail"),
    "lead_kind": msg("new or existing"),
    "purpose": msg("purpose"),
    "basis": msg("basis"),
    "given_at": msg("day"),
    "origin": msg("where they said it"),
    "notice": msg("version of the notice"),
    "lift_reason": msg("reason"),
    "follow_up_note": msg("next step"),
    "closed_note": msg("note"),
    "extra": msg("other columns"),
    "file": msg("file"),
    "cost": msg("cost of the campaign"),
    "why_now": msg("why now"),
    "comment": msg("comment"),
    "reason": msg("reason for return"),
    "kind": msg("kind of touchpoint"),
    "direction": msg("direction"),
    "at": msg("date and time"),
    "on": msg("date"),
    "next_on": msg("date of the next step"),
    "next_what": msg("next step"),
    "retry_on": msg("date to try again"),
    "owner": msg("owner"),
    "lead": msg("lead"),
    "outcome": msg("outcome"),
    "sales_channel": msg("channel for handoffs"),
    "marketing_channel": msg("marketing channel"),
    "mql_threshold": msg("MQL threshold"),
    "hot_threshold": msg("hot threshold"),
    "dormant_inquiry_days": msg("days until dormant"),
    "dormant_mql_days": msg("days until dormant"),
    "dormant_sql_days": msg("days until dormant"),
    "claim_minutes": msg("time to claim"),
    "working_days": msg("working days"),
    "open_from": msg("start of working hours"),
    "open_until": msg("end of working hours"),
    "digest_time": msg("time of the daily digest"),
    "team_name": msg("team name"),
    "team_locale": msg("language of the channel"),
    "query": msg("search words"),
    "choice": msg("answer"),
    "points": msg("points"),
    "mark": msg("mark"),
    "fields": msg("rules"),
    "version": msg("version"),
} | THE_SEVEN
"""What each typed field is called in a sentence."""


def kind_label(kind: TouchpointKind, direction: Direction, reader: Reader) -> str:
    """Name a touchpoint; its direction is said where it could be either or is not the usual one."""
    if named := _TWO_WAYS.get((kind, direction)):
        return reader.t(named)
    label = reader.t(KINDS[kind])
    return label if USUAL_DIRECTION[kind] is direction else reader.t(_UNUSUAL[direction], kind=label)


def fit_label(points: FitPoints, reader: Reader) -> str:
    """Name one reason of the fit."""
    if points.reason is FitReason.SOURCE and points.source is not None:
        return reader.t(SOURCES[points.source])
    if points.rule is not None:
        says = points.rule.text or "-".join(
            "" if end is None else f"{end:g}" for end in (points.rule.low, points.rule.high)
        )
        return escape(f"{points.rule.field}: {says}", 80)
    return reader.t(FIT_REASONS[points.reason])


def field_label(field: str, reader: Reader) -> str:
    """Name a field; one that has no name of its own stays as it is."""
    msgid = FIELDS.get(field)
    return reader.t(msgid) if msgid else field


def field_list(names: Iterable[str], reader: Reader) -> str:
    """List a lead's fields by name, each once."""
    return reader.listed(dict.fromkeys(field_label("lead_kind" if name == "kind" else name, reader) for name in names))


def stage_label(lead: Lead, reader: Reader) -> str:
    """Name where a lead stands: its stage (never translated), how it closed, and whether it came back from sales."""
    if lead.outcome is not None:
        return reader.t("CLOSED ({outcome})", outcome=reader.t(OUTCOMES[lead.outcome]))
    if lead.is_recycled and lead.stage is Stage.INQUIRY:
        return reader.t("{stage} (recycled)", stage=lead.stage.value)
    return str(lead.stage.value)


def with_role(member: Member, name: str, reader: Reader) -> str:
    """Add to a colleague's (escaped) name the role they act in, where they have one."""
    for role, msgid in _NAMED_WITH_ROLE:
        if role in member.roles:
            return reader.t(msgid, name=name)
    return name
