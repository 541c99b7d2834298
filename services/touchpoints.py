"""Touchpoints: logged, and what they do to the score, to due times and to the handoff."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlmodel import Session

from models.errors import InputError, LeadClosedError, Problem
from models.facts import Logged
from models.handoff import Handoff
from models.lead import Lead, Stage
from models.member import Actor, Right
from models.records import ChangeKind
from models.scoring import ScoringRules
from models.touchpoint import NOTE_MAX, USUAL_DIRECTION, Direction, Touchpoint, TouchpointKind
from models.workspace import Workspace
from services import members, reawakening, scoring
from services.handoffs import note_first_contact, offer_lead
from services.hotness import move_heat
from services.lead_stages import plan_dormancy
from services.leads import lock_lead
from services.records import record_change, snapshot
from services.statements import insert
from services.workspaces import first_team, get_workspace

TIME_FIELDS = ("last_touch_at", "dormant_at", "dormant_since", "hot_since", "cools_at", "hot_alert_due_at")
# A clock that runs ahead by a little is no reason to refuse what somebody logs as "now".
CLOCK_SLACK = timedelta(minutes=5)


@dataclass(frozen=True)
class Contact:
    """One contact to be logged. `direction` None: the usual one of the kind; `at` None: now."""

    kind: TouchpointKind
    direction: Direction | None = None
    at: datetime | None = None
    note: str = ""
    extra: dict[str, str] = field(default_factory=dict)


def log_touchpoint(session: Session, actor: Actor, lead_id: int, contact: Contact, now: datetime) -> Logged:
    """Log a contact that a person tells of, and say what it did.

    Raises:
        NotAllowedError: the actor may not log.
        LeadClosedError: a CLOSED lead takes no more touchpoints.
        InputError: it lies in the future, or its note is too long.
    """
    members.require(session, actor, Right.LOG)
    if len(contact.note) > NOTE_MAX:
        raise InputError(Problem.TOO_LONG, "note", contact.note, limit=NOTE_MAX)
    if contact.at is not None and contact.at > now + CLOCK_SLACK:
        raise InputError(Problem.FUTURE_DATE, "at", contact.at.isoformat())
    workspace = get_workspace(session, actor.workspace_id)
    lead = lock_lead(session, workspace.id, lead_id)
    rules = scoring.rules_for(lead, workspace)
    score_before, was_hot = scoring.score_value(lead, rules, now), lead.hot_since is not None
    left_alone_since = lead.last_touch_at or lead.created_at if lead.dormant_since else None
    touchpoint, handoff = touch_lead(session, lead, contact, workspace, actor.member_id, now)
    is_back = reawakening.is_back(left_alone_since is not None, lead, touchpoint)
    return Logged(
        lead=lead,
        touchpoint=touchpoint,
        score_before=score_before,
        score=scoring.score_of(lead, workspace, (touchpoint,), now),
        turned_hot=lead.hot_since is not None and not was_hot,
        handoff=handoff,
        may_qualify=actor.may(Right.QUALIFY) and lead.stage is Stage.INQUIRY,
        gave=scoring.points_of(touchpoint, rules, now),
        slept_days=(touchpoint.at - left_alone_since).days if left_alone_since and is_back else None,
    )


def touch_lead(
    session: Session, lead: Lead, contact: Contact, workspace: Workspace, member_id: int | None, now: datetime
) -> tuple[Touchpoint, Handoff | None]:
    """Note a contact with a locked lead and all that follows: its clocks, its offer when it is ripe, what undo needs.

    Raises:
        LeadClosedError: a CLOSED lead takes no more touchpoints.
    """
    before = snapshot(lead, TIME_FIELDS)
    asleep_since = lead.dormant_since
    score = scoring.score_value(lead, scoring.rules_for(lead, workspace), now)
    touchpoint = record_touchpoint(session, lead, contact, workspace, member_id, now)
    note_first_contact(session, lead, member_id, now)
    handoff = offer_when_ripe(session, lead, workspace, touchpoint, now)
    if asleep_since is not None:
        reawakening.refresh_notice(session, lead, asleep_since)
        # The card in the channel says it: nobody is to hear of one touchpoint twice.
        if handoff is None and reawakening.is_back(True, lead, touchpoint):
            before |= reawakening.report(session, lead, touchpoint, now)
    record_change(session, lead, ChangeKind.TOUCHED, member_id, now, subject_id=touchpoint.id,
                  before={**before, "handoff": handoff.id if handoff else None, "score": score})  # fmt: skip
    return touchpoint, handoff


def record_touchpoint(
    session: Session, lead: Lead, contact: Contact, workspace: Workspace, member_id: int | None, now: datetime
) -> Touchpoint:
    """Note one contact with a locked lead, raise its score and move its due times.

    Points and half-lives (days) come from the workspace's scoring rules, docs/scoring.md. The cost does not depend on
    the lead's history.

    Raises:
        LeadClosedError: a CLOSED lead takes no more touchpoints.
    """
    if lead.stage is Stage.CLOSED:
        raise LeadClosedError(lead)
    direction = contact.direction or USUAL_DIRECTION[contact.kind]
    at = min(contact.at or now, now)
    touchpoint = Touchpoint(
        workspace_id=lead.workspace_id,
        lead_id=lead.id,
        kind=contact.kind,
        direction=direction,
        at=at,
        note=contact.note,
        extra=contact.extra or None,
        member_id=member_id,
        created_at=now,
    )
    session.execute(insert(session, Touchpoint), touchpoint.model_dump())
    add_weight(lead, touchpoint, scoring.rules_for(lead, workspace), sign=1)
    if lead.last_touch_at is None or at > lead.last_touch_at:
        lead.last_touch_at = at
        plan_dormancy(lead, workspace, now)
    move_heat(lead, workspace, now)
    session.add(lead)
    return touchpoint


def add_weight(lead: Lead, touchpoint: Touchpoint, rules: ScoringRules, *, sign: int) -> None:
    """Add (or, with sign −1, take away) what a touchpoint gives to its class's sum."""
    rule = rules.engagement[touchpoint.kind]
    column = scoring.SUM_COLUMNS[rule.half_life]
    points = rule.points(touchpoint.direction)
    weight = scoring.stored_weight(points, touchpoint.at, rules.half_life_days[rule.half_life])
    setattr(lead, column, getattr(lead, column) + sign * weight)


