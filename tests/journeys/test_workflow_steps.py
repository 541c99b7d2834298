"""Steps of the Workflow Builder: what marketing wires by itself ends as the same leads and touchpoints, once."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlmodel import col

from models.lead import Consent, Source
from models.records import Change, ChangeKind
from models.touchpoint import Direction, TouchpointKind
from playground.errors import SlackError
from playground.faults import Fault
from services.members import find_member
from tests.journeys.steps import NAKAMURA, unchanged
from tests.office import MORNING, Office, open_office
from tests.postgres import usual_url

MANIFEST = json.loads((Path(__file__).parents[2] / "manifest.json").read_text(encoding="utf-8"))
FORM = {
    "name": "森川 葵",
    "company": "株式会社はなみずき",
    "email": "aoi.morikawa@hanamizuki.example",
    "source": "ウェビナー",
    "campaign": "秋のウェビナー",
    "consent": "はい",
}


@contextmanager
def installed(database_url: str) -> Iterator[Office]:
    """An office that has installed the app as its manifest says."""
    with open_office(database_url, DEFAULT_LOCALE="en") as office:
        office.workspace.install(MANIFEST)
        office.workspace.timing.event_retry_delays = (0.0, 0.0)
        yield office


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """An office with the steps, on one database."""
    with usual_url(tmp_path, migrated=True) as url, installed(url) as office:
        yield office


@pytest.fixture
def each_office(database_url: str) -> Iterator[Office]:
    """An office with the steps, once on each database."""
    with installed(database_url) as office:
        yield office


def run(office: Office, step: str, **inputs: Any) -> dict[str, Any]:
    """Have a workflow come to a step and return what came of it."""
    execution_id = office.workspace.run_function(step, inputs)
    assert office.server.settle()
    return dict(office.workspace.functions[execution_id])


def test_step_adds_a_lead_and_completes_one_that_is_known(each_office: Office) -> None:
    """The workflow gets the lead's number; who comes twice is one lead, and what is known is not overwritten."""
    office = each_office
    assert run(office, "add_lead", **FORM)["outputs"] == {"lead": "L-1", "is_new": True}
    lead = office.lead()
    assert (lead.name, lead.source, lead.campaign, lead.consent) == (
        "森川 葵", Source.WEBINAR, "秋のウェビナー", Consent.YES)  # fmt: skip
    assert lead.created_by_id is None
    again = run(office, "add_lead", **FORM | {"name": "森川", "phone": "045-555-0198", "consent": "いいえ"})
    assert again["outputs"] == {"lead": "L-1", "is_new": False}
    lead = office.lead()
    assert (lead.name, lead.phone, lead.consent) == ("森川 葵", "045-555-0198", Consent.NO)


def test_step_credits_the_person_whom_the_workflow_names(office: Office) -> None:
    """They are its marketer, as if they had added it; a guest is nobody who could."""
    run(office, "add_lead", **FORM, person=office.tanaka.id)
    run(office, "log_touchpoint", lead="L-1", kind="電話", person=office.aoki.id)
    with office.bot.database.read() as session:
        tanaka, aoki = (find_member(session, office.bot.workspace_id, one.id) for one in (office.tanaka, office.aoki))
    assert tanaka is not None
    assert aoki is not None
    assert office.lead().marketer_id == tanaka.id
    assert office.touchpoints()[0].member_id == aoki.id
    with unchanged(office):
        for person in (office.person("guest").id, office.workspace.installation.bot_user, "U0NOBODY", "aoki"):
            for step, inputs in (("add_lead", FORM), ("log_touchpoint", {"lead": "L-1", "kind": "call"})):
                refused = run(office, step, **inputs, person=person)
                assert refused["status"] == "error", person
                assert refused["error"]


def test_step_logs_a_touchpoint(office: Office) -> None:
    """Kind, direction, time and note as a person would have logged them."""
    office.say(office.tanaka, NAKAMURA)
    at = int(MORNING.timestamp()) - 3600
    done = run(office, "log_touchpoint", lead="r.nakamura@minamo-seiki.example", kind="受電", note="見積もり", at=at)
    assert done["outputs"] == {"lead": "L-1"}
    (touch,) = office.touchpoints()
    assert (touch.kind, touch.direction, int(touch.at.timestamp()), touch.note, touch.member_id) == (
        TouchpointKind.CALL, Direction.INBOUND, at, "見積もり", None)  # fmt: skip


