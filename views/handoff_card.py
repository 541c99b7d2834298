"""The handoff: its one live card in the team's channel (05, 06), what reaches a person about it, and the answers to a claim."""

from collections.abc import Callable
from datetime import date, datetime

from models.errors import AlreadyClaimedError
from models.facts import Claimed, HandoffFacts
from models.handoff import RELEASE_MINUTES, Handoff, HandoffState, ReturnReason
from models.lead import Lead
from models.member import Member
from models.touchpoint import Direction, TouchpointKind
from views.blocks import (
    Block,
    Message,
    actions,
    button,
    context,
    escape,
    fields,
    header,
    instant,
    line,
    mrkdwn,
    part,
    quote,
    rich,
    section,
    sentence,
    tidy,
)
from views.labels import REASONS, SOURCES, kind_label, stage_label, with_role
from views.lead_card import CLAIM, EDIT, FOLLOW_UP_FORM, HANDOFF_FORM, LOG_FORM, SHOW
from views.lead_parts import (
    address,
    colleague,
    email_link,
    grade_part,
    headline,
    known_part,
    masked_contact,
    phone_link,
    score_split,
    score_value,
    seven_lines,
    team_of,
    title_of,
    touchpoint_lines,
    why_now_lines,
)
from views.masks import mask_typed
from views.words import Reader

RETURN_FORM = "handoff.return_form"
ASSIGN_FORM = "lead.assign_form"
FOLLOW_UP_ON = "followup.on"
MENTIONED_MAX = 20


def card(facts: HandoffFacts, reader: Reader) -> Message:
    """Show the handoff as it stands; a card that nobody needs to act on any more shrinks to two lines."""
    if facts.handoff.state is HandoffState.OFFERED and facts.handoff.overdue_since is not None:
        return _overdue(facts, reader)
    return _CARDS[facts.handoff.state](facts, reader)


def reminder(facts: HandoffFacts, reader: Reader) -> Message:
    """Ask those on duty to claim what is overdue (06d); once it is settled, say how instead."""
    if facts.handoff.state is not HandoffState.OFFERED:
        return _settled(facts, reader)
    t, due = reader.t, facts.handoff.due_at
    who = _who(facts.lead, reader)
    people = facts.claimers[:MENTIONED_MAX]
    called = reader.listed(t("{mention}", mention=_mention(member)) for member in people)
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
    return Message(text, [section(said, _claim_button(facts, reader)), context(hint)])


def escalation(facts: HandoffFacts, reader: Reader, now: datetime) -> Message:
    """Tell the manager that a handoff stays unclaimed (06e); once it is settled, say how instead."""
    if facts.handoff.state is not HandoffState.OFFERED:
        return _settled(facts, reader)
    t, lead, due = reader.t, facts.lead, facts.handoff.due_at
    who, late = _who(lead, reader), reader.duration(now - due)
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
    reason, who = _reason(handoff, reader), _who(lead, reader)
    marketer = facts.marketer or facts.offered_by
    first = t("↩️ *Returned: {reason}* · {label} {who}", reason=reason, label=lead.label, who=who)
    if marketer is not None:
        first += "\n" + t("{mention}, over to you.", mention=_mention(marketer))
    blocks: list[Block] = [section(first)]
    by = colleague(facts.returned_by, reader)
    comment = mask_typed(sentence(handoff.comment, 500))
    if comment:
        blocks.append(
            rich(quote(comment, t(" ({name})", name=tidy(facts.returned_by.name, 50) if facts.returned_by else by)))
        )
    retry = reader.short_day(handoff.retry_on, _return_day(handoff, reader)) if handoff.retry_on else ""
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


def claim_won(claimed: Claimed, reader: Reader, now: datetime) -> Message:
    """Give the winner the lead with its contact details and a first step (07a). Private: never into a channel."""
    return _yours(claimed, reader.t("{label} is yours", label=claimed.facts.lead.label), reader, now)


