"""The alarm clock: it wakes the jobs in time, a job that fails does not end it, and stopping loses nothing."""

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from jobs.context import JobContext
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


def test_each_job_looks_as_often_as_the_table_says(small_office: Office) -> None:
    """And nobody else's words in the log are kept back for it."""
    level = logging.getLogger().level
    with _running(small_office) as scheduler:
        planned = {job.id: job.trigger.interval.total_seconds() for job in scheduler._scheduler.get_jobs()}
    assert planned == {name: job.seconds for name, job in JOBS.items()}
    assert logging.getLogger().level == level


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
    """Setup is saved while the reading of the start is under way, and later: what it missed is read, though not tomorrow."""
    calls = small_office.workspace.calls
    before = len(calls.of("users.list"))
    small_office.workspace.faults.hang("users.list", 0.3)
    with _running(small_office) as scheduler:
        _until(lambda: len(calls.of("users.list")) > before)
        scheduler.read_channels()
        _until(lambda: len(calls.of("users.list")) == before + 2)
        scheduler.read_channels()
        scheduler.read_channels()
        _until(lambda: len(calls.of("users.list")) >= before + 3)


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


class Jobs:
    """Stand in for all jobs: `runs` counts the beginnings and `ends` the ends, and `work` is what one of them does.

    `slots` holds who was run for which day, None being whatever the day's slot says.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch, work: Callable[[str], object]) -> None:
        self.runs, self.ends = Counter[str](), Counter[str]()
        self.slots: list[tuple[str, datetime | None]] = []
        self._work = work
        monkeypatch.setattr("jobs.scheduler.run_job", self._run)

    def _run(self, name: str, _: JobContext, *, slot_day: datetime | None) -> None:
        self.runs[name] += 1
        self.slots.append((name, slot_day))
        self._work(name)
        self.ends[name] += 1


def test_every_job_has_a_thread(small_office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """All of them at once: none waits for another's end."""
    together, have_met = threading.Barrier(len(JOBS)), threading.Event()

    def work(_: str) -> None:
        if not have_met.is_set():
            together.wait(10)
            have_met.set()

    Jobs(monkeypatch, work)
    with _running(small_office):
        assert have_met.wait(20)


def test_job_that_is_woken_while_it_runs_runs_once_more_afterwards(
    small_office: Office, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Never beside itself, however often it is woken, and nothing is logged of it."""
    may_end, at_once, most = threading.Event(), Counter[str](), Counter[str]()

    def work(name: str) -> None:
        at_once[name] += 1
        most[name] = max(most[name], at_once[name])
        may_end.wait(60)
        at_once[name] -= 1

    jobs = Jobs(monkeypatch, work)
    logging.getLogger("apscheduler").setLevel(logging.NOTSET)
    with _running(small_office) as scheduler:
        _until(lambda: jobs.runs["tidy"] == 1)
        for _ in range(5):
            scheduler.wake("tidy")
            time.sleep(0.02)
        assert jobs.runs["tidy"] == 1
        may_end.set()
        _until(lambda: jobs.ends["tidy"] == 2)
    assert max(most.values()) == 1
    assert [record for record in caplog.records if record.name.startswith("apscheduler")] == []


def test_machine_that_slept_does_each_job_once(small_office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """Woken hours late: neither dropped for being late nor done once for each hour."""
    late = SimpleNamespace(now=lambda zone: datetime.now(zone) - timedelta(hours=2.5))
    jobs = Jobs(monkeypatch, lambda _: None)
    monkeypatch.setattr("jobs.scheduler.datetime", late)
    with _running(small_office):
        _until(lambda: min(jobs.ends[name] for name in JOBS) == 1)
        time.sleep(0.1)
    assert jobs.runs["tidy"] == 1


def test_machine_without_a_time_zone_wakes_its_jobs(small_office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """A container's /etc/localtime may be missing, or TZ name none that is known."""

    def unknown() -> Any:
        raise ValueError("no such zone")

    monkeypatch.setattr("apscheduler.schedulers.base.get_localzone", unknown)
    monkeypatch.setattr("apscheduler.triggers.interval.get_localzone", unknown)
    jobs = Jobs(monkeypatch, lambda _: None)
    with _running(small_office):
        _until(lambda: jobs.ends["deliver"])


def test_reading_that_failed_is_not_tried_again_at_once(small_office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """Slack is away: it is asked again in a while, not in a loop."""

    def work(_: str) -> None:
        raise OSError

    jobs = Jobs(monkeypatch, work)
    with _running(small_office):
        _until(lambda: min(jobs.runs[name] for name in JOBS) == 1)
        time.sleep(1.2)
    assert jobs.runs["members"] == 1


def test_hourly_job_is_tried_again_soon_until_it_has_run_once(
    small_office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At start nothing is known of how long it was down; later an hour more does no harm, and fills no log."""
    monkeypatch.setattr("jobs.scheduler.RETRY_SECONDS", 0.2)
    is_away = threading.Event()
    is_away.set()

    def work(name: str) -> None:
        if name == "tidy" and is_away.is_set():
            raise OSError

    jobs = Jobs(monkeypatch, work)
    with _running(small_office) as scheduler:
        _until(lambda: jobs.runs["tidy"] == 2)
        is_away.clear()
        _until(lambda: jobs.ends["tidy"] == 1)
        is_away.set()
        before = jobs.runs["tidy"]
        scheduler.wake("tidy")
        _until(lambda: jobs.runs["tidy"] == before + 1)
        time.sleep(0.5)
    assert jobs.runs["tidy"] == before + 1


def test_channels_that_could_not_be_read_are_read_soon(small_office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """Today's reading is done and would not come again before tomorrow; then its turn is that of the day again."""
    monkeypatch.setattr("jobs.scheduler.RETRY_SECONDS", 1)
    is_away = threading.Event()

    def work(_: str) -> None:
        if is_away.is_set():
            raise OSError

    jobs = Jobs(monkeypatch, work)
    with _running(small_office) as scheduler:
        _until(lambda: jobs.ends["members"] == 1)
        is_away.set()
        scheduler.read_channels()
        _until(lambda: jobs.runs["members"] == 2)
        is_away.clear()
        _until(lambda: jobs.ends["members"] == 2)
        scheduler.wake("members")
        _until(lambda: jobs.ends["members"] == 3)
    days = [day for name, day in jobs.slots if name == "members"]
    assert days == [None, None, None, small_office.clock()]


def test_nothing_runs_any_more_when_it_has_stopped(small_office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """What closes the database next may rely on that; a wake-up afterwards starts nothing."""
    jobs = Jobs(monkeypatch, lambda _: time.sleep(0.2))
    with _running(small_office) as scheduler:
        _until(lambda: jobs.runs["tidy"])
        scheduler.wake("tidy")
    assert jobs.runs == jobs.ends
    runs = Counter(jobs.runs)
    scheduler.wake("tidy")
    time.sleep(0.1)
    assert jobs.runs == runs
