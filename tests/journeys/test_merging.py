"""Possible duplicates are reviewed, merged and parted again, through the front door."""

import pytest
from sqlalchemy import select
from sqlmodel import col

from models.company import Company
from models.lead import Lead
from models.match_suggestion import MatchSuggestion
from playground.entities import Message
from playground.seed import MARKETING
from tests.journeys.steps import NAKAMURA, answer, buttons, form_of, unchanged
from tests.office import Office

# A revision only grows.
_PASSING = {"rev", "updated_at"}
DOUBLE = "add 中村理恵, ㈱ミナモ精機, 生産管理部"


def review(office: Office) -> Message:
    """Have Mori ask for the review list after Tanaka added somebody twice, and return it."""
    office.say(office.tanaka, NAKAMURA)
    office.say(office.tanaka, DOUBLE)
    office.run("match")
    shown = office.say(office.mori, "list 重複").message
    assert shown is not None
    return shown


def merge(office: Office, stays: str = "L-1") -> Message:
    """Merge the two from the list, and return the answer."""
    office.mori.click(review(office), "merge.form")
    office.mori.submit({"stays": stays})
    return answer(office, office.mori, MARKETING)


def test_likely_double_is_suggested_with_its_reasons(office: Office) -> None:
    """The list names both with why, Home has a door to it, and sales is told who reviews."""
    shown = review(office)
    assert "L-1 ミナモ精機株式会社" in shown.text
    assert "L-2 ㈱ミナモ精機" in shown.text
    assert "氏名が同じ" in str(shown.blocks)
    assert "マーケティング" in office.say(office.aoki, "list 重複").text
    office.mori.open_home()
    office.server.settle()
    office.answered()
    assert "重複の候補" in str(office.mori.home)


def test_merging_says_what_survives_and_keeps_it(office: Office) -> None:
    """The form tells what each choice takes over; afterwards either number shows the one lead."""
    office.mori.click(review(office), "merge.form")
    said = str(form_of(office.mori).blocks)
    assert "L-1を残す" in said
    assert "引き継ぐ" in said
    office.mori.submit({"stays": "L-2"})
    assert "L-1をL-2" in office.heard(office.mori)
    (lead,) = office.leads()
    assert (lead.number, lead.email, lead.title) == (2, "r.nakamura@minamo-seiki.example", "生産管理部")
    assert "L-2" in office.say(office.tanaka, "show L-1").text
    assert "L-2" in office.say(office.tanaka, "log L-1 電話").text
    assert "中村理恵" in office.say(office.tanaka, "find nakamura").text
    assert "ありません" in office.say(office.mori, "list duplicates").text


@pytest.mark.parametrize("way", ["click", "command", "card"])
def test_a_merge_is_undone(office: Office, way: str) -> None:
    """By the answer's button, by `/lead undo`, or later from the card: two leads as they were."""
    office.say(office.tanaka, NAKAMURA)
    office.say(office.tanaka, DOUBLE)
    before = [lead.model_dump(exclude=_PASSING) for lead in office.leads()]
    said = merge_by_command(office)
    if way == "click":
        office.mori.click(said, "merge.undo")
        assert "2件に戻りました" in office.heard(office.mori)
    elif way == "command":
        assert "2件に戻しました" in office.say(office.mori, "undo").text
    else:
        office.clock.move(days=20)
        card = office.say(office.mori, "show L-2").message
        assert card is not None
        assert "merge.undo" in buttons(card)
        office.mori.click(card, "merge.undo")
        office.answered()
    after = [lead.model_dump(exclude=_PASSING) for lead in office.leads()]
    assert after == before


def merge_by_command(office: Office) -> Message:
    """Merge L-2 into L-1 by the command, and return the answer."""
    office.say(office.mori, "merge L-1 L-2")
    office.mori.submit({"stays": "L-1"})
    return answer(office, office.mori, MARKETING)


