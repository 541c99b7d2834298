"""Scores that people trust: rules changed in forms, looked at before, gone back to; scores explained and corrected."""

import pytest

from jobs.table import JOBS
from models.scoring import DEFAULT_RULES
from models.touchpoint import TouchpointKind
from playground.people import Person
from playground.seed import MARKETING
from tests.journeys.steps import NAKAMURA, buttons, form_of, initial, unchanged
from tests.office import Office


def _open_part(office: Office, person: Person, part: str) -> None:
    assert office.say(person, "setup scoring").message is None
    assert person.click(form_of(person), "scoring.part", block_id=part).ok
    assert form_of(person).callback_id == "scoring.preview"


def _shown(person: Person) -> str:
    return str([block.get("text", block.get("elements")) for block in form_of(person).blocks])


def _touched_lead(office: Office) -> None:
    """Nakamura, of a fit of 15, asks for material: 35 points."""
    office.say(office.tanaka, NAKAMURA)
    office.say(office.tanaka, "log L-1 資料請求")


@pytest.mark.parametrize("locale", ["ja-JP", "en-US"])
def test_manager_changes_points_sees_who_moves_and_goes_back(office: Office, locale: str) -> None:
    """An error at its field first; then the leads that change, the save, the summary, the card, and the way back."""
    office.mori.speak(locale)
    _touched_lead(office)
    _open_part(office, office.mori, "c")
    assert initial(form_of(office.mori), "inbound_whitepaper") == "20"
    with unchanged(office):
        assert office.mori.submit({"days_c": "3"}, force=True).errors.keys() == {"days_c"}
        office.mori.submit({"days_c": "60", "inbound_whitepaper": "90"})
        assert "中村" in _shown(office.mori)
        assert "35 → 105" in _shown(office.mori)
    assert office.mori.submit({"note": "資料請求は本気"}).outcome == "cleared"
    assert "1" in office.heard(office.mori)
    assert office.run("scores") == 1
    told = office.mori.dms()[-1]
    assert "中村" in str(told.blocks)
    assert "中村" in office.tanaka.sees(MARKETING)[-1].text + str(office.tanaka.sees(MARKETING)[-1].blocks)
    lead = office.lead()
    assert (lead.hot_since, lead.hot_alert_due_at, lead.stage) == (office.clock.now, None, "INQUIRY")
    assert "105" in office.say(office.tanaka, "show L-1").text
    office.say(office.mori, "setup スコア")
    office.mori.click(form_of(office.mori), "scoring.versions")
    assert "資料請求は本気" in _shown(office.mori)
    assert office.mori.click(form_of(office.mori), "scoring.restore", block_id="version_0").ok
    assert "105 → 35" in _shown(office.mori)
    assert office.mori.submit().outcome == "cleared"
    office.run("scores")
    assert "35" in office.say(office.tanaka, "show L-1").text
    assert office.lead().hot_since is None


def test_every_part_can_be_changed(small_office: Office) -> None:
    """Each form saves what it asks, on top of what the others saved."""
    office = small_office
    _touched_lead(office)
    changes: list[tuple[str, dict[str, object]]] = [
        ("a", {"inbound_email": "9", "class_email": "b", "cap_a": "30"}),
        ("fit", {"fit_director": "12", "cap_fit": "40"}),
        ("sources", {"source_ad": "-5"}),
        ("fields", {"fields": "業種 = 製造業 : +10\n従業員数　３００〜９９９：１０\n"}),
        ("signs", {"sign_competitor": "-70"}),
        ("grades", {"grades": "on", "grade_fit": "30、20、10"}),
    ]
    for part, values in changes:
        _open_part(office, office.mori, part)
        office.mori.submit(values)
        assert form_of(office.mori).callback_id == "scoring.save", part
        assert office.mori.submit().outcome == "cleared"
        office.run("scores")
    assert "スコア 37（C2）" in office.say(office.tanaka, "list hot").text + office.say(
        office.tanaka, "show L-1"
    ).text + str(office.say(office.tanaka, "find 中村").message)
    _open_part(office, office.mori, "fields")
    assert initial(form_of(office.mori), "fields") == "業種 = 製造業 : +10\n従業員数 300-999 : +10"
    assert office.mori.submit({"fields": "なんとなく良さそう"}).errors.keys() == {"fields"}


def test_only_managers_see_the_rules(small_office: Office) -> None:
    """Whoever may not is told who can; a made-up click changes nothing."""
    office = small_office
    with unchanged(office):
        assert "森" in office.say(office.tanaka, "setup scoring").text
    assert office.tanaka.view is None


def test_a_correction_is_kept_shown_and_undone(office: Office) -> None:
    """Points by hand with a reason: without one they are refused; they stand among the reasons until undone."""
    _touched_lead(office)
    with unchanged(office):
        assert "理由" in office.say(office.tanaka, "edit L-1 score:+10").text
        assert "9000" in office.say(office.tanaka, "edit L-1 score:+9000 多すぎる").text
    assert "45" in office.say(office.tanaka, "edit L-1 スコア：＋10 社長と<!channel>面談").text
    card = office.say(office.tanaka, "show L-1").message
    assert card is not None
    assert "<!channel>" not in str(card.blocks)
    assert buttons(card)["score.why"] == "L-1"
    office.tanaka.click(card, "score.why")
    assert "社長と" in _shown(office.tanaka)
    office.tanaka.close()
    assert "取り消し" in office.say(office.tanaka, "undo").text
    assert office.lead().manual_points == 0


def test_a_correction_by_form_and_a_mark(small_office: Office) -> None:
    """The form behind the reasons takes points, a reason, and what the lead turned out to be."""
    office = small_office
    _touched_lead(office)
    card = office.say(office.tanaka, "show L-1").message
    assert card is not None
    office.tanaka.click(card, "score.why")
    office.tanaka.click(form_of(office.tanaka), "score.correct_form")
    assert office.tanaka.submit({"points": "5"}).errors.keys() == {"reason"}
    office.tanaka.submit({"points": "5", "reason": "紹介者が強く推薦", "mark": "competitor"})
    lead = office.lead()
    assert (lead.manual_points, lead.mark) == (5, "competitor")
    assert "スコア -10" in office.heard(office.tanaka)
    office.say(office.tanaka, "edit L-1 mark:なし")
    assert office.lead().mark is None


def test_a_score_is_opened_into_what_it_is_made_of(small_office: Office) -> None:
    """What each contact gave, what is left of it and how fast it fades; a hot one says until when."""
    office = small_office
    _touched_lead(office)
    office.clock.move(days=3)
    office.say(office.tanaka, "log L-1 デモ依頼")
    office.say(office.tanaka, "edit L-1 score:+30 展示会で社長が即決")
    card = office.say(office.tanaka, "show L-1").message
    assert card is not None
    office.tanaka.click(card, "score.why")
    whole = DEFAULT_RULES.engagement[TouchpointKind.WHITEPAPER].inbound
    assert f"資料ダウンロード 3日前 +19（満点{whole:g}、60日で半減）" in _shown(office.tanaka)
    assert "部長職 +10" in _shown(office.tanaka)
    assert "まで" in _shown(office.tanaka)


def test_dry_run_counts_the_leads_that_wait(small_office: Office) -> None:
    """Before the work: how many; after it, none."""
    office = small_office
    _touched_lead(office)
    _open_part(office, office.mori, "fit")
    office.mori.submit({"fit_director": "1"})
    office.mori.submit()
    assert JOBS["scores"].dry_run(office.bot.jobs) == 1
    office.run("scores")
    assert JOBS["scores"].dry_run(office.bot.jobs) == 0
