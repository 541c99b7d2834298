"""Scores follow changed rules in short batches, through kill -9, and nobody is flooded."""

import multiprocessing
import os
import signal
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import event, select
from sqlmodel import Session

from jobs import scores
from models.base import new_id
from models.database import Database, make_engine
from models.delivery import DeliveryKind
from models.lead import Lead
from models.member import Member
from models.scoring import DEFAULT_RULES, EngagementRule
from models.touchpoint import Direction, HalfLife, Touchpoint, TouchpointKind
from models.workspace import Workspace
from services import rescoring, scoring, scoring_rules
from services.pace import next_size
from services.workspaces import get_workspace
from tests.jobs.outbox import outbox
from tests.office import MORNING, Office
from tests.postgres import fresh_url

LEADS = 60
RULES = {**DEFAULT_RULES.engagement, TouchpointKind.WHITEPAPER: EngagementRule(90, 0, HalfLife.D)}
FORK = multiprocessing.get_context("fork")


def _fill(session: Session) -> None:
    """Add leads that asked for material, and put rules in force by which that makes them hot."""
    session.add(Workspace(id=1, slack_id="T1", created_at=MORNING))
    session.flush()
    manager = Member(workspace_id=1, id=1, slack_id="U1", name="森", is_manager=True, refreshed_at=MORNING)
    leads = [Lead(workspace_id=1, id=new_id(), number=n, name=f"n{n}", stage_at=MORNING, created_at=MORNING,
                  updated_at=MORNING) for n in range(1, LEADS + 1)]  # fmt: skip
    session.add_all([manager, *leads])
    session.flush()
    session.add_all(
        Touchpoint(workspace_id=1, lead_id=lead.id, kind=TouchpointKind.WHITEPAPER, direction=Direction.INBOUND, at=MORNING,
                   created_at=MORNING)
        for lead in leads
    )  # fmt: skip
    session.flush()
    scoring_rules.save_rules(session, manager.as_actor(), replace(DEFAULT_RULES, engagement=RULES), "", MORNING)


def _work(url: str, dies_before_commit: int) -> None:
    """Follow the rules in this process, and kill it just before its n-th commit."""
    database, commits = Database(make_engine(url)), 0

    @event.listens_for(database.engine, "commit")
    def die(_connection: object) -> None:
        nonlocal commits
        commits += 1
        if commits == dies_before_commit:
            os.kill(os.getpid(), signal.SIGKILL)

    while True:
        with database.write() as session:
            if rescoring.next_batch(session, 1, 20, MORNING, tells=True) is None:
                return


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_a_kill_in_the_middle_is_taken_up_by_the_next(kind: str, tmp_path: Path) -> None:
    """Killed before each of its commits in turn, the work still ends: every lead once, every effect counted once."""
    with fresh_url(kind, tmp_path, migrated=True) as url:
        database = Database(make_engine(url))
        with database.write() as session:
            _fill(session)
        database.engine.dispose()
        endings = []
        for dies_before_commit in (1, 2, 2, 0):
            process = FORK.Process(target=_work, args=(url, dies_before_commit))
            process.start()
            process.join(60)
            endings.append(process.exitcode)
        assert endings == [-signal.SIGKILL, -signal.SIGKILL, -signal.SIGKILL, 0]
        with database.read() as session:
            version = scoring_rules.newest_version(session, 1)
            assert version is not None
            assert (version.done, version.effect["turns_hot"]["count"]) == (LEADS, LEADS)
            workspace = get_workspace(session, 1)
            for lead in session.scalars(select(Lead)):
                rules = scoring.rules_for(lead, workspace)
                assert scoring.score_value(lead, rules, MORNING) == pytest.approx(90)
                assert lead.hot_since == MORNING
        database.engine.dispose()


def test_many_leads_turn_hot_and_two_messages_are_sent(small_office: Office) -> None:
    """One summary to the manager who changed the rules, one list to marketing; no alert for each lead."""
    office = small_office
    for number in range(4):
        office.say(office.tanaka, f"add 人{number}, 会社{number}, p{number}@minamo.example")
        office.say(office.tanaka, f"log L-{number + 1} 資料請求")
    office.deliver()
    before = len(outbox(office))
    office.say(office.mori, "setup scoring")
    view = office.mori.view
    assert view is not None
    office.mori.click(view, "scoring.part", block_id="c")
    office.mori.submit({"inbound_whitepaper": "95"})
    office.mori.submit()
    assert office.run("scores") == 4
    office.run("hot")
    assert [row.kind for row in outbox(office)[before:]] == [DeliveryKind.SCORES_CHANGED] * 2
    assert office.run("scores") == 0


@pytest.mark.parametrize(
    ("size", "seconds", "wanted"), [(300, 0.01, 600), (600, 0.12, 300), (260, 2, 250), (1900, 0.01, 2000)]
)
def test_batches_grow_and_shrink_to_their_time(size: int, seconds: float, wanted: int) -> None:
    """A machine that is slow, or leads with long histories, make batches smaller: commands wait no longer."""
    assert next_size(size, seconds, scores.BATCH_SECONDS, scores.SMALLEST, scores.LARGEST) == wanted
