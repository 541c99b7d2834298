"""What is done about a dormant lead: planned, handed back or closed, from the notice and from the card, and undone."""

from playground.entities import Message
from playground.seed import MARKETING, SALES
from tests.journeys.steps import NAKAMURA, SMITH, answer, claim, form_of, unchanged
from tests.office import Office


def notice_of(office: Office, *lines: str) -> Message:
    """Have Aoki's leads fall asleep, and return the message that tells of them."""
    for line in lines or (NAKAMURA,):
        claim(office, line=line)
    office.clock.move(days=31)
    assert office.run("dormant") == len(lines or (NAKAMURA,))
    return office.aoki.dms()[-1]


def shown_now(office: Office, notice: Message) -> str:
    """Return what Aoki sees where the notice stands."""
    return str(next(message for message in office.aoki.dms() if message.ts == notice.ts).blocks)


def test_planning_a_next_step_wakes_the_lead(office: Office) -> None:
    """From the notice: the form, a day, saved; the lead is awake and its period counts from that day."""
    notice = notice_of(office)
    assert office.aoki.choose(notice, "lead.dormant_next", "follow:L-1").ok
    assert form_of(office.aoki).callback_id == "followup.plan"
    assert office.aoki.submit({"on": "2027-01-15", "note": "稟議の結果を聞く"}).ok
    office.deliver()
    lead = office.lead()
    assert lead.dormant_since is None
    assert lead.dormant_at is not None
    assert lead.follow_up_due_at is not None
    assert (lead.dormant_at - lead.follow_up_due_at).days == 30
    assert "対応済み" in shown_now(office, notice)
    office.say(office.aoki, "undo")
    office.deliver()
    assert office.lead().dormant_since is not None
    assert office.lead().dormant_at is None


def test_a_day_that_is_over_is_refused_and_nothing_is_lost(office: Office) -> None:
    """The form says so at its field, and the lead sleeps on."""
    notice = notice_of(office)
    office.aoki.choose(notice, "lead.dormant_next", "follow:L-1")
    with unchanged(office):
        assert "on" in office.aoki.submit({"on": "2026-11-25", "note": "稟議の結果を聞く"}).errors


def test_owner_hands_it_back_with_a_reason_and_takes_that_back(office: Office) -> None:
    """The lead is marketing's, recycled and awake; marketing's note says why, and after the undo that it was taken back."""
    notice = notice_of(office)
    assert office.aoki.choose(notice, "lead.dormant_next", "return:L-1").ok
    assert office.aoki.submit({"reason": "unreachable", "comment": "3回かけました"}).ok
    office.deliver()
    lead = office.lead()
    assert (lead.stage, lead.owner_id, lead.is_recycled, lead.dormant_since) == ("INQUIRY", None, True, None)
    assert lead.dormant_at is not None
    assert office.handoffs()[-1].reason == "unreachable"
    assert "対応済み" in shown_now(office, notice)
    before = office.handoffs()[-1]
    office.say(office.aoki, "undo")
    office.deliver()
    lead, handoff = office.lead(), office.handoffs()[-1]
    assert (lead.stage, lead.is_recycled, lead.returned_at) == ("SQL", False, None)
    assert lead.owner_id == handoff.owner_id == before.owner_id
    assert (handoff.state, handoff.reason, handoff.comment, handoff.returned_at) == ("claimed", None, "", None)
    assert lead.dormant_since is not None
    assert "取り消されました" in office.mori.sees(MARKETING)[-1].text


def test_a_return_of_what_nobody_had_claimed_is_offered_again_when_undone(small_office: Office) -> None:
    """Returned straight from the channel, and undone: it waits to be claimed as before."""
    office = small_office
    claim(office)
    office.say(office.aoki, "release L-1")
    due_at = office.handoffs()[-1].claim_due_at
    office.say(office.aoki, "return L-1 対象外")
    assert office.handoffs()[-1].claim_due_at is None
    assert "取り消しました" in office.say(office.aoki, "undo").text
    handoff = office.handoffs()[-1]
    assert (handoff.state, handoff.claim_due_at, office.lead().stage) == ("offered", due_at, "MQL")
    assert office.say(office.sato, "claim L-1").ok
    assert office.lead().stage == "SQL"


def test_a_return_on_which_something_hangs_stays(small_office: Office) -> None:
    """Marketing has offered it again: the undo is refused in words."""
    office = small_office
    claim(office)
    office.say(office.aoki, "return L-1 対象外")
    office.say(office.tanaka, "qualify L-1")
    with unchanged(office):
        office.say(office.aoki, "undo")
    assert office.lead().stage == "MQL"


def test_a_return_without_its_comment_is_asked_for(small_office: Office) -> None:
    """The reason "other" needs a word: the form says so, nothing is saved."""
    notice = notice_of(small_office)
    small_office.aoki.choose(notice, "lead.dormant_next", "return:L-1")
    with unchanged(small_office):
        assert "comment" in small_office.aoki.submit({"reason": "other"}).errors


def test_closing_takes_it_off_the_list_and_undo_puts_it_back(office: Office) -> None:
    """Two sleep; one is closed as lost: the notice shows the other alone."""
    notice = notice_of(office, NAKAMURA, SMITH)
    assert office.aoki.choose(notice, "lead.dormant_next", "lost:L-1").ok
    assert office.aoki.submit({"closed_note": "予算が付かず"}).ok
    office.deliver()
    shown = shown_now(office, notice)
    assert "L-2" in shown
    assert "L-1" not in shown
    assert office.lead(1).outcome == "lost"
    office.say(office.aoki, "undo")
    assert office.lead(1).dormant_since is not None


def test_card_of_a_dormant_lead_offers_the_same(office: Office) -> None:
    """`/lead show`: how long nobody was in touch, and the menu; a colleague in sales cannot hand back what is not theirs."""
    notice_of(office)
    office.say(office.aoki, "show L-1")
    card = answer(office, office.aoki, SALES)
    assert "31日間" in str(card.blocks) or "接点" in str(card.blocks)
    menu = _menu(card)
    assert menu == ["follow:L-1", "log:L-1", "return:L-1", "lost:L-1"]
    assert office.aoki.choose(card, "lead.dormant_next", "return:L-1").ok
    assert form_of(office.aoki).callback_id == "handoff.return"
    office.say(office.sato, "show L-1")
    assert _menu(answer(office, office.sato, SALES)) == ["follow:L-1", "log:L-1"]


def test_marketer_of_a_dormant_inquiry_may_plan_or_close(small_office: Office) -> None:
    """Nobody in sales has it: there is nothing to hand back, and the notice does not say so."""
    office = small_office
    office.say(office.tanaka, NAKAMURA)
    office.clock.move(days=91)
    office.run("dormant")
    notice = office.tanaka.dms()[-1]
    assert "マーケティングに戻して" not in notice.text
    assert _menu(notice) == ["follow:L-1", "log:L-1", "lost:L-1"]
    assert office.tanaka.choose(notice, "lead.dormant_next", "lost:L-1").ok
    assert office.tanaka.submit({}).ok
    assert office.lead().outcome == "lost"


def _menu(message: Message) -> list[str]:
    menus = [
        block["accessory"] for block in message.blocks if block.get("accessory", {}).get("type") == "static_select"
    ]
    return [option["value"] for option in menus[0]["options"]] if menus else []
