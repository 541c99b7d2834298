"""What the clock causes: a lead turned hot (10a), leads went dormant (10b), a message could not be delivered."""

import re
from collections.abc import Sequence
from datetime import datetime

from models.delivery import Delivery, DeliveryKind, DeliveryState
from models.facts import DormantNotice, LeadFacts, LeadRow
from models.handoff import HandoffState
from models.lead import Stage
from views.blocks import (
    ROW_NAME_MAX,
    Block,
    Message,
    actions,
    bullets,
    button,
    context,
    date_part,
    escape,
    fitting,
    header,
    line,
    option,
    part,
    rich,
    section,
    select,
)
from views.labels import kind_label, stage_label
from views.lead_card import HANDOFF_FORM, LOG_FORM, SHOW
from views.lead_parts import colleague, headline, points_reason, row_title, score_value
from views.lists import more_line, quiet_fact
from views.words import Reader, capital, msg, signed, whole

DORMANT_NEXT = "lead.dormant_next"
RETRY = "delivery.retry"
ROWS_MAX = 10

_CODE = re.compile(r"[a-z0-9]+(?:_[a-z0-9]+)*")
"""How Slack writes an error, as against what a server in between may answer."""

_WHAT: dict[DeliveryKind, str] = {
    DeliveryKind.HANDOFF_CARD: msg("a handoff card"),
    DeliveryKind.HANDOFF_REMINDER: msg("a reminder"),
    DeliveryKind.HANDOFF_ESCALATION: msg("a note about an unclaimed handoff"),
    DeliveryKind.RETURN_NOTE: msg("a note about a returned lead"),
    DeliveryKind.CLAIM_ANSWER: msg("an answer to a claim"),
    DeliveryKind.ASSIGNED_NOTE: msg("a note about an assigned lead"),
    DeliveryKind.HOT_ALERT: msg("a note about a hot lead"),
    DeliveryKind.DORMANT_NOTICE: msg("a note about dormant leads"),
    DeliveryKind.DIGEST: msg("a daily digest"),
    DeliveryKind.DELIVERY_FAILED: msg("a note about an undelivered message"),
    DeliveryKind.IMPORT_NOTE: msg("a note about an import"),
}
_WHY: dict[str, str] = {
    "not_in_channel": msg("Baton is not in that channel. Run `/invite @Baton` there."),
    "channel_not_found": msg("The channel is gone, or private without Baton. Choose a channel with `{command} setup`."),
    "is_archived": msg("The channel is archived. Unarchive it, or choose another with `{command} setup`."),
    "shared_channel": msg(
        "The channel is shared with another organisation, where no lead may go. Choose another with `{command} setup`."
    ),
    "restricted_action": msg("A rule of this workspace forbids posting there. Ask Slack's administrators."),
    "missing_scope": msg("Baton lacks a permission. Install it again with the scopes of its manifest."),
    "invalid_auth": msg("Slack refuses Baton's token. Check it with `bot.py doctor`."),
    "token_revoked": msg("Slack has revoked Baton's token. Install it again."),
    "account_inactive": msg("Slack has switched Baton's account off. Install it again."),
    "user_not_found": msg("Slack no longer knows this person."),
    "user_disabled": msg("This person's account is deactivated."),
    "cannot_dm_bot": msg("This is a bot, which takes no messages."),
    "messages_tab_disabled": msg("Baton's messages tab is switched off in its Slack settings."),
    "msg_too_long": msg("Slack found the message too long. This is a fault of Baton's: please report it."),
    "msg_blocks_too_long": msg("Slack found the message too long. This is a fault of Baton's: please report it."),
    "invalid_blocks": msg("Slack found the message malformed. This is a fault of Baton's: please report it."),
    "unrenderable": msg("Baton could not write the message. This is a fault of Baton's: please report it."),
}


