"""A message leaves: posted once, shown as its row is now, whatever Slack does meanwhile."""

import itertools
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from socket import gaierror
from types import SimpleNamespace
from typing import Any
from urllib.error import URLError

import pytest
from slack_sdk.errors import SlackApiError
from sqlalchemy import update

from jobs.deliver import HISTORY_PAGE, LOOKED_THROUGH, Fault, SharedChannelError, UnrenderableError, judge
from jobs.table import JOBS, run_job
from models.base import made_at
from models.database import make_engine
from models.delivery import Delivery, DeliveryKind, DeliveryState
from models.errors import BusyError
from playground.faults import Faults
from playground.seed import AOKI, MARKETING, PARTNERS, SALES
from services import deliveries
from tests.forks import fork
from tests.jobs.outbox import (
    POST,
    UPDATE,
    another_deliverer,
    assign,
    become_overdue,
    claim,
    end_leases,
    offer,
    outbox,
    posted,
    run_again,
    told_managers,
)
from tests.journeys.steps import NAKAMURA
from tests.office import MORNING, Office

CARD, REMINDER = DeliveryKind.HANDOFF_CARD, DeliveryKind.HANDOFF_REMINDER

Plan = Callable[[Faults], None]

LOST_ANSWERS: dict[str, Plan] = {
    "500 before the work": lambda faults: faults.server_error(POST),
    "500 after the work": lambda faults: faults.server_error(POST, after_work=True),
    "a page before the work": lambda faults: faults.garbage(POST),
    "a page after the work": lambda faults: faults.garbage(POST, after_work=True),
    "a list after the work": lambda faults: faults.garbage(POST, body="[]", after_work=True),
    "an empty answer after the work": lambda faults: faults.garbage(POST, body='{"ok": true}', after_work=True),
    "cut before the work": lambda faults: faults.drop_before(POST),
    "cut after the work": lambda faults: faults.drop_after(POST),
    "silence after the work": lambda faults: faults.hang(POST, 0.4, after_work=True),
    "internal_error": lambda faults: faults.refuse(POST, "internal_error"),
}


def test_card_is_posted_once_and_updated_in_place(office: Office) -> None:
    """One card per handoff: a claim changes it where it stands, and running again sends nothing."""
    label = offer(office)
    office.deliver()
    claim(office, label)
    office.deliver()
    assert office.bot.deliverer.run() == 0
    (card,) = posted(office)
    assert "青木" in card.text
    assert len(office.workspace.calls.of(POST)) == 1
    (row,) = outbox(office, CARD)
    assert (row.state, row.sent_rev, row.slack_ts) == (DeliveryState.SENT, row.wanted_rev, card.ts)


def test_card_claimed_while_slack_was_down_shows_the_claim(small_office: Office) -> None:
    """What was said meanwhile is not said afterwards: the card comes as the handoff is then."""
    label = offer(small_office)
    small_office.workspace.faults.server_error(POST, 503, times=2)
    small_office.bot.deliverer.run()
    claim(small_office, label)
    run_again(small_office)
    assert posted(small_office) == []
    run_again(small_office)
    (card,) = posted(small_office)
    assert "青木" in card.text
    assert "handoff.claim" not in str(card.blocks)


def test_handoff_withdrawn_before_posting_is_never_posted(small_office: Office) -> None:
    """Marketing took it back before the channel heard of it."""
    label = offer(small_office)
    small_office.say(small_office.tanaka, f"withdraw {label}")
    run_again(small_office)
    assert small_office.workspace.calls.of(POST) == []
    assert outbox(small_office, CARD)[0].state is DeliveryState.DROPPED


def test_handoff_withdrawn_after_a_lost_answer_shows_that_in_place(small_office: Office) -> None:
    """The card may stand although nobody told us: it is found and changed, not left with its button."""
    label = offer(small_office)
    small_office.workspace.faults.drop_after(POST)
    small_office.bot.deliverer.run()
    small_office.say(small_office.tanaka, f"withdraw {label}")
    run_again(small_office)
    (card,) = posted(small_office)
    assert "handoff.claim" not in str(card.blocks)


def test_rolled_back_handoff_is_never_posted(office: Office) -> None:
    """What was not committed wakes nobody and sends nothing."""
    offer(office)
    office.deliver()
    woken: list[bool] = []
    office.bot.database.on_wake = lambda: woken.append(True)
    with pytest.raises(ZeroDivisionError):
        _want_and_fail(office)
    assert office.bot.deliverer.run() == 0
    assert (len(posted(office)), woken) == (1, [])


