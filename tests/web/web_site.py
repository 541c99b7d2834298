"""A whole web room to talk to: a real server on a free port of 127.0.0.1 over a database of its own."""

import hashlib
import hmac
import json
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import httpx
from slack_bolt import App
from slack_bolt.authorization import AuthorizeResult
from sqlalchemy import select
from sqlmodel import SQLModel, col
from standardwebhooks import Webhook
from starlette.types import ASGIApp

from models.database import Database, make_engine
from models.lead import Lead
from services.metrics import Metrics
from services.workspaces import Installation, install_workspace, set_channels
from settings import Settings
from web.app import make_web
from web.server import WebServer
from web.vitals import Vitals

NOW = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
"""10:00 in Tokyo, a Tuesday."""
SIGNING_SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
HOOK_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
OLD_HOOK_SECRET = "whsec_b2xkIHNlY3JldCBvZiAyNCBieXRlcyEh"


class Ears:
    """What the Bolt app heard, and how it answers: `delay` seconds later, once it `may_answer`."""

    def __init__(self) -> None:
        self.bodies: list[dict[str, Any]] = []
        self.delay = 0.0
        self.may_answer = threading.Event()
        self.may_answer.set()

    def hear(self, body: dict[str, Any], ack: Any) -> None:
        time.sleep(self.delay)
        self.bodies.append(body)
        self.may_answer.wait(60)
        ack(text="heard", response_type="ephemeral")


def make_bolt(ears: Ears) -> App:
    """A Bolt app as bot.py builds it, with one listener for every kind of request."""
    bolt = App(
        authorize=lambda: AuthorizeResult(
            enterprise_id=None, team_id="T1", bot_token="xoxb-1", bot_id="B1", bot_user_id="U0"
        ),
        request_verification_enabled=False,
        process_before_response=True,
    )
    bolt.command(re.compile(".*"))(ears.hear)
    bolt.event({"type": "app_mention"})(ears.hear)
    bolt.action(re.compile(".*"))(ears.hear)
    return bolt


def read_settings_of(**values: Any) -> Settings:
    """Settings of these values alone, whatever the environment holds."""
    given = {
        "SLACK_BOT_TOKEN": "xoxb-1",
        "SLACK_APP_TOKEN": None,
        "SLACK_SIGNING_SECRET": SIGNING_SECRET,
        "HOOK_SECRET": f"{HOOK_SECRET},{OLD_HOOK_SECRET}",
        "METRICS_PUBLIC": False,
        "DEFAULT_LOCALE": "ja",
    }
    return Settings(**{**given, **values})


@dataclass
class Site:
    """The running server with everything that it was made of."""

    database: Database
    workspace_id: int
    settings: Settings = field(default_factory=read_settings_of)
    vitals: Vitals = field(default_factory=Vitals)
    metrics: Metrics = field(default_factory=Metrics)
    ears: Ears = field(default_factory=Ears)
    now: datetime = NOW
    sent: int = 0

    def start(self) -> None:
        self.database.on_busy = self.metrics.database_busy
        self.serve(make_web(make_bolt(self.ears), self.settings, self.database, self.workspace_id, self.vitals,
                            lambda: self.now, self.metrics))  # fmt: skip

    def serve(self, app: ASGIApp) -> None:
        self.server = WebServer(app, "127.0.0.1", 0)
        self.server.start()
        self.http = httpx.Client(base_url=f"http://127.0.0.1:{self.server.port}", timeout=10, trust_env=False)

    def stop(self) -> None:
        self.http.close()
        self.server.stop(2)

    def command(self, text: str, **headers: str) -> httpx.Response:
        """Type `/lead TEXT`, signed unless the headers say otherwise."""
        return self.slack(urlencode({"command": "/lead", "text": text, "team_id": "T1", "user_id": "U1"}), **headers)

    def slack(self, body: str | bytes, **headers: str) -> httpx.Response:
        """Post a body as Slack does; `timestamp` and `signature` replace the right ones."""
        raw = body.encode() if isinstance(body, str) else body
        timestamp = headers.get("timestamp", str(int(time.time())))
        sent = {
            "content-type": "application/json"
            if raw.lstrip().startswith(b"{")
            else "application/x-www-form-urlencoded",
            "x-slack-request-timestamp": timestamp,
            "x-slack-signature": headers.get("signature", slack_signature(raw, timestamp)),
        }
        return self.http.post("/slack/events", content=raw, headers={k.encode(): v.encode() for k, v in sent.items()})

    def hook(self, path: str, data: Any, secret: str = HOOK_SECRET, message_id: str = "", age: float = 0) -> Any:
        """Post to /hooks/PATH, signed with `secret`, `age` seconds ago. Bytes are sent as they are."""
        self.sent += 1
        message_id = message_id or f"msg_{self.sent}"
        body = data if isinstance(data, bytes) else json.dumps(data).encode()
        at = datetime.now(UTC) - timedelta(seconds=age)
        headers = {
            "webhook-id": message_id,
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": Webhook(secret).sign(message_id, at, body.decode(errors="replace")),
        }
        return self.http.post(f"/hooks/{path}", content=body, headers=headers)

    def leads(self) -> list[Lead]:
        with self.database.read() as session:
            return list(session.scalars(select(Lead).order_by(col(Lead.number))))

    def rows(self, table: type[SQLModel]) -> list[Any]:
        with self.database.read() as session:
            return list(session.scalars(select(table)))


@contextmanager
def open_site(url: str, **settings: Any) -> Iterator[Site]:
    """Set up a workspace in a migrated database, and serve it with these settings."""
    database = Database(make_engine(url))
    with database.write() as session:
        workspace = install_workspace(session, Installation("T1", "Acme", "U0"), "ja", "Asia/Tokyo", NOW)
        set_channels(session, workspace, "C1SALES", "C2MARKETING", NOW)
    site = Site(database, workspace.id, read_settings_of(**settings))
    site.start()
    try:
        yield site
    finally:
        site.stop()
        database.engine.dispose()


def slack_signature(body: bytes, timestamp: str, secret: str = SIGNING_SECRET) -> str:
    """Sign as Slack's documentation says."""
    base = b"v0:" + timestamp.encode() + b":" + body
    return "v0=" + hmac.new(secret.encode(), base, hashlib.sha256).hexdigest()
