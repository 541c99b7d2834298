"""Imports: a file chosen, understood, confirmed; stopped, undone; its unreadable rows asked for."""

import re
from collections.abc import Callable
from datetime import datetime

from sqlmodel import Session

from handlers.fields import FILE_ID, list_of, number_in, text_of
from handlers.request import Desk, Reply, Request
from models.errors import ImportStateError, InputError, Problem
from models.import_run import ImportRun
from models.lead import MAX_LENGTHS, Consent, Source
from services import campaigns, import_runs
from services.import_rows import ForAll
from services.import_runs import Settings
from views import import_form, import_note
from views.import_words import MAPPABLE

_LABEL = re.compile(r"I-([0-9]{1,9})")


def open_upload(_desk: Desk, request: Request) -> Reply:
    """`/lead import`, or a click on Choose a file."""
    return Reply(form=import_form.upload(request.reader, request.note()))


def begin(desk: Desk, request: Request) -> Reply:
    """The file chosen: a job fetches and reads it, and tells in a direct message what it found."""
    files = list_of(request, "file")
    if len(files) != 1 or not FILE_ID.fullmatch(files[0]):
        raise InputError(Problem.MISSING_FILE, "file")
    settings = _settings_of(request)
    with desk.transaction(request) as session:
        run = import_runs.begin_import(session, request.actor, files[0], settings, request.now)
    return Reply(import_note.begun(run, request.reader))


def _settings_of(request: Request) -> Settings:
    source, consent = text_of(request, "source"), text_of(request, "consent")
    campaign = text_of(request, "campaign")
    if len(campaign) > MAX_LENGTHS["campaign"]:
        raise InputError(Problem.TOO_LONG, "campaign", campaign, limit=MAX_LENGTHS["campaign"])
    cost = number_in(request, "cost", 0, import_form.COST_MAX) if text_of(request, "cost") else None
    if cost is not None and not campaign:
        raise InputError(Problem.MISSING_CAMPAIGN, "campaign")
    for_all = ForAll(
        Source(source) if source in set(Source) else None,
        campaign,
        Consent(consent) if consent in set(Consent) else Consent.UNKNOWN,
    )
    return Settings(for_all, text_of(request, "consent_basis")[: import_form.BASIS_MAX], cost)


def open_settings(desk: Desk, request: Request) -> Reply:
    """Click on Change settings: what each column is."""
    with desk.database.read() as session:
        run = import_runs.get_run(session, request.actor, _number(request.value))
        cost = campaigns.cost_of(session, desk.workspace_id, run.campaign)
    return Reply(form=import_form.settings(run, cost, request.reader, request.note(run=run.label)))


def save_settings(desk: Desk, request: Request) -> Reply:
    """The settings submitted: the file is read anew with them."""
    settings = _settings_of(request)
    with desk.transaction(request) as session:
        run = import_runs.get_run(session, request.actor, _number(str(request.metadata.get("run") or "")))
        mapping = _mapping_of(request, run)
        import_runs.settle_import(session, run, mapping, settings, request.now)
    return Reply()


def _mapping_of(request: Request, run: ImportRun) -> dict[str, str]:
    """Read what each column is; one that the form has no room for stays what it was, and so does their order."""
    chosen = {}
    for place, heading in enumerate(run.layout.get("headings", ())):
        block = f"{import_form.COLUMN}{place}"
        field = text_of(request, block)
        if field and field not in {*MAPPABLE, import_form.KEEP}:
            raise InputError(Problem.UNKNOWN_CHOICE, block, field)
        if field:
            chosen[heading] = "" if field == import_form.KEEP else field
    return {heading: chosen.get(heading, field) for heading, field in run.mapping.items()}


def confirm(desk: Desk, request: Request) -> Reply:
    """Click on Import 279: from here on it is carried to its end."""
    return _change(desk, request, import_runs.confirm_import)


def discard(desk: Desk, request: Request) -> Reply:
    """Click on Discard: nothing was written."""
    return _change(desk, request, import_runs.discard_import)


def stop(desk: Desk, request: Request) -> Reply:
    """Click on Stop, confirmed: what is written stays."""
    return _change(desk, request, import_runs.stop_import)


def get_rejects(desk: Desk, request: Request) -> Reply:
    """Click on Get CSV: a job sends the unreadable rows as a file."""
    return _change(desk, request, import_runs.want_rejects)


def undo(desk: Desk, request: Request) -> Reply:
    """Click on Undo import, confirmed."""
    return _change(desk, request, import_runs.undo_import)


def _change(desk: Desk, request: Request, change: Callable[[Session, ImportRun, datetime], object]) -> Reply:
    """Do something with the import that the button names; its message shows what came of it."""
    with desk.transaction(request) as session:
        change(session, import_runs.get_run(session, request.actor, _number(request.value)), request.now)
    return Reply()


def _number(value: str) -> int:
    """Return the number in `I-6`.

    Raises:
        ImportStateError: there is none.
    """
    found = _LABEL.fullmatch(value)
    if found is None:
        raise ImportStateError(None)
    return int(found[1])
