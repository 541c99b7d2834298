"""Modals and Home tabs: triggers, stacks, hashes, what forms send and what answers do."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from playground import PeopleError, Person, Workspace
from playground.seed import SALES, SATO

Json = dict[str, Any]


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def field(block_id: str, kind: str = "plain_text_input", *, optional: bool = False, **element: Any) -> Json:
    element = {"type": kind, "action_id": "v", **element}
    return {"type": "input", "block_id": block_id, "label": plain(block_id), "optional": optional, "element": element}


def modal(*blocks: Json, callback_id: str = "form", **fields: Any) -> Json:
    whole = list(blocks) or [field("name")]
    return {
        "type": "modal",
        "callback_id": callback_id,
        "title": plain("Form"),
        "submit": plain("Save"),
        "blocks": whole,
        **fields,
    }


def error_of(call: Callable[[], object]) -> str:
    with pytest.raises(SlackApiError) as refused:
        call()
    return str(refused.value.response["error"])


@pytest.fixture
def show(client: WebClient, workspace: Workspace) -> Callable[..., str]:
    """Open a modal on Sato's screen and give its id."""

    def open_one(*blocks: Json, **fields: Any) -> str:
        trigger_id = workspace.tickets.trigger(SATO, SALES)
        return str(client.views_open(trigger_id=trigger_id, view=modal(*blocks, **fields))["view"]["id"])

    return open_one


def test_open_gives_the_view(client: WebClient, workspace: Workspace, sato: Person) -> None:
    """views.open answers with id, hash and state, and the person sees the modal."""
    answer = client.views_open(trigger_id=workspace.tickets.trigger(SATO), view=modal(private_metadata="L-1"))["view"]
    assert sato.view is not None
    assert (answer["id"], answer["hash"]) == (sato.view.id, sato.view.hash)
    assert (answer["root_view_id"], answer["previous_view_id"]) == (answer["id"], None)
    assert answer["state"] == {"values": {"name": {"v": {"type": "plain_text_input", "value": None}}}}
    assert answer["private_metadata"] == "L-1"


def test_trigger_is_good_once_and_briefly(client: WebClient, workspace: Workspace) -> None:
    """A trigger opens one modal within three seconds of the workspace's clock."""
    trigger = workspace.tickets.trigger(SATO)
    client.views_open(trigger_id=trigger, view=modal())
    assert error_of(lambda: client.views_open(trigger_id=trigger, view=modal())) == "exchanged_trigger_id"
    assert error_of(lambda: client.views_open(trigger_id="1.2.3", view=modal())) == "invalid_trigger_id"
    old, real = workspace.tickets.trigger(SATO), workspace.clock
    workspace.clock = lambda: real() + timedelta(seconds=3.5)
    assert error_of(lambda: client.views_open(trigger_id=old, view=modal())) == "expired_trigger_id"


def test_bad_view_does_not_spend_the_trigger(client: WebClient, workspace: Workspace) -> None:
    """A refused view says where it is wrong, and the trigger still opens a right one."""
    trigger = workspace.tickets.trigger(SATO)
    with pytest.raises(SlackApiError) as refused:
        client.views_open(trigger_id=trigger, view=modal(title=plain("x" * 25)))
    answer = refused.value.response
    assert answer["error"] == "invalid_arguments"
    assert "[json-pointer:/view/title/text]" in answer["response_metadata"]["messages"][0]
    assert client.views_open(trigger_id=trigger, view=modal())["ok"]


def test_view_too_large(client: WebClient, workspace: Workspace) -> None:
    """A view over 250 KB is refused as a whole."""
    large = modal(*[{"type": "section", "text": plain("x" * 3000)}] * 90)
    trigger = workspace.tickets.trigger(SATO)
    assert error_of(lambda: client.views_open(trigger_id=trigger, view=large)) == "view_too_large"


def test_three_on_a_stack(client: WebClient, workspace: Workspace, sato: Person, show: Callable[..., str]) -> None:
    """Two more views fit on the first; previous and root ids tell the stack."""

    def push() -> Json:
        return dict(client.views_push(trigger_id=workspace.tickets.trigger(SATO), view=modal())["view"])

    assert error_of(push) == "not_found"
    root = show()
    second, third = push(), push()
    assert (second["previous_view_id"], third["previous_view_id"]) == (root, second["id"])
    assert {second["root_view_id"], third["root_view_id"]} == {root}
    assert error_of(push) == "push_limit_reached"
    sato.close()
    assert sato.view is not None
    assert sato.view.id == second["id"]


