"""What the page's server answers over HTTP: the built page, and files that go up and down."""

import re
from collections.abc import Callable
from urllib.parse import quote

from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from playground.errors import SlackError
from playground.page.options import PageOptions
from playground.page.shown import file_json
from playground.page.words import NOT_BUILT, sentence
from playground.people import Person
from playground.workspace import Workspace

LARGEST_FILE = 20 * 1024 * 1024
# A browser sees the refusal only once its bytes are taken; nobody waits for more than these.
MOST_TAKEN = 10 * LARGEST_FILE
LOCAL_HOST = re.compile(r"(127\.0\.0\.1|localhost|\[::1\])(:[0-9]{1,5})?")
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self' ws://{host}; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
)

# Finds a person who may sit before the page.
Find = Callable[[str], Person | None]


class Guarded:
    """Says with every answer what the page may do: load its own files and talk to its own server, no more."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        host = dict(scope["headers"]).get(b"host", b"").decode("latin-1")
        policy = POLICY.format(host=host if LOCAL_HOST.fullmatch(host) else "127.0.0.1")

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["Content-Security-Policy"] = policy
                headers["X-Content-Type-Options"] = "nosniff"
                headers["Referrer-Policy"] = "no-referrer"
                headers["Cache-Control"] = "no-cache"
            await send(message)

        await self._app(scope, receive, send_guarded)


class PageWeb:
    """The endpoints of one page."""

    def __init__(self, workspace: Workspace, options: PageOptions, find: Find) -> None:
        self._ws = workspace
        self._options = options
        self._find = find
        self._built = StaticFiles(directory=options.dist, check_dir=False)

    def routes(self) -> list[BaseRoute]:
        guarded = [Middleware(Guarded)]
        return [
            Route("/", self.index, middleware=guarded),
            # A permalink of Slack's shows the message on the page.
            Route("/archives/{place:path}", self.index, middleware=guarded),
            Route("/page/files", self.upload, methods=["POST"], middleware=guarded),
            Route("/page/files/{file_id}", self.download, middleware=guarded),
            Route("/page/{path:path}", self.built, middleware=guarded),
        ]

    async def index(self, _request: Request) -> Response:
        page = self._options.dist / "index.html"
        return FileResponse(page) if page.is_file() else PlainTextResponse(NOT_BUILT, 503)

    async def built(self, request: Request) -> Response:
        return await self._built.get_response(request.path_params["path"], request.scope)

    async def upload(self, request: Request) -> Response:
        """Take a file; a refusal is a sentence."""
        person, name = self._find(request.query_params.get("as", "")), request.query_params.get("name", "")
        if person is None:
            return PlainTextResponse(sentence("user_not_found", ""), 404)
        if not name:
            return PlainTextResponse(sentence("bad_request", person.user.locale, "name"), 400)
        content = await _body(request)
        if content is None:
            return PlainTextResponse(sentence("file_too_large", person.user.locale), 413)
        return JSONResponse(file_json(self._ws, person.upload(name, content).id))

    async def download(self, request: Request) -> Response:
        try:
            file = self._ws.files.get(request.path_params["file_id"])
        except SlackError:
            return PlainTextResponse(sentence("file_not_found", ""), 404)
        if file.deleted:
            return PlainTextResponse(sentence("file_not_found", ""), 404)
        return Response(file.content, media_type=file.mimetype, headers={"Content-Disposition": _attachment(file.name)})


async def _body(request: Request) -> bytes | None:
    """Read what is uploaded, or nothing where it is too much."""
    kept, size = bytearray(), 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > MOST_TAKEN:
            break
        if size > LARGEST_FILE:
            kept.clear()
        else:
            kept += chunk
    return None if size > LARGEST_FILE else bytes(kept)


def _attachment(name: str) -> str:
    """Name a file for saving: in plain letters for old clients, in full by RFC 5987."""
    plain = re.sub(r"[^A-Za-z0-9._-]", "_", name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
