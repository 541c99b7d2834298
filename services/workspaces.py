"""The workspace and its settings."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

from sqlalchemy import bindparam, func, update
from sqlalchemy import select as sql_select
from sqlmodel import Session, col, select

from models.base import sketch
from models.errors import InputError, Problem
from models.facts import Setup
from models.lead import Lead
from models.member import Actor, Member, Right
from models.workspace import Team, Workspace
from services import members
from services.statements import Prepared, insert
from services.working_time import country_of


@dataclass(frozen=True)
class Installation:
    """What Slack says of the workspace and of our bot in it."""

    slack_id: str
    name: str
    bot_user_slack_id: str


@dataclass(frozen=True)
class SetupChoice:
    """What a manager chose in the set-up form. Thresholds in points, `*_days` in days, `claim_minutes` in working minutes."""

    sales_channel: str
    marketing_channel: str | None
    team_name: str
    team_locale: str
    mql_threshold: int
    hot_threshold: int
    dormant_inquiry_days: int
    dormant_mql_days: int
    dormant_sql_days: int
    dormant_customer_days: int
    claim_minutes: int
    open_from: time
    open_until: time
    digest_time: time
    working_days: str


def install_workspace(
    session: Session, installation: Installation, locale: str, timezone: str, now: datetime
) -> Workspace:
    """Return the workspace's row, made with the defaults when Baton meets it for the first time."""
    values = Workspace(
        slack_id=installation.slack_id,
        name=installation.name,
        bot_user_slack_id=installation.bot_user_slack_id,
        locale=locale,
        timezone=timezone,
        country=country_of(timezone, "JP"),
        created_at=now,
    ).model_dump()
    session.execute(insert(session, Workspace).on_conflict_do_nothing(), values)
    workspace = session.exec(select(Workspace).where(Workspace.slack_id == installation.slack_id)).one()
    workspace.name, workspace.bot_user_slack_id = installation.name, installation.bot_user_slack_id
    session.add(workspace)
    return workspace


def get_workspace(session: Session, workspace_id: int) -> Workspace:
    """Return the workspace's settings as this transaction sees them, to be read, not changed."""
    row = _WORKSPACE.run(session, {"id": workspace_id})[0]
    # Settings hardly ever change: while the row is the same, so is what is made of it.
    known = _KNOWN.get(workspace_id)
    if known is None or known[0] != row:
        values = (read(value) if read else value for read, value in zip(_readers(session), row, strict=True))
        known = (row, sketch(Workspace, dict(zip(Workspace.model_fields, values, strict=True))))
        _KNOWN[workspace_id] = known
    return known[1]


_KNOWN: dict[int, tuple[Any, Workspace]] = {}
_WORKSPACE = Prepared(
    lambda _dialect: sql_select(*(getattr(Workspace, name) for name in Workspace.model_fields)).where(
        col(Workspace.id) == bindparam("id")
    )
)
_READERS: dict[str, list[Callable[[Any], Any] | None]] = {}


def _readers(session: Session) -> list[Callable[[Any], Any] | None]:
    """Return what turns the driver's values of a workspace's columns into ours."""
    dialect = session.get_bind().dialect
    if dialect.name not in _READERS:
        types = (getattr(Workspace, name).type.dialect_impl(dialect) for name in Workspace.model_fields)
        _READERS[dialect.name] = [column_type.result_processor(dialect, None) for column_type in types]
    return _READERS[dialect.name]


def only_workspace(session: Session) -> Workspace | None:
    """Return the workspace of a database that holds one; None for none or several."""
    found = session.exec(select(Workspace).limit(2)).all()
    return found[0] if len(found) == 1 else None


def first_team(session: Session, workspace_id: int) -> Team | None:
    """Return the team that handoffs go to; None before anybody set one up."""
    query = select(Team).where(Team.workspace_id == workspace_id).order_by(col(Team.id)).limit(1)
    return session.exec(query).first()


