"""The app as this workspace knows it: its tokens, rights, subscriptions and addresses."""

from dataclasses import dataclass

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


@dataclass
class Installation:
    """How the app is installed. Tests change it in place; `request_url` switches from Socket Mode to signed HTTP."""

    app_id: str = "A0PLAYGROUND"
    app_name: str = "Demo app"
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
    request_url: str = ""
    is_active: bool = True


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
