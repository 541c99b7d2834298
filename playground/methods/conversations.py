"""conversations.*: channels, their members and what was said there."""

from playground.entities import Channel, Json, Message
from playground.errors import SlackError
from playground.methods.method import (
    Args,
    Method,
    joined_channel,
    need_scope,
    page_of,
    paged,
    scope_of,
    visible_channel,
)
from playground.workspace import Workspace

READ = ("channels:read", "groups:read", "im:read", "mpim:read")
HISTORY = ("channels:history", "groups:history", "im:history", "mpim:history")
KINDS = {"public_channel": "channels:read", "private_channel": "groups:read", "im": "im:read", "mpim": "mpim:read"}


def list_channels(ws: Workspace, args: Args) -> Json:
    """List the channels of some kinds that the bot may know of."""
    kinds = [kind.strip() for kind in args.text("types", "public_channel").split(",")]
    for kind in kinds:
        if kind not in KINDS:
            raise SlackError("invalid_types")
        need_scope(ws, KINDS[kind])
    found = [c for c in ws.channels.values() if _kind(c) in kinds and _known(ws, c)]
    if args.flag("exclude_archived"):
        found = [c for c in found if not c.is_archived]
    page, cursor = page_of(found, args)
    return paged("channels", [c.to_json(ws.bot.id, ws.team.id) for c in page], cursor)


def _kind(channel: Channel) -> str:
    return "im" if channel.is_im else "private_channel" if channel.is_private else "public_channel"


def _known(ws: Workspace, channel: Channel) -> bool:
    return ws.bot_is_in(channel) or _kind(channel) == "public_channel"


def info(ws: Workspace, args: Args) -> Json:
    """Describe one channel."""
    channel = visible_channel(ws, args)
    need_scope(ws, scope_of(channel, "read"))
    return {"channel": channel.to_json(ws.bot.id, ws.team.id)}


def members(ws: Workspace, args: Args) -> Json:
    """List the ids of a channel's members."""
    channel = visible_channel(ws, args)
    need_scope(ws, scope_of(channel, "read"))
    page, cursor = page_of(list(channel.members), args)
    return paged("members", page, cursor)


def history(ws: Workspace, args: Args) -> Json:
    """List what was said in a channel, newest first, without thread replies."""
    channel = joined_channel(ws, args)
    need_scope(ws, scope_of(channel, "history"))
    found = _between(list(reversed(ws.messages.top_level(channel.id))), args)
    page, cursor = page_of(found, args, most=999)
    return _said(ws, args, page, cursor) | {"pin_count": 0}


def replies(ws: Workspace, args: Args) -> Json:
    """List a thread, oldest first, its parent at the head of every page."""
    channel = joined_channel(ws, args)
    need_scope(ws, scope_of(channel, "history"))
    parent, *rest = ws.messages.thread(channel.id, args.require("ts", "thread_not_found"))
    page, cursor = page_of(_between(rest, args), args, default=1000)
    return _said(ws, args, [parent, *page], cursor)


def _between(messages: list[Message], args: Args) -> list[Message]:
    oldest, latest = float(args.text("oldest") or 0), float(args.text("latest") or "inf")
    if args.flag("inclusive"):
        return [m for m in messages if oldest <= float(m.ts) <= latest]
    return [m for m in messages if oldest < float(m.ts) < latest]


def _said(ws: Workspace, args: Args, page: list[Message], cursor: str) -> Json:
    with_metadata = args.flag("include_all_metadata")
    said = [ws.messages.to_json(m, with_metadata=with_metadata) for m in page]
    return paged("messages", said, cursor) | {"has_more": bool(cursor)}


def open_im(ws: Workspace, args: Args) -> Json:
    """Open direct messages with one person; group messages the playground does not have."""
    if "channel" in args:
        return {"channel": visible_channel(ws, args).to_json(ws.bot.id, ws.team.id), "no_op": True}
    ids = [one for one in args.require("users", "users_list_not_supplied").split(",") if one]
    if len(ids) != 1:
        raise SlackError("method_not_supported_for_channel_type")
    user = ws.user(ids[0])
    if user.deleted:
        raise SlackError("user_disabled")
    if user.is_bot:
        raise SlackError("cannot_dm_bot")
    return {"channel": ws.open_im(user.id).to_json(ws.bot.id, ws.team.id)}


def join(ws: Workspace, args: Args) -> Json:
    """Let the bot join a public channel."""
    channel = visible_channel(ws, args)
    if channel.is_private or channel.is_im:
        raise SlackError("method_not_supported_for_channel_type")
    if channel.is_archived:
        raise SlackError("is_archived")
    return {"channel": ws.join(channel.id, ws.bot.id).to_json(ws.bot.id, ws.team.id)}


def invite(ws: Workspace, args: Args) -> Json:
    """Invite people into a channel that the bot is in."""
    channel = joined_channel(ws, args)
    if channel.is_archived:
        raise SlackError("is_archived")
    for user_id in args.require("users", "no_user").split(","):
        if user_id == ws.bot.id:
            raise SlackError("cant_invite_self")
        if ws.user(user_id).id in channel.members:
            raise SlackError("already_in_channel")
        channel = ws.join(channel.id, user_id, inviter=ws.bot.id)
    return {"channel": channel.to_json(ws.bot.id, ws.team.id)}


METHODS = (
    Method("conversations.list", list_channels, READ),
    Method("conversations.info", info, READ),
    Method("conversations.members", members, READ),
    Method("conversations.history", history, HISTORY),
    Method("conversations.replies", replies, HISTORY),
    Method("conversations.open", open_im, ("im:write", "channels:manage", "groups:write", "mpim:write")),
    Method("conversations.join", join, ("channels:join",)),
    Method("conversations.invite", invite, ("channels:manage", "channels:write.invites", "groups:write")),
)
