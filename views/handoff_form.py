"""Forms of a handoff: offering it, and giving it back (11d)."""

from models.facts import LeadFacts
from models.handoff import COMMENT_MAX, WHY_NOW_MAX, ReturnReason
from models.lead import Lead
from models.member import Member
from views.blocks import Block, View, ask, context, escape, modal, option, radios, section, text_input
from views.labels import with_role
from views.lead_parts import labelled_with_company, score_reasons, score_value, seven_lines
from views.words import Reader, msg

OFFER = "handoff.offer"
RETURN = "handoff.return"

_CHOICES: tuple[tuple[ReturnReason, str, str], ...] = (
    (ReturnReason.INCOMPLETE, msg("Not enough or wrong information"), msg("Say in the comment what is missing")),
    (ReturnReason.MISROUTED, msg("Wrong team or region"), msg("Marketing offers it to another team")),
    (ReturnReason.NO_FIT, msg("Out of target (industry, size)"), msg("Used to review the fit score")),
    (ReturnReason.TOO_EARLY, msg("Too early"), msg("Give a date to try again")),
    (ReturnReason.UNREACHABLE, msg("Cannot be reached"), ""),
    (ReturnReason.NO_NEED, msg("No need or no budget"), ""),
    (ReturnReason.DUPLICATE, msg("Duplicate or already in a deal"), ""),
    (ReturnReason.OTHER, msg("Other"), msg("Comment required")),
)


def offer(facts: LeadFacts, reader: Reader, metadata: str) -> View:
    """Ask why sales should take the lead now; show what they will see anyway."""
    t, lead = reader.t, facts.lead
    _, open_labels = seven_lines(lead, reader)
    who = labelled_with_company(lead, reader)
    score = t("Score {score}", score=score_value(facts.score))
    blocks: list[Block] = [section(f"{who}\n{score}"), context(score_reasons(facts.score, reader))]
    if open_labels:
        blocks.append(
            context(t("*Still open ({count})*  {labels}", count=len(open_labels), labels=reader.listed(open_labels)))
        )
    example = t("What they asked for, what ends when, who decides")
    why = text_input(WHY_NOW_MAX, example=example, multiline=True, focus=True)
    blocks.append(ask("why_now", t("Why now"), why, hint=t("Sales reads this first.")))
    return modal(OFFER, t("Hand off to sales"), blocks, metadata, close=t("Cancel"), submit=t("Hand off"))


def give_back(lead: Lead, marketer: Member | None, reader: Reader, metadata: str) -> View:
    """Ask why the lead goes back; no reason is chosen at first (11d)."""
    t = reader.t
    if marketer is not None:
        name = with_role(marketer, reader.t("{colleague}", colleague=escape(marketer.name, 50)), reader)
        told = t("{name} gets your reason and comment.", name=name)
    else:
        told = t("Marketing gets your reason and comment.")
    reasons = [option(code.value, t(label), t(about) if about else "") for code, label, about in _CHOICES]
    blocks: list[Block] = [
        section(f"{labelled_with_company(lead, reader)}\n{told}"),
        ask("reason", t("Reason"), radios(reasons)),
        ask("comment", t("Comment"), text_input(COMMENT_MAX, multiline=True), optional=True),
        ask("retry_on", t("Try again from"), {"type": "datepicker", "action_id": "v"}, optional=True),
    ]
    return modal(RETURN, t("Return handoff"), blocks, metadata, close=t("Cancel"), submit=t("Return"))
