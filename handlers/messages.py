"""Slack messages: made into a lead, or logged on one."""

from dataclasses import replace

from handlers.request import Desk, Reply, Request
from models.facts import ListName, SlackMessage
from models.lead import MAX_LENGTHS, Stage
from models.touchpoint import NOTE_MAX
from services import leads, lists, members
from services.card_texts import read_card
from services.lead_mentions import find_mentioned
from views import lead_form, lead_picker, touchpoint_form
from views.blocks import METADATA_MAX
from views.message_notes import note_of

PICKED_FROM = 20
"""Leads that the menu offers at a time."""


def open_add_form(desk: Desk, request: Request) -> Reply:
    """Message shortcut: the form for a new lead, filled with what the message says of somebody."""
    message = request.message or SlackMessage("")
    entry = read_card(message.text, desk.country)
    with desk.database.read() as session:
        author = members.find_member(session, desk.workspace_id, message.author_slack_id)
        source = leads.last_source_of(session, request.actor, request.now)
    note = note_of(message, author, request.reader, MAX_LENGTHS["note"])
    metadata = request.note(extra=entry.extra)
    if len(metadata) > METADATA_MAX:
        metadata = request.note()
    return Reply(form=lead_form.add(replace(entry, note=note), request.reader, metadata, default_source=source))


def open_log_form(desk: Desk, request: Request) -> Reply:
    """Message shortcut: the form for a touchpoint, with the message as its note and its time."""
    message = request.message or SlackMessage("")
    with desk.database.read() as session:
        author = members.find_member(session, desk.workspace_id, message.author_slack_id)
        likely = find_mentioned(session, desk.workspace_id, message.text, desk.country)
    at = min(message.at, request.now) if message.at else None
    note = note_of(message, author, request.reader, NOTE_MAX)
    return Reply(
        form=touchpoint_form.log(None, request.reader, request.note(), request.now, at=at, note=note, likely=likely)
    )


def suggest_leads(desk: Desk, request: Request) -> Reply:
    """The menu of leads: one's own until something is typed, then what is found by it. A CLOSED one takes no contact."""
    typed = request.value.strip()[: lists.QUERY_MAX]
    with desk.database.read() as session:
        if typed:
            found = lists.find_leads(session, desk.workspace_id, typed, request.now, PICKED_FROM)
        else:
            found = lists.list_leads(session, request.actor, ListName.MINE, request.now, PICKED_FROM)
    still_open = [row.lead for row in found.rows if row.lead.stage is not Stage.CLOSED]
    return Reply(options=lead_picker.options_of(still_open, request.reader))
