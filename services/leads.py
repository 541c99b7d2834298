"""Leads: added, found, moved between stages, and gathered into what their card shows."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Executable, Integer, bindparam, func, literal_column, select
from sqlmodel import Session, col

from models.base import blank, new_id, sketch
from models.errors import (
    InputError,
    LeadClosedError,
    LeadNotFoundError,
    NotYoursError,
    Problem,
    SeveralLeadsError,
)
from models.facts import ConsentEntry, LeadEntry
from models.lead import CONTACT_FIELDS, MAX_LENGTHS, Consent, DecisionRole, Lead, Source, Stage
from models.member import Actor, Right, Role
from models.records import ChangeKind
from models.workspace import Counter, Workspace
from services import members, scoring
from services.folding import fold_name
from services.identity import email_key, fold, phone_key, read_email, read_phone
from services.lead_stages import dormant_days
from services.merged_leads import lead_merged_away
from services.records import keep_consent, last_consent, record_change
from services.search import index_lead
from services.statements import Prepared, insert_into, inserting
from services.suppression import refuse_forgotten
from services.withdrawals import withdraw_others

_NUMBER = re.compile(r"[Ll][\-ー－‐−–—]?([0-9]{1,9})")
SEVERAL_SHOWN = 5


def check_entry(entry: LeadEntry, country: str) -> LeadEntry:
    """Return the entry with e-mail and phone tidied.

    Raises:
        InputError: it names nobody, a field is too long, or the e-mail or phone cannot be one.
    """
    for field, limit in MAX_LENGTHS.items():
        value = getattr(entry, field, None) or ""
        if len(value) > limit:
            raise InputError(Problem.TOO_LONG, field, value, limit=limit)
    # A name of invisible signs is none.
    if not (fold(entry.name) or entry.email or entry.phone or entry.external_id):
        raise InputError(Problem.NOBODY, "name")
    email = read_email(entry.email) if entry.email else ""
    phone = read_phone(entry.phone, country) if entry.phone else ""
    return entry if (email, phone) == (entry.email, entry.phone) else replace(entry, email=email, phone=phone)


def next_numbers(session: Session, workspace_id: int, count: int = 1) -> int:
    """Take `count` lead numbers and return the first. Numbers are never given twice; gaps are allowed."""
    (last,) = _TAKE_NUMBERS.run(session, {"workspace_id": workspace_id, "count": count})[0]
    return int(last) - count + 1


def _taking_numbers(dialect: str) -> Executable:
    counter, count = Counter.__table__.c, bindparam("count", type_=Integer)  # type: ignore[attr-defined]
    row = {
        "workspace_id": bindparam("workspace_id", type_=BigInteger),
        "name": literal_column("'lead'"),
        "value": count,
    }
    statement = insert_into(Counter, dialect).values(row)
    return statement.on_conflict_do_update(
        index_elements=["workspace_id", "name"], set_={"value": counter.value + count}
    ).returning(counter.value)


_TAKE_NUMBERS = Prepared(_taking_numbers)
_INSERT_LEAD = inserting(Lead)
_BLANK = blank(Lead)


def new_lead(entry: LeadEntry, workspace: Workspace, number: int, member_id: int | None, now: datetime) -> Lead:
    """Build the row of a checked entry: folded keys, fit and first due time."""
    return sketch(Lead, lead_values(entry, workspace, number, member_id, now))


def lead_values(
    entry: LeadEntry,
    workspace: Workspace,
    number: int,
    member_id: int | None,
    now: datetime,
    seven: Mapping[str, str] = MappingProxyType({}),
) -> dict[str, Any]:
    """Return what the columns of a new lead hold; `seven` are the answers to the seven questions, by column."""
    return {
        **_BLANK,
        "workspace_id": workspace.id,
        "id": new_id(),
        "number": number,
        "name": entry.name,
        "company": entry.company,
        "title": entry.title,
        "email": entry.email,
        "phone": entry.phone,
        **keys_of(entry.name, entry.company, entry.email, entry.phone, workspace.country),
        "external_id": entry.external_id,
        "source": entry.source or Source.OTHER,
        "campaign": entry.campaign,
        "note": entry.note,
        "extra": entry.extra,
        "match_due_at": now,
        "consent": entry.consent,
        "consent_at": None if entry.consent is Consent.UNKNOWN else now,
        "rules_version": scoring.version_of(workspace),
        "fit_points": scoring.fit_points(entry, role_in(seven), scoring.rules_of(workspace)),
        "kind": entry.kind,
        "dormant_at": now + timedelta(days=dormant_days(workspace, Stage.INQUIRY, entry.kind) or 0),
        "stage_at": now,
        "marketer_id": member_id,
        "created_by_id": member_id,
        "created_at": now,
        "updated_at": now,
        **seven,
    }


def role_in(seven: Mapping[str, str]) -> DecisionRole | None:
    """Return what is said of the person's say in a purchase, which counts for the fit."""
    return DecisionRole(seven["role"]) if "role" in seven else None


