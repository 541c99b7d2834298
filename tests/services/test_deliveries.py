"""What is written down of messages, in a database with two workspaces: whose they are, which is meant, what is due again."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from sqlalchemy import select
from sqlmodel import Session, col

from models.database import Database
from models.delivery import Delivery, DeliveryKind, DeliveryState, Mention
from models.lead import Lead
from models.workspace import Workspace
from services import deliveries
from tests.services.office_records import NOW, add, records_at

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
    with database.write() as session:
        deliveries.refresh(session, OURS, CARD, 7)
    assert len(woken) == 5


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


def test_message_goes_where_and_to_whom_it_was_asked_for(outbox: Outbox) -> None:
    """One, in a thread and for one pair of eyes; and many of a kind, each about something else."""
    parent_id = outbox.put(state=SENT)
    deliveries.want(outbox.session, OURS, CARD, 8, "C8", NOW, about="today", only_to="U8", parent_id=parent_id)
    deliveries.want_all(outbox.session, OURS, ALERT, [(9, "C9", "a"), (9, "C9", "b"), (10, "C10", "a")], NOW)
    deliveries.want_all(outbox.session, OURS, ALERT, [(9, "C9", "a")], NOW)
    one, *many = deliveries.undelivered(outbox.session, OURS)
    assert (one.kind, one.key, one.subject_id, one.about) == (CARD, "handoff_card:8:today", 8, "today")
    assert (one.channel_slack_id, one.only_to_slack_id, one.parent_id, one.created_at) == ("C8", "U8", parent_id, NOW)
    assert [(row.kind, row.key, row.subject_id, row.about, row.channel_slack_id) for row in many] == [
        (ALERT, "hot_alert:9:a", 9, "a", "C9"), (ALERT, "hot_alert:9:b", 9, "b", "C9"), (ALERT, "hot_alert:10:a", 10, "a", "C10"),
    ]  # fmt: skip
    assert {(row.wanted_rev, row.state, row.next_attempt_at, row.created_at) for row in many} == {
        (1, PENDING, deliveries.AT_ONCE, NOW)
    }


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
    assert deliveries.retry(outbox.session, OURS, unknown)
    assert outbox.get(failed).state is FAILED
    assert [deliveries.retry(outbox.session, OURS, row_id) for row_id in (failed, waiting, theirs)] == [
        True,
        False,
        False,
    ]
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


def test_messages_that_name_a_lead_are_counted_and_emptied(outbox: Outbox) -> None:
    """About the lead or a handoff of it, or noted to mention it; not another lead's, nor another workspace's."""
    session = outbox.session
    lead, other = (add(session, name=name, email=f"{name}@minamo.example") for name in ("a", "b"))
    about_it, about_its_handoff = (
        outbox.put(kind=ALERT, subject_id=lead.id, slack_ts="1.1", sent_at=NOW),
        outbox.put(subject_id=7, slack_ts="1.2", sent_at=NOW),
    )
    mentions = outbox.put(subject_id=8, only_to_slack_id="U1", sent_at=NOW)
    others = [
        outbox.put(subject_id=8, slack_ts="1.3"),
        outbox.put(subject_id=other.id, only_to_slack_id="U1", sent_at=NOW),
    ]
    outbox.put(subject_id=7, only_to_slack_id="U1")
    theirs = outbox.put(subject_id=7, slack_ts="1.1", workspace_id=THEIRS)
    assert deliveries.note_mentions(session, outbox.get(mentions), {lead.id, other.id})
    assert deliveries.note_mentions(session, outbox.get(mentions), {lead.id})
    assert deliveries.note_mentions(session, outbox.get(others[0]), {other.id})
    session.add(Lead(workspace_id=THEIRS, id=lead.id, number=1, name="a", stage_at=NOW, created_at=NOW, updated_at=NOW))
    session.flush()
    session.add(Mention(workspace_id=THEIRS, lead_id=lead.id, delivery_id=others[0]))
    session.flush()
    assert deliveries.count_naming(session, OURS, lead.id, [7]) == (2, 1)
    deliveries.erase_naming(session, OURS, lead.id, [7], 3)
    for row_id in (about_it, about_its_handoff, mentions):
        row = outbox.get(row_id)
        assert (row.erasure_id, row.state, row.wanted_rev, row.next_attempt_at) == (3, PENDING, 2, deliveries.AT_ONCE)
    assert {outbox.get(row_id).erasure_id for row_id in others} == {None}
    assert outbox.get(theirs, THEIRS).erasure_id is None


def _leased(outbox: Outbox, limit: int = 9) -> list[int]:
    return [row.id for row in deliveries.lease_due(outbox.session, OURS, NOW, limit)]


def test_messages_are_leased_in_their_order(outbox: Outbox) -> None:
    """Those due first, of the same moment those asked for first; no more than wanted."""
    third, second, first = (outbox.put(next_attempt_at=NOW - timedelta(seconds=age)) for age in (0, 1, 2))
    fourth, same = outbox.put(next_attempt_at=NOW - timedelta(seconds=1)), outbox.put(next_attempt_at=NOW)
    assert _leased(outbox, 2) == sorted([first, fourth])
    assert _leased(outbox, 2) == sorted([second, same])
    assert _leased(outbox) == [third]
    assert _leased(outbox) == []


def test_lease_is_this_process_alone_and_for_a_minute(outbox: Outbox) -> None:
    """A message of a process that died comes back doubtful; one that is new, or was held, is not."""
    new, dead = (
        outbox.put(next_attempt_at=NOW),
        outbox.put(next_attempt_at=NOW, leased_until=NOW - timedelta(seconds=1), lease="old"),
    )
    doubtful = outbox.put(next_attempt_at=NOW, is_doubtful=True)
    for values in (
        {"leased_until": NOW, "lease": "others"},
        {"state": SENT},
        {"next_attempt_at": NOW + timedelta(seconds=1)},
        {"workspace_id": THEIRS},
    ):
        outbox.put(**{"next_attempt_at": NOW, **values})
    outbox.session.add(Delivery(**outbox.get(new).model_dump() | {"workspace_id": THEIRS}))
    outbox.session.flush()
    rows = {row.id: row for row in deliveries.lease_due(outbox.session, OURS, NOW, 9)}
    assert {row_id: row.is_doubtful for row_id, row in rows.items()} == {new: False, dead: True, doubtful: True}
    assert {row.leased_until for row in rows.values()} == {NOW + timedelta(seconds=deliveries.LEASE_SECONDS)}
    (lease,) = {row.lease for row in rows.values()}
    assert lease not in {None, "", "old", "others"}
    assert outbox.get(new, THEIRS).lease is None


@pytest.mark.parametrize(
    ("parent", "waits"),
    [({}, True), ({"slack_ts": "1.1"}, False), ({"state": FAILED}, False), ({"workspace_id": THEIRS}, False)],
)
def test_reply_waits_while_its_card_is_on_its_way(outbox: Outbox, parent: dict[str, Any], waits: bool) -> None:
    """Not for one that stands, or never will; nor for anybody else's."""
    parent_id = outbox.put(**parent)
    outbox.put()
    reply = outbox.put(next_attempt_at=NOW, parent_id=parent_id)
    assert _leased(outbox) == ([] if waits else [reply])


