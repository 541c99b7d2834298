"""The tables come up by revisions, once, whole, and only when they are ours."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from functools import partial
from itertools import count
from pathlib import Path
from threading import Barrier, Thread
from typing import Any

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, event, inspect, text
from sqlmodel import Session

from migrations.compare import describe, differences
from models.database import make_engine
from models.lead import Lead, Source
from models.schema import (
    MIGRATIONS,
    SEARCH_INDEX,
    BrokenReferencesError,
    ForeignTablesError,
    SchemaNewerError,
    migrate,
    revisions,
    tables,
)
from models.touchpoint import Direction, Touchpoint, TouchpointKind
from models.workspace import Workspace
from services.search import find_hits
from services.suggestions import match_due_leads
from tests.postgres import fresh_url, sqlite_url

REBUILD_LEAD = """
import sqlalchemy as sa
from alembic import op

revision = "9001"
down_revision = "{before}"


def upgrade():
    rebuilt = "always" if op.get_bind().dialect.name == "sqlite" else "never"
    with op.batch_alter_table("lead", recreate=rebuilt) as batch:
        batch.add_column(sa.Column("nickname", sa.String(), nullable=False, server_default=""))
"""
LOSE_LEADS = """
from alembic import op

revision = "9001"
down_revision = "{before}"


def upgrade():
    op.execute("DELETE FROM lead")
"""


ROWS = (
    "INSERT INTO workspace (id,slack_id,name,bot_user_slack_id,locale,timezone,country,mql_threshold,hot_threshold,"
    "dormant_inquiry_days,dormant_mql_days,dormant_sql_days,recycle_days,hot_quiet_days,claim_minutes,"
    "contact_minutes,open_from,open_until,digest_time,working_days,created_at) VALUES (1,'T1','','','ja',"
    "'Asia/Tokyo','JP',60,80,90,30,30,14,7,120,480,'09:00','18:00','09:00','mon','2026-01-01')",
    "INSERT INTO lead (workspace_id,id,number,name,company,title,email,phone,name_key,search_text,kind,source,"
    "campaign,note,extra,stage,stage_at,closed_note,is_recycled,consent,fit_points,engagement_a,engagement_b,"
    "engagement_c,engagement_d,follow_up_note,rev,created_at,updated_at) VALUES (1,7,1,'青木','','','','','青木',"
    "'青木','prospect','other','','','{}','INQUIRY','2026-01-01','',false,'unknown',0,0,0,0,0,'',1,'2026-01-01',"
    "'2026-01-01')",
    "INSERT INTO touchpoint (workspace_id,id,lead_id,kind,direction,at,note,created_at) VALUES "
    "(1,8,7,'call','inbound','2026-01-01','','2026-01-01')",
)
"""A workspace and a lead that has a touchpoint, in the columns of revision 0002."""

MORE_ROWS = (
    "INSERT INTO member (workspace_id,id,slack_id,name,handle,locale,timezone,standing,is_marketing,is_sales,is_manager,"
    "refreshed_at) VALUES (1,2,'U2','田中','','ja','Asia/Tokyo','active',true,false,true,'2026-01-01')",
    "INSERT INTO team (workspace_id,id,name,channel_slack_id,locale,created_at) VALUES (1,3,'東','C1','ja','2026-01-01')",
    "INSERT INTO handoff (workspace_id,id,lead_id,team_id,state,why_now,offered_at,due_at,comment) VALUES "
    "(1,9,7,3,'offered','年内','2026-01-01','2026-01-02','')",
    "INSERT INTO change (workspace_id,id,lead_id,lead_number,kind,member_id,before,at) VALUES "
    "(1,10,7,1,'qualified',2,'{\"stage\": \"INQUIRY\"}','2026-01-01')",
    "INSERT INTO delivery (workspace_id,id,kind,key,subject_id,about,channel_slack_id,wanted_rev,sent_rev,state,"
    "next_attempt_at,attempts,is_doubtful,error,created_at) VALUES "
    "(1,11,'handoff_card','k',9,'','C1',1,0,'pending','2026-01-01',0,false,'','2026-01-01')",
)
"""One row of every other table in which something is rebuilt by a later revision."""


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A new, empty database of either kind."""
    with fresh_url(request.param, tmp_path) as url:
        yield url


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    engine = make_engine(url)
    yield engine
    engine.dispose()