def assigned(claimed: Claimed, by: Member | None, reader: Reader, now: datetime) -> Message:
    """Give the lead to somebody whom a manager chose, in the form of a claim that was won. A direct message."""
    label = claimed.facts.lead.label
    if by is None:
        return _yours(claimed, reader.t("{label} is yours", label=label), reader, now)
    said = reader.t("{colleague} assigned {label} to you", colleague=escape(by.name, 50), label=label)
    return _yours(claimed, said, reader, now)


def claim_lost(error: AlreadyClaimedError, reader: Reader) -> Message:
    """Tell the second claimant who was first and when, and offer the next handoff that waits (07b)."""
    t, lead = reader.t, error.lead
    if error.by_actor:
        said = t("{label} is already yours: {who}", label=lead.label, who=_who(lead, reader))
        return Message(said, [section(said, button(SHOW, t("Details"), lead.label))])
    owner = escape(error.owner.name, 50)
    blocks = [
        section(
            t("{colleague} claimed it at {time}: {lead}",
              colleague=owner, time=instant(reader, error.at), lead=f"{lead.label} {_who(lead, reader)}")
        )
    ]  # fmt: skip
    said_parts = [
        t("{colleague} claimed {label} at {time}.", colleague=owner, label=lead.label, time=reader.moment(error.at))
    ]
    if error.waiting:
        handoff, next_lead = error.waiting[0]
        waiting = reader.n("One other handoff is waiting.", "{count} other handoffs are waiting.", error.count)
        who = _who(next_lead, reader)
        row = t("*{label}* {who} (due {due})", label=next_lead.label, who=who, due=instant(reader, handoff.due_at))
        view = button(SHOW, t("View {label}", label=next_lead.label), next_lead.label)
        blocks.append(section(f"{waiting}\n{row}", view))
        said_parts.append(waiting)
        said_parts.append(
            t("{label} {who} (due {due}).", label=next_lead.label, who=who, due=reader.moment(handoff.due_at))
        )
    return Message(reader.sentences(said_parts), blocks)


def _asked(people: str, reader: Reader) -> str:
    return reader.t("{people}, can one of you take it?", people=people) if people else reader.t("Can someone take it?")


def _who(lead: Lead, reader: Reader) -> str:
    return escape(headline(lead, reader), 250)


def _mention(member: Member) -> str:
    return f"<@{member.slack_id}>" if member.slack_id.isalnum() else escape(member.name, 50)


def _reason(handoff: Handoff, reader: Reader) -> str:
    return reader.t(REASONS[handoff.reason or ReturnReason.OTHER])


def _return_day(handoff: Handoff, reader: Reader) -> date:
    return reader.today(handoff.returned_at or handoff.offered_at)


def _claim_button(facts: HandoffFacts, reader: Reader) -> Block:
    label = facts.lead.label
    spoken = reader.t("Claim {label}", label=label)
    return button(CLAIM, reader.t("Claim"), str(facts.handoff.id), primary=True, spoken=spoken)


def _details_button(lead: Lead, reader: Reader) -> Block:
    return button(SHOW, reader.t("Details"), lead.label, spoken=reader.t("Show {label}", label=lead.label))


def _offer_buttons(facts: HandoffFacts, reader: Reader) -> Block:
    give_back = reader.t("Return {label}", label=facts.lead.label)
    return actions(
        _claim_button(facts, reader),
        button(RETURN_FORM, reader.t("Return"), str(facts.handoff.id), spoken=give_back),
        _details_button(facts.lead, reader),
    )


def _summary(facts: HandoffFacts, reader: Reader) -> str:
    score, total = facts.score, score_value(facts.score)
    shown = reader.t("score *{score}*", score=total) + grade_part(score.grade, reader)
    if score.is_hot:
        shown += " 🔥"
    parts = score_split(score, reader)
    source = reader.t(SOURCES[facts.lead.source])
    return reader.dotted((escape(title_of(facts.lead)), reader.t("{score} {parts}", score=shown, parts=parts), source))