def _want_and_fail(office: Office) -> None:
    with office.bot.database.write() as session:
        deliveries.want(session, office.bot.workspace_id, CARD, 1, SALES, office.clock())
        raise ZeroDivisionError


def test_retry_after_is_obeyed_in_its_channel_alone(small_office: Office) -> None:
    """A channel that Slack limits waits, posts and updates alike; the others go on."""
    label = offer(small_office)
    small_office.deliver()
    second = offer(small_office)
    small_office.workspace.faults.rate_limit(POST, retry_after=30)
    small_office.bot.deliverer.run()
    claim(small_office, label)
    assign(small_office, second)
    before = len(small_office.workspace.calls.of(POST))
    run_again(small_office)
    assert len(small_office.aoki.dms()) == 1
    assert len(posted(small_office)) == 1
    assert len(small_office.workspace.calls.of(POST)) == before + 1
    assert small_office.workspace.calls.of(UPDATE) == []
    waiting = [row for row in outbox(small_office, CARD) if row.state is DeliveryState.PENDING]
    assert all((row.next_attempt_at - datetime.now(UTC)).total_seconds() > 20 for row in waiting)
    assert len(waiting) == 2


def test_messages_of_a_channel_keep_their_order_and_distance(small_office: Office) -> None:
    """Three cards for one channel go out one by one, a second (here less) apart, in the order asked for."""
    labels = [offer(small_office) for _ in range(3)]
    small_office.bot.deliverer.seconds_between_posts = 0.3
    assert small_office.bot.deliverer.run() == 1
    assert small_office.bot.deliverer.run_until_sent(5) == 2
    calls = small_office.workspace.calls.of(POST)
    assert all(later.at - earlier.at >= 0.29 for earlier, later in itertools.pairwise(calls))
    assert [next(label for label in labels if label in card.text) for card in posted(small_office)] == labels


def test_change_of_a_card_does_not_wait_for_the_pause_between_posts(small_office: Office) -> None:
    """The pause is Slack's for posts; a second post of the channel does wait."""
    label = offer(small_office)
    small_office.bot.deliverer.seconds_between_posts = 30
    small_office.bot.deliverer.run()
    claim(small_office, label)
    offer(small_office)
    assert small_office.bot.deliverer.run() == 1
    (card,) = posted(small_office)
    assert "青木" in card.text


def test_card_is_posted_with_its_id_and_without_previews(small_office: Office) -> None:
    """By the id it is found again; a preview of a link in somebody's note would tell their page of us."""
    offer(small_office)
    small_office.deliver()
    (post,), (row,) = small_office.workspace.calls.of(POST), outbox(small_office, CARD)
    assert post.args["metadata"] == {"event_type": "baton_delivery", "event_payload": {"id": str(row.id)}}
    assert (post.args["unfurl_links"], post.args["unfurl_media"]) == (False, False)


@pytest.mark.parametrize("place", ["channel", "thread", "direct message"])
def test_message_whose_answer_was_lost_is_there_exactly_once(small_office: Office, place: str) -> None:
    """However the answer was lost, the message is looked up by its id before it is sent again."""
    office = small_office
    office.bot.client.timeout = 0.2  # type: ignore[assignment]  # Whole seconds, to Slack's client.
    for number, (name, plan) in enumerate(LOST_ANSWERS.items(), start=1):
        seen = _say_something(office, place)
        before = len(seen())
        plan(office.workspace.faults)
        office.bot.deliverer.run()
        run_again(office)
        run_again(office)
        assert len(seen()) == before + 1, name
        assert {row.state for row in outbox(office)} <= {DeliveryState.SENT}, name
        assert len(office.leads()) == number


def _say_something(office: Office, place: str) -> Callable[[], list[object]]:
    """Have one message to be sent, and return what shows the messages of that place."""
    label = offer(office)
    if place == "channel":
        return lambda: [message for message in posted(office) if not message.is_reply]
    office.bot.deliverer.run()
    if place == "thread":
        office.clock.now = MORNING + timedelta(weeks=len(office.leads()))
        become_overdue(office)
        return lambda: [message for message in posted(office) if message.is_reply]
    assign(office, label)
    return lambda: list(office.aoki.dms())


