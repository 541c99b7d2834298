"""What every test can ask for: a database of each kind, and an office on it."""

import gc
import os
import shutil
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.compiled import share_compiled_statements
from tests.office import Office, open_office
from tests.postgres import USUAL_KIND, drop_postgres, postgres_url, sqlite_url, usual_url

# A developer's own .env or environment must not reach a test.
for _name in [name for name in os.environ if name.startswith(("SLACK_", "BATON_")) or name in {"DATABASE_URL", "PORT"}]:
    del os.environ[_name]
# Where this machine stands is no test's business either, but let it not be where a forgotten zone makes no difference.
os.environ["TZ"] = "Asia/Tokyo"
time.tzset()
# The tests are many modules and start many processes: what was compiled once is kept, whatever this machine's habit.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# Thousands of tests are much to look through again and again for what can be thrown away.
gc.disable()

share_compiled_statements()

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
# How fast this machine is today is no test's business.
settings.register_profile("suite", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("suite")

SHARED_DATA = Path(__file__).parents[1].parent / "shared" / "data"


# What these open or import once for a process is dear: a browser, the launchers of bots, scikit-learn. Each of these rooms
# goes as a whole to one of pytest-xdist's workers (`--dist loadgroup`), before what can go to any.
_TOGETHER = {
    "browser": "browser", "program": "program", "reliability": "reliability", "benchmarks": "program",
    "learning": "learning", "test_learn_job": "learning", "test_scoring_report": "learning",
}  # fmt: skip


def _room_of(item: pytest.Item) -> str:
    return _TOGETHER.get(item.path.parent.name) or _TOGETHER.get(item.path.stem) or ""


def pytest_itemcollected(item: pytest.Item) -> None:
    """Say which tests belong together."""
    if room := _room_of(item):
        item.add_marker(pytest.mark.xdist_group(room))


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep rooms and files together that share something dear; pytest-randomly has mixed them with the others."""
    if USUAL_KIND != "sqlite":
        items[:] = [item for item in items if item.get_closest_marker("sqlite") is None]
    places = {room: place for place, room in enumerate([*dict.fromkeys(_TOGETHER.values()), ""])}
    items.sort(key=lambda item: places[_room_of(item)])


def pytest_collection_finish() -> None:
    """Let the garbage collector look at what the tests leave, and no longer at the tests."""
    gc.freeze()
    gc.enable()


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A new database with the tables, once on SQLite and once on PostgreSQL."""
    if request.param == "sqlite":
        yield sqlite_url(tmp_path, migrated=True)
        return
    url = postgres_url(migrated=True)
    yield url
    drop_postgres(url)


@pytest.fixture
def office(database_url: str) -> Iterator[Office]:
    """A whole office on the database."""
    with open_office(database_url) as office:
        yield office


@pytest.fixture
def small_office(tmp_path: Path) -> Iterator[Office]:
    """A whole office on one database, for what does not touch the databases' own ways."""
    with usual_url(tmp_path, migrated=True) as url, open_office(url) as office:
        yield office


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real input that lies beside the project; tests that need it are skipped without it."""
    if not SHARED_DATA.is_dir():
        pytest.skip("no ../shared/data beside the project: the real input is not here")
    return SHARED_DATA


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what was not tested here, and how it could be."""
    if CHROMIUM is None:
        terminalreporter.write_line("No Chromium here: with `apt-get install chromium` the page is tested too.")
    if not shutil.which("npm"):
        terminalreporter.write_line("No Node here: with it, Slack's client for Node is tried on the playground too.")
