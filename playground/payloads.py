"""The payloads of commands and interactions, in the shape that Slack gives them."""

from typing import Any

from playground.entities import Channel, Json, Message, User, View
from playground.workspace import Workspace


def command(ws: Workspace, user: User, channel: Channel, name: str, text: str) -> Json:
    """Give the form of a slash command, with a trigger and a response URL of its own."""
    return {
        "token": ws.installation.verification_token,
        "team_id": user.team_id,
        "team_domain": ws.teams[user.team_id].domain,
        "channel_id": channel.id,
        "channel_name": "privategroup" if channel.is_private else channel.name,
        "user_id": user.id,
        "user_name": user.name,
        "command": name,
        "text": text,
        "api_app_id": ws.installation.app_id,
        "is_enterprise_install": "false",
        "response_url": ws.tickets.response_url(user.id, channel.id, kind="commands"),
        "trigger_id": ws.tickets.trigger(user.id, channel.id),
    }


def _interaction(ws: Workspace, user: User, kind: str) -> Json:
    return {
        "type": kind,
        "token": ws.installation.verification_token,
        "api_app_id": ws.installation.app_id,
        "team": {"id": ws.team.id, "domain": ws.team.domain},
        "user": {"id": user.id, "username": user.name, "name": user.name, "team_id": user.team_id},
        "enterprise": None,
        "is_enterprise_install": False,
    }


def _trigger(ws: Workspace, user: User, channel: str = "", view_id: str = "") -> Json:
    return {"trigger_id": ws.tickets.trigger(user.id, channel, view_id)}


def _channel(channel: Channel) -> Json:
    return {"id": channel.id, "name": "privategroup" if channel.is_private else channel.name}


def on_message(ws: Workspace, message: Message, values: Json) -> Json:
    """Give what block_actions and block_suggestion carry about the message they come from."""
    channel = ws.channel(message.channel)
    container: Json = {"type": "message", "message_ts": message.ts, "channel_id": channel.id}
    container |= {"is_ephemeral": message.is_ephemeral}
    if message.thread_ts:
        container["thread_ts"] = message.thread_ts
    body: Json = {"container": container, "channel": _channel(channel), "state": {"values": values}}
    # Slack sends no copy of an ephemeral message.
    return body if message.is_ephemeral else body | {"message": ws.messages.to_json(message)}


def on_view(ws: Workspace, view: View) -> Json:
    """Give what block_actions and block_suggestion carry about the view they come from."""
    return {"container": {"type": "view", "view_id": view.id}, "view": ws.views.to_json(view)}


def block_actions(ws: Workspace, user: User, where: Message | View, values: Json, actions: list[Json]) -> Json:
    """Give the payload of a click or a choice."""
    body = _interaction(ws, user, "block_actions") | {"actions": actions}
    if isinstance(where, View):
        return body | _trigger(ws, user, where.channel, where.id) | on_view(ws, where)
    thread_ts = where.thread_ts if where.is_reply else ""
    url = ws.tickets.response_url(user.id, where.channel, kind="actions", original_ts=where.ts, thread_ts=thread_ts)
    here = on_message(ws, where, values)
    return body | _trigger(ws, user, where.channel) | here | {"response_url": url}


def block_suggestion(ws: Workspace, user: User, where: Message | View, block: Json, element: Json, typed: str) -> Json:
    """Give the payload that asks for the options of an external select."""
    body = _interaction(ws, user, "block_suggestion")
    body |= {"block_id": block["block_id"], "action_id": element["action_id"], "value": typed}
    return body | (on_view(ws, where) if isinstance(where, View) else on_message(ws, where, {}))


def view_submission(ws: Workspace, user: User, view: View, response_urls: list[Json]) -> Json:
    """Give the payload of a form that is sent."""
    body = _interaction(ws, user, "view_submission") | _trigger(ws, user, view.channel, view.id)
    return body | {"view": ws.views.to_json(view), "response_urls": response_urls}


def view_closed(ws: Workspace, user: User, view: View, *, is_cleared: bool) -> Json:
    """Give the payload of a modal that is closed."""
    return _interaction(ws, user, "view_closed") | {"view": ws.views.to_json(view), "is_cleared": is_cleared}


def shortcut(ws: Workspace, user: User, callback_id: str) -> Json:
    """Give the payload of a global shortcut: it has no channel and no response URL."""
    body = _interaction(ws, user, "shortcut") | {"callback_id": callback_id, "action_ts": ws.next_ts()}
    return body | _trigger(ws, user)


def message_shortcut(ws: Workspace, user: User, callback_id: str, message: Message) -> Json:
    """Give the payload of a shortcut on a message."""
    body = _interaction(ws, user, "message_action") | {"callback_id": callback_id, "action_ts": ws.next_ts()}
    body |= {"message_ts": message.ts, "message": ws.messages.to_json(message)}
    body |= {"channel": _channel(ws.channel(message.channel))}
    url = ws.tickets.response_url(user.id, message.channel, kind="actions", original_ts=message.ts)
    return body | _trigger(ws, user, message.channel) | {"response_url": url}


def response_urls(ws: Workspace, user: User, blocks: list[tuple[Json, Json, Any]]) -> list[Json]:
    """Give response URLs for the channels chosen where an element asks for them."""
    given = []
    for block, element, chosen in blocks:
        if element.get("response_url_enabled") and chosen:
            url = ws.tickets.response_url(user.id, chosen, kind="commands")
            ids = {"block_id": block["block_id"], "action_id": element["action_id"], "channel_id": chosen}
            given.append(ids | {"response_url": url})
    return given
