"""Touchpoints: logged by a line or a form, and taken back."""

from dataclasses import replace

from handlers.fields import coming_day_of, instant_of, row_id_of, text_of
from handlers.request import Desk, Reply, Request
from models.errors import InputError, Problem
from models.lead import Lead
from models.touchpoint import USUAL_DIRECTION, Direction, TouchpointKind
from services import leads, undo, vocabulary
from services.lead_edits import plan_follow_up
from services.touchpoint_lines import TouchpointEntry, read_touchpoint_line, split_reference
from services.touchpoints import Contact, log_touchpoint
from views import touchpoint_form, touchpoints


def log(desk: Desk, request: Request) -> Reply:
    """`/lead log LEAD KIND [note]`; without a kind the form opens."""
    reference, rest = split_reference(request.text)
    entry = read_touchpoint_line(rest, request.now, request.actor.zone)
    if not reference:
        return _open(request, None, entry)
    if entry.unknown_kind:
        raise InputError(
            Problem.UNKNOWN_KIND, "kind", entry.unknown_kind, nearest=vocabulary.nearest_kind(entry.unknown_kind)
        )
    with desk.database.read() as session:
        lead = leads.find_lead(session, desk.workspace_id, reference)
    if entry.kind is None:
        return _open(request, lead, entry)
    return _log(desk, request, lead.label, Contact(entry.kind, entry.direction, entry.at, entry.note))


def _open(request: Request, lead: Lead | None, entry: TouchpointEntry | None = None) -> Reply:
    note = request.note(lead=lead.label) if lead else request.note()
    return Reply(
        form=touchpoint_form.log(
            lead,
            request.reader,
            note,
            request.now,
            kind=entry.kind if entry else None,
            direction=entry.direction if entry else None,
            at=entry.at if entry else None,
            note=entry.note if entry else "",
        )
    )


def open_form(desk: Desk, request: Request) -> Reply:
    """Click: the form, for the lead that the button names or for any."""
    if not request.value:
        return _open(request, None)
    with desk.database.read() as session:
        lead = leads.find_lead(session, desk.workspace_id, request.value.rpartition(":")[2])
    return _open(request, lead)


def log_from_form(desk: Desk, request: Request) -> Reply:
    """The form submitted, with the next step where one was given."""
    kind, direction = text_of(request, "kind"), text_of(request, "direction")
    if kind not in set(TouchpointKind):
        raise InputError(Problem.MISSING_KIND, "kind", kind)
    contact = Contact(
        TouchpointKind(kind),
        Direction(direction) if direction in set(Direction) else USUAL_DIRECTION[TouchpointKind(kind)],
        instant_of(request, "at"),
        text_of(request, "note"),
    )
    reference = text_of(request, "lead") or str(request.metadata.get("lead") or "")
    return _log(desk, request, reference, contact)


def _log(desk: Desk, request: Request, reference: str, contact: Contact) -> Reply:
    next_on = coming_day_of(request, "next_on")
    with desk.transaction(request) as session:
        lead = leads.find_lead(session, desk.workspace_id, reference)
        logged = log_touchpoint(session, request.actor, lead.id, contact, request.now)
        if next_on is not None:
            what = text_of(request, "next_what")
            logged = replace(
                logged, lead=plan_follow_up(session, request.actor, lead.label, next_on, None, what, request.now)
            )
    return Reply(touchpoints.logged(logged, request.actor, request.reader))


def undo_log(desk: Desk, request: Request) -> Reply:
    """Click: take the touchpoint back."""
    with desk.transaction(request) as session:
        undone = undo.undo_touchpoint(session, request.actor, row_id_of(request.value), request.now)
    if undone.lead is None:
        raise LookupError("a touchpoint's undoing keeps its lead")
    return Reply(touchpoints.undone(undone.lead, request.reader), replaces=True)
