"""Who is asking: people as Slack knows them, kept in memory for some minutes."""

import threading
import time
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import available_timezones

from slack_sdk import WebClient

from locales import pick
from models.database import Database
from models.member import Actor, Standing
from services.members import Profile, find_member, save_profile

REMEMBERED_SECONDS = 300
_ZONES = available_timezones()


class People:
    """Look people up: in memory, else in the database, else (never seen before) at Slack."""

    def __init__(self, database: Database, client: WebClient, workspace_id: int, team_slack_id: str, locale: str, timezone: str) -> None:
        self._database, self._client, self._workspace_id = database, client, workspace_id
        self._team_slack_id, self._locale, self._timezone = team_slack_id, locale, timezone
        self._remembered: dict[str, tuple[Actor, float]] = {}
        self._lock = threading.Lock()

    def find(self, slack_id: str, now: datetime) -> Actor:
        """Return who this is.

        Raises:
            SlackApiError, OSError: Slack was needed and did not answer: nobody may act whom we do not know.
            BusyError: so did the database.
        """
        remembered = self._remembered.get(slack_id)
        if remembered is not None and remembered[1] > time.monotonic():
            return remembered[0]
        actor = self._known(slack_id) or self._introduced(slack_id, now)
        with self._lock:
            self._remembered[slack_id] = (actor, time.monotonic() + REMEMBERED_SECONDS)
        return actor

    def forget(self, slack_id: str | None = None) -> None:
        """Have the person (None: everybody) read from the database at their next request."""
        with self._lock:
            if slack_id is None:
                self._remembered.clear()
            else:
                self._remembered.pop(slack_id, None)

    def _known(self, slack_id: str) -> Actor | None:
        with self._database.read() as session:
            member = find_member(session, self._workspace_id, slack_id)
            return member.as_actor() if member else None

    def _introduced(self, slack_id: str, now: datetime) -> Actor:
        user = self._client.users_info(user=slack_id, include_locale=True)["user"]
        return self.save(user, now)

    def save(self, user: Mapping[str, Any], now: datetime) -> Actor:
        """Keep what Slack says of a user and return who that is."""
        profile = profile_of(user, self._team_slack_id, self._locale, self._timezone)
        with self._database.write() as session:
            actor = save_profile(session, self._workspace_id, profile, now).as_actor()
        self.forget(profile.slack_id)
        return actor


def profile_of(user: Mapping[str, Any], team_slack_id: str, locale: str, timezone: str) -> Profile:
    """Read a user object of Slack's. A zone or language that we do not know becomes the workspace's."""
    details = user.get("profile") or {}
    names = (details.get("display_name"), details.get("real_name"), user.get("real_name"), user.get("name"))
    zone = user.get("tz") or ""
    return Profile(
        slack_id=user["id"],
        name=next((name for name in names if name), user["id"]),
        locale=pick(user.get("locale") or "", locale),
        timezone=zone if zone in _ZONES else timezone,
        standing=_standing_of(user, team_slack_id),
        is_admin=bool(user.get("is_admin") or user.get("is_owner")),
    )


_FLAGS: tuple[tuple[str, Standing], ...] = (
    ("deleted", Standing.DEACTIVATED),
    ("is_bot", Standing.BOT),
    ("is_workflow_bot", Standing.BOT),
    ("is_stranger", Standing.STRANGER),
    ("is_restricted", Standing.GUEST),
    ("is_ultra_restricted", Standing.GUEST),
)


def _standing_of(user: Mapping[str, Any], team_slack_id: str) -> Standing:
    flagged = next((standing for flag, standing in _FLAGS if user.get(flag)), None)
    if flagged is not None:
        return flagged
    team = user.get("team_id") or team_slack_id
    return Standing.ACTIVE if team == team_slack_id else Standing.STRANGER


