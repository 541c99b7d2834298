"""The tables that the revisions make, compared with those that the models describe, in a real database.

Alembic's own comparison passes over CHECKs and what a partial index covers.
"""

from typing import Any

from sqlalchemy import Engine, inspect

from models.database import make_engine
from models.schema import SEARCH_INDEX, ForeignTablesError, migrate, tables


def differences(url: str) -> list[str]:
    """List what only the models (`+`) or only the revisions (`-`) make, in an empty database of its own.

    Raises:
        ForeignTablesError: the database is not empty; nothing was touched, since the comparison drops its tables.
    """
    engine = make_engine(url)
    try:
        if held := inspect(engine).get_table_names():
            raise ForeignTablesError(held)
        tables().create_all(engine)
        wanted = describe(engine)
        tables().drop_all(engine)
        migrate(engine)
        made = describe(engine)
    finally:
        engine.dispose()
    return [f"+ {line}" for line in sorted(wanted - made)] + [f"- {line}" for line in sorted(made - wanted)]


def describe(engine: Engine) -> set[str]:
    """Return every column, key, constraint and index as the database tells of them, one line each."""
    inspector = inspect(engine)
    lines: set[str] = set()
    for table in inspector.get_table_names():
        # Each database has its own kind of search index; SQLite's is no table that the models could describe.
        if table == "alembic_version" or table.startswith(SEARCH_INDEX):
            continue
        parts: dict[str, list[Any]] = {
            "column": inspector.get_columns(table),
            "key": [inspector.get_pk_constraint(table)],
            "reference": inspector.get_foreign_keys(table),
            "unique": inspector.get_unique_constraints(table),
            "check": inspector.get_check_constraints(table),
            "index": inspector.get_indexes(table),
        }
        lines |= {f"{table} {part} {_told(fact)}" for part, facts in parts.items() for fact in facts}
    return lines


def _told(fact: dict[str, Any]) -> str:
    return ", ".join(f"{key}={_text(value)}" for key, value in sorted(fact.items()) if value not in (None, {}, []))


def _text(value: Any) -> str:
    # A partial index's condition is an expression, whose repr is its address.
    return _told(value) if isinstance(value, dict) else str(value)
