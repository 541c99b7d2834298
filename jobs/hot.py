"""Tell of leads that turned hot, once, and note which have cooled."""

from jobs.context import JobContext
from services import heat


def run(context: JobContext) -> int:
    """Alert and cool what is due; return how many leads were alerted of."""
    context.in_batches(heat.cool_down, heat.BATCH)
    return context.in_batches(heat.alert_hot, heat.BATCH)


def dry_run(context: JobContext) -> int:
    """Count the leads that a run would alert of."""
    return context.count(lambda session, workspace, now: heat.count_due(session, workspace.id, "hot_alert_due_at", now))
