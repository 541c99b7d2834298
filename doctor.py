"""What `bot.py doctor` looks at: each finding is one line, and each fault says what to do."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from models.database import Database, make_engine, told_in_words
from models.errors import BusyError
from models.facts import LeadFacts, Setup
from models.lead import Lead, Stage
from models.schema import SchemaError, migrate
from models.scoring import Score
from models.workspace import Workspace
from services.workspaces import first_team, only_workspace
from settings import Settings
from views import lead_card, lead_form, setup_form
from views.words import Reader

MANIFEST = Path(__file__).parent / "manifest.json"


@dataclass(frozen=True)
class Finding:
    """One thing looked at: fine, or what is wrong and what to do."""

    is_well: bool
    said: str


def examine(settings: Settings, say: Callable[[str], Any]) -> bool:
    """Look at everything, say each finding, and tell whether all is well."""
    client = WebClient(settings.SLACK_BOT_TOKEN, base_url=settings.SLACK_API_URL, timeout=10, retry_handlers=[])
    is_well = True
    for finding in _findings(settings, client):
        say(f"{'ok  ' if finding.is_well else 'FIX '} {finding.said}")
        is_well = is_well and finding.is_well
    return is_well


def _findings(settings: Settings, client: WebClient) -> Iterator[Finding]:
    channels, database_finding = _database(settings)
    yield database_finding
    token = list(_bot_token(client))
    yield from token
    yield from _app_token(settings)
    if token[0].is_well:
        yield from _channels(settings, client, channels)
        yield from _messages(client)


def _database(settings: Settings) -> tuple[dict[str, str | None], Finding]:
    """Check that the database can be used; return the channels that it names."""
    try:
        engine = make_engine(settings.DATABASE_URL)
        with told_in_words():
            migrate(engine)
        with Database(engine).write() as session:
            workspace = only_workspace(session)
            team = first_team(session, workspace.id) if workspace else None
    except (BusyError, SchemaError, OSError) as error:
        return {}, Finding(
            False, f"database: {error}; check DATABASE_URL, its server or folder, and who may write there"
        )
    channels = {
        "SALES_CHANNEL": (team.channel_slack_id if team else None) or settings.SALES_CHANNEL,
        "MARKETING_CHANNEL": (workspace.marketing_channel_slack_id if workspace else None)
        or settings.MARKETING_CHANNEL,
    }
    return channels, Finding(True, f"database: {engine.dialect.name}, its tables are up to date and can be written")


def _bot_token(client: WebClient) -> Iterator[Finding]:
    try:
        answer = client.auth_test()
    except (SlackClientError, OSError) as error:
        yield Finding(
            False, f"SLACK_BOT_TOKEN: {_why(error, 'copy it from the page OAuth & Permissions of your Slack app')}"
        )
        return
    yield Finding(True, f"SLACK_BOT_TOKEN: this is {answer['user']} in {answer['team']}")
    granted = {scope.strip() for scope in (answer.headers or {}).get("x-oauth-scopes", "").split(",")}
    wanted = json.loads(MANIFEST.read_text(encoding="utf-8"))["oauth_config"]["scopes"]["bot"]
    missing = [scope for scope in wanted if scope not in granted]
    if missing:
        yield Finding(
            False, f"scopes: {', '.join(missing)} missing; add on the page OAuth & Permissions and reinstall the app"
        )
    else:
        yield Finding(True, f"scopes: all {len(wanted)} are granted")


def _app_token(settings: Settings) -> Iterator[Finding]:
    if not settings.SLACK_APP_TOKEN:
        yield Finding(True, "SLACK_APP_TOKEN: not set, so Slack must reach POST /slack/events with the signing secret")
        return
    try:
        WebClient(base_url=settings.SLACK_API_URL, timeout=10, retry_handlers=[]).apps_connections_open(
            app_token=settings.SLACK_APP_TOKEN
        )
    except (SlackClientError, OSError) as error:
        yield Finding(
            False, f"SLACK_APP_TOKEN: {_why(error, 'make one with connections:write on the page Basic Information')}"
        )
        return
    yield Finding(True, "SLACK_APP_TOKEN: Socket Mode can connect")


def _channels(settings: Settings, client: WebClient, channels: dict[str, str | None]) -> Iterator[Finding]:
    for name, channel in channels.items():
        yield (
            _channel(client, name, channel, settings.COMMAND)
            if channel
            else Finding(True, f"{name}: not set; the first manager to type {settings.COMMAND} gets the set-up form")
        )


def _channel(client: WebClient, name: str, channel: str, command: str) -> Finding:
    try:
        info = client.conversations_info(channel=channel)["channel"]
    except (SlackClientError, OSError) as error:
        return Finding(
            False, f"{name} {channel}: {_why(error, f'check the id, or type {command} setup to choose another')}"
        )
    faults = {
        "it is archived; choose another": info.get("is_archived"),
        "it is shared with another organisation; choose another, leads are personal data": info.get("is_ext_shared"),
        f"Baton is not in it; type /invite @Baton in #{info.get('name')}": not info.get("is_member"),
    }
    fault = next((said for said, is_so in faults.items() if is_so), None)
    return Finding(False, f"{name}: {fault}") if fault else Finding(True, f"{name}: #{info.get('name')}")


def _messages(client: WebClient) -> Iterator[Finding]:
    """Have Slack check some of our messages, where it offers to."""
    for locale in ("ja", "en"):
        for name, blocks in _samples(Reader(locale, "Asia/Tokyo")):
            try:
                client.api_call("blocks.validate", json={"blocks": blocks})
            except SlackApiError as error:
                code = str(error.response.get("error"))
                if code in {"unknown_method", "not_allowed_token_type", "missing_scope"}:
                    yield Finding(True, f"messages: Slack does not check them for this token ({code})")
                    return
                yield Finding(False, f"messages: Slack refuses {name} in {locale} ({code}); please report this")
            except (SlackClientError, OSError) as error:
                yield Finding(False, f"messages: {_why(error, '')}")
                return
    yield Finding(True, "messages: Slack accepts them in both languages")


def _samples(reader: Reader) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    now = datetime(2026, 11, 24, tzinfo=UTC)
    lead = Lead(
        workspace_id=1, number=12, name="中村 理恵", company="ミナモ精機株式会社", email="r@minamo-seiki.example",
        stage=Stage.INQUIRY, stage_at=now, created_at=now, updated_at=now,
    )  # fmt: skip
    score = Score(0, 0, (), (), hot_threshold=80, mql_threshold=60)
    yield (
        "the answer to add",
        lead_card.added(LeadFacts(lead, score, None, None, (), None, may_see_contact=True), reader).blocks,
    )
    yield "the form to add", lead_form.add(None, reader, "")["blocks"]
    workspace = Workspace(slack_id="T0", created_at=now)
    yield "the set-up form", setup_form.setup(Setup(workspace, None, 0), reader, "")["blocks"]


def _why(error: Exception, advice: str) -> str:
    """Say why Slack did not do it, and what to do about that."""
    if isinstance(error, SlackApiError):
        return f"Slack answers {error.response.get('error')}; {advice}"
    return f"Slack does not answer ({type(error).__name__}); check the network and SLACK_API_URL"
