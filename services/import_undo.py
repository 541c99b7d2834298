"""An import taken back: the leads that it brought go, what it filled in is emptied, and what was touched since stays."""

from datetime import datetime
from typing import Any

from sqlalchemy import exists, or_, select
from sqlmodel import Session, col

from models.facts import ConsentEntry
from models.handoff import Handoff
from models.import_fill import ImportFill
from models.import_run import ImportRun, UndoFate
from models.lead import Consent, Lead
from models.lead_merge import LeadMerge
from models.records import Change, ChangeKind
from models.touchpoint import Touchpoint
from services.hotness import move_heat_quietly
from services.lead_edits import derive_fields
from services.records import keep_consent, record_change, restore
from services.removal import remove_lead
from services.workspaces import get_workspace

BATCH = 40
"""Leads in a transaction, which is to be over within 100 ms."""
FILLS = 50
KEPT_SHOWN = 20
# What happens to a lead by time alone is no reason to keep it.
_PASSIVE = (ChangeKind.HOT, ChangeKind.COOLED, ChangeKind.DORMANT, ChangeKind.UNDONE)


def undo_batch(session: Session, run: ImportRun, now: datetime) -> bool:
    """Take up to a batch of an import back and count it in `done`; tell whether nothing is left."""
    leads = _next_leads(session, run)
    for lead, is_touched in leads:
        # First: of a lead that is gone nothing can be asked.
        run.undo_after_id = lead.id
        if is_touched:
            _keep(run, lead)
        else:
            remove_lead(session, lead)
            _count(run, UndoFate.REMOVED)
    if leads:
        return False
    fills = session.scalars(
        select(ImportFill)
        .where(col(ImportFill.workspace_id) == run.workspace_id, col(ImportFill.import_id) == run.id)
        .limit(FILLS)
    ).all()
    for fill in fills:
        _empty(session, run, fill, now)
        session.delete(fill)
    return not fills


def _count(run: ImportRun, what: UndoFate) -> None:
    run.done = {**run.done, what: run.done.get(what, 0) + 1}


def _next_leads(session: Session, run: ImportRun) -> list[tuple[Lead, bool]]:
    """Return the next leads of the import, locked, each with whether anybody has done something to it since."""
    of_lead = (col(Change.workspace_id) == col(Lead.workspace_id), col(Change.lead_id) == col(Lead.id))
    was_changed = exists().where(
        *of_lead, col(Change.kind).not_in([ChangeKind.ADDED, *_PASSIVE]), col(Change.undone_at).is_(None)
    )
    has_rows = [
        exists().where(col(table.workspace_id) == col(Lead.workspace_id), col(table.lead_id) == col(Lead.id))
        for table in (Touchpoint, Handoff)
    ]
    query = (
        select(Lead, or_(was_changed, *has_rows))
        .where(
            col(Lead.workspace_id) == run.workspace_id,
            col(Lead.import_id) == run.id,
            col(Lead.id) > run.undo_after_id,
        )
        .order_by(col(Lead.id))
        .limit(BATCH)
        .with_for_update(of=Lead)
    )
    return [(row[0], bool(row[1])) for row in session.execute(query.execution_options(populate_existing=True))]


def _keep(run: ImportRun, lead: Lead) -> None:
    run.kept_labels = [*run.kept_labels, lead.label][:KEPT_SHOWN]
    _count(run, UndoFate.KEPT)


def _empty(session: Session, run: ImportRun, fill: ImportFill, now: datetime) -> None:
    """Give back what is still as the import left it; what somebody changed since is theirs, and so is who became one."""
    lead = session.get_one(Lead, (fill.workspace_id, fill.lead_id), with_for_update=True, populate_existing=True)
    if _was_merged_since(session, run, lead):
        _keep(run, lead)
        return
    now_holds = lead.model_dump(mode="json", include=set(fill.after))
    given = {name: value for name, value in fill.before.items() if _same(now_holds.get(name), fill.after.get(name))}
    if not given:
        return
    restore(lead, given)
    workspace = get_workspace(session, lead.workspace_id)
    derive_fields(session, lead, workspace, now)
    move_heat_quietly(lead, workspace, now)
    lead.updated_at, lead.rev = now, lead.rev + 1
    session.add(lead)
    if "consent" in given:
        keep_consent(session, lead, ConsentEntry(Consent(lead.consent)), run.member_id, now)
    record_change(session, lead, ChangeKind.UNDONE, run.member_id, now, subject_id=run.id)
    _count(run, UndoFate.EMPTIED)


def _was_merged_since(session: Session, run: ImportRun, lead: Lead) -> bool:
    query = select(col(LeadMerge.id)).where(
        col(LeadMerge.workspace_id) == run.workspace_id,
        col(LeadMerge.into_id) == lead.id,
        col(LeadMerge.undone_at).is_(None),
        col(LeadMerge.at) >= (run.confirmed_at or run.created_at),
    )
    return session.scalars(query.limit(1)).first() is not None


def _same(holds: Any, left: Any) -> bool:
    if isinstance(holds, str) and isinstance(left, str) and holds[:1].isdigit():
        # The two ways of writing one instant.
        return holds.replace("Z", "+00:00") == left.replace("Z", "+00:00")
    return bool(holds == left)
