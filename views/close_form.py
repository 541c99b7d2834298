"""The form for closing a lead as won or lost."""

from models.lead import MAX_LENGTHS, Lead, Outcome
from views.blocks import View, ask, modal, section, text_input
from views.lead_parts import labelled_with_company
from views.words import Reader, msg

CLOSE = "lead.close"

_TITLES: dict[Outcome, str] = {Outcome.WON: msg("Mark as won"), Outcome.LOST: msg("Mark as lost")}
_NOTES: dict[Outcome, str] = {Outcome.WON: msg("What decided it"), Outcome.LOST: msg("Why it was lost")}


def close(lead: Lead, outcome: Outcome, reader: Reader, metadata: str) -> View:
    """Ask for a word on how it ended; a closed lead takes no more changes, and the form says so."""
    t = reader.t
    warning = t("A closed lead takes no more changes. You can undo this for 30 minutes.")
    note = text_input(MAX_LENGTHS["closed_note"], multiline=True)
    blocks = [
        section(f"{labelled_with_company(lead, reader)}\n{warning}"),
        ask("closed_note", t(_NOTES[outcome]), note, optional=True),
    ]
    return modal(CLOSE, t(_TITLES[outcome]), blocks, metadata, close=t("Cancel"), submit=t(_TITLES[outcome]))
