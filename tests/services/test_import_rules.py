"""An import keeps the rules of everything else: whom it may know, what they agreed to, what follows from what it fills."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlmodel import Session, col

from models.consent import ConsentRecord
from models.database import Database, make_engine
from models.import_fill import ImportFill
from models.import_run import ImportRun, ImportState, UndoFate
from models.lead import Consent, DecisionRole, Lead, Stage
from models.match_suggestion import MatchSuggestion
from models.member import Actor, Member, Standing
from models.workspace import Workspace
from services import import_runs, import_steps, scoring
from services.import_steps import Work
from services.imports import ImportSummary, import_file
from services.merging import merge_leads
from services.search import find_hits
from services.suggestions import match_due_leads
from tests.postgres import fresh_url

NOW = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
WORKSPACE = 1

Bring = Callable[[str], ImportSummary]


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A workspace with a manager and without any leads."""
    with fresh_url(request.param, tmp_path, migrated=True) as url:
        database = Database(make_engine(url))
        with database.write() as session:
            session.add(Workspace(id=WORKSPACE, slack_id="T1", created_at=NOW))
            session.flush()
            session.add(Member(workspace_id=WORKSPACE, id=2, slack_id="U2", name="Mori", is_manager=True, standing=Standing.ACTIVE, refreshed_at=NOW))  # fmt: skip
        yield database
        database.engine.dispose()


@pytest.fixture
def bring(database: Database, tmp_path: Path) -> Bring:
    """Import a text as a file, an hour later each time."""
    brought: list[str] = []

    def bring(text: str) -> ImportSummary:
        (tmp_path / "leads.csv").write_text(text)
        brought.append(text)
        return import_file(database, WORKSPACE, tmp_path / "leads.csv", {}, NOW + timedelta(hours=len(brought)))

    return bring


def leads_of(session: Session) -> list[Lead]:
    """Return all leads in the order of their numbers."""
    return list(session.scalars(select(Lead).order_by(col(Lead.number))))


def leads(database: Database) -> list[Lead]:
    """Return all leads in the order of their numbers."""
    with database.read() as session:
        return leads_of(session)


def manager(session: Session) -> Actor:
    """Return the manager."""
    return session.get_one(Member, (WORKSPACE, 2)).as_actor()


def undone(database: Database) -> ImportRun:
    """Take the last import back."""
    work = Work(database, lambda: LATER)
    with database.write() as session:
        run = session.scalars(select(ImportRun).order_by(col(ImportRun.id).desc())).first()
        assert run is not None
        import_runs.undo_import(session, run, LATER)
    with database.write() as session:
        leased = import_runs.lease_due(session, WORKSPACE, datetime.now(UTC))
    assert leased is not None
    import_steps.take_back(work, leased)
    with database.read() as session:
        run = session.get_one(ImportRun, (WORKSPACE, leased.id))
    assert run.state is ImportState.UNDONE
    return run


def test_colleagues_share_an_address(bring: Bring, database: Database) -> None:
    """What goes to info@ is read by many: another name is another person, the same one is known."""
    bring("name,company,email\n青木 健,アオイ,info@aoi.example\n")
    summary = bring(
        "name,company,email,phone\n佐藤 花,アオイ,info@aoi.example,\n青木 健,,info@aoi.example,03-1234-5678\n"
    )
    assert (summary.added, summary.filled) == (1, 1)
    assert [(lead.name, lead.phone_key is None) for lead in leads(database)] == [("青木 健", False), ("佐藤 花", True)]


def test_a_lead_that_went_into_another_is_known_as_that(bring: Bring, database: Database) -> None:
    """Its address and its id lead to the one that stayed."""
    bring("name,email,external_id\nAnna,a@x.example,\nAnna,b@y.example,crm-2\n")
    with database.write() as session:
        stays, goes = leads_of(session)
        merge_leads(session, manager(session), stays.id, goes.id, NOW)
    summary = bring("name,email,external_id,phone\nAnna,b@y.example,,03-1234-5678\nAnna,,crm-2,\n")
    assert (summary.added, summary.known) == (0, 2)
    (lead,) = leads(database)
    assert (lead.email, lead.phone) == ("a@x.example", "03-1234-5678")


