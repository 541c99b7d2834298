"""Remind of handoffs that nobody claimed in time, and tell the managers when that did not help."""

from collections.abc import Mapping

from jobs.context import JobContext
from services import handoff_times


def run(context: JobContext) -> int:
    """Remind and escalate what is due; return how many handoffs that concerned."""
    reminded = context.in_batches(handoff_times.mark_overdue, handoff_times.BATCH)
    return reminded + context.in_batches(handoff_times.escalate, handoff_times.BATCH)


def dry_run(context: JobContext) -> Mapping[str, int]:
    """Count the handoffs that a run would remind of, and those that it would tell the managers of."""
    return context.count(handoff_times.count_due)
