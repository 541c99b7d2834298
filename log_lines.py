"""The log: a line of JSON on standard error for each event, for whatever collects it."""

import logging
from typing import Any

from pythonjsonlogger.json import JsonFormatter


class JsonLines(JsonFormatter):
    """One record as one line: what happened, how grave it is, when in UTC, and the facts that came with it."""

    def __init__(self) -> None:
        names = {"message": "event", "levelname": "level", "exc_info": "exception"}
        super().__init__(["message", "levelname"], rename_fields=names, timestamp=True, json_ensure_ascii=False)

    def process_log_record(self, log_data: dict[str, Any]) -> dict[str, Any]:
        """Write the level small, as collectors know it."""
        return {**log_data, "level": log_data["level"].lower()}


def log_to_stderr(level: str) -> None:
    """Log JSON lines, one per event. The libraries' own chatter would hold what people typed."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    # It says what failed with the body that it sent; what matters of it we log ourselves.
    logging.getLogger("slack_sdk").setLevel(logging.CRITICAL)
    for name in ("baton", "handlers", "jobs", "web", "services", "models"):
        logging.getLogger(name).setLevel(level)
