"""Handoffs: offered to a sales team, claimed by exactly one, or put back.

A lead's row is locked before its handoff changes; the claim itself is one conditional UPDATE, so whatever order
requests come in, in whatever process, one of them wins.
"""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select, update
from sqlmodel import Session, col

from models.delivery import DeliveryKind
from models.errors import (
    AlreadyClaimedError,
    AlreadyOfferedError,
    InputError,
    LeadClosedError,
    LeadNotFoundError,
    NoTeamError,
    NotOfferedError,
    NotYoursError,
    Problem,
    ReleaseTooLateError,
    StageMoveError,
)
from models.handoff import (
    RELEASE_MINUTES,
    WHY_NOW_MAX,
    Handoff,
    HandoffState,
)
from models.lead import Lead, Stage
from models.member import Actor, Member, Right, Role
from models.records import ChangeKind
from services import deliveries, members
from services.lead_facts import last_handoff
from services.lead_stages import advance_stage
from services.leads import lock_lead, lock_open_lead
from services.records import record_change
from services.statements import changed, insert
from services.working_time import add_working_minutes, hours_of
from services.workspaces import first_team, get_workspace


def get_handoff(session: Session, workspace_id: int, handoff_id: int) -> Handoff:
    """Return the handoff of this id.

    Raises:
        LeadNotFoundError: the workspace has none.
    """
    handoff = session.get(Handoff, (workspace_id, handoff_id))
    if handoff is None:
        raise LeadNotFoundError(str(handoff_id))
    return handoff


def lead_id_of(handoff: Handoff) -> int:
    """Return whom the handoff is about.

    Raises:
        LeadNotFoundError: they were forgotten.
    """
    if handoff.lead_id is None:
        raise LeadNotFoundError(str(handoff.id))
    return handoff.lead_id


def qualify_lead(session: Session, actor: Actor, reference: str, why_now: str, now: datetime) -> Handoff:
    """Offer the lead to sales because somebody says so.

    Raises:
        NotAllowedError: the actor may not qualify.
        NoTeamError, AlreadyOfferedError, StageMoveError, LeadClosedError, InputError: why it cannot be offered.
    """
    members.require(session, actor, Right.QUALIFY)
    if len(why_now) > WHY_NOW_MAX:
        raise InputError(Problem.TOO_LONG, "why_now", why_now, limit=WHY_NOW_MAX)
    lead = lock_open_lead(session, actor.workspace_id, reference)
    return offer_lead(session, lead, actor, why_now, now)


def offer_lead(session: Session, lead: Lead, actor: Actor | None, why_now: str, now: datetime) -> Handoff:
    """Make a locked lead an MQL and offer it in the team's channel; `actor` None: its score did.

    Raises:
        NoTeamError: no team is set up.
        AlreadyOfferedError: it waits to be claimed already.
        StageMoveError: sales has it.
    """
    workspace = get_workspace(session, lead.workspace_id)
    team = first_team(session, workspace.id)
    if team is None:
        raise NoTeamError
    standing = last_handoff(session, lead)
    if standing is not None and standing.state is HandoffState.OFFERED:
        raise AlreadyOfferedError(lead, standing)
    if lead.stage is Stage.SQL:
        # A claim put back is an MQL again; nobody else takes a lead from whom it belongs to.
        raise StageMoveError(lead, Stage.MQL)
    if lead.stage is not Stage.MQL:
        advance_stage(lead, Stage.MQL, workspace, now)
    # The card in the channel says it: nobody is to hear of one touchpoint twice.
    lead.is_recycled, lead.hot_alert_due_at = False, None
    due_at = add_working_minutes(now, workspace.claim_minutes, hours_of(workspace))
    handoff = Handoff(
        workspace_id=workspace.id,
        lead_id=lead.id,
        team_id=team.id,
        why_now=why_now,
        marketer_id=actor.member_id if actor else lead.marketer_id,
        offered_by_id=actor.member_id if actor else None,
        offered_at=now,
        due_at=due_at,
        claim_due_at=due_at,
    )
    if actor is not None and Role.MARKETING in actor.roles:
        lead.marketer_id = actor.member_id
    session.add(lead)
    session.execute(insert(session, Handoff), handoff.model_dump())
    record_change(session, lead, ChangeKind.QUALIFIED, handoff.offered_by_id, now, subject_id=handoff.id)
    deliveries.want(session, workspace.id, DeliveryKind.HANDOFF_CARD, handoff.id, team.channel_slack_id, now)
    return handoff


