"""Somebody is forgotten: a dry run, a second confirmation, and the lifting of it by a manager with a reason."""

from handlers.fields import row_id_of, text_of
from handlers.request import Desk, Reply, Request
from services import erasures, leads
from views import erasure as erasure_view


def forget(desk: Desk, request: Request) -> Reply:
    """`/lead forget LEAD`: list what would go; nothing is deleted by that."""
    with desk.database.read() as session:
        planned = erasures.plan_erasure(session, request.actor, request.text)
    return Reply(erasure_view.plan(planned, request.reader))


def open_confirm_form(desk: Desk, request: Request) -> Reply:
    """Click on Delete for good: the number has to be typed."""
    with desk.database.read() as session:
        lead = leads.find_lead(session, desk.workspace_id, request.value)
    return Reply(form=erasure_view.confirm(lead, request.reader, request.note(lead=lead.label)))


def forget_from_form(desk: Desk, request: Request) -> Reply:
    """The number typed: delete."""
    number = leads.number_of(str(request.metadata.get("lead") or ""))
    with desk.transaction(request) as session:
        erasure = erasures.forget_lead(session, request.actor, number, text_of(request, "label"), request.now)
    return Reply(erasure_view.begun(erasure, request.reader))


def open_lift_form(desk: Desk, request: Request) -> Reply:
    """Click on Lift: ask why."""
    with desk.database.read() as session:
        erasure = erasures.get_erasure(session, desk.workspace_id, row_id_of(request.value))
    return Reply(form=erasure_view.lift(erasure, request.reader, request.note(erasure=str(erasure.id))))


def lift_from_form(desk: Desk, request: Request) -> Reply:
    """The reason given: they can be stored again."""
    erasure_id = row_id_of(str(request.metadata.get("erasure") or ""))
    with desk.transaction(request) as session:
        erasures.lift_erasure(session, request.actor, erasure_id, text_of(request, "lift_reason"), request.now)
    return Reply(erasure_view.lifted(request.reader))