def hot(facts: LeadFacts, score_before: float | None, reader: Reader) -> Message:
    """Say that a lead turned hot and what did it (10a): to its owner, or to marketing while it has none."""
    t, lead, score = reader.t, facts.lead, facts.score
    who, after = escape(headline(lead, reader), 250), score_value(score)
    threshold = t("(threshold {threshold})", threshold=score.hot_threshold)
    if score_before is None:
        change = t("Score {score}", score=after)
    else:
        before = whole(score_before, score.mql_threshold, score.hot_threshold)
        change = t("Score {before} → {after}", before=before, after=after)
    standing = _standing(facts, reader)
    blocks: list[Block] = [
        section(
            f"{t('🔥 *Hot: {who}*', who=who)}\n"
            + t("*{change}* {threshold} · {standing}", change=change, threshold=threshold, standing=standing)
        ),
    ]
    if score.engagement_reasons:
        blocks.append(_reasons(facts, reader))
    if facts.owner is not None:
        first = button(LOG_FORM, t("Log touchpoint"), lead.label, primary=True)
    else:
        first = button(HANDOFF_FORM, t("Hand off to sales"), lead.label, primary=True)
    blocks.append(actions(first, button(SHOW, t("Details"), lead.label)))
    marketer = t("marketing: {name}", name=colleague(facts.marketer, reader)) if facts.marketer else ""
    blocks.append(context(reader.dotted((lead.label, marketer, stage_label(lead, reader)))))
    text = [
        t("Hot: {label} {who}.", label=lead.label, who=who),
        reader.stopped(t("{change} {threshold}", change=change, threshold=threshold)),
    ]
    if reasons := reader.listed(points_reason(reason, reader) for reason in score.engagement_reasons[:3]):
        text.append(reader.stopped(capital(reasons)))
    text.append(reader.stopped(capital(standing)))
    return Message(reader.sentences(text), blocks)


def dormant(notice: DormantNotice, reader: Reader, now: datetime) -> Message:
    """List the leads that went dormant, each with a menu of what to do about it (10b); none of them is primary."""
    t = reader.t
    first = reader.n("{count} of your leads went dormant", "{count} of your leads went dormant", notice.count)
    hint = t("Plan a next step, or return them to marketing.")
    today = reader.today(now)

    def build(size: int) -> Message:
        rows = notice.rows[:size]
        blocks: list[Block] = [section(f"💤 *{first}*\n{hint}")]
        blocks += [section(_dormant_row(row, reader, now), _dormant_menu(row, reader)) for row in rows]
        blocks += more_line(notice.count - len(rows), reader)
        blocks.append(context(t("A lead without a touchpoint for its stage's time counts as dormant")))
        named = reader.listed(
            t("{label} {name} ({fact})", label=row.lead.label, name=escape(headline(row.lead, reader, 40), 80),
              fact=quiet_fact(row.lead, reader, today))
            for row in rows
        )  # fmt: skip
        return Message(reader.sentences((t("{what}: {leads}.", what=first, leads=named), hint)), blocks)

    return fitting(build, (ROWS_MAX, 7, 4))


def delivery_failed(delivery: Delivery, reader: Reader) -> Message:
    """Tell a manager which message could not be delivered, where to, and what to do."""
    shown, spoken = failure(delivery, reader)
    return Message(
        spoken, [section(shown), actions(button(RETRY, reader.t("Send again"), str(delivery.id), primary=True))]
    )


def undelivered(waiting: Sequence[Delivery], reader: Reader) -> Message:
    """List what is not delivered and why, each that will not go out by itself with a button."""
    t = reader.t
    if not waiting:
        said = t("Every message has been delivered.")
        return Message(said, [section(said)])
    title = reader.n("{count} message not delivered", "{count} messages not delivered", len(waiting))

    def build(size: int) -> Message:
        rows = waiting[:size]
        blocks: list[Block] = [header(title)]
        blocks += [_undelivered_row(delivery, reader) for delivery in rows]
        blocks += more_line(len(waiting) - len(rows), reader)
        spoken = [failure(delivery, reader)[1] for delivery in rows]
        return Message(reader.sentences((reader.stopped(title), *spoken)), blocks)

    return fitting(build, (ROWS_MAX, 7, 4))


def _undelivered_row(delivery: Delivery, reader: Reader) -> Block:
    told, why = _told(delivery, reader), _why(delivery, reader)
    if delivery.state is DeliveryState.PENDING:
        return section(f"{told}\n{why}")
    verb = reader.t("Send again")
    spoken = reader.dotted((_for_whom(delivery, _place(delivery) or "…", reader), verb))
    return section(f"{told}\n{why}", button(RETRY, verb, str(delivery.id), spoken=spoken))


