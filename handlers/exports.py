"""Exports: a manager asks for a file; a job makes it and sends it to them alone."""

from handlers.request import Desk, Reply, Request
from services import export_runs
from views import export_note


def export(desk: Desk, request: Request) -> Reply:
    """`/lead export WHAT`, or a click on one of them; alone it asks what."""
    typed = request.text or request.value
    if not typed:
        return Reply(export_note.choose(request.reader))
    with desk.transaction(request) as session:
        asked = export_runs.ask_export(session, request.actor, typed, request.now)
    return Reply(export_note.begun(asked, request.reader))
