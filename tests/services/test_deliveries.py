"""What is written down of messages, in a database with two workspaces: whose they are, which is meant, what is due again."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from sqlalchemy import select
from sqlmodel import Session, col

from models.database import Database
from models.delivery import Delivery, DeliveryKind, DeliveryState
from models.workspace import Workspace
from services import deliveries
from tests.services.office_records import NOW, records_at

CARD, ALERT = DeliveryKind.HANDOFF_CARD, DeliveryKind.HOT_ALERT
PENDING, FAILED, UNKNOWN, SENT = (
    DeliveryState.PENDING, DeliveryState.FAILED, DeliveryState.UNKNOWN, DeliveryState.SENT,
)  # fmt: skip
OURS, THEIRS = 1, 2
LATER = NOW + timedelta(days=1)


class Outbox:
    """Messages as a test wants them, written and read in one transaction."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self._numbers = count(1)

    def put(self, **values: Any) -> int:
        """Write a message, ours unless it says otherwise; return its id. Later ones have lower ids."""
        number = next(self._numbers)
        row_id = 1000 - number
        given = {
            "workspace_id": OURS, "id": row_id, "kind": CARD, "subject_id": 7, "channel_slack_id": "C1", "created_at": NOW,
            "next_attempt_at": LATER, "attempts": 5, "key": f"test:{number}", **values,
        }  # fmt: skip
        self.session.add(Delivery(**given))
        self.session.flush()
        return row_id

    def get(self, row_id: int, workspace_id: int = OURS) -> Delivery:
        self.session.expire_all()
        return self.session.scalars(
            select(Delivery).where(col(Delivery.workspace_id) == workspace_id, col(Delivery.id) == row_id)
        ).one()


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A database that another workspace shares with ours."""
    with records_at(database_url) as database:
        with database.write() as session:
            session.add(Workspace(id=THEIRS, slack_id="T2", created_at=NOW))
        yield database


@pytest.fixture
def outbox(database: Database) -> Iterator[Outbox]:
    """An empty outbox, in a transaction that stays open until the test ends."""
    with database.write() as session:
        yield Outbox(session)


def test_whatever_asks_for_messages_wakes_the_deliverer(database: Database) -> None:
    """One, many, or one again that was refused."""
    woken: list[str] = []
    database.on_wake = lambda: woken.append("woken")
    with database.write() as session:
        deliveries.want(session, OURS, CARD, 7, "C1", NOW)
    with database.write() as session:
        deliveries.want_all(session, OURS, ALERT, [(7, "C1", "")], NOW)
    with database.write() as session:
        deliveries.want_all(session, OURS, ALERT, [], NOW)
    assert len(woken) == 2
    with database.write() as session:
        deliveries.retry_all(session, OURS)
    assert len(woken) == 3
    with database.write() as session:
        deliveries.erase_naming(session, OURS, 7, [], 3)
    assert len(woken) == 4


def test_message_asked_for_again_is_the_same_one(outbox: Outbox) -> None:
    """What it is about tells messages of one row apart; asked for again, it is to be updated at once."""
    for about in ("", "", "tomorrow"):
        deliveries.want(outbox.session, OURS, CARD, 7, "C1", NOW, about=about)
    deliveries.want(outbox.session, THEIRS, CARD, 7, "C1", NOW)
    deliveries.want(outbox.session, OURS, CARD, 7, "C1", NOW)
    rows = deliveries.undelivered(outbox.session, OURS)
    assert [(row.about, row.wanted_rev, row.next_attempt_at) for row in rows] == [
        ("", 3, deliveries.AT_ONCE), ("tomorrow", 1, deliveries.AT_ONCE),
    ]  # fmt: skip


@pytest.mark.parametrize("about", [None, "tomorrow"])
def test_messages_about_a_changed_row_are_to_show_it(outbox: Outbox, about: str | None) -> None:
    """Every one of its kind, or the one that is named; not another row's, kind's or workspace's. A doubtful one waits."""
    same: dict[str, Any] = {"state": SENT, "about": "tomorrow"}
    meant, doubtful = outbox.put(**same), outbox.put(**same, is_doubtful=True)
    today = outbox.put(**same | {"about": "today"})
    others = [outbox.put(**same | values) for values in ({"kind": ALERT}, {"subject_id": 8})]
    theirs = outbox.put(**same, workspace_id=THEIRS)
    deliveries.refresh(outbox.session, OURS, CARD, 7, about=about)
    row = outbox.get(meant)
    assert (row.state, row.wanted_rev, row.attempts, row.next_attempt_at) == (PENDING, 2, 0, deliveries.AT_ONCE)
    assert outbox.get(doubtful).next_attempt_at == LATER
    assert outbox.get(today).state is (PENDING if about is None else SENT)
    assert {outbox.get(other).state for other in others} == {SENT}
    assert outbox.get(theirs, THEIRS).state is SENT


