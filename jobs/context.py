"""What a job works with."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from slack_sdk import WebClient
from sqlmodel import Session

from jobs.deliver import Deliverer
from models.database import Database
from models.workspace import Workspace
from services.metrics import Metrics
from services.workspaces import get_workspace

GIVE_WAY_SECONDS = 0.005

Counted = TypeVar("Counted")


@dataclass(frozen=True)
class JobContext:
    """The workspace that the job looks after, Slack, and the business time."""

    database: Database
    client: WebClient
    workspace_id: int
    team_slack_id: str
    clock: Callable[[], datetime]
    deliverer: Deliverer
    metrics: Metrics
    forget_people: Callable[[], None]
    origins: frozenset[str]
    """The only places from which files are fetched."""

    def in_batches(self, work: Callable[[Session, Workspace, datetime], int], batch: int) -> int:
        """Do the work in one short transaction after another until a batch is not full; return how much was done.

        What is not done when Baton ends is still due.
        """
        total = 0
        while True:
            done = self.once(work)
            total += done
            # Whoever waits for SQLite's one writer gets it now: the lock itself favours the thread that just had it.
            if done < batch or self.deliverer.stopping.wait(GIVE_WAY_SECONDS):
                return total

    def once(self, work: Callable[[Session, Workspace, datetime], int]) -> int:
        """Do the work in one transaction."""
        with self.database.write() as session:
            return work(session, get_workspace(session, self.workspace_id), self.clock())

    def count(self, counting: Callable[[Session, Workspace, datetime], Counted]) -> Counted:
        """Count what a run would do, and do nothing."""
        with self.database.read() as session:
            return counting(session, get_workspace(session, self.workspace_id), self.clock())
