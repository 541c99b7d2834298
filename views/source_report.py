"""`/lead report sources`: what became of the leads, by where they came from."""

from collections.abc import Sequence

from models.facts import Funnel, Grouping, SourceReport
from models.handoff import ReturnReason
from models.lead import Source
from views.blocks import Block, Message, context, escape, header, section, tidy
from views.labels import REASONS, SOURCES
from views.words import Reader, capital, msg

ROWS_MAX = 20
"""Rows that stay within a message whatever was typed."""
REASONS_SHOWN = 2
NAME_MAX = 40

_TITLES: dict[Grouping, str] = {
    Grouping.SOURCE: msg("Leads by source"),
    Grouping.CAMPAIGN: msg("Leads by campaign"),
    Grouping.IMPORT: msg("Leads by import"),
}
_COLUMNS = (msg("Leads"), msg("MQL"), msg("SQL"), msg("Won"), msg("Accepted"), msg("Returned for"))


def report(facts: SourceReport, reader: Reader) -> Message:
    """Show one row a group, the most won first, and what the figures mean."""
    t = reader.t
    title = t("{what}: {period}", what=t(_TITLES[facts.grouping]), period=_period(facts, reader))
    if not facts.total.leads:
        said = t(
            "No lead was added in this period. Try another: `{command} report {what} 2026`.",
            command=reader.command,
            what=f"{facts.grouping}s",
        )
        return Message(f"{title}. {said.replace('`', '')}", [header(title), section(said)])
    return _table(title, facts, reader)


def _table(title: str, facts: SourceReport, reader: Reader) -> Message:
    t = reader.t
    shown = facts.funnels[:ROWS_MAX]
    rows = [_row(_name(one, facts.grouping, reader), one, reader) for one in shown]
    rows.append(_row(t("All"), facts.total, reader))
    head = [_text(t(column)) for column in (_HEADS[facts.grouping], *_COLUMNS)]
    has_costs = any(one.cost is not None for one in shown)
    if has_costs:
        head.append(_text(t("Cost per MQL, SQL, won")))
        for row, funnel in zip(rows, (*shown, facts.total), strict=True):
            row.append(_text(_costs(funnel) or (t("no cost recorded") if funnel is not facts.total else "")))
    blocks: list[Block] = [
        header(title),
        {"type": "table", "rows": [head, *rows], "column_settings": [*_SETTINGS, *([_COSTS] if has_costs else [])]},
        context(*_notes(len(facts.funnels) - len(shown), has_costs, reader), *_uncounted(shown, has_costs, reader)),
    ]
    said = reader.sentences(_sentence(one, _name(one, facts.grouping, reader), reader) for one in shown[:10])
    total = _sentence(facts.total, t("All"), reader)
    return Message(reader.sentences((reader.stopped(title), total, said)), blocks)


_HEADS: dict[Grouping, str] = {
    Grouping.SOURCE: msg("Source"),
    Grouping.CAMPAIGN: msg("Campaign"),
    Grouping.IMPORT: msg("Import"),
}
_SETTINGS: list[Block] = [
    {"align": "left", "is_wrapped": True},
    *({"align": "right"} for _ in range(5)),
    {"align": "left", "is_wrapped": True},
]


_COSTS: Block = {"align": "right", "is_wrapped": True}


def _costs(funnel: Funnel) -> str:
    """Say what one lead of each stage cost, "–" where nobody knows or there is none."""
    if funnel.cost is None:
        return ""
    return " / ".join(f"{funnel.cost / count:,.0f}" if count else "–" for count in (funnel.mql, funnel.sql, funnel.won))


def _row(name: str, funnel: Funnel, reader: Reader) -> list[Block]:
    stages = (_share(reached, funnel.leads, reader) for reached in (funnel.mql, funnel.sql, funnel.won))
    accepted = _percent(funnel.accepted, funnel.answered) if funnel.answered else "–"
    return [_text(cell) for cell in (name, f"{funnel.leads:,}", *stages, accepted, _reasons(funnel, reader))]


def _text(text: str) -> Block:
    return {"type": "raw_text", "text": text or "–"}


def _share(reached: int, leads: int, reader: Reader) -> str:
    return reader.t("{count} ({share})", count=f"{reached:,}", share=_percent(reached, leads)) if reached else "0"


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.0f}%"


def _reasons(funnel: Funnel, reader: Reader) -> str:
    return reader.listed(
        reader.t("{reason} {count}", reason=reader.t(REASONS[ReturnReason(reason)]), count=count)
        for reason, count in funnel.reasons[:REASONS_SHOWN]
    )


def _name(funnel: Funnel, grouping: Grouping, reader: Reader) -> str:
    if grouping is Grouping.SOURCE:
        return capital(reader.t(SOURCES[Source(funnel.key)]))
    return tidy(funnel.name or funnel.key, NAME_MAX) or reader.t("(no campaign)")


def _period(facts: SourceReport, reader: Reader) -> str:
    if facts.first is None or facts.last is None:
        return reader.t("all time")
    return reader.t("{first} to {last}", first=facts.first.isoformat(), last=facts.last.isoformat())


def _notes(hidden: int, has_costs: bool, reader: Reader) -> list[str]:
    t = reader.t
    notes = [
        t(
            "Leads count in the period in which they were added, whenever they moved on. Shares are of all leads in the row."
        ),
        t("Accepted: claimed, of the offers that sales has answered."),
    ]
    if has_costs:
        notes.append(
            t("Costs are those of the whole campaign, in your currency: choose a period that holds all of its leads.")
        )
    return [reader.n("{count} more", "{count} more", hidden), *notes] if hidden > 0 else notes


def _uncounted(shown: Sequence[Funnel], has_costs: bool, reader: Reader) -> list[str]:
    """Name the sources whose costs are more than what stands there."""
    names = [_name(one, Grouping.SOURCE, reader) for one in shown if has_costs and one.uncounted]
    if not names:
        return []
    return [reader.t(
        "Not in the costs of {sources}: campaigns without a recorded cost, or shared with other sources.",
        sources=reader.listed(names),
    )]  # fmt: skip


def _sentence(funnel: Funnel, name: str, reader: Reader) -> str:
    said = reader.t(
        "{name}: {leads} leads, {mql} MQL, {sql} SQL, {won} won.",
        name=escape(name, 100),
        leads=funnel.leads,
        mql=funnel.mql,
        sql=funnel.sql,
        won=funnel.won,
    )
    if funnel.cost is None:
        return said
    return reader.sentences((said, reader.t("Cost per MQL, SQL, won: {costs}.", costs=_costs(funnel))))
