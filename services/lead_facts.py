"""What the card of a lead shows, and to whom."""

from datetime import datetime

from sqlalchemy import select
from sqlmodel import Session, col

from models.facts import LeadFacts
from models.handoff import Handoff
from models.lead import Lead
from models.member import Actor, Role
from models.touchpoint import Touchpoint
from models.workspace import Workspace
from services import chances, members, scoring
from services.records import corrections_of, last_consent
from services.workspaces import get_workspace

LAST_TOUCHPOINTS = 3
SCORED_TOUCHPOINTS = 50


def may_see_contact(actor: Actor, lead: Lead) -> bool:
    """Tell whether the actor gets e-mail and phone in full: the owner, marketing, managers and who added the lead."""
    return actor.member_id in {lead.owner_id, lead.created_by_id} or not actor.roles.isdisjoint(
        {Role.MARKETING, Role.MANAGER}
    )


def facts_of(session: Session, lead: Lead, actor: Actor | None, now: datetime) -> LeadFacts:
    """Gather everything that the lead's card shows to the actor; None is a channel, which sees no contact details."""
    workspace = get_workspace(session, lead.workspace_id)
    touchpoints = recent_touchpoints(session, lead, SCORED_TOUCHPOINTS)
    return LeadFacts(
        lead=lead,
        score=scoring.score_of(lead, workspace, touchpoints, now, corrections_of(session, lead)),
        owner=members.get_member(session, lead.workspace_id, lead.owner_id),
        marketer=members.get_member(session, lead.workspace_id, lead.marketer_id),
        touchpoints=tuple(touchpoints[:LAST_TOUCHPOINTS]),
        handoff=last_handoff(session, lead),
        may_see_contact=actor is not None and may_see_contact(actor, lead),
        chance=chances.chance_now(session, lead, now) if actor is not None else None,
        consent=last_consent(session, lead.workspace_id, lead.id, lead.consent),
    )


def added_facts(lead: Lead, workspace: Workspace, actor: Actor, now: datetime) -> LeadFacts:
    """Gather what the answer to `/lead add` shows: a lead that has no history needs no queries."""
    return LeadFacts(
        lead=lead,
        score=scoring.score_of(lead, workspace, (), now),
        owner=None,
        marketer=None,
        touchpoints=(),
        handoff=None,
        may_see_contact=may_see_contact(actor, lead),
    )


def recent_touchpoints(session: Session, lead: Lead, limit: int) -> list[Touchpoint]:
    """Return the lead's last touchpoints, the newest first."""
    query = select(Touchpoint).where(
        col(Touchpoint.workspace_id) == lead.workspace_id, col(Touchpoint.lead_id) == lead.id
    )
    return list(session.scalars(query.order_by(col(Touchpoint.at).desc(), col(Touchpoint.id).desc()).limit(limit)))


def last_handoff(session: Session, lead: Lead) -> Handoff | None:
    """Return the lead's latest handoff, whatever became of it."""
    query = select(Handoff).where(col(Handoff.workspace_id) == lead.workspace_id, col(Handoff.lead_id) == lead.id)
    return session.scalars(query.order_by(col(Handoff.offered_at).desc(), col(Handoff.id).desc()).limit(1)).first()
