"""All that is held about one person: they have the right to a copy of it."""

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Table, or_, select
from sqlmodel import Session, SQLModel, col

from models.company import Company
from models.delivery import Delivery, Mention
from models.import_run import ImportRun
from models.lead import Lead
from models.match_suggestion import MatchSuggestion, Subject
from models.member import Member
from services import erasures
from services.lead_facts import facts_of
from services.removal import referring


def person_json(session: Session, lead: Lead, now: datetime) -> str:
    """Write down all that is held about a lead."""
    return json.dumps(person_file(session, lead, now), ensure_ascii=False, indent=2) + "\n"


_OURS = frozenset({"workspace_id", "lead_id", "id", "rev", "search_text", "rules_version", "mention"})
"""Columns that say nothing of the person: how Baton keeps and finds the row."""


def person_file(session: Session, lead: Lead, now: datetime) -> dict[str, Any]:
    """Gather all that is held about a lead, as JSON holds it: names of columns, people by name and Slack id.

    Whatever refers to a lead by its key is found by that, so no table is overlooked.
    """
    people = _people(session, lead.workspace_id)
    score = facts_of(session, lead, None, now).score
    held: dict[str, Any] = {
        "lead": lead.label,
        "made_at": _plain(now),
        "person": _shown(lead.model_dump(), people),
        "company": _company(session, lead),
        "score": {"value": score.value, "fit": score.fit, "engagement": score.engagement, "is_hot": score.is_hot},
        "imports": _imports(session, lead),
        "messages": _messages(session, lead),
        "possible_duplicates": _rows(session, MatchSuggestion.__table__, _is_suggested(lead), people),  # type: ignore[attr-defined]
        "drafts": [draft.fields for draft in erasures.drafts_about(session, lead)],
    }
    tables: Iterable[tuple[Table, Any]] = (*referring(), *_unbound())
    for table, column in tables:
        if table.name != Mention.__tablename__:
            held[table.name] = _rows(
                session, table, [table.c.workspace_id == lead.workspace_id, column == lead.id], people
            )
    return held


def _unbound() -> list[tuple[Table, Any]]:
    """Return the tables of leads' data that no foreign key binds to them: what is made anew at any time."""
    bound = {table.name for table, _ in referring()}
    tables = SQLModel.metadata.sorted_tables
    return [(table, table.c.lead_id) for table in tables if "lead_id" in table.c and table.name not in bound]


def _rows(session: Session, table: Table, where: Iterable[Any], people: Mapping[int, str]) -> list[dict[str, Any]]:
    rows = session.execute(select(table).where(*where).order_by(*table.primary_key.columns))
    return [_shown(dict(row._mapping), people) for row in rows]


def _shown(row: Mapping[str, Any], people: Mapping[int, str]) -> dict[str, Any]:
    """Return a row without what is not known, and without what only finds it again."""
    kept = {name: value for name, value in row.items() if name not in _OURS and not name.endswith("_key")}
    return {name: _plain(value, people) for name, value in kept.items() if value not in (None, "", {}, [])}


def _plain(value: Any, people: Mapping[int, str] | None = None) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, int) and not isinstance(value, bool) and people and value in people:
        return people[value]
    # JSON's readers lose the last digits of so long a number.
    return str(value) if isinstance(value, int) and abs(value) > 2**53 else value


def _people(session: Session, workspace_id: int) -> dict[int, str]:
    """Return how colleagues are named, by the ids that our rows have of them; no other id is one of these."""
    query = select(col(Member.id), col(Member.name), col(Member.slack_id)).where(
        col(Member.workspace_id) == workspace_id
    )
    return {member_id: f"{name} ({slack_id})" for member_id, name, slack_id in session.execute(query)}


def _company(session: Session, lead: Lead) -> dict[str, Any]:
    company = session.get(Company, (lead.workspace_id, lead.company_id)) if lead.company_id else None
    return _shown(company.model_dump(), {}) if company else {}


def _imports(session: Session, lead: Lead) -> list[dict[str, Any]]:
    run = session.get(ImportRun, (lead.workspace_id, lead.import_id)) if lead.import_id else None
    return [{"import": run.label, "file": run.file_name, "at": _plain(run.created_at)}] if run else []


def _messages(session: Session, lead: Lead) -> list[dict[str, Any]]:
    """Say where in Slack messages stand that name the person."""
    about = erasures.messages_naming(session, lead)
    query = select(Delivery).where(about, col(Delivery.slack_ts).is_not(None)).order_by(col(Delivery.id))
    return [
        {"about": one.kind.value, "channel": one.posted_channel_slack_id, "sent_at": _plain(one.sent_at)}
        for one in session.scalars(query)
    ]


def _is_suggested(lead: Lead) -> list[Any]:
    mine = col(MatchSuggestion.workspace_id) == lead.workspace_id
    is_one = or_(col(MatchSuggestion.first_id) == lead.id, col(MatchSuggestion.second_id) == lead.id)
    return [mine, col(MatchSuggestion.subject) == Subject.LEAD, is_one]
