"""Only what Slack signed within the last five minutes reaches Bolt, and a slow listener holds up nobody else."""

import json
import logging
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from slack_sdk.signature import SignatureVerifier
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.web.web_site import SIGNING_SECRET, Ears, Site, make_bolt, slack_signature
from views.words import Reader
from web.slack_requests import SlackRequests, is_from_slack, is_ssl_check
from web.workers import Workers


@pytest.fixture
def unheard(door: Site) -> Site:
    """The shared site with nothing heard yet."""
    door.ears.bodies.clear()
    return door


def test_a_signed_command_reaches_the_listener(unheard: Site) -> None:
    """The listener gets the command as typed and its ack is the response."""
    response = unheard.command("add 田中 一郎, 青葉商事")
    assert (response.status_code, response.json()["text"]) == (200, "heard")
    assert response.headers["content-type"].startswith("application/json")
    assert unheard.ears.bodies[0]["text"] == "add 田中 一郎, 青葉商事"


def test_a_signed_event_reaches_the_listener(unheard: Site) -> None:
    """Events come as JSON."""
    event = {"type": "event_callback", "team_id": "T1", "event": {"type": "app_mention", "user": "U1"}}
    assert unheard.slack(json.dumps(event)).status_code == 200
    assert unheard.ears.bodies[0]["event"]["user"] == "U1"


def test_an_event_is_read_as_its_content_type_says(unheard: Site) -> None:
    """JSON that does not begin with a brace is JSON still."""
    event = {"type": "event_callback", "team_id": "T1", "event": {"type": "app_mention", "user": "U1"}}
    assert unheard.slack("\n" + json.dumps(event)).status_code == 200
    assert unheard.ears.bodies == [event]


def test_a_command_may_contain_the_word_payload(unheard: Site) -> None:
    """Bolt takes any form with that word in it for an interaction and loses the command."""
    assert unheard.command("find payload").status_code == 200
    assert unheard.ears.bodies[0]["text"] == "find payload"


def test_a_click_and_an_event_may_contain_the_word_payload(unheard: Site) -> None:
    """There it is the parameter's name, or no form at all: what was sent is heard to the letter."""
    click = {"type": "block_actions", "user": {"id": "U1"}, "actions": [{"action_id": "a", "value": "payload"}]}
    assert unheard.slack(urlencode({"payload": json.dumps(click)})).status_code == 200
    event = {"type": "event_callback", "team_id": "T1", "event": {"type": "app_mention", "text": "find payload"}}
    assert unheard.slack(json.dumps(event)).status_code == 200
    assert unheard.ears.bodies == [click, event]


def test_a_signed_url_verification_is_answered(unheard: Site) -> None:
    """Slack's check of the request URL gets its challenge back."""
    response = unheard.slack(json.dumps({"type": "url_verification", "challenge": "3eZbrw1a", "token": "t"}))
    assert response.json() == {"challenge": "3eZbrw1a"}


def test_an_unsigned_url_verification_is_refused(unheard: Site) -> None:
    """Answering one for anybody would tell them what runs here."""
    response = unheard.slack(json.dumps({"type": "url_verification", "challenge": "3eZbrw1a"}), signature="")
    assert (response.status_code, response.json()) == (
        401,
        {"error": "not signed by Slack, or more than 5 minutes old"},
    )


def test_an_unsigned_certificate_check_gets_an_empty_200(unheard: Site) -> None:
    """Slack looks at the certificate without a signature; it touches nothing."""
    response = unheard.slack("ssl_check=1&token=abc", signature="")
    assert (response.status_code, response.content, unheard.ears.bodies) == (200, b"", [])


