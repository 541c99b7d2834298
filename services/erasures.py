"""Somebody is forgotten: planned, carried out in one transaction, followed through to the last message, and proven."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, select, update
from sqlmodel import Session, col

from models.delivery import DeliveryKind, DeliveryState
from models.erasure import LIFT_REASON_MAX, Erasure
from models.errors import InputError, LeadNotFoundError, Problem
from models.facts import ErasurePlan
from models.handoff import Handoff, HandoffState
from models.lead import Lead
from models.lead_merge import LeadMerge
from models.member import Actor, Right
from models.records import Draft
from services import deliveries, export_runs, import_chunks, members
from services.identity import email_key, fold, phone_key
from services.leads import find_lead, lock_lead
from services.removal import count_rows, remove_lead
from services.suppression import drop_suppressions, suppress
from services.workspaces import get_workspace


def plan_erasure(session: Session, actor: Actor, reference: str) -> ErasurePlan:
    """Count what forgetting the lead that `reference` names would take away; change nothing.

    Raises:
        NotAllowedError: the actor is no manager.
        LeadNotFoundError, SeveralLeadsError, InputError: as `find_lead` does.
    """
    members.require(session, actor, Right.FORGET)
    return plan_here(session, find_lead(session, actor.workspace_id, reference))


def plan_here(session: Session, lead: Lead) -> ErasurePlan:
    """Count what forgetting a lead would take away, for whoever may do anything: the command line."""
    rows = count_rows(session, lead)
    if drafts := drafts_about(session, lead):
        rows["draft"] = len(drafts)
    messages, whispers = deliveries.count_naming(session, lead.workspace_id, lead.id, _handoff_ids(session, lead))
    return ErasurePlan(lead, rows, messages, whispers)


def forget_lead(session: Session, actor: Actor, number: int, typed: str, now: datetime) -> Erasure:
    """Erase the lead of this number everywhere, and keep the proof and the keyed hashes.

    What stands in Slack is changed by the deliverer, and what the database has freed is overwritten by the job.

    Raises:
        NotAllowedError: the actor is no manager.
        LeadNotFoundError: there is no such lead, or not any more.
        InputError: WRONG_LABEL, what was typed to confirm is not the lead's number.
    """
    members.require(session, actor, Right.FORGET)
    erasure = forget_here(session, actor.workspace_id, number, typed, now, actor.member_id)
    deliveries.want(session, actor.workspace_id, DeliveryKind.ERASURE_NOTE, erasure.id, actor.slack_id, now)
    return erasure


def forget_here(
    session: Session, workspace_id: int, number: int, typed: str, now: datetime, member_id: int | None = None
) -> Erasure:
    """Erase as `forget_lead` does, for whoever may do anything: the command line, where `member_id` is None.

    Raises:
        LeadNotFoundError, InputError: as `forget_lead`.
    """
    lead = lock_lead(session, workspace_id, find_lead(session, workspace_id, f"L-{number}").id)
    if fold(typed) != fold(lead.label):
        raise InputError(Problem.WRONG_LABEL, "label", typed, nearest=lead.label)
    plan, merged = plan_here(session, lead), _merged_into(session, lead)
    erasure = Erasure(
        workspace_id=workspace_id, lead_number=lead.number, asked_by_id=member_id, asked_at=now,
        rows=plan.rows, messages=plan.messages,
    )  # fmt: skip
    session.add(erasure)
    suppress(session, workspace_id, lead, erasure.id)
    for person in merged:
        suppress(session, workspace_id, person, erasure.id)
    deliveries.erase_naming(session, workspace_id, lead.id, _handoff_ids(session, lead), erasure.id)
    _withdraw_offer(session, member_id, lead, now)
    for draft in drafts_about(session, lead):
        session.delete(draft)
    import_chunks.forget_person(session, lead)
    export_runs.forget_person(session, workspace_id, [lead.number, *(int(person["number"]) for person in merged)])
    remove_lead(session, lead)
    return erasure


def _merged_into(session: Session, lead: Lead) -> list[dict[str, Any]]:
    """Return the leads that became one with this one, as they were: they are the same person."""
    query = select(LeadMerge).where(
        col(LeadMerge.workspace_id) == lead.workspace_id,
        col(LeadMerge.into_id) == lead.id,
        col(LeadMerge.undone_at).is_(None),
    )
    return [merge.before["goes"] for merge in session.scalars(query)]


def _handoff_ids(session: Session, lead: Lead) -> Sequence[int]:
    query = select(col(Handoff.id)).where(
        col(Handoff.workspace_id) == lead.workspace_id, col(Handoff.lead_id) == lead.id
    )
    return session.scalars(query).all()


def _withdraw_offer(session: Session, member_id: int | None, lead: Lead, now: datetime) -> None:
    """End what is still offered: nobody can claim whom nobody knows."""
    session.execute(
        update(Handoff)
        .where(
            col(Handoff.workspace_id) == lead.workspace_id,
            col(Handoff.lead_id) == lead.id,
            col(Handoff.state) == HandoffState.OFFERED,
        )
        .values(state=HandoffState.WITHDRAWN, withdrawn_at=now, withdrawn_by_id=member_id)
        .execution_options(synchronize_session=False)
    )


def messages_naming(session: Session, lead: Lead) -> ColumnElement[bool]:
    """Build the condition that a delivery names the lead."""
    return deliveries.naming(lead.workspace_id, lead.id, _handoff_ids(session, lead))


def drafts_about(session: Session, lead: Lead) -> list[Draft]:
    """Return the drafts, kept for 30 days at most, that seem to be about the same person; one too many does no harm."""
    country = get_workspace(session, lead.workspace_id).country
    drafts = session.scalars(select(Draft).where(col(Draft.workspace_id) == lead.workspace_id))
    return [draft for draft in drafts if _is_about(draft.fields, draft.typed, lead, country)]


def _is_about(fields: dict[str, Any], typed: str, lead: Lead, country: str) -> bool:
    email, phone = str(fields.get("email") or ""), str(fields.get("phone") or "")
    line = fold(typed)
    return (
        (lead.email_key is not None and (email_key(email) == lead.email_key or fold(lead.email) in line))
        or (lead.phone_key is not None and phone_key(phone, country) == lead.phone_key)
        or (bool(lead.name_key) and (fold(str(fields.get("name") or "")) == lead.name_key or lead.name_key in line))
        or (lead.external_id is not None and fields.get("external_id") == lead.external_id)
    )


def open_erasures(session: Session, workspace_id: int) -> Sequence[Erasure]:
    """Return the erasures that are not followed through yet, the oldest first."""
    query = select(Erasure).where(col(Erasure.workspace_id) == workspace_id, col(Erasure.done_at).is_(None))
    return session.scalars(query.order_by(col(Erasure.id))).all()


def waiting_edits(session: Session, erasure: Erasure) -> int:
    """Count the messages that still name the person, as far as they can be changed."""
    return deliveries.count_erased(session, erasure.workspace_id, erasure.id, (DeliveryState.PENDING,))


def note_step(session: Session, workspace_id: int, erasure_ids: Collection[int], step: str, now: datetime) -> None:
    """Note that a step (`homes_at`, `overwritten_at`) of these erasures is done."""
    session.execute(
        update(Erasure)
        .where(col(Erasure.workspace_id) == workspace_id, col(Erasure.id).in_(erasure_ids))
        .values({step: now})
        .execution_options(synchronize_session=False)
    )


def finish_erasures(session: Session, workspace_id: int, now: datetime) -> int:
    """Note of the erasures that are followed through how many messages Slack did not let us change; return how many.

    Whoever asked is told in the message that they have.
    """
    done = [erasure for erasure in open_erasures(session, workspace_id) if _is_through(session, erasure)]
    for erasure in done:
        stuck = (DeliveryState.FAILED, DeliveryState.UNKNOWN)
        erasure.unedited = deliveries.count_erased(session, workspace_id, erasure.id, stuck)
        erasure.done_at = now
        session.add(erasure)
        deliveries.refresh(session, workspace_id, DeliveryKind.ERASURE_NOTE, erasure.id)
    return len(done)


def _is_through(session: Session, erasure: Erasure) -> bool:
    has_stepped = erasure.homes_at is not None and erasure.overwritten_at is not None
    is_said_nowhere = waiting_edits(session, erasure) == 0 and not export_runs.is_dropping(
        session, erasure.workspace_id
    )
    return has_stepped and is_said_nowhere


def get_erasure(session: Session, workspace_id: int, erasure_id: int) -> Erasure:
    """Return the proof of this id.

    Raises:
        LeadNotFoundError: the workspace has none.
    """
    erasure = session.get(Erasure, (workspace_id, erasure_id))
    if erasure is None:
        raise LeadNotFoundError(str(erasure_id))
    return erasure


def lift_erasure(session: Session, actor: Actor, erasure_id: int, reason: str, now: datetime) -> Erasure:
    """Let a forgotten person be stored again, because a manager says why; the proof keeps who, when and the reason.

    Raises:
        NotAllowedError: the actor is no manager.
        InputError: no reason is given, or a long one.
    """
    members.require(session, actor, Right.FORGET)
    if not reason.strip():
        raise InputError(Problem.REASON_NEEDED, "lift_reason")
    if len(reason) > LIFT_REASON_MAX:
        raise InputError(Problem.TOO_LONG, "lift_reason", reason, limit=LIFT_REASON_MAX)
    erasure = get_erasure(session, actor.workspace_id, erasure_id)
    drop_suppressions(session, actor.workspace_id, erasure_id)
    erasure.lifted_at, erasure.lifted_by_id, erasure.lift_reason = now, actor.member_id, reason.strip()
    session.add(erasure)
    return erasure
