"""The form for the next step."""

from datetime import date

from models.lead import MAX_LENGTHS, Lead
from views.blocks import Block, View, ask, modal, section, text_input
from views.lead_parts import labelled_with_company
from views.words import Reader

PLAN = "followup.plan"


def plan(lead: Lead, reader: Reader, metadata: str, today: date) -> View:
    """Ask when to be in touch next and what for; a step that is planned already stands in the form."""
    t = reader.t
    day: Block = {"type": "datepicker", "action_id": "v"}
    time: Block = {"type": "timepicker", "action_id": "v"}
    planned_on = reader.today(lead.follow_up_at) if lead.follow_up_at is not None else lead.follow_up_on
    if planned_on is not None and planned_on >= today:
        day["initial_date"] = planned_on.isoformat()
        if lead.follow_up_at is not None:
            time["initial_time"] = reader.local(lead.follow_up_at).strftime("%H:%M")
    what = text_input(
        MAX_LENGTHS["follow_up_note"], lead.follow_up_note, example=t("e.g. ask for their answer to the quote")
    )
    blocks = [
        section(labelled_with_company(lead, reader)),
        ask("on", t("Date"), day),
        ask("at", t("Time"), time, optional=True, hint=t("Without a time, it is due on that day.")),
        ask("note", t("What to do"), what, optional=True),
    ]
    return modal(PLAN, t("Plan follow-up"), blocks, metadata, close=t("Cancel"), submit=t("Save"))
