"""What the searches in this folder have found, each as the shortest story that shows it."""

from jobs.table import run_job
from models.delivery import DeliveryKind, DeliveryState
from models.member import Standing
from playground.seed import KIM, SALES, TANAKA
from services import members
from tests.jobs.outbox import POST, UPDATE, outbox, posted, run_again
from tests.jobs.outbox import offer as outbox_offer
from tests.journeys.steps import NAKAMURA, claim, everything, offer, unchanged
from tests.office import Office

OK_AND_NOTHING_ELSE = '{"ok": true}'


def test_lead_that_sales_has_is_not_offered_again(office: Office) -> None:
    """Marketing qualifies what Aoki has claimed: it stays Aoki's, and nobody else can win it."""
    claim(office)
    with unchanged(office):
        said = office.say(office.tanaka, "qualify L-1 もう一度").text
    assert "営業が担当しています" in said
    assert len(office.cards()) == 1


def test_answer_that_is_not_slacks_updates_no_card(small_office: Office) -> None:
    """Something in between answers "ok" to an update and does nothing: the card is updated when Slack itself answers."""
    office = small_office
    offer(office)
    office.workspace.faults.garbage(UPDATE, OK_AND_NOTHING_ELSE)
    office.say(office.aoki, "claim L-1")
    run_again(office)
    run_again(office)
    assert "青木" in office.cards()[0].text


def test_answer_that_is_not_slacks_finds_no_message_gone(small_office: Office) -> None:
    """A look-up that says "ok" and no messages has not looked: what was posted is not posted again."""
    office = small_office
    office.workspace.faults.garbage(POST, OK_AND_NOTHING_ELSE, after_work=True)
    office.workspace.faults.garbage("conversations.history", OK_AND_NOTHING_ELSE)
    outbox_offer(office)
    for _ in range(4):
        run_again(office)
    assert len(posted(office)) == 1
    assert outbox(office, DeliveryKind.HANDOFF_CARD)[0].state is DeliveryState.SENT


def test_answer_that_is_not_slacks_whispers_nothing(small_office: Office) -> None:
    """A private answer of which nobody can tell whether it was shown is marked unknown; one that Slack showed is sent."""
    office = small_office
    card = offer(office)
    office.workspace.faults.garbage("chat.postEphemeral", OK_AND_NOTHING_ELSE)
    office.aoki.react(card, "raised_hand")
    office.bot.deliverer.run()
    run_again(office)
    assert outbox(office, DeliveryKind.CLAIM_ANSWER)[0].state is DeliveryState.UNKNOWN
    office.sato.react(card, "raised_hand")
    office.bot.deliverer.run()
    assert outbox(office, DeliveryKind.CLAIM_ANSWER)[1].state is DeliveryState.SENT


def test_card_that_cannot_be_read_hides_no_other_hand(small_office: Office) -> None:
    """The connection drops over the first card's reactions: the hand on the second is found all the same."""
    office = small_office
    offer(office)
    second = offer(office, "add 鈴木 一郎 ichiro@x.example")
    office.workspace.faults.lose("events_api")
    office.sato.react(second, "raised_hand", wait=False)
    office.server.settle()
    office.workspace.faults.drop_before("reactions.get")
    assert run_job("reactions", office.bot.jobs) == 1
    assert office.lead(2).owner_id is not None


def test_hand_of_whoever_had_the_lead_claims_it_once(small_office: Office) -> None:
    """Aoki clicked and raised a hand as well, then put the claim back: no restart gives the lead to Aoki again."""
    office = small_office
    card = claim(office)
    office.aoki.react(card, "raised_hand")
    office.say(office.aoki, "release L-1")
    office.deliver()
    assert run_job("reactions", office.bot.jobs) == 0
    assert office.handoffs()[0].state == "offered"


def test_refused_request_stays_refused(office: Office) -> None:
    """It comes again after what stood in its way is gone: it was answered, and changes nothing."""
    card = offer(office)
    command = office.say(office.tanaka, "qualify L-1").body
    office.aoki.click(card, "handoff.claim")
    click = office.sato.click(card, "handoff.claim").body
    office.say(office.aoki, "release L-1")
    with unchanged(office):
        office.sato.send("interactive", click)
    office.say(office.aoki, "return L-1 no_need")
    with unchanged(office):
        office.tanaka.send("slash_commands", command)
    assert office.say(office.tanaka, "qualify L-1").ok
    assert len(office.handoffs()) == 2


def test_line_that_was_asked_about_is_one_draft(small_office: Office) -> None:
    """The repeat of a line that may be a duplicate neither asks again nor saves once the other lead is gone."""
    office = small_office
    office.say(office.tanaka, NAKAMURA)
    body = office.say(office.tanaka, NAKAMURA).body
    office.say(office.tanaka, "undo")
    with unchanged(office):
        office.tanaka.send("slash_commands", body)
    assert (len(office.leads()), len(everything(office)["draft"])) == (0, 1)


def test_old_news_of_a_person_gives_no_right_back(small_office: Office) -> None:
    """Slack sends again that Kim joined, and that Tanaka was renamed, after Kim has left and Tanaka was deactivated."""
    office, kim = small_office, small_office.person("kim")
    kim.join(SALES)
    office.workspace.change_user(TANAKA, display_name="田中さん")
    office.server.settle()
    old = [delivery.body for delivery in office.server.dispatcher.deliveries]
    kim.leave(SALES)
    office.workspace.change_user(TANAKA, deleted=True)
    office.server.settle()
    for body in old:
        assert kim.send("events_api", body).status == 200
    with office.bot.database.read() as session:
        found = [members.find_member(session, office.bot.workspace_id, slack_id) for slack_id in (KIM, TANAKA)]
    assert [(member.is_sales, member.standing) for member in found if member] == [
        (False, Standing.ACTIVE),
        (False, Standing.DEACTIVATED),
    ]
