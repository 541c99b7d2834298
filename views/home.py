"""The Home tab (12): counts, three doors, what waits, and one's own leads. It never shows contact details."""

from datetime import datetime

from models.facts import Digest, LeadList, LeadRow
from models.lead import Stage
from models.member import Actor, Right, Role
from views import pairs
from views.blocks import (
    ROW_NAME_MAX,
    Block,
    View,
    actions,
    button,
    context,
    divider,
    header,
    instant,
    option,
    overflow,
    section,
    tidy,
)
from views.digest import counted, group_row, group_title, handoff_button
from views.errors import ADD_FORM, FIND_FORM, HELP, LOG_FORM_ANY
from views.lead_parts import row_title
from views.lists import more_line, row_facts
from views.words import Reader

CALLBACK = "home"
ROW_MENU = "lead.row"
ROWS_MAX = 10
WAITING_MAX = 3


def home(digest: Digest, mine: LeadList, actor: Actor, reader: Reader, now: datetime) -> View:
    """Show one person's day and their leads."""
    t = reader.t
    blocks: list[Block] = [header(t("{colleague}'s leads", colleague=tidy(actor.name, 60)))]
    counts = [*counted(digest, reader), reader.n("{count} in all", "{count} in all", mine.count)]
    blocks += [context(reader.dotted(counts)), actions(*_doors(actor, reader))]
    blocks += _waiting(digest, reader, now)
    if digest.pair_count:
        blocks += [divider(), pairs.row(digest.pair_count, reader)]
    blocks.append(divider())
    if mine.rows:
        rows = mine.rows[:ROWS_MAX]
        blocks.append(section(t("*Your leads*")))
        blocks += [_row(row, actor, reader, now) for row in rows]
        blocks += more_line(mine.count - len(rows), reader)
    else:
        blocks.append(section(_empty(actor, reader)))
    seen = t("As of {time}", time=instant(reader, now, now))
    blocks.append(context(reader.dotted((seen, t("`{command} help` lists the commands", command=reader.command)))))
    return {"type": "home", "callback_id": CALLBACK, "blocks": blocks}


def _doors(actor: Actor, reader: Reader) -> list[Block]:
    """Build the three doors. Sales logs most, marketing adds most; a manager is led to neither."""
    t = reader.t
    is_sales, is_marketing = Role.SALES in actor.roles, Role.MARKETING in actor.roles
    is_manager_only = Role.MANAGER in actor.roles and not is_sales and not is_marketing
    log = button(LOG_FORM_ANY, t("Log touchpoint"), primary=is_sales)
    add = button(ADD_FORM, t("Add lead"), primary=not is_sales and not is_manager_only)
    doors = [log, add] if is_sales else [add, log]
    return [*doors, button(FIND_FORM, t("Find")), button(HELP, t("How it works"))]


def _waiting(digest: Digest, reader: Reader, now: datetime) -> list[Block]:
    blocks: list[Block] = []
    for name in ("overdue", "unclaimed"):
        group = digest.groups[name]
        if not group.rows:
            continue
        rows = group.rows[:WAITING_MAX]
        blocks += [divider(), section(group_title(name, reader))]
        blocks += [
            section(group_row(name, row, reader, now), handoff_button(name, row, digest, reader, primary=False))
            for row in rows
        ]
        blocks += more_line(group.count - len(rows), reader)
    return blocks


def _row(row: LeadRow, actor: Actor, reader: Reader, now: datetime) -> Block:
    t, label = reader.t, row.lead.label
    choices = [
        ("log", t("Log touchpoint"), row.lead.outcome is None),
        ("follow", t("Plan follow-up"), row.lead.outcome is None and actor.may(Right.FOLLOW)),
        ("show", t("Details"), True),
        ("return", t("Return"), row.lead.stage is Stage.SQL and actor.may(Right.CLAIM)),
    ]
    options = [option(f"{verb}:{label}", words) for verb, words, is_possible in choices if is_possible]
    said = f"{row_title(row.lead, reader, ROW_NAME_MAX)}\n{row_facts(row, reader, now)}"
    return section(said, overflow(ROW_MENU, options))


def _empty(actor: Actor, reader: Reader) -> str:
    t = reader.t
    if actor.may(Right.CLAIM):
        return t("No leads yet.\nClaim a handoff in the sales channel and it appears here.")
    return t("No leads yet.\nAdd one, or see what there is with `{command} list`.", command=reader.command)
