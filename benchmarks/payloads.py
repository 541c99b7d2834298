"""What Slack sends for a slash command, as the playground and Slack itself spell it."""

import itertools
import time

from playground.endpoint import encode, sign
from playground.entities import Json
from playground.seed import MARKETING, TANAKA

TEAM = "T0PLAY"
COMMAND = "/lead"
NOTHING = "nothing"

_serial = itertools.count(1)


def nothing() -> Json:
    """Ask for the verb that does nothing."""
    return _command(NOTHING)


def add() -> Json:
    """Ask for a lead that nobody has added before."""
    n = next(_serial)
    line = (
        f"山田 太郎{n}, 株式会社青空商事{n}, yamada{n}@aozora.example.co.jp, 03-{3000 + n // 10000:04}-{n % 10000:04}"
    )
    return _command(f"add {line}", f"trigger.{time.time_ns()}.{n}")


def _command(text: str, trigger_id: str = "") -> Json:
    return {
        "token": "not-used",
        "team_id": TEAM,
        "team_domain": "playground",
        "channel_id": MARKETING,
        "channel_name": "marketing",
        "user_id": TANAKA,
        "user_name": "tanaka",
        "command": COMMAND,
        "text": text,
        "api_app_id": "A0PLAYGROUND",
        "is_enterprise_install": "false",
        "response_url": "https://hooks.slack.com/commands/not-used",
        "trigger_id": trigger_id,
    }


def form_of(payload: Json) -> str:
    """Encode a command as the body of Slack's request."""
    return encode("slash_commands", payload)[0]


def signed_request(payload: Json, port: int, secret: str) -> bytes:
    """Spell out the whole HTTP request, signed now."""
    body, content_type = encode("slash_commands", payload)
    timestamp = str(int(time.time()))
    head = (
        "POST /slack/events HTTP/1.1",
        f"Host: 127.0.0.1:{port}",
        "User-Agent: Slackbot 1.0 (+https://api.slack.com/robots)",
        "Accept: */*",
        f"Content-Type: {content_type}",
        f"Content-Length: {len(body.encode())}",
        f"X-Slack-Request-Timestamp: {timestamp}",
        f"X-Slack-Signature: {sign(secret, timestamp, body)}",
    )
    return ("\r\n".join(head) + "\r\n\r\n" + body).encode()
