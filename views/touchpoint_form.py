"""The form for logging a touchpoint (11c), with the next step asked in the same breath."""

from datetime import datetime

from models.lead import MAX_LENGTHS, Lead
from models.touchpoint import NOTE_MAX, Direction, TouchpointKind
from views.blocks import Block, View, ask, divider, modal, option, radios, section, select, text_input
from views.labels import DIRECTIONS, KINDS
from views.lead_parts import labelled_with_company
from views.lead_picker import picker
from views.words import Reader, capital

LOG = "touchpoint.log"


def log(
    lead: Lead | None,
    reader: Reader,
    metadata: str,
    now: datetime,
    *,
    kind: TouchpointKind | None = None,
    direction: Direction | None = None,
    at: datetime | None = None,
    note: str = "",
    likely: Lead | None = None,
) -> View:
    """Ask what happened and what comes next; without a lead, ask which one first, `likely` chosen already."""
    t = reader.t
    kind = kind or TouchpointKind.CALL
    kinds = [option(choice.value, capital(t(label))) for choice, label in KINDS.items()]
    ways = [option(choice.value, t(label)) for choice, label in DIRECTIONS.items()]
    first: Block
    if lead is None:
        first = ask("lead", t("Lead"), picker(likely, reader))
    else:
        first = section(labelled_with_company(lead, reader))
    blocks = [
        first,
        ask("kind", t("Kind"), select(kinds, kind.value)),
        # Slack's form cannot follow the kind that is chosen: a seminar logged as ours would count too little.
        ask(
            "direction",
            t("Direction"),
            radios(ways, direction.value if direction else ""),
            optional=True,
            hint=t("Left open, it is the usual one: a call is ours, a seminar theirs."),
        ),
        ask(
            "at",
            t("When"),
            {"type": "datetimepicker", "action_id": "v", "initial_date_time": int((at or now).timestamp())},
        ),
        ask("note", t("What was said"), text_input(NOTE_MAX, note, multiline=True), optional=True),
        divider(),
        ask("next_on", t("Next step on"), {"type": "datepicker", "action_id": "v"}, optional=True),
        ask("next_what", t("Next step"), text_input(MAX_LENGTHS["follow_up_note"]), optional=True),
    ]
    return modal(LOG, t("Log touchpoint"), blocks, metadata, close=t("Cancel"), submit=t("Log it"))
