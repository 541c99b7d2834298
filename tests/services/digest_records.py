"""People, leads and handoffs for digests, written straight into the tables."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, TypeVar

from sqlmodel import Session, SQLModel

from models.database import Database, make_engine
from models.handoff import Handoff
from models.lead import Lead
from models.member import Member
from models.workspace import Team, Workspace

# Eleven o'clock on a Tuesday in Tokyo.
NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
_Table = TypeVar("_Table", bound=SQLModel)


@contextmanager
def empty_workspaces(url: str) -> Iterator[Database]:
    """Open a database with two workspaces, 1 and 2, of one team each and nobody in them."""
    database = Database(make_engine(url))
    with database.write() as session:
        for number in (1, 2):
            _put(session, Workspace(id=number, slack_id=f"T{number}", created_at=NOW))
            _put(session, Team(workspace_id=number, id=1, name="", channel_slack_id="C1", created_at=NOW))
    yield database
    database.engine.dispose()


def join(session: Session, number: int, **values: Any) -> Member:
    """Add somebody whose digest is due, a salesperson of workspace 1 unless it says otherwise."""
    given: dict[str, Any] = {"workspace_id": 1, "id": number, "slack_id": f"U{number}", "name": "青木", "is_sales": True,
             "digest_due_at": NOW, "refreshed_at": NOW}  # fmt: skip
    return _put(session, Member(**given | values))


def put_lead(session: Session, number: int, **values: Any) -> Lead:
    """Add a lead, an inquiry of nobody's in workspace 1 unless it says otherwise."""
    given: dict[str, Any] = {"workspace_id": 1, "id": number, "number": number, "name": "中村", "created_at": NOW, "stage_at": NOW,
             "updated_at": NOW}  # fmt: skip
    return _put(session, Lead(**given | values))


def put_handoff(session: Session, lead_id: int, **values: Any) -> Handoff:
    """Add a handoff of a lead in workspace 1, offered and due now unless it says otherwise."""
    given: dict[str, Any] = {"workspace_id": 1, "lead_id": lead_id, "team_id": 1, "offered_at": NOW, "due_at": NOW}
    return _put(session, Handoff(**given | values))


def _put(session: Session, row: _Table) -> _Table:
    session.add(row)
    session.flush()
    return row
