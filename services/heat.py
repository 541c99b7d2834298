"""What time alone does to leads: they turn dormant, they cool, and whoever must know is told once."""

from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, func, select
from sqlmodel import Session, col

from models.delivery import DeliveryKind
from models.facts import DormantNotice
from models.lead import Lead
from models.member import Member
from models.records import ChangeKind
from models.workspace import Workspace
from services import deliveries, members
from services.due import due_first, take_due
from services.lists import row_of, theirs
from services.records import record_change
from services.workspaces import get_workspace

BATCH = 200
DORMANT_SHOWN = 10


DORMANT_DUE = due_first(Lead, "dormant_at", BATCH)
HOT_DUE = due_first(Lead, "hot_alert_due_at", BATCH)
COOL_DUE = due_first(Lead, "cools_at", BATCH)
_TOLD = ("workspace_id", "id", "number", "owner_id", "marketer_id")


def flag_dormant(session: Session, workspace: Workspace, now: datetime) -> int:
    """Flag up to a batch of leads whose dormant time has come, and have their people told in one message a day.

    The owner is told, and while nobody owns the lead its marketer.
    """
    asleep = take_due(session, Lead, DORMANT_DUE, workspace.id, now, _TOLD, dormant_since=now, dormant_at=None)
    for lead in asleep:
        record_change(session, lead, ChangeKind.DORMANT, None, now)
    for member_id in sorted({lead.owner_id or lead.marketer_id or 0 for lead in asleep} - {0}):
        member = members.get_member(session, workspace.id, member_id)
        if member is not None and member.roles:
            day = now.astimezone(member.as_actor().zone).date()
            deliveries.want(
                session,
                workspace.id,
                DeliveryKind.DORMANT_NOTICE,
                member.id,
                member.slack_id,
                now,
                about=day.isoformat(),
            )
    return len(asleep)


def dormant_notice(session: Session, member: Member, day: str, now: datetime) -> DormantNotice:
    """Gather the member's leads that went dormant on their local `day` and still sleep."""
    workspace, zone = get_workspace(session, member.workspace_id), member.as_actor().zone
    midnight = datetime.combine(date.fromisoformat(day), time(0), zone)
    that_day = (col(Lead.dormant_since) >= midnight) & (col(Lead.dormant_since) < midnight + timedelta(days=1))
    query = select(Lead).where(col(Lead.workspace_id) == workspace.id, theirs(workspace.id, member.id, that_day))
    count = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    fresh = session.scalars(query.order_by(col(Lead.id)).limit(DORMANT_SHOWN))
    return DormantNotice(member, tuple(row_of(session, workspace, lead, now) for lead in fresh), count)


def alert_hot(session: Session, workspace: Workspace, now: datetime) -> int:
    """Tell of up to a batch of leads that turned hot: the owner, else the marketing channel; return how many."""
    hot = take_due(session, Lead, HOT_DUE, workspace.id, now, _TOLD, hot_alert_due_at=None, hot_alerted_at=now)
    for lead in hot:
        record_change(session, lead, ChangeKind.HOT, None, now)
        to = _whom_to_tell(session, workspace, lead)
        if to:
            deliveries.want(
                session, workspace.id, DeliveryKind.HOT_ALERT, lead.id, to, now, about=str(int(now.timestamp()))
            )
    return len(hot)


def _whom_to_tell(session: Session, workspace: Workspace, lead: Row[Any]) -> str | None:
    owner = members.get_member(session, workspace.id, lead.owner_id)
    if owner is not None and owner.roles:
        return owner.slack_id
    marketer = members.get_member(session, workspace.id, lead.marketer_id)
    return workspace.marketing_channel_slack_id or (marketer.slack_id if marketer else None)


def cool_down(session: Session, workspace: Workspace, now: datetime) -> int:
    """Note of up to a batch of leads that they are hot no more; return how many."""
    cooled = take_due(
        session, Lead, COOL_DUE, workspace.id, now, _TOLD, cools_at=None, hot_since=None, hot_alert_due_at=None
    )
    for lead in cooled:
        record_change(session, lead, ChangeKind.COOLED, None, now)
    return len(cooled)


def count_hot(session: Session, workspace: Workspace, now: datetime) -> dict[str, int]:
    """Count what a run would do: `alert` of what turned hot and has not cooled meanwhile, and let `cool`."""
    lead = col(Lead.workspace_id) == workspace.id
    still_hot = col(Lead.cools_at).is_(None) | (col(Lead.cools_at) > now)
    return {
        "alert": _count(session, lead, col(Lead.hot_alert_due_at) <= now, still_hot),
        "cool": _count(session, lead, col(Lead.cools_at) <= now),
    }


def count_dormant(session: Session, workspace: Workspace, now: datetime) -> dict[str, int]:
    """Count what a run would do: `flag` leads, and `tell` so many people."""
    due = (col(Lead.workspace_id) == workspace.id, col(Lead.dormant_at) <= now)
    told = select(func.coalesce(col(Lead.owner_id), col(Lead.marketer_id))).where(*due).distinct()
    people = (members.get_member(session, workspace.id, member_id) for member_id in session.scalars(told).all())
    return {"flag": _count(session, *due), "tell": sum(bool(person and person.roles) for person in people)}


def _count(session: Session, *conditions: ColumnElement[bool]) -> int:
    return session.scalar(select(func.count()).select_from(Lead).where(*conditions)) or 0
