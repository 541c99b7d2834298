"""What comes of what people do: what they see at once, and what the app said."""

from dataclasses import dataclass, field
from typing import Literal

from playground.delivery import Reply
from playground.entities import Json, Message, View

Outcome = Literal["closed", "cleared", "updated", "pushed", "errors", "failed"]


@dataclass(frozen=True)
class CommandResult:
    """What came of a command: the app's ack, and the message or the error that the person sees at once."""

    reply: Reply
    body: Json
    message: Message | None = None
    error: str = ""

    @property
    def ok(self) -> bool:
        return not self.error

    @property
    def text(self) -> str:
        return self.message.text if self.message else ""


@dataclass(frozen=True)
class ActionResult:
    """What came of a click, a choice or a shortcut. Slack shows a warning sign beside the element on an error."""

    reply: Reply | None
    body: Json
    error: str = ""

    @property
    def ok(self) -> bool:
        return not self.error


@dataclass(frozen=True)
class SuggestResult:
    """The options that a menu offers for what was typed: all of them, and in their groups if they have any."""

    options: list[Json] = field(default_factory=list)
    groups: list[Json] = field(default_factory=list)
    error: str = ""
    reply: Reply | None = None

    @property
    def values(self) -> list[str]:
        return [option["value"] for option in self.options]


@dataclass(frozen=True)
class SubmitResult:
    """What came of sending a form. `sent` is false when Slack's client refused it by itself."""

    outcome: Outcome
    view: View | None = None
    errors: dict[str, str] = field(default_factory=dict)
    error: str = ""
    sent: bool = True
    reply: Reply | None = None

    @property
    def ok(self) -> bool:
        return self.outcome not in {"errors", "failed"}


@dataclass(frozen=True)
class RawReply:
    """The bare answer to a payload that was made up."""

    status: int
    body: str
