"""A possible duplicate: the question before anything is saved (02), and the same in the form (11b)."""

from models.facts import Duplicates, LeadEntry, Match
from views.blocks import (
    Block,
    Message,
    View,
    actions,
    ask,
    button,
    context,
    escape,
    modal,
    mrkdwn,
    option,
    preformatted,
    radios,
    section,
    sentence,
)
from views.labels import MATCH_REASONS, field_list
from views.lead_card import LOG_FORM, SHOW
from views.lead_parts import about, colleague, headline, labelled
from views.words import Reader

ADD_TO = "lead.add_to_existing"
ADD_ANYWAY = "lead.add_anyway"
DISCARD = "lead.discard_draft"
FORM = "lead.add_duplicate"
SHOWN_MAX = 3


def question(dups: Duplicates, entry: LeadEntry, reader: Reader) -> Message:
    """Ask what to do with an entry that looks like a known person; nothing is saved yet (02)."""
    t, matches = reader.t, dups.matches[:SHOWN_MAX]
    draft = str(dups.draft_id)
    blocks: list[Block] = [section(f"{t('*Not saved yet.*')} {_how_many(dups, reader)}")]
    out = [button(ADD_ANYWAY, t("Save as separate"), draft), button(DISCARD, t("Discard"), draft)]
    if len(matches) == 1:
        match = matches[0]
        view, *others = _ways_in(match, draft, reader, is_only=True)
        blocks += [section(_described(match, entry, reader), view), actions(*others, *out)]
        blocks.append(
            context(t("Adding never overwrites {label}; it fills empty fields only.", label=match.lead.label))
        )
    else:
        for match in matches:
            blocks += [
                section(_described(match, entry, reader)),
                actions(*_ways_in(match, draft, reader, is_only=False)),
            ]
        if dups.count > len(matches):
            more = dups.count - len(matches)
            blocks.append(context(reader.n("{count} more lead matches", "{count} more leads match", more)))
        blocks.append(actions(*out))
        blocks.append(context(t("Adding never overwrites a lead; it fills empty fields only.")))
    return Message(_question_text(dups, reader), blocks)


def question_form(dups: Duplicates, entry: LeadEntry, reader: Reader, metadata: str) -> View:
    """Ask the same inside the form; going back restores it as it was (11b)."""
    t, matches = reader.t, dups.matches[:SHOWN_MAX]
    warning = mrkdwn(f"{t('Not saved yet.')} {_how_many(dups, reader)}")
    blocks: list[Block] = [{"type": "alert", "level": "warning", "text": warning}]
    blocks += [section(_described(match, entry, reader, with_new=False)) for match in matches]
    choices = [
        option(
            f"add_to:{match.lead.label}",
            t("Add to {label}", label=match.lead.label),
            t("Fills empty fields only: {fields}", fields=field_list(match.adds, reader))
            if match.adds
            else t("Adds nothing new"),
        )
        for match in matches
    ]
    choices.append(option("separate", t("Save as a separate lead"), t("You say that they are different people")))
    first = choices[0]["value"] if len(matches) == 1 else ""
    blocks.append(ask("choice", t("What should happen?"), radios(choices, first)))
    return modal(FORM, t("Same person?"), blocks, metadata, close=t("Back"), submit=t("Save this"))


def discarded(typed: str, reader: Reader) -> Message:
    """Say that the entry was thrown away, and hand back the line that was typed."""
    said = reader.t("Discarded; nothing was saved.")
    if not sentence(typed):
        return Message(said, [section(said)])
    said = reader.sentences((said, reader.t("You typed:")))
    text = reader.t("{what} {typed}", what=said, typed=escape(typed, 1000))
    return Message(text, [section(said), preformatted(typed)])


def _how_many(dups: Duplicates, reader: Reader) -> str:
    return reader.n("One lead looks like the same person.", "{count} leads look like the same person.", dups.count)


def _ways_in(match: Match, draft: str, reader: Reader, *, is_only: bool) -> list[Block]:
    """Build the ways to use the lead that exists: open it, add to it, log on it."""
    label = match.lead.label
    return [
        button(SHOW, reader.t("View {label}", label=label), label),
        button(ADD_TO, reader.t("Add to {label}", label=label), f"{draft}:{label}", primary=is_only),
        button(LOG_FORM, reader.t("Log on {label}", label=label), label),
    ]


def _reasons(match: Match, reader: Reader) -> str:
    return reader.listed(reader.t(MATCH_REASONS[reason]) for reason in match.reasons)


def _new_in_entry(match: Match, entry: LeadEntry, reader: Reader) -> str:
    fields = field_list(match.adds, reader)
    if "campaign" in match.adds and (campaign := escape(entry.campaign)):
        fields = reader.t("{fields} ({campaign})", fields=fields, campaign=campaign)
    return fields


def _described(match: Match, entry: LeadEntry, reader: Reader, *, with_new: bool = True) -> str:
    """Describe a match; one that the person may not see in full shows its number, owner and reason only."""
    t, lead = reader.t, match.lead
    if not match.may_see:
        first = t("*{lead}*", lead=lead.label)
    elif who := escape(about(lead, reader), 250):
        first = t("*{lead}*, {about}", lead=escape(labelled(lead, reader), 150), about=who)
    else:
        first = t("*{lead}*", lead=escape(labelled(lead, reader), 150))
    lines = [first]
    if match.owner is not None:
        lines.append(t("Owner: {owner}", owner=colleague(match.owner, reader)))
    lines.append(t("Matches: {reasons}", reasons=_reasons(match, reader)))
    if with_new and match.may_see:
        new = _new_in_entry(match, entry, reader)
        lines.append(t("New in your entry: {fields}", fields=new) if new else t("Your entry holds nothing new."))
    return "\n".join(lines)


def _question_text(dups: Duplicates, reader: Reader) -> str:
    t = reader.t
    said = [t("Not saved yet."), _how_many(dups, reader)]
    for match in dups.matches[:SHOWN_MAX]:
        who = escape(headline(match.lead, reader), 250) if match.may_see else ""
        said.append(
            t("{label} {who}: {reasons}.", label=match.lead.label, who=who, reasons=_reasons(match, reader))
            if who
            else t("{label}: {reasons}.", label=match.lead.label, reasons=_reasons(match, reader))
        )
    said.append(t("Add to a lead that exists, log a touchpoint on it, or save as a separate lead."))
    return reader.sentences(said)
