"""What nobody foresaw: logged under a reference, so that whoever asked gets that and never a traceback."""

import logging
import secrets
import traceback

log = logging.getLogger(__name__)


def log_unexpected(kind: str, error: Exception) -> str:
    """Log where it happened under a reference that the person gets.

    The error's text stays out of the log: it can quote what was typed.
    """
    reference = f"E-{secrets.token_hex(3).upper()}"
    where = "".join(traceback.format_tb(error.__traceback__))
    log.error("unexpected %s in a %s: %s\n%s", reference, kind, type(error).__name__, where)
    return reference
