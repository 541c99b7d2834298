"""The one table of jobs: what runs, how often, and what a dry run counts."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from jobs import digest, dormant, handoffs, hot, imports, members, reactions, tidy
from jobs.context import JobContext
from services.deliveries import undelivered
from services.records import give_back, run_once


@dataclass(frozen=True)
class Job:
    """One job. `seconds` is how often it looks for due work; a daily one runs once per UTC day, in whatever process."""

    run: Callable[[JobContext], int]
    dry_run: Callable[[JobContext], int]
    seconds: int
    says: str
    is_daily: bool = False


def _deliver(context: JobContext) -> int:
    return context.deliverer.run()


def _count_undelivered(context: JobContext) -> int:
    return context.count(lambda session, workspace, _now: len(undelivered(session, workspace.id)))


JOBS: Mapping[str, Job] = {
    "deliver": Job(_deliver, _count_undelivered, 2, "send {count} messages"),
    "hot": Job(hot.run, hot.dry_run, 3, "alert of {count} hot leads"),
    "dormant": Job(dormant.run, dormant.dry_run, 5, "flag {count} dormant leads"),
    "handoffs": Job(handoffs.run, handoffs.dry_run, 3, "remind of {count} handoffs"),
    "digest": Job(digest.run, digest.dry_run, 5, "send {count} digests"),
    "imports": Job(imports.run, imports.dry_run, 2, "carry {count} imports on"),
    "members": Job(members.run, members.dry_run, 3600, "read {count} people", is_daily=True),
    "reactions": Job(reactions.run, reactions.dry_run, 3600, "read {count} open cards"),
    "tidy": Job(tidy.run, tidy.dry_run, 3600, "delete {count} old records", is_daily=True),
}


def run_job(name: str, context: JobContext, *, slot_day: datetime | None = None) -> int:
    """Run a job and return what it did. With `slot_day` a daily job runs only if nobody ran it on that day."""
    job = JOBS[name]
    done = _run_daily(name, context, slot_day) if job.is_daily and slot_day is not None else job.run(context)
    context.metrics.job_succeeded(name, context.clock())
    return done


def _run_daily(name: str, context: JobContext, slot_day: datetime) -> int:
    slot = slot_day.date().isoformat()
    with context.database.write() as session:
        if not run_once(session, context.workspace_id, name, slot, slot_day):
            return 0
    try:
        return JOBS[name].run(context)
    except Exception:
        with context.database.write() as session:
            give_back(session, context.workspace_id, name, slot)
        raise
