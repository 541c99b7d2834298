"""Leads, touchpoints and handoffs as CSV for other programs.

Columns keep their names and places; a new one is added at the end. People are Slack ids, instants ISO 8601 in UTC, and
an empty cell is not known.
"""

import csv
import json
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime
from typing import Any, Literal, TextIO

from sqlalchemy import ColumnElement, Select, String, and_, cast, func, literal, select
from sqlalchemy.orm import aliased
from sqlmodel import Session, SQLModel, col

from models.consent import ConsentRecord
from models.handoff import Handoff
from models.lead import Lead
from models.member import Member
from models.touchpoint import Touchpoint
from models.workspace import Team
from services import scoring
from services.score_sql import score_columns, touchpoint_points
from services.workspaces import get_workspace

What = Literal["leads", "touchpoints", "handoffs"]

_Query = Select[*tuple[Any, ...]]

ROWS_HELD = 500
"""Rows in memory at a time."""

# A spreadsheet takes a cell that begins with one of these for a formula: the signs in every width, and dashes that some
# read as a minus; white space and NUL before them do not stop it. An apostrophe in front does. One that is there already
# gets another, so that taking the first away always gives back what was typed.
_FORMULA = re.compile(r"'*(?:[\t\r\n\0]|[\s\0]*[=+\-@＝＋－＠﹢﹣﹦﹫–−])")


def safe_cell(text: str) -> str:
    """Return the text so that no spreadsheet computes it: with `'` in front where it could be a formula.

    That goes for telephone numbers with a `+` too: a spreadsheet would compute `+81-45-555-0142`.
    """
    return f"'{text}" if _FORMULA.match(text) else text


def typed_cell(cell: str) -> str:
    """Return what `safe_cell` made the cell of."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell


def write_export(
    session: Session,
    workspace_id: int,
    what: What,
    file: TextIO,
    now: datetime,
    tell: Callable[[int], None] = lambda _rows: None,
) -> int:
    """Write an export as CSV, every cell quoted, and return its number of rows without the header.

    `file` is open for text in UTF-8 with `newline=""`; `tell` hears every so often how many rows are written. Memory
    stays flat, however many rows there are.
    """
    writer = csv.writer(file, quoting=csv.QUOTE_ALL)
    written = -1
    for row in export_rows(session, workspace_id, what, now):
        writer.writerow(row)
        written += 1
        if written % ROWS_HELD == 0:
            tell(written)
    return written


def export_rows(session: Session, workspace_id: int, what: What, now: datetime) -> Iterator[list[str]]:
    """Yield the header and then the rows, as cells that are safe in a spreadsheet; scores are as of `now`.

    The session is in use until the last row is taken.
    """
    query = {"leads": _leads, "touchpoints": _touchpoints, "handoffs": _handoffs}[what](session, workspace_id, now)
    # On PostgreSQL this reads through a cursor on the server; without it, the driver would hold every row.
    with session.execute(query, execution_options={"yield_per": ROWS_HELD}) as result:
        yield list(result.keys())
        for row in result:
            yield [_cell(value) for value in row]


def _cell(value: Any) -> str:
    if value is None or value == {}:
        return ""
    if isinstance(value, str):
        return safe_cell(str(value))
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{value:.1f}".removesuffix(".0")
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    return value.isoformat() if isinstance(value, date) else safe_cell(json.dumps(value, ensure_ascii=False))


def _leads(session: Session, workspace_id: int, now: datetime) -> _Query:
    owner, marketer = aliased(Member), aliased(Member)
    score = score_columns(get_workspace(session, workspace_id), now)
    columns = (
        _label(),
        *_named(Lead, "name company email phone source stage outcome"),
        col(owner.slack_id).label("owner"),
        score.value.label("score"),
        *_named(Lead, "title external_id campaign kind"),
        col(Lead.is_recycled).label("recycled"),
        *_named(Lead, "created_at last_touch_at consent mission interest role need progress timing budget"),
        *_named(Lead, "consent_at note stage_at"),
        col(marketer.slack_id).label("marketer"),
        *_named(Lead, "hot_since dormant_since returned_at follow_up_on follow_up_at follow_up_note closed_note"),
        *_named(Lead, "updated_at extra"),
        score.fit.label("fit"),
        score.engagement.label("engagement"),
        score.grade.label("grade"),
        *(column.label(f"consent_{name}") for name, column in _EVIDENCE.items()),
    )
    return (
        select(*columns)
        .select_from(Lead)
        .outerjoin(ConsentRecord, _is_row(ConsentRecord, Lead.workspace_id, _last_consent()))
        .outerjoin(owner, _is_row(owner, Lead.workspace_id, Lead.owner_id))
        .outerjoin(marketer, _is_row(marketer, Lead.workspace_id, Lead.marketer_id))
        .where(col(Lead.workspace_id) == workspace_id)
        .order_by(col(Lead.number))
    )


_EVIDENCE: Mapping[str, Any] = {
    "purpose": col(ConsentRecord.purpose),
    "basis": col(ConsentRecord.basis),
    "from": col(ConsentRecord.origin),
    "notice": col(ConsentRecord.notice),
}


def _named(table: type[SQLModel], names: str) -> list[Any]:
    return [col(getattr(table, name)) for name in names.split()]


def _last_consent() -> Any:
    """Build the id of the answer in force, the last of its kind in the lead's history."""
    record = aliased(ConsentRecord)
    is_theirs = and_(col(record.workspace_id) == col(Lead.workspace_id), col(record.lead_id) == col(Lead.id))
    is_in_force = col(record.answer) == col(Lead.consent)
    return select(func.max(record.id)).where(is_theirs, is_in_force).correlate(Lead).scalar_subquery()


