"""What Slack sends for a slash command, as the playground and Slack itself spell it."""

import itertools
import time
from dataclasses import dataclass

from benchmarks.bare import TEXT
from playground.endpoint import FORM, encode, sign
from playground.entities import Json
from playground.seed import MARKETING, TANAKA
from views.lead_card import UNDO_ADD

TEAM = "T0PLAY"
NOTHING = "nothing"

_serial = itertools.count(1)


@dataclass(frozen=True)
class Command:
    """What is sent, and the word by which a right answer is known: an apology would be measured as a fast one."""

    payload: Json
    body: str
    answer_has: str

    def check(self, answer: str) -> None:
        """Raise when the answer is another one."""
        if self.answer_has not in answer:
            raise RuntimeError(f"{self.payload['text']}: {answer}")


def nothing() -> Command:
    """Ask for the verb that does nothing."""
    return _command(NOTHING, TEXT)


def add() -> Command:
    """Ask for a lead that nobody has added before."""
    n = next(_serial)
    line = (
        f"山田 太郎{n}, 株式会社青空商事{n}, yamada{n}@aozora.example.co.jp, 03-{3000 + n // 10000:04}-{n % 10000:04}"
    )
    return _command(f"add {line}", UNDO_ADD, f"trigger.{time.time_ns()}.{n}")


def _command(text: str, answer_has: str, trigger_id: str = "") -> Command:
    payload = {
        "token": "not-used",
        "team_id": TEAM,
        "team_domain": "playground",
        "channel_id": MARKETING,
        "channel_name": "marketing",
        "user_id": TANAKA,
        "user_name": "tanaka",
        "command": "/lead",
        "text": text,
        "api_app_id": "A0PLAYGROUND",
        "is_enterprise_install": "false",
        "response_url": "https://hooks.slack.com/commands/not-used",
        "trigger_id": trigger_id,
    }
    return Command(payload, encode("slash_commands", payload)[0], answer_has)


def signed_request(command: Command, port: int, secret: str) -> bytes:
    """Spell out the whole HTTP request, signed now."""
    timestamp = str(int(time.time()))
    head = (
        "POST /slack/events HTTP/1.1",
        f"Host: 127.0.0.1:{port}",
        "User-Agent: Slackbot 1.0 (+https://api.slack.com/robots)",
        "Accept: */*",
        f"Content-Type: {FORM}",
        f"Content-Length: {len(command.body)}",
        f"X-Slack-Request-Timestamp: {timestamp}",
        f"X-Slack-Signature: {sign(secret, timestamp, command.body)}",
    )
    return ("\r\n".join(head) + "\r\n\r\n" + command.body).encode()