@pytest.fixture
def file_engine(tmp_path: Path) -> Iterator[Engine]:
    """A SQLite file with the tables and one lead that has a touchpoint."""
    engine = make_engine(sqlite_url(tmp_path, migrated=True))
    with engine.begin() as connection:
        for row in ROWS:
            connection.exec_driver_sql(row)
    yield engine
    engine.dispose()


@pytest.fixture
def later(tmp_path: Path) -> Callable[[str], Path]:
    """Give a copy of the migrations with one more revision."""

    def write(revision: str) -> Path:
        copy = tmp_path / "migrations"
        shutil.copytree(MIGRATIONS, copy, ignore=shutil.ignore_patterns("__pycache__"))
        (copy / "versions" / "9001_later.py").write_text(revision.format(before=revisions()[-1]))
        return copy

    return write


def is_current(engine: Engine) -> bool:
    """Tell whether the tables are at the last revision."""
    with engine.connect() as connection:
        return bool(connection.scalar(text("SELECT version_num FROM alembic_version")) == revisions()[-1])


def test_an_empty_database_gets_every_table(engine: Engine) -> None:
    """From nothing to the last revision, by name of every table."""
    migrate(engine)
    made = {name for name in inspect(engine).get_table_names() if not name.startswith(SEARCH_INDEX)}
    assert made == {*tables().tables, "alembic_version"}
    assert is_current(engine)


def test_the_models_and_the_revisions_describe_the_same_tables(url: str) -> None:
    """Columns, keys, constraints and indexes are the same whether the models or the revisions make them."""
    assert differences(url) == []


def test_a_database_in_use_is_not_compared(file_engine: Engine) -> None:
    """The comparison drops its tables, so it must never get at somebody's leads."""
    with pytest.raises(ForeignTablesError):
        differences(str(file_engine.url))
    with file_engine.connect() as connection:
        assert connection.execute(text("SELECT name FROM lead")).all() == [("青木",)]


def test_a_difference_between_models_and_revisions_is_seen(engine: Engine) -> None:
    """The comparison knows a changed CHECK, a lost index and another nullability when it sees them."""
    tables().create_all(engine)
    told = "\n".join(describe(engine))
    assert "lead check" in told
    assert "name=lead_someone" in told
    assert "follow_up_due_at IS NOT NULL" in told
    assert "nullable=True" in told


