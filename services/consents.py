"""Consent to e-mail: given with its evidence, withdrawn at once, never loosened by a slip."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlmodel import Session, col

from models.consent import CONSENT_MAX, STRICTNESS
from models.errors import InputError, Problem
from models.facts import ConsentEntry
from models.lead import Consent, Lead
from models.member import Actor, Right
from models.records import ChangeKind
from services import members, scoring
from services.leads import find_lead, lock_lead
from services.records import record_change, record_consent, snapshot
from services.touchpoints import follow_score
from services.workspaces import get_workspace

CONSENT_FIELDS = ("consent", "consent_at")


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


def note_consent(session: Session, lead: Lead, entry: ConsentEntry, member_id: int | None, now: datetime) -> None:
    """Record an answer of a locked lead's; a withdrawal for everybody at the same address, since that is what is mailed."""
    workspace = get_workspace(session, lead.workspace_id)
    concerned = [lead, *_others_at(session, lead)] if entry.answer is Consent.NO else [lead]
    for each in concerned:
        before = snapshot(each, CONSENT_FIELDS)
        score_before = scoring.score_value(each, scoring.rules_for(each, workspace), now)
        record_consent(session, each, entry, member_id, now)
        follow_score(session, each, workspace, score_before, now)
        each.updated_at, each.rev = now, each.rev + 1
        session.add(each)
        record_change(session, each, ChangeKind.CONSENT, member_id, now, before={"rev": each.rev, **before})


def _others_at(session: Session, lead: Lead) -> Sequence[Lead]:
    if lead.email_key is None:
        return ()
    query = select(Lead).where(
        col(Lead.workspace_id) == lead.workspace_id,
        col(Lead.email_key) == lead.email_key,
        col(Lead.id) != lead.id,
        col(Lead.consent) != Consent.NO,
    )
    return session.scalars(query.order_by(col(Lead.id)).with_for_update()).all()
