"""Move the due times of leads to settings that were changed."""

from jobs.context import JobContext
from services import due_times


def run(context: JobContext) -> int:
    """Move what is left to move; return how many leads were looked at."""
    return context.in_batches(due_times.move_due_times, due_times.BATCH)


def dry_run(context: JobContext) -> int:
    """Count the leads that are left to look at."""
    return context.count(due_times.count_due)
