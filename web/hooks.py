"""`POST /hooks/leads` and `/hooks/touchpoints`: JSON of other systems, signed by the Standard Webhooks scheme."""

import hashlib
import json
import re
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session
from standardwebhooks import Webhook, WebhookVerificationError
from standardwebhooks.webhooks import EmptyWebhookSecretError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from models.database import Database
from models.errors import (
    BusyError,
    ForgottenError,
    InputError,
    LeadClosedError,
    LeadError,
    LeadNotFoundError,
    Problem,
    SeveralLeadsError,
)
from services.hooks import receive_lead, receive_touchpoint
from services.metrics import Metrics
from services.records import answer_given, is_first, keep_answer
from settings import SettingsError
from web.hook_bodies import BodyError, read_lead, read_touchpoint
from web.limits import RateLimit, read_body
from web.workers import CrowdedError, Workers

BODY_MAX = 64 * 1024
PER_SECOND, BURST = 50, 100
"""Messages of one sender, known by its secret."""
KNOCKS_PER_SECOND, KNOCKS = 200, 400
"""Requests from one address, signed or not: behind a proxy all senders have the same."""
WORKERS = 8
START_SECONDS = 10.0
RETRY_SECONDS = 5

_ID = re.compile(r"[\x21-\x7e]{1,200}")
_TIMESTAMP = re.compile(r"[0-9]{1,12}")

_REASONS: dict[Problem, str] = {
    Problem.TOO_LONG: "is longer than {limit} characters",
    Problem.NOBODY: "one of name, email, phone and external_id is needed",
    Problem.BAD_EMAIL: "is not an e-mail address",
    Problem.BAD_PHONE: "is not a phone number",
    Problem.UNREADABLE_DATE: "is not a date and time of ISO 8601",
    Problem.FUTURE_DATE: "lies in the future",
    Problem.OLD_DATE: "is too long ago",
}
_FIELDS = {"purpose": "consent_purpose", "origin": "consent_from", "notice": "consent_notice"}
_OTHER_REASON = "is none of the words known here"


class Answer(NamedTuple):
    """What is sent back, and the outcome under which it is counted."""

    outcome: str
    status: int
    body: dict[str, Any]
    headers: dict[str, str] | None = None


Save = Callable[[Session, datetime], Answer]


def read_secrets(value: str) -> tuple[Webhook, ...]:
    """Return a verifier for each secret of HOOK_SECRET.

    Raises:
        SettingsError: one of them is not base64, or there is none; the text does not hold it.
    """
    words = [word.strip() for word in value.split(",") if word.strip()]
    try:
        secrets = tuple(Webhook(word) for word in words)
    except (ValueError, EmptyWebhookSecretError):
        secrets = ()
    if not secrets:
        raise SettingsError("HOOK_SECRET is malformed: set it to whsec_ and base64, several separated by commas")
    return secrets


def find_signer(secrets: Sequence[Webhook], body: bytes, headers: Mapping[str, str]) -> int | None:
    """Return which secret's holder signed these bytes within the last 5 minutes of real time; None for nobody."""
    sent = {name: headers.get(name, "") for name in ("webhook-id", "webhook-timestamp", "webhook-signature")}
    if not (_ID.fullmatch(sent["webhook-id"]) and _TIMESTAMP.fullmatch(sent["webhook-timestamp"])):
        return None
    return next((place for place, secret in enumerate(secrets) if _verifies(secret, body, sent)), None)


def _verifies(secret: Webhook, body: bytes, headers: dict[str, str]) -> bool:
    try:
        secret.verify(body, headers, json_parse=False)
    # The library lets what it cannot split or decode through as a ValueError.
    except (WebhookVerificationError, ValueError):
        return False
    return True