@pytest.mark.parametrize("body", ["ssl_check=0", "ssl_check=1&command=%2Flead&text=" + "x" * 600, '{"ssl_check": 1}'])
def test_what_only_looks_like_a_certificate_check_is_refused(unheard: Site, body: str) -> None:
    """Everything else needs a signature."""
    assert unheard.slack(body, signature="").status_code == 401


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("ssl_check=1&token=" + "x" * 494, 200),
        ("ssl_check=1&token=" + "x" * 495, 401),
        ("ssl_check=1" + "&a=b" * 7, 200),
        ("ssl_check=1" + "&a=b" * 8, 401),
        ("ssl_check=1&token=é", 401),
    ],
)
def test_a_certificate_check_is_small_and_plain(unheard: Site, body: str, status: int) -> None:
    """Not more than 512 bytes, 8 fields and ASCII is looked at for whoever signs nothing."""
    assert unheard.slack(body, signature="").status_code == status


@pytest.mark.parametrize(
    "signature",
    ["", "v0=", "v0=" + "0" * 64, "v1=" + "0" * 64, "v0=" + "é" * 64, "v0=" + "Ａ" * 64, "v0=" + "0" * 65],
)
def test_a_wrong_signature_is_refused(unheard: Site, signature: str) -> None:
    """Wrong, malformed and non-ASCII signatures are 401, never 500, and no listener runs."""
    assert unheard.command("help", signature=signature).status_code == 401
    assert unheard.ears.bodies == []


def test_the_signature_of_something_else_is_refused(unheard: Site) -> None:
    """Of another body, or by another secret."""
    body, now = b"command=%2Flead", str(int(time.time()))
    others = [slack_signature(b"another body", now), slack_signature(body, now, secret="another secret")]
    assert [unheard.slack(body, timestamp=now, signature=other).status_code for other in others] == [401, 401]
    assert unheard.ears.bodies == []


@pytest.mark.parametrize(
    "timestamp", ["", "abc", "-1", "1e9", "１７００", "1_0", "9" * 400, "17000 00000", "1700000000.5", "0x10"]
)
def test_a_malformed_timestamp_is_refused(unheard: Site, timestamp: str) -> None:
    """A timestamp that is no number is 401 although the signature is right for it."""
    body = b"command=%2Flead"
    signature = slack_signature(body, timestamp)
    assert unheard.slack(body, timestamp=timestamp, signature=signature).status_code == 401
    assert unheard.ears.bodies == []


@pytest.mark.parametrize("offset", [-301, 302, -86_400])
def test_a_signature_of_another_time_is_refused(unheard: Site, offset: int) -> None:
    """Older or newer than five minutes of real time is a replay."""
    assert unheard.command("help", timestamp=str(int(time.time()) + offset)).status_code == 401
    assert unheard.ears.bodies == []


@pytest.mark.parametrize("offset", [-298, 0, 298])
def test_a_signature_within_five_minutes_is_taken(unheard: Site, offset: int) -> None:
    """Clocks differ a little."""
    assert unheard.command("help", timestamp=str(int(time.time()) + offset)).status_code == 200


def test_a_signed_body_that_is_not_utf8_is_refused(unheard: Site) -> None:
    """The verifier reads text; bytes that are none cannot be from Slack."""
    assert unheard.slack(b"text=\xff\xfe").status_code == 401


@pytest.mark.parametrize("body", ["{", '{"type": ', "payload={"])
def test_a_signed_body_that_nobody_can_read_is_no_crash(unheard: Site, body: str) -> None:
    """Whatever holds the secret and is not Slack is told so."""
    response = unheard.slack(body)
    assert (response.status_code, response.json()) == (400, {"error": "unreadable"})


def test_a_signed_body_of_no_kind_is_no_crash(unheard: Site) -> None:
    """Nobody listens to a list."""
    assert unheard.slack("[1]").status_code == 404


def test_a_refused_body_is_not_logged(unheard: Site, caplog: pytest.LogCaptureFixture) -> None:
    """What strangers send, and what they pretend that people typed, stays out of the logs."""
    with caplog.at_level(logging.DEBUG):
        unheard.command("add canary@example.com", signature="v0=" + "0" * 64)
    assert "canary" not in caplog.text


def test_a_body_over_a_megabyte_is_refused_before_it_is_read(unheard: Site) -> None:
    """1 MB is far beyond anything that Slack sends."""
    assert unheard.slack(b"x" * (1024 * 1024 + 1)).status_code == 413
    assert unheard.slack(b"command=%2Flead&text=" + b"x" * (1024 * 1024 - 21)).status_code == 200


