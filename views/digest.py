"""The daily digest (09): what is one person's to do today, most urgent first, one button a row."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from models.facts import Digest, LeadRow
from models.handoff import HandoffState
from models.member import Right, Role
from views import pairs
from views.blocks import (
    ROW_NAME_MAX,
    Block,
    Message,
    button,
    context,
    escape,
    fitting,
    header,
    instant,
    section,
    sentence,
    tidy,
)
from views.handoff_parts import ASSIGN_FORM
from views.labels import REASONS, stage_label
from views.lead_card import CLAIM, EDIT, FOLLOW_UP_FORM, HANDOFF_FORM, LOG_FORM, SHOW
from views.lead_parts import headline, quiet_fact, row_title, seven_lines, spoken
from views.lists import follow_up_fact
from views.notices import failure
from views.words import Reader, capital, msg, msgs, whole

ROWS_PER_GROUP = 3
FAILED_MAX = 3

Fact = Callable[[LeadRow, Reader, datetime], str]


@dataclass(frozen=True)
class _Group:
    """How one group is shown: its title, its count in words, its button and the fact that its rows carry."""

    title: str
    counted: tuple[str, str]
    action_id: str
    verb: str
    fact: Fact


def _waiting(row: LeadRow, reader: Reader, now: datetime) -> str:
    due = ""
    if row.handoff is not None:
        due = reader.t("due {due}", due=instant(reader, row.handoff.due_at, now))
        if row.handoff.overdue_since is not None or row.handoff.due_at <= now:
            due = reader.t("⏰ overdue, was due {due}", due=instant(reader, row.handoff.due_at, now))
    return reader.dotted((reader.t("score {score}", score=whole(row.score)), due))


def _planned(row: LeadRow, reader: Reader, now: datetime) -> str:
    return follow_up_fact(row.lead, reader, reader.today(now), now) or stage_label(row.lead, reader)


def _uncontacted(row: LeadRow, reader: Reader, now: datetime) -> str:
    due = row.handoff.contact_due_at if row.handoff is not None else None
    score = reader.t("score {score}", score=whole(row.score))
    return reader.dotted((reader.t("first contact due {due}", due=instant(reader, due, now)) if due else "", score))


def _scored(row: LeadRow, reader: Reader, _now: datetime) -> str:
    known, open_labels = seven_lines(row.lead, reader)
    count = reader.t("{known} of {total} known", known=len(known), total=len(known) + len(open_labels))
    return reader.dotted((reader.t("score {score}", score=whole(row.score)), count))


def _given_back(row: LeadRow, reader: Reader, now: datetime) -> str:
    handoff = row.handoff
    if handoff is None or handoff.state is not HandoffState.RETURNED or handoff.reason is None:
        return stage_label(row.lead, reader)
    reason = reader.t(REASONS[handoff.reason])
    if comment := escape(tidy(sentence(handoff.comment), 60), 90):
        reason = reader.t("{reason}: {comment}", reason=reason, comment=comment)
    if handoff.retry_on is None:
        return reason
    return reader.dotted((reason, reader.t("try again from {day}", day=reader.short_day(handoff.retry_on, now.date()))))


def _quiet(row: LeadRow, reader: Reader, now: datetime) -> str:
    return reader.dotted((quiet_fact(row.lead, reader, reader.today(now)), stage_label(row.lead, reader)))


_GROUPS: dict[str, _Group] = {
    "overdue": _Group(
        msg("⏰ *Needs an owner*"), msgs("{count} overdue handoff", "{count} overdue handoffs"),
        ASSIGN_FORM, msg("Assign"), _waiting),
    "due": _Group(msg("⏰ *Due today*"), msgs("{count} due", "{count} due"), LOG_FORM, msg("Log"), _planned),
    "unclaimed": _Group(
        msg("✋ *Waiting to be claimed*"), msgs("{count} to claim", "{count} to claim"), CLAIM, msg("Claim"), _waiting),
    "uncontacted": _Group(
        msg("✋ *Claimed, not contacted yet*"), msgs("{count} to contact", "{count} to contact"),
        LOG_FORM, msg("Log"), _uncontacted),
    "ready": _Group(
        msg("🔥 *Ready to hand off*"), msgs("{count} ready to hand off", "{count} ready to hand off"),
        HANDOFF_FORM, msg("Hand off"), _scored),
    "returned": _Group(msg("↩️ *Returned*"), msgs("{count} returned", "{count} returned"), EDIT, msg("Add info"), _given_back),
    "hot": _Group(msg("🔥 *Hot*"), msgs("{count} hot", "{count} hot"), SHOW, msg("View"), _scored),
    "dormant": _Group(
        msg("💤 *Dormant*"), msgs("{count} dormant", "{count} dormant"), FOLLOW_UP_FORM, msg("Plan"), _quiet),
}  # fmt: skip


def digest(digest: Digest, reader: Reader, now: datetime) -> Message:
    """Show what is to do today; a person with several roles gets one digest in one order (09a, b)."""
    return fitting(lambda size: _build(digest, size, reader, now), (ROWS_PER_GROUP, 2, 1))


def counted(digest: Digest, reader: Reader) -> list[str]:
    """Say how many rows each group has, leaving out the empty ones."""
    counts = [reader.n(*_GROUPS[name].counted, group.count) for name, group in digest.groups.items() if group.count]
    if digest.failed:
        counts.append(reader.n("{count} message not delivered", "{count} messages not delivered", len(digest.failed)))
    return counts


def may_claim(digest: Digest) -> bool:
    """Tell whether this member claims handoffs, or (marketing) only waits for somebody to."""
    return digest.member.as_actor().may(Right.CLAIM)


def most_urgent(digest: Digest) -> str:
    """Name the group whose first row is the most urgent: a handoff that waits, else the first that has rows."""
    groups = digest.groups
    preferred = ["overdue", *(["unclaimed"] if may_claim(digest) else []), *groups]
    return next((name for name in preferred if groups[name].rows), "")


def handoff_button(name: str, row: LeadRow, digest: Digest, reader: Reader, *, primary: bool) -> Block:
    """Build a row's one button; who cannot claim looks at the lead instead."""
    group = _GROUPS[name]
    action_id, verb, value = group.action_id, reader.t(group.verb), row.lead.label
    if action_id == CLAIM:
        if row.handoff is not None and may_claim(digest):
            value = str(row.handoff.id)
        else:
            action_id, verb = SHOW, reader.t("View")
    return button(action_id, verb, value, primary=primary, spoken=spoken(verb, row.lead, reader))


