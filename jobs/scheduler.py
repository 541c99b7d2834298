"""The alarm clock: APScheduler wakes the jobs; what is due and what has run stands in the tables."""

import logging
from collections.abc import Callable
from datetime import UTC, datetime

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.jobstores.base import JobLookupError
from apscheduler.schedulers.background import BackgroundScheduler

from jobs.context import JobContext
from jobs.table import JOBS, run_job
from models.errors import BusyError

log = logging.getLogger(__name__)

# At start and when setup changes them, these run whatever the day's slot says.
AT_START = ("members", "reactions")
# What runs so seldom looks for what Slack did not tell; nothing falls due there.
HOURLY_SECONDS = 3600


class Scheduler:
    """Run every job of the table in this process, each at most once at a time."""

    def __init__(self, context: JobContext) -> None:
        self._context = context
        self._scheduler = BackgroundScheduler(
            timezone=UTC,
            executors={"default": ThreadPoolExecutor(len(JOBS) + 1)},
            # A late wake-up is still one: the default would drop what is a second late.
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )
        # One deliverer that is busy skips a wake-up; the next comes in two seconds.
        logging.getLogger("apscheduler").setLevel(logging.ERROR)

    def start(self) -> None:
        """Begin; what must be known first is read at once."""
        for name, job in JOBS.items():
            self._scheduler.add_job(
                self._runner(name), "interval", seconds=job.seconds, id=name, next_run_time=datetime.now(UTC)
            )
        self._scheduler.start()

    def wake(self, name: str = "deliver") -> None:
        """Run a job now."""
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
        self._scheduler.add_job(lambda: _run(self._context, "members", None), id="members-now", replace_existing=True)

    def stop(self) -> None:
        """Let what runs finish, and start nothing more."""
        self._context.deliverer.stopping.set()
        if self._scheduler.running:
            self._scheduler.shutdown(wait=True)

    def _runner(self, name: str) -> Callable[[], None]:
        is_first = True

        def run() -> None:
            nonlocal is_first
            day = None if is_first and name in AT_START else self._context.clock()
            is_first = False
            _run(self._context, name, day)

        return run


def _run(context: JobContext, name: str, slot_day: datetime | None) -> None:
    try:
        run_job(name, context, slot_day=slot_day)
    except BusyError as error:
        log.warning("job %s: the database is busy (%s), next time", name, error)
    except Exception:
        # One run that fails must not end the alarm clock: the work is still due and comes again.
        log.exception("job %s failed", name)
