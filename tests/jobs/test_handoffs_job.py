"""Offers that nobody claims: one reminder in the thread, then one message to each manager, then silence."""

from datetime import timedelta

import pytest

from jobs.table import dry_run
from models.delivery import DeliveryKind
from playground.seed import AOKI, SALES, SATO
from tests.jobs.outbox import become_overdue, offer, outbox, posted, run_again, snapshot, told_managers
from tests.office import MORNING, Office

REMINDER, ESCALATION = DeliveryKind.HANDOFF_REMINDER, DeliveryKind.HANDOFF_ESCALATION


def test_reminder_comes_once_when_the_time_is_up_and_escalation_as_much_later(office: Office) -> None:
    """120 working minutes for the team, 120 more until the manager hears of it, and nothing after that."""
    offer(office)
    office.deliver()
    office.clock.now = MORNING + timedelta(minutes=120) - timedelta(seconds=1)
    assert office.run("handoffs") == 0
    office.clock.move(seconds=1)
    assert dry_run("handoffs", office.bot.jobs) == "remind of 1 handoffs, tell managers of 0 handoffs"
    assert office.run("handoffs") == 1
    card, reminder = posted(office)
    assert reminder.thread_ts == card.ts
    assert "期限超過" in card.text
    office.clock.move(minutes=119, seconds=59)
    assert office.run("handoffs") == 0
    office.clock.move(seconds=1)
    assert office.run("handoffs") == 1
    assert len(told_managers(office)) == 1
    office.clock.move(days=9)
    assert office.run("handoffs") == 0
    assert (len(posted(office)), len(told_managers(office))) == (2, 1)


def test_reminder_names_only_members_on_duty(small_office: Office) -> None:
    """A salesperson in London sleeps when Tokyo's time is up: the colleagues at work are named, nobody else."""
    small_office.workspace.change_user(SATO, tz="Europe/London")
    small_office.run("members")
    offer(small_office)
    small_office.deliver()
    become_overdue(small_office)
    run_again(small_office)
    reminder = posted(small_office)[-1]
    assert AOKI in str(reminder.blocks)
    assert SATO not in str(reminder.blocks)
    assert "U0TANAKA" not in str(reminder.blocks)
    assert not {"<!here>", "<!channel>", "<!everyone>"}.intersection(str(reminder.blocks).split())


def test_time_outside_working_hours_does_not_count(small_office: Office) -> None:
    """Offered an hour before closing on Friday, it is overdue an hour after opening on Monday."""
    small_office.clock.now = MORNING.replace(day=27, hour=17, minute=0)
    offer(small_office)
    small_office.deliver()
    small_office.clock.now = MORNING.replace(day=30, hour=9, minute=59)
    assert small_office.run("handoffs") == 0
    small_office.clock.move(minutes=1)
    assert small_office.run("handoffs") == 1


@pytest.mark.parametrize("ending", ["claim L-1", "return L-1 対象外", "withdraw L-1"])
def test_nothing_is_said_of_what_is_no_longer_offered(small_office: Office, ending: str) -> None:
    """Claimed, returned or withdrawn, before or after the reminder: no reminder, no escalation."""
    office = small_office
    actor = office.tanaka if ending.startswith("withdraw") else office.aoki
    offer(office)
    office.deliver()
    assert office.say(actor, ending).ok
    offer(office, "鈴木 一郎")
    office.deliver()
    become_overdue(office)
    office.deliver()
    assert len(outbox(office, REMINDER)) == 1
    assert office.say(actor, ending.replace("L-1", "L-2")).ok
    office.clock.move(days=1)
    assert office.run("handoffs") == 0
    assert outbox(office, ESCALATION) == []


def test_reminder_asked_for_but_not_sent_is_dropped_by_a_claim(small_office: Office) -> None:
    """Claimed between the job and the deliverer: the thread stays quiet."""
    offer(small_office)
    small_office.deliver()
    become_overdue(small_office)
    small_office.say(small_office.aoki, "claim L-1")
    run_again(small_office)
    assert [message.is_reply for message in posted(small_office)] == [False]


def test_escalation_asked_for_but_not_sent_is_dropped_by_a_claim(small_office: Office) -> None:
    """Claimed between the job and the deliverer: the manager is left in peace."""
    offer(small_office)
    small_office.deliver()
    become_overdue(small_office)
    run_again(small_office)
    become_overdue(small_office)
    small_office.say(small_office.aoki, "claim L-1")
    run_again(small_office)
    assert told_managers(small_office) == []


def test_reminder_loses_its_button_and_says_who_has_it(small_office: Office) -> None:
    """After a claim the reminder is updated like the card."""
    offer(small_office)
    small_office.deliver()
    become_overdue(small_office)
    run_again(small_office)
    small_office.say(small_office.aoki, "claim L-1")
    run_again(small_office)
    reminder = posted(small_office)[-1]
    assert "handoff.claim" not in str(reminder.blocks)
    assert "青木" in reminder.text + str(reminder.blocks)


def test_missed_for_days_it_is_reminded_of_once(small_office: Office) -> None:
    """Baton was down over both times: first the reminder, and the manager after as long again."""
    offer(small_office)
    small_office.deliver()
    small_office.clock.move(days=7)
    assert small_office.run("handoffs") == 1
    assert told_managers(small_office) == []
    small_office.clock.move(hours=2)
    assert small_office.run("handoffs") == 1
    assert len(told_managers(small_office)) == 1
    assert len(posted(small_office, SALES)) == 2


def test_handoffs_dry_run_changes_nothing(small_office: Office) -> None:
    """It counts what a run would remind or tell of."""
    offer(small_office)
    small_office.clock.move(hours=3)
    before = snapshot(small_office)
    assert dry_run("handoffs", small_office.bot.jobs) == "remind of 1 handoffs, tell managers of 0 handoffs"
    assert snapshot(small_office) == before
