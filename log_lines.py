"""The log: a line of JSON on standard error for each event, for whatever collects it."""

import json
import logging
from datetime import UTC, datetime

# What a record has by itself; the rest are the facts that came with it.
_OWN = vars(logging.makeLogRecord({})).keys()


class JsonLines(logging.Formatter):
    """One record as one line: what happened, how grave it is, when in UTC, and the facts that came with it."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line; a value that JSON has no form for is told as Python would."""
        line = {name: value for name, value in vars(record).items() if name not in _OWN}
        at = datetime.fromtimestamp(record.created, UTC).replace(tzinfo=None)
        line |= {"event": record.getMessage(), "level": record.levelname.lower()}
        line["timestamp"] = f"{at.isoformat(timespec='microseconds')}Z"
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=repr)


def log_to_stderr(level: str) -> None:
    """Log JSON lines, one per event. The libraries' own chatter would hold what people typed."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    # It says what failed with the body that it sent; what matters of it we log ourselves.
    logging.getLogger("slack_sdk").setLevel(logging.CRITICAL)
    for name in ("baton", "handlers", "jobs", "web", "services", "models"):
        logging.getLogger(name).setLevel(level)