def _touchpoints(session: Session, workspace_id: int, _now: datetime) -> _Query:
    rules = scoring.rules_of(get_workspace(session, workspace_id))
    return (
        select(
            _label(),
            col(Touchpoint.kind),
            col(Touchpoint.direction),
            col(Touchpoint.at),
            col(Touchpoint.note),
            col(Member.slack_id).label("by"),
            touchpoint_points(rules).label("points"),
            col(Touchpoint.created_at),
            col(Touchpoint.extra),
        )
        .select_from(Touchpoint)
        .join(Lead, _is_row(Lead, Touchpoint.workspace_id, Touchpoint.lead_id))
        .outerjoin(Member, _is_row(Member, Touchpoint.workspace_id, Touchpoint.member_id))
        .where(col(Touchpoint.workspace_id) == workspace_id)
        .order_by(col(Touchpoint.id))
    )


def _handoffs(_session: Session, workspace_id: int, _now: datetime) -> _Query:
    owner, marketer, offerer, returner = (aliased(Member) for _ in range(4))
    return (
        select(
            cast(col(Handoff.id), String).label("handoff"),
            _label(),
            col(Handoff.state),
            func.coalesce(func.nullif(col(Team.name), ""), col(Team.channel_slack_id)).label("team"),
            col(owner.slack_id).label("owner"),
            col(Handoff.offered_at),
            col(Handoff.due_at),
            col(Handoff.claimed_at),
            col(Handoff.returned_at),
            col(Handoff.reason),
            col(Handoff.comment),
            col(Handoff.retry_on),
            col(Handoff.contacted_at),
            col(Handoff.overdue_since),
            col(Handoff.withdrawn_at),
            col(Handoff.why_now),
            col(marketer.slack_id).label("marketer"),
            col(offerer.slack_id).label("offered_by"),
            col(returner.slack_id).label("returned_by"),
        )
        .select_from(Handoff)
        .outerjoin(Lead, _is_row(Lead, Handoff.workspace_id, Handoff.lead_id))
        .join(Team, _is_row(Team, Handoff.workspace_id, Handoff.team_id))
        .outerjoin(owner, _is_row(owner, Handoff.workspace_id, Handoff.owner_id))
        .outerjoin(marketer, _is_row(marketer, Handoff.workspace_id, Handoff.marketer_id))
        .outerjoin(offerer, _is_row(offerer, Handoff.workspace_id, Handoff.offered_by_id))
        .outerjoin(returner, _is_row(returner, Handoff.workspace_id, Handoff.returned_by_id))
        .where(col(Handoff.workspace_id) == workspace_id)
        .order_by(col(Handoff.id))
    )


def _label() -> ColumnElement[str]:
    return (literal("L-") + cast(col(Lead.number), String)).label("lead")


def _is_row(table: Any, workspace_id: Any, row_id: Any) -> ColumnElement[bool]:
    return and_(table.workspace_id == workspace_id, table.id == row_id)