def team_of_channel(session: Session, workspace_id: int, channel: str) -> Team | None:
    """Return the team whose channel it is."""
    return session.exec(select(Team).where(Team.workspace_id == workspace_id, Team.channel_slack_id == channel)).first()


def set_channels(
    session: Session, workspace: Workspace, sales_channel: str | None, marketing_channel: str | None, now: datetime
) -> None:
    """Take the channels of the environment as the first team, unless somebody has set up one already."""
    if marketing_channel and workspace.marketing_channel_slack_id is None:
        workspace.marketing_channel_slack_id = marketing_channel
        session.add(workspace)
    if workspace.set_up_at is not None:
        return
    if sales_channel:
        _set_team(session, workspace, sales_channel, "", workspace.locale, now)
        workspace.set_up_at = now
    session.add(workspace)


def _set_team(session: Session, workspace: Workspace, channel: str, name: str, locale: str, now: datetime) -> Team:
    team = first_team(session, workspace.id)
    if team is None:
        team = Team(workspace_id=workspace.id, name=name, channel_slack_id=channel, locale=locale, created_at=now)
    team.channel_slack_id, team.locale = channel, locale
    team.name = name or team.name
    session.add(team)
    return team


def setup_of(session: Session, workspace_id: int, now: datetime) -> Setup:
    """Gather the settings for the set-up form."""
    hot = select(func.count()).where(col(Lead.workspace_id) == workspace_id, col(Lead.cools_at) > now)
    return Setup(get_workspace(session, workspace_id), first_team(session, workspace_id), session.exec(hot).one())


def save_setup(session: Session, actor: Actor, choice: SetupChoice, now: datetime) -> tuple[Workspace, Team]:
    """Save what a manager chose.

    Leads that are there already follow a changed period or threshold soon, batch by batch (services/due_times.py).

    Raises:
        NotAllowedError: the actor is no manager.
        InputError: the hot threshold is under the MQL threshold, or the day ends before it begins.
    """
    members.require(session, actor, Right.SETUP)
    if choice.hot_threshold < choice.mql_threshold:
        raise InputError(
            Problem.THRESHOLD_ORDER, "hot_threshold", str(choice.hot_threshold), limit=choice.mql_threshold
        )
    if choice.open_until <= choice.open_from:
        raise InputError(Problem.HOURS_ORDER, "open_until", choice.open_until.isoformat("minutes"))
    workspace = session.get_one(Workspace, actor.workspace_id)
    if any(getattr(workspace, name) != getattr(choice, name) for name in _MOVE_DUE_TIMES):
        # Written whatever it was: the job may be moving it on.
        session.execute(update(Workspace).where(col(Workspace.id) == workspace.id).values(due_times_after_id=0))
    for name in _SETTINGS:
        setattr(workspace, name, getattr(choice, name))
    workspace.marketing_channel_slack_id = choice.marketing_channel
    if choice.marketing_channel is None:
        session.execute(members.forget_marketing(workspace.id))
    workspace.set_up_at = now
    session.add(workspace)
    session.execute(members.forget_digest_times(workspace.id))
    team = _set_team(session, workspace, choice.sales_channel, choice.team_name, choice.team_locale, now)
    return workspace, team


_MOVE_DUE_TIMES = (
    "hot_threshold", "dormant_inquiry_days", "dormant_mql_days", "dormant_sql_days", "dormant_customer_days",
)  # fmt: skip
_SETTINGS = (
    "mql_threshold", *_MOVE_DUE_TIMES, "claim_minutes", "open_from", "open_until", "digest_time", "working_days",
)  # fmt: skip


def managers_of(session: Session, workspace_id: int) -> list[Member]:
    """Return the active managers."""
    query = select(Member).where(
        Member.workspace_id == workspace_id, Member.standing == "active", col(Member.is_manager).is_(True)
    )
    return list(session.exec(query.order_by(col(Member.id))))
