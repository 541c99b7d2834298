"""A backup is the database at one instant, whole, while others write."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from threading import Event, Thread

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.engine import make_url

from models.database import make_engine
from services.backups import BackupError, backup
from tests.dumps import dump
from tests.models.test_schema import is_current
from tests.postgres import sqlite_url

ADD_PAIR = (
    "INSERT INTO receipt (workspace_id, key, at) VALUES (1, 'receipt ' || :n, '2026-01-01')",
    "INSERT INTO job_run VALUES (1, 'job', 'slot ' || :n, '2026-01-01')",
)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = make_engine(sqlite_url(tmp_path, migrated=True))
    yield engine
    engine.dispose()


def test_a_backup_restores_to_an_equal_database(engine: Engine, tmp_path: Path) -> None:
    """Every row and every table comes back, at the same revision."""
    for number in range(20):
        _add_pair(engine, number)
    backup(engine, tmp_path / "copy.db")
    restored = make_engine(f"sqlite:///{tmp_path / 'copy.db'}")
    assert is_current(restored)
    restored.dispose()
    assert _dump(tmp_path / "copy.db") == _dump(Path(str(engine.url.database)))


def test_a_backup_under_write_load_is_of_one_instant(engine: Engine, tmp_path: Path) -> None:
    """Two tables are written together all the time: each copy is sound, and has as many rows of the one as of the other."""
    enough, written = Event(), [0]

    def write() -> None:
        while not enough.is_set():
            _add_pair(engine, written[0])
            written[0] += 1

    writer = Thread(target=write)
    writer.start()
    try:
        for number in range(5):
            before = written[0]
            file = tmp_path / f"copy{number}.db"
            backup(engine, file)
            with closing(sqlite3.connect(file)) as copy:
                receipts = copy.execute("SELECT count(*) FROM receipt").fetchone()[0]
                runs = copy.execute("SELECT count(*) FROM job_run").fetchone()[0]
                assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            assert receipts == runs >= before
    finally:
        enough.set()
        writer.join()


def test_a_backup_is_one_file_that_nobody_else_may_read(engine: Engine, tmp_path: Path) -> None:
    """It holds personal data, and no part of it stands in a second file that could be forgotten."""
    folder = tmp_path / "backups"
    folder.mkdir()
    backup(engine, folder / "copy.db")
    (file,) = folder.iterdir()
    assert file.stat().st_mode & 0o077 == 0


def test_an_existing_file_is_not_overwritten(engine: Engine, tmp_path: Path) -> None:
    """Yesterday's backup stays."""
    (tmp_path / "copy.db").write_text("yesterday's")
    with pytest.raises(BackupError, match="exists already"):
        backup(engine, tmp_path / "copy.db")
    assert (tmp_path / "copy.db").read_text() == "yesterday's"


def test_a_folder_that_is_not_there_is_named(engine: Engine, tmp_path: Path) -> None:
    """What cannot be written is told in one line, and nothing is left behind."""
    with pytest.raises(BackupError, match=r"missing/copy\.db could not be written") as caught:
        backup(engine, tmp_path / "missing" / "copy.db")
    assert "\n" not in str(caught.value)


def test_a_damaged_database_gives_no_backup(engine: Engine, tmp_path: Path) -> None:
    """A copy that is not sound is not kept as if it were one."""
    with engine.execution_options(writes=True).begin() as connection:
        connection.execute(text(ADD_PAIR[0]), [{"n": number} for number in range(2000)])
    engine.dispose()
    file = Path(str(engine.url.database))
    content = bytearray(file.read_bytes())
    content[5 * 4096 : -4096] = b"\xa5" * (len(content) - 6 * 4096)
    file.write_bytes(content)
    with pytest.raises(BackupError):
        backup(engine, tmp_path / "copy.db")
    assert not list(tmp_path.glob("copy.db*"))


def test_postgresql_is_sent_to_pg_dump() -> None:
    """Baton does not pretend to do what PostgreSQL does better."""
    url = make_url("postgresql+psycopg://nobody@/nowhere")
    with pytest.raises(BackupError, match="pg_dump"):
        backup(make_engine(url.render_as_string(hide_password=False)), Path("copy.db"))


def _add_pair(engine: Engine, number: int) -> None:
    with engine.execution_options(writes=True).begin() as connection:
        for statement in ADD_PAIR:
            connection.execute(text(statement), {"n": number})


def _dump(file: Path) -> dict[str, list[str]]:
    with closing(sqlite3.connect(file)) as connection:
        return dump(connection)