def test_not_the_same_is_remembered(office: Office) -> None:
    """Tanaka says that they are two: the pair goes, and does not come back when one of them is edited."""
    office.tanaka.click(review_by_tanaka(office), "pair.not_same")
    assert "ありません" in office.heard(office.tanaka)
    office.say(office.tanaka, "edit L-2 電話:045-555-0143")
    office.run("match")
    assert "ありません" in office.say(office.tanaka, "list 重複").text


def review_by_tanaka(office: Office) -> Message:
    review(office)
    shown = office.say(office.tanaka, "list 重複").message
    assert shown is not None
    assert "merge.form" not in buttons(shown)
    return shown


def test_later_leaves_the_pair_behind_the_others(office: Office) -> None:
    """It is put off, not forgotten; two people who decide at once are told."""
    shown = review_by_tanaka(office)
    office.tanaka.click(shown, "pair.later")
    assert "L-1 ミナモ精機株式会社" in office.heard(office.tanaka)
    office.tanaka.click(answer(office, office.tanaka, MARKETING), "pair.not_same")
    with unchanged(office):
        office.mori.click(shown, "pair.not_same")
        assert "すでに判断" in office.heard(office.mori)


def test_saved_as_separate_is_not_suggested(office: Office) -> None:
    """Who said in the question that it is another person is not asked again."""
    office.say(office.tanaka, NAKAMURA)
    question = office.say(office.tanaka, NAKAMURA).message
    assert question is not None
    office.tanaka.click(question, "lead.add_anyway")
    office.run("match")
    assert "ありません" in office.say(office.tanaka, "list 重複").text
    with office.bot.database.read() as session:
        (pair,) = session.scalars(select(MatchSuggestion))
    assert pair.state == "not_same"


def test_two_companies_become_one(office: Office) -> None:
    """The same name with another domain is suggested, accepted by a click, and parted again by another."""
    office.say(office.tanaka, NAKAMURA)
    office.say(office.tanaka, "add 鈴木 一郎, ミナモ精機, suzuki@minamo-west.example")
    office.run("match")
    shown = office.say(office.mori, "list 重複").message
    assert shown is not None
    office.mori.click(shown, "pair.join")
    assert "1つの企業" in office.heard(office.mori)
    assert "ありません" in office.say(office.tanaka, "list 重複").text
    office.say(office.tanaka, "add 佐藤 花, ミナモ精機, sato@minamo-west.example")
    office.run("match")
    assert companies_of(office) == {"中村 理恵": 0, "鈴木 一郎": 1, "佐藤 花": 0}
    office.mori.click(answer(office, office.mori, MARKETING), "pair.part")
    assert "確認待ち 1組" in office.heard(office.mori)
    office.run("match")
    assert companies_of(office) == {"中村 理恵": 0, "鈴木 一郎": 1, "佐藤 花": 1}
    with office.bot.database.read() as session:
        assert not [company for company in session.scalars(select(Company)) if company.same_as_id]


def companies_of(office: Office) -> dict[str, int]:
    """Return the place of each lead's company among all of them, the oldest first."""
    with office.bot.database.read() as session:
        places = {
            company_id: place
            for place, company_id in enumerate(session.scalars(select(col(Company.id)).order_by(col(Company.id))))
        }
        return {lead.name: places[lead.company_id or 0] for lead in session.scalars(select(Lead))}


@pytest.mark.parametrize(
    ("line", "said"),
    [("merge L-1", "L-7 L-12"), ("merge L-1 L-1", "どちらも"), ("merge L-1 L-99", "L-99"), ("統合", "L-7 L-12")],
)
def test_what_cannot_be_merged_is_refused_in_words(small_office: Office, line: str, said: str) -> None:
    """One lead, the same twice, or one that is not there."""
    office = small_office
    office.say(office.tanaka, NAKAMURA)
    with unchanged(office):
        assert said in office.say(office.mori, line).text
        assert (
            "管理者" in office.say(office.tanaka, "merge L-1 L-2").text
            or "マネージャー" in office.say(office.tanaka, "merge L-1 L-2").text
        )
