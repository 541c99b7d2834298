"""Work that one process has for itself for a while: whoever comes after a kill finds it free when the lease has run out."""

import secrets
from datetime import datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import Select, func, or_, select, update
from sqlmodel import Session, col

from models.export import Export
from models.import_run import ImportRun

Leased = TypeVar("Leased", ImportRun, Export)


def taken(due: Select[Any]) -> Select[Any]:
    """Build the SELECT of the ids of `due` that nobody else is taking, for the WHERE of an UPDATE."""
    # PostgreSQL may run a plain subquery once for each row, and then LIMIT finds others every time.
    ids = due.with_for_update(skip_locked=True).cte()
    return select(ids.c.id)


def lease_next(
    session: Session, table: type[Leased], workspace_id: int, seconds: int, real_now: datetime
) -> Leased | None:
    """Take the row that has waited longest for something to be done, for this process alone; None when nothing is due."""
    due = (
        select(col(table.id))
        .where(
            col(table.workspace_id) == workspace_id,
            col(table.due_at) <= real_now,
            or_(col(table.leased_until).is_(None), col(table.leased_until) < real_now),
        )
        .order_by(col(table.due_at), col(table.id))
        .limit(1)
    )
    statement = (
        update(table)
        .where(col(table.workspace_id) == workspace_id, col(table.id).in_(taken(due)))
        .values(
            lease=secrets.token_hex(8),
            leased_until=real_now + timedelta(seconds=seconds),
            attempts=col(table.attempts) + 1,
        )
        .returning(table)
        .execution_options(synchronize_session=False)
    )
    return session.scalars(statement).first()


def count_due(session: Session, table: type[Leased], workspace_id: int, real_now: datetime) -> int:
    """Count the rows that have something to be done."""
    query = select(func.count()).where(col(table.workspace_id) == workspace_id, col(table.due_at) <= real_now)
    return session.scalar(query) or 0
