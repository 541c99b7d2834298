"""The state of one workspace: its people and channels, and the rooms that hold the rest. One lock guards it all."""

import itertools
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from threading import RLock
from typing import Any

from playground import events
from playground.calls import CallLog
from playground.entities import Channel, Json, Team, User
from playground.errors import SlackError
from playground.faults import Faults
from playground.files import Files
from playground.functions import check_values
from playground.installation import Installation, Timing, handle
from playground.messages import Messages
from playground.pacing import Pacing
from playground.tickets import Tickets
from playground.views import Views


@dataclass(frozen=True)
class Change:
    """What just changed, for a page that shows it.

    `what` is message, view, channel, user, app, link (Socket Mode), faults or clock; `user` says for whose eyes alone.
    """

    what: str
    id: str
    channel: str = ""
    user: str = ""


class Workspace:
    """A team and everything in it. `changed` and `event_listener` are hooks: for a page, and for the way to the app."""

    def __init__(self, team: Team, clock: Callable[[], datetime] | None = None) -> None:
        self.team = team
        self.clock = clock or (lambda: datetime.now(UTC))
        self.lock = RLock()
        self.installation = Installation()
        self.timing = Timing()
        self.faults = Faults(lambda: self.tell("faults", ""))
        self.calls = CallLog(self.now)
        self.pacing = Pacing()
        self.teams: dict[str, Team] = {team.id: team}
        self.users: dict[str, User] = {}
        self.channels: dict[str, Channel] = {}
        self.functions: dict[str, Json] = {}
        self.url = ""
        self.changed: Callable[[Change], None] = lambda _change: None
        self.event_listener: Callable[[Json], object] = lambda _body: None
        self._numbers = itertools.count(1)
        self._last_ts = 0
        self.messages = Messages(self)
        self.views = Views(self)
        self.tickets = Tickets(self)
        self.files = Files(self)

    # time and names

    def now(self) -> datetime:
        """Tell business time, as the injected clock has it."""
        return self.clock()

    def epoch(self) -> int:
        return int(self.now().timestamp())

    def next_ts(self) -> str:
        """Give a timestamp that no message has had, later than all of them even when the clock stands still."""
        with self.lock:
            self._last_ts = max(self._last_ts + 1, int(self.now().timestamp() * 1_000_000))
            return f"{self._last_ts // 1_000_000}.{self._last_ts % 1_000_000:06d}"

    def new_id(self, prefix: str) -> str:
        return f"{prefix}0{next(self._numbers):06d}"

    @staticmethod
    def new_secret() -> str:
        return secrets.token_hex(12)

    def tell(self, what: str, id: str, channel: str = "", user: str = "") -> None:  # noqa: A002 - the field's name
        """Tell whoever shows this workspace that something in it changed."""
        self.changed(Change(what, id, channel, user))

    def install(self, manifest: Json) -> None:
        """Install the app anew, as its manifest describes it. Its bot takes the name that stands there.

        Raises:
            SlackError: invalid_manifest.
        """
        with self.lock:
            self.installation.install(manifest)
            name = self.installation.bot_name
            self.users[self.bot.id] = replace(self.bot, name=handle(name), real_name=name, display_name=name)
        self.tell("user", self.bot.id)
        self.tell("app", self.installation.app_id)

    # people

    def user(self, user_id: str) -> User:
        try:
            return self.users[user_id]
        except KeyError:
            raise SlackError("user_not_found") from None

    @property
    def bot(self) -> User:
        return self.users[self.installation.bot_user]

    def add_user(self, name: str, **fields: Any) -> User:
        """Add an account. The app hears `team_join` once it listens."""
        with self.lock:
            fields.setdefault("id", self.new_id("U"))
            fields.setdefault("real_name", name)
            fields.setdefault("display_name", fields["real_name"])
            fields.setdefault("team_id", self.team.id)
            user = User(name=name, **fields)
            self.users[user.id] = user
        self.tell("user", user.id)
        events.team_join(self, user)
        return user

    def change_user(self, user_id: str, **fields: Any) -> User:
        """Change an account, for example `deleted=True`. The app hears `user_change`."""
        with self.lock:
            user = replace(self.user(user_id), **fields)
            self.users[user.id] = user
        self.tell("user", user.id)
        events.user_change(self, user)
        return user

    # channels

    def channel(self, channel_id: str) -> Channel:
        """Find a channel by id, by name or by #name.

        Raises:
            SlackError: channel_not_found.
        """
        with self.lock:
            if channel_id in self.channels:
                return self.channels[channel_id]
            name = channel_id.removeprefix("#")
            for channel in self.channels.values():
                if channel.name == name and not channel.is_im:
                    return channel
        raise SlackError("channel_not_found")

    def add_channel(self, name: str, *, members: tuple[str, ...] = (), **fields: Any) -> Channel:
        with self.lock:
            fields.setdefault("id", self.new_id("C"))
            channel = Channel(name=name, members=members, created=self.epoch(), **fields)
            self.channels[channel.id] = channel
        self.tell("channel", channel.id, channel.id)
        return channel

    def open_im(self, user_id: str) -> Channel:
        """Open, or find again, the app's direct messages with one person."""
        with self.lock:
            user = self.user(user_id)
            for channel in self.channels.values():
                if channel.im_user == user.id:
                    return channel
            members = (user.id, self.installation.bot_user)
            return self.add_channel("directmessage", id=self.new_id("D"), members=members, im_user=user.id)

    def change_channel(self, channel_id: str, **fields: Any) -> Channel:
        """Change a channel, for example `is_archived=True`. The app hears of archiving and renaming."""
        with self.lock:
            before = self.channel(channel_id)
            after = replace(before, **fields)
            self.channels[after.id] = after
        self.tell("channel", after.id, after.id)
        events.channel_changed(self, before, after)
        return after

    def join(self, channel_id: str, user_id: str, inviter: str = "") -> Channel:
        """Make somebody a member of a channel; nothing happens if they are one."""
        with self.lock:
            channel, user = self.channel(channel_id), self.user(user_id)
            if user.id in channel.members:
                return channel
            channel = self.change_channel(channel.id, members=(*channel.members, user.id))
        events.member_joined(self, channel, user, inviter)
        return channel

    def leave(self, channel_id: str, user_id: str) -> Channel:
        """Take somebody out of a channel. A bot that leaves still hears of it."""
        with self.lock:
            before, user = self.channel(channel_id), self.user(user_id)
            if user.id not in before.members:
                return before
            channel = self.change_channel(before.id, members=tuple(m for m in before.members if m != user.id))
        events.member_left(self, before, user)
        return channel

    def bot_is_in(self, channel: Channel) -> bool:
        return self.installation.bot_user in channel.members

    def run_function(self, callback_id: str, inputs: Json) -> str:
        """Let a workflow call one of the app's functions.

        Returns:
            The execution's id; `functions` holds its outcome once the app has completed it.

        Raises:
            SlackError: function_not_found, parameter_validation_failed.
        """
        known = self.installation.functions
        if known is not None:
            if callback_id not in known:
                raise SlackError("function_not_found")
            check_values(known[callback_id].inputs, inputs)
        execution_id = self.new_id("Fx")
        self.functions[execution_id] = {"status": "running", "callback_id": callback_id, "inputs": inputs}
        events.function_executed(self, execution_id, callback_id, inputs)
        return execution_id
