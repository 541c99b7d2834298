"""What people do on the page: one function for each act of the protocol. Each waits until the app has answered."""

import logging
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from playground.controls import BUTTONS, find_control
from playground.entities import Channel, Json, Message, View
from playground.errors import PeopleError, SlackError
from playground.limits import TEXT_CHARACTERS
from playground.page.asked import TIMESTAMP, Asked
from playground.page.settings import Clock, Reads, set_mood
from playground.page.values import entries_of, step_input, value_of
from playground.page.words import PageError, sentence, words_of
from playground.people import Person
from playground.results import ActionResult, CommandResult
from playground.workspace import Workspace

log = logging.getLogger("playground.page")

LOCALE = re.compile(r"[a-z]{2}-[A-Z]{2}")
TABS = frozenset({"home", "messages"})
DONE: Json = {"ok": True}


@dataclass(frozen=True)
class Desk:
    """Somebody at the page, and what they act through. `watch` starts and ends the stream of calls to their tab."""

    ws: Workspace
    person: Person
    clock: Clock
    reads: Reads
    watch: Callable[[bool], None]

    @property
    def locale(self) -> str:
        return self.person.user.locale


def perform(desk: Desk, text: str) -> Json:
    """Do what a frame asks for.

    Returns:
        The frame that answers it, whatever it was.
    """
    asked = Asked({})
    try:
        asked = Asked.read(text)
        asked.check()
        result = _act(desk, asked)
    except (PageError, PeopleError, SlackError) as refusal:
        result = {"ok": False, "error": refusal.code, "say": words_of(refusal, desk.locale)}
    except Exception:
        reference = secrets.token_hex(4)
        log.exception("the page could not do what it was asked, %s", reference)
        result = {"ok": False, "error": "internal", "say": sentence("internal", desk.locale, reference)}
    return {"kind": "answer", "id": asked.id, "result": result}


def _act(desk: Desk, asked: Asked) -> Json:
    act = ACTS.get(asked.text("act"))
    if act is None:
        raise PageError("bad_request", "act")
    if desk.person.user.deleted:
        raise PageError("account_inactive")
    return act(desk, asked)


def _outcome(desk: Desk, result: ActionResult | CommandResult) -> Json:
    return DONE if result.ok else _failed(desk, result.error)


def _failed(desk: Desk, error: str) -> Json:
    """Tell of an error; after its code may stand what Slack has to say about it."""
    code, _, detail = error.partition("; ")
    return {"ok": False, "error": code, "say": sentence(code, desk.locale, f"{code}: {detail}" if detail else code)}


def _channel(desk: Desk, asked: Asked) -> Channel:
    channel = desk.ws.channel(asked.text("channel"))
    if desk.person.id not in channel.members:
        raise PeopleError(f"{desk.person.id} is not in {channel.name}", "not_in_channel")
    return channel


def _message(desk: Desk, asked: Asked) -> Message:
    message = desk.ws.messages.get(_channel(desk, asked).id, asked.text("ts"))
    if message.only_for not in ("", desk.person.id):
        raise SlackError("message_not_found")
    return message


def _public_message(desk: Desk, asked: Asked) -> Message:
    """Find a message that one can react to or use a shortcut on: Slack's client has neither on private answers."""
    message = _message(desk, asked)
    if message.is_ephemeral:
        raise SlackError("message_not_found")
    return message


def _view(desk: Desk, asked: Asked) -> View:
    view = desk.ws.views.get(asked.text("view"))
    if view.user != desk.person.id:
        raise SlackError("not_found")
    return view


def _where(desk: Desk, asked: Asked) -> Message | View:
    where = asked.part("where")
    return _view(desk, where) if "view" in where else _message(desk, where)


# talking


def command(desk: Desk, asked: Asked) -> Json:
    """Send a slash command."""
    line = asked.text("line")
    if not line.lstrip().startswith("/"):
        raise PeopleError(f"{line!r} is no command", "unknown_command")
    return _outcome(desk, desk.person.command(_channel(desk, asked).id, line))


def say(desk: Desk, asked: Asked) -> Json:
    """Send a message, a line that looks like a command too: that is for the page to tell apart."""
    text, files = asked.text("text"), asked.texts("files")
    if not text.strip() and not files:
        raise PageError("no_text")
    if len(text) > TEXT_CHARACTERS:
        raise SlackError("msg_too_long")
    thread_ts = asked.text("thread_ts", "")
    desk.person.say(_channel(desk, asked).id, text, thread_ts=thread_ts, file_ids=files)
    return DONE


def react(desk: Desk, asked: Asked) -> Json:
    """Add a reaction or take it back."""
    message, name = _public_message(desk, asked), asked.text("name")
    if asked.flag("on"):
        desk.person.react(message, name)
    else:
        desk.person.unreact(message, name)
    return DONE


# operating


def operate(desk: Desk, asked: Asked) -> Json:
    """Press, choose, pick, tick or type; what the other elements hold travels along."""
    where, action_id, block_id = _where(desk, asked), asked.text("action_id"), asked.text("block_id")
    _block, element = find_control(where.blocks, action_id, block_id)
    values = entries_of(desk.ws, where.blocks, asked.any("values"))
    is_button = element["type"] in BUTTONS
    value = _pressed(element, asked) if is_button else value_of(desk.ws, element, asked.any("value"))
    if isinstance(where, View):
        where, values = desk.ws.views.fill_all(where.id, values), {}
    touch = desk.person.click if is_button else desk.person.choose
    return _outcome(desk, touch(where, action_id, value, block_id=block_id, values=values))


