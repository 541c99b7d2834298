"""What reaches a person about a handoff: the reminder (06d), the word to the manager (06e), the note of a return (08)."""

from datetime import datetime

from models.facts import HandoffFacts
from models.handoff import HandoffState, ReturnReason
from views.blocks import (
    Block,
    Message,
    actions,
    button,
    context,
    escape,
    instant,
    quote,
    rich,
    section,
    sentence,
    tidy,
)
from views.handoff_parts import (
    ASSIGN_FORM,
    FOLLOW_UP_ON,
    MENTIONED_MAX,
    claim_button,
    mention_of,
    reason_of,
    return_day,
    who_of,
)
from views.labels import stage_label
from views.lead_card import EDIT, FOLLOW_UP_FORM, HANDOFF_FORM, SHOW
from views.lead_parts import (
    colleague,
    score_value,
    team_of,
)
from views.masks import mask_typed
from views.words import Reader


def reminder(facts: HandoffFacts, reader: Reader) -> Message:
    """Ask those on duty to claim what is overdue (06d); once it is settled, say how instead."""
    if facts.handoff.state is not HandoffState.OFFERED:
        return _settled(facts, reader)
    t, due = reader.t, facts.handoff.due_at
    who = who_of(facts.lead, reader)
    people = facts.claimers[:MENTIONED_MAX]
    called = reader.listed(t("{mention}", mention=mention_of(member)) for member in people)
    names = reader.listed(reader.person(escape(member.name, 50)) for member in people)
    said = "\n".join(
        (
            t("⏰ *No owner yet* · {who}", who=who),
            t("It was due: {due}", due=instant(reader, due)),
            _asked(called, reader),
        )
    )
    text = reader.sentences(
        (
            t("⏰ {label} {who} was to be claimed by {due} and has no owner yet.",
              label=facts.lead.label, who=who, due=reader.moment(due)),
            t("Score {score}.", score=score_value(facts.score)),
            _asked(names, reader),
        )
    )  # fmt: skip
    hint = t("Only members on duty were notified. If nobody can take it, return it from the card with a reason.")
    return Message(text, [section(said, claim_button(facts, reader)), context(hint)])


def escalation(facts: HandoffFacts, reader: Reader, now: datetime) -> Message:
    """Tell the manager that a handoff stays unclaimed (06e); once it is settled, say how instead."""
    if facts.handoff.state is not HandoffState.OFFERED:
        return _settled(facts, reader)
    t, lead, due = reader.t, facts.lead, facts.handoff.due_at
    who, late = who_of(lead, reader), reader.duration(now - due)
    team = team_of(facts.team, reader)
    score = score_value(facts.score)
    said = "\n".join(
        (
            t("⏰ *Still no owner* · {who}", who=who),
            reader.dotted(
                (
                    team,
                    t("{late} after {due}", late=late, due=instant(reader, due, now)),
                    t("score {score}", score=score),
                )
            ),
        )
    )
    text = reader.sentences(
        (
            t("⏰ {label} {who} still has no owner, {late} after {due}.",
              label=lead.label, who=who, late=late, due=reader.moment(due, now)),
            t("Score {score}.", score=score),
            t("Please assign someone."),
        )
    )  # fmt: skip
    reminded = reader.listed(colleague(member, reader) for member in facts.claimers[:MENTIONED_MAX])
    facts_line = t("reminded: {people}", people=reminded) if reminded else t("nobody was on duty")
    return Message(
        text,
        [
            section(said),
            actions(
                button(ASSIGN_FORM, t("Assign"), lead.label, primary=True),
                button(SHOW, t("Details"), lead.label),
            ),
            context(reader.dotted((lead.label, facts_line))),
        ],
    )


