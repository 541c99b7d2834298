"""Take back one's own last slip, while nothing hangs on it."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlmodel import Session, col

from models.errors import InputError, NothingToUndoError, Problem, UndoHangsError
from models.facts import ConsentEntry, Undone
from models.handoff import Handoff, HandoffState
from models.lead import Consent, Lead, Stage
from models.member import Actor, Right
from models.records import Change, ChangeKind
from models.touchpoint import Touchpoint
from services import handoffs, members, reawakening, returns, scoring
from services.consents import is_looser
from services.hotness import move_heat
from services.lead_edits import derive_fields
from services.lead_stages import plan_dormancy
from services.leads import lock_lead
from services.records import record_change, record_consent, restore
from services.removal import remove_lead
from services.touchpoints import add_weight
from services.unmerging import undo_merge
from services.workspaces import get_workspace

UNDO_MINUTES = 30

_TAKES_BACK = frozenset(
    {
        ChangeKind.ADDED,
        ChangeKind.TOUCHED,
        ChangeKind.EDITED,
        ChangeKind.SCORED,
        ChangeKind.FOLLOW_UP,
        ChangeKind.CLOSED,
        ChangeKind.QUALIFIED,
        ChangeKind.CLAIMED,
        ChangeKind.RETURNED,
        ChangeKind.MERGED,
        ChangeKind.CONSENT,
    }
)

_IN_NOBODYS_WAY = (ChangeKind.UNDONE, ChangeKind.HOT, ChangeKind.COOLED, ChangeKind.DORMANT, ChangeKind.CONSENT)


def undo_last(session: Session, actor: Actor, now: datetime, lead_number: int | None = None) -> Undone:
    """Take back the last thing that the actor did to a lead; None: to any.

    Raises:
        NothingToUndoError: they did nothing in the last 30 minutes that can be taken back.
        UndoHangsError: something else was done to the lead since.
        InputError: a consent that was taken back is given again by the person alone.
    """
    query = (
        select(Change)
        .where(
            col(Change.workspace_id) == actor.workspace_id,
            col(Change.member_id) == actor.member_id,
            col(Change.kind) != ChangeKind.UNDONE,
            col(Change.undone_at).is_(None),
        )
        .order_by(col(Change.id).desc())
    )
    if lead_number is not None:
        query = query.where(col(Change.lead_number) == lead_number)
    return _undo(session, actor, session.scalars(query.limit(1)).first(), now)


def undo_touchpoint(session: Session, actor: Actor, touchpoint_id: int, now: datetime) -> Undone:
    """Take back the touchpoint that the actor logged. Raises what `undo_last` raises."""
    return _undo_of(session, actor, now, ChangeKind.TOUCHED, col(Change.subject_id) == touchpoint_id)


def undo_add(session: Session, actor: Actor, lead_number: int, now: datetime) -> Undone:
    """Take back the lead that the actor added. Raises what `undo_last` raises."""
    return _undo_of(session, actor, now, ChangeKind.ADDED, col(Change.lead_number) == lead_number)


def _undo_of(session: Session, actor: Actor, now: datetime, kind: ChangeKind, which: object) -> Undone:
    query = select(Change).where(
        col(Change.workspace_id) == actor.workspace_id,
        col(Change.member_id) == actor.member_id,
        col(Change.kind) == kind,
        col(Change.undone_at).is_(None),
        which,  # type: ignore[arg-type]
    )
    return _undo(session, actor, session.scalars(query.order_by(col(Change.id).desc()).limit(1)).first(), now)


def _undo(session: Session, actor: Actor, change: Change | None, now: datetime) -> Undone:
    members.require(session, actor, Right.LOG)
    if change is None or change.lead_id is None or change.kind not in _TAKES_BACK:
        raise NothingToUndoError(UNDO_MINUTES)
    if now - change.at > timedelta(minutes=UNDO_MINUTES):
        raise NothingToUndoError(UNDO_MINUTES)
    if change.kind is ChangeKind.MERGED:
        return Undone(change, undo_merge(session, actor, change.subject_id or 0, now)[0])
    lead = lock_lead(session, actor.workspace_id, change.lead_id)
    if _hangs_on(session, change, lead):
        raise UndoHangsError(lead)
    typed = str(change.before.get("typed", ""))
    change.undone_at = now
    session.add(change)
    kept = _TAKE_BACK[change.kind](session, actor, lead, change, now)
    if kept:
        lead.updated_at, lead.rev = now, lead.rev + 1
        session.add(lead)
        record_change(session, lead, ChangeKind.UNDONE, actor.member_id, now, subject_id=change.id)
    return Undone(change, lead if kept else None, typed)


def _hangs_on(session: Session, change: Change, lead: Lead) -> bool:
    """Tell whether a later change of the lead stands. What the change itself caused does not count."""
    query = select(col(Change.id)).where(
        col(Change.workspace_id) == lead.workspace_id,
        col(Change.lead_id) == lead.id,
        col(Change.id) > change.id,
        col(Change.undone_at).is_(None),
        col(Change.kind).not_in(_IN_NOBODYS_WAY),
    )
    return session.scalars(query.limit(1)).first() is not None or _somebody_took(session, change)


def _somebody_took(session: Session, change: Change) -> bool:
    """Tell whether the handoff that a touchpoint or an edit opened is no longer merely offered."""
    handoff_id = change.before.get("handoff")
    if handoff_id is None:
        return False
    return session.get_one(Handoff, (change.workspace_id, handoff_id)).state is not HandoffState.OFFERED


def _take_back_add(session: Session, actor: Actor, lead: Lead, change: Change, now: datetime) -> bool:  # noqa: ARG001
    remove_lead(session, lead)
    return False


def _take_back_touch(session: Session, actor: Actor, lead: Lead, change: Change, now: datetime) -> bool:
    touchpoint = session.get_one(Touchpoint, (change.workspace_id, change.subject_id))
    workspace = get_workspace(session, change.workspace_id)
    if change.before.get("handoff"):
        handoffs.withdraw_offer(session, actor, lead, now)
    add_weight(lead, touchpoint, scoring.rules_for(lead, workspace), sign=-1)
    handoffs.forget_first_contact(session, lead, change.at)
    restore(lead, change.before)
    plan_dormancy(lead, workspace, now)
    move_heat(lead, workspace, now)
    reawakening.take_back(session, lead, touchpoint)
    session.delete(touchpoint)
    return True


def _take_back_fields(session: Session, actor: Actor, lead: Lead, change: Change, now: datetime) -> bool:
    workspace = get_workspace(session, lead.workspace_id)
    if change.before.get("handoff"):
        handoffs.withdraw_offer(session, actor, lead, now)
    restore(lead, change.before)
    _take_back_given_with(session, actor, lead, change, now)
    derive_fields(session, lead, workspace, now)
    plan_dormancy(lead, workspace, now)
    if lead.stage is not Stage.CLOSED:
        move_heat(lead, workspace, now)
    return True


def _take_back_given_with(session: Session, actor: Actor, lead: Lead, edit: Change, now: datetime) -> None:
    """Take the consent back that was noted in the same edit; a withdrawal stays."""
    query = select(Change).where(
        col(Change.workspace_id) == lead.workspace_id,
        col(Change.lead_id) == lead.id,
        col(Change.kind) == ChangeKind.CONSENT,
        col(Change.member_id) == edit.member_id,
        col(Change.at) == edit.at,
        col(Change.undone_at).is_(None),
    )
    given = session.scalars(query.order_by(col(Change.id).desc()).limit(1)).first()
    if given is not None and not is_looser(Consent(given.before["consent"]), lead.consent):
        given.undone_at = now
        session.add(given)
        _take_back_consent(session, actor, lead, given, now)


def _take_back_score(session: Session, actor: Actor, lead: Lead, change: Change, now: datetime) -> bool:  # noqa: ARG001
    restore(lead, change.before)
    move_heat(lead, get_workspace(session, lead.workspace_id), now)
    return True


def _take_back_consent(session: Session, actor: Actor, lead: Lead, change: Change, now: datetime) -> bool:
    answer = Consent(change.before["consent"])
    if is_looser(answer, lead.consent):
        raise InputError(Problem.CONSENT_WITHDRAWN, "consent")
    record_consent(session, lead, ConsentEntry(answer), actor.member_id, now)
    restore(lead, change.before)
    if lead.stage is not Stage.CLOSED:
        move_heat(lead, get_workspace(session, lead.workspace_id), now)
    return True


def _take_back_close(session: Session, actor: Actor, lead: Lead, change: Change, now: datetime) -> bool:  # noqa: ARG001
    restore(lead, change.before)
    if change.before.get("withdrew"):
        handoffs.reopen_offer(session, lead, change.before["withdrew"], now)
    return True


def _take_back_qualify(session: Session, actor: Actor, lead: Lead, change: Change, now: datetime) -> bool:  # noqa: ARG001
    handoffs.withdraw_offer(session, actor, lead, now)
    return True


def _take_back_return(session: Session, actor: Actor, lead: Lead, change: Change, now: datetime) -> bool:  # noqa: ARG001
    returns.reopen_return(session, lead, change.before, now)
    return True


def _take_back_claim(session: Session, actor: Actor, lead: Lead, change: Change, now: datetime) -> bool:  # noqa: ARG001
    handoffs.release_lead(session, actor, lead.label, now)
    return True


_TAKE_BACK = {
    ChangeKind.ADDED: _take_back_add,
    ChangeKind.TOUCHED: _take_back_touch,
    ChangeKind.EDITED: _take_back_fields,
    ChangeKind.FOLLOW_UP: _take_back_fields,
    ChangeKind.SCORED: _take_back_score,
    ChangeKind.CLOSED: _take_back_close,
    ChangeKind.QUALIFIED: _take_back_qualify,
    ChangeKind.CLAIMED: _take_back_claim,
    ChangeKind.RETURNED: _take_back_return,
    ChangeKind.CONSENT: _take_back_consent,
}
