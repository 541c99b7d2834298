"""What a handoff's card, reminder, notes and answers show, gathered at one instant."""

from datetime import datetime

from sqlmodel import Session

from models.facts import Claimed, HandoffFacts
from models.handoff import (
    Handoff,
)
from models.member import Member
from models.workspace import Team, Workspace
from services import members, scoring
from services.handoffs import lead_id_of
from services.lead_facts import LAST_TOUCHPOINTS, SCORED_TOUCHPOINTS, recent_touchpoints
from services.leads import get_lead
from services.records import corrections_of
from services.working_time import hours_of, is_open
from services.workspaces import get_workspace, managers_of


def claimed_facts(session: Session, handoff: Handoff, now: datetime) -> Claimed:
    """Gather what the winner of a claim gets to see."""
    return Claimed(handoff_facts(session, handoff, now), handoff.contact_due_at or now)


def handoff_facts(session: Session, handoff: Handoff, now: datetime) -> HandoffFacts:
    """Gather everything that the handoff's card, reminder and notes show.

    Raises:
        LeadNotFoundError: the person was forgotten.
    """
    workspace = get_workspace(session, handoff.workspace_id)
    lead = get_lead(session, handoff.workspace_id, lead_id_of(handoff))
    touchpoints = recent_touchpoints(session, lead, SCORED_TOUCHPOINTS)

    def person(member_id: int | None) -> Member | None:
        return members.get_member(session, handoff.workspace_id, member_id)

    return HandoffFacts(
        handoff=handoff,
        lead=lead,
        team=session.get_one(Team, (handoff.workspace_id, handoff.team_id)),
        score=scoring.score_of(lead, workspace, touchpoints, now, corrections_of(session, lead)),
        owner=person(handoff.owner_id),
        marketer=person(handoff.marketer_id),
        offered_by=person(handoff.offered_by_id),
        returned_by=person(handoff.returned_by_id),
        withdrawn_by=person(handoff.withdrawn_by_id),
        touchpoints=tuple(touchpoints[:LAST_TOUCHPOINTS]),
        claimers=tuple(_on_duty(session, workspace, now)),
        manager=next(iter(managers_of(session, workspace.id)), None),
    )


def _on_duty(session: Session, workspace: Workspace, now: datetime) -> list[Member]:
    """Return the salespeople whose working time it is; all of them when it is nobody's."""
    everybody = members.sales_members(session, workspace.id)
    hours = hours_of(workspace)
    at_work = [member for member in everybody if is_open(now, hours.in_zone(member.timezone))]
    return at_work or everybody
