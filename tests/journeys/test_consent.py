"""What somebody agreed to: noted with its evidence, withdrawn at once, and never loosened by a slip."""

import pytest
from sqlalchemy import select

from models.consent import ConsentBasis, ConsentRecord
from models.lead import Consent
from playground.seed import MARKETING
from tests.journeys.steps import NAKAMURA, SMITH, answer, form_of, initial, unchanged
from tests.office import Office


def history(office: Office) -> list[ConsentRecord]:
    """Return every answer that was noted, the oldest first."""
    with office.bot.database.read() as session:
        return list(session.scalars(select(ConsentRecord).order_by(ConsentRecord.id)))  # type: ignore[arg-type]


def test_consent_is_noted_with_its_evidence(office: Office) -> None:
    """In one line, in Japanese or English; the card shows all of it."""
    office.say(office.tanaka, NAKAMURA)
    said = office.say(
        office.tanaka, "同意 L-1 あり メルマガ 取得元:展示会アンケート 根拠:名刺 日付:11/20 版:2026-04"
    ).text
    assert "「あり」" in said
    (record,) = history(office)
    assert (record.answer, record.purpose, record.origin) == (Consent.YES, "メルマガ", "展示会アンケート")
    assert (record.basis, record.notice) == (ConsentBasis.CARD, "2026-04")
    card = str(office.say(office.tanaka, "show L-1").message)
    for words in ("あり（11/20）", "メルマガ", "名刺の受領", "展示会アンケート", "2026-04"):
        assert words in card


def test_a_withdrawal_is_one_command(office: Office) -> None:
    """At once, on the card above everything else, in lists, and for everybody at the address."""
    office.say(office.sato, SMITH)
    office.say(office.sato, "consent L-1 yes newsletter from:webinar")
    said = office.say(office.sato, "consent L-1 no").text
    assert said.startswith("Opted out of e-mail: L-1")
    shown = office.say(office.sato, "show L-1").message
    assert shown is not None
    assert "opted out" in str(shown.blocks[1])
    assert "no e-mailing" in str(office.say(office.sato, "find Smith").message)
    assert [record.answer for record in history(office)] == [Consent.YES, Consent.NO]


@pytest.mark.parametrize(
    "line", ["consent L-1 yes", "consent L-1 yes newsletter", "consent L-1 unknown", "同意 L-1 あり"]
)
def test_an_opt_out_is_not_ended_without_evidence(office: Office, line: str) -> None:
    """The refusal says what is needed; with it, a new consent is one."""
    office.say(office.tanaka, NAKAMURA)
    office.say(office.tanaka, "consent L-1 no")
    with unchanged(office):
        assert "取得元" in office.say(office.tanaka, line).text
    office.say(office.tanaka, "consent L-1 yes from:12/1 のフォーム")
    assert office.lead().consent is Consent.YES


def test_the_contact_form_cannot_end_an_opt_out_either(office: Office) -> None:
    """The menu says so under the field, and whatever else was changed in it stays to be saved."""
    office.say(office.tanaka, NAKAMURA)
    office.say(office.tanaka, "consent L-1 no")
    office.say(office.tanaka, "edit L-1")
    office.tanaka.click(form_of(office.tanaka), "lead.edit_contact")
    with unchanged(office):
        assert office.tanaka.submit({"consent": "yes", "title": "部長"}).errors.keys() == {"consent"}
    office.tanaka.submit({"consent": "no", "title": "部長"})
    assert (office.lead().title, office.lead().consent) == ("部長", Consent.NO)


def test_the_form_asks_what_is_known_and_what_is_not(office: Office) -> None:
    """Bare, the command opens it; a day in the past is kept, one to come is refused at its field."""
    office.say(office.tanaka, NAKAMURA)
    office.say(office.tanaka, "consent L-1 yes メルマガ notice:2026-04")
    office.say(office.tanaka, "consent L-1")
    form = form_of(office.tanaka)
    assert (initial(form, "purpose"), initial(form, "notice")) == ("メルマガ", "2026-04")
    with unchanged(office):
        refused = office.tanaka.submit({"consent": "no", "given_at": "2026-12-01"})
    assert refused.errors.keys() == {"given_at"}
    office.tanaka.submit({"consent": "no", "given_at": "2026-11-20", "origin": "電話で本人から"})
    last = history(office)[-1]
    assert (last.answer, last.origin, last.given_at.date().isoformat()) == (Consent.NO, "電話で本人から", "2026-11-20")
    assert "配信を停止しました" in answer(office, office.tanaka, MARKETING).text


def test_undo_takes_a_consent_back_and_never_a_withdrawal(office: Office) -> None:
    """Towards the stricter it is free; towards the looser only the person themselves can go."""
    office.say(office.tanaka, NAKAMURA)
    office.say(office.tanaka, "consent L-1 yes メルマガ")
    assert "元に戻しました" in office.say(office.tanaka, "undo").text
    assert office.lead().consent is Consent.UNKNOWN
    office.say(office.tanaka, "consent L-1 yes メルマガ")
    office.say(office.tanaka, "consent L-1 no")
    with unchanged(office):
        assert "取り消されています" in office.say(office.tanaka, "undo").text
    assert [record.answer for record in history(office)] == [Consent.YES, Consent.UNKNOWN, Consent.YES, Consent.NO]


def test_a_duplicate_that_says_no_is_heard(office: Office) -> None:
    """Added to the lead that is known, an entry's opt-out counts."""
    office.say(office.tanaka, NAKAMURA)
    asked = office.say(office.tanaka, f"{NAKAMURA} 同意:なし").message
    assert asked is not None
    office.tanaka.click(asked, "lead.add_to_existing")
    assert office.lead().consent is Consent.NO
    office.say(office.tanaka, "add 別人, 別会社, R.Nakamura@minamo-seiki.example consent:yes")
    office.tanaka.click(answer(office, office.tanaka, MARKETING), "lead.add_anyway")
    assert [lead.consent for lead in office.leads()] == [Consent.NO, Consent.NO]


def test_who_opted_out_is_in_no_list_for_nurturing(office: Office) -> None:
    """What came back from sales to be nurtured lists those who may be written to or have not said."""
    office.say(office.tanaka, NAKAMURA)
    office.say(office.tanaka, "qualify L-1")
    office.say(office.aoki, "return L-1 no_need")
    assert "L-1" in office.say(office.tanaka, "list recycled").text
    office.say(office.tanaka, "consent L-1 no")
    assert "L-1" not in office.say(office.tanaka, "list recycled").text


def test_the_same_again_is_no_news(office: Office) -> None:
    """Nothing is noted twice, but more evidence for it is."""
    office.say(office.tanaka, NAKAMURA)
    office.say(office.tanaka, "consent L-1 yes")
    with unchanged(office):
        office.say(office.tanaka, "consent L-1 yes")
    office.say(office.tanaka, "consent L-1 yes notice:2026-10")
    assert len(history(office)) == 2


@pytest.mark.parametrize(
    ("line", "words"),
    [("consent", "どのリード"), ("consent L-1 perhaps", "perhaps"), ("consent L-1 yes basis:whim", "whim"),
     ("consent L-1 yes at:2/30", "2/30"), ("consent L-1 yes at:2099-01-01", "2099"), ("consent L-9 yes", "L-9"),
     ("consent L-1 yes " + "あ" * 201, "200")],
)  # fmt: skip
def test_what_cannot_be_noted_is_said(office: Office, line: str, words: str) -> None:
    """Each in words, and nothing is saved."""
    office.say(office.tanaka, NAKAMURA)
    with unchanged(office):
        assert words in office.say(office.tanaka, line).text
