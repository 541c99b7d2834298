"""Whatever goes wrong in whatever order, nothing is lost in silence and nothing is said twice."""

import os
from collections import Counter
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.office import Office, open_office
from tests.postgres import fresh_url
from tests.reliability.helpers import Later
from tests.reliability.recorder import record
from tests.reliability.schedules import Schedule

SEED = int(os.environ.get("SEED", "1"))
COUNT = int(os.environ.get("COUNT", "5000"))
# An office is used for so many: looking a message up goes through what was said before it.
IN_ONE_OFFICE = 8


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Later:
    """The deliverer's time, to be moved by hand."""
    later = Later()
    monkeypatch.setattr("jobs.deliver.time", later)
    monkeypatch.setattr("jobs.deliver.datetime", later)
    # How fast this machine is today is not what goes wrong here.
    monkeypatch.setattr("models.database.ANSWER_SECONDS", 60)
    return later


def run_schedules(kind: str, folder: Path, later: Later, seeds: range) -> Counter[str]:
    """Run one schedule a seed, and count what went wrong in them."""
    counts: Counter[str] = Counter()
    for first in range(seeds.start, seeds.stop, IN_ONE_OFFICE):
        with ExitStack() as stack:
            office = stack.enter_context(open_office(stack.enter_context(fresh_url(kind, folder, migrated=True))))
            office.workspace.timing.event_retry_delays = (0.0,)
            office.workspace.timing.ack_seconds = 60
            for seed in range(first, min(first + IN_ONE_OFFICE, seeds.stop)):
                counts += run_schedule(office, later, seed)
    return counts


def run_schedule(office: Office, later: Later, seed: int) -> Counter[str]:
    """Run the schedule of one seed, which a failure names."""
    schedule = Schedule(office, later, seed)
    try:
        schedule.run()
    except Exception as error:
        raise AssertionError(f"SEED={seed} COUNT=1 shows it: {error!r}") from error
    return schedule.counts


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_random_faults_lose_and_double_nothing(kind: str, later: Later, tmp_path: Path) -> None:
    """A dozen schedules of handoffs, faults, kills and pauses: every message is there once, or visibly unknown."""
    counts = run_schedules(kind, tmp_path, later, range(1, 13))
    assert counts["messages"] > 20
    assert counts["killed"] > 0


@pytest.mark.soak
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_thousands_of_random_faults(kind: str, later: Later, tmp_path: Path) -> None:
    """The same, thousands of times; SEED and COUNT say which."""
    counts = run_schedules(kind, tmp_path, later, range(SEED, SEED + COUNT))
    faults = sum(counts.values()) - counts["messages"] - counts["unknown"] - counts["killed"]
    record(
        "random schedules of faults",
        {"database": kind, "seed": SEED, "schedules": COUNT, "faults": faults, "processes killed": counts["killed"],
         "messages": counts["messages"], "private answers unknown": counts["unknown"], "lost in silence": 0,
         "doubled": 0},
    )  # fmt: skip
