"""The one table of jobs: what runs, how often, and what a dry run counts."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from jobs import (
    digest,
    dormant,
    due_times,
    exports,
    forget,
    handoffs,
    hot,
    imports,
    learn,
    match,
    members,
    reactions,
    reports,
    scores,
    tidy,
)
from jobs.context import JobContext
from services.deliveries import undelivered
from services.records import give_back, run_once


@dataclass(frozen=True)
class Job:
    """One job. `seconds` is how often it looks for due work; a daily one runs once per UTC day, in whatever process.

    A weekly one runs once per ISO week in which it finds something to do.
    """

    run: Callable[[JobContext], int]
    dry_run: Callable[[JobContext], int | Mapping[str, int]]
    seconds: int
    says: str
    """What it does, in English: `{count}`, or the names of what a dry run counts, stand for the numbers."""
    is_daily: bool = False
    is_weekly: bool = False


def _deliver(context: JobContext) -> int:
    return context.deliverer.run()


def _count_undelivered(context: JobContext) -> int:
    return context.count(lambda session, workspace, _now: len(undelivered(session, workspace.id)))


JOBS: Mapping[str, Job] = {
    "deliver": Job(_deliver, _count_undelivered, 2, "send {count} messages"),
    "hot": Job(hot.run, hot.dry_run, 3, "alert of {alert} hot leads, let {cool} cool down"),
    "dormant": Job(dormant.run, dormant.dry_run, 5, "flag {flag} dormant leads, tell {tell} people"),
    "due_times": Job(due_times.run, due_times.dry_run, 5, "move due times of {count} leads to changed settings"),
    "handoffs": Job(handoffs.run, handoffs.dry_run, 3, "remind of {remind} handoffs, tell managers of {tell} handoffs"),
    "match": Job(match.run, match.dry_run, 3, "match {count} leads"),
    "scores": Job(scores.run, scores.dry_run, 5, "rescore {count} leads"),
    "digest": Job(digest.run, digest.dry_run, 5, "send {send} digests, plan {plan} digests"),
    "forget": Job(forget.run, forget.dry_run, 5, "follow {count} deletions through"),
    "exports": Job(exports.run, exports.dry_run, 2, "carry {count} exports on"),
    "imports": Job(imports.run, imports.dry_run, 2, "carry {count} imports on"),
    "members": Job(members.run, members.dry_run, 3600, "read {count} people", is_daily=True),
    "reactions": Job(reactions.run, reactions.dry_run, 3600, "read {count} open cards"),
    "reports": Job(reports.run, reports.dry_run, 3, "make {count} reports"),
    "learn": Job(learn.run, learn.dry_run, 3600, "learn from {count} closed leads", is_weekly=True),
    "tidy": Job(tidy.run, tidy.dry_run, 3600, "delete {count} old records", is_daily=True),
}


def run_job(name: str, context: JobContext, *, slot_day: datetime | None = None) -> int:
    """Run a job and return what it did. With `slot_day` a daily or weekly job runs only if nobody has run it then."""
    job = JOBS[name]
    has_slots = job.is_daily or job.is_weekly
    done = _run_once(name, context, slot_day) if has_slots and slot_day is not None else job.run(context)
    context.metrics.job_succeeded(name, context.clock())
    return done


def dry_run(name: str, context: JobContext) -> str:
    """Say what a run would do, and do nothing."""
    counted = JOBS[name].dry_run(context)
    return JOBS[name].says.format_map({"count": counted} if isinstance(counted, int) else counted)


def says(name: str) -> str:
    """Say what a job does, without numbers."""
    return re.sub(r"\{\w+\} ", "", JOBS[name].says)


def _run_once(name: str, context: JobContext, slot_day: datetime) -> int:
    job, day = JOBS[name], slot_day.date()
    slot = "{}-W{:02}".format(*day.isocalendar()) if job.is_weekly else day.isoformat()
    with context.database.write() as session:
        if not run_once(session, context.workspace_id, name, slot, slot_day):
            return 0
    done, has_failed = 0, True
    try:
        done = job.run(context)
        has_failed = False
    finally:
        if has_failed or (job.is_weekly and not done):
            with context.database.write() as session:
                give_back(session, context.workspace_id, name, slot)
    return done
