"""reactions.*."""

import re

from playground.entities import Json, Message
from playground.errors import SlackError
from playground.methods.method import Args, Method, joined_channel, message_of, page_of, paged
from playground.workspace import Workspace

EMOJI_NAME = re.compile(r"[a-z0-9_+'\-]+(::skin-tone-[2-6])?")


def emoji_name(name: str) -> str:
    """Give a reaction's name without its colons.

    Raises:
        SlackError: no_reaction_name, invalid_name.
    """
    bare = name.strip(":") if name.count(":") == 2 and name.startswith(":") else name
    if not bare:
        raise SlackError("no_reaction_name")
    if not EMOJI_NAME.fullmatch(bare):
        raise SlackError("invalid_name")
    return bare


def _item(ws: Workspace, args: Args) -> Message:
    if not args.text("timestamp"):
        raise SlackError("no_item_specified")
    return message_of(ws, args, joined_channel(ws, args), "timestamp")


def add(ws: Workspace, args: Args) -> Json:
    """React to a message."""
    name, message = emoji_name(args.text("name")), _item(ws, args)
    if ws.channel(message.channel).is_archived:
        raise SlackError("is_archived")
    ws.messages.react(message, ws.bot.id, name)
    return {}


def remove(ws: Workspace, args: Args) -> Json:
    """Take the bot's reaction back."""
    ws.messages.unreact(_item(ws, args), ws.bot.id, emoji_name(args.text("name")))
    return {}


def get(ws: Workspace, args: Args) -> Json:
    """List who reacted to a message, and how."""
    message = _item(ws, args)
    body = ws.messages.to_json(message) | {"permalink": ""}
    return {"type": "message", "channel": message.channel, "message": body}


def list_own(ws: Workspace, args: Args) -> Json:
    """List the messages that somebody, or the bot, has reacted to."""
    user = args.text("user") or ws.bot.id
    channels = [c.id for c in ws.channels.values() if ws.bot_is_in(c)]
    found = [m for c in channels for m in ws.messages.in_channel(c) if any(user in who for who in m.reactions.values())]
    page, cursor = page_of(found, args)
    return paged("items", [_listed(ws, m) for m in page], cursor)


def _listed(ws: Workspace, message: Message) -> Json:
    return {"type": "message", "channel": message.channel, "message": ws.messages.to_json(message)}


METHODS = (
    Method("reactions.add", add, ("reactions:write",)),
    Method("reactions.remove", remove, ("reactions:write",)),
    Method("reactions.get", get, ("reactions:read",)),
    Method("reactions.list", list_own, ("reactions:read",)),
)
