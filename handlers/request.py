"""What a handler gets and gives: one request in, one reply out."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlmodel import Session

from models.database import Database
from models.facts import SlackMessage
from models.member import Actor
from services.records import is_first, receive_once
from views.blocks import Block, Message, View
from views.words import Reader


@dataclass(frozen=True)
class Request:
    """One thing a person asked for.

    `key` is the same in a repeat of the request; `text` follows a command's verb, `typed` is the whole line; `value` is
    what a clicked element carries; `values` are a form's inputs by block_id, `shown` what they held when it was opened;
    `metadata` is what its opener left in it; `message` is the one that a message shortcut was used on.
    """

    actor: Actor
    reader: Reader
    now: datetime
    key: str
    text: str = ""
    typed: str = ""
    value: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)
    shown: Mapping[str, Any] = field(default_factory=dict)
    metadata: Mapping[str, Any] = field(default_factory=dict)
    response_url: str = ""
    channel: str = ""
    message: SlackMessage | None = None

    def with_text(self, text: str) -> "Request":
        """Return the same request with what follows its second word."""
        return replace(self, text=text)

    def note(self, **facts: object) -> str:
        """Write the metadata of a form that this request opens: the facts, and where its answer can go.

        A form on top of another answers where the first one would.
        """
        answers = self.response_url or str(self.metadata.get("response_url") or "")
        return json.dumps({**facts, "response_url": answers}, ensure_ascii=False, separators=(",", ":"))


@dataclass(frozen=True)
class Reply:
    """What to do in answer. At most one of `form`, `next_form` and `errors`; the router knows how each is sent.

    `message` goes to the person alone; `replaces` puts it in the place of the message that was clicked. `form` opens a
    form; `next_form` follows a submitted one; `errors` are shown at its fields, by block_id. `options` fill a menu that
    asked for them.
    """

    message: Message | None = None
    replaces: bool = False
    form: View | None = None
    next_form: View | None = None
    errors: Mapping[str, str] | None = None
    options: Sequence[Block] = ()


@dataclass
class Desk:
    """What handlers work with: the database and what the whole workspace shares."""

    database: Database
    workspace_id: int
    country: str
    command: str = "/lead"
    bot_slack_id: str = ""
    is_set_up: bool = False
    forget_person: Callable[[str | None], None] = lambda _slack_id: None
    """Have a person (None: everybody) looked up anew at their next request."""
    publish_home: Callable[[str, View], None] = lambda _slack_id, _view: None
    """Show a person their Home tab, soon."""
    channels_changed: Callable[[], None] = lambda: None
    """Have it read from Slack who is in the channels, as soon as can be."""
    scores_changed: Callable[[], None] = lambda: None
    """Have the scores follow changed rules, as soon as can be."""

    @contextmanager
    def transaction(self, request: Request) -> Iterator[Session]:
        """Open the one transaction of a request that changes something.

        Raises:
            RepeatedRequestError: the same request was carried out before.
        """
        with self.database.write() as session:
            if request.key:
                receive_once(session, self.workspace_id, request.key, request.now)
            yield session

    def remember(self, request: Request) -> None:
        """Note that a request has come of which nothing was done."""
        if request.key:
            with self.database.write() as session:
                is_first(session, self.workspace_id, request.key, request.now)


Handler = Callable[[Desk, Request], Reply]
