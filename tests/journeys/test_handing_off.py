"""A lead goes to sales: offered, withdrawn, claimed once, put back, returned, assigned."""

from datetime import date

import pytest

from playground.seed import MARKETING, SALES
from tests.journeys.steps import NAKAMURA, answer, buttons, claim, form_of, offer, unchanged
from tests.office import Office

HANDS = (
    "raised_hand", "hand", "raising_hand", "man-raising-hand", "woman-raising-hand", "raised_hand::skin-tone-2",
    "hand::skin-tone-6", "raising_hand::skin-tone-3", "man-raising-hand::skin-tone-4", "woman-raising-hand::skin-tone-5",
)  # fmt: skip


def test_offer_carries_marketings_words_and_one_card(small_office: Office) -> None:
    """Why now stands on the card; a second offer of the same lead is refused."""
    office = small_office
    card = offer(office, why="今朝デモ依頼、年内に決めたい")
    assert "今朝デモ依頼、年内に決めたい" in str(card.blocks)
    assert len(office.cards()) == 1
    with unchanged(office):
        assert "引き受け待ち" in office.say(office.tanaka, "qualify L-1").text


def test_offer_by_form_and_back(small_office: Office) -> None:
    """The form behind the button asks why now; withdrawing makes the card say so."""
    office = small_office
    added = office.say(office.tanaka, NAKAMURA).message
    shown = office.say(office.tanaka, "show L-1").message
    assert added is not None
    assert shown is not None
    office.tanaka.click(shown, "handoff.form")
    office.tanaka.submit({"why_now": "予算が下りた"})
    office.deliver()
    assert "予算が下りた" in str(office.cards()[0].blocks)
    assert office.handoffs()[0].marketer_id == office.lead().marketer_id
    assert "取り下げました" in office.say(office.tanaka, "取り下げ L-1").text
    office.deliver()
    (card,) = office.cards()
    assert "取り下げ" in card.text
    assert "handoff.claim" not in buttons(card)
    assert office.lead().stage == "INQUIRY"
    (handoff,) = office.handoffs()
    assert (handoff.withdrawn_by_id, handoff.withdrawn_at) == (handoff.offered_by_id, office.clock())
    assert "引き受け待ちではありません" in office.say(office.tanaka, "withdraw L-1").text


def test_every_raised_hand_claims(small_office: Office) -> None:
    """✋ and 🙋 in every skin tone and form; a thumb does not, and taking the hand down changes nothing."""
    office = small_office
    for number, hand in enumerate(HANDS):
        card = offer(office, f"add 鈴木 {number}号 x{number}@example.co.jp")
        office.aoki.react(card, "thumbsup")
        assert office.handoffs()[-1].state == "offered", hand
        office.aoki.react(card, hand)
        assert office.handoffs()[-1].state == "claimed", hand
        office.aoki.unreact(card, hand)
        assert office.handoffs()[-1].state == "claimed", hand
    office.deliver()
    assert "L-10" in answer(office, office.aoki, SALES).text


def test_reaction_on_anything_else_claims_nothing(small_office: Office) -> None:
    """A hand on somebody's own message, or on a copy of the card elsewhere, is only a hand."""
    office = small_office
    offer(office)
    talk = office.aoki.say(SALES, "これ、誰か？")
    with unchanged(office):
        office.sato.react(talk, "raised_hand")
        office.sato.react(office.mori.say(SALES, "hi"), "hand")


def test_claim_by_command_names_the_winner_to_the_rest(office: Office) -> None:
    """Whoever comes later is told who has it and since when; oneself, that it is one's own."""
    card = offer(office)
    assert "045-555-0142" in office.say(office.sato, "claim L-1").text
    office.clock.move(minutes=5)
    with unchanged(office):
        assert "9:40" in office.say(office.aoki, "引き受け L-1").text
        assert "already yours" in office.say(office.sato, "claim L-1").text
        office.aoki.click(card, "handoff.claim")
    assert "Sato" in office.heard(office.aoki)


def test_release_puts_a_claim_back_for_fifteen_minutes(small_office: Office) -> None:
    """A slip can be put back as if it had not been; later it is a return; only the owner or a manager may."""
    office = small_office
    claim(office)
    assert "青木" in office.say(office.sato, "release L-1").text
    office.say(office.mori, "release L-1")
    assert office.handoffs()[0].state == "offered"
    office.say(office.aoki, "claim L-1")
    assert "取り消しました" in office.say(office.aoki, "release L-1").text
    office.deliver()
    (card,) = office.cards()
    assert "handoff.claim" in buttons(card)
    assert (office.lead().stage, office.lead().owner_id, office.handoffs()[0].state) == ("MQL", None, "offered")
    office.sato.click(card, "handoff.claim")
    office.clock.move(minutes=16)
    with unchanged(office):
        assert "15 minutes" in office.say(office.sato, "release L-1").text


def test_released_overdue_offer_is_not_forgotten(small_office: Office) -> None:
    """A claim put back after the time was up still comes to the manager."""
    office = small_office
    card = offer(office)
    office.clock.move(hours=2, minutes=1)
    office.run("handoffs")
    office.aoki.click(card, "handoff.claim")
    office.say(office.aoki, "release L-1")
    office.clock.move(hours=2, minutes=1)
    office.run("handoffs")
    assert any("L-1" in message.text for message in office.mori.dms())


