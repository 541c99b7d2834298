"""The steps of a first visit, each ticked off when somebody has come that far."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from playground.controls import controls
from playground.entities import Message
from playground.errors import SlackError
from playground.workspace import Change, Workspace


class Stage(Protocol):
    """One step, by whatever tells that it is done."""

    @property
    def id(self) -> str: ...

    def is_met(self, workspace: Workspace, change: Change) -> bool:
        """Tell whether this change is what the step waits for."""


@dataclass(frozen=True)
class Step:
    """Done once a message shows a control: `action_id_shown` stands in it, and `without` does not.

    With `for_user` the message is private to that person: an ephemeral one, or one in their direct messages.
    """

    id: str
    action_id_shown: str
    for_user: str = ""
    without: str = ""

    def is_met(self, workspace: Workspace, change: Change) -> bool:
        if change.what != "message":
            return False
        try:
            message = workspace.messages.get(change.channel, change.id)
        except SlackError:
            return False
        shown = {element["action_id"] for _block, element in controls(message.blocks)}
        return self.action_id_shown in shown and self.without not in shown and self._is_addressed(workspace, message)

    def _is_addressed(self, workspace: Workspace, message: Message) -> bool:
        return self.for_user in ("", message.only_for, workspace.channel(message.channel).im_user)


@dataclass(frozen=True)
class ClockMoved:
    """Done once the clock has been moved."""

    id: str

    def is_met(self, workspace: Workspace, change: Change) -> bool:
        return (change.what, change.id) == ("clock", "moved")


class Tour:
    """Some steps, in no fixed order. What is done stays done until the tour starts over."""

    def __init__(self, steps: Sequence[Stage]) -> None:
        self._steps = steps
        self._lock = threading.Lock()
        self._done: list[str] = []

    @property
    def done(self) -> list[str]:
        """The steps done, the first one first."""
        with self._lock:
            return list(self._done)

    def note(self, workspace: Workspace, change: Change) -> bool:
        """Look at one change.

        Returns:
            Whether it completed a step.
        """
        done = self.done
        met = [one.id for one in self._steps if one.id not in done and one.is_met(workspace, change)]
        with self._lock:
            new = [step for step in met if step not in self._done]
            self._done += new
        return bool(new)

    def start_over(self) -> None:
        """Forget what was done."""
        with self._lock:
            self._done.clear()
