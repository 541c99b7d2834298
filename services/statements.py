"""SQL that both databases speak but SQLAlchemy spells apart."""

from typing import Any, cast

from sqlalchemy import CursorResult, Delete, Update, literal
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel


def insert(session: Session, table: type[SQLModel]) -> postgresql.Insert:
    """Begin an INSERT that may say ON CONFLICT."""
    dialect = session.get_bind().dialect.name
    build = sqlite.insert if dialect == "sqlite" else postgresql.insert
    return cast(postgresql.Insert, build(table.__table__))  # type: ignore[attr-defined]


def inserted(session: Session, table: type[SQLModel], values: dict[str, Any]) -> bool:
    """Insert a row unless its key is taken; tell whether it was inserted.

    The row counts of drivers do not tell it on every database, so the row is asked back.
    """
    statement = insert(session, table).on_conflict_do_nothing().returning(literal(1))
    return session.execute(statement, values).first() is not None


def changed(session: Session, statement: Update | Delete) -> int:
    """Execute an UPDATE or DELETE and return how many rows it touched."""
    return cast("CursorResult[Any]", session.execute(statement)).rowcount
