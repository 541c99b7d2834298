"""SQL that both databases speak but SQLAlchemy spells apart."""

from typing import Any, cast

from sqlalchemy import CursorResult, Executable
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel


def insert(session: Session, table: type[SQLModel]) -> postgresql.Insert:
    """Begin an INSERT that may say ON CONFLICT."""
    dialect = session.get_bind().dialect.name
    build = sqlite.insert if dialect == "sqlite" else postgresql.insert
    return cast(postgresql.Insert, build(table.__table__))  # type: ignore[attr-defined]


def changed(session: Session, statement: Executable, values: dict[str, Any] | None = None) -> int:
    """Execute an INSERT, UPDATE or DELETE and return how many rows it touched."""
    result = session.execute(statement, values) if values else session.execute(statement)
    return cast("CursorResult[Any]", result).rowcount
