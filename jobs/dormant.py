"""Flag the leads that nobody has touched for their stage's period, and have their people told."""

from jobs.context import JobContext
from services import heat


def run(context: JobContext) -> int:
    """Flag what is due; return how many leads fell asleep."""
    return context.in_batches(heat.flag_dormant, heat.BATCH)


def dry_run(context: JobContext) -> int:
    """Count the leads that a run would flag."""
    return context.count(lambda session, workspace, now: heat.count_due(session, workspace.id, "dormant_at", now))
