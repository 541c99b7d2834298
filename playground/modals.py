"""Sending and closing forms: what goes to the app, and what its answer does to the person's screen."""

from collections.abc import Mapping
from typing import Any

from playground import payloads
from playground.controls import as_value, controls, held, holding, state_values
from playground.delivery import Dispatcher, Reply
from playground.entities import Json, User, View
from playground.errors import PeopleError, SlackError
from playground.forms import client_errors
from playground.methods.method import check_view
from playground.results import SubmitResult
from playground.workspace import Workspace

TROUBLE = "We had some trouble connecting. Try again?"


def submit(
    ws: Workspace, dispatcher: Dispatcher, user: User, view: View, values: Mapping[str, Any], *, force: bool
) -> SubmitResult:
    """Fill a form and send it."""
    view = _filled(ws, view, values, force=force)
    if not view.body.get("submit") and not force:
        raise PeopleError(f"{view.callback_id!r} has no submit button", "no_such_control")
    errors = {} if force else client_errors(view, view.typed)
    if errors:
        return SubmitResult("errors", view, errors, sent=False)
    reply = dispatcher.request("interactive", payloads.view_submission(ws, user, view, _response_urls(ws, user, view)))
    if not reply.ok:
        return SubmitResult("failed", view, error=TROUBLE, reply=reply)
    try:
        return _answered(ws, user, view, reply)
    except SlackError as refusal:
        words = "; ".join([refusal.code, *refusal.messages])
        return SubmitResult("failed", view, error=words, reply=reply)


def _filled(ws: Workspace, view: View, values: Mapping[str, Any], *, force: bool) -> View:
    for name, raw in values.items():
        block, element = _named(view, name)
        entry = holding(element, as_value(element, _files(ws, element, raw), force=force))
        view = ws.views.fill(view.id, block["block_id"], element["action_id"], entry)
    return view


def _named(view: View, name: str) -> tuple[Json, Json]:
    everything = list(controls(view.blocks))
    for key in ("block_id", "action_id"):
        for block, element in everything:
            if name == (block if key == "block_id" else element)[key]:
                return block, element
    raise PeopleError(
        f"no field {name!r} here, only {[block['block_id'] for block, _ in everything]}", "no_such_control"
    )


def _files(ws: Workspace, element: Json, raw: Any) -> Any:
    return [ws.files.to_json(one) for one in raw] if element["type"] == "file_input" and raw else raw


def _response_urls(ws: Workspace, user: User, view: View) -> list[Json]:
    values = state_values(view.blocks, view.typed)
    asking = [(b, e) for b, e in controls(view.blocks) if e.get("response_url_enabled")]
    chosen = [(b, e, held(values[b["block_id"]][e["action_id"]])) for b, e in asking]
    return payloads.response_urls(ws, user, chosen)


def _answered(ws: Workspace, user: User, view: View, reply: Reply) -> SubmitResult:
    what = reply.payload.get("response_action")
    if what == "errors":
        return _with_errors(view, reply)
    if what == "update":
        shown = ws.views.update(view.id, check_view(reply.payload.get("view")))
        return SubmitResult("updated", shown, reply=reply)
    if what == "push":
        return SubmitResult("pushed", ws.views.push(user.id, check_view(reply.payload.get("view"))), reply=reply)
    if what == "clear":
        ws.views.clear(user.id)
        return SubmitResult("cleared", reply=reply)
    if reply.payload:
        raise SlackError("invalid_response_action")
    ws.views.close(view)
    stack = ws.views.stack(user.id)
    return SubmitResult("closed", stack[-1] if stack else None, reply=reply)


def _with_errors(view: View, reply: Reply) -> SubmitResult:
    errors = reply.payload.get("errors")
    inputs = {block["block_id"] for block in view.blocks if block["type"] == "input"}
    if not isinstance(errors, dict) or not errors or not set(errors) <= inputs:
        raise SlackError("invalid_errors", messages=["errors must name input blocks of this view"])
    return SubmitResult("errors", view, {str(name): str(words) for name, words in errors.items()}, reply=reply)


def close(ws: Workspace, dispatcher: Dispatcher, user: User, view: View, *, everything: bool) -> None:
    """Close one modal, or all of them; the app hears of it where it asked to."""
    shown = ws.views.stack(user.id) if everything or view.body.get("clear_on_close") else [view]
    for one in reversed(shown):
        ws.views.close(one)
    for one in reversed(shown):
        if one.body.get("notify_on_close"):
            dispatcher.request("interactive", payloads.view_closed(ws, user, one, is_cleared=len(shown) > 1))
