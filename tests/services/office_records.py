"""A workspace with its people and leads, made by services alone."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, SQLModel

from models.database import Database, make_engine
from models.facts import LeadEntry
from models.lead import Lead
from models.member import Actor, Member
from models.workspace import Team, Workspace
from services.leads import store_lead
from services.suggestions import BATCH, match_due_leads
from services.workspaces import get_workspace

NOW = datetime(2026, 11, 24, 0, 40, tzinfo=UTC)
MANAGER, SALES, OTHER = 1, 2, 3


@contextmanager
def records_at(url: str) -> Iterator[Database]:
    """Open a database with a workspace, a team, a manager and two salespeople."""
    database = Database(make_engine(url))
    with database.write() as session:
        session.add(Workspace(id=1, slack_id="T1", created_at=NOW))
        session.flush()
        session.add(Team(workspace_id=1, id=1, name="sales", channel_slack_id="C1", created_at=NOW))
        for number in (MANAGER, SALES, OTHER):
            session.add(Member(workspace_id=1, id=number, slack_id=f"U{number}", name=f"Person {number}",
                               is_manager=number == MANAGER, is_sales=number != MANAGER, refreshed_at=NOW))  # fmt: skip
    yield database
    database.engine.dispose()


def actor(session: Session, member_id: int = MANAGER) -> Actor:
    """Return somebody who acts."""
    return session.get_one(Member, (1, member_id)).as_actor()


def add(session: Session, entry: LeadEntry | None = None, **fields: Any) -> Lead:
    """Store a lead, as one that can be changed, without asking about duplicates."""
    entry = replace(entry or LeadEntry(), **fields)
    return session.get_one(Lead, (1, store_lead(session, get_workspace(session, 1), entry, MANAGER, NOW).id))


def match_all(session: Session) -> None:
    """Do the job `match`."""
    while match_due_leads(session, get_workspace(session, 1), NOW) == BATCH:
        session.flush()
    session.flush()


def rows_of(session: Session, *tables: type[SQLModel]) -> dict[str, list[dict[str, Any]]]:
    """Return every row of the tables, to compare before and after."""
    session.flush()
    session.expire_all()
    found: dict[str, list[dict[str, Any]]] = {}
    for table in tables:
        columns = table.__table__.c  # type: ignore[attr-defined]
        rows = session.execute(select(*columns).order_by(columns.id))
        found[columns.id.table.name] = [dict(row) for row in rows.mappings()]
    return found
