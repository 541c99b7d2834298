"""The handoff's one live card in the team's channel (05, 06)."""

from collections.abc import Callable

from models.facts import HandoffFacts
from models.handoff import HandoffState
from models.lead import Lead
from views.blocks import (
    Block,
    Message,
    actions,
    button,
    context,
    escape,
    header,
    instant,
    line,
    part,
    quote,
    rich,
    section,
    sentence,
)
from views.handoff_parts import (
    RETURN_FORM,
    claim_button,
    reason_of,
    who_of,
)
from views.labels import SOURCES, with_role
from views.lead_card import SHOW
from views.lead_parts import (
    colleague,
    grade_part,
    headline,
    known_part,
    masked_contact,
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


def card(facts: HandoffFacts, reader: Reader) -> Message:
    """Show the handoff as it stands; a card that nobody needs to act on any more shrinks to two lines."""
    if facts.handoff.state is HandoffState.OFFERED and facts.handoff.overdue_since is not None:
        return _overdue(facts, reader)
    return _CARDS[facts.handoff.state](facts, reader)


def _details_button(lead: Lead, reader: Reader) -> Block:
    return button(SHOW, reader.t("Details"), lead.label, spoken=reader.t("Show {label}", label=lead.label))


def _offer_buttons(facts: HandoffFacts, reader: Reader) -> Block:
    give_back = reader.t("Return {label}", label=facts.lead.label)
    return actions(
        claim_button(facts, reader),
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
    who = who_of(lead, reader)
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
    who = who_of(lead, reader)
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
    who, owner = who_of(lead, reader), colleague(facts.owner, reader)
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
    who, by, reason = who_of(lead, reader), colleague(facts.returned_by, reader), reason_of(handoff, reader)
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
    who = who_of(lead, reader)
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
