"""chat.*: messages."""

from playground.entities import Channel, Json, Message
from playground.errors import SlackError
from playground.messages import BROADCAST
from playground.methods.method import (
    Args,
    Method,
    checked_blocks,
    checked_metadata,
    checked_text,
    message_of,
    open_channel,
    visible_channel,
)
from playground.workspace import Workspace


def post_message(ws: Workspace, args: Args) -> Json:
    """Post to a channel, a thread or a person. Errors: docs.slack.dev/reference/methods/chat.postMessage."""
    channel = open_channel(ws, args)
    text, blocks, metadata = checked_text(args), checked_blocks(args), checked_metadata(args)
    if not text and not blocks:
        raise SlackError("no_text")
    thread_ts = _thread(ws, channel, args)
    _pace(ws, channel)
    broadcast = BROADCAST if thread_ts and args.flag("reply_broadcast") else ""
    message = ws.messages.post(
        channel, ws.bot.id, text, blocks or (), thread_ts=thread_ts, metadata=metadata, subtype=broadcast
    )
    return {"channel": channel.id, "ts": message.ts, "message": ws.messages.to_json(message)}


def _thread(ws: Workspace, channel: Channel, args: Args) -> str:
    thread_ts = args.text("thread_ts")
    if not thread_ts:
        return ""
    parent = ws.messages.thread(channel.id, thread_ts)[0]
    return parent.thread_ts or parent.ts


def _pace(ws: Workspace, channel: Channel) -> None:
    timing = ws.timing
    if timing.rate_limits:
        seconds = ws.pacing.wait(channel.id, timing.posts_per_second, timing.post_burst)
        if seconds:
            raise SlackError("ratelimited", retry_after=seconds)


def update(ws: Workspace, args: Args) -> Json:
    """Change one of the bot's messages. Blocks and metadata not given stay as they are."""
    channel = visible_channel(ws, args)
    message = _own(ws, message_of(ws, args, channel), "cant_update_message")
    if channel.is_archived:
        raise SlackError("is_archived")
    blocks, metadata = checked_blocks(args), checked_metadata(args)
    changes: Json = {"text": checked_text(args)} if "text" in args else {}
    if blocks is not None:
        changes["blocks"] = blocks
    if metadata is not None or "metadata" in args:
        changes["metadata"] = metadata
    if not changes.get("text", message.text) and not changes.get("blocks", message.blocks):
        raise SlackError("no_text")
    changed = ws.messages.update(message, **changes)
    return {
        "channel": channel.id,
        "ts": changed.ts,
        "text": changed.text,
        "message": ws.messages.to_json(changed),
    }


def delete(ws: Workspace, args: Args) -> Json:
    """Delete one of the bot's messages."""
    channel = visible_channel(ws, args)
    message = _own(ws, message_of(ws, args, channel), "cant_delete_message")
    ws.messages.delete(message)
    return {"channel": channel.id, "ts": message.ts}


def _own(ws: Workspace, message: Message, error: str) -> Message:
    if message.user != ws.installation.bot_user:
        raise SlackError(error)
    return message


def post_ephemeral(ws: Workspace, args: Args) -> Json:
    """Show a message to one member of a channel."""
    channel = open_channel(ws, args)
    user = ws.user(args.require("user", "user_not_found"))
    if user.id not in channel.members:
        raise SlackError("user_not_in_channel")
    text, blocks = checked_text(args), checked_blocks(args)
    if not text and not blocks:
        raise SlackError("no_text")
    thread_ts = args.text("thread_ts")
    message = ws.messages.post(channel, ws.bot.id, text, blocks or (), thread_ts=thread_ts, only_for=user.id)
    return {"message_ts": message.ts}


def get_permalink(ws: Workspace, args: Args) -> Json:
    """Give the address of a message."""
    channel = visible_channel(ws, args)
    message = message_of(ws, args, channel, "message_ts")
    link = f"https://{ws.team.domain}.slack.com/archives/{channel.id}/p{message.ts.replace('.', '')}"
    if message.is_reply:
        link += f"?thread_ts={message.thread_ts}&cid={channel.id}"
    return {"channel": channel.id, "permalink": link}


METHODS = (
    Method("chat.postMessage", post_message, ("chat:write",)),
    Method("chat.update", update, ("chat:write",)),
    Method("chat.delete", delete, ("chat:write",)),
    Method("chat.postEphemeral", post_ephemeral, ("chat:write",)),
    Method("chat.getPermalink", get_permalink),
)
