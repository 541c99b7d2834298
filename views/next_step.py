"""What can be done about a dormant lead: one menu, on its card and in the message that told of it (10b)."""

from models.lead import Lead, Stage
from views.blocks import Block, option, select
from views.words import Reader

DORMANT_NEXT = "lead.dormant_next"


def next_step_menu(lead: Lead, reader: Reader, *, may_return: bool = True, may_close: bool = True) -> Block:
    """Offer to plan, to log, to hand back and to close; only what sales holds can go back to marketing."""
    t = reader.t
    choices = [
        ("follow", t("Plan follow-up"), True),
        ("log", t("Log touchpoint"), True),
        ("return", t("Return to marketing"), may_return and lead.stage is Stage.SQL),
        ("lost", t("Mark as lost"), may_close),
    ]
    options = [option(f"{verb}:{lead.label}", words) for verb, words, is_possible in choices if is_possible]
    return select(options, action_id=DORMANT_NEXT, placeholder=t("Choose what's next"))
