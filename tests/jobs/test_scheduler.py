"""The alarm clock: it wakes the jobs in time, a job that fails does not end it, and stopping loses nothing."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from jobs.scheduler import HOURLY_SECONDS, Scheduler
from jobs.table import JOBS
from models.delivery import DeliveryState
from tests.jobs.outbox import another_deliverer, claim, offer, outbox, posted
from tests.office import Office

DUE_WITHIN_SECONDS = 5


@contextmanager
def _running(office: Office) -> Iterator[Scheduler]:
    scheduler = Scheduler(office.bot.jobs)
    office.bot.database.on_wake = scheduler.wake
    scheduler.start()
    try:
        yield scheduler
    finally:
        office.bot.database.on_wake = lambda: None
        scheduler.stop()


def _until(condition: Callable[[], object], patience: float = 60) -> None:
    deadline = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.02)


def test_due_work_is_done_within_five_seconds(small_office: Office) -> None:
    """Nothing but the clock moves: reminder and card change come by themselves, by jobs that look as often as that."""
    offer(small_office)
    with _running(small_office):
        _until(lambda: len(posted(small_office)) == 1)
        small_office.clock.move(hours=2, minutes=1)
        _until(lambda: len(posted(small_office)) == 2)
    assert all(job.seconds <= DUE_WITHIN_SECONDS for job in JOBS.values() if job.seconds < HOURLY_SECONDS)


def test_what_is_due_is_done_without_the_alarm(small_office: Office) -> None:
    """The demo's clock jumps: what fell due meanwhile is done and sent at once; what looks once an hour is left alone."""
    offer(small_office)
    readings = len(small_office.workspace.calls.of("users.list"))
    small_office.clock.move(hours=2, minutes=1)
    Scheduler(small_office.bot.jobs).run_what_is_due(5)
    assert len(posted(small_office)) == 2
    assert len(small_office.workspace.calls.of("users.list")) == readings


def test_commit_that_wants_a_message_wakes_the_deliverer(small_office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """The card is there without waiting for the next round, which here is an hour away."""
    monkeypatch.setitem(JOBS, "deliver", replace(JOBS["deliver"], seconds=HOURLY_SECONDS))
    rounds = threading.Event()
    small_office.bot.deliverer.on_pass = rounds.set
    with _running(small_office):
        assert rounds.wait(60)
        offer(small_office)
        _until(lambda: posted(small_office))


def test_job_that_raises_does_not_end_the_clock(small_office: Office) -> None:
    """Slack refuses the reading of members: everything else goes on."""
    small_office.workspace.faults.refuse("users.list", "fatal_error", times=None)
    offer(small_office)
    with _running(small_office) as scheduler:
        _until(lambda: len(posted(small_office)) == 1)
        scheduler.read_channels()
        claim(small_office, "L-1")
        _until(lambda: "青木" in posted(small_office)[0].text)


def test_changed_channels_are_read_at_once(small_office: Office) -> None:
    """Setup is saved twice before the alarm clock gets to it: there is a reading beside that of the start."""
    before = len(small_office.workspace.calls.of("users.list"))
    scheduler = Scheduler(small_office.bot.jobs)
    scheduler.read_channels()
    scheduler.read_channels()
    scheduler.start()
    try:
        _until(lambda: len(small_office.workspace.calls.of("users.list")) >= before + 2)
    finally:
        scheduler.stop()


def test_reading_that_failed_at_start_is_tried_again_soon(
    small_office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody knows yet who may do what: not an hour later, which is when it would look again."""
    monkeypatch.setattr("jobs.scheduler.RETRY_SECONDS", 1)
    small_office.workspace.faults.refuse("users.list", "fatal_error")
    before = len(small_office.workspace.calls.of("users.list"))
    with _running(small_office):
        _until(lambda: len(small_office.workspace.calls.of("users.list")) == before + 2)


def test_stop_lets_the_message_under_way_finish_and_gives_the_rest_back(small_office: Office) -> None:
    """SIGTERM while Slack is slow: what was sent is written down, what was not is free for the next process."""
    offer(small_office)
    offer(small_office)
    small_office.workspace.faults.hang("chat.postMessage", 0.4, after_work=True)
    with _running(small_office):
        _until(lambda: small_office.workspace.calls.of("chat.postMessage"))
    states = [row.state for row in outbox(small_office)]
    assert states == [DeliveryState.SENT, DeliveryState.PENDING]
    assert [row.leased_until for row in outbox(small_office)] == [None, None]
    another_deliverer(small_office).run()
    assert len(posted(small_office)) == 2


def test_stop_does_not_wait_for_a_job_that_waits_for_it(small_office: Office) -> None:
    """The reading of members is cut short by the stop, and wants to be planned anew while the alarm clock ends."""
    calls = small_office.workspace.calls
    before = len(calls.of("conversations.members"))
    small_office.workspace.faults.hang("conversations.members", 0.5, times=None)
    with _running(small_office):
        _until(lambda: len(calls.of("conversations.members")) > before)
    assert len(calls.of("users.list")) == 1


def test_wake_before_start_and_after_stop_is_harmless(small_office: Office) -> None:
    """A commit may come while the process starts or ends."""
    scheduler = Scheduler(small_office.bot.jobs)
    scheduler.wake()
    scheduler.start()
    scheduler.stop()
    scheduler.wake()
    scheduler.stop()


def test_two_schedulers_do_a_daily_job_once_a_day(office: Office) -> None:
    """Two processes with one database: besides the reading at each start, one reads a day."""
    others = replace(office.bot.jobs, deliverer=another_deliverer(office))
    calls = office.workspace.calls
    before = len(calls.of("users.list"))
    both = [Scheduler(office.bot.jobs), Scheduler(others)]
    for scheduler in both:
        scheduler.start()
    _until(lambda: len(calls.of("users.list")) == before + 2)
    for readings in (3, 4):
        # Who wakes a job that still runs wakes nobody: again and again, until it has run.
        _until(lambda readings=readings: _readings_after_waking(both, office) == before + readings)  # type: ignore[misc]
        office.clock.move(days=1)
    office.clock.move(days=-1)
    for _ in range(10):
        _readings_after_waking(both, office)
        time.sleep(0.04)
    for scheduler in both:
        scheduler.stop()
    assert len(calls.of("users.list")) == before + 4


def _readings_after_waking(schedulers: list[Scheduler], office: Office) -> int:
    for scheduler in schedulers:
        scheduler.wake("members")
    return len(office.workspace.calls.of("users.list"))
