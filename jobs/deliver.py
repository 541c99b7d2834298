"""A message leaves: lease what is due, render it as its row is now, post or update it, write down what Slack said."""

import logging
import re
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from enum import Enum, auto
from http.client import HTTPException
from socket import gaierror
from typing import Any
from urllib.error import URLError

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web import SlackResponse
from sqlmodel import Session

from jobs.rendering import Rendering, render
from models.base import made_at
from models.database import Database
from models.delivery import Delivery, DeliveryKind, DeliveryState
from models.errors import BusyError
from services import deliveries, workspaces
from services.metrics import Metrics
from views.blocks import Message, Upload

log = logging.getLogger(__name__)

BATCH = 20
SECONDS_BETWEEN_POSTS = 1.0
# A message that was posted may take this long to show in the channel's history.
SETTLING_SECONDS = 10
LOOKED_THROUGH = 1000
HISTORY_PAGE = 200
# An attempt that begins with less of its lease left renews it: Slack may take the client's timeout to answer.
LEASE_LEFT_SECONDS = deliveries.LEASE_SECONDS / 2
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


class UnrenderableError(Exception):
    """The row could not be turned into a message: a fault of ours."""


class LeaseLostError(Exception):
    """Another process has taken the message over."""


class UnclearAnswerError(Exception):
    """Slack's answer lacks what it was asked for: whatever said "ok" may not have been Slack."""


class UnfindableError(Exception):
    """So much was said since that a message whose answer was lost cannot be looked up."""


# Slack says of these that part of the work may have been done.
_DOUBTFUL_ERRORS = frozenset({"internal_error", "fatal_error", "request_timeout", "service_unavailable"})
# Nobody can send anything until the token is put right, and then everything that waits is to go out.
TOKEN_ERRORS = frozenset(
    {"invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired", "not_allowed_token_type"}
)
_CODE = re.compile(r"[a-z0-9_]{1,60}")
# What keeps every message from a place, not one: the managers need to hear of it once a day.
_PLACE_ERRORS = frozenset(
    {"not_in_channel", "channel_not_found", "is_archived", "restricted_action", "missing_scope", "shared_channel",
     "user_not_found", "user_disabled", "cannot_dm_bot", "messages_tab_disabled"}
)  # fmt: skip
_TOLD_AGAIN_AFTER = timedelta(days=1)
# Somebody deleted what was to be updated.
_GONE = "message_not_found"


def judge(error: Exception) -> tuple[Fault, str, float | None]:
    """Tell what an attempt's error means, a word for it, and how long Slack asks to wait (seconds)."""
    if isinstance(error, SlackApiError):
        return _judge_answer(error.response)
    if isinstance(error, SharedChannelError):
        return Fault.PERMANENT, "shared_channel", None
    if isinstance(error, UnrenderableError):
        return Fault.PERMANENT, "unrenderable", None
    reason = error.reason if isinstance(error, URLError) else error
    # Refused or not resolved: the request never left.
    never_left = isinstance(reason, ConnectionRefusedError | gaierror)
    return (Fault.PASSING if never_left else Fault.DOUBTFUL), type(reason).__name__, None


def _judge_answer(response: Any) -> tuple[Fault, str, float | None]:
    status, code = response.status_code, _code_of(response)
    if status == 429 or code in {"ratelimited", "rate_limited"}:
        return Fault.PASSING, "ratelimited", seconds_to_wait(response)
    # What is no code of Slack's is a page of something in between: Slack may have done the work behind it.
    if status >= 500 or not code or code in _DOUBTFUL_ERRORS:
        return Fault.DOUBTFUL, code or f"http_{status}", None
    return (Fault.PASSING if code in TOKEN_ERRORS else Fault.PERMANENT), code, None


def _code_of(response: Any) -> str:
    data = response.data if isinstance(response.data, dict) else {}
    code = data.get("error")
    return code if isinstance(code, str) and _CODE.fullmatch(code) else ""