@settings(max_examples=200)
@given(position=st.integers(0, 200), bit=st.integers(0, 7))
def test_every_flipped_bit_breaks_the_signature(position: int, bit: int) -> None:
    """The raw bytes are signed, all of them."""
    body = bytearray(urlencode({"command": "/lead", "text": "claim L-12", "user_id": "U1"}).encode())
    now = str(int(time.time()))
    headers = {"x-slack-request-timestamp": now, "x-slack-signature": slack_signature(bytes(body), now)}
    verifier = SignatureVerifier(SIGNING_SECRET)
    assert is_from_slack(verifier, bytes(body), headers)
    body[position % len(body)] ^= 1 << bit
    assert not is_from_slack(verifier, bytes(body), headers)


@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow])
@given(body=st.binary(max_size=60), timestamp=st.text(max_size=14), signature=st.text(max_size=70))
def test_no_headers_make_the_verification_raise(body: bytes, timestamp: str, signature: str) -> None:
    """Whatever arrives, the answer is no."""
    headers = {"x-slack-request-timestamp": timestamp, "x-slack-signature": signature}
    assert not is_from_slack(SignatureVerifier(SIGNING_SECRET), body, headers)
    assert not is_ssl_check(body)


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_only_post_is_answered(unheard: Site, method: str) -> None:
    """405 in plain JSON."""
    response = unheard.http.request(method, "/slack/events")
    assert (response.status_code, response.json()["error"]) == (405, "Method Not Allowed")


def test_socket_mode_has_no_endpoint_for_slack(serve: Callable[..., Site]) -> None:
    """What does not listen cannot be forged."""
    site = serve(SLACK_APP_TOKEN="xapp-1")
    assert site.command("help").status_code == 404


def test_a_slow_listener_does_not_hold_up_the_loop(fresh: Site) -> None:
    """While all listeners wait, the health check answers; none of them holds up another."""
    fresh.ears.may_answer.clear()
    with ThreadPoolExecutor(8) as callers:
        slow = [callers.submit(fresh.command, "help") for _ in range(8)]
        while len(fresh.ears.bodies) < 8:
            time.sleep(0.01)
        assert fresh.http.get("/healthz").status_code == 200
        assert not any(call.done() for call in slow)
        fresh.ears.may_answer.set()
        assert [call.result().status_code for call in slow] == [200] * 8


@pytest.fixture
def narrow() -> Iterator[Site]:
    """A site with one worker for Slack and little patience."""
    ears = Ears()
    reader = Reader("en", "Asia/Tokyo")
    requests = SlackRequests(make_bolt(ears), SIGNING_SECRET, reader, Workers("narrow", 1, 0.2))

    async def answer(request: Request) -> Response:
        return await requests(request)

    app = Starlette(routes=[Route("/slack/events", answer, methods=["POST"])])
    site = Site(None, 0, ears=ears)  # type: ignore[arg-type]  # Nothing is saved here.
    site.serve(app)
    yield site
    site.stop()


def test_what_cannot_begin_in_time_is_refused_and_never_runs(narrow: Site) -> None:
    """With every worker busy a command is refused in words, an event by a 503; neither is carried out afterwards."""
    narrow.ears.delay = 0.8
    event = json.dumps({"type": "event_callback", "team_id": "T1", "event": {"type": "app_mention", "user": "U1"}})
    with ThreadPoolExecutor(3) as callers:
        first = callers.submit(narrow.command, "first")
        time.sleep(0.1)
        second, third = callers.submit(narrow.command, "second"), callers.submit(narrow.slack, event)
    assert first.result().json()["text"] == "heard"
    refusal = second.result()
    assert (refusal.status_code, refusal.json()["response_type"]) == (200, "ephemeral")
    assert "busy" in refusal.json()["text"]
    assert "busy" in str(refusal.json()["blocks"])
    assert (third.result().status_code, third.result().json()) == (503, {"error": "busy"})
    assert [body.get("text") for body in narrow.ears.bodies] == ["first"]
