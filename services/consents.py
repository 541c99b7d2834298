"""Consent to e-mail: given with its evidence, withdrawn at once, never loosened by a slip."""

from datetime import datetime

from sqlmodel import Session

from models.consent import CONSENT_MAX, STRICTNESS
from models.errors import InputError, Problem
from models.facts import ConsentEntry
from models.lead import Consent, Lead
from models.member import Actor, Right
from services import members
from services.leads import find_lead, lock_lead
from services.withdrawals import note_consent


def is_looser(answer: Consent, than: Consent) -> bool:
    """Tell whether an answer allows more than another."""
    return STRICTNESS[answer] < STRICTNESS[than]


def check_consent(entry: ConsentEntry) -> None:
    """Refuse evidence that cannot be kept.

    Raises:
        InputError: a text is too long.
    """
    for field, limit in CONSENT_MAX.items():
        if len(getattr(entry, field)) > limit:
            raise InputError(Problem.TOO_LONG, field, getattr(entry, field), limit=limit)


def change_consent(
    session: Session, actor: Actor, reference: str, entry: ConsentEntry, now: datetime
) -> tuple[Lead, bool]:
    """Note what a lead agreed to, and tell whether that was news. A withdrawal counts for every lead of the address.

    Raises:
        NotAllowedError: the actor may not edit.
        InputError: a text is too long, or it was said in the future; or they had opted out, and nothing is told of where
            they agreed again.
    """
    members.require(session, actor, Right.EDIT)
    check_consent(entry)
    if entry.given_at is not None and entry.given_at > now:
        raise InputError(Problem.FUTURE_DAY, "given_at", entry.given_at.date().isoformat())
    lead = lock_lead(session, actor.workspace_id, find_lead(session, actor.workspace_id, reference).id)
    if lead.consent is Consent.NO and is_looser(entry.answer, lead.consent) and not entry.origin:
        raise InputError(Problem.CONSENT_WITHDRAWN, "origin")
    if entry.answer is lead.consent and not entry.is_detailed:
        return lead, False
    note_consent(session, lead, entry, actor.member_id, now)
    return lead, True
