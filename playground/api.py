"""The Web API: every method in one table, and what stands between the wire and a method."""

from dataclasses import dataclass, field

from playground.entities import Json, Message
from playground.errors import SlackError
from playground.methods import chat, conversations, files, people, reactions, surfaces
from playground.methods.method import Args, Method, checked_blocks, checked_text
from playground.tickets import ResponseUrl
from playground.workspace import Workspace


@dataclass(frozen=True)
class Answer:
    """What goes back over the wire."""

    body: Json
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


def connections_open(ws: Workspace, _args: Args) -> Json:
    """Give an address for one Socket Mode connection."""
    address = ws.url.replace("http://", "ws://", 1)
    return {"url": f"{address}/link?ticket={ws.tickets.link()}&app_id={ws.installation.app_id}"}


METHODS: dict[str, Method] = {
    method.name: method
    for method in (
        Method("apps.connections.open", connections_open, ("connections:write",), token="app"),  # noqa: S106 - a kind of token
        *people.METHODS,
        *conversations.METHODS,
        *chat.METHODS,
        *reactions.METHODS,
        *surfaces.METHODS,
        *files.METHODS,
    )
}


def answer(ws: Workspace, name: str, args: Args, token: str) -> Answer:
    """Answer one Web API call."""
    try:
        method = _method(name)
        _check_token(ws, method, token)
        body = {"ok": True, **method.run(ws, args)}
    except SlackError as refusal:
        return _refused(ws, name, refusal)
    return Answer(body, headers=_scope_headers(ws, name))


def _method(name: str) -> Method:
    if name not in METHODS:
        raise SlackError("unknown_method", req_method=name)
    return METHODS[name]


def _refused(ws: Workspace, name: str, refusal: SlackError) -> Answer:
    body, headers = refusal.to_json(), _scope_headers(ws, name)
    if refusal.code != "ratelimited":
        return Answer(body, headers=headers)
    return Answer(body, 429, headers | {"retry-after": str(body.pop("retry_after"))})


def _scope_headers(ws: Workspace, name: str) -> dict[str, str]:
    method = METHODS.get(name)
    granted = ws.installation.app_scopes if method and method.token == "app" else ws.installation.scopes  # noqa: S105
    needed = ",".join(method.scopes) if method else ""
    return {"x-oauth-scopes": ",".join(sorted(granted)), "x-accepted-oauth-scopes": needed}


def _check_token(ws: Workspace, method: Method, token: str) -> None:
    here = ws.installation
    if method.token == "none":  # noqa: S105 - a kind of token
        return
    if not token:
        raise SlackError("not_authed")
    if token not in (here.bot_token, here.app_token):
        raise SlackError("invalid_auth")
    if not here.is_active:
        raise SlackError("account_inactive")
    # auth.test is the one method that takes either kind.
    if (token == here.app_token) != (method.token == "app") and method.name != "auth.test":  # noqa: S105
        raise SlackError("not_allowed_token_type")
    granted = here.app_scopes if method.token == "app" else here.scopes  # noqa: S105
    if method.scopes and not granted.intersection(method.scopes):
        raise SlackError("missing_scope", needed=method.scopes[0], provided=",".join(sorted(granted)))


def answer_response_url(ws: Workspace, token: str, args: Args) -> Answer:
    """Take an answer to an interaction: a new message, or one in the original's place."""
    try:
        url = ws.tickets.use(token)
        show_response(ws, url, args)
    except SlackError as refusal:
        gone = refusal.code in {"expired_url", "used_url"}
        return Answer(refusal.to_json(), 404 if gone else 400)
    return Answer({"ok": True})


def show_response(ws: Workspace, url: ResponseUrl, args: Args) -> None:
    """Show what the app answered, where and to whom it wants.

    Raises:
        SlackError: invalid_blocks, no_text, message_not_found, channel_not_found.
    """
    original = _original(ws, url) if args.flag("replace_original") or args.flag("delete_original") else None
    if args.flag("delete_original") and original:
        ws.messages.delete(original)
        return
    content = response_content(args)
    if original:
        ws.messages.update(original, **content)
        return
    only_for = "" if args.text("response_type") == "in_channel" else url.user
    thread_ts = args.text("thread_ts") or url.thread_ts
    message = ws.messages.post(ws.channel(url.channel), ws.bot.id, only_for=only_for, thread_ts=thread_ts, **content)
    ws.tickets.answered(url.token, message.ts)


def response_content(args: Args) -> Json:
    """Check the text and blocks of an answer. The limit on their sum holds for chat.* alone.

    Raises:
        SlackError: invalid_blocks, no_text, msg_too_long.
    """
    blocks = checked_blocks(args, measured=False)
    text = checked_text(args)
    if not text and not blocks:
        raise SlackError("no_text")
    return {"text": text, "blocks": blocks or []}


def _original(ws: Workspace, url: ResponseUrl) -> Message | None:
    message = ws.messages.get(url.channel, url.original_ts) if url.original_ts else None
    # What a person wrote is not the app's to replace.
    return message if message and message.user == ws.installation.bot_user else None
