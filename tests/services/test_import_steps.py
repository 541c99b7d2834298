"""An import is carried to its end through any kill, counted beforehand as it will be, and taken back as a whole."""

import hashlib
import io
import os
import random
import signal
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, event, func, select, update
from sqlmodel import col

from models.database import Database, make_engine
from models.facts import LeadEntry
from models.import_chunk import ImportChunk
from models.import_fill import ImportFill
from models.import_run import Fate, ImportRun, ImportState, UndoFate
from models.lead import Consent, Lead, Source
from models.member import Actor, Member, Standing
from models.records import Change
from models.workspace import Workspace
from services import import_chunks, import_runs, import_steps
from services.import_batches import BATCH
from services.import_rows import ForAll
from services.import_runs import Settings
from services.import_steps import Work
from services.lead_edits import edit_lead
from services.leads import store_lead
from tests.postgres import fresh_url, usual_url

NOW = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
WORKSPACE = 1


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A workspace with a marketer and without any leads."""
    with fresh_url(request.param, tmp_path, migrated=True) as url:
        database = Database(make_engine(url))
        _furnish(database)
        yield database
        database.engine.dispose()


def _furnish(database: Database) -> None:
    with database.write() as session:
        session.add(Workspace(id=WORKSPACE, slack_id="T1", created_at=NOW))
        session.flush()
        session.add(Member(workspace_id=WORKSPACE, id=2, slack_id="U2", name="Tanaka", is_marketing=True, standing=Standing.ACTIVE, refreshed_at=NOW))  # fmt: skip


def actor(database: Database) -> Actor:
    """Return the marketer."""
    with database.read() as session:
        return session.get_one(Member, (WORKSPACE, 2)).as_actor()


def uploaded(database: Database, content: bytes, settings: Settings | None = None) -> ImportRun:
    """Note an import whose file has been fetched."""
    with database.write() as session:
        run = import_runs.begin_import(session, actor(database), "F1", settings or Settings(ForAll()), NOW)
        run.state = ImportState.READING
        run.file_hash = hashlib.sha256(content).hexdigest()
    import_steps.keep_file(Work(database, lambda: NOW), run, io.BytesIO(content))
    return run


def carried_on(database: Database, later: float = 0) -> ImportRun:
    """Do the next step of the import that is due, `later` seconds from now, and return it as it then stands."""
    work = Work(database, lambda: NOW)
    with database.write() as session:
        run = import_runs.lease_due(session, WORKSPACE, datetime.now(UTC) + timedelta(seconds=later))
    assert run is not None
    {
        ImportState.READING: import_steps.read_file,
        ImportState.RUNNING: import_steps.write_kept_rows,
        ImportState.UNDOING: import_steps.take_back,
    }[ImportState(run.state)](work, run)
    with database.read() as session:
        return session.get_one(ImportRun, (WORKSPACE, run.id))


def confirmed(database: Database, content: bytes) -> ImportRun:
    """Have a file read and confirmed."""
    uploaded(database, content)
    run = carried_on(database)
    assert run.state is ImportState.READY
    with database.write() as session:
        import_runs.confirm_import(session, session.get_one(ImportRun, (WORKSPACE, run.id)), NOW)
    return run


def people(count: int, first: int = 0) -> bytes:
    """Write a list of people, each with an address and a number."""
    rows = [f"青木 {n},a{n}@x.example,03-1234-{n:04d},アオイ{n}" for n in range(first, first + count)]
    return ("氏名,E-mail,TEL,会社名\n" + "\n".join(rows) + "\n").encode()


def all_leads(database: Database) -> list[Lead]:
    """Return all leads in the order of their numbers."""
    with database.read() as session:
        return list(session.scalars(select(Lead).order_by(col(Lead.number))))


def _killed_at(database: Database, moment: int, later: float) -> int:
    """Carry an import on in a child that is killed at its n-th commit, just before it; return how it ended."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            mine = Database(make_engine(database.engine.url.render_as_string(hide_password=False)))
            seen: list[int] = []

            def die(*_args: object) -> None:
                seen.append(1)
                if len(seen) == moment:
                    os.kill(os.getpid(), signal.SIGKILL)

            event.listen(mine.engine, "commit", die)
            carried_on(mine, later=later)
            code = 0
        finally:
            os._exit(code)
    return os.waitpid(child, 0)[1]


def test_a_kill_at_any_commit_ends_in_the_whole_import(database: Database) -> None:
    """Kill -9 before every single commit on the way: whoever comes next goes on, and everybody is in exactly once."""
    count = 3 * BATCH + 7
    run = confirmed(database, people(count))
    kills = 0
    for attempt, moment in enumerate((1, 2, 3, 2, 1, 3, 99), start=1):
        if _killed_at(database, moment, 3600 * attempt) == signal.SIGKILL:
            kills += 1
            done = len(all_leads(database))
            with database.read() as session:
                assert session.get_one(ImportRun, (WORKSPACE, run.id)).position == done
    assert kills >= 4
    leads = all_leads(database)
    assert len({lead.email_key for lead in leads}) == len(leads) == count
    with database.read() as session:
        run = session.get_one(ImportRun, (WORKSPACE, run.id))
    assert (run.state, run.done[Fate.NEW], run.due_at) == (ImportState.DONE, count, None)


