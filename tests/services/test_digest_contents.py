"""What is in a digest: whose leads, from when to when, for which role, and in which order."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlmodel import Session

from models.delivery import Delivery, DeliveryKind, DeliveryState
from models.facts import Digest
from models.handoff import HandoffState
from models.lead import Outcome, Stage
from models.match_suggestion import MatchSuggestion, Subject
from models.member import Member
from services.digests import digest_of
from tests.services.digest_records import NOW, empty_workspaces, join, put_handoff, put_lead

ME, OTHER = 1, 2
TODAY = date(2026, 11, 24)
MIDNIGHT = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
A_WEEK_AGO = NOW - timedelta(days=7)
MINE: dict[str, Any] = {"stage": Stage.SQL, "owner_id": ME}
MARKETED: dict[str, Any] = {"stage": Stage.INQUIRY, "marketer_id": ME}
RETURNED = {**MARKETED, "is_recycled": True, "returned_at": A_WEEK_AGO + SECOND}
CLAIMED: dict[str, Any] = {"state": HandoffState.CLAIMED, "owner_id": ME, "contact_due_at": NOW}
CLOSED: dict[str, Any] = {"stage": Stage.CLOSED, "outcome": Outcome.WON}


@pytest.fixture
def session(database_url: str) -> Iterator[Session]:
    """A transaction in which I have every role, somebody else is in sales, and another workspace has the same people."""
    with empty_workspaces(database_url) as database, database.write() as session:
        for workspace_id in (1, 2):
            join(session, ME, workspace_id=workspace_id, is_marketing=True, is_manager=True, timezone="Asia/Tokyo")
            join(session, OTHER, workspace_id=workspace_id)
        yield session


def _digest(session: Session, member_id: int = ME) -> Digest:
    session.flush()
    return digest_of(session, session.get_one(Member, (1, member_id)), TODAY, NOW, is_late=False)


def _groups(session: Session) -> set[str]:
    """Return the groups of my digest that have something in them."""
    return {name for name, group in _digest(session).groups.items() if group.count}


@pytest.mark.parametrize(
    ("lead", "groups"),
    [
        ({**MINE, "follow_up_due_at": NOW - timedelta(days=99)}, {"due"}),
        ({**MINE, "follow_up_due_at": MIDNIGHT - SECOND}, {"due"}),
        ({**MINE, "follow_up_due_at": MIDNIGHT}, set()),
        ({**MINE, "owner_id": OTHER, "marketer_id": ME, "follow_up_due_at": NOW}, set()),
        ({**MARKETED, "follow_up_due_at": NOW}, {"due"}),
        ({**MARKETED, "marketer_id": OTHER, "follow_up_due_at": NOW}, set()),
        ({**MINE, "cools_at": NOW + SECOND}, {"hot"}),
        ({**MINE, "cools_at": NOW}, set()),
        ({**MINE, **CLOSED, "cools_at": NOW + SECOND}, set()),
        ({**MINE, "owner_id": OTHER, "cools_at": NOW + SECOND}, set()),
        ({"stage": Stage.INQUIRY, "cools_at": NOW + SECOND}, {"ready"}),
        ({"stage": Stage.INQUIRY, "cools_at": NOW}, set()),
        ({"stage": Stage.MQL, "cools_at": NOW + SECOND}, set()),
        (RETURNED, {"returned"}),
        ({**RETURNED, "returned_at": A_WEEK_AGO}, set()),
        ({**RETURNED, "is_recycled": False}, set()),
        ({**RETURNED, "stage": Stage.MQL}, set()),
        ({**RETURNED, "marketer_id": OTHER}, set()),
        ({**MINE, "dormant_since": NOW}, {"dormant"}),
        ({**MARKETED, "dormant_since": NOW}, {"dormant"}),
        ({**MINE, "owner_id": OTHER, "dormant_since": NOW}, set()),
        (
            {**RETURNED, "workspace_id": 2, "follow_up_due_at": NOW, "dormant_since": NOW, "cools_at": NOW + SECOND},
            set(),
        ),
        ({**MINE, "workspace_id": 2, "follow_up_due_at": NOW, "dormant_since": NOW, "cools_at": NOW + SECOND}, set()),
    ],
)
def test_lead_is_in_the_groups_that_it_belongs_to(session: Session, lead: dict[str, Any], groups: set[str]) -> None:
    """To the second, and the owner's before the marketer's."""
    put_lead(session, 1, **lead)
    assert _groups(session) == groups
    assert _digest(session).owned_count == (
        lead.get("owner_id") == ME and lead["stage"] is Stage.SQL and "workspace_id" not in lead
    )


@pytest.mark.parametrize(
    ("lead", "handoff", "groups"),
    [
        ({"stage": Stage.MQL}, {}, {"overdue", "unclaimed"}),
        ({"stage": Stage.MQL}, {"due_at": NOW + SECOND}, {"unclaimed"}),
        ({"stage": Stage.MQL}, {"state": HandoffState.WITHDRAWN}, set()),
        ({"stage": Stage.MQL, "workspace_id": 2}, {"workspace_id": 2}, set()),
        (MINE, CLAIMED, {"uncontacted"}),
        (MINE, {**CLAIMED, "contact_due_at": None}, set()),
        (MINE, {**CLAIMED, "owner_id": OTHER}, set()),
        ({**MINE, "owner_id": OTHER}, CLAIMED, set()),
        ({**MINE, "workspace_id": 2}, {**CLAIMED, "workspace_id": 2}, set()),
    ],
)
def test_handoff_is_in_the_groups_that_it_belongs_to(
    session: Session, lead: dict[str, Any], handoff: dict[str, Any], groups: set[str]
) -> None:
    """Waiting to be claimed, too long perhaps, or claimed and nobody has called."""
    put_lead(session, 1, **lead)
    put_handoff(session, 1, **handoff)
    assert _groups(session) == groups


def test_contact_is_missed_on_the_lead_that_was_claimed(session: Session) -> None:
    """Not on every lead of whoever has one to call, nor for a handoff of another workspace's."""
    for number in (1, 2):
        put_lead(session, number, **MINE)
        put_lead(session, number, **MINE, workspace_id=2)
    put_handoff(session, 1, **CLAIMED)
    put_handoff(session, 2, **CLAIMED, workspace_id=2)
    group = _digest(session).uncontacted
    assert ([row.lead.id for row in group.rows], group.count) == ([1], 1)


