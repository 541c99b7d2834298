"""`POST /slack/events`: Slack's signature checked on the raw bytes, then Bolt, off the event loop."""

import logging
import re
import time
from collections.abc import Mapping
from functools import partial
from urllib.parse import parse_qs

from slack_bolt import App, BoltRequest, BoltResponse
from slack_sdk.signature import SignatureVerifier
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from models.database import answering
from models.errors import BusyError
from views import errors
from views.words import Reader
from web.limits import read_body
from web.workers import CrowdedError, Workers

BODY_MAX = 1024 * 1024
# More than the database lets in at once: who waits for the file should wait there, where the wait is bounded.
WORKERS = 256
# Slack gives up after 3 s. What has not begun by now is refused, so that nothing "failed" is carried out later.
START_SECONDS = 2.4

_TIMESTAMP = re.compile(r"[0-9]{1,12}")
_SIGNATURE = re.compile(r"v0=[0-9a-f]{64}")
# The signature does not cover headers, so Bolt gets only those that it and the router read.
_PASSED_HEADERS = ("content-type", "x-slack-retry-num", "x-slack-retry-reason")
_SSL_CHECK_MAX = 512

log = logging.getLogger(__name__)


def is_from_slack(verifier: SignatureVerifier, body: bytes, headers: Mapping[str, str]) -> bool:
    """Tell whether Slack signed these bytes within the last 5 minutes of real time; `headers` has lower-case names."""
    timestamp = headers.get("x-slack-request-timestamp", "")
    signature = headers.get("x-slack-signature", "")
    # Either of these would make the verifier raise.
    if not (_TIMESTAMP.fullmatch(timestamp) and _SIGNATURE.fullmatch(signature)):
        return False
    try:
        return verifier.is_valid(body, timestamp, signature)
    except UnicodeDecodeError:
        return False


def is_ssl_check(body: bytes) -> bool:
    """Tell whether it is Slack's look at our certificate, which is not always signed and asks for nothing."""
    if len(body) > _SSL_CHECK_MAX or b"ssl_check" not in body:
        return False
    try:
        return parse_qs(body.decode("ascii"), max_num_fields=8).get("ssl_check") == ["1"]
    except ValueError:
        return False


class SlackRequests:
    """The endpoint. A slow listener costs a thread, never the loop."""

    def __init__(self, bolt: App, signing_secret: str, reader: Reader, workers: Workers | None = None) -> None:
        self._bolt, self._reader = bolt, reader
        self._verifier = SignatureVerifier(signing_secret)
        self._workers = workers or Workers("slack", WORKERS, START_SECONDS)

    async def __call__(self, request: Request) -> Response:
        """Answer one request of Slack's.

        Raises:
            HTTPException: 401 it is not Slack's, 413 and 408 as `read_body` says.
        """
        arrived_at = time.monotonic()
        body = await read_body(request, BODY_MAX)
        if not is_from_slack(self._verifier, body, request.headers):
            if is_ssl_check(body):
                return Response()
            log.warning("refused a request that Slack did not sign")
            raise HTTPException(401, "not signed by Slack, or more than 5 minutes old")
        return await self._dispatch(_bolt_request(body, request.headers), arrived_at)

    async def _dispatch(self, request: BoltRequest, arrived_at: float) -> Response:
        try:
            answer = await self._workers.run(partial(self._carry_out, request, arrived_at))
        except CrowdedError:
            log.error("refused a request of Slack's: every worker is busy")  # noqa: TRY400  There is nothing to trace.
            return self._busy(request)
        return _response(answer)

    def _carry_out(self, request: BoltRequest, arrived_at: float) -> BoltResponse:
        with answering(arrived_at):
            return self._bolt.dispatch(request)

    def _busy(self, request: BoltRequest) -> Response:
        """Refuse what was not begun: a command in words, the rest so that Slack shows a failure or sends it again."""
        if "command" not in request.body:
            return JSONResponse({"error": "busy"}, 503)
        message = errors.message(BusyError("no worker is free"), self._reader)
        return JSONResponse({"response_type": "ephemeral", "text": message.text, "blocks": message.blocks})


def _bolt_request(body: bytes, headers: Mapping[str, str]) -> BoltRequest:
    """Build what Bolt dispatches.

    Raises:
        HTTPException: 400, it is signed and yet nothing that Slack sends.
    """
    text = body.decode()
    passed = {name: headers[name] for name in _PASSED_HEADERS if name in headers}
    try:
        return BoltRequest(body=_spelled_out(text), headers=passed)  # type: ignore[arg-type]  # str is one of its values.
    except (ValueError, TypeError, AttributeError, RecursionError):
        raise HTTPException(400, "unreadable") from None


def _spelled_out(text: str) -> str:
    """Keep Bolt from taking a typed "payload" for the parameter of that name, which would empty the whole command."""
    is_form = not text.startswith("{")
    if is_form and "payload" in text and not re.search(r"(?:^|&)payload=", text):
        return text.replace("payload", "%70ayload")
    return text


def _response(answer: BoltResponse) -> Response:
    return Response(answer.body, answer.status, answer.first_headers_without_set_cookie())
