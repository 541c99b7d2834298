"""The web room as one ASGI application: what answers where, and what happens to what nobody expected."""

import logging
import secrets
import traceback
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

from slack_bolt import App
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from models.database import Database
from services.metrics import Metrics
from settings import Settings
from views.words import Reader
from web.health import Health
from web.hook_description import describe
from web.hooks import Hooks, read_secrets
from web.limits import is_local
from web.metrics import Measured, MetricsPage
from web.slack_requests import SlackRequests
from web.vitals import Vitals

Endpoint = Callable[[Request], Awaitable[Response]]

log = logging.getLogger(__name__)


def make_web(
    bolt: App | None,
    settings: Settings,
    database: Database,
    workspace_id: int,
    vitals: Vitals,
    clock: Callable[[], datetime],
    metrics: Metrics,
) -> Starlette:
    """Build the application. In Socket Mode, or without `bolt`, Slack's endpoint is not there.

    Raises:
        SettingsError: HOOK_SECRET holds something that is no secret.
    """
    health = Health(vitals, database.engine, needs_socket=settings.is_socket_mode)
    page = MetricsPage(metrics, Measured(database, workspace_id, vitals, clock))
    may_ask = _anybody if settings.METRICS_PUBLIC else _locals_only
    routes = [
        Route("/healthz", may_ask(health.live)),
        Route("/readyz", may_ask(health.ready)),
        Route("/metrics", may_ask(page)),
    ]
    if bolt is not None and settings.SLACK_SIGNING_SECRET and not settings.is_socket_mode:
        reader = Reader(settings.DEFAULT_LOCALE, settings.DEFAULT_TIMEZONE, settings.COMMAND)
        slack = SlackRequests(bolt, settings.SLACK_SIGNING_SECRET, reader)
        routes.append(Route("/slack/events", _endpoint(slack), methods=["POST"]))
    if settings.HOOK_SECRET:
        hooks = Hooks(read_secrets(settings.HOOK_SECRET), database, workspace_id, clock, metrics)
        routes.append(Route("/hooks/leads", hooks.leads, methods=["POST"]))
        routes.append(Route("/hooks/touchpoints", hooks.touchpoints, methods=["POST"]))
        routes.append(Route("/hooks/openapi.json", _describe_hooks))
    app = Starlette(
        routes=routes,
        middleware=[Middleware(Apologies)],
        exception_handlers={HTTPException: _refuse},
    )
    app.router.redirect_slashes = False
    return app


def _endpoint(answer: Endpoint) -> Endpoint:
    """Make a plain function of an object: Starlette takes any other callable for a whole ASGI application."""

    async def call(request: Request) -> Response:
        return await answer(request)

    return call


async def _describe_hooks(_request: Request) -> Response:
    return JSONResponse(describe())


_anybody = _endpoint


def _locals_only(answer: Endpoint) -> Endpoint:
    async def call(request: Request) -> Response:
        if not is_local(request):
            raise HTTPException(404)
        return await answer(request)

    return call


async def _refuse(_request: Request, error: Any) -> Response:
    return JSONResponse({"error": error.detail}, error.status_code, error.headers)


class Apologies:
    """Answers what nobody expected with a reference that stands in the log.

    The log gets where it happened and the class of error, never its text: a database's errors quote what was to be
    saved.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        has_begun = False

        async def note_beginning(message: Message) -> None:
            nonlocal has_begun
            has_begun = True
            await send(message)

        try:
            await self._app(scope, receive, note_beginning)
        except Exception as error:
            reference = secrets.token_hex(4)
            where = "".join(traceback.format_tb(error.__traceback__))
            log.error("reference %s: %s in %s\n%s", reference, type(error).__name__, scope.get("path"), where)  # noqa: TRY400  Its text stays out.
            if not has_begun:
                response = JSONResponse({"error": "unexpected", "reference": reference}, 500)
                await response(scope, receive, send)
