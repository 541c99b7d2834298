"""The app as its manifest installs it, and as the page then shows it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from playground import PeopleError, Person, SlackError, Workspace
from playground.page import PageOptions, Verb
from playground.seed import SALES, SATO
from tests.playground.browser import Browser

Json = dict[str, Any]
ROOT = Path(__file__).parent.parent.parent
MANIFEST: Json = {
    "display_information": {"name": "Courier"},
    "features": {
        "bot_user": {"display_name": "Courier Bot", "always_online": True},
        "shortcuts": [
            {"name": "Send", "type": "global", "callback_id": "parcel.send", "description": "Send a parcel"},
            {"name": "Attach", "type": "message", "callback_id": "parcel.attach", "description": "Attach a message"},
        ],
        "slash_commands": [{"command": "/parcel", "description": "Parcels", "usage_hint": "send X", "url": "https://x.example"}],
    },
    "oauth_config": {"scopes": {"bot": ["chat:write", "commands"]}},
    "settings": {"event_subscriptions": {"bot_events": ["app_home_opened"]}, "socket_mode_enabled": True},
}  # fmt: skip


@pytest.fixture
def page() -> PageOptions:
    return PageOptions(verbs={"/parcel": {"en": [Verb("send", ("s",), "send NAME", "Send a parcel")], "ja": []}})


def test_page_shows_what_the_manifest_says(tab: Callable[..., Browser], workspace: Workspace) -> None:
    """Names, commands with their completions, and shortcuts come from the manifest, in tabs that are open too."""
    browser = tab(SATO)
    assert (browser.slices["app"]["name"], browser.slices["app"]["shortcuts"]) == ("Demo app", [])
    workspace.install(MANIFEST)

    def bot() -> Json:
        return next(one for one in browser.slices["people"] if one["id"] == "U0BOT")

    browser.until(lambda: browser.slices["app"]["name"] == "Courier" and bot()["name"] == "courier-bot")
    verb = {"verb": "send", "aliases": ["s"], "usage": "send NAME", "summary": "Send a parcel"}
    assert browser.slices["app"] == {
        "id": workspace.installation.app_id,
        "name": "Courier",
        "bot_user": "U0BOT",
        "commands": [
            {
                "command": "/parcel",
                "description": "Parcels",
                "usage_hint": "send X",
                "verbs": {"en": [verb], "ja": []},
            }
        ],
        "shortcuts": MANIFEST["features"]["shortcuts"],
        "steps": [],
        "takes_messages": True,
    }
    assert (bot()["display_name"], bot()["real_name"], bot()["is_bot"]) == ("Courier Bot", "Courier Bot", True)


def test_only_what_the_manifest_asks_for_is_granted(workspace: Workspace, client: WebClient, sato: Person) -> None:
    """Scopes, events, commands and shortcuts that the manifest does not name are not there."""
    workspace.install(MANIFEST)
    assert client.chat_postMessage(channel=SALES, text="x")["ok"]
    with pytest.raises(SlackApiError, match="missing_scope"):
        client.users_list()
    assert workspace.installation.events == {"app_home_opened"}
    with pytest.raises(PeopleError, match="not a valid command"):
        sato.command(SALES, "/lead help")
    with pytest.raises(PeopleError, match="the app has no"):
        sato.shortcut("parcel.attach")
    with pytest.raises(PeopleError, match="the app has no"):
        sato.message_shortcut("parcel.send", sato.sees(SALES)[0])
    assert sato.shortcut("parcel.send").error == "unreachable"


def test_our_own_manifest_installs(workspace: Workspace) -> None:
    """The manifest at the root of the repository is one that Slack would take."""
    manifest = json.loads((ROOT / "manifest.json").read_text())
    workspace.install(manifest)
    here = workspace.installation
    assert here.app_name == manifest["display_information"]["name"]
    assert [one.command for one in here.slash_commands] == ["/lead"]
    assert here.scopes == set(manifest["oauth_config"]["scopes"]["bot"])


@pytest.mark.parametrize("manifest", [{}, {"display_information": []}, {"display_information": {"name": "x"}, "features": {"slash_commands": [{}]}}])  # fmt: skip
def test_broken_manifests_are_refused(workspace: Workspace, manifest: Json) -> None:
    """A manifest without what it must have is refused, and the app stays as it was."""
    with pytest.raises(SlackError, match="invalid_manifest"):
        workspace.install(manifest)
    assert workspace.installation.app_name == "Demo app"