def test_message_that_slack_posts_after_we_gave_up_is_found(small_office: Office) -> None:
    """Slack was slow, not away: the look-up waits until what was asked for can have arrived."""
    office = small_office
    office.bot.client.timeout, office.bot.deliverer.settling_seconds = 0.2, 0.5  # type: ignore[assignment]
    offer(office)
    office.workspace.faults.hang(POST, 0.4)
    office.bot.deliverer.run()
    (row,) = outbox(office, CARD)
    assert row.is_doubtful
    assert (row.next_attempt_at - datetime.now(UTC)).total_seconds() > 0.3
    time.sleep(0.35)
    run_again(office)
    assert len(posted(office)) == 1


def test_click_does_not_hurry_a_message_that_may_be_there(small_office: Office) -> None:
    """A change of the handoff asks for the card anew, but not before Slack can show the one that may stand."""
    label = offer(small_office)
    small_office.workspace.faults.drop_after(POST)
    small_office.bot.deliverer.run()
    claim(small_office, label)
    (row,) = outbox(small_office, CARD)
    assert row.next_attempt_at > datetime.now(UTC)


def test_found_message_is_remembered_when_its_update_fails(small_office: Office) -> None:
    """The card was found but Slack fell away again: the next attempt updates it and posts no second one."""
    offer(small_office)
    small_office.workspace.faults.drop_after(POST)
    small_office.bot.deliverer.run()
    small_office.workspace.faults.rate_limit(UPDATE, retry_after=1)
    run_again(small_office)
    small_office.bot.deliverer.run_until_sent(5)
    assert len(posted(small_office)) == 1
    assert outbox(small_office, CARD)[0].state is DeliveryState.SENT


def test_message_that_was_not_there_is_no_longer_doubtful(small_office: Office) -> None:
    """It was looked for once, from the minute before it was asked for, in the largest pages that Slack advises."""
    office = small_office
    offer(office)
    office.workspace.faults.drop_before(POST)
    office.bot.deliverer.run()
    office.workspace.faults.rate_limit(POST, retry_after=30)
    run_again(office)
    (card,) = outbox(office, CARD)
    assert not card.is_doubtful
    (look,) = office.workspace.calls.of("conversations.history")
    assert float(look.args["oldest"]) == made_at(card.id).timestamp() - 60
    assert int(look.args["limit"]) == HISTORY_PAGE


def test_message_to_somebody_of_a_grid_is_looked_up_in_their_dm(small_office: Office) -> None:
    """People of an Enterprise Grid may have ids that begin with W; their history is that of the direct message."""
    office, asked = small_office, []
    office.say(office.tanaka, NAKAMURA)
    lead_id = office.leads()[0].id
    dm = office.bot.client.conversations_open(users=AOKI)

    def opened(**arguments: object) -> object:
        asked.append(arguments["users"])
        return dm

    office.bot.client.conversations_open = opened  # type: ignore[method-assign,assignment]
    with office.bot.database.write() as session:
        deliveries.want(session, office.bot.workspace_id, DeliveryKind.HOT_ALERT, lead_id, "W0AOKI", office.clock())
    office.workspace.faults.drop_before(POST)
    office.bot.deliverer.run()
    run_again(office)
    assert asked == ["W0AOKI"]


@pytest.mark.parametrize("place", ["channel", "thread"])
def test_message_is_found_behind_much_that_was_said_since(small_office: Office, place: str) -> None:
    """The page of Slack's history that holds it is not the first one: of a channel's last words, of a thread's first."""
    office = small_office
    seen = _say_something(office, place)
    thread_ts = posted(office)[0].ts if place == "thread" else ""

    def much_is_said() -> None:
        for number in range(HISTORY_PAGE + 50):
            office.workspace.messages.post(office.workspace.channel(SALES), AOKI, f"line {number}", thread_ts=thread_ts)

    if place == "thread":
        much_is_said()
    before = len(seen())
    office.workspace.faults.drop_after(POST)
    office.bot.deliverer.run()
    if place == "channel":
        much_is_said()
    run_again(office)
    run_again(office)
    assert len(seen()) == before + 1
    assert {row.state for row in outbox(office)} == {DeliveryState.SENT}


def test_message_that_cannot_be_looked_up_is_shown_as_unknown(small_office: Office) -> None:
    """So much was said since that nobody can tell: it is not sent again, and a manager is asked to look."""
    offer(small_office)
    small_office.workspace.faults.drop_before(POST)
    small_office.bot.deliverer.run()
    for number in range(LOOKED_THROUGH + 1):
        small_office.workspace.messages.post(small_office.workspace.channel(SALES), AOKI, f"line {number}")
    run_again(small_office)
    assert outbox(small_office, CARD)[0].state is DeliveryState.UNKNOWN
    assert posted(small_office) == []
    assert len(told_managers(small_office)) == 1


