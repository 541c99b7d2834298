"""Leads that nobody touches fall asleep: flagged by their stage's period, their people told in one message a day."""

from datetime import datetime, timedelta

from jobs.table import dry_run, run_job
from models.delivery import DeliveryKind
from models.lead import Lead
from models.records import ChangeKind
from tests.jobs.outbox import changes, offer, outbox, snapshot
from tests.office import MORNING, Office

NOTICE = DeliveryKind.DORMANT_NOTICE


def _sleeping(office: Office) -> dict[str, datetime | None]:
    return {lead.label: lead.dormant_since for lead in office.leads()}


def test_each_stage_has_its_period(office: Office) -> None:
    """An INQUIRY sleeps after 90 days, an MQL and an SQL after 30; a CLOSED lead never does."""
    for number in range(1, 5):
        office.say(office.tanaka, f"add 中村{number}, ミナモ精機{number}, n{number}@minamo{number}.example")
        if number > 1:
            office.say(office.tanaka, f"qualify L-{number}")
    office.say(office.aoki, "claim L-3")
    office.say(office.aoki, "claim L-4")
    office.say(office.aoki, "won L-4")
    assert office.lead(4).stage == "CLOSED"
    office.clock.now = MORNING + timedelta(days=30) - timedelta(minutes=1)
    assert office.run("dormant") == 0
    office.clock.move(minutes=1)
    assert dry_run("dormant", office.bot.jobs) == "flag 2 dormant leads, tell 2 people"
    assert office.run("dormant") == 2
    assert [label for label, since in _sleeping(office).items() if since] == ["L-2", "L-3"]
    office.clock.now = MORNING + timedelta(days=90)
    assert office.run("dormant") == 1
    assert [label for label, since in _sleeping(office).items() if since] == ["L-1", "L-2", "L-3"]


def test_owner_and_else_marketer_get_one_message_a_day_for_all(small_office: Office) -> None:
    """Three of one day stand in one message, and two runs say nothing twice."""
    office = small_office
    for number in range(1, 4):
        office.say(office.tanaka, f"add 中村{number}, ミナモ{number}, n{number}@minamo{number}.example")
    offer(office)
    office.say(office.aoki, "claim L-4")
    office.deliver()
    before = len(office.tanaka.dms()), len(office.aoki.dms())
    office.clock.move(days=91)
    assert office.run("dormant") == 4
    assert office.run("dormant") == 0
    (told,) = office.tanaka.dms()[before[0] :]
    assert all(f"L-{number}" in str(told.blocks) for number in range(1, 4))
    assert "L-4" not in str(told.blocks)
    (told,) = office.aoki.dms()[before[1] :]
    assert "L-4" in str(told.blocks)
    office.clock.move(days=1)
    assert office.run("dormant") == 0
    assert len(outbox(office, NOTICE)) == 2


def test_later_the_same_day_the_message_grows_and_the_next_day_has_its_own(small_office: Office) -> None:
    """A lead that falls asleep in the afternoon joins the morning's message."""
    office = small_office
    for number, hours in ((1, 0), (2, 3), (3, 24)):
        office.clock.now = MORNING + timedelta(hours=hours)
        office.say(office.tanaka, f"add 中村{number}, ミナモ{number}, n{number}@minamo{number}.example")
    for hours, count in ((0, 1), (3, 1), (24, 2)):
        office.clock.now = MORNING + timedelta(days=90, hours=hours)
        assert office.run("dormant") == 1
        assert len(office.tanaka.dms()) == count
    first, second = office.tanaka.dms()
    assert "L-1" in str(first.blocks)
    assert "L-2" in str(first.blocks)
    assert "L-3" in str(second.blocks)


def test_touchpoint_wakes_a_lead_and_its_period_begins_anew(small_office: Office) -> None:
    """It sleeps no more, and may fall asleep again."""
    office = small_office
    office.say(office.tanaka, "add 中村, ミナモ, n@minamo.example")
    office.clock.move(days=90)
    office.run("dormant")
    office.say(office.tanaka, "log L-1 電話")
    lead = office.lead()
    assert (lead.dormant_since, lead.dormant_at) == (None, office.clock() + timedelta(days=90))
    office.clock.move(days=90)
    assert office.run("dormant") == 1
    assert [change.kind for change in changes(office)].count(ChangeKind.DORMANT) == 2


def test_dormant_dry_run_changes_nothing(small_office: Office) -> None:
    """It counts what a run would flag."""
    small_office.say(small_office.tanaka, "add 中村, ミナモ, n@minamo.example")
    small_office.clock.move(days=90)
    before = snapshot(small_office)
    assert dry_run("dormant", small_office.bot.jobs) == "flag 1 dormant leads, tell 1 people"
    assert snapshot(small_office) == before


def test_many_leads_at_once_are_flagged_in_batches_and_told_of_in_one_message(office: Office) -> None:
    """Five hundred leads fall asleep in one second: one message says how many."""
    office.say(office.tanaka, "add 中村, ミナモ, n@minamo.example")
    template = office.lead().model_dump(exclude={"id", "number"})
    with office.bot.database.write() as session:
        session.add_all(Lead(**template, number=number) for number in range(2, 502))
    office.clock.move(days=90)
    assert run_job("dormant", office.bot.jobs) == 501
    office.deliver()
    (told,) = office.tanaka.dms()
    assert "501" in told.text + str(told.blocks)
