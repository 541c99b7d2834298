"""What a workspace is made of. Frozen: a change replaces the row, so what a test holds never moves under it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

Json = dict[str, Any]
NONE: Mapping[str, tuple[str, ...]] = MappingProxyType({})


@dataclass(frozen=True)
class Team:
    """One organisation in Slack."""

    id: str
    name: str
    domain: str

    def to_json(self) -> Json:
        return {"id": self.id, "name": self.name, "domain": self.domain, "email_domain": "", "icon": {}}


@dataclass(frozen=True)
class User:
    """One account: a person or a bot, of this team or of a connected one."""

    id: str
    name: str
    real_name: str
    team_id: str
    display_name: str = ""
    email: str = ""
    locale: str = "ja-JP"
    tz: str = "Asia/Tokyo"
    is_admin: bool = False
    is_owner: bool = False
    is_restricted: bool = False
    is_ultra_restricted: bool = False
    is_bot: bool = False
    is_stranger: bool = False
    deleted: bool = False

    @property
    def is_guest(self) -> bool:
        return self.is_restricted or self.is_ultra_restricted

    def to_json(self, *, with_email: bool = True, with_locale: bool = False) -> Json:
        """Give the user object; Slack leaves rights out for deleted users and the zone's fields with them."""
        body: Json = {"id": self.id, "team_id": self.team_id, "name": self.name, "deleted": self.deleted}
        if not self.deleted:
            body |= {"real_name": self.real_name, "is_primary_owner": False, **self._zone()}
            body |= {"is_admin": self.is_admin, "is_owner": self.is_owner}
            body |= {"is_restricted": self.is_restricted, "is_ultra_restricted": self.is_ultra_restricted}
        body |= {"is_bot": self.is_bot, "is_app_user": False, "updated": 0, "profile": self._profile(with_email)}
        if self.is_stranger:
            body["is_stranger"] = True
        if with_locale:
            body["locale"] = self.locale
        return body

    def _zone(self) -> Json:
        offset = datetime.now(ZoneInfo(self.tz)).utcoffset()
        return {"tz": self.tz, "tz_label": self.tz, "tz_offset": int(offset.total_seconds()) if offset else 0}

    def _profile(self, with_email: bool) -> Json:
        profile: Json = {
            "real_name": self.real_name,
            "real_name_normalized": self.real_name,
            "display_name": self.display_name,
            "display_name_normalized": self.display_name,
            "team": self.team_id,
        }
        if with_email and self.email:
            profile["email"] = self.email
        return profile


@dataclass(frozen=True)
class Channel:
    """A place for messages: public or private channel, or the app's direct messages with one person."""

    id: str
    name: str
    created: int = 0
    members: tuple[str, ...] = ()
    is_private: bool = False
    is_archived: bool = False
    is_ext_shared: bool = False
    connected_team_ids: tuple[str, ...] = ()
    im_user: str = ""

    @property
    def is_im(self) -> bool:
        return bool(self.im_user)

    @property
    def event_type(self) -> str:
        """Name the kind of place as message events do."""
        return "im" if self.is_im else "group" if self.is_private else "channel"

    def to_json(self, viewer: str, team_id: str) -> Json:
        if self.is_im:
            return {"id": self.id, "created": self.created, "is_im": True, "user": self.im_user, "is_archived": False}
        return {
            "id": self.id,
            "name": self.name,
            "name_normalized": self.name,
            "created": self.created,
            "is_channel": not self.is_private,
            "is_group": self.is_private,
            "is_im": False,
            "is_mpim": False,
            "is_private": self.is_private,
            "is_archived": self.is_archived,
            "is_general": self.name == "general",
            "is_member": viewer in self.members,
            "is_shared": self.is_ext_shared,
            "is_ext_shared": self.is_ext_shared,
            "is_org_shared": False,
            "num_members": len(self.members),
            "context_team_id": team_id,
            "connected_team_ids": list(self.connected_team_ids),
            "shared_team_ids": [team_id, *self.connected_team_ids],
        }


@dataclass(frozen=True)
class Message:
    """One message; an ephemeral one when `only_for` names the person who sees it."""

    channel: str
    ts: str
    user: str
    text: str = ""
    blocks: tuple[Json, ...] = ()
    thread_ts: str = ""
    only_for: str = ""
    bot_id: str = ""
    app_id: str = ""
    subtype: str = ""
    metadata: Json | None = None
    reactions: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: NONE)
    edited_ts: str = ""
    file_ids: tuple[str, ...] = ()

    @property
    def is_ephemeral(self) -> bool:
        return bool(self.only_for)

    @property
    def is_reply(self) -> bool:
        return self.thread_ts not in ("", self.ts)

    def to_json(self, *, with_metadata: bool = True) -> Json:
        body: Json = {"type": "message", "user": self.user, "ts": self.ts, "text": self.text}
        optional: Json = {
            "subtype": self.subtype,
            "thread_ts": self.thread_ts,
            "bot_id": self.bot_id,
            "app_id": self.app_id,
            "blocks": list(self.blocks),
            "metadata": self.metadata if with_metadata else None,
            "reactions": self.reactions_json(),
            "edited": {"user": self.user, "ts": self.edited_ts} if self.edited_ts else None,
        }
        return body | {name: value for name, value in optional.items() if value}

    def reactions_json(self) -> list[Json]:
        return [{"name": n, "users": list(users), "count": len(users)} for n, users in self.reactions.items()]


@dataclass(frozen=True)
class View:
    """A modal or a Home tab that stands on one person's screen; `typed` is what they have put in so far."""

    id: str
    user: str
    body: Json
    hash: str
    root_id: str
    previous_id: str = ""
    channel: str = ""
    typed: Mapping[str, Mapping[str, Json]] = field(default_factory=dict)

    @property
    def type(self) -> str:
        return str(self.body["type"])

    @property
    def callback_id(self) -> str:
        return str(self.body.get("callback_id", ""))

    @property
    def blocks(self) -> tuple[Json, ...]:
        return tuple(self.body["blocks"])


@dataclass(frozen=True)
class File:
    """One uploaded file."""

    id: str
    name: str
    user: str
    title: str = ""
    content: bytes = b""
    uploaded: bool = False
    completed: bool = False
    deleted: bool = False
    channels: tuple[str, ...] = ()
    size: int = 0
    mimetype: str = "application/octet-stream"