def test_first_message_of_its_kind_about_a_row_is_found(outbox: Outbox) -> None:
    """Not another workspace's, kind's or row's."""
    outbox.put()
    first = outbox.put()
    outbox.put(workspace_id=THEIRS)
    outbox.put(kind=ALERT)
    outbox.put(subject_id=8)
    found = deliveries.find_delivery(outbox.session, OURS, CARD, 7)
    assert found is not None
    assert found.id == first
    assert deliveries.find_delivery(outbox.session, OURS, ALERT, 8) is None


def test_very_message_is_known_to_have_been_wanted(outbox: Outbox) -> None:
    """By kind, row and what it is about, in one workspace."""
    deliveries.want(outbox.session, THEIRS, CARD, 7, "C1", NOW, about="theirs")
    deliveries.want(outbox.session, OURS, CARD, 7, "C1", NOW, about="ours")
    assert deliveries.was_wanted(outbox.session, OURS, CARD, 7, "ours")
    for kind, subject, about in ((CARD, 7, "theirs"), (CARD, 7, ""), (CARD, 8, "ours"), (ALERT, 7, "ours")):
        assert not deliveries.was_wanted(outbox.session, OURS, kind, subject, about)


def test_message_is_found_by_where_it_stands(outbox: Outbox) -> None:
    """Slack's `ts` is a channel's own."""
    place: dict[str, Any] = {"slack_ts": "1.1", "posted_channel_slack_id": "C1"}
    outbox.put(workspace_id=THEIRS, **place)
    outbox.put(**place | {"slack_ts": "1.2"})
    outbox.put(**place | {"posted_channel_slack_id": "C2"})
    assert deliveries.find_by_message(outbox.session, OURS, "C1", "1.1") is None
    ours = outbox.put(**place)
    found = deliveries.find_by_message(outbox.session, OURS, "C1", "1.1")
    assert found is not None
    assert found.id == ours


@pytest.mark.parametrize(
    ("values", "is_so"),
    [({}, True), ({"leased_until": None, "is_doubtful": True}, True), ({"leased_until": None}, False),
     ({"workspace_id": THEIRS}, False), ({"state": SENT}, False), ({"slack_ts": "1.1"}, False), ({"kind": ALERT}, False),
     ({"channel_slack_id": "C2"}, False)],
)  # fmt: skip
def test_message_on_its_way_is_recognised(outbox: Outbox, values: dict[str, Any], is_so: bool) -> None:
    """Being sent, or perhaps sent, and not known to stand anywhere yet."""
    outbox.put(**{"leased_until": NOW, **values})
    assert deliveries.is_posting(outbox.session, OURS, CARD, "C1") is is_so


def test_message_that_was_deleted_is_posted_anew_at_once(outbox: Outbox) -> None:
    """Nothing is left of where it stood."""
    row_id = outbox.put(slack_ts="1.1", posted_channel_slack_id="C1", sent_rev=1, lease="ours", leased_until=LATER)
    deliveries.mark_gone(outbox.session, outbox.get(row_id))
    row = outbox.get(row_id)
    assert (row.slack_ts, row.posted_channel_slack_id, row.sent_rev) == (None, None, 0)
    assert (row.state, row.next_attempt_at, row.leased_until) == (PENDING, deliveries.AT_ONCE, None)