def return_note(facts: HandoffFacts, reader: Reader, card_link: str | None) -> Message:
    """Hand a returned lead back to the marketer who offered it, and to nobody else (08)."""
    t, handoff, lead = reader.t, facts.handoff, facts.lead
    reason, who = reason_of(handoff, reader), who_of(lead, reader)
    marketer = facts.marketer or facts.offered_by
    first = t("↩️ *Returned: {reason}* · {label} {who}", reason=reason, label=lead.label, who=who)
    if marketer is not None:
        first += "\n" + t("{mention}, over to you.", mention=mention_of(marketer))
    blocks: list[Block] = [section(first)]
    by = colleague(facts.returned_by, reader)
    comment = mask_typed(sentence(handoff.comment, 500))
    if comment:
        blocks.append(
            rich(quote(comment, t(" ({name})", name=tidy(facts.returned_by.name, 50) if facts.returned_by else by)))
        )
    retry = reader.short_day(handoff.retry_on, return_day(handoff, reader)) if handoff.retry_on else ""
    details = [t("Stage {stage}", stage=stage_label(lead, reader))]
    if not comment:
        details.append(t("returned by {name}", name=by))
    if retry:
        details.append(t("try again from {day}", day=retry))
    if card_link and card_link.startswith("https://") and not set(card_link) & set("<>|"):
        details.append(f"<{card_link}|{t('handoff card')}>")
    blocks.append(context(reader.dotted(details)))
    blocks.append(actions(*_return_buttons(facts, reader)))
    text = [
        t("{colleague}, {label} {who} was returned. Reason: {reason}.",
          colleague=escape(marketer.name, 50), label=lead.label, who=who, reason=reason)
        if marketer
        else t("{label} {who} was returned. Reason: {reason}.", label=lead.label, who=who, reason=reason)
    ]  # fmt: skip
    if comment:
        text.append(t("{name}: “{comment}”", name=by, comment=escape(comment, 600)))
    if retry:
        text.append(t("Try again from {day}.", day=retry))
    return Message(reader.sentences(text), blocks)


def return_undone(facts: HandoffFacts, reader: Reader) -> Message:
    """Say, in the place of the note, that a return was taken back."""
    lead = facts.lead
    said = reader.t("The return of {label} {who} was taken back.", label=lead.label, who=who_of(lead, reader))
    return Message(said, [section(said, button(SHOW, reader.t("Details"), lead.label))])


def _asked(people: str, reader: Reader) -> str:
    return reader.t("{people}, can one of you take it?", people=people) if people else reader.t("Can someone take it?")


def _settled(facts: HandoffFacts, reader: Reader) -> Message:
    """Say in one line how an offer ended that somebody had been called for."""
    t, who = reader.t, who_of(facts.lead, reader)
    said = {
        HandoffState.CLAIMED: t("✅ *Claimed by {owner}* · {who}", owner=colleague(facts.owner, reader), who=who),
        HandoffState.RETURNED: t("↩️ *Returned: {reason}* · {who}", reason=reason_of(facts.handoff, reader), who=who),
    }.get(facts.handoff.state, t("*Withdrawn* · {who}", who=who))
    text = reader.t("{label}: {what}", label=facts.lead.label, what=said.replace("*", ""))
    return Message(text, [section(said)])


def _return_buttons(facts: HandoffFacts, reader: Reader) -> list[Block]:
    """Choose the likely next step by the reason; where there is none, only the details."""
    t, label, handoff = reader.t, facts.lead.label, facts.handoff
    details = button(SHOW, t("Details"), label)
    add_info = button(EDIT, t("Add information"), label, primary=handoff.reason is ReturnReason.INCOMPLETE)
    if handoff.reason is ReturnReason.TOO_EARLY and handoff.retry_on is not None:
        day = reader.short_day(handoff.retry_on, return_day(handoff, reader))
        plan = button(
            FOLLOW_UP_ON, t("Plan for {day}", day=day), f"{label}:{handoff.retry_on.isoformat()}", primary=True
        )
        return [plan, add_info, details]
    if handoff.reason is ReturnReason.TOO_EARLY:
        return [button(FOLLOW_UP_FORM, t("Plan follow-up"), label, primary=True), add_info, details]
    if handoff.reason is ReturnReason.INCOMPLETE:
        return [add_info, details]
    if handoff.reason is ReturnReason.MISROUTED:
        return [button(HANDOFF_FORM, t("Hand off again"), label, primary=True), details]
    return [details]
