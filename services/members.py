"""The people of a workspace: who they are to Slack, and which roles they have."""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any
from zoneinfo import available_timezones

from sqlalchemy import Executable, Update, bindparam, update
from sqlalchemy import select as sql_select
from sqlmodel import Session, col, select

from locales import pick
from models.base import blank, new_id
from models.errors import NotAllowedError
from models.member import ROLES_WITH, Actor, Member, Right, Role, Standing
from models.workspace import Team, Workspace
from services.identity import fold
from services.statements import Prepared, insert_into, is_among, listed, placeholders


@dataclass(frozen=True)
class Profile:
    """What Slack's `users.info` says of somebody."""

    slack_id: str
    name: str
    handle: str
    locale: str
    timezone: str
    standing: Standing
    is_admin: bool


_ZONES = available_timezones()


def profile_of(user: Mapping[str, Any], team_slack_id: str, locale: str, timezone: str) -> Profile:
    """Read a user object of Slack's. A zone or language that we do not know becomes the workspace's."""
    details = user.get("profile") or {}
    names = (details.get("display_name"), details.get("real_name"), user.get("real_name"), user.get("name"))
    zone = user.get("tz") or ""
    return Profile(
        slack_id=user["id"],
        name=next((name for name in names if name), user["id"]),
        handle=str(user.get("name") or ""),
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


def save_profile(session: Session, workspace_id: int, profile: Profile, now: datetime) -> Member:
    """Keep what Slack says of a person, known before or not. Their roles from channels stay as they are."""
    save_profiles(session, workspace_id, [profile], now)
    session.expire_all()
    found = find_member(session, workspace_id, profile.slack_id)
    if found is None:
        raise LookupError(profile.slack_id)
    return found


def save_profiles(session: Session, workspace_id: int, profiles: Iterable[Profile], now: datetime) -> None:
    """Keep what Slack says of many people, as `save_profile` does of one."""
    same = {**_BLANK, "workspace_id": workspace_id, "refreshed_at": now}
    _SAVE_PROFILE.run_many(session, same, ({"id": new_id(), **_columns_of(profile)} for profile in profiles))


# What Slack says of a person: by which column, and what `Profile` calls it.
_TOLD = {
    "name": "name",
    "handle": "handle",
    "locale": "locale",
    "timezone": "timezone",
    "standing": "standing",
    "is_manager": "is_admin",
}


def _columns_of(profile: Profile) -> dict[str, Any]:
    return {"slack_id": profile.slack_id, **{column: getattr(profile, said) for column, said in _TOLD.items()}}


def _saving_profile(dialect: str) -> Executable:
    inserted = insert_into(Member, dialect).values(placeholders(Member))
    return inserted.on_conflict_do_update(
        index_elements=["workspace_id", "slack_id"],
        set_={name: inserted.excluded[name] for name in (*_TOLD, "refreshed_at")},
    )


_BLANK = blank(Member)
_SAVE_PROFILE = Prepared(_saving_profile)


def find_member(session: Session, workspace_id: int, slack_id: str) -> Member | None:
    """Return the member with this Slack id, if Baton has met them."""
    return session.exec(select(Member).where(Member.workspace_id == workspace_id, Member.slack_id == slack_id)).first()


def get_member(session: Session, workspace_id: int, member_id: int | None) -> Member | None:
    """Return the member of this id; None for None."""
    return None if member_id is None else session.get(Member, (workspace_id, member_id))


def require(session: Session, actor: Actor, right: Right) -> None:
    """Check the right again, as the tables stand now.

    Raises:
        NotAllowedError: it was taken away since the request came in, or never there; carries somebody who can.
    """
    rows = _ROLES.run(session, {"workspace": actor.workspace_id, "member": actor.member_id})
    if not rows or not _carries(right, *rows[0]):
        raise NotAllowedError(right, somebody_who_can(session, actor.workspace_id, right))


_ROLES = Prepared(
    lambda _dialect: sql_select(
        col(Member.standing), col(Member.is_marketing), col(Member.is_sales), col(Member.is_manager)
    ).where(col(Member.workspace_id) == bindparam("workspace"), col(Member.id) == bindparam("member"))
)


def _carries(right: Right, standing: str, is_marketing: bool, is_sales: bool, is_manager: bool) -> bool:
    roles = ROLES_WITH[right]
    return standing == Standing.ACTIVE and (
        Role.MEMBER in roles
        or (is_marketing and Role.MARKETING in roles)
        or (is_sales and Role.SALES in roles)
        or (is_manager and Role.MANAGER in roles)
    )


def somebody_who_can(session: Session, workspace_id: int, right: Right) -> Member | None:
    """Return a member who holds the right, to be named to one who does not."""
    query = select(Member).where(Member.workspace_id == workspace_id, Member.standing == Standing.ACTIVE)
    return next(
        (m for m in session.exec(query.order_by(col(Member.id))) if not m.roles.isdisjoint(ROLES_WITH[right])), None
    )


def set_channel_members(session: Session, workspace: Workspace, channel: str, slack_ids: Collection[str]) -> None:
    """Give the channel's role to exactly these people."""
    for flag in _flags_of(session, workspace, channel):
        _SET_FLAG[flag].run(session, {"workspace": workspace.id, "inside": listed(session, slack_ids)})


def _setting_flag(dialect: str, flag: str) -> Executable:
    is_inside = is_among(col(Member.slack_id), "inside", dialect)
    wrong = (col(Member.workspace_id) == bindparam("workspace"), getattr(Member, flag) != is_inside)
    return update(Member).where(*wrong).values({flag: is_inside})


_SET_FLAG = {flag: Prepared(partial(_setting_flag, flag=flag)) for flag in ("is_marketing", "is_sales")}


def set_in_channel(session: Session, workspace: Workspace, channel: str, slack_id: str, *, is_in: bool) -> None:
    """Give or take the channel's role as somebody joins or leaves."""
    for flag in _flags_of(session, workspace, channel):
        session.execute(
            update(Member)
            .where(col(Member.workspace_id) == workspace.id, col(Member.slack_id) == slack_id)
            .values({flag: is_in})
        )


def is_watched(session: Session, workspace: Workspace, channel: str) -> bool:
    """Tell whether being in the channel gives a role."""
    return bool(_flags_of(session, workspace, channel))


def find_named(session: Session, workspace_id: int, typed: str) -> Member | None:
    """Return the member that somebody typed: `<@U123|aoki>`, `U123`, `@aoki` or the name; None for nobody or several."""
    mention = _MENTION.fullmatch(typed.strip())
    # WADA looks like an id and is a name.
    if mention and (member := find_member(session, workspace_id, mention[1])):
        return member
    name = fold(typed.strip().removeprefix("@").removeprefix("＠"))
    query = select(Member).where(Member.workspace_id == workspace_id, Member.standing == Standing.ACTIVE)
    everybody = session.exec(query.order_by(col(Member.id))).all()
    found = [member for member in everybody if fold(member.handle) == name and name]
    found = found or [member for member in everybody if fold(member.name) == name]
    return found[0] if len(found) == 1 else None


_MENTION = re.compile(r"<?@?([UW][A-Z0-9]{2,})(?:\|[^>]*)?>?")


def _flags_of(session: Session, workspace: Workspace, channel: str) -> list[str]:
    flags = []
    if channel == workspace.marketing_channel_slack_id:
        flags.append("is_marketing")
    is_team = select(col(Team.id)).where(Team.workspace_id == workspace.id, Team.channel_slack_id == channel)
    if session.exec(is_team).first() is not None:
        flags.append("is_sales")
    return flags


def known_slack_ids(session: Session, workspace_id: int) -> set[str]:
    """Return the Slack ids of everybody that Baton has met."""
    return set(session.scalars(select(col(Member.slack_id)).where(Member.workspace_id == workspace_id)))


def timezones(session: Session, workspace_id: int) -> set[str]:
    """Return the time zones that the people Baton has met live in."""
    return set(session.scalars(select(col(Member.timezone)).where(Member.workspace_id == workspace_id).distinct()))


def sales_members(session: Session, workspace_id: int) -> list[Member]:
    """Return the active people who claim handoffs."""
    query = select(Member).where(
        Member.workspace_id == workspace_id, Member.standing == Standing.ACTIVE, col(Member.is_sales).is_(True)
    )
    return list(session.exec(query.order_by(col(Member.id))))


def working_members(session: Session, workspace_id: int) -> list[Member]:
    """Return the active people who work with leads."""
    query = select(Member).where(
        Member.workspace_id == workspace_id,
        Member.standing == Standing.ACTIVE,
        col(Member.is_sales) | col(Member.is_marketing) | col(Member.is_manager),
    )
    return list(session.exec(query.order_by(col(Member.id))))


def forget_marketing(workspace_id: int) -> Update:
    """Build the statement that takes marketing's role from everybody: there is no channel that gives it."""
    return update(Member).where(col(Member.workspace_id) == workspace_id).values(is_marketing=False)


def forget_digest_times(workspace_id: int) -> Update:
    """Build the statement that has everybody's next digest planned anew."""
    return update(Member).where(col(Member.workspace_id) == workspace_id).values(digest_due_at=None)
