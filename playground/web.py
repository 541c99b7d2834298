"""What the playground serves: the Web API, response URLs, files, and the Socket Mode link."""

import asyncio
import json
import time
from collections.abc import Callable, Sequence
from email.parser import BytesParser
from email.policy import HTTP
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocket

from playground.api import Answer, answer, answer_response_url
from playground.calls import Call
from playground.entities import Json
from playground.errors import SlackError
from playground.faults import Fault
from playground.links import Links
from playground.methods.method import Args
from playground.workspace import Workspace

LOCAL_HOSTS = frozenset({"127.0.0.1", "localhost", "[::1]"})
# Cuts the connection of one client, (host, port).
Cut = Callable[[tuple[str, int]], None]
Work = Callable[[], Answer]


class LocalOnly:
    """Refuses requests that a web page elsewhere could have caused: foreign Host, foreign Origin."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope.get("headers", [])}
        if scope["type"] == "lifespan" or _is_local(headers):
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1008})
        else:
            await PlainTextResponse("only from this machine", 403)(scope, receive, send)


def _is_local(headers: dict[str, str]) -> bool:
    host, origin = headers.get("host", ""), headers.get("origin")
    # Slack's Socket Mode client sends its Host without the port.
    if host.rsplit(":", 1)[0] not in LOCAL_HOSTS and host not in LOCAL_HOSTS:
        return False
    return origin is None or urlsplit(origin).netloc == host


class Web:
    """The endpoints, over one workspace."""

    def __init__(self, workspace: Workspace, cut: Cut) -> None:
        self._ws = workspace
        self._cut = cut

    async def api(self, request: Request) -> Response:
        name = request.path_params["method"]
        args = Args(await _arguments(request))
        token = _token(request, args)
        return await self._answered(request, name, args, lambda: answer(self._ws, name, args, token))

    async def response_url(self, request: Request) -> Response:
        args, token = Args(await _arguments(request)), request.path_params["token"]
        return await self._answered(request, "response_url", args, lambda: answer_response_url(self._ws, token, args))

    async def upload(self, request: Request) -> Response:
        content = _uploaded(request.headers.get("content-type", ""), await request.body())
        file_id = request.path_params["file_id"]

        def work() -> Answer:
            try:
                self._ws.files.fill(file_id, content)
            except SlackError as refusal:
                return Answer(refusal.to_json(), 404)
            return Answer({"ok": True, "text": f"OK - {len(content)}"})

        return await self._answered(request, "upload", Args({"file": file_id}), work)

    async def download(self, request: Request) -> Response:
        if _token(request, Args({})) != self._ws.installation.bot_token:
            # Slack shows its sign-in page, with 200, to whoever has no right to a file.
            return Response("<!DOCTYPE html><title>Sign in</title>", media_type="text/html")
        try:
            file = self._ws.files.get(request.path_params["file_id"].rpartition("-")[2])
        except SlackError:
            return PlainTextResponse("not found", 404)
        if file.deleted:
            return PlainTextResponse("not found", 404)
        return Response(file.content, media_type=file.mimetype)

    async def _answered(self, request: Request, name: str, args: Args, work: Work) -> Response:
        started = time.monotonic()
        fault = self._ws.faults.for_call(name)
        if fault and fault.hang_seconds and not fault.after_work:
            await asyncio.sleep(fault.hang_seconds)
        response = self._spoiled(request, fault) if fault and not fault.after_work else None
        if response is None:
            done = work()
            self._log(name, args, done.body, done.status, started)
            response = JSONResponse(done.body, done.status, done.headers)
        else:
            self._log(name, args, {}, response.status_code, started)
        if fault and fault.after_work:
            await asyncio.sleep(fault.hang_seconds)
            response = self._spoiled(request, fault) or response
        return response

    def _spoiled(self, request: Request, fault: Fault) -> Response | None:
        if fault.drop and request.client:
            self._cut((request.client.host, request.client.port))
            return Response(status_code=502)
        if fault.error:
            headers = {"retry-after": str(fault.retry_after)} if fault.retry_after else None
            return JSONResponse({"ok": False, "error": fault.error}, fault.status or 200, headers)
        if fault.body is not None:
            return Response(fault.body, fault.status or 200, media_type="text/html")
        return None

    def _log(self, name: str, args: Args, body: Json, status: int, started: float) -> None:
        self._ws.calls.add(Call("in", name, args.values, body, status, time.monotonic() - started))


def _uploaded(content_type: str, body: bytes) -> bytes:
    """Return the file in an upload: the body, or the first part of a form as Slack's client for Node sends it."""
    if not content_type.startswith("multipart/form-data"):
        return body
    form = BytesParser(policy=HTTP).parsebytes(f"Content-Type: {content_type}\r\n\r\n".encode() + body)
    part = next(iter(form.iter_parts()), None)
    content = part.get_payload(decode=True) if part else b""
    return content if isinstance(content, bytes) else b""


async def _arguments(request: Request) -> dict[str, Any]:
    values: dict[str, Any] = dict(request.query_params)
    kind = request.headers.get("content-type", "")
    body = (await request.body()).decode("utf-8", "replace")
    # A response_url takes JSON whatever the content type says.
    if kind.startswith("application/json") or body.startswith("{"):
        try:
            parsed = json.loads(body or "{}")
        except ValueError:
            return values
        return values | parsed if isinstance(parsed, dict) else values
    return values | dict(parse_qsl(body, keep_blank_values=True))


def _token(request: Request, args: Args) -> str:
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if kind.lower() == "bearer" else args.text("token")


def application(workspace: Workspace, links: Links, cut: Cut, more: Sequence[BaseRoute] = ()) -> ASGIApp:
    """Build the ASGI application of one workspace."""
    web = Web(workspace, cut)

    async def link(websocket: WebSocket) -> None:
        await links.serve(websocket)

    routes = [
        *more,
        Route("/api/{method}", web.api, methods=["GET", "POST"]),
        *(Route(f"/{kind}/{{team}}/{{token}}", web.response_url, methods=["POST"]) for kind in ("actions", "commands")),
        Route("/upload/{file_id}", web.upload, methods=["POST", "PUT"]),
        Route("/files-pri/{file_id}/{name}", web.download, methods=["GET"]),
        WebSocketRoute("/link", link),
    ]
    return LocalOnly(Starlette(routes=routes))