def _why_now(facts: HandoffFacts, reader: Reader) -> Block:
    why, _ = why_now_lines(facts.handoff.why_now, facts.score, reader, is_for_channel=True)
    return rich(line(part(reader.t("Why now"), bold=True)), quote(why))


def _offered_line(facts: HandoffFacts, reader: Reader, last: str) -> str:
    """Say who handed off and when. The card is posted at that time, so the time of day is enough."""
    at = facts.handoff.offered_at
    if facts.offered_by is not None:
        name = with_role(facts.offered_by, colleague(facts.offered_by, reader), reader)
        said = reader.t("handed off by {name} at {time}", name=name, time=instant(reader, at, at))
    else:
        said = reader.t("handed off by the score at {time}", time=instant(reader, at, at))
    return reader.dotted((facts.lead.label, said, last))


def _contact_hint(lead: Lead, reader: Reader) -> list[Block]:
    contact = masked_contact(lead, reader)
    return [context(reader.t("{contact} (shown once claimed)", contact=contact))] if contact else []


def _offered(facts: HandoffFacts, reader: Reader) -> Message:
    t, lead, due = reader.t, facts.lead, facts.handoff.due_at
    _, open_labels = seven_lines(lead, reader)
    blocks: list[Block] = [
        header(t("New handoff: {who}", who=headline(lead, reader))),
        section(f"{_summary(facts, reader)}\n{t('*Claim by:  {due}*', due=instant(reader, due))}"),
        _why_now(facts, reader),
    ]
    if facts.touchpoints:
        blocks.append(touchpoint_lines(facts.touchpoints, reader, is_for_channel=True))
    known = known_part(lead, reader, is_for_channel=True)
    if open_labels:
        known.append(line(part(t("Still open") + t("  "), bold=True), part(reader.listed(open_labels))))
    blocks.append(rich(*known))
    blocks += _contact_hint(lead, reader)
    blocks.append(_offer_buttons(facts, reader))
    blocks.append(context(_offered_line(facts, reader, t("a ✋ reaction claims it too"))))
    return Message(_offered_text(facts, open_labels, reader), blocks)


def _offered_text(facts: HandoffFacts, open_labels: list[str], reader: Reader) -> str:
    t, lead = reader.t, facts.lead
    who = _who(lead, reader)
    if title := escape(lead.title):
        who = t("{who} ({title})", who=who, title=title)
    score = str(score_value(facts.score))
    why, _ = why_now_lines(facts.handoff.why_now, facts.score, reader, is_for_channel=True)
    said = [
        t("New handoff {label}: {who}.", label=lead.label, who=who),
        t("Score {score}.", score=t("{score} (hot)", score=score) if facts.score.is_hot else score),
        t("Claim by {due}.", due=reader.moment(facts.handoff.due_at)),
        reader.stopped(t("Why now: {why}", why=escape(why, 600))),
    ]
    if open_labels:
        said.append(t("Open: {labels}.", labels=reader.listed(open_labels)))
    said.append(t("Claim with the button or a ✋ reaction."))
    return reader.sentences(said)


def _overdue(facts: HandoffFacts, reader: Reader) -> Message:
    t, lead, handoff = reader.t, facts.lead, facts.handoff
    who = _who(lead, reader)
    reminded_at = handoff.overdue_since or handoff.due_at
    lines = [_summary(facts, reader), t("Was due:  {due}", due=instant(reader, handoff.due_at))]
    if facts.manager is not None:
        name = with_role(facts.manager, colleague(facts.manager, reader), reader)
        if handoff.escalate_due_at is not None:
            at = instant(reader, handoff.escalate_due_at, handoff.offered_at)
            lines.append(t("*{name} is told at {time}*", name=name, time=at))
        else:
            lines.append(t("*{name} has been told*", name=name))
    reminded = t("reminded at {time}", time=instant(reader, reminded_at, handoff.offered_at))
    text = reader.sentences(
        (
            t("Overdue handoff {label}: {who}.", label=lead.label, who=who),
            t("It was to be claimed by {due}.", due=reader.moment(handoff.due_at)),
            t("{team} was reminded at {time}.", team=team_of(facts.team, reader), time=reader.moment(reminded_at)),
            t("It can still be claimed."),
        )
    )
    return Message(
        text,
        [
            header(t("⏰ Overdue: {who}", who=headline(lead, reader))),
            section("\n".join(lines)),
            _why_now(facts, reader),
            *_contact_hint(lead, reader),
            _offer_buttons(facts, reader),
            context(_offered_line(facts, reader, reminded)),
        ],
    )