def withdraw_lead(session: Session, actor: Actor, reference: str, now: datetime) -> Lead:
    """Take an offer back that nobody has claimed.

    Raises:
        NotAllowedError: the actor may not.
        NotOfferedError: it is not offered.
        AlreadyClaimedError: somebody has it.
    """
    members.require(session, actor, Right.QUALIFY)
    lead = lock_open_lead(session, actor.workspace_id, reference)
    withdraw_offer(session, actor, lead, now)
    return lead


def withdraw_offer(session: Session, actor: Actor, lead: Lead, now: datetime) -> None:
    """Take the open offer of a locked lead back: it is an INQUIRY again. Raises what `withdraw_lead` raises."""
    handoff = last_handoff(session, lead)
    if handoff is None or not _end_offer(session, handoff, actor, now):
        _refuse_missing(session, lead, handoff, actor)
    advance_stage(lead, Stage.INQUIRY, get_workspace(session, lead.workspace_id), now)
    session.add(lead)


def close_offer(session: Session, lead: Lead, actor: Actor, now: datetime) -> Handoff | None:
    """Withdraw what is still offered of a locked lead that is being closed, and return it."""
    handoff = last_handoff(session, lead)
    return handoff if handoff is not None and _end_offer(session, handoff, actor, now) else None


def reopen_offer(session: Session, lead: Lead, handoff_id: int, now: datetime) -> None:
    """Offer again what the closing of a locked lead withdrew: an MQL that nobody is asked to claim would be lost."""
    handoff = get_handoff(session, lead.workspace_id, handoff_id)
    handoff.withdrawn_at = handoff.withdrawn_by_id = None
    _offer_again(session, handoff, now)


def _offer_again(session: Session, handoff: Handoff, now: datetime) -> None:
    """Let a handoff stand as offered, with what time does to it: reminded of, or (that was done) told to the managers."""
    workspace = get_workspace(session, handoff.workspace_id)
    handoff.state = HandoffState.OFFERED
    if handoff.overdue_since is None:
        handoff.claim_due_at = handoff.due_at
    else:
        handoff.escalate_due_at = add_working_minutes(now, workspace.claim_minutes, hours_of(workspace))
    session.add(handoff)
    refresh_messages(session, handoff)


def _end_offer(session: Session, handoff: Handoff, actor: Actor, now: datetime) -> bool:
    ended = _change_offered(
        session, handoff, state=HandoffState.WITHDRAWN, withdrawn_at=now, withdrawn_by_id=actor.member_id
    )
    if ended:
        lead = session.get_one(Lead, (handoff.workspace_id, handoff.lead_id))
        record_change(session, lead, ChangeKind.WITHDRAWN, actor.member_id, now, subject_id=handoff.id)
        refresh_messages(session, handoff)
    return ended


def _change_offered(session: Session, handoff: Handoff, **values: Any) -> bool:
    """Change a handoff if, and only if, it is still offered; tell whether it was."""
    statement = (
        update(Handoff)
        .where(
            col(Handoff.workspace_id) == handoff.workspace_id,
            col(Handoff.id) == handoff.id,
            col(Handoff.state) == HandoffState.OFFERED,
        )
        .values(claim_due_at=None, escalate_due_at=None, **values)
        .execution_options(synchronize_session=False)
    )
    done = changed(session, statement) == 1
    session.refresh(handoff)
    return done


def claim_lead(session: Session, actor: Actor, reference: str, now: datetime) -> Handoff:
    """Claim the open offer of the lead that `reference` names. Raises what `claim_handoff` raises."""
    lead = lock_open_lead(session, actor.workspace_id, reference)
    handoff = last_handoff(session, lead)
    if handoff is None:
        members.require(session, actor, Right.CLAIM)
        raise NotOfferedError(lead)
    return claim_handoff(session, actor, handoff.id, now)


