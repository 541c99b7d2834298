"""Lists and search results: one row a lead, one button a row, and what to do when there is none."""

from datetime import date, datetime

from models.errors import SeveralLeadsError
from models.facts import LeadList, LeadRow, ListName
from models.handoff import HandoffState
from models.lead import Lead
from views.blocks import ROW_NAME_MAX, Block, Message, button, context, escape, fitting, header, instant, section, tidy
from views.labels import kind_label, stage_label
from views.lead_card import FOLLOW_UP_FORM, LOG_FORM, SHOW
from views.lead_parts import colleague, grade_part, headline, row_title, spoken
from views.words import Reader, capital, msg, whole

ROWS_MAX = 10

_TITLES: dict[ListName, str] = {
    ListName.MINE: msg("Your leads"),
    ListName.HOT: msg("Hot leads"),
    ListName.DORMANT: msg("Dormant leads"),
    ListName.UNCLAIMED: msg("Waiting to be claimed"),
    ListName.RECYCLED: msg("Recycled leads"),
    ListName.DUE: msg("Next steps due"),
}
_EMPTY: dict[ListName, str] = {
    ListName.MINE: msg("You own no leads yet. What sales claims appears here."),
    ListName.HOT: msg(
        "No lead is hot now. Log touchpoints with `{command} log`, and leads that reach the threshold appear here."
    ),
    ListName.DORMANT: msg("No lead is dormant."),
    ListName.UNCLAIMED: msg("No handoff is waiting. Hand off a lead with `{command} qualify`."),
    ListName.RECYCLED: msg("No lead has come back from sales."),
    ListName.DUE: msg("Nothing is due. Plan a next step with `{command} follow`."),
}
_ROW_BUTTONS: dict[ListName, tuple[str, str]] = {
    ListName.MINE: (LOG_FORM, msg("Log")),
    ListName.DUE: (LOG_FORM, msg("Log")),
    ListName.DORMANT: (FOLLOW_UP_FORM, msg("Plan")),
}
_VIEW = (SHOW, msg("View"))


def page(name: ListName, found: LeadList, reader: Reader, now: datetime) -> Message:
    """Show the first rows of a list with how many there are."""
    if not found.rows:
        said = reader.t(_EMPTY[name], command=reader.command)
        return Message(said.replace("`", ""), [section(said)])
    return fitting(
        lambda size: _listing(reader.t(_TITLES[name]), found, _ROW_BUTTONS.get(name, _VIEW), size, reader, now),
        (10, 7, 4),
    )


def search(query: str, found: LeadList, reader: Reader, now: datetime) -> Message:
    """Show what a search found."""
    typed = tidy(query, 60)
    if not found.rows:
        said = reader.t("Nothing was found for “{query}”.", query=escape(query, 60))
        hint = reader.t("Try a shorter part of the name, the company or the e-mail address, or add it with `{command} add`.",
                        command=reader.command)  # fmt: skip
        return Message(reader.sentences((said, hint.replace("`", ""))), [section(f"{said}\n{hint}")])
    return fitting(
        lambda size: _listing(reader.t("Found for “{query}”", query=typed), found, _VIEW, size, reader, now), (10, 7, 4)
    )


def which_lead(error: SeveralLeadsError, reader: Reader) -> Message:
    """Ask which of several leads was meant."""
    t = reader.t
    said = reader.n("{count} lead fits “{reference}”.", "{count} leads fit “{reference}”.", error.count,
                    reference=escape(error.reference, 60))  # fmt: skip
    hint = t("Open the right one, or type its number. Nothing was changed.")

    def build(size: int) -> Message:
        leads = error.leads[:size]
        blocks: list[Block] = [section(f"{said}\n{hint}")]
        blocks += [
            section(
                f"{row_title(lead, reader, ROW_NAME_MAX)}\n{reader.dotted((escape(lead.title, 60), stage_label(lead, reader)))}",
                button(SHOW, t("View"), lead.label, spoken=spoken(t("View"), lead, reader)),
            )
            for lead in leads
        ]
        blocks += more_line(error.count - len(leads), reader)
        return Message(reader.sentences((said, _named(leads, reader), hint)), blocks)

    return fitting(build, (10, 7, 4))