def _claimed(facts: HandoffFacts, reader: Reader) -> Message:
    t, lead, handoff = reader.t, facts.lead, facts.handoff
    who, owner = _who(lead, reader), colleague(facts.owner, reader)
    at = handoff.claimed_at or handoff.offered_at
    took = reader.duration(at - handoff.offered_at)
    after = (
        t("after {length}, in time", length=took) if at <= handoff.due_at else t("after {length}, overdue", length=took)
    )
    facts_line = t(
        "handed off {offered} → claimed {claimed} ({after})",
        offered=instant(reader, handoff.offered_at, handoff.offered_at),
        claimed=instant(reader, at, handoff.offered_at),
        after=after,
    )
    score = t("score {score}", score=score_value(facts.score))
    text = t(
        "{label} {who}: {owner} claimed it at {time} ({after}).",
        label=lead.label, who=who, owner=owner, time=reader.moment(at, handoff.offered_at), after=after,
    )  # fmt: skip
    return Message(
        text,
        [
            section(t("✅ *Claimed by {owner}* · {who}", owner=owner, who=who), _details_button(lead, reader)),
            context(reader.dotted((lead.label, score, facts_line))),
        ],
    )


def _returned(facts: HandoffFacts, reader: Reader) -> Message:
    t, lead, handoff = reader.t, facts.lead, facts.handoff
    who, by, reason = _who(lead, reader), colleague(facts.returned_by, reader), _reason(handoff, reader)
    at = handoff.returned_at or handoff.offered_at
    blocks = [section(t("↩️ *Returned: {reason}* · {who}", reason=reason, who=who), _details_button(lead, reader))]
    comment = mask_typed(sentence(handoff.comment, 500))
    if comment:
        blocks.append(rich(quote(comment)))
    marketer = facts.marketer or facts.offered_by
    turn = (
        t("next step with marketing ({name})", name=colleague(marketer, reader))
        if marketer
        else t("next step with marketing")
    )
    when = t("returned by {name} at {time}", name=by, time=instant(reader, at, handoff.offered_at))
    blocks.append(context(reader.dotted((lead.label, when, turn))))
    said = [
        t("{label} {who}: returned by {name} at {time}. Reason: {reason}.",
          label=lead.label, who=who, name=by, time=reader.moment(at, handoff.offered_at), reason=reason)
    ]  # fmt: skip
    if comment:
        said.append(t("“{comment}”", comment=escape(comment, 600)))
    return Message(reader.sentences(said), blocks)


def _withdrawn(facts: HandoffFacts, reader: Reader) -> Message:
    t, lead = reader.t, facts.lead
    who = _who(lead, reader)
    by = facts.withdrawn_by
    name = with_role(by, colleague(by, reader), reader) if by else t("someone")
    text = t("{label} {who}: the offer was withdrawn by {name}.", label=lead.label, who=who, name=name)
    said = t("*Withdrawn by {name}* · {label} {who}", name=name, label=lead.label, who=who)
    return Message(text, [section(said, _details_button(lead, reader))])


_CARDS: dict[HandoffState, Callable[[HandoffFacts, Reader], Message]] = {
    HandoffState.OFFERED: _offered,
    HandoffState.CLAIMED: _claimed,
    HandoffState.RETURNED: _returned,
    HandoffState.WITHDRAWN: _withdrawn,
}


