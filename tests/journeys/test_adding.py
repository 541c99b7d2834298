"""Leads are added by a line or by the form, in both languages."""

import pytest

from playground.seed import GENERAL, MARKETING
from tests.journeys.steps import NAKAMURA, SMITH, form_of, initial
from tests.office import Office


def test_line_is_read_in_both_languages(small_office: Office) -> None:
    """The verb, the keys and the answer are the person's own; what is typed stays as typed."""
    office = small_office
    assert office.say(office.tanaka, f"{NAKAMURA} 獲得経路:展示会 予算:300万円").text.startswith(
        "L-1 として登録しました"
    )
    assert office.say(office.sato, f"{SMITH} budget:$20k").text.startswith("Saved as L-2")
    assert office.say(office.tanaka, "追加 山田太郎").text.startswith("L-3")
    nakamura, smith, yamada = office.leads()
    assert (nakamura.name, nakamura.company, nakamura.title) == ("中村 理恵", "ミナモ精機株式会社", "生産管理部 部長")
    assert (nakamura.email, nakamura.phone) == ("r.nakamura@minamo-seiki.example", "045-555-0142")
    assert (nakamura.source, nakamura.budget) == ("trade_show", "300万円")
    assert (smith.name, smith.company, smith.source, smith.budget) == ("Anna Smith", "Acme Inc.", "webinar", "$20k")
    assert yamada.name == "山田太郎"


def test_answer_is_private_and_offers_what_comes_next(small_office: Office) -> None:
    """Only the person sees it; the form to log a contact opens for the lead just added."""
    office = small_office
    message = office.say(office.tanaka, NAKAMURA).message
    assert message is not None
    assert message.is_ephemeral
    assert not [m for m in office.mori.sees(MARKETING) if "中村" in m.text]
    assert office.tanaka.click(message, "touchpoint.form").ok
    assert "L-1" in str(form_of(office.tanaka).blocks)


@pytest.mark.parametrize(("who", "title"), [("tanaka", "リードを追加"), ("sato", "Add lead")])
def test_bare_add_opens_the_form(small_office: Office, who: str, title: str) -> None:
    """The form is in the person's language; what is put in is saved, and the answer comes where it was opened."""
    office, person = small_office, small_office.person(who)
    assert office.say(person, "add").ok
    view = form_of(person)
    assert view.body["title"]["text"] == title
    result = person.submit(
        {"name": "Anna Smith", "company": "Acme", "email": "anna@acme.example", "source": "webinar",
         "campaign": "Fall 2026", "consent": "yes", "note": "wants a quote\nby Friday"}
    )  # fmt: skip
    assert result.outcome == "cleared"
    assert "L-1" in office.heard(person)
    lead = office.lead()
    assert (lead.name, lead.company, lead.email, lead.source) == ("Anna Smith", "Acme", "anna@acme.example", "webinar")
    assert (lead.campaign, lead.consent, lead.note) == ("Fall 2026", "yes", "wants a quote\nby Friday")
    assert lead.consent_at == office.clock.now


def test_form_starts_with_the_source_used_last_that_day(small_office: Office) -> None:
    """Fifty cards after a fair come from one fair; the next day starts empty again."""
    office = small_office
    office.say(office.tanaka, "add 山田, 展示会")
    office.say(office.tanaka, "add")
    assert initial(form_of(office.tanaka), "source")["value"] == "trade_show"
    office.clock.move(days=1)
    office.say(office.tanaka, "add")
    assert initial(form_of(office.tanaka), "source") is None


def test_doubtful_line_opens_the_form_and_loses_nothing(small_office: Office) -> None:
    """What is not clear is asked about in a form that holds the guess; what the form cannot show is kept too."""
    office = small_office
    result = office.say(
        office.tanaka, "add 山田太郎, ヤマダ商事, 03-12, 何か別のこと, 予算:300万円 住所:東京都港区1-2-3"
    )
    assert result.message is None
    view = form_of(office.tanaka)
    assert initial(view, "name") == "山田太郎"
    assert office.leads() == []
    assert office.tanaka.submit({"source": "card"}).outcome == "cleared"
    lead = office.lead()
    assert (lead.name, lead.company, lead.budget) == ("山田太郎", "ヤマダ商事", "300万円")
    assert lead.extra == {"address": "東京都港区1-2-3"}
    assert "何か別のこと" in lead.note


def test_half_an_address_is_asked_about(small_office: Office) -> None:
    """What looks like an e-mail address and is none is not silently somebody's company."""
    office = small_office
    assert office.say(office.tanaka, "add 山田, yamada@").message is None
    assert initial(form_of(office.tanaka), "name") == "山田"
    assert office.leads() == []


def test_form_shows_what_is_wrong_at_its_field(small_office: Office) -> None:
    """A wrong phone number, and a form that names nobody, stay open with everything typed."""
    office = small_office
    office.say(office.tanaka, "add")
    assert office.tanaka.submit({"name": "山田", "phone": "12", "source": "card"}).errors.keys() == {"phone"}
    assert office.tanaka.submit({"name": "", "phone": "", "source": "card"}).errors.keys() == {"name"}
    assert office.leads() == []
    assert office.tanaka.submit({"name": "山田", "source": "card"}).outcome == "cleared"
    assert office.lead().name == "山田"


def test_plain_member_adds_from_any_channel(small_office: Office) -> None:
    """Somebody of neither channel adds and logs, in their own language."""
    office = small_office
    brown = office.person("brown")
    assert "Saved as L-1" in brown.command(GENERAL, f"/lead {SMITH}").text
    assert "Logged" in brown.command(GENERAL, "/lead log L-1 call").text
    assert "anna@acme.example" in str(brown.private_answers(GENERAL)[0].blocks)


def test_shortcuts_open_the_forms(small_office: Office) -> None:
    """Global shortcuts have no channel: their answer comes in a dialog."""
    office = small_office
    assert office.tanaka.shortcut("lead.add").ok
    result = office.tanaka.submit({"name": "山田", "source": "card"})
    assert result.outcome == "updated"
    assert "L-1" in str(form_of(office.tanaka).blocks)
    assert office.tanaka.shortcut("touchpoint.log").ok
    assert office.tanaka.submit({"lead": "山田", "kind": "call"}).outcome == "updated"
    assert office.touchpoints()[0].kind == "call"


def test_two_leads_may_not_have_one_external_id(small_office: Office) -> None:
    """The id in another system is one person's: the second is asked about, and refused in words as another person."""
    office = small_office
    office.say(office.tanaka, "add 山田 id:crm-1")
    assert "L-1" in office.say(office.tanaka, "add 鈴木 id:crm-1").text
    office.tanaka.click(office.tanaka.private_answers(MARKETING)[-1], "lead.add_anyway")
    assert "crm-1" in office.heard(office.tanaka)
    assert [lead.external_id for lead in office.leads()] == ["crm-1"]


def test_role_that_is_typed_with_a_lead_counts_at_once(small_office: Office) -> None:
    """Whoever decides fits better, whether that is said now or a minute later."""
    office = small_office
    office.say(office.tanaka, "add 中村 理恵 立場:決裁者")
    office.say(office.tanaka, "add 鈴木 一郎")
    said_later = office.lead(2).fit_points
    office.say(office.tanaka, "edit L-2 立場:決裁者")
    assert office.lead(1).role == office.lead(2).role
    assert office.lead(1).fit_points == office.lead(2).fit_points > said_later