def test_lease_that_was_lost_is_not_renewed_and_nothing_is_written_by_it(outbox: Outbox) -> None:
    """Another process has the message; and another workspace's of the same number is another one."""
    row_id = outbox.put(lease="ours", leased_until=NOW)
    outbox.session.add(Delivery(**outbox.get(row_id).model_dump() | {"workspace_id": THEIRS}))
    outbox.session.flush()
    mine, lost = outbox.get(row_id), outbox.get(row_id).model_copy(update={"lease": "lost"})
    assert not deliveries.renew_lease(outbox.session, lost, NOW)
    deliveries.mark_dropped(outbox.session, lost)
    assert (outbox.get(row_id).state, outbox.get(row_id).leased_until) == (PENDING, NOW)
    assert deliveries.renew_lease(outbox.session, mine, NOW)
    assert outbox.get(row_id).leased_until == NOW + timedelta(seconds=deliveries.LEASE_SECONDS)
    deliveries.mark_dropped(outbox.session, mine)
    row, theirs = outbox.get(row_id), outbox.get(row_id, THEIRS)
    assert (row.state, row.lease, row.leased_until) == (DeliveryState.DROPPED, None, None)
    assert (theirs.state, theirs.lease, theirs.leased_until) == (PENDING, "ours", NOW)


