"""views.*, blocks.validate, functions.*: what the app shows and completes."""

from playground.entities import Json
from playground.errors import SlackError
from playground.functions import check_values
from playground.limits import message_problems
from playground.methods.method import Args, Method, checked_view
from playground.workspace import Workspace


def open_view(ws: Workspace, args: Args) -> Json:
    """Show a modal to the person whose trigger it is."""
    trigger_id, view = _trigger(args), checked_view(args)
    trigger = ws.tickets.exchange(trigger_id)
    return {"view": ws.views.to_json(ws.views.open(trigger.user, view, trigger.channel))}


def push_view(ws: Workspace, args: Args) -> Json:
    """Show a modal on top of the person's others."""
    trigger_id, view = _trigger(args), checked_view(args)
    trigger = ws.tickets.exchange(trigger_id)
    return {"view": ws.views.to_json(ws.views.push(trigger.user, view))}


def _trigger(args: Args) -> str:
    return args.text("trigger_id") or args.require("interactivity_pointer")


def update_view(ws: Workspace, args: Args) -> Json:
    """Replace what a modal or a Home tab shows."""
    view_id = args.text("view_id") or args.require("external_id")
    current = ws.views.get(view_id)
    view = checked_view(args, current.type)
    return {"view": ws.views.to_json(ws.views.update(current.id, view, args.text("hash")))}


def publish_view(ws: Workspace, args: Args) -> Json:
    """Replace a person's Home tab."""
    user = ws.user(args.require("user_id"))
    view = checked_view(args, "home")
    return {"view": ws.views.to_json(ws.views.publish(user.id, view, args.text("hash")))}


def validate_blocks(_ws: Workspace, args: Args) -> Json:
    """Check blocks without sending them. The playground's own; Slack has no such method."""
    problems = message_problems(args.parsed("blocks", "invalid_blocks_format"))
    if problems:
        raise SlackError("invalid_blocks", messages=problems)
    return {}


def complete_success(ws: Workspace, args: Args) -> Json:
    """Finish a workflow step with its outputs."""
    outputs = args.parsed("outputs", "invalid_arguments")
    return _complete(ws, args, {"status": "success", "outputs": outputs or {}})


def complete_error(ws: Workspace, args: Args) -> Json:
    """Finish a workflow step with an error in words."""
    return _complete(ws, args, {"status": "error", "error": args.require("error")})


def _complete(ws: Workspace, args: Args, outcome: Json) -> Json:
    execution_id = args.require("function_execution_id")
    with ws.lock:
        execution = ws.functions.get(execution_id)
        if execution is None:
            raise SlackError("invalid_function_execution_id")
        if execution["status"] != "running":
            raise SlackError("function_execution_already_completed")
        known = (ws.installation.functions or {}).get(execution["callback_id"])
        if known and "outputs" in outcome:
            check_values(known.outputs, outcome["outputs"])
        ws.functions[execution_id] = execution | outcome
    return {}


METHODS = (
    Method("views.open", open_view),
    Method("views.push", push_view),
    Method("views.update", update_view),
    Method("views.publish", publish_view),
    Method("blocks.validate", validate_blocks),
    Method("functions.completeSuccess", complete_success),
    Method("functions.completeError", complete_error),
)