@pytest.mark.parametrize("code", ["channel_not_found", "not_in_channel", "is_archived", "invalid_blocks"])
def test_refusal_for_good_is_told_to_managers_once(small_office: Office, code: str) -> None:
    """The card is marked as not delivered, and a manager reads why; running on tells nobody again."""
    offer(small_office)
    small_office.workspace.faults.refuse(POST, code)
    small_office.bot.deliverer.run()
    run_again(small_office)
    (card,) = outbox(small_office, CARD)
    assert (card.state, card.error) == (DeliveryState.FAILED, code)
    (told,) = told_managers(small_office)
    assert "⚠️" in told.text
    assert "n1@" not in str(told.blocks)


def test_refusal_goes_to_managers_once_though_reminder_and_claim_follow(small_office: Office) -> None:
    """The channel is archived: the reminder fails as the card did, and neither stops the deliverer nor tells again."""
    label = offer(small_office)
    small_office.workspace.change_channel(SALES, is_archived=True)
    small_office.bot.deliverer.run()
    become_overdue(small_office)
    run_again(small_office)
    claim(small_office, label)
    run_again(small_office)
    assert {row.state for row in outbox(small_office, CARD)} == {DeliveryState.FAILED}
    assert {row.state for row in outbox(small_office, REMINDER)} <= {DeliveryState.FAILED, DeliveryState.DROPPED}
    assert len(told_managers(small_office)) == 1


def test_refusal_of_a_reply_is_told_unless_that_of_its_card_was(small_office: Office) -> None:
    """Slack takes neither the card nor its reminder: one note. It took the card: a note about the reminder."""
    office = small_office
    offer(office)
    office.workspace.faults.refuse(POST, "msg_too_long")
    office.bot.deliverer.run()
    become_overdue(office)
    _refuse_the_reminder(office)
    assert {row.state for row in outbox(office, REMINDER)} == {DeliveryState.FAILED}
    assert len(outbox(office, DeliveryKind.DELIVERY_FAILED)) == 1
    offer(office)
    office.deliver()
    become_overdue(office)
    _refuse_the_reminder(office)
    assert len(outbox(office, DeliveryKind.DELIVERY_FAILED)) == 2


def _refuse_the_reminder(office: Office) -> None:
    original = office.bot.client.chat_postMessage

    def refused(**arguments: Any) -> object:
        if arguments["channel"] == SALES:
            office.workspace.faults.refuse(POST, "msg_too_long")
        return original(**arguments)

    office.bot.client.chat_postMessage = refused  # type: ignore[method-assign,assignment]
    run_again(office)
    office.bot.client.chat_postMessage = original  # type: ignore[method-assign]


def test_card_comes_once_its_channel_is_put_right(small_office: Office) -> None:
    """What was refused is sent when somebody asks again, and the claim that happened meanwhile shows."""
    label = offer(small_office)
    small_office.workspace.change_channel(SALES, is_archived=True)
    small_office.bot.deliverer.run()
    small_office.workspace.change_channel(SALES, is_archived=False)
    claim(small_office, label)
    run_again(small_office)
    (card,) = posted(small_office)
    assert "青木" in card.text


def test_reply_whose_card_failed_stands_by_itself(small_office: Office) -> None:
    """Slack refused the card's blocks: the reminder is all the channel gets, so it is posted without a thread."""
    offer(small_office)
    small_office.workspace.faults.refuse(POST, "invalid_blocks")
    small_office.bot.deliverer.run()
    small_office.workspace.faults.refuse(POST, "invalid_blocks")
    become_overdue(small_office)
    run_again(small_office)
    (reminder,) = [message for message in posted(small_office) if not message.is_reply]
    assert "L-1" in reminder.text
    assert outbox(small_office, REMINDER)[0].state is DeliveryState.SENT


def test_reply_waits_for_its_card(small_office: Office) -> None:
    """The card could not be posted yet: the reminder comes after it, in its thread."""
    offer(small_office)
    small_office.workspace.faults.drop_before(POST)
    small_office.bot.deliverer.run()
    become_overdue(small_office)
    small_office.workspace.faults.server_error(POST)
    run_again(small_office)
    assert posted(small_office) == []
    run_again(small_office)
    run_again(small_office)
    card, reminder = posted(small_office)
    assert reminder.thread_ts == card.ts