def failure(delivery: Delivery, reader: Reader) -> tuple[str, str]:
    """Return a failure as mrkdwn and as a plain sentence; the digest shows it too."""
    t, why = reader.t, _why(delivery, reader)
    title = t("⚠️ *Message not delivered*")
    spoken = t("Not delivered: {what} for {where}.", what=t(_WHAT[delivery.kind]), where=_place(delivery) or "…")
    plain = why.replace("`", "").replace("\n", " ")
    return f"{title}\n{_told(delivery, reader)}\n{why}", reader.sentences((f"⚠️ {spoken}", plain))


def _told(delivery: Delivery, reader: Reader) -> str:
    """Say which message it is, and whose; mrkdwn."""
    place = _place(delivery)
    where = f"<@{place}>" if place.startswith(("U", "W")) else f"<#{place}>"
    return _for_whom(delivery, where if place else "…", reader)


def _for_whom(delivery: Delivery, where: str, reader: Reader) -> str:
    return reader.t("{what} for {where}", what=capital(reader.t(_WHAT[delivery.kind])), where=where)


def _place(delivery: Delivery) -> str:
    return delivery.channel_slack_id if delivery.channel_slack_id.isalnum() else ""


def _why(delivery: Delivery, reader: Reader) -> str:
    t = reader.t
    if delivery.state is DeliveryState.UNKNOWN:
        return t("Slack's answer was lost, so it may or may not be there. Please look.")
    if delivery.state is DeliveryState.PENDING and not delivery.error:
        return t("Waiting to be sent.")
    if delivery.error in _WHY:
        return t(_WHY[delivery.error], command=reader.command)
    if _CODE.fullmatch(delivery.error):
        why = t("Slack answered: `{error}`", error=delivery.error)
    else:
        why = t("Slack answered: {error}", error=escape(delivery.error, 80) or "…")
    return f"{why}\n{t('Baton tries again.')}" if delivery.state is DeliveryState.PENDING else why


def _standing(facts: LeadFacts, reader: Reader) -> str:
    if facts.owner is not None:
        return reader.t("owner: {name}", name=colleague(facts.owner, reader))
    if facts.handoff is not None and facts.handoff.state is HandoffState.OFFERED:
        return reader.t("offered to sales, not claimed yet")
    return reader.t("not handed off yet")


def _reasons(facts: LeadFacts, reader: Reader) -> Block:
    gap = reader.t("  ")
    return rich(
        bullets(
            [
                line(
                    date_part(reader, reason.at),
                    part(
                        f"{gap}{capital(kind_label(reason.kind, reason.direction, reader))}{gap}{signed(reason.points)}"
                    ),
                )
                for reason in facts.score.engagement_reasons[:3]
            ]
        )
    )


def _dormant_row(row: LeadRow, reader: Reader, now: datetime) -> str:
    today = reader.today(now)
    parts = [quiet_fact(row.lead, reader, today)]
    if row.last_touchpoint is not None:
        last = row.last_touchpoint
        kind = kind_label(last.kind, last.direction, reader)
        parts.append(reader.t("last: {kind} {day}", kind=kind, day=reader.short_day(reader.today(last.at), today)))
    parts.append(stage_label(row.lead, reader))
    return f"{row_title(row.lead, reader, ROW_NAME_MAX)}\n{capital(reader.dotted(parts))}"


def _dormant_menu(row: LeadRow, reader: Reader) -> Block:
    """Offer what can be done; only what sales holds can go back to marketing."""
    t, label = reader.t, row.lead.label
    choices = [
        ("follow", t("Plan follow-up"), True),
        ("log", t("Log touchpoint"), True),
        ("return", t("Return to marketing"), row.lead.stage is Stage.SQL),
        ("lost", t("Mark as lost"), True),
    ]
    options = [option(f"{verb}:{label}", words) for verb, words, is_possible in choices if is_possible]
    return select(options, action_id=DORMANT_NEXT, placeholder=t("Choose what's next"))
