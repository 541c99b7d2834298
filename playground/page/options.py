"""What whoever starts the playground decides about its page."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from playground.page.tour import Tour

DIST = Path(__file__).parent.parent / "web" / "dist"


@dataclass(frozen=True)
class Verb:
    """One word that can stand after a command, for the composer's completion."""

    verb: str
    aliases: tuple[str, ...] = ()
    usage: str = ""
    summary: str = ""


@dataclass(frozen=True)
class PageOptions:
    """How the page is.

    `move_clock` moves business time to an aware instant and returns when everything on the way has been done; without it
    the clock stands as it is. `next_morning` tells when the next working day begins. `verbs` are what completes a
    command, by command and language (`ja`, `en`). `dist` holds the built page.
    """

    move_clock: Callable[[datetime], None] | None = None
    next_morning: Callable[[datetime], datetime] | None = None
    verbs: Mapping[str, Mapping[str, Sequence[Verb]]] = field(default_factory=dict)
    tour: Tour | None = None
    dist: Path = DIST
