"""A repeat of the same request changes nothing: Slack's retries, double clicks, forms sent twice."""

import json
from typing import Any

from tests.journeys.steps import NAKAMURA, everything, offer, unchanged
from tests.office import Office

COMMANDS = (
    NAKAMURA, "log L-1 電話", "edit L-1 予算:1円", "follow L-1 明日 見積もり", "qualify L-1 今", "withdraw L-1", "lost L-1 競合", "undo",
)  # fmt: skip


def test_repeated_command_is_told_so(office: Office) -> None:
    """The same envelope again, of every command that changes something."""
    for line in COMMANDS:
        body = office.say(office.tanaka, line).body
        with unchanged(office):
            again = office.tanaka.send("slash_commands", body)
        assert again.status == 200
        assert "変更していません" in json.loads(again.body)["text"], line


def test_command_that_slack_sends_twice_at_once(small_office: Office) -> None:
    """Two copies of one envelope, one lead."""
    office = small_office
    office.workspace.faults.send_twice("slash_commands")
    office.say(office.tanaka, NAKAMURA)
    assert len(office.leads()) == 1
    assert "1件" in office.say(office.tanaka, "find 中村").text


def test_form_sent_twice_saves_once(small_office: Office) -> None:
    """Slack's client sends a form again when the answer is slow."""
    office = small_office
    office.say(office.tanaka, "add")
    bodies = [_submission(office, {"name": "山田", "source": "card"})]
    office.say(office.tanaka, "log L-1")
    bodies.append(_submission(office, {"kind": "call"}))
    office.say(office.tanaka, "edit L-1")
    bodies.append(_submission(office, {"budget": "1円"}))
    office.say(office.tanaka, "follow L-1")
    bodies.append(_submission(office, {"on": "2026-12-01"}))
    for body in bodies:
        with unchanged(office):
            assert office.tanaka.send("interactive", body).status == 200
    assert (len(office.leads()), len(office.touchpoints()), office.lead().budget) == (1, 1, "1円")


def _submission(office: Office, values: dict[str, Any]) -> Any:
    """Submit the open form and return what Slack sent."""
    assert office.tanaka.submit(values).outcome == "cleared"
    return office.workspace.calls.of("interactive")[-1].args["body"]


def test_click_sent_twice_claims_once(small_office: Office) -> None:
    """The same click again is told that it was done."""
    office = small_office
    card = offer(office)
    body = office.aoki.click(card, "handoff.claim").body
    before = everything(office)
    office.aoki.send("interactive", body)
    office.aoki.click(card, "handoff.claim")
    assert everything(office) == before


def test_event_sent_again_is_one_event(office: Office) -> None:
    """Slack retries what it thinks unanswered: the same event_id has one effect."""
    card = offer(office)
    office.workspace.faults.send_twice("events_api")
    office.aoki.react(card, "raised_hand")
    office.server.settle()
    before = everything(office)
    delivery = office.server.dispatcher.deliveries[-1]
    assert office.aoki.send("events_api", delivery.body).status == 200
    assert everything(office) == before
    assert office.handoffs()[0].state == "claimed"
    office.deliver()
    answers = [m for m in office.aoki.private_answers("C0SALES") if "L-1" in m.text]
    assert len(answers) == 1
