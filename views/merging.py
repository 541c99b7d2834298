"""Two leads that become one: the form that says what survives, the answer with its undo, and what is refused."""

from collections.abc import Mapping
from typing import Any

from models.errors import MergeError, MergeProblem, SuggestionGoneError
from models.facts import MergePreview
from models.lead import Lead
from models.lead_merge import UNDO_DAYS, LeadMerge
from models.member import Actor, Right
from views.blocks import Message, View, actions, ask, button, context, escape, modal, option, radios, section
from views.labels import CONSENTS, DECISION_ROLES, PROGRESS, SOURCES, field_label, field_list
from views.lead_card import SHOW
from views.lead_parts import colleague, in_sentence, row_title, spoken
from views.words import Reader, msg

FORM = "lead.merge"
OPEN_FORM = "merge.form"
UNDO = "merge.undo"
_ROW_MAX, _VALUE_MAX, _DIFFERENCES_MAX = 60, 80, 10
_CODED: dict[str, Mapping[Any, str]] = {"source": SOURCES, "role": DECISION_ROLES, "progress": PROGRESS}

_REFUSALS: dict[MergeProblem, str] = {
    MergeProblem.SAME_LEAD: msg("Both are {lead}: name two different leads."),
    MergeProblem.WON: msg("{lead} was won. A deal that was won stays as it is; the next one is a lead of its own."),
    MergeProblem.TWO_OWNERS: msg("The two leads belong to {owners}. Assign one of them first, so that both have one owner."),
    MergeProblem.TOO_LATE: msg("A merge into {lead} can be undone for {days} days only."),
}  # fmt: skip


def form(first: MergePreview, second: MergePreview, reader: Reader, metadata: str) -> View:
    """Ask which of two leads stays; what differs is shown side by side, and each choice says what it takes over."""
    t = reader.t
    both = (first.stays, first.goes)
    blocks = [section("\n".join(row_title(lead, reader, _ROW_MAX) for lead in both))]
    if first.differing:
        blocks.append(
            section("\n".join(_difference(name, first, reader) for name in first.differing[:_DIFFERENCES_MAX]))
        )
    choices = [_choice(one, reader) for one in (first, second)]
    blocks.append(ask("stays", t("Which one stays?"), radios(choices, first.stays.label)))
    blocks.append(
        context(
            t("All touchpoints, handoffs and changes of both are kept, and the score is computed anew."),
            t("Consent to e-mail will be: {consent}", consent=t(CONSENTS[first.consent])),
        )
    )
    if first.withdraws_offer:
        blocks.append(context(t("⚠️ One of the two offers in the sales channel is withdrawn.")))
    undo = t("The number that goes still finds the one that stays. You can undo this for {days} days.", days=UNDO_DAYS)
    blocks.append(context(undo))
    return modal(FORM, t("Merge two leads"), blocks, metadata, close=t("Cancel"), submit=t("Merge"))


def _difference(name: str, preview: MergePreview, reader: Reader) -> str:
    """Show what the two say of one field; mrkdwn."""
    one, other = (_value(lead, name, reader) for lead in (preview.stays, preview.goes))
    return reader.t("{field}: {first} / {second}", field=field_label(name, reader), first=one, second=other)


def _value(lead: Lead, name: str, reader: Reader) -> str:
    value = getattr(lead, name)
    if words := _CODED.get(name):
        return reader.t(words[value])
    return escape(str(value), _VALUE_MAX)


def _choice(preview: MergePreview, reader: Reader) -> dict[str, object]:
    t, filled = reader.t, field_list(preview.filled, reader)
    said = t("Takes over: {fields}", fields=filled) if filled else t("Keeps its own entries")
    return option(preview.stays.label, t("{label} stays", label=preview.stays.label), said)


def merged(stays: Lead, number: int, merge_id: int, reader: Reader) -> Message:
    """Say that two leads are one, with the way back."""
    t = reader.t
    said = t("{label} was merged into {lead}.", label=f"L-{number}", lead=in_sentence(stays, reader))
    hint = t("`{command} show {label}` finds it too.", command=reader.command, label=f"L-{number}")
    return Message(
        reader.sentences((said, hint.replace("`", ""))),
        [section(f"✅ {said}\n{hint}"), actions(_details(stays, reader), button(UNDO, t("Undo"), str(merge_id)))],
    )


def parted(stays: Lead, goes: Lead, reader: Reader) -> Message:
    """Say that they are two leads again."""
    first, second = (in_sentence(lead, reader) for lead in (stays, goes))
    said = reader.t("{first} and {second} are two leads again.", first=first, second=second)
    rows = [section(row_title(lead, reader, _ROW_MAX), _details(lead, reader)) for lead in (stays, goes)]
    return Message(said, [section(said), *rows])


def with_merged_number(card: Message, lead: Lead, merge: LeadMerge, actor: Actor, reader: Reader) -> Message:
    """Say above a card that the number asked for went into this lead, with the way back for who may."""
    t = reader.t
    said = t("{label} is now part of {lead}.", label=f"L-{merge.number}", lead=in_sentence(lead, reader))
    undo = button(UNDO, t("Undo the merge"), str(merge.id)) if actor.may(Right.MERGE) else None
    return Message(reader.sentences((said, card.text)), [section(said, undo), *card.blocks])


def refused(error: MergeError, reader: Reader) -> Message:
    """Say why two leads cannot become one, or two again."""
    t = reader.t
    owners = reader.listed(colleague(owner, reader) for owner in error.owners)
    said = t(_REFUSALS[error.problem], lead=in_sentence(error.lead, reader), owners=owners, days=error.days)
    unchanged = t("Nothing was changed.")
    return Message(reader.sentences((said, unchanged)), [section(reader.sentences((said, unchanged)), _details(error.lead, reader))])  # fmt: skip


def suggestion_gone(_error: SuggestionGoneError, reader: Reader) -> Message:
    """Say that somebody was first."""
    said = reader.t("Somebody has decided this pair already, or one of the two is no more. Nothing was changed.")
    return Message(said, [section(said)])


def _details(lead: Lead, reader: Reader) -> dict[str, object]:
    return button(SHOW, reader.t("Details"), lead.label, spoken=spoken(reader.t("Details"), lead, reader))
