"""Processes that merge the same leads at once, and one that claims meanwhile: whatever wins, nothing is torn."""

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from models.database import Database, make_engine
from models.errors import LeadError
from models.handoff import Handoff, HandoffState
from models.lead import Lead, Stage
from models.lead_merge import LeadMerge
from models.touchpoint import Touchpoint, TouchpointKind
from services.handoffs import claim_handoff, qualify_lead
from services.merging import merge_leads
from services.touchpoints import Contact, log_touchpoint
from services.unmerging import undo_merge
from tests.postgres import fresh_url
from tests.services.office_records import NOW, SALES, actor, add, records_at, rows_of

ROUNDS = 3


def in_a_process(url: str, work: Callable[[Database], None]) -> int:
    """Do the work in a process of its own, 0 when it was done and 3 when it was refused in words; return its id."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            work(Database(make_engine(url)))
            code = 0
        except LeadError:
            code = 3
        finally:
            os._exit(code)
    return child


def merge(stays: int, goes: int, database: Database) -> None:
    with database.write() as session:
        merge_leads(session, actor(session), stays, goes, NOW)


def claim(handoff: int, database: Database) -> None:
    with database.write() as session:
        claim_handoff(session, actor(session, SALES), handoff, NOW)


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_merges_and_a_claim_at_once_leave_one_whole_lead(kind: str, tmp_path: Path) -> None:
    """Two processes merge in opposite directions while a third claims the offer: one lead, all contacts, one answer."""
    with fresh_url(kind, tmp_path, migrated=True) as url, records_at(url) as database:
        for _ in range(ROUNDS):
            with database.write() as session:
                one, other = add(session, name="A"), add(session, name="B")
                for lead in (one, other):
                    log_touchpoint(session, actor(session), lead.id, Contact(TouchpointKind.EMAIL), NOW)
                handoff = qualify_lead(session, actor(session), other.label, "", NOW)
                ids = (one.id, other.id, handoff.id)
            # A connection must not be in two processes.
            database.engine.dispose()
            ways = (partial(merge, ids[0], ids[1]), partial(merge, ids[1], ids[0]), partial(claim, ids[2]))
            children = [in_a_process(url, way) for way in ways]
            codes = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
            assert sorted(codes[:2]) == [0, 3], "one merge is done, the other is told that there is nothing to merge"
            assert codes[2] == 0, "an offer is claimed, wherever its lead went"
            _check_whole(database, ids)


def _check_whole(database: Database, ids: tuple[int, int, int]) -> None:
    with database.read() as session:
        rows = rows_of(session, Lead, Touchpoint, Handoff, LeadMerge)
    (lead,) = [row for row in rows["lead"] if row["id"] in ids]
    (handoff,) = [row for row in rows["handoff"] if row["id"] == ids[2]]
    merged = rows["lead_merge"][-1]
    assert {merged["into_id"], merged["lead_id"]} == set(ids[:2])
    assert merged["into_id"] == lead["id"] == handoff["lead_id"]
    assert [row["lead_id"] for row in rows["touchpoint"]].count(lead["id"]) == 2
    assert (handoff["state"], handoff["owner_id"]) == (HandoffState.CLAIMED, SALES)
    assert (lead["stage"], lead["owner_id"]) == (Stage.SQL, SALES)


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_a_merge_is_undone_by_one_of_many(kind: str, tmp_path: Path) -> None:
    """Three processes undo the same merge: one does, the others are refused, and both leads are there once."""
    with fresh_url(kind, tmp_path, migrated=True) as url, records_at(url) as database:
        with database.write() as session:
            one, other = add(session, name="A"), add(session, name="B")
            merge_id = merge_leads(session, actor(session), one.id, other.id, NOW).id
        database.engine.dispose()

        def undo(database: Database) -> None:
            with database.write() as session:
                undo_merge(session, actor(session), merge_id, NOW)

        children = [in_a_process(url, undo) for _ in range(3)]
        codes = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
        assert sorted(codes) == [0, 3, 3]
        with database.read() as session:
            assert [row["name"] for row in rows_of(session, Lead)["lead"]] == ["A", "B"]
