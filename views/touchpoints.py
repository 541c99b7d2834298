"""A touchpoint logged (03): what it was, what it did to the score, and what next."""

from models.facts import Logged
from models.lead import Lead
from models.member import Actor, Right
from views.blocks import Block, Message, actions, button, context, instant, quote, rich, section, sentence
from views.labels import kind_label
from views.lead_card import FOLLOW_UP_FORM, HANDOFF_FORM, SHOW
from views.lead_parts import in_sentence, score_value
from views.words import Reader, capital, signed, whole

UNDO = "touchpoint.undo"


def logged(facts: Logged, actor: Actor, reader: Reader) -> Message:
    """Say what was logged, the score before and after, and offer the next step (03)."""
    t, touchpoint = reader.t, facts.touchpoint
    kind = kind_label(touchpoint.kind, touchpoint.direction, reader)
    lead = in_sentence(facts.lead, reader)
    score_line, score_text = _score_change(facts, reader)
    blocks: list[Block] = [section(t("Logged *{kind}* · {lead}", kind=kind, lead=lead))]
    if note := sentence(touchpoint.note, 2000):
        blocks.append(rich(quote(note)))
    blocks.append(section(score_line))
    if whole(facts.gave.of):
        fading = reader.n(
            "engagement points halve every day",
            "engagement points halve every {count} days",
            whole(facts.gave.half_life_days),
        )
        blocks.append(
            context(
                t("{reason} {points} ({fading})", reason=capital(kind), points=signed(facts.gave.of), fading=fading)
            )
        )
    said = [t("Logged {kind} with {lead}.", kind=kind, lead=lead), score_text]
    if facts.handoff is not None:
        due = facts.handoff.due_at
        blocks.append(context(t("✋ Offered to sales, to be claimed by: {due}", due=instant(reader, due))))
        said.append(t("Offered to sales, to be claimed by: {due}.", due=reader.moment(due)))
    blocks.append(actions(*_buttons(facts, actor, reader)))
    return Message(reader.sentences(said), blocks)


def undone(lead: Lead, reader: Reader) -> Message:
    """Say that a touchpoint is no longer logged."""
    said = reader.t("The touchpoint is undone and no longer logged: {lead}", lead=in_sentence(lead, reader))
    return Message(said, [section(said, button(SHOW, reader.t("Details"), lead.label))])


def _score_change(facts: Logged, reader: Reader) -> tuple[str, str]:
    """Return the line and the plain sentence that say what the score did."""
    t, score = reader.t, facts.score
    after = score_value(score)
    before = whole(facts.score_before, score.mql_threshold, score.hot_threshold)
    if before == after:
        line, text = t("*Score {score}* (unchanged)", score=after), t("Score {score} (unchanged).", score=after)
    else:
        values = {"before": before, "after": after, "change": signed(after - before)}
        line, text = (
            t("*Score {before} → {after}* ({change})", **values),
            t("Score {before} → {after} ({change}).", **values),
        )
    if facts.turned_hot:
        reached = t("🔥 reached the hot threshold of {threshold}", threshold=score.hot_threshold)
        line = f"{line}{t('  ') if not line.endswith('*') else ' '}{reached}"
        text = reader.sentences(
            (text, t("The lead has reached the hot threshold of {threshold}.", threshold=score.hot_threshold))
        )
    return line, text


def _buttons(facts: Logged, actor: Actor, reader: Reader) -> list[Block]:
    """Offer the handoff first once the lead is qualified, else the next step; undoing comes last."""
    t, label = reader.t, facts.lead.label
    may_hand_off = facts.may_qualify and facts.handoff is None
    is_ready = may_hand_off and facts.score.value >= facts.score.mql_threshold
    buttons: list[Block] = []
    if is_ready:
        buttons.append(button(HANDOFF_FORM, t("Hand off to sales"), label, primary=True))
    if actor.may(Right.FOLLOW):
        buttons.append(button(FOLLOW_UP_FORM, t("Plan follow-up"), label, primary=not buttons))
    if may_hand_off and not is_ready:
        buttons.append(button(HANDOFF_FORM, t("Hand off to sales"), label))
    if not buttons:
        buttons.append(button(SHOW, t("Details"), label, primary=True))
    return [*buttons, button(UNDO, t("Undo"), str(facts.touchpoint.id))]
