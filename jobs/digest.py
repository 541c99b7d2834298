"""Give each person their digest, at their own time on their working days."""

from collections.abc import Mapping

from jobs.context import JobContext
from jobs.holidays import list_holidays
from services import digest_times


def run(context: JobContext) -> int:
    """Plan and send what is due; return how many digests are on their way."""
    list_holidays(context)
    context.once(digest_times.plan_digests)
    return context.in_batches(digest_times.send_digests, digest_times.BATCH)


def dry_run(context: JobContext) -> Mapping[str, int]:
    """Count the digests that a run would send, and the people whose next it would plan."""
    return context.count(digest_times.count_due)
