"""Likely duplicates: found before anything is saved, and the draft that waits for an answer."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlmodel import Session, col

from models.errors import DraftGoneError, LeadClosedError
from models.facts import Duplicates, LeadEntry, LeadMatch, Match, MatchReason
from models.lead import Consent, Lead, LeadKind, Source, Stage
from models.member import Actor
from models.records import Draft
from services import members
from services.consents import is_looser
from services.folding import company_key
from services.lead_edits import edit_lead
from services.lead_facts import may_see_contact
from services.leads import missing_fields
from services.matching import match_signs, signs_of
from services.statements import changed

_SEVEN = "seven"
"""Where a draft's fields hold the answers to the seven questions."""
MATCHES_SHOWN = 3


@dataclass(frozen=True)
class TakenDraft:
    """What a draft held: the entry, the answers to the seven questions, and the line as typed."""

    entry: LeadEntry
    seven: Mapping[str, str]
    typed: str


def find_matches(
    session: Session, workspace_id: int, entry: LeadEntry, country: str
) -> list[tuple[Lead, tuple[MatchReason, ...]]]:
    """Return the leads that are certainly the same person, with the reasons, the newest first."""
    (matches,) = match_signs(session, workspace_id, [signs_of(entry, country, likely=False)], likely=False)
    if not matches:
        return []
    query = select(Lead).where(
        col(Lead.workspace_id) == workspace_id, col(Lead.id).in_([match.lead_id for match in matches])
    )
    leads = {lead.id: lead for lead in session.scalars(query)}
    found = [(leads[match.lead_id], _reasons(leads[match.lead_id], match, entry)) for match in matches]
    return sorted(found, key=lambda match: -len(match[1]))


def _reasons(lead: Lead, match: LeadMatch, entry: LeadEntry) -> tuple[MatchReason, ...]:
    """Return the reasons that a person is told, the company's name among them."""
    told = [reason for reason in match.reasons if reason not in {MatchReason.DOMAIN, MatchReason.NAME}]
    is_same = bool(entry.company) and company_key(lead.company) == company_key(entry.company)
    return (*told, MatchReason.COMPANY) if is_same else tuple(told)


def keep_draft(
    session: Session,
    actor: Actor,
    entry: LeadEntry,
    typed: str,
    matches: list[tuple[Lead, tuple[MatchReason, ...]]],
    now: datetime,
    seven: Mapping[str, str] | None = None,
) -> Duplicates:
    """Keep the entry as a draft and gather the question: add to one of these, or save it as another person?

    `seven` are the answers to the seven questions that came with it.
    """
    draft = Draft(
        workspace_id=actor.workspace_id,
        member_id=actor.member_id,
        typed=typed,
        fields={**asdict(entry), _SEVEN: dict(seven or {})},
        created_at=now,
    )
    session.add(draft)
    shown = tuple(_match(session, actor, entry, lead, reasons) for lead, reasons in matches[:MATCHES_SHOWN])
    return Duplicates(draft.id, shown, len(matches))


def _match(session: Session, actor: Actor, entry: LeadEntry, lead: Lead, reasons: tuple[MatchReason, ...]) -> Match:
    owner = members.get_member(session, lead.workspace_id, lead.owner_id)
    may_see = may_see_contact(actor, lead) or lead.owner_id is None
    return Match(lead, owner, reasons, tuple(missing_fields(lead, entry)), may_see)


def take_draft(session: Session, actor: Actor, draft_id: int) -> TakenDraft:
    """Use a draft up and return what it held: a second click finds it gone.

    Raises:
        DraftGoneError: it was used or discarded, has expired, or is somebody else's.
    """
    draft = session.get(Draft, (actor.workspace_id, draft_id))
    if draft is None or draft.member_id != actor.member_id:
        raise DraftGoneError
    taken = TakenDraft(_entry_of(draft.fields), draft.fields.get(_SEVEN, {}), draft.typed)
    mine = delete(Draft).where(col(Draft.workspace_id) == actor.workspace_id, col(Draft.id) == draft_id)
    if not changed(session, mine.execution_options(synchronize_session=False)):
        raise DraftGoneError
    return taken


def _entry_of(fields: dict[str, Any]) -> LeadEntry:
    fields = {name: value for name, value in fields.items() if name != _SEVEN}
    source = Source(fields["source"]) if fields.get("source") else None
    kind = LeadKind(fields.get("kind", LeadKind.PROSPECT))
    return LeadEntry(**{**fields, "source": source, "consent": Consent(fields["consent"]), "kind": kind})


def add_to_lead(session: Session, actor: Actor, draft_id: int, lead: Lead, now: datetime) -> tuple[Lead, list[str]]:
    """Fill the empty fields of a lead from a draft and return it with the names of those filled.

    Raises:
        DraftGoneError, NotAllowedError: as `take_draft` and `edit_lead` do.
        LeadClosedError: the lead is CLOSED.
    """
    draft = take_draft(session, actor, draft_id)
    if lead.stage is Stage.CLOSED:
        raise LeadClosedError(lead)
    answers = {name: value for name, value in draft.seven.items() if not getattr(lead, name)}
    told = {"consent": draft.entry.consent} if is_looser(lead.consent, draft.entry.consent) else {}
    return edit_lead(session, actor, lead.id, missing_fields(lead, draft.entry) | answers | told, now)
