"""The events that the app hears, in the shape that Slack's Events API gives them."""

from typing import TYPE_CHECKING

from playground.entities import Channel, Json, Message, User, View
from playground.functions import parameters_json

if TYPE_CHECKING:
    from playground.workspace import Workspace


def emit(ws: "Workspace", event: Json, channel: Channel | None = None) -> None:
    """Wrap an event and hand it on, if the app subscribes to it and, for a channel's event, is in there."""
    if not _is_subscribed(ws, event["type"], channel):
        return
    if channel and not (ws.bot_is_in(channel) or event.get("user") == ws.installation.bot_user):
        return
    ws.event_listener(envelope(ws, {"event_ts": ws.next_ts(), **event}, channel))


def _is_subscribed(ws: "Workspace", kind: str, channel: Channel | None) -> bool:
    """Events of messages are subscribed to by the kind of place, `message.im`; plain `message` stands for all of them."""
    place = f"{kind}.{_PLACES[channel.event_type]}" if kind == "message" and channel else kind
    return not ws.installation.events.isdisjoint({kind, place})


_PLACES = {"channel": "channels", "group": "groups", "im": "im"}


def envelope(ws: "Workspace", event: Json, channel: Channel | None = None) -> Json:
    """Give the callback that carries an event."""
    authorization = {"enterprise_id": None, "team_id": ws.team.id, "user_id": ws.installation.bot_user}
    return {
        "token": ws.installation.verification_token,
        "team_id": ws.team.id,
        "context_team_id": ws.team.id,
        "api_app_id": ws.installation.app_id,
        "event": event,
        "type": "event_callback",
        "event_id": ws.new_id("Ev"),
        "event_time": ws.epoch(),
        "authorizations": [{**authorization, "is_bot": True, "is_enterprise_install": False}],
        "is_ext_shared_channel": bool(channel and channel.is_ext_shared),
        "event_context": f"4-{ws.new_secret()}",
    }


def reaction(ws: "Workspace", message: Message, user_id: str, name: str, *, added: bool) -> None:
    """Tell of a reaction that came or went."""
    event: Json = {
        "type": "reaction_added" if added else "reaction_removed",
        "user": user_id,
        "reaction": name,
        "item_user": message.user,
        "item": {"type": "message", "channel": message.channel, "ts": message.ts},
    }
    emit(ws, event, ws.channel(message.channel))


def message_posted(ws: "Workspace", message: Message) -> None:
    """Tell of a new message."""
    channel = ws.channel(message.channel)
    team = ws.users[message.user].team_id
    body = message.to_json() | {"channel": channel.id, "channel_type": channel.event_type, "team": team}
    if message.file_ids:
        body["files"] = [ws.files.to_json(file_id) for file_id in message.file_ids]
    emit(ws, body, channel)


def message_changed(ws: "Workspace", before: Message, after: Message) -> None:
    """Tell of an edited message."""
    channel = ws.channel(after.channel)
    event: Json = {"type": "message", "subtype": "message_changed", "hidden": True, "channel": channel.id}
    changes = {"ts": ws.next_ts(), "message": after.to_json(), "previous_message": before.to_json()}
    emit(ws, event | changes | {"channel_type": channel.event_type}, channel)


def message_deleted(ws: "Workspace", message: Message) -> None:
    """Tell of a deleted message."""
    channel = ws.channel(message.channel)
    event: Json = {"type": "message", "subtype": "message_deleted", "hidden": True, "channel": channel.id}
    changes = {"ts": ws.next_ts(), "deleted_ts": message.ts, "previous_message": message.to_json()}
    emit(ws, event | changes | {"channel_type": channel.event_type}, channel)


def member_joined(ws: "Workspace", channel: Channel, user: User, inviter: str) -> None:
    """Tell of somebody, or the bot, who came into a channel."""
    event = _membership("member_joined_channel", channel, user)
    emit(ws, event | ({"inviter": inviter} if inviter else {}), channel)


def member_left(ws: "Workspace", channel: Channel, user: User) -> None:
    """Tell of somebody who left a channel."""
    emit(ws, _membership("member_left_channel", channel, user), channel)


def _membership(kind: str, channel: Channel, user: User) -> Json:
    channel_type = "G" if channel.is_private else "C"
    return {"type": kind, "user": user.id, "channel": channel.id, "channel_type": channel_type, "team": user.team_id}


def channel_changed(ws: "Workspace", before: Channel, after: Channel) -> None:
    """Tell of a channel that was archived, brought back or renamed."""
    if before.is_archived != after.is_archived:
        kind = "channel_archive" if after.is_archived else "channel_unarchive"
        emit(ws, {"type": kind, "channel": after.id}, after)
    if before.name != after.name:
        renamed = {"id": after.id, "name": after.name, "created": after.created}
        emit(ws, {"type": "channel_rename", "channel": renamed}, after)


def team_join(ws: "Workspace", user: User) -> None:
    """Tell of a new account."""
    emit(ws, {"type": "team_join", "user": user.to_json(with_locale=True)})


def user_change(ws: "Workspace", user: User) -> None:
    """Tell of an account that changed or was deactivated."""
    emit(ws, {"type": "user_change", "user": user.to_json(with_locale=True), "cache_ts": ws.epoch()})


def app_home_opened(ws: "Workspace", user: User, tab: str, home: View | None) -> None:
    """Tell that somebody looks at the app's Home or its messages."""
    event: Json = {"type": "app_home_opened", "user": user.id, "channel": ws.open_im(user.id).id, "tab": tab}
    if home and tab == "home":
        event["view"] = ws.views.to_json(home)
    emit(ws, event)


def function_executed(ws: "Workspace", execution_id: str, callback_id: str, inputs: Json) -> None:
    """Ask the app to run one of its functions for a workflow."""
    known = (ws.installation.functions or {}).get(callback_id)
    function = {
        "id": ws.new_id("Fn"),
        "callback_id": callback_id,
        "title": known.title if known else callback_id,
        "description": known.description if known else "",
        "type": "app",
        "app_id": ws.installation.app_id,
        "input_parameters": parameters_json(known.inputs) if known else [],
        "output_parameters": parameters_json(known.outputs) if known else [],
    }
    event: Json = {
        "type": "function_executed",
        "function": function,
        "inputs": inputs,
        "function_execution_id": execution_id,
        "workflow_execution_id": ws.new_id("Wx"),
        "bot_access_token": ws.installation.bot_token,
    }
    emit(ws, event)
