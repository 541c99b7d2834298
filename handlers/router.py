"""The one door: Slack's payloads come in here, find their handler in one table, and their replies leave here."""

import logging
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from slack_bolt import Ack, App
from slack_sdk import WebClient
from slack_sdk.errors import SlackClientError

from handlers.events import Event
from handlers.payloads import Payload, message_of, metadata_of, payload_of, shown_in, storable, value_of, values_of
from handlers.people import People
from handlers.request import Desk, Reply, Request
from handlers.responder import Responder
from handlers.steps import Steps
from handlers.table import ACTIONS, EVENTS, FORMS, MENU_ENTRIES, MENUS, OPTIONS, SHORTCUTS, STEPS, VERBS, Entry
from handlers.unexpected import log_unexpected
from models.database import is_late
from models.errors import BusyError, InputError, LeadError, NotAllowedError, RepeatedRequestError, StaleEditError
from models.member import Actor, Right, Standing
from services.identity import fold
from services.line_pieces import unescape
from services.members import somebody_who_can
from services.metrics import Metrics
from services.vocabulary import nearest_word
from views import dialog, errors
from views.blocks import Message, View
from views.words import Reader

log = logging.getLogger(__name__)

ALL = re.compile("")
# A line is cut here before anything looks at it; Slack's own composer stops at 4,000.
TYPED_MAX = 8000


@dataclass
class Told:
    """How a request went so far: in whose language to answer, and what the metrics count."""

    reader: Reader
    outcome: str = "done"


@dataclass(frozen=True)
class Answer:
    """A reply, in whose language whatever is added to it must be, and the typed line to hand back when it fails."""

    reply: Reply
    reader: Reader
    line: str
    was_done: bool


