"""Only what Slack signed within 5 minutes is heard."""

import time

import pytest

from playground.endpoint import HttpReply, encode, sign
from tests.journeys.steps import NAKAMURA, SMITH, unchanged
from tests.office import Office


def send(office: Office, secret: str, at: float, body: str | None = None) -> HttpReply:
    """Post a command signed with `secret` at the second `at`."""
    fields = {
        "command": "/lead",
        "text": SMITH,
        "user_id": office.tanaka.id,
        "team_id": "T0PLAY",
        "trigger_id": f"{at}",
    }
    signed, content_type = encode("slash_commands", fields)
    timestamp = str(int(at))
    headers = {"X-Slack-Request-Timestamp": timestamp, "X-Slack-Signature": sign(secret, timestamp, signed)}
    return office.server.send_raw(body or signed, {"Content-Type": content_type, **headers})


@pytest.mark.parametrize("wrong", ["secret", "old", "early", "body", "none"])
def test_what_slack_did_not_sign_changes_nothing(small_office: Office, wrong: str) -> None:
    """A wrong secret, an old or early time, another body, no signature: 401 and nothing else."""
    office = small_office
    secret = office.workspace.installation.signing_secret
    office.say(office.tanaka, NAKAMURA)
    now = time.time()
    with unchanged(office):
        if wrong == "none":
            reply = office.server.send_raw("x=1", {"X-Slack-Signature": "", "X-Slack-Request-Timestamp": ""})
        else:
            reply = send(
                office,
                "guessed" if wrong == "secret" else secret,
                now + {"old": -301, "early": 310}.get(wrong, 0),
                "command=%2Flead&text=add+x" if wrong == "body" else None,
            )
    assert reply.status == 401
    assert "L-" not in reply.body


def test_what_slack_signed_is_heard(small_office: Office) -> None:
    """The same request rightly signed adds the lead."""
    office = small_office
    assert send(office, office.workspace.installation.signing_secret, time.time()).status == 200
    assert office.lead().name == "Anna Smith"