def test_two_processes_share_no_import(database: Database) -> None:
    """While one has the lease, the other finds nothing to do; after a stop, the one that writes writes no more."""
    run = confirmed(database, people(2 * BATCH))
    with database.write() as session:
        mine = import_runs.lease_due(session, WORKSPACE, datetime.now(UTC))
    with database.write() as session:
        assert import_runs.lease_due(session, WORKSPACE, datetime.now(UTC)) is None
    assert mine is not None
    with database.write() as session:
        import_runs.stop_import(session, session.get_one(ImportRun, (WORKSPACE, run.id)), NOW)
    assert not import_steps.write_kept_rows(Work(database, lambda: NOW), mine)
    assert all_leads(database) == []


def test_a_process_takes_one_import_and_leaves_the_rest(database: Database) -> None:
    """Three are due: each is taken by itself, the oldest first."""
    uploads = [uploaded(database, people(1, first=number)).id for number in range(3)]
    taken = []
    for _ in range(4):
        with database.write() as session:
            run = import_runs.lease_due(session, WORKSPACE, datetime.now(UTC))
            taken.append((run.id, run.attempts) if run else None)
    assert taken == [*[(upload, 1) for upload in uploads], None]


def test_a_stop_keeps_what_is_written(database: Database) -> None:
    """Stopped between two batches: whole batches stay, nothing more comes, and what stays can be undone."""
    run = confirmed(database, people(3 * BATCH))
    with database.write() as session:
        mine = import_runs.lease_due(session, WORKSPACE, datetime.now(UTC))
    assert mine is not None
    stops = iter([False, True])
    import_steps.write_kept_rows(Work(database, lambda: NOW, lambda: next(stops)), mine)
    with database.write() as session:
        import_runs.stop_import(session, session.get_one(ImportRun, (WORKSPACE, run.id)), NOW)
    written = len(all_leads(database))
    assert import_steps.FIRST < written < 3 * BATCH
    with database.write() as session:
        stopped = session.get_one(ImportRun, (WORKSPACE, run.id))
        assert stopped.position == written
        import_runs.undo_import(session, stopped, NOW)
    run = carried_on(database)
    assert (run.state, run.done[UndoFate.REMOVED], all_leads(database)) == (ImportState.UNDONE, written, [])


def test_an_undoing_killed_on_the_way_is_finished(database: Database) -> None:
    """Kill -9 while an import is taken back: whoever comes next takes the rest back."""
    run = confirmed(database, people(3 * BATCH))
    carried_on(database)
    with database.write() as session:
        import_runs.undo_import(session, session.get_one(ImportRun, (WORKSPACE, run.id)), NOW)
    assert _killed_at(database, 3, 3600) == signal.SIGKILL
    assert 0 < len(all_leads(database)) < 3 * BATCH
    run = carried_on(database, later=7200)
    assert (run.done[UndoFate.REMOVED], all_leads(database)) == (3 * BATCH, [])
    with database.read() as session:
        assert session.scalar(select(func.count()).where(col(Change.lead_id).is_not(None))) == 0


def test_undoing_takes_back_what_was_filled_unless_it_was_changed(database: Database) -> None:
    """A field that somebody corrected after the import is theirs, the others are empty again; an opt-out was heard."""
    with database.write() as session:
        workspace = session.get_one(Workspace, WORKSPACE)
        entry = LeadEntry(name="青木 0", email="a0@x.example", consent=Consent.YES, source=Source.REFERRAL)
        lead = store_lead(session, workspace, entry, 2, NOW)
    content = "氏名,E-mail,TEL,会社名,役職,同意\n青木 0,a0@x.example,03-1234-0000,アオイ,部長,いいえ\n".encode()
    run = confirmed(database, content)
    run = carried_on(database)
    filled = all_leads(database)[0]
    assert run.done[Fate.FILLED] == 1
    assert (filled.company, filled.title, filled.consent, filled.source) == (
        "アオイ",
        "部長",
        Consent.NO,
        Source.REFERRAL,
    )
    with database.write() as session:
        edit_lead(session, actor(database), lead.id, {"title": "本部長"}, NOW)
        import_runs.undo_import(session, session.get_one(ImportRun, (WORKSPACE, run.id)), NOW)
    run = carried_on(database)
    after = all_leads(database)[0]
    assert run.done[UndoFate.EMPTIED] == 1
    assert (after.company, after.phone, after.phone_key, after.title) == ("", "", None, "本部長")
    assert after.consent is Consent.NO
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(ImportFill)) == 0


