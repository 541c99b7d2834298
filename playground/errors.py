"""What the playground refuses, as Slack names it."""

from typing import Any


class SlackError(Exception):
    """One call refused, with Slack's error code and whatever else its answer carries."""

    def __init__(self, code: str, *, messages: list[str] | None = None, **details: Any) -> None:
        super().__init__(code)
        self.code = code
        self.messages = messages or []
        self.details = details

    def to_json(self) -> dict[str, Any]:
        """Give the body of the answer, as the Web API words it."""
        body: dict[str, Any] = {"ok": False, "error": self.code, **self.details}
        if self.messages:
            body["response_metadata"] = {"messages": [f"[ERROR] {message}" for message in self.messages]}
        if self.messages and self.code == "invalid_blocks":
            body["errors"] = list(self.messages)
        return body


class PeopleError(Exception):
    """A person tried what Slack's own client does not let people do; `code` names it in a word."""

    def __init__(self, message: str, code: str = "not_possible") -> None:
        super().__init__(message)
        self.code = code
