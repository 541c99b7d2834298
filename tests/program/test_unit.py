"""The systemd unit says what the program and the operations page say."""

import configparser
from pathlib import Path

from command_line import STOP_SECONDS
from tests.forks import PROJECT


def _unit() -> dict[str, str]:
    parser = configparser.ConfigParser(interpolation=None, comment_prefixes=("#",))
    parser.optionxform = str  # type: ignore[assignment,method-assign]  # Its keys are written with capitals.
    parser.read(PROJECT / "deploy" / "baton.service")
    return dict(parser["Service"])


def test_the_unit_starts_what_ends_and_waits_longer_than_the_end_takes() -> None:
    """Whatever the exit code it is started again, and nobody kills it while it drains."""
    unit = _unit()
    assert unit["Restart"] == "always"
    assert int(unit["TimeoutStopSec"]) > STOP_SECONDS
    assert unit["ExecStart"].endswith("bot.py run")


def test_the_unit_lets_it_write_where_the_database_is() -> None:
    """Everything else is read-only to it: the folder of the default DATABASE_URL is not."""
    unit = _unit()
    assert unit["ProtectSystem"] == "strict"
    assert Path(unit["WorkingDirectory"]) / "data" == Path(unit["ReadWritePaths"])
