"""A dormant lead that did something by itself: what, where it had stopped, and the next step (10c)."""

from models.facts import Reawakened
from models.handoff import HandoffState
from models.lead import Lead
from views.blocks import Block, Message, actions, button, context, escape, instant, quote, rich, section, sentence, tidy
from views.labels import REASONS, kind_label
from views.lead_card import FOLLOW_UP_FORM, LOG_FORM, SHOW
from views.lead_parts import colleague, headline, score_value
from views.masks import mask_typed
from views.words import Reader, capital, whole


def back(news: Reawakened, reader: Reader, *, is_for_channel: bool = False) -> Message:
    """Tell whoever knew the lead last that it is back (10c). A direct message, or the marketing channel's."""
    t, lead, touchpoint = reader.t, news.facts.lead, news.touchpoint
    days = max((reader.today(touchpoint.at) - reader.today(news.quiet_since)).days, 0)
    who = escape(headline(lead, reader), 250)
    title = reader.n("Back after {count} day: {who}", "Back after {count} days: {who}", days, who=who)
    did = capital(kind_label(touchpoint.kind, touchpoint.direction, reader))
    when = instant(reader, touchpoint.at, touchpoint.created_at)
    blocks: list[Block] = [section(f"🌱 *{title}*\n{when}{t('  ')}{did}")]
    stopped = _stopped(news, reader, is_for_channel=is_for_channel)
    note = sentence(touchpoint.note, 500)
    if note:
        blocks.append(rich(quote(mask_typed(note) if is_for_channel else note)))
    blocks.append(context(reader.dotted((stopped, _score(news, reader), _owner(news, reader)))))
    label = lead.label
    blocks.append(
        actions(
            button(FOLLOW_UP_FORM, t("Plan follow-up"), label, primary=True),
            button(LOG_FORM, t("Log touchpoint"), label),
            button(SHOW, t("Details"), label),
        )
    )
    said = reader.n("{label} {who} is back after {count} day.", "{label} {who} is back after {count} days.", days,
                    label=label, who=who)  # fmt: skip
    what = t("{what}, {when}.", what=did, when=reader.moment(touchpoint.at))
    rest = (reader.stopped(capital(part)) for part in (stopped, _score(news, reader)))
    return Message(reader.sentences((said, what, *rest)), blocks)


def undone(lead: Lead, reader: Reader) -> Message:
    """Say, in the place of the news, that what the lead did was taken back."""
    who = escape(headline(lead, reader), 250)
    said = reader.t("What {label} {who} was said to have done was taken back.", label=lead.label, who=who)
    return Message(said, [section(said, button(SHOW, reader.t("Details"), lead.label))])


def _stopped(news: Reawakened, reader: Reader, *, is_for_channel: bool) -> str:
    """Say where it had stopped: the last contact before, and why sales had given it back."""
    t, previous, handoff = reader.t, news.previous, news.facts.handoff
    day = reader.short_day(reader.today(news.quiet_since), reader.today(news.touchpoint.at))
    if previous is None:
        last = t("added {day}", day=day)
    else:
        last = t("last: {kind} {day}", kind=kind_label(previous.kind, previous.direction, reader), day=day)
        note = tidy(sentence(previous.note), 60)
        if note:
            last = t("{fact}: {note}", fact=last, note=escape(mask_typed(note) if is_for_channel else note, 90))
    if handoff is None or handoff.state is not HandoffState.RETURNED or handoff.reason is None:
        return last
    return reader.dotted((last, t("returned: {reason}", reason=reader.t(REASONS[handoff.reason]))))


def _score(news: Reawakened, reader: Reader) -> str:
    score = news.facts.score
    after = score_value(score)
    before = after if news.score_before is None else whole(news.score_before, score.mql_threshold, score.hot_threshold)
    if before == after:
        said = reader.t("score {score}", score=after)
    else:
        said = reader.t("score {before} → {after}", before=before, after=after)
    return f"{said} 🔥" if score.is_hot else said


def _owner(news: Reawakened, reader: Reader) -> str:
    if news.is_theirs:
        return reader.t("owner: you")
    if news.facts.owner is not None:
        return reader.t("owner: {name}", name=colleague(news.facts.owner, reader))
    return reader.t("nobody owns it now")
