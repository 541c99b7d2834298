"""What the clock causes: a lead turned hot (10a), leads went dormant (10b), a message could not be delivered."""

import re
from collections.abc import Sequence
from datetime import datetime

from models.delivery import Delivery, DeliveryKind, DeliveryState
from models.facts import DormantNotice, LeadFacts, LeadRow, Undelivered
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
    part,
    rich,
    section,
)
from views.labels import kind_label, stage_label
from views.lead_card import HANDOFF_FORM, LOG_FORM, SHOW
from views.lead_parts import colleague, headline, points_reason, quiet_fact, row_title, score_value
from views.lists import more_line
from views.next_step import next_step_menu
from views.words import Reader, capital, msg, signed, whole

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
    DeliveryKind.REAWAKENED: msg("a note about a lead that is back"),
    DeliveryKind.DIGEST: msg("a daily digest"),
    DeliveryKind.SCORES_CHANGED: msg("a note about changed scoring rules"),
    DeliveryKind.REPORT: msg("a report"),
    DeliveryKind.REPORT_PICTURE: msg("a report's picture"),
    DeliveryKind.DELIVERY_FAILED: msg("a note about an undelivered message"),
    DeliveryKind.ERASURE_NOTE: msg("a note about a deletion"),
    DeliveryKind.IMPORT_NOTE: msg("a note about an import"),
    DeliveryKind.MESSAGE_ANSWER: msg("an answer to a direct message"),
    DeliveryKind.EXPORT_NOTE: msg("a note about an export"),
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
    is_with_sales = any(row.lead.stage is Stage.SQL for row in notice.rows)
    hint = (
        t("Plan a next step, or return them to marketing.") if is_with_sales else t("Plan a next step, or close them.")
    )
    today = reader.today(now)

    def build(size: int) -> Message:
        rows = notice.rows[:size]
        blocks: list[Block] = [section(f"💤 *{first}*\n{hint}")]
        blocks += [section(_dormant_row(row, reader, now), next_step_menu(row.lead, reader)) for row in rows]
        blocks += more_line(notice.count - len(rows), reader)
        blocks.append(context(t("A lead without a touchpoint for its stage's time counts as dormant")))
        named = reader.listed(
            t("{label} {name} ({fact})", label=row.lead.label, name=escape(headline(row.lead, reader, 40), 80),
              fact=quiet_fact(row.lead, reader, today))
            for row in rows
        )  # fmt: skip
        return Message(reader.sentences((t("{what}: {leads}.", what=first, leads=named), hint)), blocks)

    return fitting(build, (ROWS_MAX, 7, 4))


def none_dormant(reader: Reader) -> Message:
    """Say, in the place of the list, that something has been done about every lead on it."""
    said = reader.t("✅ Something was done about every lead that had gone dormant.")
    return Message(said, [section(said)])


def erased(reader: Reader) -> Message:
    """Stand where a message named somebody who has been deleted since."""
    said = reader.t("What stood here was about a lead that has been deleted.")
    return Message(said, [context(f"🗑️ {said}")])


def delivery_failed(failed: Undelivered, reader: Reader) -> Message:
    """Tell a manager which message could not be delivered, where to, about which lead, and what to do."""
    shown, spoken = failure(failed, reader)
    retry = button(RETRY, reader.t("Send again"), str(failed.delivery.id), primary=True)
    return Message(spoken, [section(shown), actions(retry)])


def undelivered(waiting: Sequence[Undelivered], reader: Reader) -> Message:
    """List what is not delivered and why, each that will not go out by itself with a button."""
    t = reader.t
    if not waiting:
        said = t("Every message has been delivered.")
        return Message(said, [section(said)])
    title = reader.n("{count} message not delivered", "{count} messages not delivered", len(waiting))

    def build(size: int) -> Message:
        rows = waiting[:size]
        blocks: list[Block] = [header(title)]
        blocks += [_undelivered_row(row, reader) for row in rows]
        blocks += more_line(len(waiting) - len(rows), reader)
        spoken = [failure(row, reader)[1] for row in rows]
        return Message(reader.sentences((reader.stopped(title), *spoken)), blocks)

    return fitting(build, (ROWS_MAX, 7, 4))


def _undelivered_row(row: Undelivered, reader: Reader) -> Block:
    delivery = row.delivery
    told, why = _told(row, reader), _why(delivery, reader)
    if delivery.state is DeliveryState.PENDING:
        return section(f"{told}\n{why}")
    verb = reader.t("Send again")
    spoken = capital(reader.dotted((_which(row, _place(delivery) or "…", reader), verb)))
    return section(f"{told}\n{why}", button(RETRY, verb, str(delivery.id), spoken=spoken))


def failure(failed: Undelivered, reader: Reader) -> tuple[str, str]:
    """Return a failure as mrkdwn and as a plain sentence; the digest shows it too."""
    t, why = reader.t, _why(failed.delivery, reader)
    title = t("⚠️ *Message not delivered*")
    spoken = t("Not delivered: {message}.", message=_which(failed, _place(failed.delivery) or "…", reader))
    plain = why.replace("`", "").replace("\n", " ")
    return f"{title}\n{_told(failed, reader)}\n{why}", reader.sentences((f"⚠️ {spoken}", plain))


def _told(failed: Undelivered, reader: Reader) -> str:
    """Say which message it is, whose, and about which lead; mrkdwn."""
    place = _place(failed.delivery)
    where = f"<@{place}>" if place.startswith(("U", "W")) else f"<#{place}>"
    return capital(_which(failed, where if place else "…", reader))


def _which(failed: Undelivered, where: str, reader: Reader) -> str:
    t, lead = reader.t, failed.lead
    message = t("{what} for {where}", what=t(_WHAT[failed.delivery.kind]), where=where)
    who = t("{label} {name}", label=lead.label, name=escape(headline(lead, reader, 40), 80)) if lead else ""
    return reader.dotted((message, who))


def _place(delivery: Delivery) -> str:
    return delivery.channel_slack_id if delivery.channel_slack_id.isalnum() else ""


def _why(delivery: Delivery, reader: Reader) -> str:
    t = reader.t
    if delivery.state is DeliveryState.UNKNOWN:
        return t("Slack's answer was lost, so it may or may not be there. Look, and send it again if it is not.")
    if delivery.state is DeliveryState.PENDING and not delivery.error:
        return t("Waiting to be sent.")
    if delivery.error in _WHY:
        return t(_WHY[delivery.error], command=reader.command)
    if _CODE.fullmatch(delivery.error):
        why = t("Slack answered: `{error}`", error=delivery.error)
    else:
        why = t("Slack answered: {error}", error=escape(delivery.error, 80) or "…")
    is_tried_again = delivery.state is DeliveryState.PENDING
    next_step = t("Baton tries again.") if is_tried_again else t("When that is mended, send it again.")
    return f"{why}\n{next_step}"


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
