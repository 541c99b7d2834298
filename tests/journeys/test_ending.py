"""How a lead goes on or ends: the next step, won, lost."""

from datetime import datetime

from tests.journeys.steps import NAKAMURA, buttons, claim, form_of, initial, offer, unchanged
from tests.office import Office


def test_next_step_by_line(small_office: Office) -> None:
    """A day in either language, and what to do."""
    office = small_office
    office.say(office.tanaka, NAKAMURA)
    lines = {
        "follow L-1 明日": "2026-11-25", "予定 L-1 12/1": "2026-12-01", "follow L-1 tomorrow": "2026-11-25",
        "next L-1 2027-01-15": "2027-01-15", "フォロー L-1 来週月曜": "2026-11-30",
    }  # fmt: skip
    for line, day in lines.items():
        assert "見積もり" in office.say(office.tanaka, f"{line} 見積もり").text, line
        assert (str(office.lead().follow_up_on), office.lead().follow_up_note) == (day, "見積もり")


def test_next_step_by_form_at_a_time(small_office: Office) -> None:
    """A time of day is one in the person's own zone; a planned step stands in the form."""
    office = small_office
    office.say(office.tanaka, NAKAMURA)
    office.say(office.tanaka, "follow L-1")
    assert office.tanaka.submit({"on": "2026-11-23"}).errors.keys() == {"on"}
    office.tanaka.submit({"on": "2026-11-27", "at": "15:30", "note": "デモの日程"})
    lead = office.lead()
    assert lead.follow_up_at == datetime.fromisoformat("2026-11-27T15:30:00+09:00")
    assert "15:30" in office.heard(office.tanaka)
    office.say(office.tanaka, "follow L-1")
    view = form_of(office.tanaka)
    assert (initial(view, "on"), initial(view, "at")) == ("2026-11-27", "15:30")


def test_won_and_lost_with_a_word(small_office: Office) -> None:
    """The owner closes what is theirs; the card and the lists follow."""
    office = small_office
    claim(office)
    assert "受注" in office.say(office.aoki, "受注 L-1 年間契約").text
    lead = office.lead()
    assert (lead.stage, lead.outcome, lead.closed_note) == ("CLOSED", "won", "年間契約")
    assert lead.dormant_at is None
    assert "まだ担当リードはありません" in office.say(office.aoki, "list mine").text


def test_lost_asks_why_in_a_form(small_office: Office) -> None:
    """Without a word the form asks; what is written there is kept."""
    office = small_office
    claim(office, office.sato)
    assert office.say(office.sato, "lost L-1").message is None
    assert form_of(office.sato).body["title"]["text"] == "Mark as lost"
    office.sato.submit({"closed_note": "went with a competitor"})
    assert (office.lead().outcome, office.lead().closed_note) == ("lost", "went with a competitor")
    assert "lost" in office.heard(office.sato)


def test_menu_of_the_card_closes_too(small_office: Office) -> None:
    """⋮ holds what is rare: won, lost, return."""
    office = small_office
    claim(office)
    shown = office.say(office.aoki, "show L-1").message
    assert shown is not None
    office.aoki.choose(shown, "lead.more", "won:L-1")
    office.aoki.submit({"closed_note": "即決"})
    assert (office.lead().outcome, office.lead().closed_note) == ("won", "即決")


def test_closing_withdraws_what_is_still_offered(small_office: Office) -> None:
    """Nobody can claim a lead that is lost; undone, it is offered again."""
    office = small_office
    offer(office)
    office.say(office.tanaka, "lost L-1 倒産")
    office.deliver()
    assert "handoff.claim" not in buttons(office.cards()[0])
    office.say(office.tanaka, "undo")
    office.deliver()
    (card,) = office.cards()
    assert "handoff.claim" in buttons(card)
    assert (office.lead().stage, office.lead().outcome) == ("MQL", None)
    assert office.handoffs()[0].claim_due_at == office.handoffs()[0].due_at
    assert office.aoki.click(card, "handoff.claim").ok
    assert office.lead().stage == "SQL"


def test_only_the_owner_or_a_manager_closes(small_office: Office) -> None:
    """Whose lead it is, is said to who may not."""
    office = small_office
    claim(office)
    with unchanged(office):
        assert "青木" in office.say(office.sato, "won L-1").text
    office.say(office.mori, "won L-1")
    assert office.lead().outcome == "won"


def test_only_an_sql_is_won(small_office: Office) -> None:
    """There is no such move from where it stands."""
    office = small_office
    office.say(office.tanaka, NAKAMURA)
    with unchanged(office):
        assert "INQUIRY" in office.say(office.tanaka, "won L-1").text
