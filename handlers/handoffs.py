"""Handoffs: offered, withdrawn, claimed, released, returned, assigned."""

from datetime import date

from handlers.fields import day_of, row_id_of, text_of
from handlers.request import Desk, Reply, Request
from models.errors import InputError, Problem
from models.handoff import ReturnReason
from models.lead import Lead
from services import handoff_facts, handoffs, lead_facts, leads, members, returns, vocabulary
from services.touchpoint_lines import read_return_line, split_reference
from views import assign_form, claim_answers, handoff_form, replies


def qualify(desk: Desk, request: Request) -> Reply:
    """`/lead qualify LEAD [why now]`: offer it to sales."""
    reference, why_now = split_reference(request.text)
    return _offer(desk, request, reference, why_now)


def _offer(desk: Desk, request: Request, reference: str, why_now: str) -> Reply:
    with desk.transaction(request) as session:
        handoff = handoffs.qualify_lead(session, request.actor, reference, why_now, request.now)
        facts = handoff_facts.handoff_facts(session, handoff, request.now)
    return Reply(replies.qualified(facts, request.reader))


def open_offer_form(desk: Desk, request: Request) -> Reply:
    """Click on Hand off: ask why now."""
    with desk.database.read() as session:
        lead = leads.find_lead(session, desk.workspace_id, request.value)
        facts = lead_facts.facts_of(session, lead, request.actor, request.now)
    return Reply(form=handoff_form.offer(facts, request.reader, request.note(lead=lead.label)))


def offer_from_form(desk: Desk, request: Request) -> Reply:
    """The form submitted."""
    return _offer(desk, request, str(request.metadata.get("lead") or ""), text_of(request, "why_now"))


def withdraw(desk: Desk, request: Request) -> Reply:
    """`/lead withdraw LEAD`: take the offer back."""
    with desk.transaction(request) as session:
        lead = handoffs.withdraw_lead(session, request.actor, request.text, request.now)
    return Reply(replies.withdrawn(lead, request.reader))


def claim(desk: Desk, request: Request) -> Reply:
    """`/lead claim LEAD`, or a click on Claim."""
    with desk.transaction(request) as session:
        if request.value:
            handoff = handoffs.claim_handoff(session, request.actor, row_id_of(request.value), request.now)
        else:
            handoff = handoffs.claim_lead(session, request.actor, request.text, request.now)
        claimed = handoff_facts.claimed_facts(session, handoff, request.now)
    return Reply(claim_answers.claim_won(claimed, request.reader, request.now))


def release(desk: Desk, request: Request) -> Reply:
    """`/lead release LEAD`: a claim put back."""
    with desk.transaction(request) as session:
        lead = handoffs.release_lead(session, request.actor, request.text, request.now)
    return Reply(replies.released(lead, request.reader))


def give_back(desk: Desk, request: Request) -> Reply:
    """`/lead return LEAD [reason] [comment]`; without a reason the form opens."""
    reference, rest = split_reference(request.text)
    entry = read_return_line(rest, request.now, request.actor.zone)
    if entry.reason is None and entry.comment:
        word = entry.comment.split()[0]
        raise InputError(Problem.UNKNOWN_REASON, "reason", word, nearest=vocabulary.nearest_reason(word))
    if entry.reason is None:
        with desk.database.read() as session:
            lead = leads.find_lead(session, desk.workspace_id, reference)
        return _open_return_form(desk, request, lead)
    return _give_back(desk, request, reference, entry.reason, entry.comment, entry.retry_on)


def _give_back(
    desk: Desk, request: Request, reference: str, reason: ReturnReason, comment: str, retry_on: date | None
) -> Reply:
    with desk.transaction(request) as session:
        handoff = returns.return_lead(session, request.actor, reference, reason, comment, retry_on, request.now)
        facts = handoff_facts.handoff_facts(session, handoff, request.now)
    return Reply(replies.returned(facts.lead, facts.marketer, request.reader))


def open_return_form(desk: Desk, request: Request) -> Reply:
    """Click on Return: ask why."""
    with desk.database.read() as session:
        if request.value.startswith("L-"):
            lead = leads.find_lead(session, desk.workspace_id, request.value)
        else:
            handoff = handoffs.get_handoff(session, desk.workspace_id, row_id_of(request.value))
            lead = leads.get_lead(session, desk.workspace_id, handoffs.lead_id_of(handoff))
    return _open_return_form(desk, request, lead)


def _open_return_form(desk: Desk, request: Request, lead: Lead) -> Reply:
    with desk.database.read() as session:
        marketer = members.get_member(session, desk.workspace_id, lead.marketer_id)
    return Reply(form=handoff_form.give_back(lead, marketer, request.reader, request.note(lead=lead.label)))


def return_from_form(desk: Desk, request: Request) -> Reply:
    """The form submitted."""
    reason = text_of(request, "reason")
    if reason not in set(ReturnReason):
        raise InputError(Problem.UNKNOWN_REASON, "reason", reason)
    reference = str(request.metadata.get("lead") or "")
    return _give_back(
        desk, request, reference, ReturnReason(reason), text_of(request, "comment"), day_of(request, "retry_on")
    )


def assign(desk: Desk, request: Request) -> Reply:
    """`/lead assign LEAD @person`, or the form behind the button."""
    reference, rest = split_reference(request.text)
    if rest:
        return _assign(desk, request, reference, rest)
    with desk.database.read() as session:
        lead = leads.find_lead(session, desk.workspace_id, request.value or reference)
    return Reply(form=assign_form.assign(lead, request.reader, request.note(lead=lead.label)))


def assign_from_form(desk: Desk, request: Request) -> Reply:
    """The form submitted."""
    return _assign(desk, request, str(request.metadata.get("lead") or ""), text_of(request, "owner"))


def _assign(desk: Desk, request: Request, reference: str, person: str) -> Reply:
    with desk.transaction(request) as session:
        lead, owner = handoffs.assign_lead(session, request.actor, reference, person, request.now)
    return Reply(replies.assigned_to(lead, owner, request.reader))
