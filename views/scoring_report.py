"""`/lead report scoring`: rules and learned chance beside what really closed, and what Baton proposes."""

from collections.abc import Sequence
from datetime import datetime

from models.facts import ScoringReport
from models.learning import (
    ENOUGH_CLOSED,
    ENOUGH_OF_EACH,
    SUSPICIOUS,
    TOUCHES,
    Closed,
    ColumnKind,
    FitReport,
    LeftOut,
    LeftOutColumn,
    PointsRule,
    PointsTable,
    Tenth,
)
from models.report import ReportState
from views.blocks import (
    Block,
    Message,
    Upload,
    actions,
    bullets,
    button,
    context,
    header,
    line,
    part,
    rich,
    section,
)
from views.chances import column_label, percent, value_label
from views.lead_parts import row_title
from views.words import Reader, msg, whole

ACCEPT = "report.proposal"
COLUMNS = "report.columns"
LEFT_OUT_SHOWN = 10
ROW_NAME_MAX = 30

_WHY_LEFT_OUT: dict[LeftOut, str] = {
    LeftOut.TELLS_ALONE: msg("{column}: tells won from lost almost alone ({first} of 100 pairs)"),
    LeftOut.ONE_OUTCOME: msg("{column}: filled in for {first}% of the won and {second}% of the lost"),
    LeftOut.NAMED_AFTER: msg("{column}: named like something written down as a deal goes on"),
    LeftOut.CLOSED_ONLY: msg("{column}: filled in for {first}% of the closed and {second}% of the open leads"),
}


def started(reader: Reader) -> Message:
    """Say that a report is being made, and where it will be told."""
    said = reader.t("I am working on the report. It comes to you as a direct message, in about a minute.")
    return Message(said, [section(said)])


def report(facts: ScoringReport, reader: Reader, now: datetime, *, may_choose: bool) -> Message:
    """Tell how far the report is, and once it is done, what it found. `may_choose`: the reader may change rules."""
    t, title = reader.t, reader.t("Scores and what really closed")
    if facts.report.state is ReportState.WAITING:
        return _plain(title, t("Comparing scores with the leads that closed…"))
    if facts.report.state is ReportState.FAILED:
        again = t("Try again with `{command} report scoring`.", command=reader.command)
        failed = t("The report could not be made. The reason stands in Baton's log.")
        return _plain(title, reader.sentences((failed, again)))
    if facts.model is None or facts.fit is None:
        return _plain(title, too_little(facts.closed, reader))
    return _found(facts, facts.fit, reader, now, may_choose=may_choose)


def _plain(title: str, said: str) -> Message:
    return Message(f"{title}: {said.replace('`', '')}", [header(title), section(said)])


def too_little(closed: Closed, reader: Reader) -> str:
    """Say that too few leads are closed to learn from, how many are missing, and how a history can be brought in."""
    t = reader.t
    return reader.sentences(
        (
            t("{won} won and {lost} lost leads are too few to learn from.", won=closed.won, lost=closed.lost),
            t("It takes {all} closed leads with {each} of each outcome.", all=ENOUGH_CLOSED, each=ENOUGH_OF_EACH),
            reader.n("At least {count} more has to close.", "At least {count} more have to close.", closed.missing),
            t("A history can be brought in from a file: `bot.py import FILE --map COLUMN=outcome`."),
        )
    )


def _found(facts: ScoringReport, fit: FitReport, reader: Reader, now: datetime, *, may_choose: bool) -> Message:
    title = reader.t("Scores and what really closed")
    summary = _summary(facts, fit, reader)
    blocks: list[Block] = [header(title), section(summary), context(_basis(facts, reader, now)), _lift(fit, reader)]
    if suspicious := [column for column in fit.left_out if column.reason in {*SUSPICIOUS, LeftOut.FORBIDDEN}]:
        blocks.append(_left_out(suspicious, reader))
    if facts.likeliest:
        blocks.append(section(_likeliest(facts, reader)))
    if fit.table.rules:
        blocks += _proposal(fit.table, reader)
    if may_choose:
        blocks.append(actions(*_buttons(facts, fit, reader)))
    return Message(f"{title}: {summary.replace('*', '').replace(chr(10), ' ')}", blocks)


def _summary(facts: ScoringReport, fit: FitReport, reader: Reader) -> str:
    t = reader.t
    if facts.model is not None and not facts.model.is_shown:
        return t("What is known of these leads tells no more than the plain share of won leads. No chances are shown.")
    return "\n".join(
        (
            t("*Top tenth*  {won}% of the likeliest tenth were won, of all {base}%",
              won=percent(fit.top_tenth), base=percent(fit.base_rate)),
            t("*Order*  in {chance} of 100 pairs the won lead had the higher chance; the higher score in {rules}",
              chance=whole(fit.auc * 100), rules=whole(fit.rules_auc * 100)),
            t("*Honesty*  chances are {error} points off what came true, on average",
              error=f"{fit.calibration_error * 100:.1f}"),
        )
    )  # fmt: skip


