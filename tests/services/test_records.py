"""What is remembered of what was done, in a database with two workspaces: whose it is, and what comes but once."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select
from sqlmodel import Session, SQLModel, col

from models.consent import ConsentBasis, ConsentRecord
from models.database import Database
from models.errors import RepeatedRequestError
from models.facts import ConsentEntry
from models.lead import Consent, Lead, Stage
from models.member import Member
from models.records import Change, ChangeKind, Draft, JobRun, Receipt
from models.workspace import Workspace
from services import records
from tests.services.office_records import MANAGER, NOW, SALES, add, records_at

OURS, THEIRS = 1, 2
EARLIER = NOW - timedelta(days=1)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A database that another workspace shares with ours; it has a lead and a member with the numbers of ours."""
    with records_at(database_url) as database:
        with database.write() as session:
            session.add(Workspace(id=THEIRS, slack_id="T2", created_at=NOW))
            session.flush()
            session.add(Member(workspace_id=THEIRS, id=SALES, slack_id="U2", name="Theirs", refreshed_at=NOW))
            session.flush()
        yield database


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    """A transaction that stays open until the test ends."""
    with database.write() as session:
        yield session


def _their_lead(session: Session, lead: Lead) -> Lead:
    """Give the other workspace a lead with the same id."""
    theirs = Lead(**lead.model_dump() | {"workspace_id": THEIRS, "owner_id": None, "marketer_id": None})
    session.add(theirs)
    session.flush()
    return theirs


def test_change_says_who_did_what_to_which_lead(session: Session) -> None:
    """With the values before it; of whoever did nothing to a row, or changed no value, nothing is said."""
    lead = add(session, name="中村", email="n@minamo.example")
    session.execute(delete(Change))
    records.record_change(session, lead, ChangeKind.EDITED, SALES, NOW, subject_id=7, before={"name": "中"})
    records.record_change(session, lead, ChangeKind.HOT, None, EARLIER)
    first, second = session.scalars(select(Change).order_by(col(Change.id)))
    assert first.id < second.id
    assert first.model_dump(exclude={"id"}) == {
        "workspace_id": OURS, "lead_id": lead.id, "lead_number": lead.number, "kind": ChangeKind.EDITED, "member_id": SALES,
        "subject_id": 7, "before": {"name": "中"}, "at": NOW, "undone_at": None,
    }  # fmt: skip
    assert (second.kind, second.member_id, second.subject_id, second.before, second.at) == (
        ChangeKind.HOT, None, None, {}, EARLIER,
    )  # fmt: skip


def test_what_somebody_did_to_a_row_is_known(session: Session) -> None:
    """They themselves, one of these things, to that very row, in their workspace."""
    lead = add(session, name="中村", email="n@minamo.example")
    theirs = _their_lead(session, lead)
    records.record_change(session, lead, ChangeKind.TOUCHED, SALES, NOW, subject_id=7)
    records.record_change(session, theirs, ChangeKind.CLAIMED, SALES, NOW, subject_id=7)
    sales, manager = (session.get_one(Member, (OURS, number)) for number in (SALES, MANAGER))
    touched = [ChangeKind.TOUCHED, ChangeKind.RETURNED]
    assert records.was_done(session, sales, touched, 7)
    assert not records.was_done(session, sales, touched, 8)
    assert not records.was_done(session, manager, touched, 7)
    assert not records.was_done(session, sales, [ChangeKind.CLAIMED], 7)


