"""The main job through the front door: added, touched, qualified, offered, claimed once, and in the digest."""

import pytest

from playground.people import Person
from playground.seed import MARKETING, SALES
from tests.office import Office

NAKAMURA = "add 中村 理恵, ミナモ精機株式会社, 生産管理部 部長, r.nakamura@minamo-seiki.example, 045-555-0142"


def test_lead_goes_from_marketing_to_sales_and_stands_in_the_digest(office: Office) -> None:
    """A lead is added, touched, offered by its score, claimed by a click, and the owner's digest asks for the first call."""
    assert "L-1" in office.say(office.tanaka, NAKAMURA).text
    office.say(office.tanaka, "log L-1 資料請求")
    office.say(office.tanaka, "log L-1 電話 先方から デモを見たい")
    answer = office.say(office.tanaka, "log L-1 デモ依頼")
    assert "47 → 72" in answer.text
    office.deliver()
    (card,) = office.cards()
    assert "ミナモ精機" in card.text
    assert "r.nakamura" not in str(card.blocks)

    office.clock.move(minutes=23)
    assert office.sato.click(card, "handoff.claim").ok
    assert "045-555-0142" in office.heard(office.sato)
    office.deliver()
    (card,) = office.cards()
    assert "Sato" in card.text
    assert "23分後" in str(card.blocks)
    assert office.lead().stage == "SQL"

    office.run("digest")
    office.clock.move(days=1)
    office.run("digest")
    (digest,) = office.sato.dms()
    assert "中村 理恵" in digest.text


@pytest.mark.parametrize("way", ["button", "reaction", "command"])
def test_second_claimant_is_told_who_was_first(office: Office, way: str) -> None:
    """Whatever way the second comes, the first keeps the lead and the second hears who has it."""
    office.say(office.tanaka, NAKAMURA)
    office.say(office.tanaka, "qualify L-1 今朝デモ依頼")
    office.deliver()
    (card,) = office.cards()
    office.aoki.click(card, "handoff.claim")
    _claim(office, office.sato, way)
    assert "Aoki" in office.heard(office.sato) or "青木" in office.heard(office.sato)
    office.deliver()
    assert office.handoffs()[0].state == "claimed"
    assert len([c for c in office.cards() if c.thread_ts is None]) <= 1


def _claim(office: Office, person: Person, way: str) -> None:
    (card,) = office.cards()
    if way == "button":
        person.click(card, "handoff.claim")
    elif way == "command":
        office.say(person, "claim L-1")
    else:
        person.react(card, "raised_hand::skin-tone-3")
        office.deliver()


def test_returned_lead_reaches_its_marketer_with_the_reason(office: Office) -> None:
    """Sales gives a lead back; the marketer is named in marketing's channel, and the lead is recycled."""
    office.say(office.tanaka, NAKAMURA)
    office.say(office.tanaka, "qualify L-1")
    office.deliver()
    office.aoki.click(office.cards()[0], "handoff.claim")
    office.say(office.aoki, "return L-1 時期が早い 2027-01-15 相見積もりは年明けから")
    office.deliver()
    note = office.tanaka.sees(MARKETING)[-1]
    assert office.tanaka.user.id in str(note.blocks)
    assert "相見積もりは年明けから" in str(note.blocks)
    lead = office.lead()
    assert (lead.stage, lead.is_recycled, lead.owner_id) == ("INQUIRY", True, None)
    assert "差し戻し" in office.cards()[0].text


def test_unclaimed_handoff_is_reminded_of_then_told_to_the_manager(office: Office) -> None:
    """When its time is up the thread gets one reminder, later the manager one message."""
    office.say(office.tanaka, NAKAMURA)
    office.say(office.tanaka, "qualify L-1")
    office.deliver()
    office.clock.move(hours=2, minutes=1)
    assert office.run("handoffs") == 1
    assert office.run("handoffs") == 0
    (card,) = office.cards()
    replies = [m for m in office.mori.sees(SALES) if m.thread_ts == card.ts and m.ts != card.ts]
    assert len(replies) == 1
    assert "期限超過" in card.text
    office.clock.move(hours=2, minutes=1)
    office.run("handoffs")
    assert any("L-1" in message.text for message in office.mori.dms())