class Hooks:
    """The two endpoints."""

    def __init__(
        self,
        secrets: Sequence[Webhook],
        database: Database,
        workspace_id: int,
        clock: Callable[[], datetime],
        metrics: Metrics,
    ) -> None:
        self._secrets, self._database, self._workspace_id = secrets, database, workspace_id
        self._clock, self._metrics = clock, metrics
        self._limit, self._knocks = RateLimit(PER_SECOND, BURST), RateLimit(KNOCKS_PER_SECOND, KNOCKS)
        self._workers = Workers("hooks", WORKERS, START_SECONDS)

    async def leads(self, request: Request) -> Response:
        """Add a lead, or complete the one that is known."""
        return await self._receive(request, self._plan_lead)

    async def touchpoints(self, request: Request) -> Response:
        """Log a contact with a lead."""
        return await self._receive(request, self._plan_touchpoint)

    def _plan_lead(self, body: bytes) -> Save:
        entry, consent = read_lead(body)

        def save(session: Session, now: datetime) -> Answer:
            lead, is_new = receive_lead(session, self._workspace_id, entry, consent, now)
            status = "added" if is_new else "known"
            return Answer("done", 201 if is_new else 200, {"lead": lead.label, "status": status})

        return save

    def _plan_touchpoint(self, body: bytes) -> Save:
        report = read_touchpoint(body)

        def save(session: Session, now: datetime) -> Answer:
            lead = receive_touchpoint(session, self._workspace_id, report.lead, report.contact, now)
            return Answer("done", 201, {"lead": lead.label, "status": "logged"})

        return save

    async def _receive(self, request: Request, plan: Callable[[bytes], Save]) -> Response:
        """Answer one request.

        Raises:
            HTTPException: 429 too many at once, 413 and 408 as `read_body` says, 401 not signed.
        """
        _slow_down(self._knocks, request.client.host if request.client else "")
        body = await read_body(request, BODY_MAX)
        signer = find_signer(self._secrets, body, request.headers)
        if signer is None:
            raise HTTPException(401, "not signed with a secret of HOOK_SECRET, or more than 5 minutes old")
        _slow_down(self._limit, str(signer))
        started = time.perf_counter()
        answer = await self._answer(plan, body, request.headers["webhook-id"])
        self._metrics.request("hook", answer.outcome, time.perf_counter() - started)
        return JSONResponse(answer.body, answer.status, answer.headers)

    async def _answer(self, plan: Callable[[bytes], Save], body: bytes, message_id: str) -> Answer:
        try:
            return await self._workers.run(partial(self._carry_out, plan, body, message_id))
        except BodyError as error:
            return _refused(400 if not error.field else 422, error.reason, error.field)
        except LeadError as error:
            return _answer_to(error)
        except (CrowdedError, IntegrityError):
            # Two reports of one thing, or an import at the same time: the second finds what the first has saved.
            return _answer_to(BusyError())

    def _carry_out(self, plan: Callable[[bytes], Save], body: bytes, message_id: str) -> Answer:
        save = plan(body)
        now = self._clock()
        # Hashed: some senders make a message's id of the person's address.
        key = f"hook:{hashlib.sha256(message_id.encode()).hexdigest()}"
        with self._database.write() as session:
            if not is_first(session, self._workspace_id, key, now):
                return _said_before(answer_given(session, self._workspace_id, key))
            answer = save(session, now)
            keep_answer(session, self._workspace_id, key, json.dumps([answer.status, answer.body]))
            return answer


def _slow_down(limit: RateLimit, source: str) -> None:
    """Let a source pass that asks in measure.

    Raises:
        HTTPException: 429, with when to come back.
    """
    if wait := limit.wait_seconds(source):
        raise HTTPException(429, "too many requests", {"Retry-After": str(wait)})


def _said_before(kept: str | None) -> Answer:
    """Answer a repeat as the message itself was answered."""
    status, body = json.loads(kept) if kept else (200, {"status": "repeated"})
    return Answer("repeated", status, body)


def _answer_to(error: LeadError) -> Answer:
    """Say why nothing was changed.

    Raises:
        LeadError: one that a webhook cannot cause.
    """
    match error:
        case BusyError():
            return Answer("busy", 503, {"error": "busy, nothing was saved"}, {"Retry-After": str(RETRY_SECONDS)})
        case InputError():
            return _refused(422, _reason(error), _FIELDS.get(error.field, error.field))
        case ForgottenError():
            return _refused(410, "this person asked to be deleted; a manager can lift that in Slack")
        case LeadNotFoundError():
            return _refused(404, "no lead goes by this", "lead")
        case SeveralLeadsError():
            labels = ", ".join(lead.label for lead in error.leads)
            return _refused(409, f"several leads go by this, name one: {labels}", "lead")
        case LeadClosedError():
            return _refused(409, f"{error.lead.label} is closed", "lead")
        case _:
            raise error


def _refused(status: int, reason: str, field: str = "") -> Answer:
    body = {"error": f"{field}: {reason}", "field": field} if field else {"error": reason}
    return Answer("refused", status, body)


def _reason(error: InputError) -> str:
    reason = _REASONS.get(error.problem, _OTHER_REASON).format(limit=error.limit)
    return f'{reason}; perhaps "{error.nearest}"?' if error.nearest else reason