def test_update_by_id_hash_and_external_id(
    client: WebClient, workspace: Workspace, sato: Person, show: Callable[..., str]
) -> None:
    """A view is updated by id or external id; an old hash conflicts; a closed one is gone."""
    view_id = show(external_id="mine")
    assert sato.view is not None
    old_hash = sato.view.hash
    client.views_update(external_id="mine", hash=old_hash, view=modal(callback_id="second"))
    assert sato.view.callback_id == "second"
    assert error_of(lambda: client.views_update(view_id=view_id, hash=old_hash, view=modal())) == "hash_conflict"
    sato.close()
    assert error_of(lambda: client.views_update(view_id=view_id, view=modal())) == "not_found"


def test_external_ids_are_unique(client: WebClient, workspace: Workspace, show: Callable[..., str]) -> None:
    """Two open views cannot share an external id."""
    show(external_id="mine")
    trigger = workspace.tickets.trigger(SATO)
    again = error_of(lambda: client.views_open(trigger_id=trigger, view=modal(external_id="mine")))
    assert again == "duplicate_external_id"


def test_update_keeps_what_was_typed(client: WebClient, sato: Person, show: Callable[..., str]) -> None:
    """What a person typed survives views.update where block_id and action_id stay."""
    view_id = show(field("name"), field("note"))
    assert sato.view is not None
    sato.choose(sato.view, "v", "Nakamura", block_id="name")
    updated = client.views_update(view_id=view_id, view=modal(field("name"), field("other")))["view"]
    values = updated["state"]["values"]
    assert values["name"]["v"]["value"] == "Nakamura"
    assert values["other"]["v"]["value"] is None


def test_home_is_published(client: WebClient, sato: Person) -> None:
    """Each person has one Home tab, replaced as a whole, with a hash against races."""
    home = {"type": "home", "blocks": [{"type": "section", "text": plain("one")}]}
    first = client.views_publish(user_id=SATO, view=home)["view"]
    second = client.views_publish(user_id=SATO, view=home, hash=first["hash"])["view"]
    assert second["id"] == first["id"]
    assert sato.home is not None
    assert error_of(lambda: client.views_publish(user_id=SATO, view=home, hash=first["hash"])) == "hash_conflict"
    assert error_of(lambda: client.views_publish(user_id="U9", view=home)) == "user_not_found"
    assert error_of(lambda: client.views_publish(user_id=SATO, view=modal())) == "invalid_arguments"


def test_submit_sends_state(app: Any, sato: Person, heard: Any, show: Callable[..., str]) -> None:
    """A form sends every input: given values, initial ones, and null for the rest."""
    option = {"text": plain("Seminar"), "value": "seminar"}
    show(
        field("name"),
        field("source", "static_select", options=[option], initial_option=option),
        field("note", optional=True),
        field("tags", "multi_users_select", optional=True),
        private_metadata="L-1",
    )
    assert sato.submit({"name": "中村"}).outcome == "closed"
    view = heard.last("view")["view"]
    values = {block: held["v"] for block, held in view["state"]["values"].items()}
    assert values["name"]["value"] == "中村"
    assert values["source"]["selected_option"]["value"] == "seminar"
    assert values["note"]["value"] is None
    assert values["tags"]["selected_users"] == []
    assert (view["callback_id"], view["private_metadata"]) == ("form", "L-1")
    assert sato.view is None


@pytest.mark.parametrize(
    ("block", "value"),
    [
        (field("f"), None),
        (field("f"), ""),
        (field("f", max_length=3), "four"),
        (field("f", min_length=3), "ab"),
        (field("f", "email_text_input"), "not an address"),
        (field("f", "url_text_input"), "javascript:alert(1)"),
        (field("f", "number_input", is_decimal_allowed=False), "1.5"),
        (field("f", "number_input", is_decimal_allowed=True, min_value="1", max_value="5"), "5.1"),
        (field("f", "multi_users_select", max_selected_items=1), ["U1", "U2"]),
        (field("f", "checkboxes", options=[{"text": plain("A"), "value": "a"}]), []),
    ],
)
def test_client_refuses(
    over_http: Any, sato: Person, heard: Any, show: Callable[..., str], block: Json, value: Any
) -> None:
    """Slack's client does not send such a form; forced, it is sent as it is."""
    show(block)
    result = sato.submit({"f": value})
    assert (result.outcome, result.sent, list(result.errors)) == ("errors", False, ["f"])
    assert not heard.of("view")
    assert sato.submit({}, force=True).sent
    assert heard.of("view")


