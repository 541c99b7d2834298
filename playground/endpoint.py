"""Signed HTTP: payloads are posted to the app's request URL."""

import hashlib
import hmac
import http.client
import json
import time
from dataclasses import dataclass, field
from urllib.parse import urlencode, urlsplit

from playground.delivery import Kind, Reply, Retry
from playground.entities import Json
from playground.workspace import Workspace

FORM, JSON = "application/x-www-form-urlencoded", "application/json"


@dataclass(frozen=True)
class HttpReply:
    """A bare HTTP answer; status 0 stands for none."""

    status: int
    body: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    timed_out: bool = False


def encode(kind: Kind, body: Json) -> tuple[str, str]:
    """Give a payload's body and content type: events are JSON, the rest are forms."""
    if kind == "events_api":
        return json.dumps(body, ensure_ascii=False), JSON
    if kind == "slash_commands":
        return urlencode(body), FORM
    return urlencode({"payload": json.dumps(body, ensure_ascii=False)}), FORM


def sign(secret: str, timestamp: str, body: str) -> str:
    """Sign a body as Slack does, version v0."""
    digest = hmac.new(secret.encode(), f"v0:{timestamp}:{body}".encode(), hashlib.sha256)
    return f"v0={digest.hexdigest()}"


def post(url: str, body: str, headers: dict[str, str], timeout: float) -> HttpReply:
    """Post over a connection of its own. Redirects are not followed."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=timeout)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        connection.request("POST", path, body.encode(), headers)
        with connection.getresponse() as response:
            said = response.read().decode("utf-8", "replace")
            return HttpReply(response.status, said, {k.lower(): v for k, v in response.getheaders()})
    except TimeoutError:
        return HttpReply(0, timed_out=True)
    except (OSError, http.client.HTTPException):
        return HttpReply(0)
    finally:
        connection.close()


class Endpoint:
    """Carries payloads to the request URL."""

    def __init__(self, workspace: Workspace) -> None:
        self._ws = workspace

    def carry(self, kind: Kind, body: Json, retry: Retry, timeout: float, copies: int) -> Reply:
        encoded, content_type = encode(kind, body)
        headers = {"Content-Type": content_type}
        if retry.attempt:
            headers |= {"X-Slack-Retry-Num": str(retry.attempt), "X-Slack-Retry-Reason": retry.reason}
        replies = [_reply(self.post(encoded, headers, timeout)) for _ in range(copies)]
        return replies[-1]

    def post(self, body: str, headers: dict[str, str], timeout: float) -> HttpReply:
        """Post a body, signed now unless the headers say otherwise."""
        timestamp = headers.get("X-Slack-Request-Timestamp", str(int(time.time())))
        secret = self._ws.installation.signing_secret
        signed = {
            "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
            "X-Slack-Request-Timestamp": timestamp,
            "X-Slack-Signature": sign(secret, timestamp, body),
        }
        return post(self._ws.installation.request_url, body, signed | headers, timeout)

    def verify(self) -> bool:
        """Check the request URL as Slack does when it is entered: it must give the challenge back."""
        challenge = self._ws.new_secret()
        body = {"token": self._ws.installation.verification_token, "challenge": challenge, "type": "url_verification"}
        said = self.post(json.dumps(body), {"Content-Type": JSON}, self._ws.timing.ack_seconds)
        return said.status == 200 and challenge in said.body


def _reply(said: HttpReply) -> Reply:
    if not said.status:
        return Reply("timeout" if said.timed_out else "unreachable")
    no_retry = said.headers.get("x-slack-no-retry") == "1"
    if not 200 <= said.status < 300:
        return Reply("refused", status=said.status, no_retry=no_retry)
    return Reply("acked", _payload(said), said.status)


def _payload(said: HttpReply) -> Json:
    if not said.body.strip():
        return {}
    if said.headers.get("content-type", "").startswith(JSON):
        try:
            parsed = json.loads(said.body)
        except ValueError:
            return {"text": said.body}
        return parsed if isinstance(parsed, dict) else {}
    return {"text": said.body}
