"""Pairs that may be one: reviewed, merged, and parted again."""

from handlers.fields import id_of, row_id_of, text_of
from handlers.request import Desk, Reply, Request
from models.errors import InputError, Problem
from models.match_suggestion import SuggestionState
from services import leads, merging, suggestions, unmerging
from views import merging as merging_view
from views import pairs as pairs_view

_BETWEEN = str.maketrans(",、:", "   ")
"""What may stand between two leads; the colon is our own button's."""


def list_pairs(desk: Desk, request: Request) -> Reply:
    """`/lead list duplicates`, or a click on Review."""
    return _list(desk, request, replaces=False)


def _list(desk: Desk, request: Request, *, replaces: bool) -> Reply:
    with desk.database.read() as session:
        found = suggestions.list_pairs(session, request.actor)
    return Reply(pairs_view.review(found, request.actor, request.reader), replaces=replaces)


def not_same(desk: Desk, request: Request) -> Reply:
    """Click: they are two, and not to be suggested again."""
    return _decide(desk, request, SuggestionState.NOT_SAME)


def later(desk: Desk, request: Request) -> Reply:
    """Click: to be looked at after the others."""
    return _decide(desk, request, SuggestionState.LATER)


def _decide(desk: Desk, request: Request, state: SuggestionState) -> Reply:
    with desk.transaction(request) as session:
        suggestions.decide(session, request.actor, id_of(request.value), state, request.now)
    return _list(desk, request, replaces=True)


def join(desk: Desk, request: Request) -> Reply:
    """Click: two companies are one."""
    with desk.transaction(request) as session:
        pair = suggestions.join_companies(session, request.actor, id_of(request.value), request.now)
    return Reply(pairs_view.joined(pair, request.reader), replaces=True)


def part(desk: Desk, request: Request) -> Reply:
    """Click: they are two companies after all."""
    with desk.transaction(request) as session:
        suggestions.part_companies(session, request.actor, id_of(request.value), request.now)
    return _list(desk, request, replaces=True)


def merge(desk: Desk, request: Request) -> Reply:
    """`/lead merge L-7 L-12`, or a click on Merge: the form that says what survives."""
    references = (request.value or request.text).translate(_BETWEEN).split()
    if len(references) != 2:
        raise InputError(Problem.TWO_LEADS_NEEDED, "lead", request.text)
    with desk.database.read() as session:
        one, other = (leads.find_lead(session, desk.workspace_id, reference) for reference in references)
        first = merging.preview_merge(session, request.actor, one, other)
        second = merging.preview_merge(session, request.actor, other, one)
    note = request.note(first=one.label, second=other.label)
    return Reply(form=merging_view.form(first, second, request.reader, note))


def merge_from_form(desk: Desk, request: Request) -> Reply:
    """The form submitted: the one that was chosen stays."""
    pair = [str(request.metadata.get(name) or "") for name in ("first", "second")]
    stays = text_of(request, "stays")
    if stays not in pair:
        raise InputError(Problem.UNKNOWN_CHOICE, "stays", stays)
    goes = pair[1] if stays == pair[0] else pair[0]
    with desk.transaction(request) as session:
        kept = leads.find_lead(session, desk.workspace_id, stays)
        gone = leads.find_lead(session, desk.workspace_id, goes)
        merged = merging.merge_leads(session, request.actor, kept.id, gone.id, request.now)
        kept = leads.get_lead(session, desk.workspace_id, merged.into_id)
    return Reply(merging_view.merged(kept, merged.number, merged.id, request.reader))


def undo(desk: Desk, request: Request) -> Reply:
    """Click: they are two after all."""
    with desk.transaction(request) as session:
        stays, goes = unmerging.undo_merge(session, request.actor, row_id_of(request.value), request.now)
    return Reply(merging_view.parted(stays, goes, request.reader), replaces=True)