def keys_of(name: str, company: str, email: str, phone: str, country: str) -> dict[str, Any]:
    """Return the folded columns that matching and search compare; the company's is matching's own to write."""
    name_key = fold_name(name)
    return {
        "name_key": name_key,
        "email_key": email_key(email) if email else None,
        "phone_key": phone_key(phone, country) if phone else None,
        "search_text": " ".join(filter(None, (name_key, fold_name(company), fold(email)))),
    }


def add_lead(
    session: Session,
    actor: Actor,
    workspace: Workspace,
    entry: LeadEntry,
    now: datetime,
    typed: str = "",
    seven: Mapping[str, str] | None = None,
) -> Lead:
    """Store a new lead of a checked entry that a person gives; `typed` is the line to hand back when the adding is undone.

    `seven` are the answers to the seven questions that came with it.

    Raises:
        NotAllowedError: the actor may not add leads.
        InputError: another lead has the external id.
    """
    members.require(session, actor, Right.ADD)
    require_free_external_id(session, workspace.id, entry.external_id)
    return store_lead(session, workspace, entry, actor.member_id, now, typed, seven)


def store_lead(
    session: Session,
    workspace: Workspace,
    entry: LeadEntry,
    member_id: int | None,
    now: datetime,
    typed: str = "",
    seven: Mapping[str, str] | None = None,
    consent: ConsentEntry | None = None,
) -> Lead:
    """Store a new lead of a checked entry, whoever brought it, and note that it was added.

    `consent` is the evidence for the entry's consent, where there is any.

    Raises:
        ForgottenError: the person asked to be forgotten.
    """
    values = lead_values(entry, workspace, 0, member_id, now, seven or {})
    refuse_forgotten(session, workspace.id, values)
    consent = _consent_in_force(session, workspace.id, values["email_key"], consent or ConsentEntry(entry.consent))
    values["consent"] = consent.answer
    values["consent_at"] = None if consent.answer is Consent.UNKNOWN else consent.given_at or now
    values["number"] = next_numbers(session, workspace.id)
    _INSERT_LEAD.run(session, values)
    index_lead(session, workspace.id, values["id"], new=values["search_text"])
    lead = sketch(Lead, values)
    if consent.answer is not Consent.UNKNOWN:
        keep_consent(session, lead, consent, member_id, now)
    if consent.answer is Consent.NO:
        withdraw_others(session, lead, consent, member_id, now)
    record_change(session, lead, ChangeKind.ADDED, member_id, now, before={"typed": typed})
    return lead


def _consent_in_force(session: Session, workspace_id: int, email: str | None, consent: ConsentEntry) -> ConsentEntry:
    """Return the consent that a new lead has: who opted out under this address has, whatever a form says of it since."""
    if email is None or consent.answer is Consent.NO:
        return consent
    opted_out = _OPTED_OUT.run(session, {"workspace": workspace_id, "email": email})
    if not opted_out:
        return consent
    withdrawn = last_consent(session, workspace_id, opted_out[0][0], Consent.NO)
    withdrawn_at = withdrawn.given_at if withdrawn else None
    return consent if consent.renews(withdrawn_at) else ConsentEntry(Consent.NO, given_at=withdrawn_at)


_OPTED_OUT = Prepared(
    lambda _dialect: (
        select(col(Lead.id))
        .where(
            col(Lead.workspace_id) == bindparam("workspace"),
            col(Lead.email_key) == bindparam("email"),
            col(Lead.consent) == literal_column("'no'"),
        )
        .order_by(col(Lead.id).desc())
        .limit(1)
    )
)


def missing_fields(lead: Lead, entry: LeadEntry) -> dict[str, Any]:
    """Return what the entry says of a person and the lead does not know yet."""
    fills = {name: getattr(entry, name) for name in CONTACT_FIELDS if getattr(entry, name)}
    is_open = {name: not getattr(lead, name) or (name == "source" and lead.source is Source.OTHER) for name in fills}
    return {name: value for name, value in fills.items() if is_open[name]}


def require_free_external_id(session: Session, workspace_id: int, external_id: str | None) -> None:
    """Let an external id pass that no lead has.

    Raises:
        InputError: one has it.
    """
    if external_id is None:
        return
    taken = select(col(Lead.id)).where(col(Lead.workspace_id) == workspace_id, col(Lead.external_id) == external_id)
    if session.scalars(taken).first() is not None:
        raise InputError(Problem.UNKNOWN_CHOICE, "external_id", external_id)


def last_source_of(session: Session, actor: Actor, now: datetime) -> Source | None:
    """Return the source of the lead that the actor last added on this day of theirs: fifty cards come from one fair."""
    midnight = datetime.combine(now.astimezone(actor.zone).date(), datetime.min.time(), actor.zone)
    query = select(col(Lead.source)).where(
        col(Lead.workspace_id) == actor.workspace_id,
        col(Lead.created_by_id) == actor.member_id,
        col(Lead.created_at) >= midnight,
    )
    return session.scalars(query.order_by(col(Lead.id).desc()).limit(1)).first()