def test_an_opt_out_counts_for_the_address_whatever_a_file_says(bring: Bring, database: Database) -> None:
    """A yes never loosens it; a no closes it for every lead there, is kept in the history, and outlives an undoing."""
    bring("name,email,consent\n青木,info@x.example,no\n")
    bring("name,email,consent\n佐藤,info@x.example,yes\n青木,info@x.example,yes\n")
    assert [lead.consent for lead in leads(database)] == [Consent.NO, Consent.NO]
    bring("name,email,consent\n山田,y@x.example,yes\n")
    bring("name,email,consent,title\n山田,y@x.example,no,部長\n")
    undone(database)
    yamada = leads(database)[-1]
    assert (yamada.consent, yamada.title) == (Consent.NO, "")
    with database.read() as session:
        history = select(col(ConsentRecord.answer)).where(col(ConsentRecord.lead_id) == yamada.id)
        answers = list(session.scalars(history.order_by(col(ConsentRecord.id))))
    assert answers == [Consent.YES, Consent.NO]


def test_a_consent_that_was_filled_in_is_taken_back(bring: Bring, database: Database) -> None:
    """The undoing says in the history that nobody knows any more."""
    bring("name,email\n山田,y@x.example\n")
    bring("name,email,consent\n山田,y@x.example,yes\n")
    assert leads(database)[0].consent is Consent.YES
    undone(database)
    assert leads(database)[0].consent is Consent.UNKNOWN
    with database.read() as session:
        answers = list(session.scalars(select(col(ConsentRecord.answer)).order_by(col(ConsentRecord.id))))
    assert answers == [Consent.YES, Consent.UNKNOWN]


def test_what_is_filled_moves_fit_and_heat_and_alerts_nobody(bring: Bring, database: Database) -> None:
    """The score is that of the lead as it now is; no alert becomes due by a file, nor an offer."""
    with database.write() as session:
        workspace = session.get_one(Workspace, WORKSPACE)
        workspace.mql_threshold, workspace.hot_threshold = 1, 2
    bring("name,company,email\n青木,アオイ,a@aoi.example\n")
    bring("name,email,title,role\n青木,a@aoi.example,代表取締役,decider\n")
    (lead,) = leads(database)
    assert lead.fit_points == scoring.fit_points(lead, DecisionRole.DECIDER, scoring.rules_of(workspace))
    assert (lead.hot_alert_due_at, lead.stage) == (None, Stage.INQUIRY)
    assert lead.hot_since is not None


def test_imported_leads_are_found_and_matched(bring: Bring, database: Database) -> None:
    """They stand in the search index under what they are called now, and their likely duplicates become suggestions."""
    bring("name,company,email\n中村 理恵,ミナモ精機,r@minamo.example\n中村理恵,ミナモ精機株式会社,\n")
    bring("name,email,external_id\n,r@minamo.example,1\n")
    bring("name,company,email\n,,k@kita.example\n")
    bring("name,company,email\n大野 玲,北浜物産,k@kita.example\n")
    with database.write() as session:
        match_due_leads(session, session.get_one(Workspace, WORKSPACE), LATER + timedelta(days=1))
        numbers = {lead.id: lead.number for lead in leads_of(session)}
        found = [
            {numbers[hit.lead_id] for hit in find_hits(session, WORKSPACE, text).found} for text in ("ミナモ", "大野")
        ]
        (pair,) = session.scalars(select(MatchSuggestion).where(col(MatchSuggestion.first_id).in_(list(numbers))))
    assert found == [{1, 2}, {3}]
    assert {numbers[pair.first_id], numbers[pair.second_id]} == {1, 2}


def test_undoing_leaves_no_trace_in_the_index(bring: Bring, database: Database) -> None:
    """Whoever an import brought is found no more once it is taken back."""
    bring("name,company\n中村 理恵,ミナモ精機\n")
    run = undone(database)
    assert (leads(database), run.done[UndoFate.REMOVED]) == ([], 1)
    with database.read() as session:
        assert find_hits(session, WORKSPACE, "ミナモ").found == ()


def test_leads_that_became_one_since_are_kept_and_named(bring: Bring, database: Database) -> None:
    """Neither what an import brought nor what it filled is taken from a lead that is now two."""
    bring("name,email\nAnna,a@x.example\nBen,c@x.example\n")
    bring("name,email,title\nAnna,a@x.example,部長\nAnna B,b@y.example,\nBen,c@x.example,課長\n")
    with database.write() as session:
        anna, _, brought = leads_of(session)
        merge_leads(session, manager(session), anna.id, brought.id, NOW + timedelta(hours=3))
    run = undone(database)
    assert [(lead.name, lead.title) for lead in leads(database)] == [("Anna", "部長"), ("Ben", "")]
    assert (run.kept_labels, run.done[UndoFate.EMPTIED]) == (["L-1"], 1)
    with database.read() as session:
        assert session.scalars(select(ImportFill)).all() == []
