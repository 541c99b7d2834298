"""What people say to Baton itself: a file is imported as `/lead import` would, words get a hint where to type them."""

from collections.abc import Mapping
from typing import Any

from handlers.events import Event
from handlers.fields import FILE_ID
from models.member import Standing
from services import direct_messages
from services.records import receive_once

FILES_MAX = 10
"""Files of one message that are looked at; Slack's own composer takes no more."""
_SILENT = frozenset({Standing.BOT, Standing.STRANGER, Standing.DEACTIVATED})
"""Who is not answered: a bot would answer back."""


def message_posted(event: Event) -> None:
    """A direct message of a person's; what is changed or deleted, and what Baton says itself, is nobody's request."""
    body, slack_id = event.body, str(event.body.get("user") or "")
    is_said = body.get("subtype") in {None, "", "file_share"} and not body.get("bot_id")
    if body.get("channel_type") != "im" or not is_said or slack_id in {"", event.desk.bot_slack_id}:
        return
    actor = event.people.find(slack_id, event.now)
    if actor.standing in _SILENT:
        return
    with event.desk.database.write() as session:
        if event.key:
            receive_once(session, event.desk.workspace_id, event.key, event.now)
        direct_messages.take_message(session, actor, _files_in(body), event.now)


def _files_in(body: Mapping[str, Any]) -> list[str]:
    files = body.get("files")
    listed = files[:FILES_MAX] if isinstance(files, list) else []
    found = (str(file.get("id") or "") for file in listed if isinstance(file, dict))
    return [file for file in found if FILE_ID.fullmatch(file)]
