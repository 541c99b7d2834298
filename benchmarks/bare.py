"""The reference: a bot of slack_bolt alone, with one listener that acks what Baton acks for the verb that does nothing.

`python -m benchmarks.bare http|socket|idle` serves it until its standard input ends; over HTTP it first prints its port.
"""

import os
import sys
from collections.abc import Callable
from typing import Any

from slack_bolt import Ack, App
from slack_bolt.authorization import AuthorizeResult
from slack_sdk import WebClient

TEXT = "Done."
# While Baton is measured, connections to this one wait: uvicorn's 5 s are over sometimes.
IDLE_SECONDS = 75
BLOCKS: list[dict[str, Any]] = [{"type": "section", "text": {"type": "mrkdwn", "text": TEXT, "verbatim": True}}]


def bare_app(
    signing_secret: str | None = None, api_url: str = WebClient.BASE_URL, work: Callable[[], object] = lambda: None
) -> App:
    """Build the app; with a secret it checks signatures itself, and `work` is what it does before its ack."""
    app = App(
        client=WebClient(base_url=api_url),
        signing_secret=signing_secret,
        authorize=lambda: AuthorizeResult(enterprise_id=None, team_id="T0PLAY", bot_token=None, bot_user_id="U0BOT"),
        process_before_response=True,
        request_verification_enabled=signing_secret is not None,
    )

    def lead(ack: Ack) -> None:
        work()
        ack(text=TEXT, blocks=BLOCKS, response_type="ephemeral")

    app.command("/lead")(lead)
    return app


def _serve_http() -> None:
    # Local, because the idle memory of the Socket Mode bot is measured too, and that one needs no web server.
    import asyncio  # noqa: PLC0415

    import uvicorn  # noqa: PLC0415
    from slack_bolt.adapter.starlette.handler import to_bolt_request, to_starlette_response  # noqa: PLC0415
    from starlette.applications import Starlette  # noqa: PLC0415
    from starlette.concurrency import run_in_threadpool  # noqa: PLC0415
    from starlette.requests import Request  # noqa: PLC0415
    from starlette.responses import Response  # noqa: PLC0415
    from starlette.routing import Route  # noqa: PLC0415

    bolt = bare_app(os.environ["SLACK_SIGNING_SECRET"])

    async def events(request: Request) -> Response:
        asked = to_bolt_request(request, await request.body())
        return to_starlette_response(await run_in_threadpool(bolt.dispatch, asked))

    web = Starlette(routes=[Route("/slack/events", events, methods=["POST"])])
    config = uvicorn.Config(
        web,
        port=0,
        loop="asyncio",
        lifespan="off",
        access_log=False,
        log_level="error",
        timeout_keep_alive=IDLE_SECONDS,
    )
    server = uvicorn.Server(config)

    async def serve() -> None:
        serving = asyncio.create_task(server.serve())
        while not server.started:
            await asyncio.sleep(0.01)
        sys.stdout.write(f"{server.servers[0].sockets[0].getsockname()[1]}\n")
        sys.stdout.flush()
        await asyncio.to_thread(sys.stdin.read)
        server.should_exit = True
        await serving

    asyncio.run(serve())


def _serve_socket() -> None:
    from slack_bolt.adapter.socket_mode import SocketModeHandler  # noqa: PLC0415  HTTP needs it not.

    app = bare_app(api_url=os.environ["SLACK_API_URL"])
    handler = SocketModeHandler(app, os.environ["SLACK_APP_TOKEN"])
    handler.connect()  # type: ignore[no-untyped-call]
    sys.stdin.read()
    handler.close()  # type: ignore[no-untyped-call]


def _serve_socket_with_libraries() -> None:
    """Wait as any bot of this kind does: with a database library and a scheduler loaded, and using neither."""
    import apscheduler.schedulers.background  # noqa: F401, PLC0415
    import sqlmodel  # noqa: F401, PLC0415

    _serve_socket()


if __name__ == "__main__":
    # Bolt would take the token from there and warn that it has a client already.
    del os.environ["SLACK_BOT_TOKEN"]
    {"http": _serve_http, "socket": _serve_socket, "idle": _serve_socket_with_libraries}[sys.argv[1]]()
