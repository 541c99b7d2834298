"""The one form of settings, for managers."""

from datetime import time, timedelta

from models.facts import Setup
from models.workspace import WEEKDAYS
from views.blocks import Block, View, ask, checkboxes, modal, option, radios, select, text_input
from views.words import Reader, msg

SAVE = "setup.save"
TEAM_NAME_MAX = 50
POINTS_MAX = 1000
DORMANT_DAYS_MAX = 730

_CLAIM_MINUTES = (30, 60, 120, 240, 480)
_LANGUAGES = {"ja": "日本語", "en": "English"}
_DORMANT: tuple[tuple[str, str], ...] = (
    ("dormant_inquiry_days", msg("Dormant after days: INQUIRY")),
    ("dormant_mql_days", msg("Dormant after days: MQL")),
    ("dormant_sql_days", msg("Dormant after days: SQL")),
    ("dormant_customer_days", msg("Dormant after days: existing customers")),
)


def setup(facts: Setup, reader: Reader, metadata: str) -> View:
    """Ask for everything a workspace can choose; what it has chosen stands in the form."""
    t, workspace, team = reader.t, facts.workspace, facts.team
    hot_now = reader.n("{count} lead is at {hot} or more now.", "{count} leads are at {hot} or more now.",
                       facts.hot_count, hot=workspace.hot_threshold)  # fmt: skip
    sales = team.channel_slack_id if team else None
    blocks: list[Block] = [
        ask("sales_channel", t("Channel for handoffs"), _channel(sales),
            hint=t("Its members are sales: they can claim. Invite Baton to it.")),
        ask("marketing_channel", t("Marketing channel"), _channel(workspace.marketing_channel_slack_id),
            optional=True, hint=t("Its members are marketing: they can hand off. Hot leads are reported here.")),
        ask("team_name", t("Team name"), text_input(TEAM_NAME_MAX, team.name if team else ""), optional=True),
        ask("team_locale", t("Language of the channel"),
            radios([option(code, name) for code, name in _LANGUAGES.items()], team.locale if team else workspace.locale)),
        ask("mql_threshold", t("MQL from (points)"), _number(workspace.mql_threshold, POINTS_MAX)),
        ask("hot_threshold", t("Hot from (points)"), _number(workspace.hot_threshold, POINTS_MAX), hint=hot_now),
        *(ask(field, t(label), _number(getattr(workspace, field), DORMANT_DAYS_MAX)) for field, label in _DORMANT),
        ask("claim_minutes", t("Claim within"), _claim_times(workspace.claim_minutes, reader),
            hint=t("Counts working hours only; weekends and holidays are left out.")),
        ask("working_days", t("Working days"), _days(workspace.working_days, reader)),
        ask("open_from", t("Working hours from"), _time(workspace.open_from)),
        ask("open_until", t("Working hours until"), _time(workspace.open_until)),
        ask("digest_time", t("Time of the daily digest"), _time(workspace.digest_time),
            hint=t("In each reader's own time zone, on working days.")),
    ]  # fmt: skip
    return modal(SAVE, t("Set up Baton"), blocks, metadata, close=t("Cancel"), submit=t("Save"))


def _channel(chosen: str | None) -> Block:
    """Ask for a channel of our own: personal data never goes into one shared with others."""
    block: Block = {
        "type": "conversations_select",
        "action_id": "v",
        "filter": {
            "include": ["public", "private"],
            "exclude_bot_users": True,
            "exclude_external_shared_channels": True,
        },
    }
    if chosen:
        block["initial_conversation"] = chosen
    return block


def _number(value: int, most: int) -> Block:
    return {
        "type": "number_input",
        "action_id": "v",
        "is_decimal_allowed": False,
        "initial_value": str(value),
        "min_value": "1",
        "max_value": str(most),
    }


def _claim_times(chosen: int, reader: Reader) -> Block:
    minutes = sorted({*_CLAIM_MINUTES, chosen})
    options = [option(str(choice), reader.duration(timedelta(minutes=choice))) for choice in minutes]
    return select(options, str(chosen))


def _days(chosen: str, reader: Reader) -> Block:
    language = reader.locale if reader.locale in _LANGUAGES else "en"
    from babel.dates import get_day_names  # noqa: PLC0415  As in words.py.

    names = get_day_names("wide", locale=language)
    return checkboxes([option(code, names[number]) for number, code in enumerate(WEEKDAYS)], chosen.split(","))


def _time(value: time) -> Block:
    return {"type": "timepicker", "action_id": "v", "initial_time": f"{value:%H:%M}"}
