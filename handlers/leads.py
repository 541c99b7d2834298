"""Leads: added, shown, edited, found and listed."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlmodel import Session

from handlers.deliveries import list_undelivered
from handlers.fields import extra_of, id_of, text_of
from handlers.merging import list_pairs
from handlers.request import Desk, Reply, Request
from models.errors import InputError, Problem
from models.facts import Duplicates, LeadEntry, LeadFacts, ListName
from models.lead import THE_SEVEN, Consent, Lead, Source
from services import duplicates, lead_facts, leads, lists, undo, unmerging, vocabulary
from services.corrections import correct_score, read_correction, read_mark
from services.lead_edits import edit_lead, find_stale_edit
from services.lead_lines import read_edit_line, read_lead_line
from services.records import forget_receipt, is_first, receive_once, refuse_repeated
from services.suggestions import remember_not_same
from services.touchpoint_lines import split_reference
from services.workspaces import get_workspace
from views import duplicates as duplicates_view
from views import errors, lead_card, lead_form, replies
from views import lists as lists_view
from views import merging as merging_view
from views.blocks import METADATA_MAX

CONTACT_INPUTS = ("name", "company", "title", "email", "phone", "kind", "source", "campaign", "consent", "note")


def add(desk: Desk, request: Request) -> Reply:
    """`/lead add …`: save what is clear, ask in the form about what is not."""
    if not request.text:
        return open_add_form(desk, request)
    line = read_lead_line(request.text, desk.country)
    if not line.is_certain:
        return Reply(form=lead_form.add(line.entry, request.reader, _note_with_line(request)))
    added = _add_or_ask(desk, request, leads.check_entry(line.entry, desk.country), line.seven)
    return Reply(
        duplicates_view.question(added, line.entry, request.reader) if isinstance(added, Duplicates) else added
    )


def _note_with_line(request: Request) -> str:
    """Keep the line with the form: the form has no inputs for all that was typed (the seven, an address)."""
    note = request.note(line=request.text)
    return note if len(note) <= METADATA_MAX else request.note()


def open_add_form(desk: Desk, request: Request) -> Reply:
    """The empty form, starting with the source that this person used last today."""
    with desk.database.read() as session:
        source = leads.last_source_of(session, request.actor, request.now)
    return Reply(form=lead_form.add(None, request.reader, request.note(), default_source=source))


def add_from_form(desk: Desk, request: Request) -> Reply:
    """The form submitted: a likely duplicate is asked about in a second form on top of it."""
    entry, seven = _entry_of(request), {}
    if typed := str(request.metadata.get("line") or ""):
        line = read_lead_line(typed, desk.country)
        entry, seven = (
            replace(entry, external_id=line.entry.external_id, extra=line.entry.extra, kind=line.entry.kind),
            line.seven,
        )
    entry = leads.check_entry(entry, desk.country)
    added = _add_or_ask(desk, request, entry, seven)
    if isinstance(added, Duplicates):
        return Reply(
            next_form=duplicates_view.question_form(
                added, entry, request.reader, request.note(draft=str(added.draft_id))
            )
        )
    return Reply(added)


def _add_or_ask(desk: Desk, request: Request, entry: LeadEntry, seven: dict[str, str]) -> Any:
    """Save the entry and return the answer, or keep it as a draft and return the question."""
    # Before the search: a repeat would find what the first has added.
    with desk.transaction(request) as session:
        matches = duplicates.find_matches(session, desk.workspace_id, entry, desk.country)
        if matches:
            if request.values:
                # A form that was asked about is submitted again under the same key; a typed line is not.
                forget_receipt(session, desk.workspace_id, request.key)
            return duplicates.keep_draft(session, request.actor, entry, request.typed, matches, request.now, seven)
        facts = _added(session, request, entry, request.typed, seven)
    return lead_card.added(facts, request.reader)


def _added(session: Session, request: Request, entry: LeadEntry, typed: str, seven: Mapping[str, str]) -> LeadFacts:
    workspace = get_workspace(session, request.actor.workspace_id)
    lead = leads.add_lead(session, request.actor, workspace, entry, request.now, typed, seven)
    return lead_facts.added_facts(lead, workspace, request.actor, request.now)


def _entry_of(request: Request) -> LeadEntry:
    source, consent = text_of(request, "source"), text_of(request, "consent")
    return LeadEntry(
        name=text_of(request, "name"),
        company=text_of(request, "company"),
        title=text_of(request, "title"),
        email=text_of(request, "email"),
        phone=text_of(request, "phone"),
        source=Source(source) if source in set(Source) else None,
        campaign=text_of(request, "campaign"),
        note=text_of(request, "note"),
        consent=Consent(consent) if consent in set(Consent) else Consent.UNKNOWN,
        extra=extra_of(request),
    )


def answer_duplicate_form(desk: Desk, request: Request) -> Reply:
    """The question in a form answered: add to the existing lead, or save as another."""
    choice, draft = text_of(request, "choice"), str(request.metadata.get("draft") or "")
    if choice.startswith("add_to:"):
        return _add_to(desk, request, draft, choice.removeprefix("add_to:"))
    if choice != "separate":
        raise InputError(Problem.UNKNOWN_CHOICE, "choice", choice)
    return _add_anyway(desk, request, draft)


def add_anyway(desk: Desk, request: Request) -> Reply:
    """Click: it is another person."""
    return _add_anyway(desk, request, request.value)


def _add_anyway(desk: Desk, request: Request, draft: str) -> Reply:
    with desk.transaction(request) as session:
        taken = duplicates.take_draft(session, request.actor, id_of(draft))
        matches = duplicates.find_matches(session, desk.workspace_id, taken.entry, desk.country)
        facts = _added(session, request, taken.entry, taken.typed, taken.seven)
        others = [lead.id for lead, _ in matches]
        remember_not_same(session, request.actor, facts.lead.id, others, request.now)
    return Reply(lead_card.added(facts, request.reader), replaces=True)


def add_to_existing(desk: Desk, request: Request) -> Reply:
    """Click: it is the same person; fill what was empty."""
    draft, _, reference = request.value.partition(":")
    return _add_to(desk, request, draft, reference)


def _add_to(desk: Desk, request: Request, draft: str, reference: str) -> Reply:
    with desk.transaction(request) as session:
        lead = leads.find_lead(session, desk.workspace_id, reference)
        lead, fields = duplicates.add_to_lead(session, request.actor, id_of(draft), lead, request.now)
    return Reply(replies.edited(lead, fields, request.reader), replaces=True)


def discard_draft(desk: Desk, request: Request) -> Reply:
    """Click: save nothing; the line comes back for copying."""
    with desk.transaction(request) as session:
        taken = duplicates.take_draft(session, request.actor, id_of(request.value))
    return Reply(duplicates_view.discarded(taken.typed, request.reader), replaces=True)


def undo_add(desk: Desk, request: Request) -> Reply:
    """Click: take the adding back."""
    with desk.transaction(request) as session:
        undone = undo.undo_add(session, request.actor, leads.number_of(request.value), request.now)
    return Reply(lead_card.add_undone(request.value, undone.typed, request.reader), replaces=True)


def show(desk: Desk, request: Request) -> Reply:
    """`/lead show L-12`, or a click on Details."""
    reference = request.value or request.text
    with desk.database.read() as session:
        lead = leads.find_lead(session, desk.workspace_id, reference)
        facts = lead_facts.facts_of(session, lead, request.actor, request.now)
        asked = leads.read_number(reference)
        merge = unmerging.last_merge(session, lead, asked) if asked not in {None, lead.number} else None
    card = lead_card.card(facts, request.actor, request.reader, request.now)
    if merge is not None:
        card = merging_view.with_merged_number(card, lead, merge, request.actor, request.reader)
    return Reply(card)


def find(desk: Desk, request: Request) -> Reply:
    """`/lead find WORDS`, or the form behind the button."""
    query = text_of(request, "query") or request.text
    with desk.database.read() as session:
        found = lists.find_leads(session, desk.workspace_id, query, request.now)
    return Reply(lists_view.search(query, found, request.reader, request.now))


def open_find_form(_desk: Desk, request: Request) -> Reply:
    """Click: ask what to look for."""
    return Reply(form=lead_form.find(request.reader, request.note()))


def list_leads(desk: Desk, request: Request) -> Reply:
    """`/lead list NAME`; without a name one's own."""
    if vocabulary.is_undelivered(request.text):
        return list_undelivered(desk, request)
    if vocabulary.is_duplicates(request.text):
        return list_pairs(desk, request)
    name = vocabulary.read_list(request.text) if request.text else ListName.MINE
    if name is None:
        raise InputError(Problem.UNKNOWN_LIST, "list", request.text, nearest=vocabulary.nearest_list(request.text))
    with desk.database.read() as session:
        found = lists.list_leads(session, request.actor, name, request.now)
    return Reply(lists_view.page(name, found, request.reader, request.now))


