"""What a browser asks for: its frames, read with suspicion."""

import json
import re
from typing import Any, Self

from playground.entities import Json
from playground.page.words import PageError

TIMESTAMP = re.compile(r"[0-9]{10}\.[0-9]{6}")


class Asked:
    """One object out of a frame, whose fields are what they ought to be.

    Every reader raises PageError, bad_request, with the name of the field that is not.
    """

    def __init__(self, body: Json) -> None:
        self._body = body

    @classmethod
    def read(cls, text: str) -> Self:
        """Read a frame.

        Raises:
            PageError: bad_request.
        """
        try:
            body = json.loads(text)
        except (ValueError, RecursionError):
            raise PageError("bad_request", "JSON") from None
        if not isinstance(body, dict):
            raise PageError("bad_request", "JSON")
        return cls(body)

    def check(self) -> None:
        """Refuse half characters and numbers that are none: they can be read here, but not be sent on.

        Raises:
            PageError: bad_request.
        """
        try:
            json.dumps(self._body, ensure_ascii=False, allow_nan=False).encode()
        except (ValueError, RecursionError):
            raise PageError("bad_request", "JSON") from None

    @property
    def id(self) -> int:
        """The number under which the answer goes back; 0 where there is none."""
        number = self._body.get("id")
        return number if isinstance(number, int) and not isinstance(number, bool) else 0

    def __contains__(self, name: str) -> bool:
        return name in self._body

    def any(self, name: str) -> Any:
        return self._body.get(name)

    def text(self, name: str, default: str | None = None) -> str:
        value = self._body.get(name, default)
        if not isinstance(value, str):
            raise PageError("bad_request", name)
        return value

    def one_of(self, name: str, known: frozenset[str]) -> str:
        value = self.text(name)
        if value not in known:
            raise PageError("bad_request", name)
        return value

    def matching(self, name: str, form: re.Pattern[str]) -> str:
        value = self.text(name)
        if not form.fullmatch(value):
            raise PageError("bad_request", name)
        return value

    def flag(self, name: str) -> bool:
        value = self._body.get(name)
        if not isinstance(value, bool):
            raise PageError("bad_request", name)
        return value

    def part(self, name: str) -> "Asked":
        value = self._body.get(name)
        if not isinstance(value, dict):
            raise PageError("bad_request", name)
        return Asked(value)

    def texts(self, name: str) -> tuple[str, ...]:
        """Give a list of strings; none where it is missing."""
        value = self._body.get(name, [])
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            raise PageError("bad_request", name)
        return tuple(value)
