"""Returns: sales gives a lead back with a reason, and marketing hears of it."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlmodel import Session

from models.delivery import DeliveryKind
from models.errors import (
    InputError,
    NotOfferedError,
    NotYoursError,
    Problem,
)
from models.handoff import (
    COMMENT_MAX,
    Handoff,
    HandoffState,
    ReturnReason,
)
from models.lead import Lead, Stage
from models.member import Actor, Right, Role
from models.records import ChangeKind
from models.workspace import Team
from services import deliveries, members, reawakening
from services.handoffs import get_handoff, refresh_messages, reopen_offer
from services.lead_facts import last_handoff
from services.lead_stages import advance_stage, plan_dormancy
from services.leads import lock_open_lead
from services.records import record_change, restore, snapshot
from services.workspaces import get_workspace


def return_lead(
    session: Session,
    actor: Actor,
    reference: str,
    reason: ReturnReason,
    comment: str,
    retry_on: date | None,
    now: datetime,
) -> Handoff:
    """Give a lead back to marketing with a reason: it is an INQUIRY again, marked recycled.

    Raises:
        NotAllowedError: the actor may not.
        NotOfferedError: sales does not have it.
        NotYoursError: somebody else owns it.
        InputError: the reason needs a comment or a date, or the comment is too long.
    """
    members.require(session, actor, Right.CLAIM)
    check_return(reason, comment, retry_on, now.astimezone(actor.zone).date())
    lead = lock_open_lead(session, actor.workspace_id, reference)
    handoff = last_handoff(session, lead)
    if handoff is None or handoff.state not in {HandoffState.OFFERED, HandoffState.CLAIMED}:
        raise NotOfferedError(lead)
    if lead.owner_id not in {None, actor.member_id} and Role.MANAGER not in actor.roles:
        raise NotYoursError(lead, members.get_member(session, lead.workspace_id, lead.owner_id))
    contact_due_at = handoff.contact_due_at.isoformat() if handoff.contact_due_at else None
    before = {
        **snapshot(lead, _LEAD_FIELDS),
        "returned": handoff.id,
        "was": handoff.state,
        "contact_due_at": contact_due_at,
    }
    if lead.dormant_since is not None:
        reawakening.refresh_notice(session, lead, lead.dormant_since)
    handoff.state, handoff.reason, handoff.comment, handoff.retry_on = HandoffState.RETURNED, reason, comment, retry_on
    handoff.returned_at, handoff.returned_by_id = now, actor.member_id
    handoff.claim_due_at = handoff.escalate_due_at = handoff.contact_due_at = None
    advance_stage(lead, Stage.INQUIRY, get_workspace(session, lead.workspace_id), now)
    lead.owner_id, lead.is_recycled, lead.returned_at = None, True, now
    session.add_all([handoff, lead])
    record_change(session, lead, ChangeKind.RETURNED, actor.member_id, now, subject_id=handoff.id, before=before)
    refresh_messages(session, handoff)
    _tell_marketing(session, handoff, now)
    return handoff


_LEAD_FIELDS = ("stage", "stage_at", "owner_id", "is_recycled", "returned_at", "dormant_at", "dormant_since")


def reopen_return(session: Session, lead: Lead, before: Mapping[str, Any], now: datetime) -> None:
    """Take the last return of a locked lead back: sales has it as before, and marketing's note says so."""
    handoff = get_handoff(session, lead.workspace_id, before["returned"])
    handoff.reason, handoff.comment, handoff.retry_on = None, "", None
    handoff.returned_at = handoff.returned_by_id = None
    if before["was"] == HandoffState.OFFERED:
        reopen_offer(session, lead, handoff.id, now)
    else:
        handoff.state = HandoffState.CLAIMED
        if before["contact_due_at"]:
            handoff.contact_due_at = datetime.fromisoformat(before["contact_due_at"])
        session.add(handoff)
        refresh_messages(session, handoff)
    restore(lead, before)
    plan_dormancy(lead, get_workspace(session, lead.workspace_id), now)
    deliveries.refresh(session, lead.workspace_id, DeliveryKind.RETURN_NOTE, handoff.id)


def check_return(reason: ReturnReason, comment: str, retry_on: date | None, today: date) -> None:
    """Refuse a return that marketing could learn nothing from.

    Raises:
        InputError: "other" and "incomplete" need a comment, "too early" a day to come.
    """
    if len(comment) > COMMENT_MAX:
        raise InputError(Problem.TOO_LONG, "comment", comment, limit=COMMENT_MAX)
    if reason in {ReturnReason.OTHER, ReturnReason.INCOMPLETE} and not comment.strip():
        raise InputError(Problem.COMMENT_NEEDED, "comment")
    if reason is ReturnReason.TOO_EARLY and retry_on is None:
        raise InputError(Problem.RETRY_DATE_NEEDED, "retry_on")
    if retry_on is not None and retry_on < today:
        raise InputError(Problem.PAST_DATE, "retry_on", retry_on.isoformat())


def _tell_marketing(session: Session, handoff: Handoff, now: datetime) -> None:
    """Have the marketer told: under the card if they are in that channel, else in marketing's."""
    marketer = members.get_member(session, handoff.workspace_id, handoff.marketer_id)
    workspace = get_workspace(session, handoff.workspace_id)
    team = session.get_one(Team, (handoff.workspace_id, handoff.team_id))
    card = deliveries.find_delivery(session, handoff.workspace_id, DeliveryKind.HANDOFF_CARD, handoff.id)
    reads_the_channel = marketer is None or marketer.is_sales
    elsewhere = workspace.marketing_channel_slack_id or (marketer.slack_id if marketer else None)
    channel = team.channel_slack_id if reads_the_channel or elsewhere is None else elsewhere
    deliveries.want(
        session,
        handoff.workspace_id,
        DeliveryKind.RETURN_NOTE,
        handoff.id,
        channel,
        now,
        about=str(handoff.returned_at and int(handoff.returned_at.timestamp())),
        parent_id=card.id if card and channel == team.channel_slack_id else None,
    )
