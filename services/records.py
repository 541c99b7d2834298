"""Remember what was done: changes of leads, requests carried out, jobs run."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Executable, Row, bindparam, delete, func, select, update
from sqlmodel import Session, SQLModel, col

from models.base import new_id
from models.consent import ConsentRecord
from models.errors import RepeatedRequestError
from models.facts import ConsentEntry
from models.lead import Consent, Lead
from models.member import Member
from models.records import Change, ChangeKind, Draft, JobRun, Receipt
from models.scoring import Correction
from services.statements import Prepared, changed, inserting, is_among, listed

# Slack's last retry comes after 5 minutes and nobody answers a draft a month later.
RECEIPT_DAYS = 7
DRAFT_DAYS = 30
JOB_RUN_DAYS = 400


def record_change(
    session: Session,
    lead: Lead | Row[Any],
    kind: ChangeKind,
    member_id: int | None,
    now: datetime,
    *,
    subject_id: int | None = None,
    before: dict[str, Any] | None = None,
) -> None:
    """Note who changed what of a lead, with the values before it; of a row its workspace, id and number are enough."""
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


def record_consent(session: Session, lead: Lead, entry: ConsentEntry, member_id: int | None, now: datetime) -> None:
    """Set what a lead agreed to, and keep the answer with its evidence in their history."""
    lead.consent = entry.answer
    lead.consent_at = None if entry.answer is Consent.UNKNOWN else entry.given_at or now
    keep_consent(session, lead, entry, member_id, now)


def keep_consent(session: Session, lead: Lead, entry: ConsentEntry, member_id: int | None, now: datetime) -> None:
    """Keep an answer in a lead's history; the lead itself says it already."""
    _INSERT_CONSENT.run(session, consent_values(lead.workspace_id, lead.id, entry, member_id, now))


def last_consent(session: Session, workspace_id: int, lead_id: int, answer: Consent) -> ConsentRecord | None:
    """Return the evidence of the lead's answer in force; None where nobody has told one.

    The history of two leads that became one can end in an answer that the stricter one before outweighs.
    """
    query = select(ConsentRecord).where(
        col(ConsentRecord.workspace_id) == workspace_id,
        col(ConsentRecord.lead_id) == lead_id,
        col(ConsentRecord.answer) == answer,
    )
    return session.scalars(query.order_by(col(ConsentRecord.id).desc()).limit(1)).first()


def consent_values(
    workspace_id: int, lead_id: int, entry: ConsentEntry, member_id: int | None, now: datetime
) -> dict[str, Any]:
    """Return the row of one answer in a lead's history of consent."""
    return {
        "workspace_id": workspace_id,
        "id": new_id(),
        "lead_id": lead_id,
        "answer": entry.answer,
        "purpose": entry.purpose,
        "basis": entry.basis,
        "given_at": entry.given_at or now,
        "origin": entry.origin,
        "notice": entry.notice,
        "member_id": member_id,
        "recorded_at": now,
    }


_INSERT_CHANGE = inserting(Change)
_INSERT_CONSENT = inserting(ConsentRecord)
_INSERT_RECEIPT = inserting(Receipt, once=True)
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
            setattr(lead, name, _column_type(Lead, name).validate_python(value))


def revive(table: type[SQLModel], before: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of a whole row as its columns take them, from what JSON held of it."""
    return {name: _column_type(table, name).validate_python(value) for name, value in before.items()}


@cache
def _column_type(table: type[SQLModel], name: str) -> TypeAdapter[Any]:
    return TypeAdapter(table.model_fields[name].rebuild_annotation())


def receive_once(session: Session, workspace_id: int, key: str, now: datetime) -> None:
    """Note that the request `key` is being carried out in this transaction.

    Raises:
        RepeatedRequestError: it was carried out before.
    """
    if not is_first(session, workspace_id, key, now):
        raise RepeatedRequestError


def is_first(session: Session, workspace_id: int, key: str, now: datetime) -> bool:
    """Note that `key` has come, and tell whether it never had before."""
    return bool(_INSERT_RECEIPT.run(session, {"workspace_id": workspace_id, "key": key, "at": now, "answer": None}))


def keep_answer(session: Session, workspace_id: int, key: str, answer: str) -> None:
    """Keep what the request `key`, received in this transaction, was answered."""
    mine = (col(Receipt.workspace_id) == workspace_id, col(Receipt.key) == key)
    session.execute(update(Receipt).where(*mine).values(answer=answer).execution_options(synchronize_session=False))


def answer_given(session: Session, workspace_id: int, key: str) -> str | None:
    """Return what the request `key` was answered; None where nothing was kept."""
    query = select(col(Receipt.answer)).where(col(Receipt.workspace_id) == workspace_id, col(Receipt.key) == key)
    return session.scalar(query)


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


def run_all_once(session: Session, workspace_id: int, job: str, slots: Sequence[str], now: datetime) -> list[str]:
    """Claim many slots of a job for this transaction, and return those that nobody did before.

    Whoever calls holds a lock of what each slot is about: of two at once both would be the first.
    """
    same = {"workspace_id": workspace_id, "job": job}
    asked = {**same, "slots": listed(session, slots)}
    done = {row[0] for row in _DONE_SLOTS.run(session, asked)}
    first = [slot for slot in slots if slot not in done]
    _INSERT_JOB_RUNS.run_many(session, {**same, "at": now}, ({"slot": slot} for slot in first))
    return first


def _done_slots(dialect: str) -> Executable:
    return select(col(JobRun.slot)).where(
        col(JobRun.workspace_id) == bindparam("workspace_id"),
        col(JobRun.job) == bindparam("job"),
        is_among(col(JobRun.slot), "slots", dialect),
    )


_DONE_SLOTS = Prepared(_done_slots)
_INSERT_JOB_RUNS = inserting(JobRun)


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