def group_row(name: str, row: LeadRow, reader: Reader, now: datetime) -> str:
    """Write a row of a group: who, and the one fact that makes it a thing to do."""
    return f"{row_title(row.lead, reader, ROW_NAME_MAX)}\n{capital(_GROUPS[name].fact(row, reader, now))}"


def group_title(name: str, reader: Reader) -> str:
    """Return a group's title; mrkdwn."""
    return reader.t(_GROUPS[name].title)


def _title(digest: Digest, reader: Reader) -> str:
    day = reader.long_day(digest.on)
    if digest.member.roles & {Role.SALES, Role.MANAGER}:
        return reader.t("Your leads today, {day}", day=day)
    return reader.t("Marketing today, {day}", day=day)


def _build(digest: Digest, size: int, reader: Reader, now: datetime) -> Message:
    t, title, counts = reader.t, _title(digest, reader), counted(digest, reader)
    blocks: list[Block] = [header(title), context(reader.dotted(counts) or t("Nothing to do"))]
    text = [t("{title}: {counts}.", title=title, counts=reader.listed(counts))]
    if digest.is_late:
        late = t("This digest is late: Baton was not running at your time.")
        blocks.append(context(late))
        text.append(late)
    urgent = most_urgent(digest)
    for name, group in digest.groups.items():
        if not group.rows:
            continue
        rows = group.rows[:size]
        blocks.append(section(group_title(name, reader)))
        blocks += [
            section(
                group_row(name, row, reader, now),
                handoff_button(name, row, digest, reader, primary=name == urgent and place == 0),
            )
            for place, row in enumerate(rows)
        ]
        if group.count > len(rows):
            blocks.append(context(reader.n("{count} more on Home", "{count} more on Home", group.count - len(rows))))
        text.append(_named(name, rows, reader))
    for delivery in digest.failed[:FAILED_MAX]:
        shown, spoken_failure = failure(delivery, reader)
        blocks.append(section(shown))
        text.append(spoken_failure)
    if digest.pair_count:
        blocks.append(pairs.row(digest.pair_count, reader))
    owned = reader.n("You own {count} lead", "You own {count} leads", digest.owned_count)
    lists = t("`{command} list` shows them all", command=reader.command)
    blocks.append(context(reader.dotted((owned, lists))))
    return Message(reader.sentences(text), blocks)


def _named(name: str, rows: tuple[LeadRow, ...], reader: Reader) -> str:
    """Name a group's rows for the plain text."""
    title = group_title(name, reader).replace("*", "")
    leads = reader.listed(
        reader.t("{label} {name}", label=row.lead.label, name=escape(headline(row.lead, reader, 30), 60))
        for row in rows
    )
    return reader.t("{title}: {leads}.", title=title, leads=leads)
