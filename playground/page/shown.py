"""What one person sees, as JSON of the page's protocol. It only reads; the caller holds the workspace's lock."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any
from zoneinfo import ZoneInfo

from playground.entities import Channel, Json, Message, User, View
from playground.errors import SlackError
from playground.functions import Function
from playground.installation import SlashCommand
from playground.links import Links
from playground.page.options import PageOptions
from playground.page.settings import Clock, Reads, mood_of
from playground.people import SLACKBOT
from playground.workspace import Workspace

# Channels and people come first: messages name them.
SLICES = ("team", "app", "me", "people", "channels", "views", "home", "read", "bot", "clock", "slack", "tour")
MESSAGE_FIELDS = (
    "ts", "user", "text", "bot_id", "subtype", "blocks", "thread_ts", "reply_count", "latest_reply", "reactions", "edited",
)  # fmt: skip
VIEW_FIELDS = ("id", "type", "callback_id", "title", "submit", "close", "blocks", "hash", "previous_view_id", "state")
FILE_FIELDS = ("id", "name", "title", "mimetype", "size", "deleted")
CHANNEL_FIELDS = ("id", "name", "is_private", "is_archived", "is_ext_shared", "im_user")
PERSON_FIELDS = (
    "id", "name", "real_name", "display_name", "locale", "tz", "is_bot", "is_admin", "is_guest", "is_stranger", "deleted",
)  # fmt: skip


@dataclass(frozen=True)
class Shown:
    """The workspace before the eyes of its people."""

    ws: Workspace
    links: Links
    clock: Clock
    reads: Reads
    options: PageOptions

    def slice(self, name: str, user: User) -> Any:
        """Give one of SLICES."""
        return _MAKERS[name](self, user)

    def slices(self, user: User) -> Json:
        return {name: self.slice(name, user) for name in SLICES}

    # messages

    def joined(self, user: User) -> frozenset[str]:
        """List the channels whose messages somebody sees."""
        return frozenset(channel.id for channel in self.ws.channels.values() if user.id in channel.members)

    def everything_in(self, channel: str, user: User) -> list[Json]:
        """List what somebody sees in one channel, oldest first."""
        return [self._message(message) for message in self.ws.messages.seen_by(user.id, channel)]

    def message(self, channel: str, ts: str, user: User) -> Json | None:
        """Give one message, or nothing where this person sees none."""
        try:
            message = self.ws.messages.get(channel, ts)
            members = self.ws.channel(channel).members
        except SlackError:
            return None
        is_theirs = user.id in members and message.only_for in ("", user.id)
        return self._message(message) if is_theirs else None

    def _message(self, message: Message) -> Json:
        body = self.ws.messages.to_json(message, with_metadata=False)
        shown = {"channel": message.channel} | {name: body[name] for name in MESSAGE_FIELDS if name in body}
        if message.file_ids:
            shown["files"] = [file_json(self.ws, file_id) for file_id in message.file_ids]
        return shown | ({"only_for": message.only_for} if message.only_for else {})

    # slices

    def _team(self, _user: User) -> Json:
        return {"name": self.ws.team.name}

    def _app(self, _user: User) -> Json:
        here = self.ws.installation
        return {
            "id": here.app_id,
            "name": here.app_name,
            "bot_user": here.bot_user,
            "commands": [self._command(command) for command in here.slash_commands],
            "shortcuts": [asdict(shortcut) for shortcut in here.shortcuts or ()],
            "steps": [_step(callback_id, one) for callback_id, one in (here.functions or {}).items()],
            "takes_messages": here.takes_messages,
        }

    def _command(self, command: SlashCommand) -> Json:
        verbs = self.options.verbs.get(command.command, {})
        by_language = {language: [asdict(verb) for verb in known] for language, known in verbs.items()}
        return asdict(command) | {"verbs": by_language}

    def _me(self, user: User) -> str:
        return user.id

    def _people(self, _user: User) -> list[Json]:
        # Slackbot says what became of a failed command; it is nobody of the workspace.
        slackbot = User(SLACKBOT, "slackbot", "Slackbot", self.ws.team.id, "Slackbot", is_bot=True)
        return [_fields(user, PERSON_FIELDS) for user in (*self.ws.users.values(), slackbot)]

    def _channels(self, user: User) -> list[Json]:
        return [
            _fields(channel, CHANNEL_FIELDS) | {"members": list(channel.members)}
            for channel in self.ws.channels.values()
            if _knows(user, channel)
        ]

    def _views(self, user: User) -> list[Json]:
        return [self._view(view) for view in self.ws.views.stack(user.id)]

    def _home(self, user: User) -> Json | None:
        view = self.ws.views.home(user.id)
        return self._view(view) if view else None

    def _view(self, view: View) -> Json:
        body = self.ws.views.to_json(view)
        return {name: body[name] for name in VIEW_FIELDS}

    def _read(self, user: User) -> Json:
        return dict(self.reads.of(user.id))

    def _bot(self, _user: User) -> Json:
        return {"connected": len(self.links) > 0 or bool(self.ws.installation.request_url)}

    def _clock(self, user: User) -> Json:
        now, zone = self.ws.now(), ZoneInfo(user.tz)
        moving_to, next_morning = self.clock.moving_to, self.options.next_morning
        return {
            "now": now.astimezone(zone).isoformat(),
            "is_movable": self.clock.is_movable,
            "next_morning": next_morning(now).astimezone(zone).isoformat() if next_morning else None,
            "moving_to": moving_to.astimezone(zone).isoformat() if moving_to else None,
        }

    def _slack(self, _user: User) -> Json:
        return {"mood": mood_of(self.ws)}

    def _tour(self, _user: User) -> list[str] | None:
        return self.options.tour.done if self.options.tour else None


_MAKERS: Mapping[str, Callable[[Shown, User], Any]] = {name: getattr(Shown, f"_{name}") for name in SLICES}


def _step(callback_id: str, function: Function) -> Json:
    inputs = [{"name": name} | asdict(parameter) for name, parameter in function.inputs.items()]
    return {"callback_id": callback_id, "title": function.title, "description": function.description, "inputs": inputs}


def file_json(ws: Workspace, file_id: str) -> Json:
    """Give what the page shows of a file.

    Raises:
        SlackError: file_not_found.
    """
    return _fields(ws.files.get(file_id), FILE_FIELDS)


def _knows(user: User, channel: Channel) -> bool:
    """Tell whether somebody can find a channel: guests and other organisations see only what they are in."""
    is_open = not (channel.is_private or channel.is_im or user.is_guest or user.is_stranger)
    return is_open or user.id in channel.members


def _fields(row: object, names: tuple[str, ...]) -> Json:
    return {name: getattr(row, name) for name in names}
