"""An answer about consent, noted: a withdrawal counts for everybody at the address, since that is what is mailed."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlmodel import Session, col

from models.facts import ConsentEntry
from models.lead import Consent, Lead, Stage
from models.records import ChangeKind
from services.hotness import move_heat
from services.records import record_change, record_consent, snapshot
from services.workspaces import get_workspace

CONSENT_FIELDS = ("consent", "consent_at")


def note_consent(session: Session, lead: Lead, entry: ConsentEntry, member_id: int | None, now: datetime) -> None:
    """Record an answer of a locked lead's, and a withdrawal for every other lead of their address."""
    _note(session, lead, entry, member_id, now)
    if entry.answer is Consent.NO:
        withdraw_others(session, lead, entry, member_id, now)


def withdraw_others(session: Session, lead: Lead, entry: ConsentEntry, member_id: int | None, now: datetime) -> None:
    """Record a withdrawal for the other leads of an address, closed ones too."""
    for other in _others_at(session, lead):
        _note(session, other, entry, member_id, now)


def _note(session: Session, lead: Lead, entry: ConsentEntry, member_id: int | None, now: datetime) -> None:
    before = snapshot(lead, CONSENT_FIELDS)
    record_consent(session, lead, entry, member_id, now)
    if lead.stage is not Stage.CLOSED:
        # Who unsubscribed has fewer points.
        move_heat(lead, get_workspace(session, lead.workspace_id), now)
    lead.updated_at, lead.rev = now, lead.rev + 1
    session.add(lead)
    record_change(session, lead, ChangeKind.CONSENT, member_id, now, before={"rev": lead.rev, **before})


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
