"""What stands in a message's row while it is on its way: whose it is, when it is due again, how it is asked for anew."""

from datetime import UTC, datetime, timedelta

import pytest

from models.delivery import Delivery, DeliveryKind, DeliveryState
from playground.seed import MARKETING, SALES
from services import deliveries
from tests.jobs.outbox import POST, claim, offer, outbox, posted, run_again
from tests.office import Office

CARD = DeliveryKind.HANDOFF_CARD


def _lease(office: Office, now: datetime, limit: int = 9) -> list[Delivery]:
    with office.bot.database.write() as session:
        return deliveries.lease_due(session, office.bot.workspace_id, now, limit)


def test_lease_lasts_a_minute_and_the_oldest_go_first(office: Office) -> None:
    """Not more than asked for, nobody else's within the minute, and doubtful when it is over."""
    for _ in range(3):
        offer(office)
    ids, now = [row.id for row in outbox(office)], datetime.now(UTC)
    first = _lease(office, now, limit=2)
    rest = _lease(office, now)
    assert ([row.id for row in first], [row.id for row in rest]) == (ids[:2], ids[2:])
    assert {row.leased_until for row in [*first, *rest]} == {now + timedelta(minutes=1)}
    assert not any(row.is_doubtful for row in [*first, *rest])
    assert len({first[0].lease, rest[0].lease, None}) == 3
    assert _lease(office, now + timedelta(minutes=1)) == []
    taken_over = _lease(office, now + timedelta(minutes=1, microseconds=1))
    assert [(row.id, row.is_doubtful) for row in taken_over] == [(row_id, True) for row_id in ids]


def test_message_is_due_from_its_time_on(office: Office) -> None:
    """A renewed lease lasts from the renewal; what is held comes back at its time, to the microsecond."""
    offer(office)
    now = datetime.now(UTC)
    (row,) = _lease(office, now)
    with office.bot.database.write() as session:
        assert deliveries.renew_lease(session, row, now + timedelta(seconds=30))
    assert outbox(office)[0].leased_until == now + timedelta(seconds=90)
    with office.bot.database.write() as session:
        deliveries.hold(session, row, now + timedelta(seconds=5))
    assert _lease(office, now + timedelta(seconds=5, microseconds=-1)) == []
    assert [due.id for due in _lease(office, now + timedelta(seconds=5))] == [row.id]


def test_failed_attempts_wait_longer_each_time(small_office: Office) -> None:
    """The token is refused: 1, 2, 5 seconds, counted and with the reason; what is sent at last has neither."""
    offer(small_office)
    small_office.workspace.installation.is_active = False
    for attempts, seconds in ((1, 1), (2, 2), (3, 5)):
        before = datetime.now(UTC)
        run_again(small_office)
        (row,) = outbox(small_office, CARD)
        assert (row.attempts, row.error, row.is_doubtful) == (attempts, "account_inactive", False)
        assert row.next_attempt_at - datetime.now(UTC) <= timedelta(seconds=seconds) <= row.next_attempt_at - before
    small_office.workspace.installation.is_active = True
    run_again(small_office)
    (row,) = outbox(small_office, CARD)
    assert (row.attempts, row.error, row.sent_at) == (0, "", small_office.clock())
    assert (row.lease, row.leased_until, row.posted_channel_slack_id) == (None, None, SALES)


def test_waiting_grows_to_two_minutes() -> None:
    """However long Slack was away, the card is there minutes after it is back."""
    assert [deliveries.backoff_seconds(attempts) for attempts in range(9)] == [1, 2, 5, 10, 30, 60, 120, 120, 120]


def test_lost_answer_waits_until_slack_can_show_the_message(small_office: Office) -> None:
    """Ten seconds, though the first pause would be one."""
    offer(small_office)
    small_office.workspace.faults.drop_after(POST)
    before = datetime.now(UTC)
    small_office.bot.deliverer.run()
    (row,) = outbox(small_office, CARD)
    assert row.is_doubtful
    assert row.next_attempt_at - datetime.now(UTC) <= timedelta(seconds=10) <= row.next_attempt_at - before


@pytest.mark.parametrize("is_lost", [False, True])
def test_card_is_known_to_be_on_its_way(office: Office, is_lost: bool) -> None:
    """From its lease until its place is stored: a hand that is raised meanwhile may be meant for it."""
    seen: list[tuple[bool, bool, bool]] = []

    def look() -> None:
        with office.bot.database.read() as session:
            seen.append(tuple(  # type: ignore[arg-type]
                deliveries.is_posting(session, office.bot.workspace_id, kind, channel)
                for kind, channel in ((CARD, SALES), (CARD, MARKETING), (DeliveryKind.HANDOFF_REMINDER, SALES))
            ))  # fmt: skip

    original = office.bot.client.chat_postMessage

    def look_meanwhile(**arguments: object) -> object:
        look()
        return original(**arguments)  # type: ignore[arg-type]

    office.bot.client.chat_postMessage = look_meanwhile  # type: ignore[method-assign,assignment]
    offer(office)
    look()
    if is_lost:
        office.workspace.faults.drop_after(POST)
    office.bot.deliverer.run()
    look()
    run_again(office)
    claim(office, "L-1")
    look()
    nothing, card = (False, False, False), (True, False, False)
    assert seen == [nothing, card, card if is_lost else nothing, nothing]


def test_invited_again_baton_posts_what_that_channel_had_refused(small_office: Office) -> None:
    """And nothing else: what Slack refused for another reason stays refused."""
    office, bot = small_office, small_office.workspace.bot.id
    offer(office)
    office.workspace.faults.refuse(POST, "invalid_blocks")
    office.bot.deliverer.run()
    offer(office)
    office.workspace.leave(SALES, bot)
    office.server.settle()
    office.bot.deliverer.run()
    assert [row.error for row in outbox(office, CARD)] == ["invalid_blocks", "not_in_channel"]
    office.workspace.join(MARKETING, bot)
    office.server.settle()
    assert [row.state for row in outbox(office, CARD)] == [DeliveryState.FAILED] * 2
    woken: list[bool] = []
    office.bot.database.on_wake = lambda: woken.append(True)
    office.workspace.join(SALES, bot)
    office.server.settle()
    assert woken
    assert office.bot.deliverer.run() == 1
    assert [row.state for row in outbox(office, CARD)] == [DeliveryState.FAILED, DeliveryState.SENT]


def test_everything_refused_is_sent_again_and_nothing_unknown(office: Office) -> None:
    """The unknown one needs somebody to look, and then goes out without being looked up."""
    for _ in range(3):
        offer(office)
    unknown, *refused = _lease(office, datetime.now(UTC))
    with office.bot.database.write() as session:
        deliveries.mark_unknown(session, unknown, "TimeoutError")
        for row in refused:
            deliveries.mark_failed(session, row, "is_archived")
    with office.bot.database.write() as session:
        assert deliveries.retry_all(session, office.bot.workspace_id) == 2
        assert not deliveries.retry(session, office.bot.workspace_id, refused[0].id)
    assert [row.state for row in outbox(office)] == [DeliveryState.UNKNOWN, *[DeliveryState.PENDING] * 2]
    with office.bot.database.write() as session:
        assert deliveries.retry(session, office.bot.workspace_id, unknown.id)
    assert office.bot.deliverer.run() == 3
    assert len(posted(office)) == 3
    assert office.workspace.calls.of("conversations.history") == []