@pytest.mark.parametrize(
    ("line", "reason"),
    [("return L-1 情報不足 電話番号がない", "incomplete"), ("差し戻し L-1 対象外", "no_fit"), ("return L-1 no budget", "no_need"),
     ("return L-1 too early 2027-01-15", "too_early"), ("return L-1 other they moved away", "other")],
)  # fmt: skip
def test_return_by_line(small_office: Office, line: str, reason: str) -> None:
    """Reasons in both languages; the lead is an INQUIRY again, recycled, nobody's."""
    office = small_office
    claim(office)
    assert "L-1" in office.say(office.aoki, line).text
    handoff, lead = office.handoffs()[0], office.lead()
    assert (handoff.state, handoff.reason) == ("returned", reason)
    assert (lead.stage, lead.is_recycled, lead.owner_id) == ("INQUIRY", True, None)


def test_return_that_teaches_nothing_is_refused(small_office: Office) -> None:
    """A reason that needs a comment or a day is asked for it; an unknown one is told the nearest."""
    office = small_office
    claim(office)
    lines = {
        "other": "コメント", "incomplete": "コメント", "too early": "目安", "too early 2026-11-01": "過去", "対象害": "対象外",
        "nothing": "nothing",
    }  # fmt: skip
    for line, said in lines.items():
        with unchanged(office):
            assert said in office.say(office.aoki, f"return L-1 {line}").text, line


def test_return_form_asks_at_the_field(small_office: Office) -> None:
    """From the card's button: nothing is chosen at first, and what is missing is said where it belongs."""
    office = small_office
    card = offer(office)
    office.sato.click(card, "handoff.return_form")
    view = form_of(office.sato)
    assert view.body["title"]["text"] == "Return handoff"
    assert "田中" in str(view.blocks)
    assert office.sato.submit().errors.keys() == {"reason"}
    assert office.sato.submit({"reason": "other"}).errors.keys() == {"comment"}
    assert office.sato.submit({"reason": "too_early"}).errors.keys() == {"retry_on"}
    assert office.sato.submit({"retry_on": "2026-11-01"}).errors.keys() == {"retry_on"}
    assert office.sato.submit({"retry_on": "2027-01-15", "comment": "after the fiscal year"}).outcome == "cleared"
    handoff = office.handoffs()[0]
    assert (handoff.state, handoff.retry_on, handoff.comment) == (
        "returned",
        date(2027, 1, 15),
        "after the fiscal year",
    )


def test_proposed_day_of_a_return_becomes_the_next_step(small_office: Office) -> None:
    """The note to marketing offers the day that sales named."""
    office = small_office
    claim(office)
    office.say(office.aoki, "return L-1 時期が早い 2027-01-15 年明けに予算が決まる")
    office.deliver()
    note = office.tanaka.sees(MARKETING)[-1]
    assert office.tanaka.click(note, "followup.on").ok
    assert str(office.lead().follow_up_on) == "2027-01-15"
    assert "1/15" in office.heard(office.tanaka)


def test_returned_lead_is_offered_again(small_office: Office) -> None:
    """Qualified anew, it gets a card of its own; the old one keeps its history."""
    office = small_office
    claim(office)
    office.say(office.aoki, "return L-1 対象外")
    office.say(office.tanaka, "qualify L-1 担当者が替わった")
    office.deliver()
    old, new = office.cards()
    assert "差し戻し" in old.text
    assert "担当者が替わった" in str(new.blocks)
    assert office.sato.click(new, "handoff.claim").ok
    assert office.lead().owner_id is not None


def test_manager_assigns_by_name_mention_and_form(small_office: Office) -> None:
    """An offered lead is claimed for somebody, an owned one changes hands, and both are told."""
    office = small_office
    offer(office)
    assert "青木" in office.say(office.mori, "assign L-1 @aoki").text
    assert office.handoffs()[0].state == "claimed"
    office.deliver()
    office.say(office.mori, "担当 L-1 <@U0SATO|sato>")
    office.deliver()
    assert any("L-1" in message.text for message in office.aoki.dms())
    assert any("L-1" in message.text for message in office.sato.dms())
    assert "Sato" in office.cards()[0].text
    assert office.say(office.mori, "assign L-1").message is None
    assert office.mori.submit({"owner": "U0KIM"}).errors.keys() == {"owner"}
    assert office.mori.submit({"owner": "U0AOKI"}).outcome == "cleared"
    assert "青木" in office.heard(office.mori)


def test_only_somebody_in_sales_can_be_assigned(small_office: Office) -> None:
    """Marketing, guests, strangers and unknown names are refused."""
    office = small_office
    offer(office)
    with unchanged(office):
        for person in ("田中", "外部 花子", "<@U0GUEST|guest>", "<@U0STRANGER>", "U0NOBODY", "誰か"):
            assert "割り当てられません" in office.say(office.mori, f"assign L-1 {person}").text, person


def test_lead_that_nobody_qualified_cannot_be_assigned_or_returned(small_office: Office) -> None:
    """There is nothing yet that somebody could own."""
    office = small_office
    office.say(office.tanaka, NAKAMURA)
    with unchanged(office):
        assert "INQUIRY" in office.say(office.mori, "assign L-1 青木").text
        assert "引き受け待ちではありません" in office.say(office.aoki, "return L-1 対象外").text
        assert "not waiting" in office.say(office.sato, "claim L-1").text
        assert "まだ担当がいません" in office.say(office.mori, "release L-1").text