def _pressed(element: Json, asked: Asked) -> Any:
    return asked.text("value") if element["type"] == "feedback_buttons" else None


def suggest(desk: Desk, asked: Asked) -> Json:
    """Ask the app for the options of a menu."""
    where, action_id, block_id = _where(desk, asked), asked.text("action_id"), asked.text("block_id")
    _block, element = find_control(where.blocks, action_id, block_id)
    if "external" not in element["type"]:
        raise PeopleError(f"{action_id!r} does not ask the app for its options", "no_such_control")
    result = desk.person.suggest(where, action_id, asked.text("typed"), block_id=block_id)
    if result.error:
        is_answered = result.reply is not None and result.reply.ok
        return _failed(desk, f"invalid_options; {result.error}" if is_answered else result.error)
    return DONE | ({"groups": result.groups} if result.groups else {"options": result.options})


def shortcut(desk: Desk, asked: Asked) -> Json:
    """Use a global shortcut."""
    return _outcome(desk, desk.person.shortcut(asked.text("callback_id")))


def message_shortcut(desk: Desk, asked: Asked) -> Json:
    """Use a shortcut on a message."""
    message = _public_message(desk, asked)
    return _outcome(desk, desk.person.message_shortcut(asked.text("callback_id"), message))


def run_step(desk: Desk, asked: Asked) -> Json:
    """Come to one of the app's steps, as a workflow does; the answer is what the step gave, or its error in words."""
    callback_id, typed = asked.text("callback_id"), asked.part("inputs")
    known = (desk.ws.installation.functions or {}).get(callback_id)
    names = known.inputs if known else ()
    given = {name: step_input(known.inputs[name].type, typed.text(name, "")) for name in names if known}
    ended = desk.person.run_step(callback_id, {name: value for name, value in given.items() if value is not None})
    if ended["status"] == "running":
        return _failed(desk, "timeout" if desk.ws.installation.is_active else "unreachable")
    if ended["status"] == "error":
        return {"ok": False, "error": "step_failed", "say": str(ended["error"])}
    return DONE | {"outputs": ended["outputs"]}


# forms


def submit(desk: Desk, asked: Asked) -> Json:
    """Fill a form and send it, if Slack's client would."""
    view = _view(desk, asked)
    view = desk.ws.views.fill_all(view.id, entries_of(desk.ws, view.blocks, asked.any("values")))
    result = desk.person.submit(view=view)
    told: Json = {"ok": result.ok, "outcome": result.outcome}
    if result.errors:
        told["errors"] = result.errors
    if result.outcome != "failed":
        return told
    is_answered = result.reply is not None and result.reply.ok
    error = result.error if is_answered or result.reply is None else result.reply.outcome
    return told | _failed(desk, error)


def close(desk: Desk, asked: Asked) -> Json:
    """Close a form, or all of them."""
    desk.person.close(view=_view(desk, asked), everything=asked.flag("everything"))
    return DONE


def open_home(desk: Desk, asked: Asked) -> Json:
    """Look at the app: its Home, or its direct messages."""
    desk.person.open_home(asked.one_of("tab", TABS))
    return DONE


# settings


def read(desk: Desk, asked: Asked) -> Json:
    """Note how far one has read in a channel."""
    desk.reads.mark(desk.person.id, _channel(desk, asked).id, asked.matching("ts", TIMESTAMP))
    return DONE


def speak(desk: Desk, asked: Asked) -> Json:
    """Switch the language of one's Slack."""
    desk.person.speak(asked.matching("locale", LOCALE))
    return DONE


def move_clock(desk: Desk, asked: Asked) -> Json:
    """Move business time on; the answer comes when it has arrived. A time without an offset is in one's own zone."""
    try:
        at = datetime.fromisoformat(asked.text("to"))
        at = (at if at.tzinfo else at.replace(tzinfo=ZoneInfo(desk.person.user.tz))).astimezone(UTC)
    except (ValueError, OverflowError):
        raise PageError("bad_request", "to") from None
    desk.clock.move_to(at)
    return DONE


def slack(desk: Desk, asked: Asked) -> Json:
    """Make Slack fine, slow, limited or down."""
    set_mood(desk.ws, asked.text("mood"))
    return DONE


def watch_calls(desk: Desk, asked: Asked) -> Json:
    """Let the tab see the calls between the app and Slack, or no longer."""
    desk.watch(asked.flag("on"))
    return DONE


ACTS: Mapping[str, Callable[[Desk, Asked], Json]] = {
    "command": command,
    "say": say,
    "operate": operate,
    "suggest": suggest,
    "submit": submit,
    "close": close,
    "shortcut": shortcut,
    "message_shortcut": message_shortcut,
    "run_step": run_step,
    "react": react,
    "open_home": open_home,
    "read": read,
    "locale": speak,
    "move_clock": move_clock,
    "slack": slack,
    "watch_calls": watch_calls,
}
