"""The alarm clock: APScheduler wakes the jobs; what is due and what has run stands in the tables."""

import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from apscheduler.executors.pool import BasePoolExecutor
from apscheduler.jobstores.base import JobLookupError
from apscheduler.schedulers.background import BackgroundScheduler

from jobs.asking import StoppedError
from jobs.context import JobContext
from jobs.table import JOBS, run_job
from models.errors import BusyError

log = logging.getLogger(__name__)

# At start and when setup changes them, these run whatever the day's slot says.
AT_START = ("members", "reactions")
# What runs so seldom looks for what Slack did not tell; nothing falls due there.
HOURLY_SECONDS = 3600
# An hourly job that has not come to its end since the start, or since it was wanted, is tried again this soon.
RETRY_SECONDS = 10


class _Threads(BasePoolExecutor):  # type: ignore[misc]  # APScheduler has no types.
    """The threads that jobs run in, which can be waited for without APScheduler's locks."""

    def __init__(self, count: int) -> None:
        self.pool = ThreadPoolExecutor(count)
        super().__init__(self.pool)


class Scheduler:
    """Run every job of the table in this process, each at most once at a time."""

    def __init__(self, context: JobContext) -> None:
        self._context = context
        self._threads = _Threads(len(JOBS))
        self._scheduler = BackgroundScheduler(
            timezone=UTC,
            executors={"default": self._threads},
            # A late wake-up is still one: the default would drop what is a second late. Other defaults are ours: several
            # late ones are one, and a job never runs beside itself.
            job_defaults={"misfire_grace_time": None},
        )
        self._woken = {name: threading.Event() for name in JOBS}
        # What is to run whatever the day's slot says.
        self._wanted = set(AT_START)
        # It tells of every wake-up that comes while its job runs; `_runner` sees to those.
        logging.getLogger("apscheduler").setLevel(logging.ERROR)

    def start(self) -> None:
        """Begin; what must be known first is read at once."""
        for name, job in JOBS.items():
            self._scheduler.add_job(
                self._runner(name), "interval", seconds=job.seconds, id=name, next_run_time=datetime.now(UTC)
            )
        self._scheduler.start()

    def wake(self, name: str = "deliver") -> None:
        """Run a job now, and once more if it is running: it may have looked already."""
        self._woken[name].set()
        try:
            self._scheduler.modify_job(name, next_run_time=datetime.now(UTC))
        except JobLookupError:
            log.debug("%s is not scheduled", name)

    def run_what_is_due(self, patience_seconds: float) -> None:
        """Do all that is due and wait until it is sent, for a clock that does not wait for the alarm."""
        for name, job in JOBS.items():
            if job.seconds < HOURLY_SECONDS and name != "deliver":
                _run(self._context, name, self._context.clock())
        self._context.deliverer.run_until_sent(patience_seconds)

    def read_channels(self) -> None:
        """Read at once who is in the channels: setup has changed them."""
        self._wanted.add("members")
        self.wake("members")

    def stop(self) -> None:
        """Let what runs finish, and start nothing more."""
        self._context.deliverer.stopping.set()
        if self._scheduler.running:
            # Waiting in there would hold a lock that a job wants which plans its next run.
            self._scheduler.shutdown(wait=False)
        self._threads.pool.shutdown(wait=True)

    def _runner(self, name: str) -> Callable[[], None]:
        woken, has_ended = self._woken[name], False

        def run() -> None:
            nonlocal has_ended
            woken.set()
            while woken.is_set() and not self._context.deliverer.stopping.is_set():
                woken.clear()
                if is_wanted := name in self._wanted:
                    # Not otherwise: it may be wanted from this moment on, and is woken for that.
                    self._wanted.discard(name)
                if _run(self._context, name, None if is_wanted else self._context.clock()):
                    has_ended = True
                    continue
                if is_wanted:
                    self._wanted.add(name)
                if is_wanted or not has_ended:
                    self._again_soon(name)

        return run

    def _again_soon(self, name: str) -> None:
        """Not an hour later: nobody knows yet who may do what."""
        if JOBS[name].seconds > RETRY_SECONDS:
            with suppress(JobLookupError):
                self._scheduler.modify_job(name, next_run_time=datetime.now(UTC) + timedelta(seconds=RETRY_SECONDS))


def _run(context: JobContext, name: str, slot_day: datetime | None) -> bool:
    """Run a job, and tell whether it came to its end."""
    try:
        run_job(name, context, slot_day=slot_day)
    except BusyError as error:
        log.warning("job %s: the database is busy (%s), next time", name, error)
    except StoppedError:
        log.info("job %s is left for the next start", name)
    except Exception:
        # One run that fails must not end the alarm clock: the work is still due and comes again.
        log.exception("job %s failed", name)
    else:
        return True
    return False
