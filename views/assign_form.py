"""The form with which a manager gives a lead to somebody."""

from models.lead import Lead
from views.blocks import View, ask, modal, section
from views.lead_parts import labelled_with_company
from views.words import Reader

ASSIGN = "lead.assign"


def assign(lead: Lead, reader: Reader, metadata: str) -> View:
    """Ask who owns the lead from now on."""
    t = reader.t
    blocks = [
        section(labelled_with_company(lead, reader)),
        ask(
            "owner",
            t("Owner"),
            {"type": "users_select", "action_id": "v"},
            hint=t("They get the contact details in a direct message. Guests and bots cannot be chosen."),
        ),
    ]
    return modal(ASSIGN, t("Assign a lead"), blocks, metadata, close=t("Cancel"), submit=t("Assign"))
