"""A possible duplicate is asked about before anything is saved."""

import pytest

from playground.entities import Message
from playground.seed import MARKETING
from tests.journeys.steps import NAKAMURA, answer, form_of, unchanged
from tests.office import Office

SAME_EMAIL = "add 中村 R, R.Nakamura@Minamo-Seiki.example campaign:秋展示会2026 予算:300万円"
SAME_PHONE = "add 中村　理恵 045(555)0142 campaign:秋展示会2026"


def ask(office: Office, line: str = SAME_EMAIL) -> Message:
    """Have Tanaka add somebody who is there already, and return the question."""
    office.say(office.tanaka, NAKAMURA)
    message = office.say(office.tanaka, line).message
    assert message is not None
    assert len(office.leads()) == 1
    return message


@pytest.mark.parametrize(
    ("line", "reason"), [(SAME_EMAIL, "メールアドレス"), (SAME_PHONE, "電話番号"), (NAKAMURA, "会社名")]
)
def test_question_says_why(small_office: Office, line: str, reason: str) -> None:
    """The same e-mail, or the same phone with the same folded name, is asked about with its reasons."""
    question = ask(small_office, line)
    assert "まだ登録していません" in question.text
    assert reason in question.text


def test_colleague_with_the_same_number_is_no_duplicate(small_office: Office) -> None:
    """A company's number is many people's; the same person among all of them is still found."""
    office = small_office
    office.say(office.tanaka, NAKAMURA)
    for number in range(2, 25):
        assert f"L-{number}" in office.say(office.tanaka, f"add 鈴木 {number}号, 045-555-0142").text
    assert "まだ登録していません" in office.say(office.tanaka, "add 中村理恵 045-555-0142").text


def test_adding_to_the_lead_fills_what_was_empty(small_office: Office) -> None:
    """Only empty fields are filled; the question gives way to the answer, and cannot be answered twice."""
    office = small_office
    question = ask(office)
    assert office.tanaka.click(question, "lead.add_to_existing").ok
    assert "L-1" in office.heard(office.tanaka)
    lead = office.lead()
    assert (lead.name, lead.campaign, lead.budget) == ("中村 理恵", "秋展示会2026", "300万円")
    assert len(office.leads()) == 1
    with unchanged(office):
        office.tanaka.click(question, "lead.add_anyway")
        assert "もう一度" in office.heard(office.tanaka)


def test_add_anyway_saves_everything_typed(small_office: Office) -> None:
    """It is another person: a lead of its own, with the seven that came in the line."""
    office = small_office
    office.tanaka.click(ask(office), "lead.add_anyway")
    assert "L-2" in office.heard(office.tanaka)
    lead = office.lead(2)
    assert (lead.name, lead.email, lead.budget) == ("中村 R", "R.Nakamura@Minamo-Seiki.example", "300万円")


def test_discard_hands_the_line_back(small_office: Office) -> None:
    """Nothing is saved, and what was typed can be copied."""
    office = small_office
    office.tanaka.click(ask(office), "lead.discard_draft")
    assert "秋展示会2026" in office.heard(office.tanaka)
    assert len(office.leads()) == 1


def test_question_opens_the_lead_or_logs_on_it(small_office: Office) -> None:
    """The person looks at the lead, or logs the contact there, from the question itself."""
    office = small_office
    question = ask(office)
    office.tanaka.click(question, "lead.show")
    assert "L-1" in office.heard(office.tanaka)
    office.tanaka.click(question, "touchpoint.form")
    office.tanaka.submit({"kind": "trade_show", "note": "ブースで再会"})
    assert [touch.note for touch in office.touchpoints()] == ["ブースで再会"]


def test_three_matches_have_a_button_each(small_office: Office) -> None:
    """With several matches each has its own way in, and none is suggested before the others."""
    office = small_office
    question = ask(office)
    office.tanaka.click(question, "lead.add_anyway")
    office.answered()
    several = office.say(office.tanaka, SAME_EMAIL).message
    assert several is not None
    chosen = [e for b in several.blocks for e in b.get("elements", []) if e.get("action_id") == "lead.add_to_existing"]
    assert {value.rpartition(":")[2] for value in (button["value"] for button in chosen)} == {"L-1", "L-2"}
    assert not any(button.get("style") == "primary" for button in chosen)


def test_form_asks_on_top_and_goes_back_with_its_values(small_office: Office) -> None:
    """The question lies over the form: back shows the form as it was, and sending it again asks again."""
    office = small_office
    office.say(office.tanaka, NAKAMURA)
    office.say(office.tanaka, "add")
    first = office.tanaka.submit({"name": "中村", "email": "r.nakamura@minamo-seiki.example", "source": "card"})
    assert first.outcome == "pushed"
    assert "L-1" in str(form_of(office.tanaka).blocks)
    office.tanaka.close()
    view = form_of(office.tanaka)
    assert view.callback_id == "lead.add"
    assert view.typed["name"]["v"]["value"] == "中村"
    assert office.tanaka.submit({"name": "中村 梨江"}).outcome == "pushed"
    assert office.tanaka.submit({"choice": "separate"}).outcome == "cleared"
    assert office.lead(2).name == "中村 梨江"
    assert "L-2" in answer(office, office.tanaka, MARKETING).text


def test_form_adds_to_the_lead(small_office: Office) -> None:
    """In the form too the same person's entry fills what was empty."""
    office = small_office
    office.say(office.tanaka, NAKAMURA)
    office.say(office.tanaka, "add")
    office.tanaka.submit({"email": "r.nakamura@minamo-seiki.example", "source": "seminar", "campaign": "秋セミナー"})
    assert office.tanaka.submit({"choice": "add_to:L-1"}).outcome == "cleared"
    assert (office.lead().source, office.lead().campaign) == ("seminar", "秋セミナー")


def test_somebody_elses_draft_is_nobodys(small_office: Office) -> None:
    """A draft belongs to who typed it."""
    office = small_office
    question = ask(office)
    with unchanged(office):
        office.mori.send("interactive", office.tanaka.click(question, "lead.show").body
                         | {"user": {"id": office.mori.id, "team_id": "T0PLAY"}, "trigger_id": "other",
                            "actions": [{"action_id": "lead.add_anyway", "value": _draft(question), "type": "button"}]})  # fmt: skip
    assert office.tanaka.click(question, "lead.add_anyway").ok


def _draft(question: Message) -> str:
    elements = [e for b in question.blocks for e in b.get("elements", []) if e.get("action_id") == "lead.add_anyway"]
    return str(elements[0]["value"])
