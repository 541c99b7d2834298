"""A lead's rows go, wherever they stand: what refers to a lead is found by its foreign key, so no table is overlooked."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import Column, Table, func, select
from sqlmodel import Session, SQLModel, col

from models.handoff import Handoff
from models.lead import Lead
from models.records import Change
from services.chances import forget_chances
from services.companies import leave_company
from services.merged_leads import forget_suggestions
from services.search import index_lead
from services.statements import changed

_KEPT = {Handoff.__tablename__, Change.__tablename__}
"""Tables whose rows stay, emptied of the person: handoffs count in the statistics, changes say what colleagues did."""


def remove_lead(session: Session, lead: Lead) -> None:
    """Delete a locked lead and all that refers to it; its handoffs and changes stay, without it."""
    remove_leads(session, lead.workspace_id, [lead])


def remove_leads(session: Session, workspace_id: int, leads: Sequence[Lead]) -> None:
    """Delete many locked leads of a workspace, as `remove_lead` does one: a few statements for all together."""
    ids = [lead.id for lead in leads]
    for table, column in referring():
        if table.name not in _KEPT:
            session.execute(table.delete().where(table.c.workspace_id == workspace_id, column.in_(ids)))
    changed(session, _of(Change, workspace_id, ids).values(lead_id=None, before={}))
    changed(session, _of(Handoff, workspace_id, ids).values(
        lead_id=None, why_now="", comment="", claim_due_at=None, escalate_due_at=None, contact_due_at=None
    ))  # fmt: skip
    forget_suggestions(session, workspace_id, ids)
    forget_chances(session, workspace_id, ids)
    session.execute(Lead.__table__.delete().where(col(Lead.workspace_id) == workspace_id, col(Lead.id).in_(ids)))  # type: ignore[attr-defined]
    for lead in leads:
        index_lead(session, workspace_id, lead.id, new="", old=lead.search_text)
        session.expunge(lead)
        leave_company(session, lead)


def count_rows(session: Session, lead: Lead) -> dict[str, int]:
    """Count what `remove_lead` would delete or empty, by table."""
    counts = {"lead": 1}
    for table, column in referring():
        count = select(func.count()).select_from(table)
        found = session.scalar(count.where(table.c.workspace_id == lead.workspace_id, column == lead.id)) or 0
        if found:
            counts[table.name] = counts.get(table.name, 0) + found
    return counts


def _of(table: Any, workspace_id: int, lead_ids: Sequence[int]) -> Any:
    statement = table.__table__.update().where(table.workspace_id == workspace_id, col(table.lead_id).in_(lead_ids))
    return statement.execution_options(synchronize_session=False)


@cache
def referring() -> tuple[tuple[Table, Column[Any]], ...]:
    """Return the columns that refer to a lead, those first whose rows others refer to least."""
    return tuple(
        (table, column)
        for table in reversed(SQLModel.metadata.sorted_tables)
        for key in table.foreign_key_constraints
        if key.referred_table.name == Lead.__tablename__
        for column in key.columns
        if column.name != "workspace_id"
    )
