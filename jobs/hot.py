"""Tell of leads that turned hot, once, and note which have cooled."""

from collections.abc import Mapping

from jobs.context import JobContext
from services import heat


def run(context: JobContext) -> int:
    """Alert and cool what is due; return how many leads were alerted of."""
    context.in_batches(heat.cool_down, heat.BATCH)
    return context.in_batches(heat.alert_hot, heat.BATCH)


def dry_run(context: JobContext) -> Mapping[str, int]:
    """Count the leads that a run would alert of, and those that it would let cool."""
    return context.count(heat.count_hot)
