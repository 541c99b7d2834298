"""Learn anew from closed leads, once a week and as soon as there are enough, and note the chances of open leads."""

import logging
from datetime import datetime

from sqlmodel import Session

from jobs.context import JobContext
from models.workspace import Workspace
from services import learning, learning_rows

log = logging.getLogger(__name__)


def run(context: JobContext) -> int:
    """Fit a new version and score the open leads by it; return how many closed leads were learned from."""
    model = learning.learn(context.database, context.workspace_id, context.clock())
    score(context)
    return model.won + model.lost if model else 0


def score(context: JobContext) -> int:
    """Write down the chances of open leads that the version in force has not seen yet."""
    size = learning.SCORED_BATCH
    return context.in_batches(
        lambda session, workspace, now: learning.score_open_leads(session, workspace.id, size, now), size
    )


def dry_run(context: JobContext) -> int:
    """Count the closed leads that a run would learn from; 0 while they are too few."""

    def count(session: Session, workspace: Workspace, _now: datetime) -> int:
        closed = learning_rows.count_closed(session, workspace.id)
        return 0 if closed.missing else closed.won + closed.lost

    return context.count(count)
