"""A message leaves: lease what is due, render it as its row is now, post or update it, write down what Slack said."""

import logging
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from enum import Enum, auto
from http.client import HTTPException
from typing import Any
from urllib.error import URLError

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError
from sqlmodel import Session

from jobs.rendering import Rendering, render
from models.base import made_at
from models.database import Database
from models.delivery import Delivery, DeliveryKind
from services import deliveries, workspaces
from services.metrics import Metrics
from views.blocks import Message

log = logging.getLogger(__name__)

BATCH = 20
SECONDS_BETWEEN_POSTS = 1.0
# A message that was posted may take this long to show in the channel's history.
SETTLING_SECONDS = 10
LOOKED_THROUGH = 200
CHANNEL_REMEMBERED_SECONDS = 600
METADATA_TYPE = "baton_delivery"


class Fault(Enum):
    """What a failed attempt means."""

    PASSING = auto()
    """Nothing was done: try again."""
    DOUBTFUL = auto()
    """It may have been done: look before trying again."""
    PERMANENT = auto()
    """It never will be: somebody must do something."""


class SharedChannelError(Exception):
    """The channel is shared with another organisation: no lead goes there."""


# Slack says of these that part of the work may have been done.
_DOUBTFUL_ERRORS = frozenset({"internal_error", "fatal_error", "request_timeout", "service_unavailable"})


def judge(error: Exception) -> tuple[Fault, str, float | None]:
    """Tell what an attempt's error means, a word for it, and how long Slack asks to wait (seconds)."""
    if isinstance(error, SlackApiError):
        return _judge_answer(error.response)
    if isinstance(error, SharedChannelError):
        return Fault.PERMANENT, "shared_channel", None
    reason = error.reason if isinstance(error, URLError) else error
    # Refused or not resolved: the request never left.
    never_left = isinstance(reason, ConnectionRefusedError) or type(reason).__name__ == "gaierror"
    return (Fault.PASSING if never_left else Fault.DOUBTFUL), type(reason).__name__, None


def _judge_answer(response: Any) -> tuple[Fault, str, float | None]:
    status = getattr(response, "status_code", 200)
    data = response.data if isinstance(getattr(response, "data", None), dict) else {}
    code = str(data.get("error") or f"http_{status}")
    if status == 429 or code in {"ratelimited", "rate_limited"}:
        headers = {name.lower(): value for name, value in (getattr(response, "headers", None) or {}).items()}
        return Fault.PASSING, "ratelimited", float(headers.get("retry-after", 1))
    if status >= 500 or not data or code in _DOUBTFUL_ERRORS:
        return Fault.DOUBTFUL, code, None
    return Fault.PERMANENT, code, None