def edit(desk: Desk, request: Request) -> Reply:
    """`/lead edit L-12` opens the form; `/lead edit L-12 key:value …` saves at once."""
    reference, rest = (request.value, "") if request.value else split_reference(request.text)
    if correction := read_correction(rest):
        return _correct(desk, request, reference, *correction)
    if (mark := read_mark(rest)) is not None:
        return _set_fields(desk, request, reference, {"mark": mark})
    values = read_edit_line(rest, desk.country) if rest else {}
    if values:
        return _set_fields(desk, request, reference, values)
    lead = _lead(desk, reference)
    return Reply(form=lead_form.edit_seven(lead, request.reader, request.note(lead=lead.label, rev=lead.rev)))


def _set_fields(desk: Desk, request: Request, reference: str, values: Mapping[str, str | None]) -> Reply:
    with desk.transaction(request) as session:
        lead = leads.find_lead(session, desk.workspace_id, reference)
        lead, fields = edit_lead(session, request.actor, lead.id, values, request.now)
    return Reply(replies.edited(lead, fields, request.reader))


def _correct(desk: Desk, request: Request, reference: str, points: str, reason: str) -> Reply:
    with desk.transaction(request) as session:
        lead = correct_score(session, request.actor, reference, points, reason, request.now)
        facts = lead_facts.facts_of(session, lead, request.actor, request.now)
    return Reply(replies.score_corrected(facts, request.reader))


