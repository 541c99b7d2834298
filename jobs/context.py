"""What a job works with."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

from slack_sdk import WebClient
from sqlmodel import Session

from jobs.deliver import Deliverer
from models.database import Database
from models.workspace import Workspace
from services.leases import Leased, count_due
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

    def one_by_one(
        self,
        table: type[Leased],
        lease: Callable[[Session, int, datetime], Leased | None],
        carry_on: Callable[["JobContext", Leased], None],
    ) -> int:
        """Lease what is due in a table, row after row, and carry each on; return how many steps that were."""
        done = 0
        while not self.deliverer.stopping.is_set() and self.count_leases(table):
            with self.database.write() as session:
                leased = lease(session, self.workspace_id, datetime.now(UTC))
            if leased is None:
                return done
            carry_on(self, leased)
            done += 1
        return done

    def count_leases(self, table: type[Leased]) -> int:
        """Count the rows of a table that have something to be done; when that is due is real time."""
        return self.count(lambda session, workspace, _now: count_due(session, table, workspace.id, datetime.now(UTC)))

    def count(self, counting: Callable[[Session, Workspace, datetime], Counted]) -> Counted:
        """Count what a run would do, and do nothing."""
        with self.database.read() as session:
            return counting(session, get_workspace(session, self.workspace_id), self.clock())