def test_answer_is_set_and_kept_with_its_evidence(session: Session) -> None:
    """A lead says what they answered and when; their history says where, why and who wrote it down."""
    lead = add(session, name="中村", email="n@minamo.example")
    session.execute(delete(ConsentRecord))
    entry = ConsentEntry(Consent.YES, "events", ConsentBasis.CONSENT, EARLIER, "trade fair", "2026-04")
    records.record_consent(session, lead, entry, SALES, NOW)
    assert (lead.consent, lead.consent_at) == (Consent.YES, EARLIER)
    (kept,) = session.scalars(select(ConsentRecord))
    assert kept.model_dump(exclude={"id"}) == {
        "workspace_id": OURS, "lead_id": lead.id, "answer": Consent.YES, "purpose": "events", "basis": ConsentBasis.CONSENT,
        "given_at": EARLIER, "origin": "trade fair", "notice": "2026-04", "member_id": SALES, "recorded_at": NOW,
    }  # fmt: skip
    records.record_consent(session, lead, ConsentEntry(Consent.NO), None, NOW)
    assert (lead.consent, lead.consent_at) == (Consent.NO, NOW)
    records.record_consent(session, lead, ConsentEntry(Consent.UNKNOWN, given_at=EARLIER), None, NOW)
    assert (lead.consent, lead.consent_at) == (Consent.UNKNOWN, None)
    last = session.scalars(select(ConsentRecord).order_by(col(ConsentRecord.id).desc())).first()
    assert last is not None
    assert (last.member_id, last.given_at, last.basis) == (None, EARLIER, None)


def test_last_evidence_of_an_answer_is_found(session: Session) -> None:
    """Of that lead and that answer, the last that was written down."""
    lead, other = (add(session, name=name, email=f"{name}@minamo.example") for name in ("a", "b"))
    theirs = _their_lead(session, lead)
    session.execute(delete(ConsentRecord))
    for whose, answer, origin in ((lead, Consent.YES, "first"), (lead, Consent.YES, "last"), (lead, Consent.NO, "no"),
                                  (other, Consent.YES, "other"), (theirs, Consent.YES, "theirs")):  # fmt: skip
        records.keep_consent(session, whose, ConsentEntry(answer, origin=origin), None, NOW)
    found = records.last_consent(session, OURS, lead.id, Consent.YES)
    assert found is not None
    assert found.origin == "last"
    assert records.last_consent(session, OURS, lead.id, Consent.UNKNOWN) is None


def test_points_given_by_hand_are_told_newest_first(session: Session) -> None:
    """With who gave them; not those taken back, another lead's or another workspace's."""
    lead, other = (add(session, name=name, email=f"{name}@minamo.example") for name in ("a", "b"))
    theirs = _their_lead(session, lead)
    for whose, member_id, reason in (
        (lead, SALES, "first"),
        (lead, None, "last"),
        (other, SALES, "other"),
        (theirs, SALES, "theirs"),
    ):
        records.record_change(session, whose, ChangeKind.SCORED, member_id, NOW, before={"points": 5, "reason": reason})
    records.record_change(session, lead, ChangeKind.EDITED, SALES, NOW, before={"points": 5, "reason": "edited"})
    records.record_change(session, lead, ChangeKind.SCORED, SALES, NOW, before={"points": 5, "reason": "undone"})
    undone = session.scalars(select(Change).order_by(col(Change.id).desc())).first()
    assert undone is not None
    undone.undone_at = NOW
    session.flush()
    found = records.corrections_of(session, lead)
    assert [(one.points, one.reason, one.by, one.at) for one in found] == [
        (5.0, "last", "", NOW), (5.0, "first", f"Person {SALES}", NOW),
    ]  # fmt: skip


def test_snapshot_gives_back_what_was_there(session: Session) -> None:
    """Times and choices are again what they were; its revision only grows, and what is no field is passed over."""
    lead = add(session, name="中村", email="n@minamo.example")
    before = records.snapshot(lead, ["name", "stage", "stage_at", "rev", "owner_id"])
    assert set(before) == {"name", "stage", "stage_at", "rev", "owner_id"}
    before = json.loads(json.dumps(before))
    for name, value in {"name": "x", "stage": Stage.SQL, "stage_at": EARLIER, "rev": 9, "owner_id": SALES}.items():
        setattr(lead, name, value)
    records.restore(lead, {**before, "no_field": 1})
    assert (lead.name, lead.stage, lead.stage_at, lead.rev, lead.owner_id) == ("中村", Stage.INQUIRY, NOW, 9, None)
    assert records.revive(Lead, before) == {
        "name": "中村",
        "stage": Stage.INQUIRY,
        "stage_at": NOW,
        "rev": 1,
        "owner_id": None,
    }