def test_why_nobody_can_tell_is_kept(outbox: Outbox) -> None:
    """A manager reads it."""
    row_id = outbox.put(lease="ours", leased_until=LATER)
    deliveries.mark_unknown(outbox.session, outbox.get(row_id), "TimeoutError")
    row = outbox.get(row_id)
    assert (row.state, row.error) == (UNKNOWN, "TimeoutError")


def test_oldest_undelivered_message_comes_first(outbox: Outbox) -> None:
    """What waits, is unknown or was refused, in this workspace."""
    ids = [outbox.put(state=state) for state in (PENDING, UNKNOWN, FAILED)]
    outbox.put(state=SENT)
    outbox.put(workspace_id=THEIRS)
    assert [row.id for row in deliveries.undelivered(outbox.session, OURS)] == sorted(ids)


@pytest.mark.parametrize("error", ["not_in_channel", "channel_not_found"])
def test_channel_that_lets_baton_in_gets_what_it_had_refused(outbox: Outbox, error: str) -> None:
    """At once and from the first attempt; other channels, reasons and workspaces wait for somebody."""
    refused: dict[str, Any] = {"state": FAILED, "error": error}
    meant = outbox.put(**refused, is_doubtful=True)
    others = [
        outbox.put(**refused | values)
        for values in ({"channel_slack_id": "C2"}, {"error": "is_archived"}, {"state": UNKNOWN}, {"state": SENT})
    ]
    theirs = outbox.put(**refused, workspace_id=THEIRS)
    deliveries.retry_in(outbox.session, OURS, "C1")
    row = outbox.get(meant)
    assert (row.state, row.next_attempt_at, row.attempts, row.is_doubtful) == (PENDING, deliveries.AT_ONCE, 0, True)
    assert {outbox.get(other).attempts for other in others} == {5}
    assert outbox.get(theirs, THEIRS).state is FAILED


def test_unknown_message_that_somebody_wants_again_is_not_looked_up(outbox: Outbox) -> None:
    """They have looked; one that was refused may still have been sent before. What is not stuck is left alone."""
    unknown, failed = (outbox.put(state=state, is_doubtful=True) for state in (UNKNOWN, FAILED))
    waiting, theirs = outbox.put(), outbox.put(workspace_id=THEIRS, state=FAILED)
    asked = [deliveries.retry(outbox.session, OURS, row_id) for row_id in (unknown, failed, waiting, theirs)]
    assert asked == [True, True, False, False]
    rows = [outbox.get(row_id) for row_id in (unknown, failed)]
    assert [(row.state, row.next_attempt_at, row.attempts) for row in rows] == [(PENDING, deliveries.AT_ONCE, 0)] * 2
    assert [row.is_doubtful for row in rows] == [False, True]
    assert outbox.get(waiting).next_attempt_at == LATER


def test_managers_look_at_what_is_stuck_the_oldest_first(outbox: Outbox) -> None:
    """From a time on, in this workspace; what only one person was to see is no manager's."""
    ids = [outbox.put(state=state) for state in (UNKNOWN, FAILED)]
    outbox.put()
    outbox.put(state=FAILED, workspace_id=THEIRS)
    outbox.put(state=FAILED, only_to_slack_id="U1")
    outbox.put(state=FAILED, created_at=NOW - timedelta(microseconds=1))
    assert [row.id for row in deliveries.stuck(outbox.session, OURS, NOW)] == sorted(ids)


def test_messages_of_one_erasure_are_counted(outbox: Outbox) -> None:
    """By their states: those that still name somebody, and those that no longer do."""
    for state in (PENDING, PENDING, SENT, FAILED):
        outbox.put(erasure_id=3, state=state)
    outbox.put(erasure_id=4)
    outbox.put(erasure_id=3, workspace_id=THEIRS)
    outbox.put()
    counted = [deliveries.count_erased(outbox.session, OURS, 3, states) for states in ([PENDING], [SENT, FAILED])]
    assert counted == [2, 2]


def test_lead_that_is_gone_cannot_be_mentioned(outbox: Outbox) -> None:
    """The message about it is made anew, without it."""
    row = outbox.get(outbox.put())
    assert not deliveries.note_mentions(outbox.session, row, [99])
    assert deliveries.note_mentions(outbox.session, row, [])
