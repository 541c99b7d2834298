"""Delete the records that nothing can ask for any more."""

from jobs.context import JobContext
from services import export_runs, import_chunks, records


def run(context: JobContext) -> int:
    """Delete them; return how many rows went."""
    with context.database.write() as session:
        workspace_id, now = context.workspace_id, context.clock()
        return sum(
            delete(session, workspace_id, now)
            for delete in (records.forget_old_records, import_chunks.forget_files, export_runs.drop_old)
        )


def dry_run(context: JobContext) -> int:
    """Count the rows that would go."""
    return context.count(
        lambda session, workspace, now: (
            records.count_old_records(session, workspace.id, now)
            + import_chunks.count_old_files(session, workspace.id, now)
            + export_runs.count_old(session, workspace.id, now)
        )
    )
