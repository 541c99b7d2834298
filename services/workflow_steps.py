"""What the steps of Slack's Workflow Builder do: once an execution, however often Slack tells of it."""

from collections.abc import Callable
from datetime import datetime

from sqlmodel import Session

from models.facts import ConsentEntry, LeadEntry
from models.lead import Lead
from models.member import Actor, Right
from services import members
from services.hooks import receive_lead, receive_touchpoint
from services.leads import get_lead
from services.records import answer_given, keep_answer, receive_once
from services.touchpoints import Contact


def add_by_step(
    session: Session, workspace_id: int, key: str, entry: LeadEntry, credited: Actor | None, now: datetime
) -> tuple[Lead, bool]:
    """Complete the lead that the entry is about, or add it, as `receive_lead` does; say whether it is new.

    A workflow acts as the company's own, like a web form; `credited` is the member whom it names, if it names one.

    Raises:
        NotAllowedError: the member named may not add leads; and what `receive_lead` raises.
    """

    def act() -> tuple[Lead, bool]:
        member_id = _credit(session, credited, Right.ADD)
        return receive_lead(session, workspace_id, entry, ConsentEntry(entry.consent), now, member_id)

    return _once(session, workspace_id, key, now, act)


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

    def act() -> tuple[Lead, bool]:
        member_id = _credit(session, credited, Right.LOG)
        return receive_touchpoint(session, workspace_id, reference, contact, now, member_id), False

    return _once(session, workspace_id, key, now, act)[0]


def _credit(session: Session, credited: Actor | None, right: Right) -> int | None:
    """Return the id of the member who gets the credit, who must be able to do it themselves."""
    if credited is None:
        return None
    members.require(session, credited, right)
    return credited.member_id


def _once(
    session: Session, workspace_id: int, key: str, now: datetime, act: Callable[[], tuple[Lead, bool]]
) -> tuple[Lead, bool]:
    """Do it and note the lead on the receipt; a repeat gets the same lead, and nothing is done.

    The second value says whether the lead is new by this very request.
    """
    if answer := answer_given(session, workspace_id, key):
        lead_id, _, new = answer.partition(" ")
        return get_lead(session, workspace_id, int(lead_id)), bool(new)
    receive_once(session, workspace_id, key, now)
    lead, is_new = act()
    keep_answer(session, workspace_id, key, f"{lead.id} new" if is_new else str(lead.id))
    return lead, is_new