def more_line(count: int, reader: Reader) -> list[Block]:
    """Say how many rows are not shown."""
    return [context(reader.n("{count} more", "{count} more", count))] if count > 0 else []


def follow_up_fact(lead: Lead, reader: Reader, today: date, near: datetime) -> str:
    """Say when the next step is due and what it is; mrkdwn."""
    if lead.follow_up_on is None and lead.follow_up_at is None:
        return ""
    day = reader.today(lead.follow_up_at) if lead.follow_up_at is not None else lead.follow_up_on
    if day is not None and day < today:
        when = reader.t("⏰ overdue since {day}", day=reader.short_day(day, today))
    elif lead.follow_up_at is not None:
        when = ("⏰ " if day == today else "") + instant(reader, lead.follow_up_at, near)
    elif day is not None and day == today:
        when = reader.t("⏰ today")
    else:
        when = reader.short_day(day, today) if day is not None else ""
    note = escape(lead.follow_up_note, 60)
    return reader.t("{when}, {what}", when=when, what=note) if note else when


def quiet_fact(lead: Lead, reader: Reader, today: date) -> str:
    """Say for how long nobody has been in touch."""
    if lead.last_touch_at is None:
        return reader.t("no touchpoint yet")
    days = (today - reader.today(lead.last_touch_at)).days
    return reader.n("no touchpoint for {count} day", "no touchpoint for {count} days", max(days, 0))


def row_facts(row: LeadRow, reader: Reader, now: datetime) -> str:
    """Write the second line of a row: what is due or waits, the stage, the score, the owner."""
    t, lead, today = reader.t, row.lead, reader.today(now)
    parts = []
    if row.handoff is not None and row.handoff.state is HandoffState.OFFERED:
        parts.append(t("✋ due {due}", due=instant(reader, row.handoff.due_at, now)))
    if follow_up := follow_up_fact(lead, reader, today, now):
        parts.append(follow_up)
    if lead.dormant_since is not None and lead.outcome is None:
        parts.append(f"💤 {quiet_fact(lead, reader, today)}")
    parts.append(stage_label(lead, reader))
    score = t("score {score}", score=whole(row.score)) + grade_part(row.grade, reader)
    parts.append(f"{score} 🔥" if row.is_hot else score)
    if row.owner is not None:
        parts.append(t("owner {owner}", owner=colleague(row.owner, reader)))
    if row.last_touchpoint is not None:
        last = row.last_touchpoint
        kind = kind_label(last.kind, last.direction, reader)
        parts.append(t("last: {kind} {day}", kind=kind, day=reader.short_day(reader.today(last.at), today)))
    return capital(reader.dotted(parts))


def _listing(
    title: str, found: LeadList, row_button: tuple[str, str], size: int, reader: Reader, now: datetime
) -> Message:
    """Build a list; `title` is plain text."""
    action_id, msgid = row_button
    verb = reader.t(msgid)
    rows = found.rows[: min(size, ROWS_MAX)]
    count = reader.n("{count} lead", "{count} leads", found.count)
    blocks: list[Block] = [header(title), context(count)]
    blocks += [
        section(
            f"{row_title(row.lead, reader, ROW_NAME_MAX)}\n{row_facts(row, reader, now)}",
            button(action_id, verb, row.lead.label, spoken=spoken(verb, row.lead, reader)),
        )
        for row in rows
    ]
    blocks += more_line(found.count - len(rows), reader)
    named = _named([row.lead for row in rows], reader)
    return Message(reader.t("{title}: {count}. {leads}", title=escape(title, 100), count=count, leads=named), blocks)


def _named(leads: tuple[Lead, ...] | list[Lead], reader: Reader) -> str:
    return reader.listed(
        reader.t("{label} {name}", label=lead.label, name=escape(headline(lead, reader, 40), 80)) for lead in leads
    ) + reader.t(".")
