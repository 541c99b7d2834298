"""Everything that a SQLite file holds, to compare before and after."""

import sqlite3


def dump(connection: sqlite3.Connection) -> dict[str, list[str]]:
    """Return the rows of every table as text; those of a search index stand in the tables that it keeps itself in."""
    query = "SELECT name, sql FROM sqlite_schema WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%'"
    tables = dict(connection.execute(query).fetchall())
    return {
        f"{name}: {sql}": sorted(map(repr, connection.execute(f"SELECT * FROM {name}")))  # noqa: S608  Our own names.
        for name, sql in tables.items()
    }
