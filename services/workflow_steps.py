"""What the steps of Slack's Workflow Builder do: once an execution, however often Slack tells of it."""

from collections.abc import Callable
from datetime import datetime

from sqlmodel import Session

from models.facts import LeadEntry
from models.lead import Lead
from models.member import Actor, Right
from services import members
from services.hooks import receive_lead, receive_touchpoint
from services.leads import get_lead
from services.records import note_what_came, receive_once, what_came_of
from services.touchpoints import Contact


def add_by_step(
    session: Session, workspace_id: int, key: str, entry: LeadEntry, credited: Actor | None, now: datetime
) -> tuple[Lead, bool]:
    """Complete the lead that the entry is about, or add it, as `receive_lead` does; say whether it is new.

    A workflow acts as the company's own, like a web form; `credited` is the member whom it names, if it names one.

    Raises:
        NotAllowedError: the member named may not add leads; and what `receive_lead` raises.
    """
    if credited is not None:
        members.require(session, credited, Right.ADD)
    member_id = credited.member_id if credited else None
    return _once(session, workspace_id, key, now, lambda: receive_lead(session, workspace_id, entry, now, member_id))


def log_by_step(
    session: Session,
    workspace_id: int,
    key: str,
    reference: str,
    contact: Contact,
    credited: Actor | None,
    now: datetime,
) -> Lead:
    """Log a contact on the lead that `reference` names, as `receive_touchpoint` does.

    Raises:
        NotAllowedError: the member named may not log; and what `receive_touchpoint` raises.
    """
    if credited is not None:
        members.require(session, credited, Right.LOG)
    member_id = credited.member_id if credited else None

    def act() -> tuple[Lead, bool]:
        return receive_touchpoint(session, workspace_id, reference, contact, now, member_id), False

    return _once(session, workspace_id, key, now, act)[0]


def _once(
    session: Session, workspace_id: int, key: str, now: datetime, act: Callable[[], tuple[Lead, bool]]
) -> tuple[Lead, bool]:
    """Do it and note the lead on the receipt; a repeat gets the same lead, and nothing is done.

    The second value says whether the lead is new by this very request.
    """
    receipt = what_came_of(session, workspace_id, key)
    if receipt is not None and receipt.subject_id is not None:
        lead = get_lead(session, workspace_id, receipt.subject_id)
        return lead, lead.created_at == receipt.at
    receive_once(session, workspace_id, key, now)
    lead, is_new = act()
    note_what_came(session, workspace_id, key, lead.id)
    return lead, is_new