@pytest.mark.parametrize(
    ("roles", "groups"),
    [({"is_sales"}, {"unclaimed"}), ({"is_marketing"}, {"unclaimed", "ready", "returned", "pairs"}),
     ({"is_manager"}, {"overdue", "failed", "pairs"}), (set(), set())],
)  # fmt: skip
def test_role_decides_what_is_everybodys(session: Session, roles: set[str], groups: set[str]) -> None:
    """Offers are for sales and marketing, what marketing may do for marketing, and what is stuck for managers."""
    member = session.get_one(Member, (1, ME))
    for role in ("is_sales", "is_marketing", "is_manager"):
        setattr(member, role, role in roles)
    put_lead(session, 1, stage=Stage.MQL)
    put_handoff(session, 1)
    put_lead(session, 2, cools_at=NOW + SECOND)
    put_lead(session, 3, **RETURNED)
    _put_undelivered(session, A_WEEK_AGO)
    _put_undelivered(session, A_WEEK_AGO - SECOND)
    session.add(
        MatchSuggestion(workspace_id=1, subject=Subject.LEAD, first_id=1, second_id=2, score=90, created_at=NOW)
    )
    digest = _digest(session)
    assert len(digest.failed) == ("failed" in groups)
    assert digest.pair_count == ("pairs" in groups)
    assert _groups(session) == groups - {"failed", "pairs"}


def _put_undelivered(session: Session, at: datetime) -> None:
    session.add(Delivery(workspace_id=1, kind=DeliveryKind.HOT_ALERT, key=str(at), subject_id=1, channel_slack_id="C1",
                         state=DeliveryState.FAILED, next_attempt_at=at, created_at=at))  # fmt: skip


@pytest.mark.parametrize(
    ("group", "lead", "order"),
    [
        ("due", lambda at: {**MINE, "follow_up_due_at": at}, 1),
        ("uncontacted", lambda at: {**MINE, "stage_at": at}, 1),
        ("ready", lambda at: {"cools_at": at + timedelta(days=1)}, -1),
        ("returned", lambda at: {**RETURNED, "returned_at": at}, -1),
        ("hot", lambda at: {**MINE, "cools_at": at + timedelta(days=1)}, -1),
        ("dormant", lambda at: {**MINE, "dormant_since": at}, -1),
    ],
)
def test_most_urgent_leads_are_shown(session: Session, group: str, lead: Any, order: int) -> None:
    """Three of four: what was due, or waits, longest; what is hottest; what happened last."""
    for number, minutes in ((1, 2), (2, 4), (3, 1), (4, 3)):
        put_lead(session, number, **lead(NOW - timedelta(minutes=minutes)))
        if group == "uncontacted":
            put_handoff(session, number, **CLAIMED)
    found = _digest(session).groups[group]
    assert [row.lead.id for row in found.rows] == [2, 4, 1, 3][::order][:3]
    assert found.count == 4


def test_offers_that_wait_longest_are_shown(session: Session) -> None:
    """By when they are due, then by when they were made."""
    for number, seconds in ((1, 3), (2, 2), (3, 3), (4, 1)):
        put_lead(session, number, stage=Stage.MQL)
        put_handoff(session, number, id=10 - number, due_at=NOW - seconds * SECOND)
    digest = _digest(session)
    for group in (digest.overdue, digest.unclaimed):
        assert ([row.lead.id for row in group.rows], group.count) == ([3, 1, 2], 4)


@pytest.mark.parametrize("is_late", [False, True])
def test_digest_says_whose_and_of_which_day_it_is(session: Session, is_late: bool) -> None:
    """And whether it comes late."""
    member = session.get_one(Member, (1, OTHER))
    digest = digest_of(session, member, TODAY, NOW, is_late=is_late)
    assert (digest.member, digest.on, digest.is_late, digest.is_empty) == (member, TODAY, is_late, True)
