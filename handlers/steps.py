"""Steps of Slack's Workflow Builder: what a workflow asks of Baton, and the answer that lets it go on.

Slack waits for `functions.completeSuccess` or `functions.completeError`. It is called after the commit and before the
ack: when it fails, the event is not acked, Slack sends it again, and the repeat only gives the answer.
"""

import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from handlers.payloads import storable
from handlers.people import People
from handlers.request import Desk
from handlers.unexpected import log_unexpected
from models.errors import BusyError, InputError, LeadError, Problem, RepeatedRequestError
from models.facts import LeadEntry
from models.lead import Consent
from models.member import Actor
from services import vocabulary
from services.lead_lines import EXTRA_MAX
from services.line_pieces import unescape
from services.touchpoints import Contact
from services.workflow_steps import add_by_step, log_by_step
from views import dialog, errors
from views.words import Reader

log = logging.getLogger(__name__)

_INPUT_MAX = 8000
_PERSON = re.compile(r"[UW][A-Z0-9]{1,30}")
# Slack did not do it and may do it later; every other code means that there is nothing left to answer.
_PASSING_ERRORS = frozenset({"ratelimited", "internal_error", "fatal_error", "request_timeout", "service_unavailable"})


@dataclass(frozen=True)
class Step:
    """One execution of a step; `key` is the same when Slack tells of it again."""

    inputs: Mapping[str, Any]
    key: str
    now: datetime
    desk: Desk
    people: People

    def text(self, name: str) -> str:
        """Return an input as typed, without outer blanks; "" for nothing."""
        value = self.inputs.get(name)
        return unescape(storable(str(value)[:_INPUT_MAX])).strip() if isinstance(value, str | int) else ""

    def person(self) -> Actor | None:
        """Return whom the workflow names as the one who did it; None where it names nobody.

        Raises:
            InputError: UNKNOWN_PERSON, Slack knows no such account.
        """
        slack_id = self.text("person")
        if not slack_id:
            return None
        try:
            if _PERSON.fullmatch(slack_id):
                return self.people.find(slack_id, self.now)
        except SlackApiError as error:
            if error.response.get("error") != "user_not_found":
                raise
        raise InputError(Problem.UNKNOWN_PERSON, "person", slack_id)


Outputs = Mapping[str, Any]


def add_lead(step: Step) -> Outputs:
    """The step "Add a lead": the lead's number, and whether it is new."""
    source, consent = step.text("source"), vocabulary.read_consent(step.text("consent"))
    known = vocabulary.read_source(source)
    names = ("name", "company", "title", "email", "phone", "campaign", "note")
    entry = LeadEntry(
        **{name: step.text(name) for name in names},
        source=known,
        consent=consent or Consent.UNKNOWN,
        # What no list knows is kept as it was chosen.
        extra={"source": source[:EXTRA_MAX]} if source and known is None else {},
    )
    person = step.person()
    with step.desk.database.write() as session:
        lead, is_new = add_by_step(session, step.desk.workspace_id, step.key, entry, person, step.now)
    return {"lead": lead.label, "is_new": is_new}


def log_touchpoint(step: Step) -> Outputs:
    """The step "Log a touchpoint": the number of the lead that it was logged on."""
    typed = step.text("kind")
    kind = vocabulary.read_kind(typed)
    if kind is None:
        problem = Problem.UNKNOWN_KIND if typed else Problem.MISSING_KIND
        raise InputError(problem, "kind", typed, nearest=vocabulary.nearest_kind(typed))
    contact = Contact(kind[0], kind[1], _instant(step), step.text("note"))
    reference, person = step.text("lead"), step.person()
    if not reference:
        raise InputError(Problem.MISSING_LEAD, "lead")
    with step.desk.database.write() as session:
        lead = log_by_step(session, step.desk.workspace_id, step.key, reference, contact, person, step.now)
    return {"lead": lead.label}


def _instant(step: Step) -> datetime | None:
    typed = step.text("at")
    try:
        return datetime.fromtimestamp(float(typed), UTC) if typed else None
    except (ValueError, OverflowError, OSError):
        raise InputError(Problem.UNREADABLE_DATE, "at", typed) from None


class Steps:
    """Carry out a step and give Slack its answer."""

    def __init__(
        self,
        table: Mapping[str, Callable[[Step], Outputs]],
        desk: Desk,
        people: People,
        client: WebClient,
        reader: Reader,
    ) -> None:
        self._table, self._desk, self._people, self._client, self._reader = table, desk, people, client, reader

    def run(self, event: Mapping[str, Any], now: datetime) -> str:
        """Do what a `function_executed` event asks for, answer it, and return how it went, for the metrics.

        Raises:
            BusyError, SlackClientError, OSError: it must be sent again.
        """
        execution_id = str(event.get("function_execution_id") or "")
        handler = self._table.get(str((event.get("function") or {}).get("callback_id") or ""))
        if not execution_id:
            return "unknown"
        if handler is None:
            self._fail(execution_id, dialog.out_of_date(self._reader).text)
            return "unknown"
        inputs = event.get("inputs")
        step = Step(inputs if isinstance(inputs, dict) else {}, f"step:{execution_id}", now, self._desk, self._people)
        try:
            outputs = handler(step)
        except (BusyError, RepeatedRequestError, SlackClientError, OSError):
            raise
        except LeadError as error:
            self._fail(execution_id, errors.message(error, self._reader).text)
            return "refused"
        except Exception as error:
            self._fail(execution_id, errors.unexpected(log_unexpected("step", error), "", self._reader).text)
            return "failed"
        self._answer(self._client.functions_completeSuccess, execution_id, outputs=outputs)
        return "done"

    def _fail(self, execution_id: str, words: str) -> None:
        self._answer(self._client.functions_completeError, execution_id, error=unescape(words))

    def _answer(self, call: Callable[..., Any], execution_id: str, **said: Any) -> None:
        try:
            call(function_execution_id=execution_id, **said)
        except SlackApiError as error:
            code = str(error.response.get("error") or "")
            if error.response.status_code >= 500 or not code or code in _PASSING_ERRORS:
                raise
            log.warning("a workflow step could not be answered: %s", code)
