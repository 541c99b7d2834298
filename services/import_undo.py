"""An import taken back: the leads that it brought go, what it filled in is emptied, and what was touched since stays."""

from datetime import datetime
from typing import Any

from sqlalchemy import delete, exists, or_, select, update
from sqlmodel import Session, col

from models.handoff import Handoff
from models.import_fill import ImportFill
from models.import_run import ImportRun, UndoFate
from models.lead import Lead
from models.records import Change, ChangeKind
from models.touchpoint import Touchpoint
from services.lead_edits import derive_fields
from services.records import record_change, restore
from services.statements import changed
from services.workspaces import get_workspace

BATCH = 200
"""Leads in a transaction, which is to be over within 100 ms."""
FILLS = 50
KEPT_SHOWN = 20
# What happens to a lead by time alone is no reason to keep it.
_PASSIVE = (ChangeKind.HOT, ChangeKind.COOLED, ChangeKind.DORMANT, ChangeKind.UNDONE)


def undo_batch(session: Session, run: ImportRun, now: datetime) -> bool:
    """Take up to a batch of an import back and count it in `done`; tell whether nothing is left."""
    leads = _next_leads(session, run)
    if leads:
        _remove(session, run, [lead_id for lead_id, _, is_touched in leads if not is_touched])
        _keep(run, [number for _, number, is_touched in leads if is_touched])
        run.undo_after_id = leads[-1][0]
        return False
    fills = session.scalars(
        select(ImportFill)
        .where(col(ImportFill.workspace_id) == run.workspace_id, col(ImportFill.import_id) == run.id)
        .limit(FILLS)
    ).all()
    for fill in fills:
        if _empty(session, run, fill, now):
            _count(run, UndoFate.EMPTIED, 1)
        session.delete(fill)
    return not fills


def _count(run: ImportRun, what: str, count: int) -> None:
    run.done = {**run.done, what: run.done.get(what, 0) + count}


def _next_leads(session: Session, run: ImportRun) -> list[tuple[int, int, bool]]:
    """Return the next leads of the import, locked: id, number, and whether anybody has done something to them since."""
    of_lead = (col(Change.workspace_id) == col(Lead.workspace_id), col(Change.lead_id) == col(Lead.id))
    was_changed = exists().where(
        *of_lead, col(Change.kind).not_in([ChangeKind.ADDED, *_PASSIVE]), col(Change.undone_at).is_(None)
    )
    has_rows = [
        exists().where(col(table.workspace_id) == col(Lead.workspace_id), col(table.lead_id) == col(Lead.id))
        for table in (Touchpoint, Handoff)
    ]
    query = (
        select(col(Lead.id), col(Lead.number), or_(was_changed, *has_rows))
        .where(
            col(Lead.workspace_id) == run.workspace_id,
            col(Lead.import_id) == run.id,
            col(Lead.id) > run.undo_after_id,
        )
        .order_by(col(Lead.id))
        .limit(BATCH)
        .with_for_update(of=Lead)
    )
    return [(row[0], row[1], bool(row[2])) for row in session.execute(query)]


def _keep(run: ImportRun, numbers: list[int]) -> None:
    labels = [*run.kept_labels, *(f"L-{number}" for number in numbers)]
    run.kept_labels = labels[:KEPT_SHOWN]
    _count(run, UndoFate.KEPT, len(numbers))


def _remove(session: Session, run: ImportRun, leads: list[int]) -> None:
    """Delete leads as the undoing of one adding does: their changes stay, without them."""
    session.execute(
        update(Change)
        .where(col(Change.workspace_id) == run.workspace_id, col(Change.lead_id).in_(leads))
        .values(lead_id=None, before={})
        .execution_options(synchronize_session=False)
    )
    gone = delete(Lead).where(col(Lead.workspace_id) == run.workspace_id, col(Lead.id).in_(leads))
    _count(run, UndoFate.REMOVED, changed(session, gone.execution_options(synchronize_session=False)))


def _empty(session: Session, run: ImportRun, fill: ImportFill, now: datetime) -> bool:
    """Give back what is still as the import left it; what somebody changed since is theirs."""
    lead = session.get(Lead, (fill.workspace_id, fill.lead_id), with_for_update=True, populate_existing=True)
    if lead is None:
        return False
    now_holds = lead.model_dump(mode="json", include=set(fill.after))
    given = {name: value for name, value in fill.before.items() if _same(now_holds.get(name), fill.after.get(name))}
    if not given:
        return False
    restore(lead, given)
    derive_fields(lead, get_workspace(session, lead.workspace_id))
    lead.updated_at, lead.rev = now, lead.rev + 1
    session.add(lead)
    record_change(session, lead, ChangeKind.UNDONE, run.member_id, now, subject_id=run.id)
    return True


def _same(holds: Any, left: Any) -> bool:
    if isinstance(holds, str) and isinstance(left, str) and holds[:1].isdigit():
        # The two ways of writing one instant.
        return holds.replace("Z", "+00:00") == left.replace("Z", "+00:00")
    return bool(holds == left)