def claim_handoff(session: Session, actor: Actor, handoff_id: int, now: datetime) -> Handoff:
    """Take an offered handoff: exactly one of any number of simultaneous claims comes back from here.

    Raises:
        NotAllowedError: the actor may not claim.
        AlreadyClaimedError: somebody was first.
        NotOfferedError: it was withdrawn or returned.
    """
    members.require(session, actor, Right.CLAIM)
    handoff = get_handoff(session, actor.workspace_id, handoff_id)
    lead = _lock_lead_of(session, handoff)
    if not _give(session, handoff, lead, actor.member_id, now):
        _refuse_missing(session, lead, handoff, actor)
    record_change(session, lead, ChangeKind.CLAIMED, actor.member_id, now, subject_id=handoff.id)
    return handoff


def _lock_lead_of(session: Session, handoff: Handoff) -> Lead:
    """Return the handoff's lead, held for this transaction."""
    try:
        return lock_lead(session, handoff.workspace_id, lead_id_of(handoff))
    except LeadNotFoundError:
        # While we waited for it, it became one with another, to which the handoff went.
        session.refresh(handoff)
        return lock_lead(session, handoff.workspace_id, lead_id_of(handoff))


def _give(session: Session, handoff: Handoff, lead: Lead, member_id: int, now: datetime) -> bool:
    """Make a member the owner of an offered handoff and its locked lead; tell whether it was still offered."""
    workspace = get_workspace(session, lead.workspace_id)
    contact_due_at = add_working_minutes(now, workspace.contact_minutes, hours_of(workspace))
    if not _change_offered(
        session, handoff, state=HandoffState.CLAIMED, owner_id=member_id, claimed_at=now, contact_due_at=contact_due_at
    ):
        return False
    advance_stage(lead, Stage.SQL, workspace, now)
    lead.owner_id = member_id
    session.add(lead)
    refresh_messages(session, handoff)
    return True


def refresh_messages(session: Session, handoff: Handoff) -> None:
    """Have the card and what was said under it show where the handoff now stands."""
    for kind in (DeliveryKind.HANDOFF_CARD, DeliveryKind.HANDOFF_REMINDER):
        deliveries.refresh(session, handoff.workspace_id, kind, handoff.id)


def _refuse_missing(session: Session, lead: Lead, handoff: Handoff | None, actor: Actor) -> None:
    """Say why there is no offer to act on.

    Raises:
        AlreadyClaimedError: somebody has claimed it.
        LeadClosedError: the lead is CLOSED.
        NotOfferedError: in every other case.
    """
    if lead.stage is Stage.CLOSED:
        raise LeadClosedError(lead)
    owner = members.get_member(session, lead.workspace_id, handoff.owner_id) if handoff else None
    if handoff is None or handoff.state is not HandoffState.CLAIMED or owner is None or handoff.claimed_at is None:
        raise NotOfferedError(lead)
    waiting, count = waiting_handoffs(session, lead.workspace_id, limit=1)
    raise AlreadyClaimedError(
        lead, owner, handoff.claimed_at, by_actor=owner.id == actor.member_id, waiting=waiting, count=count
    )


def waiting_handoffs(session: Session, workspace_id: int, limit: int) -> tuple[list[tuple[Handoff, Lead]], int]:
    """Return the handoffs that wait to be claimed, the most urgent first, and how many there are."""
    offered = (col(Handoff.workspace_id) == workspace_id, col(Handoff.state) == HandoffState.OFFERED)
    query = (
        select(Handoff, Lead)
        .join(Lead, (col(Lead.workspace_id) == col(Handoff.workspace_id)) & (col(Lead.id) == col(Handoff.lead_id)))
        .where(*offered)
        .order_by(col(Handoff.due_at), col(Handoff.id))
        .limit(limit)
    )
    count = session.scalar(select(func.count()).select_from(Handoff).where(*offered)) or 0
    return [(handoff, lead) for handoff, lead in session.execute(query)], count