def test_errors_stay_under_their_fields(app: Any, sato: Person, heard: Any, show: Callable[..., str]) -> None:
    """response_action errors leaves the form open; errors for fields that are not there fail."""
    show()
    heard.answers["view"] = {"response_action": "errors", "errors": {"name": "Too short."}}
    result = sato.submit({"name": "x"})
    assert (result.outcome, result.errors) == ("errors", {"name": "Too short."})
    assert sato.view is not None
    heard.answers["view"] = {"response_action": "errors", "errors": {"nothing": "?"}}
    assert sato.submit({"name": "x"}).outcome == "failed"


def test_update_push_and_clear(app: Any, sato: Person, heard: Any, show: Callable[..., str]) -> None:
    """The answer to a form may replace it, put another on top, or close everything."""
    show()
    heard.answers["view"] = {"response_action": "update", "view": modal(callback_id="second")}
    updated = sato.submit({"name": "x"})
    assert (updated.outcome, sato.view and sato.view.callback_id) == ("updated", "second")
    heard.answers["view"] = {"response_action": "push", "view": modal(callback_id="third")}
    assert sato.submit({"name": "x"}).outcome == "pushed"
    assert sato.view is not None
    assert (sato.view.callback_id, sato.view.previous_id) == ("third", updated.view and updated.view.id)
    heard.answers["view"] = {"response_action": "clear"}
    assert sato.submit({"name": "x"}).outcome == "cleared"
    assert sato.view is None


def test_bad_answer_to_a_form_is_seen(over_http: Any, sato: Person, heard: Any, show: Callable[..., str]) -> None:
    """A view that Slack refuses, or no answer in time, leaves the form open with an error."""
    show()
    heard.answers["view"] = {"response_action": "update", "view": modal(title=plain("x" * 25))}
    result = sato.submit({"name": "x"})
    assert (result.outcome, "invalid_arguments" in result.error) == ("failed", True)

    def refuse(_body: Json) -> None:
        raise RuntimeError

    heard.answers["view"] = refuse
    assert "trouble connecting" in sato.submit({"name": "x"}).error
    assert sato.view is not None


def test_closing_tells_the_app_that_asked(app: Any, sato: Person, heard: Any, show: Callable[..., str]) -> None:
    """view_closed is sent with notify_on_close only, and says whether the whole stack went."""
    show()
    sato.close()
    assert not heard.of("view_closed")
    show(notify_on_close=True)
    sato.close()
    assert heard.last("view_closed")["is_cleared"] is False
    with pytest.raises(PeopleError):
        sato.close()


def test_choice_in_a_form_is_sent_with_dispatch_action_only(
    over_http: Any, sato: Person, heard: Any, show: Callable[..., str]
) -> None:
    """Inputs are silent until the form is sent, unless they ask for more; the view then carries its state."""
    loud = field("loud") | {"dispatch_action": True}
    show(field("quiet"), loud)
    assert sato.view is not None
    sato.choose(sato.view, "v", "a", block_id="quiet")
    assert not heard.of("action")
    sato.choose(sato.view, "v", "b", block_id="loud")
    values = heard.last("action")["view"]["state"]["values"]
    assert (values["quiet"]["v"]["value"], values["loud"]["v"]["value"]) == ("a", "b")


def test_form_knows_its_fields(sato: Person, show: Callable[..., str]) -> None:
    """A field that is not there cannot be filled, and a modal without a submit button cannot be sent."""
    show()
    with pytest.raises(PeopleError):
        sato.submit({"nothing": "x"})
    show({"type": "section", "text": plain("x")}, submit=None)
    with pytest.raises(PeopleError):
        sato.submit()


def test_response_url_from_a_form(over_http: Any, sato: Person, heard: Any, show: Callable[..., str]) -> None:
    """A channel menu with response_url_enabled brings a response URL for what was chosen."""
    show(field("where", "conversations_select", response_url_enabled=True))
    sato.submit({"where": SALES})
    given = heard.last("view")["response_urls"][0]
    assert (given["channel_id"], given["block_id"]) == (SALES, "where")


def test_file_in_a_form(over_http: Any, client: WebClient, sato: Person, heard: Any, show: Callable[..., str]) -> None:
    """A file_input sends the files that a person put in."""
    show(field("csv", "file_input", filetypes=["csv"], max_files=1))
    sato.submit({"csv": [sato.upload("leads.csv", b"name\nx\n").id]})
    sent = heard.last("view")["view"]["state"]["values"]["csv"]["v"]["files"][0]
    assert (sent["name"], sent["size"], sent["filetype"]) == ("leads.csv", 7, "csv")