@pytest.mark.parametrize(
    ("step", "inputs", "words"),
    [
        ("add_lead", {"company": "株式会社はなみずき"}, "Say who it is"),
        ("add_lead", {"name": "森川", "email": "nonsense"}, "“nonsense” is not a complete e-mail address"),
        ("add_lead", {"name": "森" * 101}, "too long"),
        ("log_touchpoint", {"lead": "L-99", "kind": "call"}, "L-99"),
        ("log_touchpoint", {"lead": " ", "kind": "call"}, "Say which lead"),
        ("log_touchpoint", {"lead": "L-1", "kind": "telepathy <b>&"}, "“telepathy <b>&”"),
        ("log_touchpoint", {"lead": "L-1", "kind": "call", "at": 10**17}, "not a date"),
        ("log_touchpoint", {"lead": "L-1", "kind": "call", "at": 4_000_000_000}, "in the future"),
    ],
)
def test_step_is_refused_in_words(office: Office, step: str, inputs: dict[str, Any], words: str) -> None:
    """Whoever built the workflow reads what to mend, and nothing is saved."""
    office.say(office.tanaka, NAKAMURA)
    with unchanged(office):
        refused = run(office, step, **inputs)
    assert refused["status"] == "error"
    assert words in refused["error"]


def test_unknown_source_is_kept_as_it_was_chosen(office: Office) -> None:
    """A form's own list of sources need not be ours: the word stays with the lead."""
    run(office, "add_lead", name="森川 葵", source="駅の看板")
    assert (office.lead().source, office.lead().extra) == (Source.OTHER, {"source": "駅の看板"})


def test_execution_told_of_again_adds_nothing_and_is_answered_alike(each_office: Office) -> None:
    """Slack sends an event again whose ack was lost: same lead, same outputs, no second one."""
    office = each_office
    body: dict[str, Any] = {}
    office.workspace.event_listener, listener = body.update, office.workspace.event_listener
    execution_id = office.workspace.run_function("add_lead", FORM)
    office.workspace.event_listener = listener
    for _ in range(3):
        listener(body)
        assert office.server.settle()
    assert office.workspace.functions[execution_id]["outputs"] == {"lead": "L-1", "is_new": True}
    assert len(office.leads()) == 1
    touch: dict[str, Any] = {}
    office.workspace.event_listener = touch.update
    office.workspace.run_function("log_touchpoint", {"lead": "L-1", "kind": "demo request"})
    office.workspace.event_listener = listener
    for _ in range(3):
        listener(touch)
        assert office.server.settle()
    assert len(office.touchpoints()) == 1


def test_step_whose_answer_slack_did_not_take_is_told_of_again(office: Office) -> None:
    """The lead is saved; until Slack has the answer the event is not acked, and the repeat only answers."""
    office.workspace.faults.plan("functions.completeSuccess", Fault(error="internal_error"))
    execution_id = office.workspace.run_function("add_lead", FORM)
    assert office.server.settle()
    assert office.workspace.functions[execution_id]["outputs"] == {"lead": "L-1", "is_new": True}
    assert len(office.leads()) == 1
    with office.bot.database.read() as session:
        assert list(session.scalars(select(col(Change.kind)))) == [ChangeKind.ADDED]


def test_step_that_is_not_offered_is_answered(small_office: Office) -> None:
    """A step that a newer version had must not leave its workflow waiting."""
    execution_id = small_office.workspace.run_function("lead.retired", {})
    assert small_office.server.settle()
    assert small_office.workspace.functions[execution_id]["status"] == "error"


def test_what_the_manifest_does_not_offer_cannot_be_asked(office: Office) -> None:
    """What Slack's own checks refuse does not reach the app."""
    for step, inputs in (
        ("lead.retired", {}),
        ("log_touchpoint", {"lead": "L-1"}),
        ("add_lead", {"name": 5}),
        ("add_lead", {"x": "y"}),
    ):
        with pytest.raises(SlackError):
            office.workspace.run_function(step, inputs)
