"""Have the scores follow changed rules, in batches so short that commands wait for none of them."""

import time
from datetime import datetime

from sqlmodel import Session

from jobs.context import JobContext
from models.workspace import Workspace
from services import rescoring
from services.pace import next_size

BATCH_SECONDS = 0.06
"""What a batch should take. SQLite's only writer is held as long; on a busy machine it may be twice that."""
SMALLEST, LARGEST, FIRST = 250, 2000, 250
TOLD_EVERY_SECONDS = 3.0


def run(context: JobContext) -> int:
    """Rescore until every lead follows the newest rules; return how many did. A kill loses the batch at hand at most."""
    total, size, told_at = 0, FIRST, time.monotonic()
    while not context.deliverer.stopping.is_set():
        started = time.monotonic()
        is_time = started - told_at >= TOLD_EVERY_SECONDS
        with context.database.write() as session:
            batch = rescoring.next_batch(session, context.workspace_id, size, context.clock(), tells=is_time)
        if batch is None:
            break
        total += batch
        told_at = started if is_time else told_at
        size = next_size(size, time.monotonic() - started, BATCH_SECONDS, SMALLEST, LARGEST)
        # The lock of SQLite's writer is not fair: whoever waits for it gets it here.
        time.sleep(0.001)
    return total


def dry_run(context: JobContext) -> int:
    """Count the leads that do not follow the newest rules yet."""

    def waiting(session: Session, workspace: Workspace, _now: datetime) -> int:
        return rescoring.count_waiting(session, workspace.id)

    return context.count(waiting)
