"""Leads turn hot and cool down: told once, to whoever is to act, and not again while the score flickers."""

from datetime import timedelta

from jobs.table import dry_run
from models.delivery import DeliveryKind, DeliveryState
from models.records import ChangeKind
from playground.seed import MARKETING, SALES
from tests.jobs.outbox import changes, offer, outbox, posted, snapshot
from tests.office import Office

ALERT = DeliveryKind.HOT_ALERT


def _heat(office: Office, label: str = "L-1") -> None:
    """Log enough in one go to cross the hot threshold."""
    for kind in ("資料請求", "デモ依頼", "セミナー", "商談", "電話 先方から"):
        assert office.say(office.tanaka, f"log {label} {kind}").ok


def _owned(office: Office) -> None:
    offer(office)
    office.say(office.aoki, "claim L-1")
    office.deliver()


def test_owner_is_told_once_when_a_lead_of_theirs_turns_hot(office: Office) -> None:
    """The alert is a direct message; running again says nothing."""
    _owned(office)
    before = len(office.aoki.dms())
    _heat(office)
    assert office.lead().hot_since is not None
    assert dry_run("hot", office.bot.jobs) == "alert of 1 hot leads, let 0 cool down"
    assert office.run("hot") == 1
    assert office.run("hot") == 0
    (alert,) = office.aoki.dms()[before:]
    assert "L-1" in alert.text
    assert posted(office, MARKETING) == []
    assert office.lead().hot_alerted_at == office.clock()


def test_marketing_is_told_while_nobody_owns_it(small_office: Office) -> None:
    """A lead that was returned lately is not offered again by its score: marketing hears that it is hot."""
    _owned(small_office)
    small_office.say(small_office.aoki, "return L-1 対象外")
    small_office.deliver()
    assert small_office.lead().stage == "INQUIRY"
    before = len(posted(small_office, MARKETING))
    _heat(small_office)
    assert small_office.run("hot") == 1
    alerts = posted(small_office, MARKETING)[before:]
    assert len(alerts) == 1
    assert "n1@" not in str(alerts[0].blocks)


def test_handoff_opened_by_the_same_touchpoint_is_all_that_is_said(small_office: Office) -> None:
    """The card says it: nobody hears of one touchpoint twice, though the score goes on over the hot threshold."""
    small_office.say(small_office.tanaka, "add 中村, ミナモ精機, 部長, n@minamo.example")
    _heat(small_office)
    assert small_office.lead().hot_since is not None
    small_office.run("hot")
    small_office.deliver()
    assert posted(small_office, MARKETING) == []
    assert len(posted(small_office, SALES)) == 1
    assert {row.state for row in outbox(small_office, ALERT)} <= {DeliveryState.DROPPED}


def test_lead_cools_when_its_score_falls_below(office: Office) -> None:
    """Nobody touches the row: at `cools_at` the job notes it, not a second before."""
    _owned(office)
    _heat(office)
    office.run("hot")
    cools_at = office.lead().cools_at
    assert cools_at is not None
    office.clock.now = cools_at - timedelta(seconds=1)
    office.run("hot")
    assert office.lead().hot_since is not None
    office.clock.now = cools_at
    office.run("hot")
    lead = office.lead()
    assert (lead.hot_since, lead.cools_at, lead.hot_alert_due_at) == (None, None, None)
    assert [change.kind for change in changes(office)].count(ChangeKind.COOLED) == 1


def test_flickering_score_alerts_once_a_week(small_office: Office) -> None:
    """It cools and heats up again: within seven days of the alert nobody is told, afterwards they are."""
    office = small_office
    _owned(office)
    _heat(office)
    office.run("hot")
    alerted_at = office.clock()
    alerts = []
    for _ in range(5):
        cools_at = office.lead().cools_at
        assert cools_at is not None
        office.clock.now = cools_at
        office.run("hot")
        office.say(office.aoki, "log L-1 デモ依頼")
        assert office.lead().hot_since is not None
        if office.run("hot"):
            alerts.append(office.clock())
    previous = alerted_at
    for at in alerts:
        assert at - previous >= timedelta(days=7)
        previous = at
    assert len(outbox(office, ALERT)) == 1 + len(alerts)


def test_reheated_within_the_quiet_days_says_nothing(small_office: Office) -> None:
    """Undone and logged again within the hour: one alert."""
    _owned(small_office)
    _heat(small_office)
    small_office.run("hot")
    small_office.say(small_office.tanaka, "undo")
    small_office.say(small_office.tanaka, "undo")
    assert small_office.lead().hot_since is None
    small_office.clock.move(days=1)
    small_office.say(small_office.tanaka, "log L-1 デモ依頼")
    small_office.say(small_office.tanaka, "log L-1 商談")
    small_office.say(small_office.tanaka, "log L-1 資料請求")
    assert small_office.lead().hot_since is not None
    assert small_office.run("hot") == 0
    assert len(outbox(small_office, ALERT)) == 1


def test_alert_missed_for_longer_than_the_heat_is_not_sent(small_office: Office) -> None:
    """Baton was down until the lead had cooled: what is over is not told."""
    _owned(small_office)
    _heat(small_office)
    cools_at = small_office.lead().cools_at
    assert cools_at is not None
    small_office.clock.now = cools_at + timedelta(days=1)
    assert small_office.run("hot") == 0
    assert outbox(small_office, ALERT) == []


def test_hot_dry_run_changes_nothing(small_office: Office) -> None:
    """It counts what a run would tell of."""
    _owned(small_office)
    _heat(small_office)
    before = snapshot(small_office)
    assert dry_run("hot", small_office.bot.jobs) == "alert of 1 hot leads, let 0 cool down"
    assert snapshot(small_office) == before
