"""What every Web API method has in common: its entry in the table, its arguments, the checks they share."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from playground.entities import Channel, Json, Message
from playground.errors import SlackError
from playground.limits import (
    MESSAGE_CHARACTERS,
    METADATA_CHARACTERS,
    TEXT_CHARACTERS,
    VIEW_BYTES,
    characters,
    compact,
    message_problems,
    view_bytes,
    view_problems,
)
from playground.workspace import Workspace


class Args:
    """The arguments of one call, whether they came as a form or as JSON."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self.values = dict(values)

    def __contains__(self, name: str) -> bool:
        return name in self.values

    def text(self, name: str, default: str = "") -> str:
        value = self.values.get(name)
        return default if value is None else str(value)

    def require(self, name: str, error: str = "invalid_arguments") -> str:
        """Give an argument that must be there.

        Raises:
            SlackError: the error named.
        """
        value = self.text(name)
        if value:
            return value
        messages = [f"missing required field: {name}"] if error == "invalid_arguments" else None
        raise SlackError(error, messages=messages)

    def flag(self, name: str, *, default: bool = False) -> bool:
        value = self.values.get(name)
        return default if value is None else str(value).lower() in {"true", "1"}

    def number(self, name: str, default: int, most: int) -> int:
        try:
            value = int(self.text(name) or default)
        except ValueError:
            raise SlackError("invalid_arguments", messages=[f"{name} must be an integer"]) from None
        if value < 0:
            raise SlackError("invalid_limit")
        return min(value or default, most)

    def parsed(self, name: str, error: str) -> Any:
        """Give an argument that is JSON; a form carries it as a string.

        Raises:
            SlackError: the error named, when it is not JSON.
        """
        value = self.values.get(name)
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value) if value else None
        except ValueError:
            raise SlackError(error) from None


Run = Callable[[Workspace, Args], Json]


@dataclass(frozen=True)
class Method:
    """One Web API method. Any one of `scopes` will do; none are needed when it is empty."""

    name: str
    run: Run
    scopes: tuple[str, ...] = ()
    token: Literal["bot", "app", "none"] = "bot"  # noqa: S105 - a kind of token


def need_scope(ws: Workspace, *scopes: str) -> None:
    """Insist on one of some scopes.

    Raises:
        SlackError: missing_scope.
    """
    if not ws.installation.scopes.intersection(scopes):
        provided = ",".join(sorted(ws.installation.scopes))
        raise SlackError("missing_scope", needed=scopes[0], provided=provided)


def scope_of(channel: Channel, verb: str) -> str:
    """Name the scope that a channel of this kind needs, for `read` or `history`."""
    kind = "im" if channel.is_im else "groups" if channel.is_private else "channels"
    return f"{kind}:{verb}"


def visible_channel(ws: Workspace, args: Args, name: str = "channel") -> Channel:
    """Find a channel that the bot may know of.

    Raises:
        SlackError: channel_not_found, for a private channel without the bot too.
    """
    channel = ws.channel(args.require(name, "channel_not_found"))
    if (channel.is_private or channel.is_im) and not ws.bot_is_in(channel):
        raise SlackError("channel_not_found")
    return channel


def joined_channel(ws: Workspace, args: Args) -> Channel:
    """Find a channel that the bot is in.

    Raises:
        SlackError: channel_not_found, not_in_channel.
    """
    channel = visible_channel(ws, args)
    if not ws.bot_is_in(channel):
        raise SlackError("not_in_channel")
    return channel


def open_channel(ws: Workspace, args: Args) -> Channel:
    """Find a channel that the bot may write to; a user's id stands for their direct messages.

    Raises:
        SlackError: channel_not_found, not_in_channel, is_archived.
    """
    target = args.require("channel", "channel_not_found")
    if target in ws.users and not ws.users[target].deleted:
        return ws.open_im(target)
    channel = visible_channel(ws, args)
    if channel.is_archived:
        raise SlackError("is_archived")
    if channel.is_im and ws.user(channel.im_user).deleted:
        raise SlackError("channel_not_found")
    if not ws.bot_is_in(channel) and "chat:write.public" not in ws.installation.scopes:
        raise SlackError("not_in_channel")
    return channel


def message_of(ws: Workspace, args: Args, channel: Channel, name: str = "ts") -> Message:
    """Find a message that the Web API can name: ephemeral ones it cannot.

    Raises:
        SlackError: message_not_found.
    """
    message = ws.messages.get(channel.id, args.require(name, "message_not_found"))
    if message.is_ephemeral:
        raise SlackError("message_not_found")
    return message


def checked_blocks(args: Args, *, measured: bool = True) -> list[Json] | None:
    """Give the blocks of a message, or None when the call has none.

    Raises:
        SlackError: invalid_blocks_format, invalid_blocks, msg_blocks_too_long.
    """
    blocks = args.parsed("blocks", "invalid_blocks_format")
    if blocks is None:
        return None
    if not isinstance(blocks, list):
        raise SlackError("invalid_blocks_format")
    problems = message_problems(blocks)
    if problems:
        raise SlackError("invalid_blocks", messages=problems)
    if measured and characters(blocks) > MESSAGE_CHARACTERS:
        raise SlackError("msg_blocks_too_long")
    return blocks


def checked_text(args: Args) -> str:
    """Give the text of a message.

    Raises:
        SlackError: msg_too_long.
    """
    text = args.text("text")
    if len(text) > TEXT_CHARACTERS:
        raise SlackError("msg_too_long")
    return text


def checked_metadata(args: Args) -> Json | None:
    """Give the metadata of a message.

    Raises:
        SlackError: invalid_metadata_format, metadata_too_large.
    """
    metadata = args.parsed("metadata", "invalid_metadata_format")
    if not metadata:
        return None
    well_formed = isinstance(metadata, dict) and isinstance(metadata.get("event_type"), str)
    if not well_formed or not isinstance(metadata.get("event_payload"), dict):
        raise SlackError("invalid_metadata_format")
    if len(compact(metadata["event_payload"])) > METADATA_CHARACTERS:
        raise SlackError("metadata_too_large")
    return {"event_type": metadata["event_type"], "event_payload": metadata["event_payload"]}


def checked_view(args: Args, kind: str = "modal") -> Json:
    """Give the view of a call.

    Raises:
        SlackError: invalid_arguments with the problems, view_too_large.
    """
    return check_view(args.parsed("view", "invalid_arguments"), kind)


def check_view(view: Any, kind: str = "modal") -> Json:
    """Refuse a view that Slack would refuse.

    Raises:
        SlackError: invalid_arguments with the problems, view_too_large.
    """
    if isinstance(view, dict) and view_bytes(view) > VIEW_BYTES:
        raise SlackError("view_too_large")
    problems = view_problems(view, kind)
    if problems:
        raise SlackError("invalid_arguments", messages=problems)
    return dict(view)


def page_of(items: list[Any], args: Args, default: int = 100, most: int = 1000) -> tuple[list[Any], str]:
    """Cut one page out of a list.

    Returns:
        The page, and the cursor of the next one or an empty string.

    Raises:
        SlackError: invalid_cursor, invalid_limit.
    """
    limit, cursor = args.number("limit", default, most), args.text("cursor")
    start = cursor.removeprefix("page-") if cursor.startswith("page-") else "" if cursor else "0"
    if not start.isdecimal():
        raise SlackError("invalid_cursor")
    end = int(start) + limit
    return items[int(start) : end], f"page-{end}" if end < len(items) else ""


def paged(name: str, items: list[Json], cursor: str) -> Json:
    """Answer with one page of a list."""
    return {name: items, "response_metadata": {"next_cursor": cursor}}
