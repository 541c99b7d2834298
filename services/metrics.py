"""What is counted for whoever watches the process: no ids, no personal data, nothing global."""

import platform
import re
import threading
import tomllib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import case, func, select, text
from sqlmodel import Session, col

from models.delivery import Delivery, DeliveryState
from services.deliveries import AT_ONCE

# Slack waits 3 s; between 10 ms and there is where an ack gets slow.
ACK_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 2.5, 3.0, 5.0)

_CODE = re.compile(r"[a-z0-9_]{1,60}")
_CODES_MAX = 100
"""Slack chooses its error codes: beyond this many a new one is counted as `other`."""


class Metrics:
    """The counters of one process, in a registry of their own. Every method may be called from any thread."""

    def __init__(self) -> None:
        # Local: it brings a web server along, and commands that only read or write tables count nothing.
        from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram  # noqa: PLC0415

        self.registry = CollectorRegistry()
        self._requests = Counter(
            "baton_requests", "Requests answered, by kind and outcome.", ("kind", "outcome"), registry=self.registry
        )
        self._ack = Histogram(
            "baton_ack_seconds", "Time until a request was answered.", ("kind",), buckets=ACK_SECONDS,
            registry=self.registry,
        )  # fmt: skip
        self._jobs = Gauge(
            "baton_job_last_success_timestamp", "When a job last did its work (seconds since 1970).", ("job",),
            registry=self.registry,
        )  # fmt: skip
        self._slack_errors = Counter(
            "baton_slack_errors", "Errors that Slack answered, by its code.", ("code",), registry=self.registry
        )
        self._busy = Counter("baton_database_busy", "Times the database could not save.", registry=self.registry)
        build = Gauge("baton_build_info", "Always 1; what runs.", ("version", "python"), registry=self.registry)
        build.labels(_version(), platform.python_version()).set(1)
        self._codes: set[str] = set()
        self._lock = threading.Lock()

    def request(self, kind: str, outcome: str, seconds: float) -> None:
        """Count a request that was answered after `seconds`; both words come from closed sets of the router's."""
        self._requests.labels(kind, outcome).inc()
        self._ack.labels(kind).observe(seconds)

    def slack_error(self, code: str) -> None:
        """Count an error that Slack answered (`channel_not_found`) or the client met (`timeout`)."""
        self._slack_errors.labels(self._known(code)).inc()

    def job_succeeded(self, name: str, at: datetime) -> None:
        """Note that the job came to its end at `at`."""
        self._jobs.labels(name).set(at.timestamp())

    def database_busy(self) -> None:
        """Count a BusyError."""
        self._busy.inc()

    def _known(self, code: str) -> str:
        if not _CODE.fullmatch(code):
            return "other"
        with self._lock:
            if code not in self._codes and len(self._codes) >= _CODES_MAX:
                return "other"
            self._codes.add(code)
        return code


def _version() -> str:
    with (Path(__file__).parent.parent / "pyproject.toml").open("rb") as file:
        return str(tomllib.load(file)["project"]["version"])


@dataclass(frozen=True)
class Backlog:
    """The messages that are not where they should be: how many in each state, and how long the first has waited."""

    counts: dict[DeliveryState, int]
    oldest_seconds: float


def backlog_of(session: Session, workspace_id: int, now: datetime) -> Backlog:
    """Count what is to be sent, what Slack refused and what nobody can tell; what was sent is not counted.

    Nothing tells since when an update of a posted message has been wanted, so only what was never posted has an age.
    """
    mine = col(Delivery.workspace_id) == workspace_id
    unposted_at = case((col(Delivery.sent_rev) == 0, col(Delivery.created_at)))
    # Written out, and with a bound that every row meets: so SQLite sees that the index of what is due has the answer.
    is_pending = text("state = 'pending'")
    pending = select(func.count(), func.min(unposted_at)).where(
        mine, is_pending, col(Delivery.next_attempt_at) >= AT_ONCE
    )
    count, first_at = session.execute(pending).one()
    stuck = select(col(Delivery.state), func.count()).where(mine, text("state IN ('unknown', 'failed')"))
    stuck_counts = {state: number for state, number in session.execute(stuck.group_by(col(Delivery.state)))}  # noqa: C416  Rows are no pairs to mypy.
    counts = {DeliveryState.PENDING: count, DeliveryState.UNKNOWN: 0, DeliveryState.FAILED: 0, **stuck_counts}
    return Backlog(counts, max((now - first_at).total_seconds(), 0.0) if first_at else 0.0)
