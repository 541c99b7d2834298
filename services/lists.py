"""Lists and searches of leads: each asks an index for its first rows and counts the rest."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, literal_column, select
from sqlmodel import Session, col

from models.errors import InputError, LeadNotFoundError, Problem
from models.facts import LeadList, LeadRow, ListName
from models.handoff import Handoff, HandoffState
from models.lead import Consent, Lead, Stage
from models.member import Actor, Member
from models.workspace import Workspace
from services import members, scoring
from services.folding import search_words
from services.lead_facts import last_handoff, recent_touchpoints
from services.leads import find_lead, read_number
from services.search import find_hits
from services.workspaces import get_workspace

ROWS_SHOWN = 10
QUERY_MAX = 200
# As the index says it: only so does SQLite see that the index has the answer.
IS_RECYCLED: ColumnElement[bool] = literal_column("lead.is_recycled")


def list_leads(session: Session, actor: Actor, name: ListName, now: datetime, limit: int = ROWS_SHOWN) -> LeadList:
    """Return the first rows of a list, the most urgent first, and how many it has."""
    workspace = get_workspace(session, actor.workspace_id)
    lists: dict[ListName, tuple[list[ColumnElement[bool]], list[ColumnElement[Any]]]] = {
        ListName.MINE: (
            [col(Lead.owner_id) == actor.member_id, col(Lead.stage) != Stage.CLOSED],
            [col(Lead.follow_up_due_at).is_(None), col(Lead.follow_up_due_at).asc(), col(Lead.id).desc()],
        ),
        ListName.HOT: ([col(Lead.cools_at) > now], [col(Lead.cools_at).desc(), col(Lead.id).desc()]),
        ListName.DORMANT: (
            [col(Lead.dormant_since).is_not(None)],
            [col(Lead.dormant_since).desc(), col(Lead.id).desc()],
        ),
        ListName.UNCLAIMED: (
            [col(Lead.stage) == Stage.MQL, _is_offered(workspace.id)],
            [col(Lead.stage_at).asc(), col(Lead.id).asc()],
        ),
        ListName.RECYCLED: (
            # What is looked through for nurturing holds nobody who opted out of e-mail.
            [IS_RECYCLED, col(Lead.stage) != Stage.CLOSED, col(Lead.consent) != Consent.NO],
            [col(Lead.returned_at).desc(), col(Lead.id).desc()],
        ),
        ListName.DUE: (
            [theirs(workspace.id, actor.member_id, col(Lead.follow_up_due_at) <= now)],
            [col(Lead.follow_up_due_at).asc(), col(Lead.id).asc()],
        ),
    }
    conditions, order = lists[name]
    return rows_of(session, workspace, conditions, order, now, limit)


def theirs(workspace_id: int, member_id: int, due: ColumnElement[bool]) -> ColumnElement[bool]:
    """Build the condition "theirs to do, and due": the owner's, and while nobody owns it the marketer's.

    Each of the two has its index; an OR of both would look at everybody's.
    """
    is_due = (col(Lead.workspace_id) == workspace_id, due)
    owned = select(col(Lead.id)).where(*is_due, col(Lead.owner_id) == member_id)
    unowned = select(col(Lead.id)).where(*is_due, col(Lead.owner_id).is_(None), col(Lead.marketer_id) == member_id)
    return col(Lead.id).in_(owned.union_all(unowned))


def _is_offered(workspace_id: int) -> ColumnElement[bool]:
    """Build the condition "waits to be claimed", beginning with the few handoffs that do."""
    offered = select(col(Handoff.lead_id)).where(
        col(Handoff.workspace_id) == workspace_id, col(Handoff.state) == HandoffState.OFFERED
    )
    return col(Lead.id).in_(offered)


def find_leads(session: Session, workspace_id: int, query: str, now: datetime, limit: int = ROWS_SHOWN) -> LeadList:
    """Return the leads in whose name, company or e-mail every word of `query` occurs, the best first.

    A number like `L-12` stands for the lead of this number, wherever it went.

    Raises:
        InputError: there is nothing to look for, or too much.
    """
    if len(query) > QUERY_MAX:
        raise InputError(Problem.TOO_LONG, "query", query, limit=QUERY_MAX)
    if not search_words(query):
        raise InputError(Problem.MISSING_QUERY, "query")
    hits = find_hits(session, workspace_id, query)
    numbered = _numbered(session, workspace_id, query)
    ids = list(dict.fromkeys(numbered + [hit.lead_id for hit in hits.found]))
    found = select(Lead).where(col(Lead.workspace_id) == workspace_id, col(Lead.id).in_(ids[:limit]))
    leads = sorted(session.scalars(found), key=lambda lead: ids.index(lead.id))
    workspace = get_workspace(session, workspace_id)
    return LeadList(tuple(row_of(session, workspace, lead, now) for lead in leads), len(ids), hits.is_more)


def _numbered(session: Session, workspace_id: int, query: str) -> list[int]:
    """Return the id of the lead that the query names by its number, if it does."""
    if read_number(query) is None:
        return []
    try:
        return [find_lead(session, workspace_id, query).id]
    except LeadNotFoundError:
        return []


def rows_of(
    session: Session,
    workspace: Workspace,
    conditions: list[ColumnElement[bool]],
    order: list[ColumnElement[Any]],
    now: datetime,
    limit: int,
) -> LeadList:
    """Return the first rows that meet the conditions and how many do."""
    query = select(Lead).where(col(Lead.workspace_id) == workspace.id, *conditions)
    count = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    leads = session.scalars(query.order_by(*order).limit(limit)).all() if count else []
    return LeadList(tuple(row_of(session, workspace, lead, now) for lead in leads), count)


def row_of(session: Session, workspace: Workspace, lead: Lead, now: datetime) -> LeadRow:
    """Gather what one line says of a lead."""
    rules = scoring.rules_for(lead, workspace)
    owner: Member | None = members.get_member(session, workspace.id, lead.owner_id)
    return LeadRow(
        lead=lead,
        score=scoring.score_value(lead, rules, now),
        grade=scoring.grade_of(
            lead.fit_points, scoring.engagement(lead, rules, now), scoring.rules_of(workspace).grades
        ),
        is_hot=lead.cools_at is not None and lead.cools_at > now,
        owner=owner,
        handoff=last_handoff(session, lead),
        last_touchpoint=next(iter(recent_touchpoints(session, lead, 1)), None),
    )