def test_the_files_names_are_the_chain_that_alembic_sees() -> None:
    """Revisions are found by name without Alembic, so the names must tell the truth, in one line without branches."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    chain = [script.revision for script in ScriptDirectory.from_config(config).walk_revisions()]
    assert chain[::-1] == revisions()


def test_migrating_twice_does_nothing_the_second_time(engine: Engine) -> None:
    """A start with the tables up to date costs one look and writes nothing."""
    migrate(engine)
    statements: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    migrate(engine)
    assert statements
    assert not [statement for statement in statements if statement.startswith(("CREATE", "ALTER", "UPDATE", "INSERT"))]


def test_a_start_without_work_does_not_import_alembic(file_engine: Engine) -> None:
    """Alembic costs 100 ms, and a start usually has nothing to migrate."""
    program = (
        "import sys; from models.database import make_engine; from models.schema import migrate\n"
        "migrate(make_engine(sys.argv[1])); sys.exit('alembic' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program, str(file_engine.url)], check=True, cwd=MIGRATIONS.parent)


def test_processes_that_start_together_migrate_once(url: str) -> None:
    """Four processes come up against one empty database: all succeed, and the revision is run once."""
    children = [_in_a_child(partial(_migrate_until, url, 0)) for _ in range(4)]
    assert [os.waitpid(child, 0)[1] for child in children] == [0] * 4
    engine = make_engine(url)
    assert is_current(engine)
    engine.dispose()


def test_threads_that_start_together_migrate_once(engine: Engine) -> None:
    """The same within one process."""
    barrier, failures = Barrier(4), []

    def start() -> None:
        barrier.wait()
        try:
            migrate(engine)
        except BaseException as failure:  # It is compared below.
            failures.append(failure)

    threads = [Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert is_current(engine)


@pytest.mark.parametrize("step", [9, pytest.param(1, marks=pytest.mark.soak)])
def test_a_kill_leaves_the_tables_as_they_were(url: str, step: int, tmp_path: Path) -> None:
    """Kill -9 between two statements, early, late and in the middle: no revision is half done, the next start goes on."""
    engine = make_engine(url)
    whole = _tables_after_each_revision(url.partition(":")[0], tmp_path)
    for moment in count(1, step):
        ending = os.waitpid(_in_a_child(partial(_migrate_until, url, moment)), 0)[1]
        if ending == 0:
            break
        assert ending == signal.SIGKILL
        assert set(inspect(engine).get_table_names()) in whole
    assert moment > len(tables().tables)
    assert is_current(engine)
    engine.dispose()


def _tables_after_each_revision(kind: str, folder: Path) -> list[set[str]]:
    """Return the names of the tables that may be there: none, and those of each revision carried out as a whole."""
    whole: list[set[str]] = [set()]
    with fresh_url("sqlite" if kind == "sqlite" else "postgres", folder) as url:
        engine = make_engine(url)
        for revision in revisions():
            migrate(engine, _only_until(revision, folder))
            whole.append(set(inspect(engine).get_table_names()))
        engine.dispose()
    return whole


@pytest.mark.parametrize("step", [5, pytest.param(1, marks=pytest.mark.soak)])
def test_a_kill_during_an_upgrade_keeps_every_row(url: str, step: int, later: Callable[[str], Path]) -> None:
    """A table with rows is rebuilt: kill -9 between any two statements leaves what was, and the next start upgrades it."""
    engine, upgrade = make_engine(url), later(REBUILD_LEAD)
    migrate(engine)
    with Session(engine.execution_options(writes=True)) as session:
        at = datetime(2026, 1, 1, tzinfo=UTC)
        session.add(Workspace(id=1, slack_id="T1", created_at=at))
        session.flush()
        session.add(Lead(workspace_id=1, id=7, number=1, name="青木", name_key="青木", search_text="青木", stage_at=at,
                         source=Source.OTHER, created_at=at, updated_at=at))  # fmt: skip
        session.flush()
        session.add(Touchpoint(workspace_id=1, id=8, lead_id=7, kind=TouchpointKind.CALL, direction=Direction.INBOUND,
                               at=at, created_at=at))  # fmt: skip
        session.commit()
    for moment in count(1, step):
        ending = os.waitpid(_in_a_child(partial(_migrate_until, url, moment, upgrade)), 0)[1]
        assert _names_and_contacts(engine) == [("青木", 8)]
        if ending == 0:
            break
        assert ending == signal.SIGKILL
        assert is_current(engine)
        assert "nickname" not in {column["name"] for column in inspect(engine).get_columns("lead")}
    assert moment > step
    assert "nickname" in {column["name"] for column in inspect(engine).get_columns("lead")}
    assert not [name for name in inspect(engine).get_table_names() if name.startswith("_alembic")]
    engine.dispose()


def _names_and_contacts(engine: Engine) -> list[tuple[str, int]]:
    query = "SELECT lead.name, touchpoint.id FROM lead JOIN touchpoint ON touchpoint.lead_id = lead.id"
    with engine.connect() as connection:
        return [(str(name), int(contact)) for name, contact in connection.execute(text(query))]


def test_every_revision_keeps_the_rows_of_the_one_before(url: str, tmp_path: Path) -> None:
    """From revision 0002 with rows to the last, one by one: each row stands as it stood, in each column it had."""
    engine, expected = make_engine(url), dict[str, dict[str, Any]]()
    for revision in revisions():
        migrate(engine, _only_until(revision, tmp_path))
        if revision == "0002":
            with engine.begin() as connection:
                for row in (*ROWS, *MORE_ROWS):
                    connection.exec_driver_sql(row)
        if revision == "0005":
            # Whoever was there before the search index is read and placed by the job `match`.
            expected["lead"] |= {"search_text": "", "match_due_at": expected["lead"]["created_at"]}
        rows = _only_rows(engine)
        kept = {table: {name: rows[table][name] for name in columns} for table, columns in expected.items()}
        assert kept == expected, revision
        expected = rows
    with Session(engine.execution_options(writes=True)) as session:
        assert find_hits(session, 1, "青木").found == ()
        assert match_due_leads(session, session.get_one(Workspace, 1), datetime(2026, 1, 2, tzinfo=UTC)) == 1
        assert [hit.lead_id for hit in find_hits(session, 1, "青木").found] == [7]
    assert is_current(engine)
    engine.dispose()


def _only_until(revision: str, folder: Path) -> Path:
    """Copy the migrations up to a revision."""
    copy = folder / f"until-{revision}"
    later = (file for file in (MIGRATIONS / "versions").glob("[0-9]*.py") if file.name[:4] > revision)
    shutil.copytree(MIGRATIONS, copy, ignore=shutil.ignore_patterns("__pycache__", *(f.name for f in later)))
    return copy


def _only_rows(engine: Engine) -> dict[str, dict[str, Any]]:
    """Return the only row of each table that has one."""
    names = [name for name in inspect(engine).get_table_names() if not name.startswith((SEARCH_INDEX, "alembic"))]
    with engine.connect() as connection:
        found = {name: connection.execute(text(f'SELECT * FROM "{name}"')).mappings().all() for name in names}  # noqa: S608  Our own.
    assert all(len(rows) <= 1 for rows in found.values())
    return {name: dict(rows[0]) for name, rows in found.items() if rows}


def test_a_newer_database_is_refused(engine: Engine) -> None:
    """An older Baton must not write into tables that it does not know."""
    migrate(engine)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(SchemaNewerError, match=r"9999.*start the newer Baton"):
        migrate(engine)


def test_tables_of_somebody_else_are_left_alone(engine: Engine) -> None:
    """A database with tables of our names that we did not make is refused in words."""
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE lead (id INTEGER)"))
    with pytest.raises(ForeignTablesError, match="DATABASE_URL"):
        migrate(engine)
    assert inspect(engine).get_table_names() == ["lead"]


def test_rebuilding_a_table_keeps_the_rows_that_refer_to_it(file_engine: Engine, later: Callable[[str], Path]) -> None:
    """SQLite rebuilds a table to change it; with foreign keys on, that once deleted every child row."""
    migrate(file_engine, later(REBUILD_LEAD))
    with file_engine.connect() as connection:
        assert connection.execute(text("SELECT nickname FROM lead")).all() == [("",)]
        assert connection.execute(text("SELECT count(*) FROM touchpoint")).scalar_one() == 1
        assert connection.execute(text("PRAGMA foreign_keys")).scalar_one() == 1
    checks = {check["name"] for check in inspect(file_engine).get_check_constraints("lead")}
    assert {"lead_someone", "lead_stage_known"} <= checks


def test_a_file_is_copied_before_it_is_changed(file_engine: Engine, later: Callable[[str], Path]) -> None:
    """What was there before a revision can be had back from a file beside it, which nobody else may read."""
    migrate(file_engine, later(REBUILD_LEAD))
    copy = Path(f"{file_engine.url.database}.before-9001.bak")
    assert copy.stat().st_mode & 0o077 == 0
    with closing(sqlite3.connect(copy)) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchall() == [(revisions()[-1],)]
        assert connection.execute("SELECT name FROM lead").fetchall() == [("青木",)]


def test_an_empty_file_is_not_copied(tmp_path: Path) -> None:
    """There is nothing to have back on the first start."""
    engine = make_engine(sqlite_url(tmp_path))
    migrate(engine)
    engine.dispose()
    assert list(tmp_path.glob("*.bak*")) == []


def test_a_revision_that_breaks_references_is_rolled_back(file_engine: Engine, later: Callable[[str], Path]) -> None:
    """With foreign keys off nothing else would notice that a touchpoint lost its lead."""
    with pytest.raises(BrokenReferencesError, match="touchpoint"):
        migrate(file_engine, later(LOSE_LEADS))
    assert is_current(file_engine)
    with file_engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM lead")).scalar_one() == 1


def _in_a_child(work: Callable[[], None]) -> int:
    """Do the work in a process of its own and return its id."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            work()
            code = 0
        finally:
            os._exit(code)
    return child


def _migrate_until(url: str, moment: int, migrations: Path = MIGRATIONS) -> None:
    """Migrate, and die just before the statement of this number; 0: never.

    Those that only look are not counted: to die before one of them leaves what to die before the next change does.
    """
    engine = make_engine(url)
    numbers = count(1)

    def perhaps_die(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        if not statement.lstrip().startswith(("SELECT", "PRAGMA", "SHOW")) and next(numbers) == moment:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(engine, "before_cursor_execute", perhaps_die)
    migrate(engine, migrations)
