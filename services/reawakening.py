"""A dormant lead that does something by itself: the best news of the day, told at once to whoever knew it last."""

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from models.delivery import DeliveryKind
from models.facts import Reawakened
from models.handoff import Handoff
from models.lead import Lead, Stage
from models.member import Member, Standing
from models.records import Change, ChangeKind
from models.touchpoint import Direction, Touchpoint
from services import deliveries, members
from services.lead_facts import facts_of
from services.leads import get_lead
from services.workspaces import get_workspace


def is_back(was_asleep: bool, lead: Lead, touchpoint: Touchpoint) -> bool:
    """Tell whether a touchpoint just noted is a dormant lead's own doing, and has woken it."""
    return was_asleep and lead.dormant_since is None and touchpoint.direction is Direction.INBOUND


def report(session: Session, lead: Lead, touchpoint: Touchpoint, now: datetime) -> dict[str, Any]:
    """Have it told that the lead is back, in place of a hot alert; return what undoing has to restore.

    Who logged the touchpoint reads it in the answer and is not told again.
    """
    person = _last_owner(session, lead) or _working(session, lead, lead.marketer_id)
    channel = person.slack_id if person else get_workspace(session, lead.workspace_id).marketing_channel_slack_id
    if channel is None or (person is not None and person.id == touchpoint.member_id):
        return {}
    deliveries.want(
        session, lead.workspace_id, DeliveryKind.REAWAKENED, lead.id, channel, now, about=str(touchpoint.id)
    )
    if lead.hot_alert_due_at is None:
        return {}
    alerted_before = lead.hot_alerted_at.isoformat() if lead.hot_alerted_at else None
    lead.hot_alert_due_at, lead.hot_alerted_at = None, now
    return {"hot_alerted_at": alerted_before}


def take_back(session: Session, lead: Lead, touchpoint: Touchpoint) -> None:
    """Have the news of a touchpoint say that it was taken back, where there were any."""
    deliveries.refresh(session, lead.workspace_id, DeliveryKind.REAWAKENED, lead.id, about=str(touchpoint.id))


def _last_owner(session: Session, lead: Lead) -> Member | None:
    """Return the owner, else who owned the lead last before it was returned, if they still work with leads."""
    if lead.owner_id is not None:
        return _working(session, lead, lead.owner_id)
    query = select(col(Handoff.owner_id)).where(
        col(Handoff.workspace_id) == lead.workspace_id,
        col(Handoff.lead_id) == lead.id,
        col(Handoff.owner_id).is_not(None),
    )
    last = session.scalars(query.order_by(col(Handoff.offered_at).desc(), col(Handoff.id).desc()).limit(1)).first()
    return _working(session, lead, last)


def _working(session: Session, lead: Lead, member_id: int | None) -> Member | None:
    member = members.get_member(session, lead.workspace_id, member_id)
    return member if member is not None and member.roles and member.standing is Standing.ACTIVE else None


def reawakened(
    session: Session, workspace_id: int, lead_id: int, touchpoint_id: int, to: str, now: datetime
) -> Reawakened | None:
    """Gather what the news says as of `now` to the person or channel `to`; None when it is none any more."""
    lead = get_lead(session, workspace_id, lead_id)
    touchpoint = session.get(Touchpoint, (workspace_id, touchpoint_id))
    if touchpoint is None or lead.stage is Stage.CLOSED:
        return None
    facts = facts_of(session, lead, None, now)
    previous = _before(session, touchpoint)
    return Reawakened(
        facts=facts,
        touchpoint=touchpoint,
        previous=previous,
        quiet_since=previous.at if previous else lead.created_at,
        score_before=_score_before(session, touchpoint),
        is_theirs=facts.owner is not None and facts.owner.slack_id == to,
    )


def _before(session: Session, touchpoint: Touchpoint) -> Touchpoint | None:
    query = select(Touchpoint).where(
        col(Touchpoint.workspace_id) == touchpoint.workspace_id,
        col(Touchpoint.lead_id) == touchpoint.lead_id,
        col(Touchpoint.at) <= touchpoint.at,
        col(Touchpoint.id) != touchpoint.id,
    )
    return session.scalars(query.order_by(col(Touchpoint.at).desc(), col(Touchpoint.id).desc()).limit(1)).first()


def _score_before(session: Session, touchpoint: Touchpoint) -> float | None:
    query = select(col(Change.before)).where(
        col(Change.workspace_id) == touchpoint.workspace_id,
        col(Change.lead_id) == touchpoint.lead_id,
        col(Change.kind) == ChangeKind.TOUCHED,
        col(Change.subject_id) == touchpoint.id,
    )
    before = session.scalars(query.order_by(col(Change.id).desc()).limit(1)).first() or {}
    return before.get("score")


def refresh_notice(session: Session, lead: Lead, asleep_since: datetime) -> None:
    """Take a lead that sleeps no more off the message that told of it: its owner's, else its marketer's."""
    member = members.get_member(session, lead.workspace_id, lead.owner_id or lead.marketer_id)
    if member is not None:
        day = asleep_since.astimezone(member.as_actor().zone).date().isoformat()
        deliveries.refresh(session, lead.workspace_id, DeliveryKind.DORMANT_NOTICE, member.id, about=day)
