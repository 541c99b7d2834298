"""Likely duplicates: found before anything is saved, and the draft that waits for an answer."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, select
from sqlmodel import Session, col

from models.errors import DraftGoneError, LeadClosedError
from models.facts import Duplicates, LeadEntry, Match, MatchReason
from models.lead import Consent, Lead, Source, Stage
from models.member import Actor
from models.records import Draft
from services import members
from services.consents import is_looser
from services.identity import email_key, fold, phone_key
from services.lead_edits import edit_lead
from services.leads import may_see_contact, missing_fields
from services.statements import Prepared, changed

_SEVEN = "seven"
"""Where a draft's fields hold the answers to the seven questions."""
MATCHES_SHOWN = 3
# More than this is a shared address such as info@…, not a person.
MATCHES_READ = 21


@dataclass(frozen=True)
class TakenDraft:
    """What a draft held: the entry, the answers to the seven questions, and the line as typed."""

    entry: LeadEntry
    seven: Mapping[str, str]
    typed: str


def find_matches(
    session: Session, workspace_id: int, entry: LeadEntry, country: str
) -> list[tuple[Lead, tuple[MatchReason, ...]]]:
    """Return the leads that are probably the same person, with the reasons, the most certain first.

    The same e-mail is enough; the same phone only with the same folded name, since colleagues share a number.
    """
    email = email_key(entry.email) if entry.email else None
    phone = phone_key(entry.phone, country) if entry.phone and entry.name else None
    keys = {"workspace": workspace_id, "email": email, "phone": phone, "name": fold(entry.name)}
    ids = {row[0] for way in (_BY_EMAIL if email else None, _BY_PHONE if phone else None) if way
           for row in way.run(session, keys)}  # fmt: skip
    if not ids:
        return []
    query = select(Lead).where(col(Lead.workspace_id) == workspace_id, col(Lead.id).in_(ids))
    leads = session.scalars(query.order_by(col(Lead.id).desc()))
    found = [(lead, reasons) for lead in leads if _is_same(reasons := _reasons(lead, email, phone, entry))]
    return sorted(found, key=lambda match: -len(match[1]))


def _by(**keys: Any) -> Prepared:
    """Prepare the look-up of leads by folded keys, each way by its own index: an OR of both would read the table."""
    same = [column == bindparam(name) for name, column in keys.items()]
    query = select(col(Lead.id)).where(col(Lead.workspace_id) == bindparam("workspace"), *same)
    return Prepared(lambda _dialect: query.order_by(col(Lead.id).desc()).limit(MATCHES_READ))


_BY_EMAIL = _by(email=Lead.email_key)
# With the name: the whole of a large office has one number.
_BY_PHONE = _by(phone=Lead.phone_key, name=Lead.name_key)


def _is_same(reasons: tuple[MatchReason, ...]) -> bool:
    """Tell whether the reasons are enough: a number alone is a whole office's, a company alone everybody's."""
    return not {MatchReason.EMAIL, MatchReason.PHONE_AND_NAME}.isdisjoint(reasons)


def _reasons(lead: Lead, email: str | None, phone: str | None, entry: LeadEntry) -> tuple[MatchReason, ...]:
    company = fold(entry.company)
    reasons = {
        MatchReason.EMAIL: email is not None and lead.email_key == email,
        MatchReason.PHONE_AND_NAME: phone is not None and lead.phone_key == phone and lead.name_key == fold(entry.name),
        MatchReason.COMPANY: bool(company) and fold(lead.company) == company,
    }
    return tuple(reason for reason, holds in reasons.items() if holds)


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
    return LeadEntry(**{**fields, "source": source, "consent": Consent(fields["consent"])})


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