def test_reply_follows_its_card_though_the_team_moved(small_office: Office) -> None:
    """The team's channel was changed after the card was posted: its thread is where the card is."""
    offer(small_office)
    small_office.deliver()
    become_overdue(small_office)
    (reminder,) = outbox(small_office, REMINDER)
    with small_office.bot.database.write() as session:
        row = session.get_one(type(reminder), (reminder.workspace_id, reminder.id))
        row.channel_slack_id = MARKETING
    run_again(small_office)
    assert [message.is_reply for message in posted(small_office)] == [False, True]


def test_shared_channel_gets_no_card(small_office: Office) -> None:
    """Another organisation reads the channel: no lead goes there, and a manager is told."""
    small_office.workspace.change_channel(SALES, is_ext_shared=True)
    offer(small_office)
    small_office.bot.deliverer.run()
    assert posted(small_office) == []
    assert (outbox(small_office, CARD)[0].state, outbox(small_office, CARD)[0].error) == (
        DeliveryState.FAILED,
        "shared_channel",
    )
    assert len(told_managers(small_office)) == 1
    assert posted(small_office, PARTNERS) == []


@pytest.mark.parametrize("channel", [SALES, "G0OLD"])
def test_channel_that_is_about_to_be_shared_gets_no_card(small_office: Office, channel: str) -> None:
    """The other organisation was invited and has not come yet; private channels of old have ids that begin with G."""
    answer = {"channel": {"id": channel, "is_pending_ext_shared": True}}
    small_office.bot.client.conversations_info = lambda **_: answer  # type: ignore[method-assign,assignment]
    offer(small_office)
    with small_office.bot.database.write() as session:
        session.execute(update(Delivery).values(channel_slack_id=channel))
    small_office.bot.deliverer.run()
    assert posted(small_office) == []
    assert outbox(small_office, CARD)[0].error == "shared_channel"


