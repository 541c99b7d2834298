"""Due times follow the settings: after `/lead setup` changed them, the leads' due times are moved batch by batch."""

from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    Interval,
    String,
    and_,
    case,
    cast,
    func,
    literal,
    or_,
    select,
    type_coerce,
    update,
)
from sqlmodel import Session, col

from models.base import UTCDateTime
from models.lead import Lead, LeadKind, Stage
from models.workspace import Workspace
from services.hotness import move_heat_quietly
from services.score_sql import score_columns
from services.statements import changed
from services.workspaces import get_workspace

# Some 10 ms: SQLite has one writer, and a command waits for it.
BATCH = 250


def move_due_times(session: Session, workspace: Workspace, now: datetime) -> int:
    """Move what is due of the next batch of leads to where the settings put it; return how many were looked at.

    Where the batches have come to stands in the workspace: whoever ends in between goes on there. Nobody is alerted of
    a lead that turned hot by a setting.
    """
    if workspace.due_times_after_id is None:
        return 0
    query = select(col(Workspace.due_times_after_id)).where(col(Workspace.id) == workspace.id)
    after_id = session.scalar(query.with_for_update())
    if after_id is None:
        return 0
    # Only now: they may have been changed while this waited for the row.
    workspace = get_workspace(session, workspace.id)
    ids = select(col(Lead.id)).where(col(Lead.workspace_id) == workspace.id, col(Lead.id) > after_id)
    batch = session.scalars(ids.order_by(col(Lead.id)).limit(BATCH)).all()
    if batch:
        these = and_(col(Lead.workspace_id) == workspace.id, col(Lead.id) > after_id, col(Lead.id) <= batch[-1],
                     col(Lead.stage) != Stage.CLOSED)  # fmt: skip
        _move_dormancy(session, workspace, these, now)
        _move_heat(session, workspace, these, now)
    reached = batch[-1] if len(batch) == BATCH else None
    session.execute(update(Workspace).where(col(Workspace.id) == workspace.id).values(due_times_after_id=reached))
    return len(batch)


def count_due(session: Session, workspace: Workspace, _now: datetime) -> int:
    """Count the leads whose due times a run would look at."""
    if workspace.due_times_after_id is None:
        return 0
    rest = select(func.count()).where(
        col(Lead.workspace_id) == workspace.id, col(Lead.id) > workspace.due_times_after_id
    )
    return session.scalar(rest) or 0


def _move_dormancy(session: Session, workspace: Workspace, these: ColumnElement[bool], now: datetime) -> None:
    """Set `dormant_at` as `lead_stages.plan_dormancy` does; who sleeps and should not is awake."""
    due_at = _dormant_at(workspace, session.get_bind().dialect.name)
    is_ahead = due_at > now
    is_asleep = col(Lead.dormant_since).is_not(None)
    statement = (
        update(Lead)
        .where(these, or_(is_asleep & is_ahead, ~is_asleep & (col(Lead.dormant_at) != due_at)))
        .values(dormant_at=due_at, dormant_since=None)
        .execution_options(synchronize_session=False)
    )
    changed(session, statement)


def _dormant_at(workspace: Workspace, dialect: str) -> ColumnElement[datetime]:
    days = case(
        (col(Lead.kind) == LeadKind.CUSTOMER, workspace.dormant_customer_days),
        (col(Lead.stage) == Stage.INQUIRY, workspace.dormant_inquiry_days),
        (col(Lead.stage) == Stage.MQL, workspace.dormant_mql_days),
        else_=workspace.dormant_sql_days,
    )
    length = cast(days, String) + literal(" days", String)
    since = func.coalesce(col(Lead.last_touch_at), col(Lead.created_at))
    moved = case((col(Lead.stage_at) > col(Lead.created_at), col(Lead.stage_at)), else_=since)
    moments = (since, moved, func.coalesce(col(Lead.follow_up_due_at), since))
    if dialect != "sqlite":
        return func.greatest(*moments, type_=UTCDateTime) + cast(length, Interval)
    last = func.max(*moments, type_=String)
    # SQLite's own dates end at milliseconds: the time of day is kept as it is written.
    day = func.date(last, literal("+", String) + length, type_=String)
    return type_coerce(day + func.substr(last, 11, type_=String), UTCDateTime)


def _move_heat(session: Session, workspace: Workspace, these: ColumnElement[bool], now: datetime) -> None:
    """Have the leads that are hot, or over the threshold now, cool when they will; without a word to anybody."""
    is_hot = score_columns(workspace, now).value >= workspace.hot_threshold
    for lead in session.scalars(select(Lead).where(these, or_(col(Lead.cools_at).is_not(None), is_hot))):
        move_heat_quietly(lead, workspace, now)
        session.add(lead)