def test_request_is_received_once(session: Session) -> None:
    """In each workspace; its answer is kept to be said again, and a question takes its receipt back."""
    assert records.is_first(session, OURS, "a", NOW)
    assert not records.is_first(session, OURS, "a", NOW)
    assert records.is_first(session, THEIRS, "a", NOW)
    records.receive_once(session, OURS, "b", NOW)
    with pytest.raises(RepeatedRequestError):
        records.receive_once(session, OURS, "b", NOW)
    with pytest.raises(RepeatedRequestError):
        records.refuse_repeated(session, OURS, "b")
    records.refuse_repeated(session, THEIRS, "b")
    records.keep_answer(session, OURS, "a", "done")
    answers = [
        records.answer_given(session, *which) for which in ((OURS, "a"), (OURS, "b"), (THEIRS, "a"), (OURS, "c"))
    ]
    assert answers == ["done", None, None, None]
    assert session.scalar(select(col(Receipt.at)).where(col(Receipt.key) == "b")) == NOW
    records.forget_receipt(session, OURS, "a")
    left = session.scalars(select(Receipt).order_by(col(Receipt.workspace_id)))
    assert [(receipt.workspace_id, receipt.key) for receipt in left] == [(OURS, "b"), (THEIRS, "a")]


def test_slot_of_a_job_is_claimed_once(session: Session) -> None:
    """By workspace, job and slot; one that failed is free again, and of many those are told that nobody had."""
    assert records.run_once(session, OURS, "learn", "W1", NOW)
    assert not records.run_once(session, OURS, "learn", "W1", NOW)
    for workspace_id, job, slot in ((THEIRS, "learn", "W1"), (OURS, "learn", "W2"), (OURS, "tidy", "W1")):
        assert records.run_once(session, workspace_id, job, slot, NOW)
    records.give_back(session, OURS, "learn", "W1")
    assert not records.run_once(session, THEIRS, "learn", "W1", NOW)
    assert not records.run_once(session, OURS, "learn", "W2", NOW)
    assert not records.run_once(session, OURS, "tidy", "W1", NOW)
    assert records.run_all_once(session, OURS, "learn", ["W3", "W2", "W1"], EARLIER) == ["W3", "W1"]
    assert records.run_all_once(session, OURS, "learn", ["W3"], NOW) == []
    assert records.run_all_once(session, THEIRS, "learn", ["W3"], NOW) == ["W3"]
    assert records.run_all_once(session, OURS, "tidy", ["W3"], NOW) == ["W3"]
    run = session.get_one(JobRun, (OURS, "learn", "W3"))
    assert run.at == EARLIER


@pytest.mark.parametrize(("table", "days"), [(Receipt, 7), (Draft, 30), (JobRun, 400)])
def test_what_nothing_asks_for_any_more_is_forgotten(session: Session, table: type[SQLModel], days: int) -> None:
    """Receipts, drafts and job runs, each after its own time; another workspace's are not ours to delete."""
    limit = NOW - timedelta(days=days)
    for workspace_id, at, name in ((OURS, limit, "kept"), (OURS, limit - timedelta(seconds=1), "old"),
                                   (THEIRS, datetime(2020, 1, 1, tzinfo=UTC), "theirs")):  # fmt: skip
        values: dict[str, Any] = {
            Receipt: {"key": name, "at": at},
            Draft: {"member_id": SALES, "typed": name, "created_at": at},
            JobRun: {"job": "tidy", "slot": name, "at": at},
        }[table]
        session.add(table(workspace_id=workspace_id, **values))
    session.flush()
    assert records.count_old_records(session, OURS, NOW) == 1
    assert records.forget_old_records(session, OURS, NOW) == 1
    assert records.count_old_records(session, OURS, NOW) == 0
    left = session.scalars(select(table.__table__.c.workspace_id))  # type: ignore[attr-defined]
    assert sorted(left) == [OURS, THEIRS]