def get_lead(session: Session, workspace_id: int, lead_id: int) -> Lead:
    """Return the lead of this id.

    Raises:
        LeadNotFoundError: the workspace has none.
    """
    lead = session.get(Lead, (workspace_id, lead_id))
    if lead is None:
        raise LeadNotFoundError(str(lead_id))
    return lead


def read_number(reference: str) -> int | None:
    """Return the number in `L-12`, None for anything else."""
    found = _NUMBER.fullmatch(reference.strip().translate(_FULL_WIDTH))
    return int(found[1]) if found else None


def number_of(reference: str) -> int:
    """Return the number in `L-12`.

    Raises:
        LeadNotFoundError: there is none.
    """
    number = read_number(reference)
    if number is None:
        raise LeadNotFoundError(reference)
    return number


def find_lead(session: Session, workspace_id: int, reference: str) -> Lead:
    """Return the lead that `reference` names: `L-12`, an e-mail or a name.

    Raises:
        InputError: nothing was typed.
        LeadNotFoundError: no lead goes by it.
        SeveralLeadsError: several do.
    """
    reference = reference.strip()
    if not reference:
        raise InputError(Problem.MISSING_LEAD, "lead")
    query = select(Lead).where(col(Lead.workspace_id) == workspace_id, _goes_by(reference))
    leads = session.scalars(query.order_by(col(Lead.id).desc()).limit(SEVERAL_SHOWN + 1)).all()
    if not leads:
        return _find_merged(session, workspace_id, reference)
    if len(leads) > 1:
        count = session.scalar(select(func.count()).select_from(query.subquery())) or 0
        raise SeveralLeadsError(reference, leads[:SEVERAL_SHOWN], count)
    return leads[0]


def _find_merged(session: Session, workspace_id: int, reference: str) -> Lead:
    """Return the lead that another went into, which was called `reference`.

    Raises:
        LeadNotFoundError: none was.
    """
    email = email_key(reference) if "@" in reference else None
    lead_id = lead_merged_away(session, workspace_id, number=read_number(reference), email=email)
    if lead_id is None:
        raise LeadNotFoundError(reference)
    return get_lead(session, workspace_id, lead_id)


_FULL_WIDTH = str.maketrans("０１２３４５６７８９Ｌｌ", "0123456789Ll")


def _goes_by(reference: str) -> ColumnElement[bool]:
    """Build the condition that a lead goes by `reference`.

    Raises:
        LeadNotFoundError: nobody can go by it.
    """
    number = read_number(reference)
    if number is not None:
        return col(Lead.number) == number
    column, key = (Lead.email_key, email_key(reference)) if "@" in reference else (Lead.name_key, fold_name(reference))
    # Compared with nothing, every lead without an address or a name would match.
    if not key:
        raise LeadNotFoundError(reference)
    return col(column) == key


def lock_lead(session: Session, workspace_id: int, lead_id: int) -> Lead:
    """Return the lead, held for this transaction: its row is the lock of everything about it.

    Raises:
        LeadNotFoundError: no lead of this workspace has the id.
    """
    query = select(Lead).where(col(Lead.workspace_id) == workspace_id, col(Lead.id) == lead_id)
    lead = session.scalars(query.with_for_update().execution_options(populate_existing=True)).first()
    if lead is None:
        raise LeadNotFoundError(str(lead_id))
    return lead


def lock_leads(session: Session, workspace_id: int, lead_ids: Iterable[int]) -> Sequence[Lead]:
    """Return those of many leads that there are, held for this transaction; the oldest first, so that nobody waits in a ring."""
    query = select(Lead).where(col(Lead.workspace_id) == workspace_id, col(Lead.id).in_(sorted(lead_ids)))
    locked = query.order_by(col(Lead.id)).with_for_update().execution_options(populate_existing=True)
    return session.scalars(locked).all()


def lock_open_lead(session: Session, workspace_id: int, reference: str) -> Lead:
    """Return the lead that `reference` names, held for this transaction.

    Raises:
        LeadClosedError: it is CLOSED; and what `find_lead` raises.
    """
    found = find_lead(session, workspace_id, reference)
    try:
        lead = lock_lead(session, workspace_id, found.id)
    except LeadNotFoundError:
        # While we waited for it, it became one with another: there it is found now.
        lead = lock_lead(session, workspace_id, find_lead(session, workspace_id, reference).id)
    if lead.stage is Stage.CLOSED:
        raise LeadClosedError(lead)
    return lead


def require_owner(session: Session, actor: Actor, lead: Lead) -> None:
    """Let the lead's owner, its marketer while nobody owns it, and managers pass.

    Raises:
        NotYoursError: the actor is none of these.
    """
    is_theirs = (
        lead.owner_id == actor.member_id if lead.owner_id else not actor.roles.isdisjoint({Role.MARKETING, Role.SALES})
    )
    if not is_theirs and Role.MANAGER not in actor.roles:
        raise NotYoursError(lead, members.get_member(session, lead.workspace_id, lead.owner_id))
