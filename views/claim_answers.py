"""The answers to a claim: who won it gets the lead with its contact details (07a), who lost it hears who was first (07b)."""

from datetime import datetime

from models.errors import AlreadyClaimedError
from models.facts import Claimed, HandoffFacts
from models.handoff import RELEASE_MINUTES
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
    instant,
    mrkdwn,
    section,
    tidy,
)
from views.handoff_parts import RETURN_FORM, who_of
from views.labels import kind_label
from views.lead_card import FOLLOW_UP_FORM, LOG_FORM, SHOW
from views.lead_parts import (
    address,
    email_link,
    phone_link,
    seven_lines,
    title_of,
)
from views.words import Reader


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
        said = t("{label} is already yours: {who}", label=lead.label, who=who_of(lead, reader))
        return Message(said, [section(said, button(SHOW, t("Details"), lead.label))])
    owner = escape(error.owner.name, 50)
    blocks = [
        section(
            t("{colleague} claimed it at {time}: {lead}",
              colleague=owner, time=instant(reader, error.at), lead=f"{lead.label} {who_of(lead, reader)}")
        )
    ]  # fmt: skip
    said_parts = [
        t("{colleague} claimed {label} at {time}.", colleague=owner, label=lead.label, time=reader.moment(error.at))
    ]
    if error.waiting:
        handoff, next_lead = error.waiting[0]
        waiting = reader.n("One other handoff is waiting.", "{count} other handoffs are waiting.", error.count)
        who = who_of(next_lead, reader)
        row = t("*{label}* {who} (due {due})", label=next_lead.label, who=who, due=instant(reader, handoff.due_at))
        view = button(SHOW, t("View {label}", label=next_lead.label), next_lead.label)
        blocks.append(section(f"{waiting}\n{row}", view))
        said_parts.append(waiting)
        said_parts.append(
            t("{label} {who} (due {due}).", label=next_lead.label, who=who, due=reader.moment(handoff.due_at))
        )
    return Message(reader.sentences(said_parts), blocks)


def _yours(claimed: Claimed, said: str, reader: Reader, now: datetime) -> Message:
    """Show a new owner whom they have got: contact details, a first step, and when it is due."""
    t, facts, lead = reader.t, claimed.facts, claimed.facts.lead
    label, who = lead.label, who_of(lead, reader)
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
