"""An import taken back: the leads that it brought go, what it filled in is emptied, and what was touched since stays."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import exists, or_, select, update
from sqlmodel import Session, col

from models.facts import ConsentEntry
from models.handoff import Handoff
from models.import_fill import ImportFill
from models.import_run import ImportRun, UndoFate
from models.lead import Consent, Lead
from models.lead_merge import LeadMerge
from models.records import Change, ChangeKind
from models.touchpoint import Touchpoint
from models.workspace import Workspace
from services.hotness import move_heat_quietly
from services.lead_edits import derive_fields
from services.leads import lock_leads
from services.records import keep_consent, record_change, restore
from services.removal import remove_leads
from services.workspaces import get_workspace

KEPT_SHOWN = 20
# What happens to a lead by time alone is no reason to keep it.
_PASSIVE = (ChangeKind.HOT, ChangeKind.COOLED, ChangeKind.DORMANT, ChangeKind.UNDONE)


def undo_batch(session: Session, run: ImportRun, size: int, now: datetime) -> bool:
    """Take up to `size` leads of an import back and count them in `done`; tell whether nothing is left."""
    leads = _next_leads(session, run, size)
    if leads:
        run.undo_after_id = leads[-1][0].id
        for lead in (lead for lead, is_touched in leads if is_touched):
            _keep(run, lead)
        if untouched := [lead for lead, is_touched in leads if not is_touched]:
            remove_leads(session, run.workspace_id, untouched)
            _count(run, UndoFate.REMOVED, len(untouched))
        return False
    fills = session.scalars(
        select(ImportFill)
        .where(col(ImportFill.workspace_id) == run.workspace_id, col(ImportFill.import_id) == run.id)
        .limit(size)
    ).all()
    if fills:
        _empty_all(session, run, fills, now)
    return not fills


def _count(run: ImportRun, what: UndoFate, many: int = 1) -> None:
    run.done = {**run.done, what: run.done.get(what, 0) + many}


def _next_leads(session: Session, run: ImportRun, size: int) -> list[tuple[Lead, bool]]:
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
        .limit(size)
        .with_for_update(of=Lead)
    )
    return [(row[0], bool(row[1])) for row in session.execute(query.execution_options(populate_existing=True))]


def _keep(run: ImportRun, lead: Lead) -> None:
    run.kept_labels = [*run.kept_labels, lead.label][:KEPT_SHOWN]
    _count(run, UndoFate.KEPT)


def _empty_all(session: Session, run: ImportRun, fills: Sequence[ImportFill], now: datetime) -> None:
    """Give back what the import filled in, except to those who became one with another since."""
    ids = [fill.lead_id for fill in fills]
    workspace, merged = get_workspace(session, run.workspace_id), _merged_since(session, run, ids)
    leads = {lead.id: lead for lead in lock_leads(session, run.workspace_id, ids)}
    # Each change is written when all of them are, not before the next statement.
    with session.no_autoflush:
        for fill in fills:
            if fill.lead_id in merged:
                _keep(run, leads[fill.lead_id])
            else:
                _empty(session, run, leads[fill.lead_id], fill, workspace, now)
            session.delete(fill)
    filled = update(Change).where(
        col(Change.workspace_id) == run.workspace_id,
        col(Change.lead_id).in_(set(ids) - merged),
        col(Change.kind) == ChangeKind.EDITED,
        col(Change.subject_id) == run.id,
    )
    session.execute(filled.values(undone_at=now).execution_options(synchronize_session=False))


def _empty(session: Session, run: ImportRun, lead: Lead, fill: ImportFill, workspace: Workspace, now: datetime) -> None:
    """Give back what is still as the import left it; what somebody changed since is theirs."""
    now_holds = lead.model_dump(mode="json", include=set(fill.after))
    given = {name: value for name, value in fill.before.items() if _same(now_holds.get(name), fill.after.get(name))}
    if not given:
        return
    restore(lead, given)
    derive_fields(session, lead, workspace, now)
    move_heat_quietly(lead, workspace, now)
    lead.updated_at, lead.rev = now, lead.rev + 1
    session.add(lead)
    if "consent" in given:
        keep_consent(session, lead, ConsentEntry(Consent(lead.consent)), run.member_id, now)
    record_change(session, lead, ChangeKind.UNDONE, run.member_id, now, subject_id=run.id)
    _count(run, UndoFate.EMPTIED)


def _merged_since(session: Session, run: ImportRun, lead_ids: Sequence[int]) -> set[int]:
    query = select(col(LeadMerge.into_id)).where(
        col(LeadMerge.workspace_id) == run.workspace_id,
        col(LeadMerge.into_id).in_(lead_ids),
        col(LeadMerge.undone_at).is_(None),
        col(LeadMerge.at) >= (run.confirmed_at or run.created_at),
    )
    return set(session.scalars(query))


def _same(holds: Any, left: Any) -> bool:
    if isinstance(holds, str) and isinstance(left, str) and holds[:1].isdigit():
        # The two ways of writing one instant.
        return holds.replace("Z", "+00:00") == left.replace("Z", "+00:00")
    return bool(holds == left)
