"""The app as this workspace knows it: its tokens, rights, subscriptions and addresses."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from playground.entities import Json
from playground.errors import SlackError
from playground.functions import Function, functions_of

BOT_SCOPES = frozenset(
    [
        "app_mentions:read",
        "channels:history",
        "channels:join",
        "channels:manage",
        "channels:read",
        "chat:write",
        "commands",
        "files:read",
        "files:write",
        "groups:history",
        "groups:read",
        "im:history",
        "im:read",
        "im:write",
        "reactions:read",
        "reactions:write",
        "team:read",
        "users:read",
        "users:read.email",
    ]
)
# Without `message`: an app that does not ask for it should not be kept busy by its own posts.
EVENTS = frozenset(
    [
        "app_home_opened",
        "channel_archive",
        "channel_rename",
        "channel_unarchive",
        "function_executed",
        "member_joined_channel",
        "member_left_channel",
        "reaction_added",
        "reaction_removed",
        "team_join",
        "user_change",
    ]
)


@dataclass(frozen=True)
class SlashCommand:
    """One command of the app, as Slack's composer lists it."""

    command: str
    description: str = ""
    usage_hint: str = ""


@dataclass(frozen=True)
class Shortcut:
    """One of the app's shortcuts; `type` is global or message."""

    name: str
    type: str
    callback_id: str
    description: str = ""


@dataclass
class Installation:
    """How the app is installed. Tests change it in place; `request_url` switches from Socket Mode to signed HTTP.

    With None, `commands`, `shortcuts` and `functions` are whatever the app answers to.
    """

    app_id: str = "A0PLAYGROUND"
    app_name: str = "Demo app"
    bot_name: str = "Demo bot"
    bot_id: str = "B0PLAYGROUND"
    bot_user: str = "U0BOT"
    bot_token: str = "xoxb-playground-bot"  # noqa: S105 - opens nothing but this process
    app_token: str = "xapp-playground-app"  # noqa: S105 - opens nothing but this process
    signing_secret: str = "playground-signing-secret"  # noqa: S105 - opens nothing but this process
    verification_token: str = "playground-verification"  # noqa: S105 - opens nothing but this process
    scopes: frozenset[str] = BOT_SCOPES
    app_scopes: frozenset[str] = frozenset({"connections:write"})
    events: frozenset[str] = EVENTS
    commands: frozenset[str] | None = None
    slash_commands: tuple[SlashCommand, ...] = ()
    shortcuts: tuple[Shortcut, ...] | None = None
    functions: Mapping[str, Function] | None = None
    takes_messages: bool = True
    """Whether people may write to the app; its manifest can make the messages tab one that is only read."""
    request_url: str = ""
    is_active: bool = True

    def install(self, manifest: Json) -> None:
        """Take names, commands, shortcuts, functions, scopes and events from an app manifest; nothing else is granted.

        Shape: https://docs.slack.dev/reference/app-manifest

        Raises:
            SlackError: invalid_manifest.
        """
        try:
            self._install(manifest)
        except (AttributeError, KeyError, TypeError) as error:
            raise SlackError("invalid_manifest", messages=[f"unexpected or missing: {error}"]) from error

    def _install(self, manifest: Json) -> None:
        features = manifest.get("features", {})
        name = str(manifest["display_information"]["name"])
        commands = tuple(_named(SlashCommand, one) for one in features.get("slash_commands", []))
        shortcuts = tuple(_named(Shortcut, one) for one in features.get("shortcuts", []))
        scopes = frozenset(manifest.get("oauth_config", {}).get("scopes", {}).get("bot", []))
        subscribed = manifest.get("settings", {}).get("event_subscriptions", {}).get("bot_events", [])
        events = frozenset(map(str, subscribed))
        functions = functions_of(manifest)
        self.app_name, self.bot_name = name, features.get("bot_user", {}).get("display_name", name)
        self.commands, self.slash_commands = frozenset(one.command for one in commands), commands
        self.takes_messages = not features.get("app_home", {}).get("messages_tab_read_only_enabled")
        self.shortcuts, self.scopes, self.events, self.functions = shortcuts, scopes, events, functions


def handle(name: str) -> str:
    """Give the handle that Slack makes of a bot's display name."""
    return re.sub(r"[^a-z0-9_.-]+", "-", name.lower()).strip("-") or "bot"


def _named(kind: type[Any], entry: Json) -> Any:
    return kind(**{name: entry[name] for name in kind.__dataclass_fields__ if name in entry})


@dataclass
class Timing:
    """Slack's patience, in seconds, and its rates. Tests shorten it; the figures are Slack's own."""

    ack_seconds: float = 3.0
    event_retry_delays: tuple[float, ...] = (0.0, 60.0, 300.0)
    trigger_seconds: float = 3.0
    response_url_seconds: float = 1800.0
    response_url_uses: int = 5
    rate_limits: bool = True
    posts_per_second: float = 1.0
    # Slack tolerates short bursts over one message a second; it does not say how short.
    post_burst: int = 4
    # How much longer each call takes on a bad day: longer than the 2 s that an app can afford before an ack.
    slow_seconds: float = 3.0
