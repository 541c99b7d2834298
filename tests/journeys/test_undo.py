"""One's own last slip is taken back for 30 minutes, while nothing hangs on it."""

import pytest

from playground.seed import MARKETING
from tests.journeys.steps import NAKAMURA, buttons, claim, everything, offer, unchanged
from tests.office import Office


def comparable(office: Office) -> dict[str, object]:
    """Return what an undo brings back: all but the revision and its time."""
    rows = office.snapshot()
    passing = {"rev", "updated_at", "withdrawn_at", "withdrawn_by_id"}
    return {
        table: [{name: value for name, value in row.items() if name not in passing} for row in rows[table]]
        for table in ("leads", "touchpoints")
    }


@pytest.mark.parametrize(
    "line",
    ["log L-1 電話 先方から", "log L-1 資料請求 昨日", "edit L-1 予算:300万円 同意:あり 氏名:仲村", "follow L-1 明日 見積もり",
     "lost L-1 競合", "qualify L-1 今"],
)  # fmt: skip
def test_each_kind_is_taken_back(small_office: Office, line: str) -> None:
    """The lead is as it was before, to the point of its score and its due times."""
    office = small_office
    office.say(office.tanaka, NAKAMURA)
    office.say(office.tanaka, "log L-1 メール 3日前")
    before = comparable(office)
    office.say(office.tanaka, line)
    assert comparable(office) != before
    assert "L-1" in office.say(office.tanaka, "undo").text
    after = comparable(office)
    for lead in (*before["leads"], *after["leads"]):  # type: ignore[misc]
        for name in ("stage_at", "dormant_at", "marketer_id"):
            lead.pop(name)
        for name in ("engagement_a", "engagement_b", "engagement_c", "engagement_d"):
            lead[name] = pytest.approx(lead[name]) if lead[name] else 0.0
    assert after == before


def test_undone_add_is_gone_and_hands_the_line_back(office: Office) -> None:
    """The number is not given again, and what was typed can be copied."""
    office.say(office.tanaka, NAKAMURA)
    office.say(office.tanaka, "log L-1 電話")
    office.say(office.tanaka, "元に戻す")
    assert "r.nakamura@minamo-seiki.example" in office.say(office.tanaka, "undo").text
    assert office.leads() == []
    assert "L-2" in office.say(office.tanaka, NAKAMURA).text


def test_buttons_take_back_what_they_stand_under(small_office: Office) -> None:
    """Undo under an older answer takes back that lead's change, not the last one of all."""
    office = small_office
    added = office.say(office.tanaka, NAKAMURA).message
    office.say(office.tanaka, "add 鈴木")
    logged = office.say(office.tanaka, "log L-1 電話").message
    edited = office.say(office.tanaka, "edit L-1 予算:1円").message
    office.say(office.tanaka, "edit L-2 予算:2円")
    assert added is not None
    assert logged is not None
    assert edited is not None
    with unchanged(office):
        office.tanaka.click(logged, "touchpoint.undo")
        assert "取り消せません" in office.heard(office.tanaka)
    office.tanaka.click(edited, "undo.last")
    assert (office.lead(1).budget, office.lead(2).budget) == (None, "2円")
    office.tanaka.click(logged, "touchpoint.undo")
    assert office.touchpoints() == []
    office.tanaka.click(added, "lead.undo_add")
    assert [lead.number for lead in office.leads()] == [2]
    office.answered()
    assert "ミナモ精機" in office.tanaka.private_answers(MARKETING)[0].text


def test_offer_opened_by_a_contact_goes_with_it(small_office: Office) -> None:
    """A contact that made the lead an MQL, undone before anybody claimed: the card is withdrawn."""
    office = small_office
    office.say(office.tanaka, NAKAMURA)
    office.say(office.tanaka, "log L-1 デモ依頼")
    assert "引き渡しました" in office.say(office.tanaka, "log L-1 デモ依頼").text
    office.deliver()
    office.say(office.tanaka, "undo")
    office.deliver()
    assert "handoff.claim" not in buttons(office.cards()[0])
    assert (office.lead().stage, office.handoffs()[0].state, len(office.touchpoints())) == ("INQUIRY", "withdrawn", 1)


def test_claim_is_taken_back_as_by_release(small_office: Office) -> None:
    """Within its 15 minutes; afterwards it is a return."""
    office = small_office
    claim(office)
    office.say(office.aoki, "undo")
    assert (office.handoffs()[0].state, office.lead().owner_id) == ("offered", None)
    office.say(office.aoki, "claim L-1")
    office.clock.move(minutes=16)
    with unchanged(office):
        assert "15分" in office.say(office.aoki, "undo").text


def test_too_late_and_too_much_are_refused(small_office: Office) -> None:
    """After 30 minutes, when something hangs on it, and when there was nothing."""
    office = small_office
    with unchanged(office):
        assert "30分" in office.say(office.tanaka, "undo").text
    added = office.say(office.tanaka, NAKAMURA).message
    assert added is not None
    office.say(office.sato, "log L-1 call")
    with unchanged(office):
        assert "取り消せません" in office.say(office.tanaka, "undo").text
        office.tanaka.click(added, "lead.undo_add")
        assert "取り消せません" in office.heard(office.tanaka)
        office.say(office.aoki, "undo")
    office.say(office.tanaka, "log L-1 電話")
    office.clock.move(minutes=31)
    with unchanged(office):
        assert "30分" in office.say(office.tanaka, "undo").text


def test_offer_that_was_claimed_hangs(small_office: Office) -> None:
    """What somebody else has taken cannot be taken back by who offered it."""
    office = small_office
    card = offer(office)
    office.aoki.click(card, "handoff.claim")
    before = everything(office)
    assert "取り消せません" in office.say(office.tanaka, "undo").text
    assert everything(office) == before