def test_what_an_import_added_and_took_back_is_no_reason_to_keep_a_lead(database: Database) -> None:
    """A list, then a better one of the same people; the better one is taken back, then the first: nobody is left."""
    better = people(BATCH).replace("会社名".encode(), "役職".encode())
    runs = []
    for content in (people(BATCH), better):
        confirmed(database, content)
        runs.append(carried_on(database))
    assert [run.done[fate] for run, fate in zip(runs, (Fate.NEW, Fate.FILLED), strict=True)] == [BATCH, BATCH]
    assert all(lead.title for lead in all_leads(database))
    for run in reversed(runs):
        with database.write() as session:
            import_runs.undo_import(session, session.get_one(ImportRun, (WORKSPACE, run.id)), NOW)
        undone = carried_on(database)
        assert undone.done.get(UndoFate.KEPT, 0) == 0
        assert not any(lead.title for lead in all_leads(database))
    assert all_leads(database) == []


_NAMES = st.sampled_from(["青木", "佐藤", "Anna", ""])
_EMAILS = st.sampled_from(["a@x.example", "B@x.example", "c@y.example", "broken", ""])
_PHONES = st.sampled_from(["03-1234-5678", "090-1234-5678", ""])
_IDS = st.sampled_from(["1", "2", ""])
_PERSON = st.tuples(_NAMES, st.sampled_from(["アオイ", "Acme", ""]), _EMAILS, _PHONES, _IDS)


@pytest.fixture(scope="module")
def shared_database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """One database for many examples, emptied before each."""
    with usual_url(tmp_path_factory.mktemp("imports"), migrated=True) as url:
        database = Database(make_engine(url))
        _furnish(database)
        yield database
        database.engine.dispose()


def _emptied(database: Database) -> None:
    with database.write() as session:
        for table in (Change, ImportFill, ImportChunk, ImportRun, Lead):
            session.execute(delete(table))


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(_PERSON, max_size=6), st.lists(_PERSON, min_size=1, max_size=12), st.randoms())
def test_the_preview_counts_what_the_import_does(
    shared_database: Database, there: list[tuple[str, ...]], rows: list[tuple[str, ...]], dice: random.Random
) -> None:
    """Whoever is there and whoever comes, again or half known: what was promised is what is written, and once."""
    database = shared_database
    _emptied(database)
    for people_of_file in (there, rows):
        lines = ["氏名,会社名,E-mail,TEL,external_id", *(",".join(row) for row in people_of_file)]
        if not people_of_file:
            continue
        run = confirmed(database, "\n".join(lines).encode())
        planned = dict(run.planned)
        run = carried_on(database)
        assert {fate: count for fate, count in run.done.items() if count} == {f: c for f, c in planned.items() if c}
    filled = run.done.get(Fate.FILLED, 0)
    before = _written(database)
    run = confirmed(database, "\n".join(lines).encode())
    assert run.planned_writes == 0
    carried_on(database)
    assert _written(database) == before
    if filled:
        # Whoever had no name may have one now, and is known by it.
        return
    header, *shuffled = lines
    dice.shuffle(shuffled)
    confirmed(database, "\n".join([header, *shuffled, ""]).encode())
    assert carried_on(database).done.get(Fate.NEW, 0) == 0


def _written(database: Database) -> list[dict[str, Any]]:
    return [lead.model_dump() for lead in all_leads(database)]


def test_a_mapping_is_remembered_by_headings(database: Database) -> None:
    """What was said of one file's columns is taken for the next with the same headings, and for no other."""
    content = b"Wer,Womit\nAnna,a@x.example\n"
    run = uploaded(database, content)
    carried_on(database)
    with database.write() as session:
        mine = session.get_one(ImportRun, (WORKSPACE, run.id))
        import_runs.settle_import(session, mine, {"Wer": "name", "Womit": "email"}, Settings(ForAll()), NOW)
    carried_on(database)
    with database.write() as session:
        session.execute(update(ImportRun).values(due_at=None))
    uploaded(database, content.replace(b"Anna", b"Ben"))
    assert carried_on(database).mapping == {"Wer": "name", "Womit": "email"}
    with database.write() as session:
        session.execute(update(ImportRun).values(due_at=None))
    uploaded(database, b"Wer,Wo\nAnna,x\n")
    assert carried_on(database).mapping == {"Wer": "", "Wo": ""}


def test_old_files_are_deleted_and_what_was_not_confirmed_is_given_up(database: Database) -> None:
    """A file holds personal data: it is kept as long as it can be of use, one that was discarded for a day."""
    run = uploaded(database, people(3))
    carried_on(database)
    with database.write() as session:
        assert import_chunks.forget_files(session, WORKSPACE, NOW + timedelta(days=29)) == 0
        assert import_chunks.count_old_files(session, WORKSPACE, NOW + timedelta(days=31)) == 1
        assert import_chunks.forget_files(session, WORKSPACE, NOW + timedelta(days=31)) == 1
    with database.read() as session:
        run = session.get_one(ImportRun, (WORKSPACE, run.id))
    assert (run.state, run.sample) == (ImportState.DISCARDED, [])
