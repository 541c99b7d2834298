"""What Slack hands out for a short while: trigger ids and response URLs."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from playground.errors import SlackError

if TYPE_CHECKING:
    from playground.workspace import Workspace


@dataclass(frozen=True)
class Trigger:
    """One person's leave to show them a modal, good once."""

    id: str
    user: str
    given_at: datetime
    channel: str = ""
    view_id: str = ""
    used: bool = False


@dataclass(frozen=True)
class ResponseUrl:
    """An address for answers to one interaction; `original` is the message that they may replace."""

    token: str
    user: str
    channel: str
    given_at: datetime
    original_ts: str = ""
    thread_ts: str = ""
    uses: int = 0
    kind: str = field(default="actions")


class Tickets:
    """All trigger ids and response URLs of the workspace."""

    def __init__(self, workspace: "Workspace") -> None:
        self._ws = workspace
        self._triggers: dict[str, Trigger] = {}
        self._urls: dict[str, ResponseUrl] = {}
        self._links: set[str] = set()

    def trigger(self, user: str, channel: str = "", view_id: str = "") -> str:
        """Give a trigger id."""
        with self._ws.lock:
            trigger_id = f"{self._ws.epoch()}.{self._ws.new_id('')}.{self._ws.new_secret()}"
            self._triggers[trigger_id] = Trigger(trigger_id, user, self._ws.now(), channel, view_id)
            return trigger_id

    def exchange(self, trigger_id: str) -> Trigger:
        """Take a trigger id back for what it allows.

        Raises:
            SlackError: invalid_trigger_id, exchanged_trigger_id, or expired_trigger_id after 3 seconds.
        """
        with self._ws.lock:
            trigger = self._triggers.get(trigger_id)
            if trigger is None:
                raise SlackError("invalid_trigger_id")
            if trigger.used:
                raise SlackError("exchanged_trigger_id")
            if self._ws.now() - trigger.given_at > timedelta(seconds=self._ws.timing.trigger_seconds):
                raise SlackError("expired_trigger_id")
            self._triggers[trigger_id] = replace(trigger, used=True)
            return trigger

    def response_url(self, user: str, channel: str, *, kind: str, original_ts: str = "", thread_ts: str = "") -> str:
        """Give an address for answers."""
        with self._ws.lock:
            token = self._ws.new_secret()
            self._urls[token] = ResponseUrl(token, user, channel, self._ws.now(), original_ts, thread_ts, kind=kind)
        return f"{self._ws.url}/{kind}/{self._ws.team.id}/{token}"

    def use(self, token: str) -> ResponseUrl:
        """Spend one use of a response URL.

        Raises:
            SlackError: expired_url (unknown, or older than 30 minutes) or used_url (used 5 times).
        """
        with self._ws.lock:
            url = self._urls.get(token)
            life = timedelta(seconds=self._ws.timing.response_url_seconds)
            if url is None or self._ws.now() - url.given_at > life:
                raise SlackError("expired_url")
            if url.uses >= self._ws.timing.response_url_uses:
                raise SlackError("used_url")
            url = replace(url, uses=url.uses + 1)
            self._urls[token] = url
            return url

    def answered(self, response_url: str, ts: str) -> None:
        """Remember the first message that answered a command: later answers may replace it."""
        token = response_url.rpartition("/")[2]
        with self._ws.lock:
            url = self._urls.get(token)
            if url and not url.original_ts:
                self._urls[token] = replace(url, original_ts=ts)

    def link(self) -> str:
        """Give a ticket for one Socket Mode connection."""
        ticket = self._ws.new_secret()
        with self._ws.lock:
            self._links.add(ticket)
        return ticket

    def admit(self, ticket: str) -> bool:
        """Take a ticket for a Socket Mode connection back; each admits once."""
        with self._ws.lock:
            known = ticket in self._links
            self._links.discard(ticket)
            return known