def test_slack_is_asked_now_and_then_whether_a_channel_is_shared(
    small_office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not before every post; after ten minutes, here none, again."""
    asked = small_office.workspace.calls
    monkeypatch.setattr("jobs.deliver.CHANNEL_REMEMBERED_SECONDS", -1)
    for _ in range(2):
        offer(small_office)
    small_office.bot.deliverer.run()
    assert len(asked.of("conversations.info")) == 2
    monkeypatch.undo()
    for _ in range(3):
        offer(small_office)
    small_office.bot.deliverer.run()
    assert len(asked.of("conversations.info")) == 3


@pytest.mark.parametrize("name", ["cut after the work", "cut before the work"])
def test_private_answer_is_not_repeated_when_its_answer_was_lost(small_office: Office, name: str) -> None:
    """Nobody can look an ephemeral message up, so it is not sent a second time."""
    office = small_office
    offer(office)
    office.deliver()
    ephemeral = "chat.postEphemeral"
    getattr(office.workspace.faults, "drop_after" if "after" in name else "drop_before")(ephemeral)
    office.aoki.react(posted(office)[0], "raised_hand")
    office.bot.deliverer.run()
    assert run_again(office) == 0
    assert run_again(office) == 0
    assert len(office.workspace.calls.of(ephemeral)) <= 1
    assert outbox(office, DeliveryKind.CLAIM_ANSWER)[0].state is DeliveryState.UNKNOWN
    assert office.handoffs()[0].state == "claimed"
    assert told_managers(office) == []


def test_note_of_a_return_links_to_its_card(small_office: Office) -> None:
    """It stands in marketing's channel, the card in sales'; what Slack gives no link for is said without."""
    office = small_office
    for label in (offer(office), offer(office)):
        office.deliver()
        claim(office, label)
        assert office.say(office.aoki, f"return {label} 対象外").ok
        office.deliver()
        office.workspace.faults.refuse("chat.getPermalink", "message_not_found")
    linked, unlinked = posted(office, MARKETING)[-2:]
    office.workspace.faults.clear()
    card = posted(office)[0]
    link = office.bot.client.chat_getPermalink(channel=SALES, message_ts=card.ts)["permalink"]
    assert link in str(linked.blocks)
    assert "L-2" in unlinked.text
    assert "archives" not in str(unlinked.blocks)


def test_deleted_card_is_posted_anew_and_a_deleted_reminder_is_not(small_office: Office) -> None:
    """Somebody deleted messages in Slack: the lead keeps its card, the reminder has been heard."""
    offer(small_office)
    small_office.deliver()
    become_overdue(small_office)
    run_again(small_office)
    for message in posted(small_office):
        small_office.workspace.messages.delete(message)
    claim(small_office, "L-1")
    run_again(small_office)
    (card,) = posted(small_office)
    assert "青木" in card.text
    assert outbox(small_office, REMINDER)[0].state is DeliveryState.DROPPED
    assert told_managers(small_office) == []


def test_deleted_alert_is_not_posted_anew_when_it_changes(small_office: Office) -> None:
    """Whoever deleted it has read it."""
    office = small_office
    office.say(office.tanaka, NAKAMURA)
    lead_id = office.leads()[0].id
    with office.bot.database.write() as session:
        deliveries.want(session, office.bot.workspace_id, DeliveryKind.HOT_ALERT, lead_id, MARKETING, office.clock())
    office.bot.deliverer.run()
    (alert,) = posted(office, MARKETING)
    office.workspace.messages.delete(alert)
    with office.bot.database.write() as session:
        deliveries.refresh(session, office.bot.workspace_id, DeliveryKind.HOT_ALERT, lead_id)
    assert office.bot.deliverer.run() == 0
    assert posted(office, MARKETING) == []
    assert outbox(office, DeliveryKind.HOT_ALERT)[0].state is DeliveryState.DROPPED


def test_change_during_an_attempt_is_sent_afterwards(office: Office) -> None:
    """The handoff is claimed while its card is on its way: what was rendered before is not the last word."""
    label = offer(office)
    original = office.bot.client.chat_postMessage

    def claimed_meanwhile(**arguments: object) -> object:
        claim(office, label)
        return original(**arguments)  # type: ignore[arg-type]

    office.bot.client.chat_postMessage = claimed_meanwhile  # type: ignore[method-assign,assignment]
    office.bot.deliverer.run()
    (card,) = posted(office)
    assert "青木" in card.text
    (row,) = outbox(office, CARD)
    assert (row.state, row.sent_rev) == (DeliveryState.SENT, row.wanted_rev)


def test_change_while_nothing_was_left_to_say_is_not_lost(office: Office) -> None:
    """Asked for again at the moment it was dropped or refused, a message is due again."""
    offer(office)
    with office.bot.database.write() as session:
        (row,) = deliveries.lease_due(session, office.bot.workspace_id, datetime.now(UTC), 9)
    for finish in (deliveries.mark_dropped, lambda s, d: deliveries.mark_failed(s, d, "x")):
        with office.bot.database.write() as session:
            deliveries.refresh(session, office.bot.workspace_id, CARD, row.subject_id)
        with office.bot.database.write() as session:
            finish(session, row)
        assert outbox(office, CARD)[0].state is DeliveryState.PENDING


def test_whoever_lost_the_lease_sends_and_writes_nothing(office: Office) -> None:
    """A process that Slack kept waiting finds its message taken over: it does not send it a second time."""
    label = offer(office)
    original = office.bot.client.conversations_info

    def taken_over_meanwhile(**arguments: object) -> object:
        end_leases(office)
        claim(office, label)
        office.bot.client.conversations_info = original  # type: ignore[method-assign]
        run_again(office, another_deliverer(office))
        return original(**arguments)  # type: ignore[arg-type]

    office.bot.client.conversations_info = taken_over_meanwhile  # type: ignore[method-assign,assignment]
    office.bot.deliverer.lease_left_seconds = deliveries.LEASE_SECONDS
    assert office.bot.deliverer.run() == 0
    (card,) = posted(office)
    assert "青木" in card.text
    assert outbox(office, CARD)[0].state is DeliveryState.SENT


def test_outcome_of_a_lost_lease_is_not_written(office: Office) -> None:
    """Whoever comes too late does not write over what the next one knows."""
    offer(office)
    with office.bot.database.write() as session:
        (slow,) = deliveries.lease_due(session, office.bot.workspace_id, datetime.now(UTC), 9)
    end_leases(office)
    run_again(office)
    (row,) = outbox(office, CARD)
    with office.bot.database.write() as session:
        deliveries.mark_sent(session, slow, SALES, "1.0", office.clock())
        deliveries.mark_failed(session, slow, "late")
        assert not deliveries.renew_lease(session, slow, datetime.now(UTC))
    assert outbox(office, CARD) == [row]


def test_lease_of_a_dead_process_comes_back_and_nothing_is_posted_twice(office: Office) -> None:
    """It died after Slack had the message and before that was written down: it is found, not posted again."""
    offer(office)
    offer(office)

    original = office.bot.client.chat_postMessage

    def die_after(**arguments: object) -> None:
        original(**arguments)  # type: ignore[arg-type]
        raise KeyboardInterrupt

    office.bot.client.chat_postMessage = die_after  # type: ignore[method-assign,assignment]
    with pytest.raises(KeyboardInterrupt):
        office.bot.deliverer.run()
    office.bot.client.chat_postMessage = original  # type: ignore[method-assign]
    assert len(posted(office)) == 1
    survivor = another_deliverer(office)
    assert survivor.run() == 0
    end_leases(office)
    survivor.run()
    assert len(posted(office)) == 2
    assert {row.state for row in outbox(office)} == {DeliveryState.SENT}


def test_two_deliverers_never_send_twice(office: Office) -> None:
    """Four deliverers on one database, thirty messages: each is posted once."""
    for _ in range(6):
        offer(office)
    with office.bot.database.write() as session:
        for number in range(24):
            deliveries.want(session, office.bot.workspace_id, CARD, office.handoffs()[0].id, SALES, office.clock(),
                            about=str(number))  # fmt: skip
    threads = [threading.Thread(target=another_deliverer(office).run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(posted(office)) == 30
    assert {row.state for row in outbox(office)} == {DeliveryState.SENT}


def test_two_processes_never_send_twice(office: Office, tmp_path: Path) -> None:
    """Two real processes at once on one database: each message is posted once."""
    for _ in range(2):
        offer(office)
    settings = office.bot.settings
    environment = {
        "SLACK_BOT_TOKEN": settings.SLACK_BOT_TOKEN,
        "SLACK_SIGNING_SECRET": settings.SLACK_SIGNING_SECRET or "",
        "SLACK_API_URL": settings.SLACK_API_URL,
        "DATABASE_URL": settings.DATABASE_URL,
    }
    logs = [tmp_path / f"{number}.log" for number in range(2)]
    running = [fork(["job", "deliver"], environment, tmp_path, log, log) for log in logs]
    for process, log in zip(running, logs, strict=True):
        assert process.wait() == 0, log.read_text(encoding="utf-8")
    assert len(posted(office)) == 2


def test_message_that_cannot_be_rendered_holds_nobody_up(small_office: Office) -> None:
    """One message is a fault of ours: it is marked and told, and all others go out."""
    with small_office.bot.database.write() as session:
        deliveries.want(session, small_office.bot.workspace_id, DeliveryKind.DIGEST, 1, "U0AOKI", small_office.clock(),
                        about="no date")  # fmt: skip
    offer(small_office)
    small_office.bot.deliverer.run()
    assert len(posted(small_office)) == 1
    failed = outbox(small_office, DeliveryKind.DIGEST)[0]
    assert (failed.state, failed.error) == (DeliveryState.FAILED, "unrenderable")
    assert len(told_managers(small_office)) == 1


def test_message_about_a_lead_that_is_gone_is_dropped(small_office: Office) -> None:
    """The adding of a lead was undone before its alert went out."""
    with small_office.bot.database.write() as session:
        deliveries.want(
            session, small_office.bot.workspace_id, DeliveryKind.HOT_ALERT, 7, MARKETING, small_office.clock()
        )
    assert small_office.bot.deliverer.run() == 0
    assert outbox(small_office)[0].state is DeliveryState.DROPPED


def test_refused_token_loses_nothing(small_office: Office) -> None:
    """The token was revoked: what is due waits, and goes out when it works again."""
    offer(small_office)
    small_office.workspace.installation.is_active = False
    small_office.bot.deliverer.run()
    assert outbox(small_office, CARD)[0].error == "account_inactive"
    small_office.workspace.installation.is_active = True
    run_again(small_office)
    assert len(posted(small_office)) == 1


@pytest.mark.sqlite
def test_database_that_is_away_stops_nobody(small_office: Office) -> None:
    """What Slack said could not be written down: nothing is raised, and later the message is found."""
    offer(small_office)
    original = small_office.bot.client.chat_postMessage
    other = make_engine(small_office.bot.settings.DATABASE_URL)

    with ExitStack() as held:

        def locked_meanwhile(**arguments: object) -> object:
            held.enter_context(other.execution_options(writes=True).begin())
            return original(**arguments)  # type: ignore[arg-type]

        small_office.bot.client.chat_postMessage = locked_meanwhile  # type: ignore[method-assign,assignment]
        with pytest.raises(BusyError):
            small_office.bot.deliverer.run()
    small_office.bot.client.chat_postMessage = original  # type: ignore[method-assign]
    other.dispose()
    end_leases(small_office)
    run_again(small_office)
    assert len(posted(small_office)) == 1
    assert outbox(small_office, CARD)[0].state is DeliveryState.SENT


def test_stopping_gives_leases_back_at_once(small_office: Office) -> None:
    """SIGTERM in the middle of a batch: what is not sent yet is due for the next process, and not doubtful."""
    offer(small_office)
    offer(small_office)
    original = small_office.bot.client.chat_postMessage

    def stopped_meanwhile(**arguments: object) -> object:
        small_office.bot.deliverer.stopping.set()
        return original(**arguments)  # type: ignore[arg-type]

    small_office.bot.client.chat_postMessage = stopped_meanwhile  # type: ignore[method-assign,assignment]
    assert small_office.bot.deliverer.run() == 1
    small_office.bot.client.chat_postMessage = original  # type: ignore[method-assign]
    assert another_deliverer(small_office).run() == 1
    assert small_office.workspace.calls.of("conversations.history") == []


def _answer(status: int, data: object, headers: dict[str, str] | None = None) -> SlackApiError:
    return SlackApiError("refused", SimpleNamespace(status_code=status, data=data, headers=headers or {}))  # type: ignore[no-untyped-call]


@pytest.mark.parametrize(
    ("error", "fault", "word", "wait"),
    [
        (_answer(429, {"error": "ratelimited"}, {"Retry-After": "7"}), Fault.PASSING, "ratelimited", 7),
        (_answer(429, {"error": "ratelimited"}, {"Retry-After": "0"}), Fault.PASSING, "ratelimited", 1),
        (_answer(429, {"error": "a page"}, {"retry-after": "Wed, 21 Oct"}), Fault.PASSING, "ratelimited", 1),
        (_answer(429, {}, {"Retry-After": "７"}), Fault.PASSING, "ratelimited", 1),
        (_answer(200, {"error": "ratelimited"}), Fault.PASSING, "ratelimited", 1),
        (_answer(200, {"error": "rate_limited"}), Fault.PASSING, "ratelimited", 1),
        (_answer(500, {"error": "not_in_channel"}), Fault.DOUBTFUL, "not_in_channel", None),
        (_answer(499, {"error": "x" * 60}), Fault.PERMANENT, "x" * 60, None),
        (_answer(200, {"error": "x" * 61}), Fault.DOUBTFUL, "http_200", None),
        (_answer(502, {"error": "Received <html>"}), Fault.DOUBTFUL, "http_502", None),
        (_answer(200, {"error": "Received <html>"}), Fault.DOUBTFUL, "http_200", None),
        (_answer(200, b""), Fault.DOUBTFUL, "http_200", None),
        (_answer(200, {"error": "fatal_error"}), Fault.DOUBTFUL, "fatal_error", None),
        (_answer(200, {"error": "not_in_channel"}), Fault.PERMANENT, "not_in_channel", None),
        (_answer(200, {"error": "token_revoked"}), Fault.PASSING, "token_revoked", None),
        (URLError(ConnectionRefusedError()), Fault.PASSING, "ConnectionRefusedError", None),
        (URLError(gaierror()), Fault.PASSING, "gaierror", None),
        (URLError(TimeoutError()), Fault.DOUBTFUL, "TimeoutError", None),
        (SharedChannelError(), Fault.PERMANENT, "shared_channel", None),
        (UnrenderableError(), Fault.PERMANENT, "unrenderable", None),
        (ConnectionResetError(), Fault.DOUBTFUL, "ConnectionResetError", None),
    ],
)
def test_errors_are_told_apart(error: Exception, fault: Fault, word: str, wait: float | None) -> None:
    """Not done, perhaps done, never to be done: each asks for something else."""
    assert judge(error) == (fault, word, wait)


def test_dry_run_counts_what_is_not_delivered(small_office: Office) -> None:
    """It says how many messages wait and sends none."""
    offer(small_office)
    assert JOBS["deliver"].dry_run(small_office.bot.jobs) == 1
    assert posted(small_office) == []
    assert run_job("deliver", small_office.bot.jobs) == 1
    assert run_job("deliver", small_office.bot.jobs) == 0