class Deliverer:
    """Send what is due; one at a time in a process, any number of processes side by side."""

    def __init__(
        self,
        database: Database,
        client: WebClient,
        workspace_id: int,
        clock: Callable[[], datetime],
        metrics: Metrics,
        command: str,
    ) -> None:
        self._database, self._client, self._workspace_id = database, client, workspace_id
        self._clock, self._metrics, self._command = clock, metrics, command
        self._free_at: dict[str, float] = {}
        self._shared: dict[str, tuple[bool, float]] = {}
        self._one_run = threading.Lock()
        self.stopping = threading.Event()
        self.seconds_between_posts = SECONDS_BETWEEN_POSTS
        self.on_pass: Callable[[], None] = lambda: None

    def run(self) -> int:
        """Send everything that is due now and return how many messages were sent."""
        sent = 0
        self.on_pass()
        with self._one_run:
            while not self.stopping.is_set():
                with self._database.write() as session:
                    leased = deliveries.lease_due(session, self._workspace_id, datetime.now(UTC), BATCH)
                sent += sum(self._deliver(delivery) for delivery in leased)
                if not leased:
                    return sent
        return sent

    def run_until_sent(self, patience_seconds: float = 30) -> int:
        """Send everything that waits, pauses between posts included; give up on what Slack keeps refusing."""
        deadline, sent = time.monotonic() + patience_seconds, self.run()
        while time.monotonic() < deadline and self._waits_briefly():
            time.sleep(0.2)
            sent += self.run()
        return sent

    def _waits_briefly(self) -> bool:
        soon = datetime.now(UTC) + timedelta(seconds=SETTLING_SECONDS + 2)
        with self._database.read() as session:
            waiting = deliveries.undelivered(session, self._workspace_id)
        return any(delivery.state == "pending" and delivery.next_attempt_at <= soon for delivery in waiting)

    def _deliver(self, delivery: Delivery) -> bool:
        """Attempt one leased delivery and write down the outcome; tell whether a message went out."""
        if self.stopping.is_set():
            self._hold(delivery, 0)
            return False
        if delivery.slack_ts is None and (wait := self._pause_before(delivery.channel_slack_id)) > 0:
            self._hold(delivery, wait)
            return False
        try:
            return self._attempt(delivery)
        except (SlackClientError, URLError, HTTPException, OSError, SharedChannelError) as error:
            self._write_fault(delivery, error)
            return False

    def _attempt(self, delivery: Delivery) -> bool:
        if delivery.is_doubtful and delivery.slack_ts is None and not self._settle_doubt(delivery):
            return False
        message = self._render(delivery)
        if message is None:
            with self._database.write() as session:
                deliveries.mark_dropped(session, delivery)
            return False
        channel, ts = self._send(delivery, message)
        with self._database.write() as session:
            deliveries.mark_sent(session, delivery, channel, ts, self._clock())
        return True

    def _render(self, delivery: Delivery) -> Message | None:
        with self._database.read() as session:
            workspace = workspaces.get_workspace(session, self._workspace_id)
            rendering = Rendering(
                session, delivery, workspace, self._command, self._clock(), self._link_to_card(session)
            )
            return render(rendering)

    def _link_to_card(self, session: Session) -> Callable[[Delivery], str | None]:
        def link(note: Delivery) -> str | None:
            """Return the card's address for a note that does not stand in its thread."""
            card = deliveries.find_delivery(session, self._workspace_id, DeliveryKind.HANDOFF_CARD, note.subject_id)
            if note.parent_id or card is None or card.slack_ts is None:
                return None
            try:
                answer = self._client.chat_getPermalink(
                    channel=card.posted_channel_slack_id or "", message_ts=card.slack_ts
                )
            except (SlackClientError, OSError):
                return None
            return str(answer["permalink"])

        return link

    def _send(self, delivery: Delivery, message: Message) -> tuple[str, str | None]:
        """Post, update or whisper the message; return where it stands and Slack's ts."""
        content: dict[str, Any] = {"text": message.text, "blocks": message.blocks}
        if delivery.only_to_slack_id:
            self._client.chat_postEphemeral(
                channel=delivery.channel_slack_id, user=delivery.only_to_slack_id, **content
            )
            return delivery.channel_slack_id, None
        if delivery.slack_ts:
            channel = delivery.posted_channel_slack_id or delivery.channel_slack_id
            self._client.chat_update(channel=channel, ts=delivery.slack_ts, **content)
            return channel, delivery.slack_ts
        if self._is_shared(delivery.channel_slack_id):
            raise SharedChannelError
        self._free_at[delivery.channel_slack_id] = time.monotonic() + self.seconds_between_posts
        answer = self._client.chat_postMessage(
            channel=delivery.channel_slack_id,
            thread_ts=self._thread_of(delivery),
            unfurl_links=False,
            unfurl_media=False,
            metadata={"event_type": METADATA_TYPE, "event_payload": {"id": str(delivery.id)}},
            **content,
        )
        return str(answer["channel"]), str(answer["ts"])

    def _thread_of(self, delivery: Delivery) -> str | None:
        if delivery.parent_id is None:
            return None
        with self._database.read() as session:
            parent = session.get(Delivery, (self._workspace_id, delivery.parent_id))
        return parent.slack_ts if parent else None

    def _is_shared(self, channel: str) -> bool:
        """Tell whether other organisations read the channel; asked of Slack every ten minutes."""
        if not channel.startswith(("C", "G")):
            return False
        known = self._shared.get(channel)
        if known is None or known[1] < time.monotonic():
            info = self._client.conversations_info(channel=channel)["channel"]
            is_shared = bool(info.get("is_ext_shared") or info.get("is_pending_ext_shared"))
            known = self._shared[channel] = (is_shared, time.monotonic() + CHANNEL_REMEMBERED_SECONDS)
        return known[0]

    def _settle_doubt(self, delivery: Delivery) -> bool:
        """Look a message up whose answer was lost; tell whether to go on with it (to post it, or to update what stands)."""
        if delivery.only_to_slack_id:
            # Nobody can look up an ephemeral message, and one too few is better than one too many.
            with self._database.write() as session:
                deliveries.mark_unknown(session, delivery, delivery.error)
            return False
        channel = self._channel_id(delivery)
        found = self._find_posted(delivery, channel)
        delivery.is_doubtful = False
        if found:
            delivery.slack_ts, delivery.posted_channel_slack_id = found, channel
        return True

    def _channel_id(self, delivery: Delivery) -> str:
        """Return the id whose history can be read: a direct message's is not the person's."""
        if delivery.channel_slack_id.startswith(("U", "W")):
            return str(self._client.conversations_open(users=delivery.channel_slack_id)["channel"]["id"])
        return delivery.channel_slack_id

    def _find_posted(self, delivery: Delivery, channel: str) -> str | None:
        """Return the ts of the message that carries the delivery's id, if it is there."""
        thread, cursor, looked = self._thread_of(delivery), None, 0
        # The id holds the real time at which the message was first asked for.
        oldest = f"{made_at(delivery.id).timestamp() - 60:.6f}"
        while looked < LOOKED_THROUGH:
            page = (
                self._client.conversations_replies(channel=channel, ts=thread, include_all_metadata=True, oldest=oldest, limit=100, cursor=cursor)
                if thread
                else self._client.conversations_history(channel=channel, include_all_metadata=True, oldest=oldest, limit=100, cursor=cursor)
            )  # fmt: skip
            messages = page.get("messages") or []
            for message in messages:
                metadata = message.get("metadata") or {}
                if (metadata.get("event_payload") or {}).get("id") == str(delivery.id):
                    return str(message["ts"])
            looked += len(messages)
            cursor = (page.get("response_metadata") or {}).get("next_cursor")
            if not cursor:
                return None
        return None

    def _pause_before(self, channel: str) -> float:
        return self._free_at.get(channel, 0.0) - time.monotonic()

    def _hold(self, delivery: Delivery, seconds: float) -> None:
        """Give the lease back untried; the same message is due again after so many seconds."""
        with self._database.write() as session:
            deliveries.hold(session, delivery, datetime.now(UTC) + timedelta(seconds=seconds))

    def _write_fault(self, delivery: Delivery, error: Exception) -> None:
        fault, word, wait = judge(error)
        self._metrics.slack_error(word)
        log.warning("delivery %s (%s) failed: %s", delivery.id, delivery.kind, word)
        if fault is Fault.PERMANENT:
            self._give_up(delivery, word)
            return
        pause = wait if wait is not None else deliveries.backoff_seconds(delivery.attempts)
        is_doubtful = fault is Fault.DOUBTFUL and delivery.slack_ts is None
        if is_doubtful:
            pause = max(pause, SETTLING_SECONDS)
        if wait is not None:
            self._free_at[delivery.channel_slack_id] = time.monotonic() + wait
        with self._database.write() as session:
            until = datetime.now(UTC) + timedelta(seconds=pause)
            deliveries.postpone(session, delivery, until, word, is_doubtful=is_doubtful)

    def _give_up(self, delivery: Delivery, word: str) -> None:
        """Write down that Slack refuses it for good, and have the managers told once, in words."""
        with self._database.write() as session:
            deliveries.mark_failed(session, delivery, word)
            if delivery.kind is DeliveryKind.DELIVERY_FAILED or delivery.only_to_slack_id:
                return
            for manager in workspaces.managers_of(session, self._workspace_id):
                deliveries.want(session, self._workspace_id, DeliveryKind.DELIVERY_FAILED, delivery.id, manager.slack_id,
                                self._clock(), about=manager.slack_id)  # fmt: skip
