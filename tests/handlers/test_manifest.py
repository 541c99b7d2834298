"""The manifest offers what the table answers, no more and no less, within Slack's limits."""

import json
from pathlib import Path
from typing import Any

import pytest

from handlers.table import EVENTS, SHORTCUTS, STEPS

SHORTCUT_NAME_MAX = 24


@pytest.fixture(scope="module")
def manifest() -> dict[str, Any]:
    """The manifest at the root of the repository."""
    return dict(json.loads((Path(__file__).parents[2] / "manifest.json").read_text(encoding="utf-8")))


def test_every_shortcut_has_an_answer(manifest: dict[str, Any]) -> None:
    """Global shortcuts and those on messages; Slack cuts longer names."""
    shortcuts = manifest["features"]["shortcuts"]
    assert {one["callback_id"] for one in shortcuts} == SHORTCUTS.keys()
    on_messages = {one["callback_id"] for one in shortcuts if one["type"] == "message"}
    assert on_messages == {name for name in SHORTCUTS if name.endswith(".from_message")}
    assert all(len(one["name"]) <= SHORTCUT_NAME_MAX and one["description"] for one in shortcuts)


def test_every_event_and_step_has_an_answer(manifest: dict[str, Any]) -> None:
    """The app subscribes to what it handles; a workflow can ask for what there is."""
    assert manifest["functions"].keys() == STEPS.keys()
    subscribed = manifest["settings"]["event_subscriptions"]["bot_events"]
    assert {name.partition(".")[0] for name in subscribed} == {*EVENTS, "function_executed"}


def test_scopes_of_shortcuts_and_steps_are_asked_for(manifest: dict[str, Any]) -> None:
    """Shortcuts come with `commands`; steps need the app to be ready for organisations."""
    assert "commands" in manifest["oauth_config"]["scopes"]["bot"]
    assert (manifest["settings"]["org_deploy_enabled"], manifest["settings"]["function_runtime"]) == (True, "remote")


def test_files_reach_baton_and_what_colleagues_say_does_not(manifest: dict[str, Any]) -> None:
    """Of messages only those to Baton itself are heard, with the rights to read what was dropped there."""
    subscribed = manifest["settings"]["event_subscriptions"]["bot_events"]
    assert [name for name in subscribed if name.startswith("message")] == ["message.im"]
    assert {"im:history", "files:read", "files:write"} <= set(manifest["oauth_config"]["scopes"]["bot"])
    assert manifest["features"]["app_home"]["messages_tab_read_only_enabled"] is False