def seconds_to_wait(response: Any) -> float:
    """Return what Slack's Retry-After asks for, at least a second: that too where it says nothing that can be read."""
    headers = {str(name).lower(): str(value) for name, value in (response.headers or {}).items()}
    asked = headers.get("retry-after")
    return max(float(asked), 1.0) if asked and asked.isascii() and asked.isdigit() else 1.0


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
        self._clock, self._metrics, self.command = clock, metrics, command
        self._free_at: dict[str, float] = defaultdict(float)
        self._limited_until: dict[str, float] = defaultdict(float)
        self._shared: dict[str, tuple[bool, float]] = {}
        self._one_run = threading.Lock()
        self.stopping = threading.Event()
        self.seconds_between_posts = SECONDS_BETWEEN_POSTS
        self.settling_seconds: float = SETTLING_SECONDS
        self.lease_left_seconds: float = LEASE_LEFT_SECONDS
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
        soon = datetime.now(UTC) + timedelta(seconds=self.settling_seconds + 2)
        with self._database.read() as session:
            return deliveries.waits_until(session, self._workspace_id, soon)

    def _deliver(self, delivery: Delivery) -> bool:
        """Attempt one leased delivery and write down the outcome; tell whether a message went out."""
        if self.stopping.is_set():
            self._hold(delivery, 0)
            return False
        if (wait := self._pause_before(delivery)) > 0:
            self._hold(delivery, wait)
            return False
        try:
            return self._attempt(delivery)
        except (BusyError, LeaseLostError) as error:
            # Nothing can be written down: it is due again when the lease ends, and looked up before it is sent.
            log.warning("delivery %s (%s) is left alone: %s", delivery.id, delivery.kind, type(error).__name__)
        except Exception as error:
            # Whatever one message suffers from, the others must not wait for it.
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
        try:
            channel, ts = self._send(delivery, message)
        except SlackApiError as error:
            if delivery.slack_ts is None or _code_of(error.response) != _GONE:
                raise
            self._replace(delivery)
            return False
        with self._database.write() as session:
            deliveries.mark_sent(session, delivery, channel, ts, self._clock())
        return True

    def _replace(self, delivery: Delivery) -> None:
        """Post a card anew that somebody deleted, so that its lead is not forgotten; of the rest nothing is left to show."""
        mark = deliveries.mark_gone if delivery.kind is DeliveryKind.HANDOFF_CARD else deliveries.mark_dropped
        with self._database.write() as session:
            mark(session, delivery)

    def _render(self, delivery: Delivery) -> Message | Upload | None:
        # Asked before the transaction begins: Slack may take its time.
        link = self._link_to_card(delivery) if delivery.kind is DeliveryKind.RETURN_NOTE else None
        with self._database.read() as session:
            workspace = workspaces.get_workspace(session, self._workspace_id)
            rendering = Rendering(session, delivery, workspace, self.command, self._clock(), link)
            try:
                message = render(rendering)
            except BusyError:
                raise
            except Exception as error:
                log.exception("delivery %s (%s) cannot be rendered", delivery.id, delivery.kind)
                raise UnrenderableError from error
        if rendering.mentioned:
            self._note_mentions(delivery, rendering.mentioned)
        return message

    def _note_mentions(self, delivery: Delivery, lead_ids: set[int]) -> None:
        """Note whom the message names before Slack has it, so that nobody can be forgotten and still stand there.

        Raises:
            BusyError: somebody of them has just been forgotten: it is rendered anew.
        """
        with self._database.write() as session:
            if not deliveries.note_mentions(session, delivery, lead_ids):
                raise BusyError

    def _link_to_card(self, note: Delivery) -> str | None:
        """Return the card's address for a note that does not stand in its thread."""
        with self._database.read() as session:
            card = deliveries.find_delivery(session, self._workspace_id, DeliveryKind.HANDOFF_CARD, note.subject_id)
        if note.parent_id or card is None or card.slack_ts is None:
            return None
        channel = card.posted_channel_slack_id or card.channel_slack_id
        try:
            return str(self._client.chat_getPermalink(channel=channel, message_ts=card.slack_ts)["permalink"])
        except (SlackClientError, OSError, HTTPException):
            return None

    def _send(self, delivery: Delivery, message: Message | Upload) -> tuple[str, str | None]:
        """Post, update or whisper the message, or upload the file; return where it stands and Slack's ts."""
        if isinstance(message, Upload):
            return self._upload(delivery, message), delivery.slack_ts
        content: dict[str, Any] = {"text": message.text, "blocks": message.blocks}
        place, thread_ts = self._place_of(delivery)
        if delivery.slack_ts is None and not delivery.only_to_slack_id and self._is_shared(place):
            raise SharedChannelError
        self._keep_lease(delivery)
        if delivery.only_to_slack_id:
            answer = self._client.chat_postEphemeral(
                channel=delivery.channel_slack_id, user=delivery.only_to_slack_id, **content
            )
            _ts_in(answer, "message_ts")
            return delivery.channel_slack_id, None
        if delivery.slack_ts:
            channel = delivery.posted_channel_slack_id or delivery.channel_slack_id
            answer = self._client.chat_update(channel=channel, ts=delivery.slack_ts, **content)
            return channel, _ts_in(answer)
        self._free_at[delivery.channel_slack_id] = time.monotonic() + self.seconds_between_posts
        answer = self._client.chat_postMessage(
            channel=place,
            thread_ts=thread_ts,
            unfurl_links=False,
            unfurl_media=False,
            metadata={"event_type": METADATA_TYPE, "event_payload": {"id": str(delivery.id)}},
            **content,
        )
        return str(answer["channel"]), _ts_in(answer)

    def _upload(self, delivery: Delivery, upload: Upload) -> str:
        """Share a file and return the channel. Slack does not say which message shows it; its name tells (`_ids_in`)."""
        place, thread_ts = self._place_of(delivery)
        if delivery.slack_ts is not None:
            # It was found after its answer had been lost.
            return delivery.posted_channel_slack_id or place
        if self._is_shared(place):
            raise SharedChannelError
        self._keep_lease(delivery)
        self._free_at[delivery.channel_slack_id] = time.monotonic() + self.seconds_between_posts
        channel = self._channel_id(place)
        self._client.files_upload_v2(
            channel=channel,
            thread_ts=thread_ts,
            filename=upload.filename,
            content=upload.content,
            initial_comment=upload.text,
        )
        return channel

    def _keep_lease(self, delivery: Delivery) -> None:
        """Make sure that nobody else sends the message while this attempt lasts.

        Raises:
            LeaseLostError: somebody else has it; Slack kept us waiting for too long.
        """
        now = datetime.now(UTC)
        if delivery.leased_until is not None and delivery.leased_until - now > timedelta(
            seconds=self.lease_left_seconds
        ):
            return
        with self._database.write() as session:
            if not deliveries.renew_lease(session, delivery, now):
                raise LeaseLostError

    def _place_of(self, delivery: Delivery) -> tuple[str, str | None]:
        """Return the channel to post to and the thread's ts; a reply goes where its parent stands, if it does."""
        parent = self._parent_of(delivery)
        if parent is None or parent.slack_ts is None:
            return delivery.channel_slack_id, None
        return parent.posted_channel_slack_id or parent.channel_slack_id, parent.slack_ts

    def _parent_of(self, delivery: Delivery) -> Delivery | None:
        if delivery.parent_id is None:
            return None
        with self._database.read() as session:
            return session.get(Delivery, (self._workspace_id, delivery.parent_id))

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
        place, thread_ts = self._place_of(delivery)
        channel = self._channel_id(place)
        try:
            found = self._find_posted(delivery, channel, thread_ts)
        except UnfindableError:
            with self._database.write() as session:
                deliveries.mark_unknown(session, delivery, delivery.error)
                self._tell_managers(session, delivery, delivery.error)
            return False
        delivery.is_doubtful = False
        if found:
            delivery.slack_ts, delivery.posted_channel_slack_id = found, channel
            # At once: should the update fail, the next attempt must know that it stands.
            with self._database.write() as session:
                deliveries.mark_found(session, delivery, channel, found)
        return True

    def _channel_id(self, place: str) -> str:
        """Return the id whose history can be read: a direct message's is not the person's."""
        if place.startswith(("U", "W")):
            return str(self._client.conversations_open(users=place)["channel"]["id"])
        return place

    def _find_posted(self, delivery: Delivery, channel: str, thread_ts: str | None) -> str | None:
        """Return the ts of the message that carries the delivery's id, if it is there.

        Raises:
            UnfindableError: too much was said since.
        """
        # The id holds the real time at which the message was first asked for.
        oldest = f"{made_at(delivery.id).timestamp() - 60:.6f}"
        wanted: dict[str, Any] = {
            "channel": channel,
            "oldest": oldest,
            "include_all_metadata": True,
            "limit": HISTORY_PAGE,
        }
        cursor = None
        for _ in range(LOOKED_THROUGH // HISTORY_PAGE):
            page = (
                self._client.conversations_replies(ts=thread_ts, cursor=cursor, **wanted)
                if thread_ts
                else self._client.conversations_history(cursor=cursor, **wanted)
            )
            for message in _messages_in(page):
                if str(delivery.id) in _ids_in(message):
                    return str(message["ts"])
            cursor = (page.get("response_metadata") or {}).get("next_cursor")
            if not cursor:
                return None
        raise UnfindableError

    def _pause_before(self, delivery: Delivery) -> float:
        """Return how long (seconds) the channel takes nothing: what Slack asked for, and between posts a second."""
        ready_at = self._limited_until[delivery.channel_slack_id]
        if delivery.slack_ts is None:
            ready_at = max(ready_at, self._free_at[delivery.channel_slack_id])
        return ready_at - time.monotonic()

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
            pause = max(pause, self.settling_seconds)
        if wait is not None:
            self._limited_until[delivery.channel_slack_id] = time.monotonic() + wait
        with self._database.write() as session:
            until = datetime.now(UTC) + timedelta(seconds=pause)
            deliveries.postpone(session, delivery, until, word, is_doubtful=is_doubtful)

    def _give_up(self, delivery: Delivery, word: str) -> None:
        """Write down that Slack refuses it for good, and have the managers told once, in words."""
        with self._database.write() as session:
            deliveries.mark_failed(session, delivery, word)
            self._tell_managers(session, delivery, word)

    def _tell_managers(self, session: Session, delivery: Delivery, word: str) -> None:
        if delivery.kind is DeliveryKind.DELIVERY_FAILED or delivery.only_to_slack_id:
            return
        if self._know_of_it(session, delivery, word):
            return
        for manager in workspaces.managers_of(session, self._workspace_id):
            deliveries.want(session, self._workspace_id, DeliveryKind.DELIVERY_FAILED, delivery.id, manager.slack_id,
                            self._clock(), about=manager.slack_id)  # fmt: skip

    def _know_of_it(self, session: Session, delivery: Delivery, word: str) -> bool:
        """Tell whether the managers know what is wrong with the place: the card's channel, or what else failed there."""
        parent = session.get(Delivery, (self._workspace_id, delivery.parent_id)) if delivery.parent_id else None
        if parent is not None and parent.state is DeliveryState.FAILED:
            return True
        return word in _PLACE_ERRORS and any(
            other.id != delivery.id
            and (other.channel_slack_id, other.error) == (delivery.channel_slack_id, word)
            and other.kind is not DeliveryKind.DELIVERY_FAILED
            for other in deliveries.stuck(session, self._workspace_id, self._clock() - _TOLD_AGAIN_AFTER)
        )


def _ts_in(answer: SlackResponse, name: str = "ts") -> str:
    """Return where Slack says that the message stands.

    Raises:
        UnclearAnswerError: it does not say.
    """
    if not answer.get(name):
        raise UnclearAnswerError
    return str(answer[name])


def _messages_in(page: SlackResponse) -> list[dict[str, Any]]:
    """Return the messages of a page of history.

    Raises:
        UnclearAnswerError: it holds none, not even an empty list.
    """
    messages = page.get("messages")
    if not isinstance(messages, list):
        raise UnclearAnswerError
    return messages


_ID = re.compile(r"\d{6,}")


def _ids_in(message: Mapping[str, Any]) -> set[str]:
    """Return the deliveries that a message may be: its metadata name one, and the names of its files."""
    payload = (message.get("metadata") or {}).get("event_payload") or {}
    names = " ".join(str(file.get("name")) for file in message.get("files") or ())
    return {str(payload.get("id")), *_ID.findall(names)}