class Router:
    """Take a payload, make the request, call the handler, send its reply; the only place that acks."""

    def __init__(
        self,
        desk: Desk,
        people: People,
        client: WebClient,
        responder: Responder,
        metrics: Metrics,
        clock: Callable[[], datetime],
        team_slack_id: str,
        default_reader: Reader,
    ) -> None:
        self._desk, self._people, self._client, self._responder = desk, people, client, responder
        self._metrics, self._clock, self._team_slack_id = metrics, clock, team_slack_id
        self._default_reader = default_reader
        self._verbs = {alias: entry for entry in VERBS for alias in (entry.verb, *entry.aliases)}
        self._steps = Steps(STEPS, desk, people, client, default_reader)

    def register(self, app: App) -> None:
        """Give Bolt one catch-all listener per kind of payload, the busiest first: each tried costs every request."""
        app.command(ALL)(self.on_command)
        app.action(ALL)(self.on_action)
        app.view(ALL)(self.on_form)
        app.view_closed(ALL)(self.on_closed)
        app.options(ALL)(self.on_options)
        app.shortcut(ALL)(self.on_shortcut)
        app.function(ALL)(self.on_function)
        app.event(ALL)(self.on_event)

    def on_command(self, body: dict[str, Any], ack: Ack) -> None:
        """A slash command: the answer goes out in the ack, or through its response_url when the ack is late."""
        typed = unescape(storable(str(body.get("text") or "")[:TYPED_MAX]))
        word, text = _first_word(typed)
        payload = Payload(
            "command",
            str(body.get("user_id") or ""),
            frozenset({str(body.get("team_id") or "")}),
            str(body.get("trigger_id") or ""),
            str(body.get("response_url") or ""),
            str(body.get("channel_id") or ""),
        )
        line = f"{self._default_reader.command} {typed}".strip()
        entry = self._verbs.get(fold(word)) if word else self._verbs["help"]

        def make(actor: Actor, reader: Reader, now: datetime) -> Request:
            return Request(actor, reader, now, _key("command", payload.trigger_id), text=text, typed=line,
                           response_url=payload.response_url, channel=payload.channel)  # fmt: skip

        def unknown(reader: Reader) -> Message:
            return errors.unknown_verb(word, self._nearest(word), line, reader)

        self._send(payload, self._answer(payload, entry, make, unknown, line), ack, in_ack=True)

    def _nearest(self, word: str) -> str | None:
        alias = nearest_word(word, self._verbs)
        return self._verbs[alias].verb if alias else None

    def on_action(self, body: dict[str, Any], ack: Ack) -> None:
        """A click or a choice: acked empty, answered through its response_url, or in a form where it has none."""
        payload = payload_of("action", body)
        action = (body.get("actions") or [{}])[0]
        action_id, value = str(action.get("action_id") or ""), value_of(action)
        entry = ACTIONS.get(action_id)
        if action_id in MENUS:
            choice, _, value = value.partition(":")
            entry = MENU_ENTRIES.get(choice)
        view = body.get("view") or {}

        def make(actor: Actor, reader: Reader, now: datetime) -> Request:
            return Request(actor, reader, now, _key("action", payload.trigger_id), value=value,
                           values=values_of(view), metadata=metadata_of(view),
                           response_url=payload.response_url, channel=payload.channel)  # fmt: skip

        if action_id in {"", "v"}:
            ack()  # An input of one of our forms, which is read when the form is submitted.
            return
        answer = self._answer(payload, entry, make, dialog.out_of_date)
        self._send(payload, answer, ack, in_modal=bool(view.get("type") == "modal"))

    def on_form(self, body: dict[str, Any], ack: Ack) -> None:
        """A submitted form: errors and follow-up forms go out in the ack, the answer to where the form was opened."""
        view = body.get("view") or {}
        metadata = metadata_of(view)
        values = values_of(view)
        payload = payload_of("form", body, str(metadata.get("response_url") or ""), tuple(values))
        entry = FORMS.get(str(view.get("callback_id") or ""))
        key = _key("form", f"{view.get('id')}:{view.get('callback_id')}" if view.get("id") else "")

        def make(actor: Actor, reader: Reader, now: datetime) -> Request:
            return Request(actor, reader, now, key, values=values, shown=shown_in(view), metadata=metadata,
                           response_url=payload.response_url)  # fmt: skip

        self._send_after_form(payload, self._answer(payload, entry, make, dialog.out_of_date), ack)

    def on_shortcut(self, body: dict[str, Any], ack: Ack) -> None:
        """A global or message shortcut: it opens a form."""
        payload = payload_of("shortcut", body)
        entry, message = SHORTCUTS.get(str(body.get("callback_id") or "")), message_of(body)

        def make(actor: Actor, reader: Reader, now: datetime) -> Request:
            return Request(actor, reader, now, _key("shortcut", payload.trigger_id),
                           response_url=payload.response_url, message=message)  # fmt: skip

        self._send(payload, self._answer(payload, entry, make, dialog.out_of_date), ack)

    def on_closed(self, ack: Ack) -> None:
        """A form closed without submitting: nothing was saved, nothing is to do."""
        ack()

    def on_options(self, body: dict[str, Any], ack: Ack) -> None:
        """A menu that asks for its options as somebody types: whoever may not see them gets none."""
        payload = payload_of("options", body)
        entry = OPTIONS.get(str(body.get("action_id") or ""))
        typed = storable(str(body.get("value") or "")[:TYPED_MAX])

        def make(actor: Actor, reader: Reader, now: datetime) -> Request:
            return Request(actor, reader, now, "", value=typed)

        ack(options=list(self._answer(payload, entry, make, dialog.out_of_date).reply.options))

    def on_function(self, body: dict[str, Any], ack: Ack) -> None:
        """A workflow step: done, committed and answered before the ack, so what fails here is sent again by Slack."""
        started = time.perf_counter()
        event = body.get("event") or {}
        if body.get("team_id") in {None, "", self._team_slack_id}:
            try:
                outcome = self._steps.run(event, self._clock())
            except Exception:
                self._metrics.request("step", "busy", time.perf_counter() - started)
                raise
            self._metrics.request("step", outcome, time.perf_counter() - started)
        ack()

    def on_event(self, body: dict[str, Any], ack: Ack) -> None:
        """An event: carried out and committed before the ack, so what fails here is sent again by Slack."""
        started = time.perf_counter()
        event = body.get("event") or {}
        handler = EVENTS.get(str(event.get("type") or ""))
        is_ours = body.get("team_id") in {None, "", self._team_slack_id}
        if handler is not None and is_ours:
            key = _key("event", str(body.get("event_id") or ""))
            try:
                handler(Event(event, key, self._clock(), self._desk, self._people))
            except LeadError as error:
                if isinstance(error, BusyError):
                    self._metrics.request("event", "busy", time.perf_counter() - started)
                    raise
        self._metrics.request("event", "done", time.perf_counter() - started)
        ack()

    def _answer(
        self,
        payload: Payload,
        entry: Entry | None,
        make: Callable[[Actor, Reader, datetime], Request],
        unknown: Callable[[Reader], Message],
        line: str = "",
    ) -> Answer:
        """Find out who asks and have it done; whatever goes wrong becomes words."""
        started, told = time.perf_counter(), Told(self._default_reader)
        try:
            reply = self._carry_out(payload, entry, make, unknown, line, told)
        except Exception as error:
            told.outcome = "failed"
            reply = _refusal(payload, errors.unexpected(log_unexpected(payload.kind, error), line, told.reader))
        self._metrics.request(payload.kind, told.outcome, time.perf_counter() - started)
        return Answer(reply, told.reader, line, told.outcome == "done")

    def _carry_out(
        self,
        payload: Payload,
        entry: Entry | None,
        make: Callable[[Actor, Reader, datetime], Request],
        unknown: Callable[[Reader], Message],
        line: str,
        told: Told,
    ) -> Reply:
        """Have it done by whoever may; a refusal becomes words."""
        try:
            now = self._clock()
            actor = self._find(payload.user_slack_id, entry, now) if self._is_ours(payload) else None
            if actor is not None:
                told.reader = Reader(actor.locale, actor.timezone, self._default_reader.command)
            if actor is None or actor.standing is not Standing.ACTIVE:
                told.outcome = "refused"
                return Reply(errors.not_for(actor.standing if actor else Standing.STRANGER, told.reader))
            if entry is None:
                told.outcome = "unknown"
                return Reply(unknown(told.reader))
            return self._handled(payload, entry, make(actor, told.reader, now))
        except (SlackClientError, BusyError, OSError) as error:
            told.outcome = "busy"
            log.warning("busy: %s", type(error).__name__)
            return _refusal(payload, errors.message(BusyError(), told.reader, line))
        except (InputError, StaleEditError) as error:
            told.outcome = "refused"
            if error.field in payload.fields:
                return Reply(errors={error.field: errors.field_message(error, told.reader)})
            return _refusal(payload, errors.message(error, told.reader, line))
        except LeadError as error:
            told.outcome = "refused"
            return _refusal(payload, errors.message(error, told.reader, line))

    def _find(self, slack_id: str, entry: Entry | None, now: datetime) -> Actor:
        """Find out who asks, and refuse nobody from memory: another process may have heard what gives them the right."""
        actor = self._people.find(slack_id, now)
        if actor.standing is Standing.ACTIVE and (entry is None or actor.may(entry.right)):
            return actor
        self._people.forget(slack_id)
        return self._people.find(slack_id, now)

    def _handled(self, payload: Payload, entry: Entry, request: Request) -> Reply:
        """Check the right and call the handler. A refusal is remembered: a repeat must not succeed where the request failed.

        A form is mended and sent again under the same key.
        """
        try:
            self._require(request.actor, entry)
            return entry.handler(self._desk, request)
        except LeadError as error:
            is_final = not isinstance(error, BusyError | RepeatedRequestError)
            if is_final and payload.kind != "form" and entry.right is not Right.READ:
                self._desk.remember(request)
            raise

    def _is_ours(self, payload: Payload) -> bool:
        """Tell whether the payload comes from this workspace: people of other organisations share channels with us."""
        return bool(payload.user_slack_id) and payload.team_slack_ids - {""} <= {self._team_slack_id}

    def _require(self, actor: Actor, entry: Entry) -> None:
        if not actor.may(entry.right):
            with self._desk.database.read() as session:
                helper = somebody_who_can(session, self._desk.workspace_id, entry.right)
            raise NotAllowedError(entry.right, helper)

    def _send(
        self, payload: Payload, answer: Answer, ack: Ack, *, in_ack: bool = False, in_modal: bool = False
    ) -> None:
        """Send the reply to a command, a click or a shortcut."""
        reply, message = answer.reply, answer.reply.message
        is_refused = reply.form is not None and not self._open(payload, reply.form, in_modal=in_modal)
        if is_refused:
            message = errors.form_failed(answer.line, answer.reader)
        # Slack shows a failure when it has given up on the ack: what was done all the same is then told another way.
        if in_ack and message is not None and not (answer.was_done and is_late()):
            ack(text=message.text, blocks=message.blocks, response_type="ephemeral")
            return
        # What Slack has just refused to open once is not tried again: the 3 s are nearly over.
        if message is not None and not self._respond(payload, message, replaces=reply.replaces) and not is_refused:
            self._open(payload, dialog.showing(message, answer.reader), in_modal=in_modal)
        ack()

    def _send_after_form(self, payload: Payload, answer: Answer, ack: Ack) -> None:
        """Send the reply to a submitted form: into the form, or to where it was opened."""
        reply = answer.reply
        if reply.errors:
            ack(response_action="errors", errors=dict(reply.errors))
        elif reply.next_form is not None:
            ack(response_action="push", view=reply.next_form)
        elif reply.message is not None and not self._respond(payload, reply.message, replaces=False):
            ack(response_action="update", view=dialog.showing(reply.message, answer.reader))
        else:
            ack(response_action="clear")

    def _respond(self, payload: Payload, message: Message, *, replaces: bool) -> bool:
        body = {
            "text": message.text,
            "blocks": message.blocks,
            "response_type": "ephemeral",
            "replace_original": replaces,
        }
        return bool(payload.response_url) and self._responder.respond(payload.response_url, body)

    def _open(self, payload: Payload, view: View, *, in_modal: bool) -> bool:
        """Open a form, on top of the one that was clicked in; the only call to Slack before an ack."""
        open_view = self._client.views_push if in_modal else self._client.views_open
        try:
            open_view(trigger_id=payload.trigger_id, view=view)
        except (SlackClientError, OSError) as error:
            log.warning("a form could not be opened: %s", type(error).__name__)
            self._metrics.slack_error("views_open")
            return False
        return True


def _first_word(text: str) -> tuple[str, str]:
    word, *rest = text.split(None, 1) or [""]
    return word, rest[0].rstrip() if rest else ""


def _key(kind: str, unique: str) -> str:
    return f"{kind}:{unique}" if unique else ""


def _refusal(payload: Payload, message: Message) -> Reply:
    """Answer with words; in a form at its first input, so that it stays open with everything typed.

    What stands there is plain text, in which nothing needs to be escaped.
    """
    return Reply(errors={payload.fields[0]: unescape(message.text)}) if payload.fields else Reply(message)
