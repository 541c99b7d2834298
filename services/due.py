"""Rows whose time has come: found by the index of their due time, and taken by one process alone."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, select, update
from sqlmodel import Session, col

from services.statements import Prepared


def due_first(table: Any, column: str, batch: int) -> Prepared:
    """Prepare the question which rows' time has come, the longest due first."""
    due_at = col(getattr(table, column))
    query = select(col(table.id)).where(
        col(table.workspace_id) == bindparam("workspace_id"), due_at <= bindparam("now")
    )
    return Prepared(lambda _dialect: query.order_by(due_at).limit(batch).with_for_update(skip_locked=True))


def take_due(
    session: Session,
    table: Any,
    question: Prepared,
    workspace_id: int,
    now: datetime,
    told: Sequence[str],
    **values: Any,
) -> Sequence[Row[Any]]:
    """Give these values to a batch of the rows whose time has come, and return of each the columns that are `told`."""
    ids = [row[0] for row in question.run(session, {"workspace_id": workspace_id, "now": now})]
    if not ids:
        return ()
    these = (col(table.workspace_id) == workspace_id, col(table.id).in_(ids))
    statement = update(table).where(*these).values(**values).execution_options(synchronize_session=False)
    return session.execute(statement.returning(*(col(getattr(table, name)) for name in told))).all()
