"""Which tests judge a mutant: those written for its file, quick ones first. A plugin that only `make mutants` loads.

Nearly every test runs the code of deliveries; that each of them finishes on a mutant says little and takes minutes.
"""

import gc
import json
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings

from services.statements import Prepared

JUDGES = {
    "web.slack_requests": ("web/test_slack_requests.py",),
    "web.hooks": ("web/test_hooks.py", "web/test_hook_consent.py"),
    "services.handoffs": (
        "journeys/test_handing_off.py", "journeys/test_races.py", "journeys/test_ending.py", "journeys/test_logging.py",
        "journeys/test_undo.py", "jobs/test_handoffs_job.py", "services/test_handoffs.py",
    ),
    "services.reactions": ("journeys/test_handing_off.py", "journeys/test_races.py", "jobs/test_people_jobs.py"),
    "services.records": (
        "services/test_records.py", "services/test_digest_times.py", "journeys/test_repeats.py", "journeys/test_consent.py",
        "journeys/test_scoring.py", "journeys/test_undo.py", "jobs/test_digest_job.py", "jobs/test_dry_runs.py",
        "jobs/test_people_jobs.py", "web/test_hooks.py",
    ),
    "services.digests": (
        "services/test_digest_contents.py", "services/test_digest_times.py", "jobs/test_digest_job.py",
    ),
    "services.digest_times": ("services/test_digest_times.py", "jobs/test_digest_job.py"),
    "services.deliveries": (
        "services/test_deliveries.py", "jobs/test_deliver.py", "jobs/test_leases.py", "journeys/test_undelivered.py", "journeys/test_forgetting.py",
        "reliability/test_found.py",
    ),
    "jobs.deliver": (
        "jobs/test_deliver.py", "jobs/test_leases.py", "jobs/test_learn_job.py", "journeys/test_undelivered.py",
        "journeys/test_forgetting.py", "reliability/test_found.py",
    ),
    "jobs.scheduler": ("jobs/test_scheduler.py", "jobs/test_people_jobs.py", "reliability/test_found.py"),
    "jobs.table": ("jobs/test_scheduler.py", "jobs/test_dry_runs.py", "jobs/test_people_jobs.py", "jobs/test_learn_job.py"),
}  # fmt: skip
PREPARED: list[Prepared] = []
# That a mutant fails is enough: the shortest example of it would take half a minute.
settings.register_profile(
    "mutants", deadline=None, suppress_health_check=[HealthCheck.too_slow], phases=[Phase.explicit, Phase.generate]
)


def pytest_runtest_setup() -> None:
    """Forget the statements that a process before the mutation has built: a mutant of what builds them would do nothing."""
    for prepared in PREPARED:
        prepared._compiled.clear()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave only the judges of the mutant that is tried, which mutmut names in the environment."""
    # What the program has frozen is not among the objects otherwise.
    gc.unfreeze()
    PREPARED[:] = [thing for thing in gc.get_objects() if isinstance(thing, Prepared)]
    judges = JUDGES.get(os.environ.get("MUTANT_UNDER_TEST", "").rpartition(".")[0])
    if judges is None:
        return
    lengths = json.loads(Path("mutmut-stats.json").read_text(encoding="utf-8"))["duration_by_test"]
    chosen = [item for item in items if item.nodeid.partition("::")[0].removeprefix("tests/") in judges]
    config.hook.pytest_deselected(items=[item for item in items if item not in chosen])
    items[:] = sorted(chosen, key=lambda item: lengths.get(item.nodeid, 0))
