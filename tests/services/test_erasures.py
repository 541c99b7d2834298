"""Forgotten people leave no trace: not in a table, not in the bytes of the database's file, not in its WAL."""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlmodel import SQLModel

from models.database import Database, make_engine
from models.erasure import Erasure
from models.errors import BusyError
from models.facts import ConsentEntry, LeadEntry
from models.lead import Consent, Lead
from models.member import Actor, Member
from models.touchpoint import TouchpointKind
from services.duplicates import keep_draft
from services.erasures import forget_lead
from services.handoffs import offer_lead
from services.lead_edits import edit_lead
from services.leads import lock_lead, store_lead
from services.touchpoints import Contact, log_touchpoint
from services.withdrawals import note_consent
from services.workspaces import Installation, get_workspace, install_workspace, set_channels
from tests.office import MORNING

BATCH = 20


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A database with a workspace, a team and a manager."""
    database = Database(make_engine(database_url))
    with database.write() as session:
        workspace = install_workspace(session, Installation("T1", "Acme", "U0"), "ja", "Asia/Tokyo", MORNING)
        set_channels(session, workspace, "C1SALES", "C2MARKETING", MORNING)
        session.add(Member(workspace_id=workspace.id, slack_id="U1", name="森", is_manager=True, refreshed_at=MORNING))
    yield database
    database.engine.dispose()


def the_manager(database: Database) -> Actor:
    with database.read() as session:
        return session.scalars(select(Member)).one().as_actor()


def populate(database: Database, actor: Actor, people: int) -> list[int]:
    """Store people with all that there can be of them, five of six marked in each text; return whom to forget."""
    lot = random.Random(1)  # noqa: S311
    for first in range(0, people, BATCH):
        with database.write() as session:
            workspace = get_workspace(session, actor.workspace_id)
            for number in range(first + 1, first + BATCH + 1):
                mark = f"ZQX{number}X" if number % 6 else "plain"
                entry = LeadEntry(f"{mark} {number}", f"{mark}社", mark, f"{mark}{number}@x.example", "",
                                  f"{mark}-{number}", note=mark * lot.randint(1, 30), extra={mark: mark})  # fmt: skip
                lead = store_lead(session, workspace, entry, actor.member_id, MORNING, typed=mark)
                lead = lock_lead(session, workspace.id, lead.id)
                for _ in range(lot.randint(1, 3)):
                    contact = Contact(TouchpointKind.CALL, note=mark * lot.randint(1, 60), extra={mark: mark})
                    log_touchpoint(session, actor, lead.id, contact, MORNING)
                edit_lead(session, actor, lead.id, {"need": mark * lot.randint(1, 40)}, MORNING)
                note_consent(session, lead, ConsentEntry(Consent.YES, mark, origin=mark), None, MORNING)
                if number % 10 == 1:
                    offer_lead(session, lead, None, mark, MORNING)
                if number % 50 == 1:
                    keep_draft(session, actor, entry, f"/lead add {mark} {number}", [], MORNING)
    return [number for number in range(1, people + 1) if number % 6]


def files_with(mark: bytes, folder: Path) -> list[str]:
    """Return the files that hold these bytes, but for the copy that a migration leaves."""
    files = [file for file in folder.rglob("*") if file.is_file() and ".before-" not in file.name]
    return [file.name for file in files if mark in file.read_bytes()]


def test_two_hundred_people_leave_no_trace(database: Database, tmp_path: Path) -> None:
    """Planted marks are searched for in every row and, on SQLite, in every byte of the file and its WAL."""
    actor, is_file = the_manager(database), database.engine.dialect.name == "sqlite"
    people = 240 if is_file else 60
    marked = populate(database, actor, people)
    assert not is_file or files_with(b"ZQX", tmp_path)
    for number in marked:
        with database.write() as session:
            forget_lead(session, actor, number, f"L-{number}", MORNING)
    database.overwrite_freed()
    assert files_with(b"ZQX", tmp_path) == []
    with database.read() as session:
        rows = [str(row) for table in SQLModel.metadata.sorted_tables for row in session.execute(select(table))]
        assert [row for row in rows if "ZQX" in row] == []
        assert len(session.scalars(select(Lead)).all()) == people - len(marked)
        proofs = session.scalars(select(Erasure)).all()
    assert {proof.lead_number for proof in proofs} == set(marked)
    assert all(proof.rows["touchpoint"] >= 1 and proof.rows["lead"] == 1 for proof in proofs)


def test_freed_space_is_overwritten_later_while_somebody_reads(tmp_path: Path) -> None:
    """Whoever reads an old picture keeps the WAL alive: it is said so, and tried again."""
    database = Database(make_engine(f"sqlite:///{tmp_path}/baton.db"))
    SQLModel.metadata.create_all(database.engine)
    with database.engine.connect() as reader, reader.begin():
        reader.exec_driver_sql("SELECT count(*) FROM lead").scalar_one()
        with database.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA busy_timeout = 1")
        with pytest.raises(BusyError):
            database.overwrite_freed()
    database.overwrite_freed()
    database.engine.dispose()


def test_every_table_is_accounted_for() -> None:
    """A new table either refers to a lead, and is emptied with it, or is named here as one that tells of no lead."""
    tells_of_nobody = {"workspace", "counter", "team", "member", "delivery", "receipt", "job_run", "erasure",
                       "suppression", "suppression_key", "scoring_version", "learned_model", "column_choice",
                       "report", "campaign", "import_mapping", "export"}  # fmt: skip
    # They are found by the id of the lead or of its company, or with the files that may hold the person.
    searched = {"draft", "match_suggestion", "lead_chance", "company", "import_run", "import_chunk"}
    refer = {
        table.name
        for table in SQLModel.metadata.sorted_tables
        if any(key.referred_table.name == "lead" for key in table.foreign_key_constraints)
    }
    assert {table.name for table in SQLModel.metadata.sorted_tables} == tells_of_nobody | searched | refer | {"lead"}
