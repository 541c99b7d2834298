"""Leads and contacts that other systems report: what is known is completed, what is new is added, by no member."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlmodel import Session, col

from models.errors import InputError, LeadNotFoundError, Problem, SeveralLeadsError
from models.facts import ConsentEntry, LeadEntry
from models.lead import Consent, Lead, LeadKind, Stage
from models.records import ChangeKind
from models.touchpoint import NOTE_MAX
from models.workspace import Workspace
from services import scoring
from services.consents import check_consent
from services.folding import fold_name
from services.identity import email_key
from services.lead_edits import follow_facts
from services.leads import check_entry, find_lead, get_lead, lock_lead, missing_fields, read_number, store_lead
from services.merged_leads import lead_merged_away
from services.records import record_change, snapshot
from services.suppression import refuse_forgotten
from services.touchpoints import CLOCK_SLACK, Contact, touch_lead
from services.withdrawals import note_consent
from services.workspaces import get_workspace

EXTRA_MAX = 50
"""Unknown fields that a lead keeps."""
OLDEST_YEAR = 2000
# More than this share one address such as info@…; the newest are enough to find the right name among them.
SAME_EMAIL_READ = 21


def receive_lead(
    session: Session,
    workspace_id: int,
    entry: LeadEntry,
    consent: ConsentEntry,
    now: datetime,
    member_id: int | None = None,
) -> tuple[Lead, bool]:
    """Complete the lead that the entry is about, or add it; the second value says whether it is new.

    A lead is the same by its external id, else by its e-mail while it is open: who comes back after their lead was
    closed is a new one. What is known is not overwritten, but for an opt-out, which always counts. A naive
    `consent.given_at` is on the workspace's clock. `member_id` is who gets the credit, if anybody.

    Raises:
        InputError: the entry names nobody, a field is too long, or the e-mail or phone cannot be one.
        ForgottenError: the person asked to be forgotten.
    """
    workspace = _held_workspace(session, workspace_id)
    entry = check_entry(entry, workspace.country)
    if consent.given_at is not None:
        consent = replace(consent, given_at=_instant(consent.given_at, ZoneInfo(workspace.timezone), now, "consent_at"))
    check_consent(consent)
    known = _same_lead(session, workspace_id, entry)
    if known is None:
        return store_lead(session, workspace, entry, member_id, now, consent=consent), True
    lead = lock_lead(session, workspace_id, known.id)
    _complete_lead(session, lead, entry, workspace, member_id, now)
    if _is_heard(lead, consent):
        note_consent(session, lead, consent, member_id, now)
    return lead, False


def _is_heard(lead: Lead, consent: ConsentEntry) -> bool:
    """Tell whether a report changes what a lead agreed to: an opt-out always, a yes of who had opted out only as a new one."""
    if consent.answer is Consent.UNKNOWN:
        return False
    if lead.consent is Consent.NO:
        return consent.renews(lead.consent_at)
    return consent.answer is not lead.consent or consent.is_detailed


def _held_workspace(session: Session, workspace_id: int) -> Workspace:
    """Return the workspace, held so that two reports of one person come one after the other.

    Only on PostgreSQL, SQLite has one writer; without hindering whoever merely refers to the row.
    """
    query = select(Workspace).where(col(Workspace.id) == workspace_id)
    return session.scalars(query.with_for_update(key_share=True)).one()


def _same_lead(session: Session, workspace_id: int, entry: LeadEntry) -> Lead | None:
    if entry.external_id and (lead := _find_external(session, workspace_id, entry.external_id)):
        return lead
    email = email_key(entry.email) if entry.email else None
    if email is None:
        return None
    query = select(Lead).where(
        col(Lead.workspace_id) == workspace_id, col(Lead.email_key) == email, col(Lead.stage) != Stage.CLOSED
    )
    leads = session.scalars(query.order_by(col(Lead.id).desc()).limit(SAME_EMAIL_READ)).all()
    name = fold_name(entry.name)
    return next((lead for lead in leads if lead.name_key == name), leads[0] if leads else None)


def _find_external(session: Session, workspace_id: int, external_id: str) -> Lead | None:
    query = select(Lead).where(col(Lead.workspace_id) == workspace_id, col(Lead.external_id) == external_id)
    lead = session.scalars(query).first()
    merged = lead_merged_away(session, workspace_id, external_id=external_id) if lead is None else None
    return lead if merged is None else get_lead(session, workspace_id, merged)


def _complete_lead(
    session: Session, lead: Lead, entry: LeadEntry, workspace: Workspace, member_id: int | None, now: datetime
) -> None:
    values = _news(lead, entry)
    if not values:
        return
    before = snapshot(lead, values)
    score_before = scoring.score_value(lead, scoring.rules_for(lead, workspace), now)
    for name, value in values.items():
        setattr(lead, name, value)
    refuse_forgotten(session, lead.workspace_id, lead)
    lead.updated_at, lead.rev = now, lead.rev + 1
    follow_facts(session, lead, workspace, score_before, now)
    session.add(lead)
    record_change(session, lead, ChangeKind.EDITED, member_id, now, before={"rev": lead.rev, **before})


def _news(lead: Lead, entry: LeadEntry) -> dict[str, Any]:
    """Return what the entry knows and the lead does not."""
    news = {name: value for name, value in missing_fields(lead, entry).items() if value != getattr(lead, name)}
    if entry.external_id and not lead.external_id:
        news["external_id"] = entry.external_id
    # Whoever has bought has bought: that nobody says so again is no news.
    if entry.kind is LeadKind.CUSTOMER and lead.kind is not LeadKind.CUSTOMER:
        news["kind"] = LeadKind.CUSTOMER
    room = max(EXTRA_MAX - len(lead.extra), 0)
    extra = [(name, value) for name, value in entry.extra.items() if name not in lead.extra][:room]
    return {**news, "extra": {**lead.extra, **dict(extra)}} if extra else news


def receive_touchpoint(
    session: Session,
    workspace_id: int,
    reference: str,
    contact: Contact,
    now: datetime,
    member_id: int | None = None,
) -> Lead:
    """Log a contact that another system tells of; a naive `contact.at` is on the workspace's clock.

    Raises:
        LeadNotFoundError, SeveralLeadsError: nobody, or more than one, goes by `reference`.
        ForgottenError: who went by it asked to be forgotten.
        LeadClosedError: a CLOSED lead takes no more touchpoints.
        InputError: it lies in the future or too long ago, or its note is too long.
    """
    if len(contact.note) > NOTE_MAX:
        raise InputError(Problem.TOO_LONG, "note", contact.note, limit=NOTE_MAX)
    workspace = get_workspace(session, workspace_id)
    if contact.at is not None:
        contact = replace(contact, at=_instant(contact.at, ZoneInfo(workspace.timezone), now, "at"))
    lead = lock_lead(session, workspace_id, _find_known(session, workspace_id, reference).id)
    touch_lead(session, lead, contact, workspace, member_id, now)
    return lead


def _find_known(session: Session, workspace_id: int, reference: str) -> Lead:
    try:
        return _find_lead(session, workspace_id, reference)
    except LeadNotFoundError:
        refuse_forgotten(session, workspace_id, {"email_key": email_key(reference), "external_id": reference})
        raise


def _instant(at: datetime, zone: ZoneInfo, now: datetime, field: str) -> datetime:
    # The year first: an offset can carry the first and the last day of the calendar out of it.
    if at.year < OLDEST_YEAR:
        raise InputError(Problem.OLD_DATE, field, at.isoformat())
    if at.year > now.year + 1 or (instant := _aware(at, zone)) > now + CLOCK_SLACK:
        raise InputError(Problem.FUTURE_DATE, field, at.isoformat())
    return instant


def _aware(at: datetime, zone: ZoneInfo) -> datetime:
    return (at.replace(tzinfo=zone) if at.tzinfo is None else at).astimezone(UTC)


def _find_lead(session: Session, workspace_id: int, reference: str) -> Lead:
    """Return the lead that `reference` names: `L-12`, an e-mail or an external id. A name is not enough here."""
    is_email = "@" in reference and email_key(reference) is not None
    if is_email or read_number(reference) is not None:
        try:
            return find_lead(session, workspace_id, reference)
        except SeveralLeadsError as error:
            return _the_open_one(error)
        except LeadNotFoundError:
            pass  # The other system's ids may look like this too.
    lead = _find_external(session, workspace_id, reference)
    if lead is None:
        raise LeadNotFoundError(reference)
    return lead


def _the_open_one(several: SeveralLeadsError) -> Lead:
    """Pick the one lead that is still open, where the others of the same e-mail were closed before."""
    still_open = [lead for lead in several.leads if lead.stage is not Stage.CLOSED]
    if len(still_open) != 1 or several.count > len(several.leads):
        raise several
    return still_open[0]
