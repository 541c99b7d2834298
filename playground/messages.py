"""Messages, private answers and reactions."""

import copy
from collections.abc import Iterable
from dataclasses import replace
from itertools import count
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from playground import events
from playground.controls import with_ids
from playground.entities import Channel, Json, Message
from playground.errors import SlackError

if TYPE_CHECKING:
    from playground.workspace import Workspace

# Thread replies that Slack repeats in the channel.
BROADCAST = "thread_broadcast"


class Messages:
    """All messages of the workspace, by channel and in the order of their timestamps."""

    def __init__(self, workspace: "Workspace") -> None:
        self._ws = workspace
        self._by_channel: dict[str, dict[str, Message]] = {}
        # (channel, parent's ts) → what everybody sees of its thread; a long history is not searched for every message.
        self._replies: dict[tuple[str, str], list[str]] = {}
        self._block_numbers = count(1)

    # writing

    def post(self, channel: Channel, user: str, text: str = "", blocks: Iterable[Json] = (), **fields: Any) -> Message:
        """Put a message into a channel, or before one person's eyes when `only_for` is among the fields."""
        ws = self._ws
        with ws.lock:
            if user == ws.installation.bot_user:
                fields |= {"bot_id": ws.installation.bot_id, "app_id": ws.installation.app_id}
            ready = self._ready(blocks)
            message = Message(channel.id, ws.next_ts(), user, text, ready, **copy.deepcopy(fields))
            self._by_channel.setdefault(channel.id, {})[message.ts] = message
            if message.is_reply and not message.is_ephemeral:
                self._replies.setdefault((channel.id, message.thread_ts), []).append(message.ts)
        self._tell(message)
        self._tell_parent(message)
        if not message.is_ephemeral:
            events.message_posted(ws, message)
        return message

    def update(self, message: Message, **fields: Any) -> Message:
        """Replace what a message says. Blocks left out stay away, as in Slack: pass what should stand there."""
        ws = self._ws
        with ws.lock:
            before = self.get(message.channel, message.ts)
            if "blocks" in fields:
                fields["blocks"] = self._ready(fields["blocks"])
            after = replace(before, edited_ts=ws.next_ts(), **copy.deepcopy(fields))
            self._by_channel[message.channel][message.ts] = after
        self._tell(after)
        if not after.is_ephemeral:
            events.message_changed(ws, before, after)
        return after

    def delete(self, message: Message) -> None:
        with self._ws.lock:
            self.get(message.channel, message.ts)
            del self._by_channel[message.channel][message.ts]
            if message.is_reply and not message.is_ephemeral:
                self._replies[message.channel, message.thread_ts].remove(message.ts)
        self._tell(message)
        self._tell_parent(message)
        if not message.is_ephemeral:
            events.message_deleted(self._ws, message)

    def forget_private(self, user: str = "") -> None:
        """Take private answers off the screens, one person's or everybody's, as a reload of Slack's client may."""
        with self._ws.lock:
            everything = [message for channel in self._by_channel.values() for message in channel.values()]
            private = [one for one in everything if one.is_ephemeral and user in ("", one.only_for)]
            for message in private:
                del self._by_channel[message.channel][message.ts]
        for message in private:
            self._tell(message)

    def react(self, message: Message, user: str, name: str) -> Message:
        """Add a reaction.

        Raises:
            SlackError: already_reacted, message_not_found.
        """
        with self._ws.lock:
            current = self.get(message.channel, message.ts)
            users = current.reactions.get(name, ())
            if user in users:
                raise SlackError("already_reacted")
            after = self._with_reaction(current, name, (*users, user))
        self._tell(after)
        events.reaction(self._ws, after, user, name, added=True)
        return after

    def unreact(self, message: Message, user: str, name: str) -> Message:
        """Take a reaction back.

        Raises:
            SlackError: no_reaction, message_not_found.
        """
        with self._ws.lock:
            current = self.get(message.channel, message.ts)
            users = current.reactions.get(name, ())
            if user not in users:
                raise SlackError("no_reaction")
            after = self._with_reaction(current, name, tuple(u for u in users if u != user))
        self._tell(after)
        events.reaction(self._ws, after, user, name, added=False)
        return after

    def _with_reaction(self, message: Message, name: str, users: tuple[str, ...]) -> Message:
        reactions = {**message.reactions, name: users}
        kept = MappingProxyType({name: users for name, users in reactions.items() if users})
        after = replace(message, reactions=kept)
        self._by_channel[message.channel][message.ts] = after
        return after

    # reading

    def get(self, channel_id: str, ts: str) -> Message:
        """Find one message.

        Raises:
            SlackError: message_not_found.
        """
        try:
            return self._by_channel[channel_id][ts]
        except KeyError:
            raise SlackError("message_not_found") from None

    def in_channel(self, channel_id: str) -> list[Message]:
        """List what everybody in the channel sees, oldest first, thread replies among it."""
        return [message for message in self._all(channel_id) if not message.is_ephemeral]

    def seen_by(self, user: str, channel_id: str) -> list[Message]:
        """List what one person sees in a channel, oldest first: its messages and their own private answers."""
        return [message for message in self._all(channel_id) if message.only_for in ("", user)]

    def top_level(self, channel_id: str) -> list[Message]:
        return [m for m in self.in_channel(channel_id) if not m.is_reply or m.subtype == BROADCAST]

    def thread(self, channel_id: str, ts: str) -> list[Message]:
        """List a thread: its parent, then the replies.

        Raises:
            SlackError: thread_not_found.
        """
        messages = self.in_channel(channel_id)
        if not any(message.ts == ts for message in messages):
            raise SlackError("thread_not_found")
        return [message for message in messages if ts in (message.ts, message.thread_ts)]

    def to_json(self, message: Message, *, with_metadata: bool = True) -> Json:
        """Give the message object, with its files and, for a thread's parent, what Slack counts there."""
        body = message.to_json(with_metadata=with_metadata)
        if message.user in self._ws.users:
            body["team"] = self._ws.users[message.user].team_id
        if message.file_ids:
            body["files"] = [self._ws.files.to_json(file_id) for file_id in message.file_ids]
        replies = self._replies_to(message)
        if replies:
            users = list(dict.fromkeys(reply.user for reply in replies))
            body |= {"thread_ts": message.ts, "reply_count": len(replies), "reply_users_count": len(users)}
            body |= {"latest_reply": replies[-1].ts, "reply_users": users, "is_locked": False, "subscribed": False}
        return body

    def _replies_to(self, message: Message) -> list[Message]:
        with self._ws.lock:
            here = self._by_channel.get(message.channel, {})
            return [here[ts] for ts in self._replies.get((message.channel, message.ts), ())]

    def _all(self, channel_id: str) -> list[Message]:
        with self._ws.lock:
            return list(self._by_channel.get(channel_id, {}).values())

    def _ready(self, blocks: Iterable[Json]) -> tuple[Json, ...]:
        return with_ids(blocks, self._block_numbers)

    def _tell(self, message: Message) -> None:
        self._ws.tell("message", message.ts, message.channel, message.only_for)

    def _tell_parent(self, message: Message) -> None:
        """A message shows how many replies it has."""
        if message.is_reply and not message.is_ephemeral:
            self._ws.tell("message", message.thread_ts, message.channel)