def release_lead(session: Session, actor: Actor, reference: str, now: datetime) -> Lead:
    """Put a claim back as if it had not been, within 15 minutes.

    Raises:
        NotYoursError: the actor does not own the lead and is no manager.
        ReleaseTooLateError: the minutes are over; it is a return now.
    """
    members.require(session, actor, Right.CLAIM)
    lead = lock_open_lead(session, actor.workspace_id, reference)
    handoff = last_handoff(session, lead)
    is_theirs = lead.owner_id == actor.member_id or Role.MANAGER in actor.roles
    if handoff is None or handoff.state is not HandoffState.CLAIMED or not is_theirs:
        raise NotYoursError(lead, members.get_member(session, lead.workspace_id, lead.owner_id))
    if handoff.claimed_at is None or now - handoff.claimed_at > timedelta(minutes=RELEASE_MINUTES):
        raise ReleaseTooLateError(lead, RELEASE_MINUTES)
    handoff.owner_id = handoff.claimed_at = None
    handoff.contact_due_at = handoff.contacted_at = None
    _offer_again(session, handoff, now)
    advance_stage(lead, Stage.MQL, get_workspace(session, lead.workspace_id), now)
    lead.owner_id = None
    session.add(lead)
    record_change(session, lead, ChangeKind.RELEASED, actor.member_id, now, subject_id=handoff.id)
    return lead


def assign_lead(session: Session, actor: Actor, reference: str, person: str, now: datetime) -> tuple[Lead, Member]:
    """Give a lead to a salesperson: an offered one is claimed for them, an owned one changes hands. They are told.

    `person` is a Slack id or a name as typed.

    Raises:
        NotAllowedError: the actor is no manager.
        InputError: the person is unknown or does not work in sales.
        StageMoveError: nobody has qualified the lead.
    """
    members.require(session, actor, Right.ASSIGN)
    owner = members.find_named(session, actor.workspace_id, person)
    if owner is None or owner.roles.isdisjoint({Role.SALES, Role.MANAGER}):
        raise InputError(Problem.UNKNOWN_PERSON, "owner", owner.name if owner else person)
    lead = lock_open_lead(session, actor.workspace_id, reference)
    handoff = last_handoff(session, lead)
    if handoff is None or handoff.state not in {HandoffState.OFFERED, HandoffState.CLAIMED}:
        raise StageMoveError(lead, Stage.SQL)
    if not _give(session, handoff, lead, owner.id, now):
        handoff.owner_id = lead.owner_id = owner.id
        lead.updated_at, lead.rev = now, lead.rev + 1
        session.add_all([handoff, lead])
        refresh_messages(session, handoff)
    record_change(session, lead, ChangeKind.ASSIGNED, actor.member_id, now, subject_id=handoff.id)
    deliveries.want(
        session, lead.workspace_id, DeliveryKind.ASSIGNED_NOTE, handoff.id, owner.slack_id, now, about=str(owner.id)
    )
    return lead, owner


def note_first_contact(session: Session, lead: Lead, member_id: int | None, now: datetime) -> None:
    """Stop the first-contact clock: only the owner's own touchpoint does."""
    if member_id is None or lead.owner_id != member_id:
        return
    session.execute(
        update(Handoff)
        .where(
            col(Handoff.workspace_id) == lead.workspace_id,
            col(Handoff.owner_id) == member_id,
            col(Handoff.lead_id) == lead.id,
            col(Handoff.contact_due_at).is_not(None),
        )
        .values(contacted_at=now, contact_due_at=None)
        .execution_options(synchronize_session=False)
    )


def forget_first_contact(session: Session, lead: Lead, at: datetime) -> None:
    """Let the first-contact clock run again that the touchpoint logged at `at` had stopped."""
    handoff = last_handoff(session, lead)
    if handoff is None or handoff.contacted_at != at or handoff.claimed_at is None:
        return
    workspace = get_workspace(session, lead.workspace_id)
    handoff.contacted_at = None
    handoff.contact_due_at = add_working_minutes(handoff.claimed_at, workspace.contact_minutes, hours_of(workspace))
    session.add(handoff)