def _lead(desk: Desk, reference: str) -> Lead:
    with desk.database.read() as session:
        return leads.find_lead(session, desk.workspace_id, reference)


def edit_contact(desk: Desk, request: Request) -> Reply:
    """Click in the form of the seven: the contact's fields, on top of it."""
    lead = _lead(desk, request.value)
    note = request.note(lead=lead.label, rev=lead.rev)
    return Reply(form=lead_form.edit_contact(lead, request.reader, note))


def save_seven(desk: Desk, request: Request) -> Reply:
    """The seven, submitted."""
    return _save(desk, request, THE_SEVEN)


def save_contact(desk: Desk, request: Request) -> Reply:
    """The contact's fields, submitted."""
    return _save(desk, request, CONTACT_INPUTS)


def _save(desk: Desk, request: Request, names: tuple[str, ...]) -> Reply:
    # What the person left as the form showed it is not theirs to change back.
    changed = [name for name in names if request.values.get(name) != request.shown.get(name)]
    values = {name: text_of(request, name) for name in changed}
    reference, rev = str(request.metadata.get("lead") or ""), request.metadata.get("rev")
    with desk.database.write() as session:
        refuse_repeated(session, desk.workspace_id, request.key)
        lead = leads.lock_lead(session, desk.workspace_id, leads.find_lead(session, desk.workspace_id, reference).id)
        stale = find_stale_edit(session, lead, rev if isinstance(rev, int) else 0, values)
        # Who has been told, and saves again, means it.
        if stale and is_first(session, desk.workspace_id, f"{request.key}:{stale.field}:{lead.rev}", request.now):
            return Reply(errors={stale.field: errors.field_message(stale, request.reader)})
        receive_once(session, desk.workspace_id, request.key, request.now)
        lead, fields = edit_lead(session, request.actor, lead.id, values, request.now)
    return Reply(replies.edited(lead, fields, request.reader) if fields else replies.nothing_changed(request.reader))