def test_outcome_of_an_attempt_is_written_down(outbox: Outbox) -> None:
    """Sent, refused, to be tried again or held: each with what the next attempt needs to know."""
    held: dict[str, Any] = {
        "lease": "ours",
        "leased_until": LATER,
        "error": "before",
        "attempts": 3,
        "is_doubtful": True,
    }
    sent, failed, again, certain, untried, found = (outbox.get(outbox.put(**held)) for _ in range(6))
    certain.is_doubtful = False
    session, soon = outbox.session, NOW + timedelta(seconds=5)
    deliveries.mark_sent(session, sent, "C9", "1.1", NOW)
    deliveries.mark_failed(session, failed, "is_archived")
    deliveries.postpone(session, again, soon, "http_500", is_doubtful=False)
    deliveries.postpone(session, certain, soon, "http_500", is_doubtful=True)
    deliveries.hold(session, untried, soon)
    deliveries.mark_found(session, found, "C9", "1.2")

    def written(row: Delivery) -> tuple[Any, ...]:
        row = outbox.get(row.id)
        return (row.state, row.error, row.attempts, row.next_attempt_at, row.is_doubtful, row.slack_ts, row.lease)

    assert written(sent) == (SENT, "", 0, LATER, False, "1.1", None)
    assert (outbox.get(sent.id).posted_channel_slack_id, outbox.get(sent.id).sent_rev, outbox.get(sent.id).sent_at) == (
        "C9",
        1,
        NOW,
    )
    assert written(failed) == (FAILED, "is_archived", 3, LATER, True, None, None)
    assert written(again) == (PENDING, "http_500", 4, soon, True, None, None)
    assert written(certain) == (PENDING, "http_500", 4, soon, True, None, None)
    assert written(untried) == (PENDING, "before", 3, soon, True, None, None)
    assert written(found) == (PENDING, "before", 3, LATER, False, "1.2", "ours")
    assert outbox.get(found.id).posted_channel_slack_id == "C9"


def test_what_was_asked_for_during_an_attempt_is_still_to_be_shown(outbox: Outbox) -> None:
    """Sent is the revision that was leased; the message is due again for the one after it."""
    row_id = outbox.put(lease="ours", leased_until=LATER)
    leased = outbox.get(row_id).model_copy()
    deliveries.refresh(outbox.session, OURS, CARD, 7)
    deliveries.mark_sent(outbox.session, leased, "C1", "1.1", NOW)
    row = outbox.get(row_id)
    assert (row.state, row.sent_rev, row.wanted_rev, row.slack_ts) == (PENDING, 1, 2, "1.1")


def test_pauses_between_attempts_grow_to_two_minutes() -> None:
    """And no further: a message is there minutes after Slack is back."""
    assert [deliveries.backoff_seconds(attempts) for attempts in (*range(8), 99)] == [
        1,
        2,
        5,
        10,
        30,
        60,
        120,
        120,
        120,
    ]


@pytest.mark.parametrize(
    ("values", "is_so"),
    [
        ({}, True),
        ({"next_attempt_at": NOW + timedelta(seconds=1)}, False),
        ({"state": FAILED}, False),
        ({"workspace_id": THEIRS}, False),
    ],
)
def test_something_is_due_by_a_moment(outbox: Outbox, values: dict[str, Any], is_so: bool) -> None:
    """It waits, in this workspace, and no longer than that."""
    outbox.put(**{"next_attempt_at": NOW, **values})
    assert deliveries.waits_until(outbox.session, OURS, NOW) is is_so
