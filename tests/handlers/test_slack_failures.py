"""Slack fails at the one moment when we need it: before an ack."""

import pytest

from playground.people import Person
from playground.seed import GENERAL, SALES
from tests.journeys.steps import NAKAMURA, SMITH, offer, unchanged
from tests.office import Office


@pytest.mark.parametrize("fault", ["refuse", "server_error", "garbage", "drop"])
def test_form_that_does_not_open_is_told(small_office: Office, fault: str) -> None:
    """The person hears that nothing was saved, and gets the line back; the next try works."""
    office = small_office
    faults = office.workspace.faults
    plan = {"refuse": lambda: faults.refuse("views.open", "expired_trigger_id"), "drop": lambda: faults.drop_before("views.open"),
            "server_error": lambda: faults.server_error("views.open"), "garbage": lambda: faults.garbage("views.open")}  # fmt: skip
    plan[fault]()
    with unchanged(office):
        result = office.say(office.tanaka, "add 山田太郎, ヤマダ商事, 03-12, 何か別のこと")
    assert "フォーム" in result.text
    assert "何か別のこと" in result.text
    assert office.say(office.tanaka, "add").message is None
    assert office.tanaka.view is not None


def test_slow_form_is_given_up_before_slack_gives_up(small_office: Office) -> None:
    """Slack waits 3 s for the ack: after 2 s without a form the person hears of it, in a command and in a click."""
    office = small_office
    office.say(office.tanaka, NAKAMURA)
    shown = office.say(office.tanaka, "show L-1").message
    assert shown is not None
    office.workspace.faults.hang("views.open", 5, times=2)
    result = office.say(office.tanaka, "add")
    assert "フォーム" in result.text
    assert result.reply.seconds < 3
    assert office.tanaka.click(shown, "touchpoint.form").ok
    assert "フォーム" in office.heard(office.tanaka)


def test_shortcut_whose_form_hangs_is_acked_in_time(small_office: Office) -> None:
    """There is nowhere to say it, and no second try that would cost the ack."""
    office = small_office
    office.workspace.faults.hang("views.open", 5, times=2)
    result = office.tanaka.shortcut("lead.add")
    assert result.ok
    assert result.reply is not None
    assert result.reply.seconds < 3


@pytest.mark.parametrize("fault", ["refuse", "hang"])
def test_person_never_seen_whom_slack_does_not_tell_of(small_office: Office, fault: str) -> None:
    """Nobody acts whom we do not know; once Slack answers again, they can."""
    office = small_office
    newcomer = _newcomer(office)
    if fault == "refuse":
        office.workspace.faults.refuse("users.info", "fatal_error")
    else:
        office.workspace.faults.hang("users.info", 5)
    with unchanged(office):
        result = newcomer.command(GENERAL, f"/lead {SMITH}")
        assert result.ok
        assert result.reply.seconds < 3
        assert result.text
    assert "Saved as L-1" in newcomer.command(GENERAL, f"/lead {SMITH}").text


def _newcomer(office: Office) -> Person:
    office.workspace.add_user("newcomer", id="U0NEW", real_name="New Comer", locale="en-US")
    office.workspace.join(GENERAL, "U0NEW")
    office.server.settle()
    return office.person("newcomer")


def test_hand_raised_while_slack_does_not_tell_by_whom(small_office: Office) -> None:
    """The event is refused, so that Slack sends it again: then the person is known, and told who can claim."""
    office = small_office
    card = offer(office)
    newcomer = _newcomer(office)
    office.workspace.faults.lose("events_api")
    office.workspace.join(SALES, newcomer.id)
    office.server.settle()
    office.workspace.faults.server_error("users.info")
    newcomer.react(card, "raised_hand")
    delivery = office.server.dispatcher.deliveries[-1]
    assert delivery.replies[0].status == 500
    assert newcomer.send("events_api", delivery.body).status == 200
    office.deliver()
    assert "Please ask" in newcomer.private_answers(SALES)[-1].text
    assert office.handoffs()[0].state == "offered"


def test_answer_that_does_not_arrive_takes_nothing_back(small_office: Office) -> None:
    """A response_url that fails is a courtesy lost: what was claimed stays claimed."""
    office = small_office
    card = offer(office)
    office.workspace.faults.server_error("response_url")
    assert office.aoki.click(card, "handoff.claim").ok
    office.answered()
    assert office.handoffs()[0].state == "claimed"
    assert "すでにあなたの担当" in office.say(office.aoki, "claim L-1").text
