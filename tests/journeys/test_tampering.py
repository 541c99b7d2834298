"""What goes through the person's hands is not believed: ids, values, metadata, response_urls."""

import json
import socket
from itertools import product
from typing import Any
from urllib.parse import urlsplit

import pytest

from handlers.table import ACTIONS, FORMS, MENUS
from playground.entities import Json
from playground.people import Person
from playground.seed import SALES
from tests.journeys.steps import NAKAMURA, claim, everything, offer, post, unchanged
from tests.office import Office

NASTY = (
    "", "0", "-1", "999999999999999999999", "9" * 5000, "L-1", "L-99", "L-1:L-1", "x" * 2000, "' OR 1=1 --",
    "1); DROP TABLE lead;--", "../../etc/passwd", "１２", "²", "null", "\x00", "\ud800", "%s%n", "L-1:0000-00-00",
    "L-1:9999-12-31", "add_to:L-1", "won:L-1:L-1", "{}", "🙋",
)  # fmt: skip


def sent(office: Office, person: Person, **parts: Any) -> Json:
    """Build an interaction as Slack sends it, with the parts that a test tampers with."""
    return {
        "type": "block_actions",
        "team": {"id": "T0PLAY", "domain": "playground"},
        "user": {"id": person.id, "team_id": "T0PLAY"},
        "api_app_id": "A0PLAYGROUND",
        "trigger_id": f"made.up.{len(office.workspace.calls)}",
        "container": {"type": "message", "channel_id": SALES},
        "channel": {"id": SALES},
        **parts,
    }


def test_no_value_of_a_button_does_harm(office: Office) -> None:
    """Every action with every nasty value: an answer, and at most what its owner may do to their own."""
    offer(office)
    with unchanged(office):
        for action_id in sorted({*ACTIONS, "unknown.action", "", "v", "lead." * 50}):
            for value in NASTY:
                if _is_meant(action_id, value):
                    continue
                body = sent(office, office.aoki, actions=[{"action_id": action_id, "value": value, "type": "button"}])
                assert post(office, body).status == 200, (action_id, value)


def _is_meant(action_id: str, value: str) -> bool:
    """Leave out what a button may well carry, and the undoing of one's own."""
    return action_id in {"undo.last", "lead.undo_add", "handoff.claim", "followup.on"} and value in {
        "L-1",
        "L-1:9999-12-31",
        "",
    }


def test_no_choice_of_a_menu_does_harm(small_office: Office) -> None:
    """Menus say what to do in their value: unknown verbs and leads are refused."""
    office = small_office
    offer(office)
    with unchanged(office):
        for menu in MENUS:
            for value in (*NASTY, "assign:L-1", "won:", "lost:'", "drop:L-1", "setup:L-1"):
                action = {"action_id": menu, "type": "overflow", "selected_option": {"value": value}}
                body = sent(office, office.tanaka, actions=[action])
                assert post(office, body).status == 200, (menu, value)


def test_no_metadata_of_a_form_does_harm(small_office: Office) -> None:
    """Every form with garbage, huge or foreign metadata and garbage inputs."""
    office = small_office
    offer(office)
    metadata = [
        "", "null", "[]", "{", '"x"', "1e999", "[" * 3000, '{"lead":"L-99"}', '{"lead":{"a":1},"draft":[],"rev":"x"}',
        '{"draft":"1","rev":9e99}', json.dumps({"lead": "' OR 1=1", "response_url": "http://["}),
        json.dumps({"line": "a@b.example c@d.example"}), json.dumps({"lead": "\ud800\x00"}),
    ]  # fmt: skip
    values = [
        {},
        {"name": {"v": {"type": "plain_text_input", "value": ["x"]}}, "choice": {"v": {"selected_option": {"value": "add_to:L-1"}}}},
        {"reason": {"v": {"selected_option": {"value": "'"}}}, "kind": {"v": {"selected_option": {"value": {"a": 1}}}}},
        {"owner": {"v": {"selected_user": "U' OR 1=1"}}, "on": {"v": {"selected_date": "9999-99-99"}}},
        {"on": "x", "choice": {"v": {"selected_option": {"value": "garbage"}}}, "query": {"v": {"value": None}}},
    ]  # fmt: skip
    with unchanged(office):
        for callback_id, (number, text), state in product({*FORMS, "unknown", ""}, enumerate(metadata), values):
            view = {"id": f"V{number}", "type": "modal", "callback_id": callback_id, "private_metadata": text,
                    "blocks": [], "state": {"values": state}}  # fmt: skip
            body = sent(office, office.aoki, type="view_submission", view=view)
            assert post(office, body).status == 200, (callback_id, text[:30], state)


def test_ids_of_another_workspace_reach_nothing(small_office: Office) -> None:
    """A signed payload of another team, or for one, changes nothing and shows nothing."""
    office = small_office
    card = offer(office)
    click = office.sato.click(card, "handoff.return_form").body
    with unchanged(office):
        for team in ({"team": {"id": "T0OTHER"}}, {"user": {"id": office.aoki.id, "team_id": "T0PARTNER"}}):
            body = {**click, **team, "trigger_id": f"{team}", "actions": [{"action_id": "handoff.claim", "value": "1"}]}
            assert post(office, body).status == 200
        command = {"command": "/lead", "text": "show L-1", "user_id": office.aoki.id, "team_id": "T0OTHER"}
        reply = office.aoki.send("slash_commands", command)
        assert reply.status == 200
        assert "minamo" not in reply.body
        unknown = office.aoki.send("slash_commands", {**command, "team_id": "T0PLAY", "user_id": "U0UNKNOWN"})
        assert unknown.status == 200


def test_answers_go_nowhere_but_to_slack(small_office: Office) -> None:
    """A response_url that points elsewhere is not fetched, in a click or in a form's metadata."""
    office = small_office
    slack = urlsplit(office.bot.settings.SLACK_API_URL).netloc
    spy = socket.create_server(("127.0.0.1", 0))
    spy.settimeout(0.1)
    port = spy.getsockname()[1]
    elsewhere = [
        f"http://127.0.0.1:{port}/x", f"http://localhost:{port}/x", f"http://{slack}@127.0.0.1:{port}/", f"https://{slack}/x",
        "http://169.254.169.254/latest/meta-data/", "file:///etc/passwd", "http://[", "ftp://x/y", "x" * 5000, "\x00",
        "https://hooks.slack.com@evil.example/x", "https://hooks.slack.com.evil.example/x", "//hooks.slack.com/x",
    ]  # fmt: skip
    office.say(office.tanaka, NAKAMURA)
    for url in elsewhere:
        action = {"action_id": "lead.show", "value": "L-1", "type": "button"}
        assert post(office, sent(office, office.aoki, actions=[action], response_url=url)).status == 200
        view = {"id": url[:20], "type": "modal", "callback_id": "lead.find", "blocks": [], "private_metadata": json.dumps({"response_url": url}),
                "state": {"values": {"query": {"v": {"value": "中村"}}}}}  # fmt: skip
        body = sent(office, office.aoki, type="view_submission", view=view)
        assert json.loads(post(office, body).body)["response_action"] == "update"
    office.answered()
    with spy, pytest.raises(TimeoutError):
        spy.accept()


def test_claimed_handoff_is_not_claimed_by_its_id(small_office: Office) -> None:
    """An old or guessed handoff id in a button is looked up anew."""
    office = small_office
    claim(office)
    before = everything(office)
    body = sent(office, office.sato, actions=[
        {"action_id": "handoff.claim", "value": str(office.handoffs()[0].id), "type": "button"}])  # fmt: skip
    assert post(office, body).status == 200
    assert everything(office) == before
