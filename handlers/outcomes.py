"""How a lead goes on or ends: the next step, won, lost; and the undoing of a slip."""

from datetime import date, datetime, time

from handlers.fields import day_of, text_of, time_of
from handlers.request import Desk, Reply, Request
from models.errors import InputError, Problem
from models.lead import Outcome
from services import import_runs, leads, undo
from services.lead_edits import close_lead, plan_follow_up
from services.touchpoint_lines import read_follow_line, split_reference
from views import close_form, followup_form, import_note, replies


def follow(desk: Desk, request: Request) -> Reply:
    """`/lead follow LEAD DATE [note]`; without a date the form opens."""
    reference, rest = split_reference(request.text)
    if not rest:
        return _open_follow_form(desk, request, reference)
    entry = read_follow_line(rest, request.now, request.actor.zone)
    return _follow(desk, request, reference, entry.on, entry.at, entry.note)


def open_follow_form(desk: Desk, request: Request) -> Reply:
    """Click on Plan follow-up."""
    return _open_follow_form(desk, request, request.value)


def _open_follow_form(desk: Desk, request: Request, reference: str) -> Reply:
    with desk.database.read() as session:
        lead = leads.find_lead(session, desk.workspace_id, reference)
    today = request.now.astimezone(request.actor.zone).date()
    return Reply(form=followup_form.plan(lead, request.reader, request.note(lead=lead.label), today))


def follow_on(desk: Desk, request: Request) -> Reply:
    """Click on a day that was proposed: `L-12:2027-01-15`."""
    reference, _, day = request.value.partition(":")
    try:
        on = date.fromisoformat(day)
    except ValueError:
        raise InputError(Problem.UNREADABLE_DATE, "on", day) from None
    return _follow(desk, request, reference, on, None, "")


def follow_from_form(desk: Desk, request: Request) -> Reply:
    """The form submitted."""
    on, at = day_of(request, "on"), time_of(request, "at")
    if on is None:
        raise InputError(Problem.MISSING_DATE, "on")
    instant = _local(on, at, request) if at else None
    return _follow(desk, request, str(request.metadata.get("lead") or ""), on, instant, text_of(request, "note"))


def _local(on: date, at: time, request: Request) -> datetime:
    return datetime.combine(on, at, request.actor.zone)


def _follow(desk: Desk, request: Request, reference: str, on: date, at: datetime | None, note: str) -> Reply:
    with desk.transaction(request) as session:
        lead = plan_follow_up(session, request.actor, reference, on, at, note, request.now)
    return Reply(replies.followed_up(lead, request.reader))


def won(desk: Desk, request: Request) -> Reply:
    """`/lead won LEAD [note]`, or the form behind the menu."""
    return _close_or_ask(desk, request, Outcome.WON)


def lost(desk: Desk, request: Request) -> Reply:
    """`/lead lost LEAD [why]`, or the form behind the menu."""
    return _close_or_ask(desk, request, Outcome.LOST)


def _close_or_ask(desk: Desk, request: Request, outcome: Outcome) -> Reply:
    reference, note = (request.value, "") if request.value else split_reference(request.text)
    if request.value or (outcome is Outcome.LOST and reference and not note):
        with desk.database.read() as session:
            lead = leads.find_lead(session, desk.workspace_id, reference)
        metadata = request.note(lead=lead.label, outcome=outcome.value)
        return Reply(form=close_form.close(lead, outcome, request.reader, metadata))
    return _close(desk, request, reference, outcome, note)


def close_from_form(desk: Desk, request: Request) -> Reply:
    """The form submitted."""
    outcome = str(request.metadata.get("outcome") or "")
    if outcome not in set(Outcome):
        raise InputError(Problem.UNKNOWN_CHOICE, "outcome", outcome)
    return _close(
        desk, request, str(request.metadata.get("lead") or ""), Outcome(outcome), text_of(request, "closed_note")
    )


def _close(desk: Desk, request: Request, reference: str, outcome: Outcome, note: str) -> Reply:
    with desk.transaction(request) as session:
        lead = close_lead(session, request.actor, reference, outcome, note, request.now)
    return Reply(replies.closed(lead, request.reader))


def undo_last(desk: Desk, request: Request) -> Reply:
    """`/lead undo`: take one's own last slip back, a whole import too; a button, the last one of the lead it names."""
    number = leads.number_of(request.value) if request.value else None
    with desk.transaction(request) as session:
        run = None if number else import_runs.import_to_undo(session, request.actor, request.now)
        if run is not None:
            import_runs.undo_import(session, run, request.now)
            return Reply(import_note.undo_begun(run, request.reader))
        undone = undo.undo_last(session, request.actor, request.now, number)
    return Reply(replies.undone(undone, request.reader), replaces=True)
