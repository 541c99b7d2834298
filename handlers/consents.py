"""What a lead agreed to: given with its evidence, withdrawn at once."""

from handlers.fields import day_of, text_of
from handlers.request import Desk, Reply, Request
from models.consent import ConsentBasis
from models.errors import InputError, Problem
from models.facts import ConsentEntry
from models.lead import Consent
from services import leads
from services.consent_lines import read_consent_line, said_on
from services.consents import change_consent
from services.records import last_consent
from services.touchpoint_lines import split_reference
from views import consent_form, replies


def consent(desk: Desk, request: Request) -> Reply:
    """`/lead consent LEAD yes|no|unknown …`; without an answer the form opens."""
    reference, rest = split_reference(request.text)
    if rest:
        return _save(desk, request, reference, read_consent_line(rest, request.now, request.actor.zone))
    with desk.database.read() as session:
        lead = leads.find_lead(session, desk.workspace_id, reference)
        known = last_consent(session, desk.workspace_id, lead.id, lead.consent)
    today = request.now.astimezone(request.actor.zone).date()
    return Reply(form=consent_form.consent(lead, known, today, request.reader, request.note(lead=lead.label)))


def consent_from_form(desk: Desk, request: Request) -> Reply:
    """The form submitted."""
    answer, basis = text_of(request, "consent"), text_of(request, "basis")
    if answer not in set(Consent):
        raise InputError(Problem.UNKNOWN_CHOICE, "consent", answer)
    entry = ConsentEntry(
        Consent(answer),
        purpose=text_of(request, "purpose"),
        basis=ConsentBasis(basis) if basis in set(ConsentBasis) else None,
        given_at=said_on(day_of(request, "given_at"), request.now, request.actor.zone),
        origin=text_of(request, "origin"),
        notice=text_of(request, "notice"),
    )
    return _save(desk, request, str(request.metadata.get("lead") or ""), entry)


def _save(desk: Desk, request: Request, reference: str, entry: ConsentEntry) -> Reply:
    with desk.transaction(request) as session:
        lead, is_news = change_consent(session, request.actor, reference, entry, request.now)
    return Reply(replies.consented(lead, request.reader) if is_news else replies.nothing_changed(request.reader))
