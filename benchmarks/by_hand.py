"""The statements that Baton executes, noted down and executed again with the sqlite3 module alone."""

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, event

from models.database import BUSY_TIMEOUT_MS
from services.statements import Compiled

Statement = tuple[str, Any]


@contextmanager
def noted(engine: Engine) -> Iterator[list[Statement]]:
    """Note every statement with its parameters, and how each transaction ended."""
    statements: list[Statement] = []

    def executed(_connection: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, many: bool) -> None:
        if many:
            raise NotImplementedError("a request that executes a statement many times over")
        statements.append((statement, parameters))

    def committed(_connection: Connection) -> None:
        statements.append(("COMMIT", ()))

    def rolled_back(_connection: Connection) -> None:
        statements.append(("ROLLBACK", ()))

    def executed_as_prepared(compiled: Compiled, cursor: Any, values: Mapping[str, Any]) -> Sequence[Any]:
        statements.append((compiled.text, compiled.bound(values)))
        return execute(compiled, cursor, values)

    execute = Compiled.execute
    Compiled.execute = executed_as_prepared  # type: ignore[method-assign]
    listeners: dict[str, Callable[..., None]] = {
        "before_cursor_execute": executed,
        "commit": committed,
        "rollback": rolled_back,
    }
    for name, listener in listeners.items():
        event.listen(engine, name, listener)
    try:
        yield statements
    finally:
        Compiled.execute = execute  # type: ignore[method-assign]
        for name, listener in listeners.items():
            event.remove(engine, name, listener)


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
