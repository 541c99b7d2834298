"""A copy of the whole database, taken while the bot runs."""

import sqlite3
from pathlib import Path

from sqlalchemy import Engine

from models.schema import copy_sqlite, sqlite_file


class BackupError(Exception):
    """No backup was made. The text is one line and says what to do."""


def backup(engine: Engine, path: Path) -> None:
    """Copy a SQLite database to a new file as it stands at one instant; nobody waits for it, and the copy is checked.

    Raises:
        BackupError: the database is no SQLite file, `path` is taken or cannot be written, or the copy is not sound.
    """
    if engine.dialect.name != "sqlite":
        raise BackupError("PostgreSQL makes its own backups: run `pg_dump --format=custom --file=FILE DATABASE_URL`")
    source = sqlite_file(engine)
    if source is None or not source.exists():
        raise BackupError("there is no database file yet: start `bot.py run` once, or set DATABASE_URL to the file")
    if path.exists():
        raise BackupError(f"{path} exists already: choose another name, so that no backup is lost")
    try:
        copy_sqlite(source, path)
    except (OSError, sqlite3.Error) as error:
        raise BackupError(f"{path} could not be written ({error}): choose a folder with room for it") from error
