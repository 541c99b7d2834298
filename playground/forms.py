"""What Slack's client checks before it sends a form, in the words it shows."""

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from playground.controls import Typed, controls, held, state_values
from playground.entities import Json, View

REQUIRED = "Please complete this required field."
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
INTEGER, DECIMAL = re.compile(r"-?\d+"), re.compile(r"-?\d+(\.\d+)?")


def client_errors(view: View, typed: Typed) -> dict[str, str]:
    """Find what Slack's client would not send, by block_id."""
    values = state_values(view.blocks, typed)
    errors = {}
    for block, element in controls(view.blocks):
        if block["type"] != "input":
            continue
        error = _error(block, element, held(values[block["block_id"]][element["action_id"]]))
        if error:
            errors[str(block["block_id"])] = error
    return errors


def _error(block: Json, element: Json, value: Any) -> str:
    if value in (None, "", []):
        return "" if block.get("optional") else REQUIRED
    check = CHECKS.get(element["type"])
    if check:
        return check(element, value)
    most = element.get("max_selected_items") or element.get("max_files")
    return "Too many are selected." if most and isinstance(value, list) and len(value) > most else ""


def _text(element: Json, value: str) -> str:
    if len(value) < element.get("min_length", 0):
        return f"Please enter at least {element['min_length']} characters."
    longest = element.get("max_length", 3000)
    if len(value) > longest:
        return f"Please enter at most {longest} characters."
    return ""


def _email(_element: Json, value: str) -> str:
    return "" if EMAIL.fullmatch(value) else "Please enter a valid email address."


def _url(_element: Json, value: str) -> str:
    parts = urlsplit(value)
    return "" if parts.scheme in {"http", "https"} and parts.netloc else "Please enter a valid URL."


def _number(element: Json, value: str) -> str:
    form = DECIMAL if element["is_decimal_allowed"] else INTEGER
    if not form.fullmatch(str(value)):
        return "Please enter a valid number."
    low, high = element.get("min_value"), element.get("max_value")
    if (low and float(value) < float(low)) or (high and float(value) > float(high)):
        return "Please enter a number within the range."
    return ""


CHECKS: dict[str, Callable[[Json, str], str]] = {
    "plain_text_input": _text,
    "email_text_input": _email,
    "url_text_input": _url,
    "number_input": _number,
}