def _basis(facts: ScoringReport, reader: Reader, now: datetime) -> str:
    if facts.model is None:
        return ""
    day = reader.short_day(reader.today(facts.model.fitted_at), reader.today(now))
    return reader.dotted(
        (
            reader.t("{won} won and {lost} lost leads", won=facts.closed.won, lost=facts.closed.lost),
            reader.t("version {version}, learned {day}", version=facts.model.version, day=day),
            reader.t("every lead told by others alone"),
        )
    )


def _lift(fit: FitReport, reader: Reader) -> Block:
    """Show by tenths what was said and what came true; rich text, since a table's cells wrap on a phone."""
    t = reader.t
    lines = [
        line(part(t("Tenth {number}: said {told}%, won {won}%; by score won {rules}%", number=place,
                    told=percent(tenth.told), won=_won(tenth), rules=_won(by_rules))))
        for place, (tenth, by_rules) in enumerate(zip(fit.tenths, fit.rules_tenths, strict=False), start=1)
    ]  # fmt: skip
    return rich(line(part(t("By tenths, the highest first"), bold=True)), bullets(lines))


def _won(tenth: Tenth) -> int:
    return percent(tenth.won / tenth.count) if tenth.count else 0


def _left_out(columns: Sequence[LeftOutColumn], reader: Reader) -> Block:
    lines = [line(part(_unescaped_why(column, reader))) for column in columns[:LEFT_OUT_SHOWN]]
    more = len(columns) - LEFT_OUT_SHOWN
    if more > 0:
        lines.append(line(part(reader.n("{count} more column", "{count} more columns", more))))
    title = reader.t("Left out: these look as if they were filled in after the outcome")
    return rich(line(part(title, bold=True)), bullets(lines))


def _unescaped_why(column: LeftOutColumn, reader: Reader) -> str:
    """Say why a column is left out, for rich text, where nothing is parsed."""
    name = column_label(column.name, reader, escaped=False)
    if column.reason is LeftOut.FORBIDDEN:
        return reader.t("{column}: forbidden by a manager", column=name)
    first, second = (*(whole(share * 100) for share in column.detail), 0, 0)[:2]
    return reader.t(_WHY_LEFT_OUT[column.reason], column=name, first=first, second=second)


def _likeliest(facts: ScoringReport, reader: Reader) -> str:
    lines = [
        reader.t("{percent}%  {lead}", percent=percent(chance), lead=row_title(lead, reader, ROW_NAME_MAX))
        for lead, chance in facts.likeliest
    ]
    return "\n".join((reader.t("*Open leads that are likeliest to close*"), *lines))


def _proposal(table: PointsTable, reader: Reader) -> list[Block]:
    t = reader.t
    title = reader.n("Proposed points: {count} line", "Proposed points: {count} lines", len(table.rules))
    blocks = [
        rich(line(part(title, bold=True)), bullets([line(part(rule_label(rule, reader))) for rule in table.rules])),
        context(
            t("These points alone put the won lead higher in {pairs} of 100 pairs. Of a column's lines the first counts.",
              pairs=whole(table.auc * 100))
        ),
    ]  # fmt: skip
    if len(table.thresholds) == 2:
        mql, hot = table.thresholds
        said = [
            t("{what} from {points}: {share}% of the leads, {won}% of them won, {caught}% of all won",
              what=what, points=at.points, share=percent(at.share), won=percent(at.won), caught=percent(at.caught))
            for what, at in ((t("*MQL*"), mql), (t("*Hot*"), hot))
        ]  # fmt: skip
        blocks.append(section("\n".join(said)))
    return blocks


def rule_label(rule: PointsRule, reader: Reader) -> str:
    """Write one line of a points table, for rich text, where nothing is parsed."""
    return reader.t("+{points}  {what}", points=rule.points, what=line_label(rule, reader))


def line_label(rule: PointsRule, reader: Reader) -> str:
    """Say when a line of a points table counts, for rich text or a label, where nothing is parsed."""
    column = column_label(rule.column, reader, escaped=False)
    if rule.column.startswith(TOUCHES):
        return column
    if rule.kind is ColumnKind.NUMBER:
        return reader.t("{column} {number} or more", column=column, number=f"{rule.low:,g}")
    return reader.t(
        "{column} = {value}", column=column, value=value_label(rule.column, rule.value, reader, escaped=False)
    )


def _buttons(facts: ScoringReport, fit: FitReport, reader: Reader) -> list[Block]:
    buttons = []
    if len(fit.table.thresholds) == 2 and facts.report.accepted_at is None:
        buttons.append(button(ACCEPT, reader.t("Use these points"), str(facts.report.id)))
    return [*buttons, button(COLUMNS, reader.t("Choose columns"), str(facts.report.id))]


def picture(fit: FitReport, content: bytes, delivery_id: int, reader: Reader) -> Upload:
    """Put the picture under the report, its content in words beside it."""
    said = reader.t("Said and come true by tenths: {tenths}", tenths=reader.listed(
        reader.t("{told}% → {won}%", told=percent(tenth.told), won=_won(tenth)) for tenth in fit.tenths))  # fmt: skip
    return Upload(said, f"baton-{delivery_id}.png", content)
