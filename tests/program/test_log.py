"""The log is one line of JSON for each event, whatever it tells of."""

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest

from log_lines import JsonLines


@pytest.fixture
def log() -> Iterator[tuple[logging.Logger, io.StringIO]]:
    """A logger that writes such lines, and what it has written."""
    written = io.StringIO()
    logger, handler = logging.Logger("baton"), logging.StreamHandler(written)
    handler.setFormatter(JsonLines())
    logger.addHandler(handler)
    yield logger, written
    handler.close()


def _only_line(written: io.StringIO) -> dict[str, Any]:
    (line,) = written.getvalue().splitlines()
    found: dict[str, Any] = json.loads(line)
    return found


def test_a_line_says_what_how_grave_and_when_with_its_facts(log: tuple[logging.Logger, io.StringIO]) -> None:
    """The event in words, the level, UTC, and what came with it; nothing of Python's own."""
    logger, written = log
    logger.warning("the %s is full", "disk", extra={"port": 3000, "who": "青木", "strange": {1}})
    line = _only_line(written)
    at = line.pop("timestamp")
    assert line == {"event": "the disk is full", "level": "warning", "port": 3000, "who": "青木", "strange": "{1}"}
    assert at.endswith("+00:00")
    assert "青木" in written.getvalue()


def test_an_error_is_one_line_with_its_traceback(log: tuple[logging.Logger, io.StringIO]) -> None:
    """Collectors take a line for an event: a traceback stands inside of it."""
    logger, written = log
    try:
        int("no\nsuch thing")
    except ValueError:
        logger.exception("it failed")
    line = _only_line(written)
    assert (line["event"], line["level"]) == ("it failed", "error")
    assert line["exception"].startswith("Traceback")
    assert line["exception"].endswith(r"'no\nsuch thing'")