def follow_score(
    session: Session, lead: Lead, workspace: Workspace, score_before: float, now: datetime
) -> Handoff | None:
    """Follow a score that no touchpoint moved: the lead's heat, and its offer if just this took it over the MQL threshold."""
    score = scoring.score_value(lead, scoring.rules_for(lead, workspace), now)
    if score == score_before or lead.stage is Stage.CLOSED:
        return None
    move_heat(lead, workspace, now)
    return offer_when_ripe(session, lead, workspace, None, now) if score_before < workspace.mql_threshold else None


def offer_when_ripe(
    session: Session, lead: Lead, workspace: Workspace, touchpoint: Touchpoint | None, now: datetime
) -> Handoff | None:
    """Offer an INQUIRY whose score has reached the MQL threshold; None where it is not time for that.

    A lead that sales returned comes back only by an inbound touchpoint some days (`recycle_days`) after the return.
    `touchpoint` None: something else moved the score.
    """
    if lead.stage is not Stage.INQUIRY or first_team(session, workspace.id) is None:
        return None
    if scoring.score_value(lead, scoring.rules_for(lead, workspace), now) < workspace.mql_threshold:
        return None
    if lead.returned_at is not None:
        ripe_from = lead.returned_at + timedelta(days=workspace.recycle_days)
        if touchpoint is None or touchpoint.direction is not Direction.INBOUND or touchpoint.at < ripe_from:
            return None
    return offer_lead(session, lead, None, "", now)
