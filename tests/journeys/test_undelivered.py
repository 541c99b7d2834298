"""What is not delivered is there to be seen by those who can mend it, and sent again at a click or a command."""

from models.delivery import DeliveryKind, DeliveryState
from playground.seed import AOKI, KIM, MARKETING, MORI, SALES
from tests.jobs.outbox import offer, outbox, posted, told_managers
from tests.journeys.steps import buttons
from tests.office import Office

POST = "chat.postMessage"


def test_a_manager_lists_what_is_not_delivered_and_sends_it_again(office: Office) -> None:
    """The reason stands beside each message; a click sends it, and then nothing is left to list."""
    assert "ありません" in office.say(office.mori, "list undelivered").text
    offer(office)
    office.workspace.faults.refuse(POST, "is_archived")
    office.deliver()
    shown = office.say(office.mori, "list 未配信").message
    assert shown is not None
    assert "アーカイブ" in shown.text
    assert "L-1 ミナモ精機" in shown.text
    assert "L-1 ミナモ精機" in str(shown.blocks)
    assert len(posted(office)) == 0
    office.mori.click(shown, "delivery.retry", buttons(shown)["delivery.retry"])
    office.deliver()
    assert len(posted(office)) == 1
    assert "ありません" in office.say(office.mori, "list undelivered").text


def test_what_still_waits_is_listed_without_a_button(small_office: Office) -> None:
    """Slack limits us: Baton tries again by itself, and says so."""
    offer(small_office)
    small_office.workspace.faults.rate_limit(POST, retry_after=30)
    small_office.bot.deliverer.run()
    shown = small_office.say(small_office.mori, "list undelivered").message
    assert shown is not None
    assert "自動で再送します" in shown.text
    assert "delivery.retry" not in buttons(shown)


def test_only_managers_see_the_list(small_office: Office) -> None:
    """Everybody else hears whom to ask."""
    for person in (small_office.tanaka, small_office.aoki):
        assert "森" in small_office.say(person, "list undelivered").text


def test_a_message_that_nobody_can_look_up_is_posted_when_a_manager_says_so(small_office: Office) -> None:
    """They have looked: it is not looked up again, which would fail as before."""
    office = small_office
    offer(office)
    office.workspace.faults.drop_before(POST)
    office.bot.deliverer.settling_seconds = 0
    office.bot.deliverer.run()
    for number in range(1001):
        office.workspace.messages.post(office.workspace.channel(SALES), AOKI, f"line {number}")
    office.deliver()
    assert outbox(office)[0].state is DeliveryState.UNKNOWN
    shown = office.say(office.mori, "list undelivered").message
    assert shown is not None
    office.mori.click(shown, "delivery.retry", buttons(shown)["delivery.retry"])
    office.deliver()
    assert len(posted(office)) == 1


def test_one_closed_channel_is_told_of_once_a_day(small_office: Office) -> None:
    """Three cards cannot go into an archived channel: the managers hear of it once, and again of a new one tomorrow."""
    office = small_office
    office.workspace.change_channel(SALES, is_archived=True)
    for _ in range(3):
        offer(office)
    office.deliver()
    assert len(told_managers(office)) == 1
    office.clock.move(days=1, minutes=1)
    offer(office)
    office.deliver()
    assert len(told_managers(office)) == 2
    assert len(office.say(office.mori, "list undelivered", MARKETING).text.split("届")) > 4


def test_words_are_there_for_our_own_refusals(small_office: Office) -> None:
    """A channel shared with others, and a message that could not be written, are told in words, not by a code."""
    offer(small_office)
    small_office.workspace.change_channel(SALES, is_ext_shared=True)
    small_office.deliver()
    (told,) = told_managers(small_office)
    assert "shared_channel" not in told.text
    assert "他の組織" in told.text


def test_every_manager_is_told_and_a_refused_word_to_them_is_not(small_office: Office) -> None:
    """Each gets a message of their own; that it cannot be delivered is no news, or there would be no end of it."""
    office = small_office
    office.workspace.change_user(KIM, is_admin=True)
    office.run("members")
    offer(office)
    office.workspace.faults.refuse(POST, "is_archived")
    office.deliver()
    assert [len(office.person(manager).dms()) for manager in (MORI, KIM)] == [1, 1]
    offer(office)
    office.workspace.faults.refuse(POST, "invalid_blocks", times=3)
    office.deliver()
    assert [row.state for row in outbox(office, DeliveryKind.DELIVERY_FAILED)] == [
        DeliveryState.SENT, DeliveryState.SENT, DeliveryState.FAILED, DeliveryState.FAILED
    ]  # fmt: skip


def test_a_refused_private_answer_is_nobodys_news(small_office: Office) -> None:
    """The claim stands, and whoever made it sees that on the card."""
    office = small_office
    offer(office)
    office.deliver()
    office.workspace.faults.refuse("chat.postEphemeral", "user_not_in_channel")
    office.aoki.react(posted(office)[0], "raised_hand")
    office.deliver()
    assert outbox(office, DeliveryKind.CLAIM_ANSWER)[0].state is DeliveryState.FAILED
    assert told_managers(office) == []
