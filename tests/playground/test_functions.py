"""Functions of the app: read from its manifest, checked on the way in and on the way out."""

import copy
from typing import Any

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from playground import SlackError, Workspace

Json = dict[str, Any]
MANIFEST: Json = {
    "display_information": {"name": "Courier"},
    "functions": {
        "parcel.send": {
            "title": "Send a parcel",
            "input_parameters": {
                "to": {"type": "slack#/types/user_id", "title": "To", "name": "to", "is_required": True},
                "grams": {"type": "number", "title": "Weight"},
                "is_fragile": {"type": "boolean", "title": "Fragile"},
            },
            "output_parameters": {"number": {"type": "string", "title": "Number", "is_required": True}},
        }
    },
    "settings": {
        "org_deploy_enabled": True,
        "function_runtime": "remote",
        "event_subscriptions": {"bot_events": ["function_executed"]},
    },
}


@pytest.mark.parametrize(
    ("callback_id", "inputs", "error"),
    [
        ("parcel.lose", {}, "function_not_found"),
        ("parcel.send", {}, "parameter_validation_failed"),
        ("parcel.send", {"to": 5}, "parameter_validation_failed"),
        ("parcel.send", {"to": "U0SATO", "grams": True}, "parameter_validation_failed"),
        ("parcel.send", {"to": "U0SATO", "colour": "red"}, "parameter_validation_failed"),
    ],
)
def test_wrong_inputs_do_not_reach_the_app(workspace: Workspace, callback_id: str, inputs: Json, error: str) -> None:
    """A workflow that does not fit the function is stopped by Slack."""
    workspace.install(MANIFEST)
    with pytest.raises(SlackError, match=error):
        workspace.run_function(callback_id, inputs)


def test_event_says_what_the_function_takes_and_outputs_must_fit(workspace: Workspace, client: WebClient) -> None:
    """The event lists the parameters; the answer must give what was promised."""
    workspace.install(MANIFEST)
    heard: list[Json] = []
    workspace.event_listener = heard.append
    execution_id = workspace.run_function("parcel.send", {"to": "U0SATO", "grams": 1.5, "is_fragile": True})
    function = heard[0]["event"]["function"]
    assert (function["callback_id"], function["title"]) == ("parcel.send", "Send a parcel")
    assert [one["name"] for one in function["input_parameters"]] == ["to", "grams", "is_fragile"]
    for outputs in ({}, {"number": 5}, {"number": "P-1", "more": "x"}):
        with pytest.raises(SlackApiError, match="parameter_validation_failed"):
            client.functions_completeSuccess(function_execution_id=execution_id, outputs=outputs)
    client.functions_completeSuccess(function_execution_id=execution_id, outputs={"number": "P-1"})
    assert workspace.functions[execution_id]["outputs"] == {"number": "P-1"}


@pytest.mark.parametrize(
    "change",
    [
        {"settings": {"org_deploy_enabled": False, "function_runtime": "remote"}},
        {"settings": {"org_deploy_enabled": True}},
        {"functions": {"f": {"title": "F", "input_parameters": {"x": {"type": "colour", "title": "X"}}, "output_parameters": {}}}},
        {"functions": {"f": {"title": "F", "input_parameters": {}}}},
    ],
)  # fmt: skip
def test_manifest_with_broken_functions_is_refused(workspace: Workspace, change: Json) -> None:
    """What Slack would not take changes nothing."""
    with pytest.raises(SlackError, match="invalid_manifest"):
        workspace.install(copy.deepcopy(MANIFEST) | change)
    assert workspace.installation.app_name == "Demo app"
