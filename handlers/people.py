"""Who is asking: people as Slack knows them, kept in memory for some minutes."""

import threading
import time
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from slack_sdk import WebClient

from models.database import Database
from models.member import Actor
from services.members import find_member, profile_of, save_profile
from services.records import receive_once

REMEMBERED_SECONDS = 300


class People:
    """Look people up: in memory, else in the database, else (never seen before) at Slack."""

    def __init__(
        self, database: Database, client: WebClient, workspace_id: int, team_slack_id: str, locale: str, timezone: str
    ) -> None:
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

    def save(self, user: Mapping[str, Any], now: datetime, key: str = "") -> Actor:
        """Keep what Slack says of a user and return who that is; `key` is that of the event which says so.

        Raises:
            RepeatedRequestError: the event has been heard before.
        """
        profile = profile_of(user, self._team_slack_id, self._locale, self._timezone)
        with self._database.write() as session:
            if key:
                receive_once(session, self._workspace_id, key, now)
            actor = save_profile(session, self._workspace_id, profile, now).as_actor()
        self.forget(profile.slack_id)
        return actor