def _settled(facts: HandoffFacts, reader: Reader) -> Message:
    """Say in one line how an offer ended that somebody had been called for."""
    t, who = reader.t, _who(facts.lead, reader)
    said = {
        HandoffState.CLAIMED: t("✅ *Claimed by {owner}* · {who}", owner=colleague(facts.owner, reader), who=who),
        HandoffState.RETURNED: t("↩️ *Returned: {reason}* · {who}", reason=_reason(facts.handoff, reader), who=who),
    }.get(facts.handoff.state, t("*Withdrawn* · {who}", who=who))
    text = reader.t("{label}: {what}", label=facts.lead.label, what=said.replace("*", ""))
    return Message(text, [section(said)])


def _return_buttons(facts: HandoffFacts, reader: Reader) -> list[Block]:
    """Choose the likely next step by the reason; where there is none, only the details."""
    t, label, handoff = reader.t, facts.lead.label, facts.handoff
    details = button(SHOW, t("Details"), label)
    add_info = button(EDIT, t("Add information"), label, primary=handoff.reason is ReturnReason.INCOMPLETE)
    if handoff.reason is ReturnReason.TOO_EARLY and handoff.retry_on is not None:
        day = reader.short_day(handoff.retry_on, _return_day(handoff, reader))
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


def _yours(claimed: Claimed, said: str, reader: Reader, now: datetime) -> Message:
    """Show a new owner whom they have got: contact details, a first step, and when it is due."""
    t, facts, lead = reader.t, claimed.facts, claimed.facts.lead
    label, who = lead.label, _who(lead, reader)
    first = f"✅ *{said}*\n{who}"
    if title := escape(title_of(lead)):
        first = t("{who}, {title}", who=first, title=title)
    step, due = _first_step(facts, reader), claimed.contact_due_at
    blocks: list[Block] = [section(first)]
    if contact := _contact_fields(lead, reader):
        blocks.append(fields(contact))
    blocks.append(section(t("*First step*  {step}", step=step)))
    blocks.append(
        context(
            t("First contact due: {due}", due=instant(reader, due, now)),
            t("`{command} show {label}` brings these details back any time", command=reader.command, label=label),
            t("`{command} release {label}` puts it back within {minutes} minutes",
              command=reader.command, label=label, minutes=RELEASE_MINUTES),
        )
    )  # fmt: skip
    blocks.append(
        actions(
            button(LOG_FORM, t("Log touchpoint"), label, primary=True),
            button(FOLLOW_UP_FORM, t("Plan follow-up"), label),
            button(RETURN_FORM, t("Return"), str(facts.handoff.id)),
        )
    )
    text = [t("{what}: {who}.", what=said, who=who)]
    if email := address(lead.email):
        text.append(t("E-mail {email}.", email=email))
    if phone := escape(lead.phone, 40):
        text.append(t("Phone {phone}.", phone=phone))
    text.append(t("First step: {step}.", step=step))
    text.append(t("First contact due: {due}.", due=reader.moment(due, now)))
    return Message(reader.sentences(text), blocks)


def _contact_fields(lead: Lead, reader: Reader) -> list[Block]:
    contact = []
    if tidy(lead.phone):
        contact.append(mrkdwn(reader.t("*Phone*  {phone}", phone=phone_link(lead.phone))))
    if tidy(lead.email):
        contact.append(mrkdwn(reader.t("*E-mail*  {email}", email=email_link(lead.email))))
    return contact


def _first_step(facts: HandoffFacts, reader: Reader) -> str:
    """Suggest one step from the last thing the lead did and from what is still open."""
    t = reader.t
    inbound = next((touch for touch in facts.touchpoints if touch.direction is Direction.INBOUND), None)
    if inbound is None:
        step = t("introduce yourself")
    elif inbound.kind is TouchpointKind.DEMO_REQUEST:
        step = t("fix the demo date")
    else:
        step = t("get in touch about: {kind}", kind=kind_label(inbound.kind, inbound.direction, reader))
    _, open_labels = seven_lines(facts.lead, reader)
    if not open_labels:
        return step
    return t("{step}; ask what is still open ({labels})", step=step, labels=reader.listed(open_labels[:3]))
