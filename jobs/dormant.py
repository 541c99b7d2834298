"""Flag the leads that nobody has touched for their stage's period, and have their people told."""

from collections.abc import Mapping

from jobs.context import JobContext
from services import heat


def run(context: JobContext) -> int:
    """Flag what is due; return how many leads fell asleep."""
    return context.in_batches(heat.flag_dormant, heat.BATCH)


def dry_run(context: JobContext) -> Mapping[str, int]:
    """Count the leads that a run would flag, and the people that it would tell."""
    return context.count(heat.count_dormant)
