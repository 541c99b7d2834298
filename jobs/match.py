"""Find the company and the likely duplicates of leads that are new or read otherwise than before."""

from jobs.context import JobContext
from services import suggestions


def run(context: JobContext) -> int:
    """Look at what is due; return how many leads that were."""
    return context.in_batches(suggestions.match_due_leads, suggestions.BATCH)


def dry_run(context: JobContext) -> int:
    """Count the leads that a run would look at."""
    return context.count(lambda session, workspace, now: suggestions.count_due(session, workspace.id, now))
