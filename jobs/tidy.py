"""Delete the records that nothing can ask for any more."""

from jobs.context import JobContext
from services import import_chunks, records


def run(context: JobContext) -> int:
    """Delete them; return how many rows went."""
    with context.database.write() as session:
        forgotten = records.forget_old_records(session, context.workspace_id, context.clock())
        return forgotten + import_chunks.forget_files(session, context.workspace_id, context.clock())


def dry_run(context: JobContext) -> int:
    """Count the rows that would go."""
    return context.count(
        lambda session, workspace, now: (
            records.count_old_records(session, workspace.id, now)
            + import_chunks.count_old_files(session, workspace.id, now)
        )
    )
