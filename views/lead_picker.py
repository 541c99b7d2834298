"""The menu that finds a lead as somebody types."""

from collections.abc import Sequence

from models.lead import Lead
from views.blocks import LABEL_MAX, Block, option, plain, tidy
from views.labels import stage_label
from views.lead_parts import headline
from views.words import Reader

PICK = "lead.pick"


def picker(chosen: Lead | None, reader: Reader) -> Block:
    """Build the menu; Slack asks for its options (`options_of`) when it opens and at every word."""
    block: Block = {
        "type": "external_select",
        "action_id": PICK,
        "min_query_length": 0,
        "placeholder": plain(reader.t("L-12, a name, a company or an e-mail address")),
        "focus_on_load": chosen is None,
    }
    if chosen is not None:
        block["initial_option"] = _option(chosen, reader)
    return block


def options_of(leads: Sequence[Lead], reader: Reader) -> list[Block]:
    """Build the options, the likeliest first."""
    return [_option(lead, reader) for lead in leads]


def _option(lead: Lead, reader: Reader) -> Block:
    who = reader.t("{label} {name}", label=lead.label, name=headline(lead, reader, 40))
    description = reader.dotted((tidy(lead.title, LABEL_MAX // 2), stage_label(lead, reader)))
    return option(lead.label, who, description)
