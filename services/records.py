"""Remember what was done: changes of leads, requests carried out, jobs run."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import delete, func, select, update
from sqlmodel import Session, col

from models.base import new_id
from models.errors import RepeatedRequestError
from models.lead import Lead
from models.member import Member
from models.records import Change, ChangeKind, Draft, JobRun, Receipt
from models.scoring import Correction
from services.statements import changed, inserting

# Slack's last retry comes after 5 minutes and nobody answers a draft a month later.
RECEIPT_DAYS = 7
DRAFT_DAYS = 30
JOB_RUN_DAYS = 400


def record_change(
    session: Session,
    lead: Lead,
    kind: ChangeKind,
    member_id: int | None,
    now: datetime,
    *,
    subject_id: int | None = None,
    before: dict[str, Any] | None = None,
) -> None:
    """Note who changed what of a lead, with the values before it."""
    change = {
        "workspace_id": lead.workspace_id,
        "id": new_id(),
        "lead_id": lead.id,
        "lead_number": lead.number,
        "kind": kind,
        "member_id": member_id,
        "subject_id": subject_id,
        "before": before or {},
        "at": now,
        "undone_at": None,
    }
    _INSERT_CHANGE.run(session, change)


_INSERT_CHANGE = inserting(Change)
_INSERT_RECEIPT = inserting(Receipt, once=True)
_NOTHING_YET: dict[str, Any] = {"subject_id": None}
_INSERT_JOB_RUN = inserting(JobRun, once=True)


def was_done(session: Session, member: Member, kinds: Iterable[ChangeKind], subject_id: int) -> bool:
    """Tell whether the member has ever done one of these things to this very row."""
    query = select(col(Change.id)).where(
        col(Change.workspace_id) == member.workspace_id,
        col(Change.member_id) == member.id,
        col(Change.kind).in_(kinds),
        col(Change.subject_id) == subject_id,
    )
    return session.scalars(query.limit(1)).first() is not None


def snapshot(lead: Lead, fields: Iterable[str]) -> dict[str, Any]:
    """Return these fields of the lead as JSON can hold them."""
    return lead.model_dump(mode="json", include=set(fields))


def corrections_of(session: Session, lead: Lead) -> tuple[Correction, ...]:
    """Return the points that people gave or took by hand, the newest first."""
    query = (
        select(Change, Member)
        .outerjoin(Member, (col(Member.workspace_id) == lead.workspace_id) & (col(Member.id) == col(Change.member_id)))
        .where(
            col(Change.workspace_id) == lead.workspace_id,
            col(Change.lead_id) == lead.id,
            col(Change.kind) == ChangeKind.SCORED,
            col(Change.undone_at).is_(None),
        )
        .order_by(col(Change.id).desc())
    )
    return tuple(
        Correction(
            float(change.before["points"]), str(change.before["reason"]), member.name if member else "", change.at
        )
        for change, member in session.execute(query)
    )


def restore(lead: Lead, before: Mapping[str, Any]) -> None:
    """Give the fields of a snapshot their values back; names that are no fields are passed over."""
    for name, value in before.items():
        if name in Lead.model_fields and name != "rev":
            setattr(lead, name, _field_type(name).validate_python(value))


@cache
def _field_type(name: str) -> TypeAdapter[Any]:
    return TypeAdapter(Lead.model_fields[name].rebuild_annotation())


def receive_once(session: Session, workspace_id: int, key: str, now: datetime) -> None:
    """Note that the request `key` is being carried out in this transaction.

    Raises:
        RepeatedRequestError: it was carried out before.
    """
    if not is_first(session, workspace_id, key, now):
        raise RepeatedRequestError


def is_first(session: Session, workspace_id: int, key: str, now: datetime) -> bool:
    """Note that `key` has come, and tell whether it never had before."""
    return bool(_INSERT_RECEIPT.run(session, {**_NOTHING_YET, "workspace_id": workspace_id, "key": key, "at": now}))


def what_came_of(session: Session, workspace_id: int, key: str) -> Receipt | None:
    """Return the receipt of the request `key`, None while it has not been carried out."""
    return session.get(Receipt, (workspace_id, key))


def note_what_came(session: Session, workspace_id: int, key: str, subject_id: int) -> None:
    """Write on the receipt of the request `key` what came of it."""
    mine = update(Receipt).where(col(Receipt.workspace_id) == workspace_id, col(Receipt.key) == key)
    session.execute(mine.values(subject_id=subject_id))


def forget_receipt(session: Session, workspace_id: int, key: str) -> None:
    """Take a receipt back: the request was answered with a question and will come again."""
    session.execute(delete(Receipt).where(col(Receipt.workspace_id) == workspace_id, col(Receipt.key) == key))


def refuse_repeated(session: Session, workspace_id: int, key: str) -> None:
    """Look whether the request `key` was carried out, and leave it to be received later.

    Raises:
        RepeatedRequestError: it was.
    """
    if session.get(Receipt, (workspace_id, key)) is not None:
        raise RepeatedRequestError


def run_once(session: Session, workspace_id: int, job: str, slot: str, now: datetime) -> bool:
    """Claim the slot of a job for this transaction; False when it was done before, by whatever process."""
    run = {"workspace_id": workspace_id, "job": job, "slot": slot, "at": now}
    return bool(_INSERT_JOB_RUN.run(session, run))


def give_back(session: Session, workspace_id: int, job: str, slot: str) -> None:
    """Free the slot of a job that failed: it is to run again."""
    session.execute(
        delete(JobRun).where(col(JobRun.workspace_id) == workspace_id, col(JobRun.job) == job, col(JobRun.slot) == slot)
    )


def forget_old_records(session: Session, workspace_id: int, now: datetime) -> int:
    """Delete receipts, drafts and job runs that nothing can ask for any more; return how many."""
    return sum(changed(session, delete(table).where(*too_old)) for table, *too_old in _old(workspace_id, now))


def count_old_records(session: Session, workspace_id: int, now: datetime) -> int:
    """Count the records that `forget_old_records` would delete."""
    counts = (select(func.count()).select_from(table).where(*too_old) for table, *too_old in _old(workspace_id, now))
    return sum(session.scalar(count) or 0 for count in counts)


def _old(workspace_id: int, now: datetime) -> Iterable[tuple[Any, ...]]:
    for table, column, days in (
        (Receipt, Receipt.at, RECEIPT_DAYS),
        (Draft, Draft.created_at, DRAFT_DAYS),
        (JobRun, JobRun.at, JOB_RUN_DAYS),
    ):
        yield table, col(table.workspace_id) == workspace_id, col(column) < now - timedelta(days=days)
