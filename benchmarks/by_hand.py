"""The statements that Baton executes, noted down and executed again with the sqlite3 module alone."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event

from models.database import BUSY_TIMEOUT_MS

Statement = tuple[str, Any]


@contextmanager
def noted(engine: Engine) -> Iterator[list[Statement]]:
    """Note every statement with its parameters as it reaches the driver, and how each transaction ended."""
    statements: list[Statement] = []

    class Cursor(sqlite3.Cursor):
        def execute(self, sql: str, parameters: Any = (), /) -> "Cursor":
            statements.append((sql, parameters))
            return super().execute(sql, parameters)

    class Connection(sqlite3.Connection):
        def cursor(self, factory: Any = Cursor) -> Any:
            return super().cursor(factory)

        def commit(self) -> None:
            statements.append(("COMMIT", ()))
            super().commit()

    def connect(_dialect: Any, _record: Any, _arguments: Any, options: dict[str, Any]) -> None:
        options["factory"] = Connection

    event.listen(engine, "do_connect", connect)
    engine.dispose()
    try:
        yield statements
    finally:
        event.remove(engine, "do_connect", connect)
        engine.dispose()


class ByHand:
    """A connection as Baton's own, and the requests that it will carry out, each once and in their order."""

    def __init__(self, file: Path, requests: list[list[Statement]]) -> None:
        self._connection = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
        for setting in (f"busy_timeout = {BUSY_TIMEOUT_MS}", "journal_mode = WAL", "synchronous = FULL"):
            self._connection.execute(f"PRAGMA {setting}")
        self._connection.execute("PRAGMA foreign_keys = ON")
        self._requests = iter(requests)

    def __call__(self) -> None:
        """Carry out the next request, everything that it asks for fetched."""
        for statement, parameters in next(self._requests):
            self._connection.execute(statement, parameters).fetchall()

    def close(self) -> None:
        self._connection.close()
