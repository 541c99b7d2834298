"""What people do in the workspace, as Slack's client lets them. Tests and the demo act through it."""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from playground import events, payloads
from playground.api import show_response
from playground.controls import BUTTONS, VALUE_KEYS, Typed, action, as_value, find_control, holding, state_values
from playground.delivery import Dispatcher, Kind, Reply
from playground.endpoint import Endpoint, encode
from playground.entities import Channel, File, Json, Message, User, View
from playground.errors import PeopleError, SlackError
from playground.limits import options_problems
from playground.methods.method import Args
from playground.methods.reactions import emoji_name
from playground.modals import close, submit
from playground.results import ActionResult, CommandResult, RawReply, SubmitResult, SuggestResult
from playground.tickets import ResponseUrl
from playground.workspace import Workspace

# Mentions, channels and links that the composer has already resolved stay; the rest of what is typed is escaped.
MARKUP = re.compile(r"(<[@#!][^<>]+>|<https?://[^<>]+>)")
Entries = dict[str, dict[str, Json]]
# What Slack shows in place of an answer, by what went wrong.
SLACKBOT = "USLACKBOT"
COMMAND_ERRORS = {"timeout": "operation_timeout", "refused": "http_service_error", "unreachable": "dispatch_failed"}


class Person:
    """One account at its keyboard. Every call waits for the app's answer, as tests need it."""

    def __init__(self, workspace: Workspace, dispatcher: Dispatcher, user_id: str) -> None:
        self._ws = workspace
        self._dispatcher = dispatcher
        self.id = user_id

    @property
    def user(self) -> User:
        return self._ws.user(self.id)

    # talking

    def command(self, channel: str, line: str) -> CommandResult:
        """Type a slash command, such as `/lead help`, into a channel's composer."""
        place = self._place(channel)
        name, _, text = line.strip().partition(" ")
        known = self._ws.installation.commands
        if known is not None and name not in known:
            raise PeopleError(f"{name} is not a valid command here", "unknown_command")
        body = payloads.command(self._ws, self.user, place, name, text.strip())
        reply = self._dispatcher.request("slash_commands", body)
        if not reply.ok:
            return self._command_failed(place, body, reply, COMMAND_ERRORS[reply.outcome])
        if not reply.payload:
            return CommandResult(reply, body)
        return self._command_answered(place, body, reply)

    def _command_answered(self, place: Channel, body: Json, reply: Reply) -> CommandResult:
        token = body["response_url"].rpartition("/")[2]
        url = ResponseUrl(token, self.id, place.id, self._ws.now())
        before = {m.ts for m in self.sees(place.id)}
        try:
            show_response(self._ws, url, Args(reply.payload))
        except SlackError as refusal:
            return self._command_failed(place, body, reply, refusal.code)
        new = [m for m in self.sees(place.id) if m.ts not in before and m.user == self._ws.bot.id]
        return CommandResult(reply, body, new[0] if new else None)

    def _command_failed(self, place: Channel, body: Json, reply: Reply, error: str) -> CommandResult:
        sentence = f'{body["command"]} failed with the error "{error}"'
        self._ws.messages.post(place, SLACKBOT, sentence, only_for=self.id)
        return CommandResult(reply, body, error=error)

    def say(self, channel: str, text: str, *, thread_ts: str = "", file_ids: tuple[str, ...] = ()) -> Message:
        """Send a message, with files that this person has uploaded, into the channel or into a thread there."""
        place = self._place(channel)
        if place.is_archived:
            raise PeopleError(f"{place.name} is archived", "is_archived")
        if place.is_im and not self._ws.installation.takes_messages:
            raise PeopleError("the app takes no messages", "messages_tab_disabled")
        for file_id in file_ids:
            self._ws.files.get(file_id)
        if thread_ts:
            parent = self._ws.messages.thread(place.id, thread_ts)[0]
            thread_ts = parent.thread_ts or parent.ts
        with self._heard():
            subtype = "file_share" if file_ids else ""
            return self._ws.messages.post(
                place, self.id, _escaped(text), thread_ts=thread_ts, file_ids=file_ids, subtype=subtype
            )

    def upload(self, name: str, content: bytes) -> File:
        """Put a file into Slack, to be named in a file_input or said with `file_ids`."""
        file = self._ws.files.begin(name, self.id)
        self._ws.files.fill(file.id, content)
        return self._ws.files.complete(file.id)

    def react(self, message: Message, name: str, *, wait: bool = True) -> None:
        """React to a message; waits until the app has heard of it unless told otherwise."""
        self._place(message.channel)
        with self._heard(wait=wait):
            self._ws.messages.react(message, self.id, emoji_name(name))

    def unreact(self, message: Message, name: str, *, wait: bool = True) -> None:
        """Take a reaction back."""
        with self._heard(wait=wait):
            self._ws.messages.unreact(message, self.id, emoji_name(name))

    def join(self, channel: str) -> None:
        with self._heard():
            self._ws.join(self._ws.channel(channel).id, self.id)

    def leave(self, channel: str) -> None:
        with self._heard():
            self._ws.leave(self._ws.channel(channel).id, self.id)

    # operating

    def click(
        self,
        where: Message | View,
        action_id: str,
        value: str | None = None,
        *,
        block_id: str = "",
        force: bool = False,
        typed: Mapping[str, Any] | None = None,
        values: Typed | None = None,
    ) -> ActionResult:
        """Press a button. A message may be older than what stands in the channel now: clients lag.

        Args:
            where: the message or view in which the button stands.
            action_id: the button's.
            value: which feedback; with `force`, a value that was tampered with.
            block_id: which of several buttons with this action_id.
            force: allow values that are not offered.
            typed: what other elements of the message hold, action_id → value.
            values: the same as a page knows it, block_id → action_id → entry of state.values.
        """
        block, element = find_control(where.blocks, action_id, block_id)
        if element["type"] not in BUTTONS:
            raise PeopleError(f"{action_id!r} is a {element['type']}, not a button")
        return self._act(where, block, element, value, force=force, held=self._entries(where, typed, values))

    def choose(
        self,
        where: Message | View,
        action_id: str,
        value: Any,
        *,
        block_id: str = "",
        force: bool = False,
        values: Typed | None = None,
    ) -> ActionResult:
        """Choose in a menu, pick a date, tick a box, or type into a text field.

        Nothing is sent from an input block without dispatch_action. `values` is what else the message holds, as for click.
        """
        block, element = find_control(where.blocks, action_id, block_id)
        if isinstance(where, View) and element["type"] in VALUE_KEYS:
            entry = holding(element, as_value(element, value, force=force))
            where = self._ws.views.fill(where.id, block["block_id"], element["action_id"], entry)
        if block["type"] == "input" and not block.get("dispatch_action"):
            return ActionResult(None, {})
        return self._act(where, block, element, value, force=force, held=self._entries(where, None, values))

    def _entries(self, where: Message | View, typed: Mapping[str, Any] | None, values: Typed | None) -> Entries:
        entries = {block_id: dict(held) for block_id, held in (values or {}).items()}
        for action_id, raw in (typed or {}).items():
            block, element = find_control(where.blocks, action_id)
            entries.setdefault(block["block_id"], {})[action_id] = holding(element, as_value(element, raw))
        return entries

    def _act(
        self, where: Message | View, block: Json, element: Json, value: Any, *, force: bool, held: Entries
    ) -> ActionResult:
        done = action(block, element, value, self._ws.next_ts(), force=force)
        if isinstance(where, View):
            current: Message | View = self._ws.views.get(where.id)
            values: Json = {}
        else:
            current = self._ws.messages.get(where.channel, where.ts)
            if element["type"] in VALUE_KEYS:
                entry = holding(element, as_value(element, value, force=force))
                held.setdefault(block["block_id"], {})[element["action_id"]] = entry
            values = state_values(where.blocks, held)
        return self._send(payloads.block_actions(self._ws, self.user, current, values, [done]))

    def suggest(self, where: Message | View, action_id: str, typed: str = "", *, block_id: str = "") -> SuggestResult:
        """Type into a menu whose options the app gives."""
        block, element = find_control(where.blocks, action_id, block_id)
        if len(typed) < element.get("min_query_length", 3):
            return SuggestResult()
        body = payloads.block_suggestion(self._ws, self.user, where, block, element, typed)
        reply = self._dispatcher.request("interactive", body)
        if not reply.ok:
            return SuggestResult(error=reply.outcome, reply=reply)
        problems = options_problems(reply.payload)
        if problems:
            return SuggestResult(error=problems[0], reply=reply)
        groups = reply.payload.get("option_groups") or []
        options = [*(reply.payload.get("options") or []), *(o for group in groups for o in group["options"])]
        return SuggestResult(options, groups, reply=reply)

    def shortcut(self, callback_id: str) -> ActionResult:
        """Use one of the app's global shortcuts."""
        self._require_shortcut("global", callback_id)
        return self._send(payloads.shortcut(self._ws, self.user, callback_id))

    def message_shortcut(self, callback_id: str, message: Message) -> ActionResult:
        """Use one of the app's shortcuts on a message."""
        self._require_shortcut("message", callback_id)
        return self._send(payloads.message_shortcut(self._ws, self.user, callback_id, message))

    def run_step(self, callback_id: str, inputs: Json) -> Json:
        """Have a workflow come to one of the app's steps, and return how that ended: `status`, `outputs` or `error`."""
        with self._heard():
            execution_id = self._ws.run_function(callback_id, inputs)
        return self._ws.functions[execution_id]

    def _require_shortcut(self, kind: str, callback_id: str) -> None:
        known = self._ws.installation.shortcuts
        if known is not None and (kind, callback_id) not in [(one.type, one.callback_id) for one in known]:
            raise PeopleError(f"the app has no {kind} shortcut {callback_id!r}", "no_such_shortcut")

    # forms

    @property
    def view(self) -> View | None:
        """The modal on top, if one is open."""
        stack = self._ws.views.stack(self.id)
        return stack[-1] if stack else None

    def submit(
        self, values: Mapping[str, Any] | None = None, *, view: View | None = None, force: bool = False
    ) -> SubmitResult:
        """Fill the open modal, by block_id or action_id, and send it. What is not given keeps its initial value.

        Args:
            values: what to put in.
            view: another view than the one on top, for example one that the client still shows.
            force: send what Slack's client would not.
        """
        return submit(self._ws, self._dispatcher, self.user, self._shown(view), values or {}, force=force)

    def close(self, *, view: View | None = None, everything: bool = False) -> None:
        """Close the open modal, or all of them."""
        close(self._ws, self._dispatcher, self.user, self._shown(view), everything=everything)

    def _shown(self, view: View | None) -> View:
        shown = view or self.view
        if shown is None:
            raise PeopleError("no modal is open", "not_found")
        return shown

    def open_home(self, tab: str = "home") -> View | None:
        """Open the app's Home tab.

        Returns:
            What stands there once the app has heard of it.
        """
        with self._heard():
            events.app_home_opened(self._ws, self.user, tab, self.home)
        return self.home

    @property
    def home(self) -> View | None:
        return self._ws.views.home(self.id)

    def speak(self, locale: str) -> None:
        """Switch Slack's language, such as ja-JP; waits until the app has heard of it."""
        with self._heard():
            self._ws.change_user(self.id, locale=locale)

    # seeing

    def sees(self, channel: str) -> list[Message]:
        """List what stands in a channel before this person's eyes, private answers among it, oldest first."""
        return self._ws.messages.seen_by(self.id, self._ws.channel(channel).id)

    def private_answers(self, channel: str) -> list[Message]:
        """List the private answers in a channel, oldest first."""
        return [message for message in self.sees(channel) if message.is_ephemeral]

    def dms(self) -> list[Message]:
        """List the direct messages with the app, oldest first."""
        return self.sees(self._ws.open_im(self.id).id)

    # mischief

    def send(self, kind: Kind, body: Json, *, headers: Mapping[str, str] | None = None) -> RawReply:
        """Send any payload as if it came from Slack; `headers` replace those that Slack would send.

        Returns:
            The HTTP status and body. Over Socket Mode 200 stands for an ack and 0 for none.
        """
        if not self._ws.installation.request_url:
            reply = self._dispatcher.request(kind, body)
            return RawReply(reply.status, json.dumps(reply.payload))
        encoded, content_type = encode(kind, body)
        said = Endpoint(self._ws).post(encoded, {"Content-Type": content_type, **(headers or {})}, 5.0)
        return RawReply(said.status, said.body)

    # helpers

    def _place(self, channel: str) -> Channel:
        place = self._ws.channel(channel)
        if self.id not in place.members:
            raise PeopleError(f"{self.id} is not in {place.name}", "not_in_channel")
        return place

    def _send(self, body: Json, kind: Kind = "interactive") -> ActionResult:
        reply = self._dispatcher.request(kind, body)
        return ActionResult(reply, body, "" if reply.ok else reply.outcome)

    @contextmanager
    def _heard(self, *, wait: bool = True) -> Iterator[None]:
        with self._dispatcher.collecting() as deliveries:
            yield
        for delivery in deliveries if wait else []:
            delivery.wait()


def _escaped(text: str) -> str:
    parts = MARKUP.split(text)
    plain = [p.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;") for p in parts[::2]]
    parts[::2] = plain
    return "".join(parts)
