"""Give each person their digest, at their own time on their working days."""

from jobs.context import JobContext
from jobs.holidays import list_holidays
from services import digests


def run(context: JobContext) -> int:
    """Plan and send what is due; return how many digests are on their way."""
    list_holidays(context)
    context.once(digests.plan_digests)
    return context.in_batches(digests.send_digests, digests.BATCH)


def dry_run(context: JobContext) -> int:
    """Count the people whose digest is due."""
    return context.count(lambda session, workspace, now: digests.count_due(session, workspace.id, now))
