"""files.*: uploads in three steps, and what was uploaded."""

from playground.entities import Json
from playground.errors import SlackError
from playground.methods.method import Args, Method, open_channel
from playground.workspace import Workspace


def get_upload_url(ws: Workspace, args: Args) -> Json:
    """Give an address to send a file's bytes to."""
    name, size = args.require("filename"), args.number("length", 0, 2**31)
    if not size:
        raise SlackError("missing_argument")
    file = ws.files.begin(name, ws.bot.id, size)
    return {"upload_url": f"{ws.url}/upload/{file.id}", "file_id": file.id}


def complete_upload(ws: Workspace, args: Args) -> Json:
    """Finish uploads, and share them in a channel if one is named."""
    wanted = args.parsed("files", "invalid_arguments")
    if not isinstance(wanted, list) or not wanted:
        raise SlackError("invalid_arguments", messages=["missing required field: files"])
    target = args.text("channel_id") or args.text("channels")
    channel = open_channel(ws, Args({"channel": target})) if target else None
    shared = (channel.id,) if channel else ()
    for one in wanted:
        if not ws.files.get(str(one.get("id"))).uploaded:
            raise SlackError("file_update_failed")
        ws.files.complete(one["id"], one.get("title", ""), shared)
    ids = tuple(one["id"] for one in wanted)
    if channel:
        text, thread_ts = args.text("initial_comment"), args.text("thread_ts")
        ws.messages.post(channel, ws.bot.id, text, file_ids=ids, subtype="file_share", thread_ts=thread_ts)
    return {"files": [ws.files.to_json(file_id) for file_id in ids]}


def info(ws: Workspace, args: Args) -> Json:
    """Describe one file."""
    return {"file": ws.files.to_json(args.require("file", "file_not_found")), "comments": []}


def delete(ws: Workspace, args: Args) -> Json:
    """Delete a file that the app has uploaded."""
    file = ws.files.get(args.require("file", "file_not_found"))
    if file.deleted:
        raise SlackError("file_deleted")
    if file.user != ws.bot.id:
        raise SlackError("cant_delete_file")
    ws.files.delete(file.id)
    for place in file.channels:
        for message in ws.messages.in_channel(place):
            if file.id in message.file_ids:
                ws.tell("message", message.ts, place)
    return {}


METHODS = (
    Method("files.getUploadURLExternal", get_upload_url, ("files:write",)),
    Method("files.completeUploadExternal", complete_upload, ("files:write",)),
    Method("files.delete", delete, ("files:write",)),
    Method("files.info", info, ("files:read",)),
)
