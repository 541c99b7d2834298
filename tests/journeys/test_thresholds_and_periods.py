"""Thresholds and periods: what passes them by an edit, what has its own, and what a change of the settings moves."""

from models.delivery import DeliveryKind
from playground.seed import MARKETING
from tests.jobs.outbox import outbox, posted
from tests.journeys.steps import NAKAMURA, answer, claim, form_of, initial
from tests.office import Office


def changes_settings(office: Office, **values: str) -> None:
    """Have the manager change the form, and the jobs follow."""
    office.say(office.mori, "setup")
    assert office.mori.submit(values).ok
    office.run("due_times")


def test_edit_that_takes_a_lead_over_the_mql_threshold_offers_it(office: Office) -> None:
    """The role becomes known: the card stands in the channel, the answer says so, and undo takes both back."""
    office.say(office.tanaka, NAKAMURA)
    for kind in ("資料請求", "ウェビナー", "セミナー"):
        office.say(office.tanaka, f"log L-1 {kind}")
    assert office.lead().stage == "INQUIRY"
    told = office.say(office.tanaka, "edit L-1 立場:決裁者").text
    assert "MQL" in told
    assert office.lead().stage == "MQL"
    office.deliver()
    assert len(office.cards()) == 1
    office.say(office.tanaka, "undo")
    assert (office.lead().stage, office.lead().role) == ("INQUIRY", None)
    assert office.handoffs()[0].state == "withdrawn"


def test_edit_of_a_lead_that_is_over_the_threshold_already_offers_nothing(small_office: Office) -> None:
    """Marketing has withdrawn it: a better title does not offer it behind their back."""
    office = small_office
    office.say(office.tanaka, NAKAMURA)
    for kind in ("資料請求", "デモ依頼", "セミナー"):
        office.say(office.tanaka, f"log L-1 {kind}")
    office.say(office.tanaka, "withdraw L-1")
    told = office.say(office.tanaka, "edit L-1 立場:決裁者").text
    assert "MQL" not in told
    assert office.lead().stage == "INQUIRY"


def test_edit_that_makes_an_owned_lead_hot_is_told_to_its_owner(small_office: Office) -> None:
    """The score does not ask what moved it."""
    office = small_office
    claim(office)
    for kind in ("資料請求", "デモ依頼", "セミナー"):
        office.say(office.tanaka, f"log L-1 {kind}")
    assert office.lead().hot_since is None
    before = len(office.aoki.dms())
    office.say(office.aoki, "edit L-1 立場:決裁者")
    assert office.run("hot") == 1
    assert len(office.aoki.dms()) == before + 1
    office.say(office.aoki, "undo")
    assert office.lead().hot_since is None


def test_customers_have_their_own_period(office: Office) -> None:
    """An existing buyer is dormant after its own number of days, in whatever stage, and the card says what they are."""
    office.say(office.tanaka, NAKAMURA)
    office.say(office.tanaka, "add 佐々木, 東雲ケミカル株式会社, s@shinonome.example, 顧客区分:既存顧客")
    assert [lead.kind for lead in office.leads()] == ["prospect", "customer"]
    office.clock.move(days=91)
    assert office.run("dormant") == 1
    assert office.lead(1).dormant_since is not None
    office.say(office.tanaka, "edit L-1 顧客区分:既存")
    assert office.lead(1).dormant_since is None
    office.say(office.tanaka, "show L-1")
    assert "既存顧客" in str(answer(office, office.tanaka, MARKETING).blocks)
    office.clock.move(days=89)
    assert office.run("dormant") == 2
    office.say(office.tanaka, "undo")


def test_kind_of_lead_can_be_chosen_in_the_form(small_office: Office) -> None:
    """Edit contact: it starts with what the lead is."""
    office = small_office
    office.say(office.tanaka, NAKAMURA)
    office.say(office.tanaka, "edit L-1")
    office.tanaka.click(form_of(office.tanaka), "lead.edit_contact")
    assert initial(form_of(office.tanaka), "kind")["value"] == "prospect"
    assert office.tanaka.submit({"kind": "customer"}).ok
    assert office.lead().kind == "customer"


def test_changed_period_moves_the_leads_that_are_there(office: Office) -> None:
    """Shorter: who has been silent for longer is dormant at once. Longer: who need not be is awake, without a word."""
    office.say(office.tanaka, NAKAMURA)
    office.say(office.tanaka, "add 佐々木, 東雲ケミカル株式会社, s@shinonome.example, 顧客区分:既存顧客")
    office.clock.move(days=40)
    assert office.run("dormant") == 0
    changes_settings(office, dormant_inquiry_days="30", dormant_customer_days="35")
    assert office.run("dormant") == 2
    told = len(office.tanaka.dms())
    changes_settings(office, dormant_inquiry_days="60")
    assert office.lead(1).dormant_since is None
    assert office.lead(2).dormant_since is not None
    assert office.run("dormant") == 0
    assert len(office.tanaka.dms()) == told
    office.clock.move(days=20)
    assert office.run("dormant") == 1


def test_lowered_hot_threshold_lists_leads_and_alerts_nobody(office: Office) -> None:
    """A setting is no news of a lead: it is hot from now on, in the list, and cools when it does."""
    claim(office)
    for kind in ("資料請求", "デモ依頼"):
        office.say(office.tanaka, f"log L-1 {kind}")
    assert office.lead().hot_since is None
    changes_settings(office, mql_threshold="40", hot_threshold="50")
    assert office.lead().hot_since is not None
    assert office.run("hot") == 0
    assert outbox(office, DeliveryKind.HOT_ALERT) == []
    assert "L-1" in office.say(office.aoki, "list hot").text
    changes_settings(office, hot_threshold="90")
    assert (office.lead().hot_since, office.lead().cools_at) == (None, None)
    assert posted(office, MARKETING) == []
