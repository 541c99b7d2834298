"""Statements are compiled once for a process of tests, not anew for each of its thousands of databases.

SQLAlchemy keeps what it has compiled by engine and dialect; here every engine of a kind shares both. A process that runs
Baton has one engine, so nothing is shared there that is not in earnest.
"""

from sqlalchemy import Connection, Dialect, Engine, event
from sqlalchemy.util import LRUCache

# Some 1,500 are known at the end of a whole run.
_STATEMENTS = 4000

_dialects: dict[str, Dialect] = {}
_statements: LRUCache[object, object] = LRUCache(_STATEMENTS)


def share_compiled_statements() -> None:
    """Let every engine that is connected from now on know what others have compiled."""
    event.listen(Engine, "engine_connect", _share)


def _share(connection: Connection) -> None:
    # What is kept is found by the dialect itself. The first one has been connected, so it knows its server.
    connection.dialect = _dialects.setdefault(connection.dialect.name, connection.dialect)
    connection.execution_options(compiled_cache=_statements)
