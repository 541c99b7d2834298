"""Pairs that may be one: found when a lead is new or reads otherwise, reviewed by people, and remembered."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, literal_column, or_, select, update
from sqlmodel import Session, col

from models.base import new_id
from models.company import Company
from models.errors import SuggestionGoneError
from models.facts import LeadMatch, MatchReason, Pair, PairList
from models.lead import Lead, Outcome
from models.match_suggestion import MatchSuggestion, Subject, SuggestionState
from models.member import Actor, Right
from models.workspace import Workspace
from services import members
from services.companies import CompanySigns, number_in, place_companies
from services.folding import company_key
from services.leads import keys_of
from services.matching import Signs, domain_of, match_signs
from services.search import index_lead
from services.statements import changed, insert

BATCH = 50
"""Leads in a transaction: under 100 ms of SQLite's only writer."""
PAIRS_SHOWN = 5
_PAIRS_OF_ONE = 5
"""Suggestions that one lead makes at most."""

# As the index says it: only so does SQLite see that the index has the answer.
_WAITS: ColumnElement[bool] = literal_column("match_suggestion.state IN ('open', 'later')")


def match_due_leads(session: Session, workspace: Workspace, now: datetime) -> int:
    """Find the companies and the likely duplicates of up to a batch of leads; return how many leads were due."""
    # Two processes that place companies at once would make one twice.
    session.scalars(select(col(Workspace.id)).where(col(Workspace.id) == workspace.id).with_for_update(key_share=True))
    query = select(Lead).where(col(Lead.workspace_id) == workspace.id, col(Lead.match_due_at) <= now)
    due = session.scalars(query.order_by(col(Lead.match_due_at)).limit(BATCH).with_for_update(skip_locked=True)).all()
    if not due:
        return 0
    for lead in due:
        _fold(session, lead, workspace)
    session.flush()
    _place(session, workspace.id, due, now)
    _suggest_leads(session, workspace.id, due, now)
    for lead in due:
        lead.match_due_at = None
        session.add(lead)
    return len(due)


def _fold(session: Session, lead: Lead, workspace: Workspace) -> None:
    """Bring the keys up to date: a lead of before the search index has neither its text nor today's folding."""
    keys = keys_of(lead.name, lead.company, lead.email, lead.phone, workspace.country)
    if keys["search_text"] != lead.search_text:
        index_lead(session, workspace.id, lead.id, new=keys["search_text"], old=lead.search_text)
    for name, value in (keys | {"company_key": company_key(lead.company) or None}).items():
        if getattr(lead, name) != value:
            setattr(lead, name, value)
    session.add(lead)


def _place(session: Session, workspace_id: int, leads: Sequence[Lead], now: datetime) -> None:
    asked = [
        CompanySigns(
            name=lead.company,
            key=lead.company_key or "",
            corporate_number=number_in(lead.extra),
            domain=domain_of(lead.email_key),
            phone_key=lead.phone_key,
        )
        for lead in leads
    ]
    rows = []
    for lead, (company_id, pairs) in zip(leads, place_companies(session, workspace_id, asked, now), strict=True):
        lead.company_id = company_id
        rows += [_row(workspace_id, Subject.COMPANY, one, m.company_id, m.score, m.reasons, now) for one, m in pairs]
    _store(session, rows)


def _suggest_leads(session: Session, workspace_id: int, leads: Sequence[Lead], now: datetime) -> None:
    matches = match_signs(session, workspace_id, [_signs_of(lead) for lead in leads])
    # A deal that was won is finished: the same person's next one is a lead of its own.
    won = _won_among(session, workspace_id, {match.lead_id for found in matches for match in found})
    rows = []
    for lead, found in zip(leads, matches, strict=True):
        open_ones = [match for match in found if match.lead_id not in won][:_PAIRS_OF_ONE]
        if lead.outcome is not Outcome.WON:
            rows += [_lead_row(lead, match, now) for match in open_ones]
    _store(session, rows)


def _signs_of(lead: Lead) -> Signs:
    return Signs(
        lead.name, lead.name_key, lead.company_key or "", lead.email_key, lead.phone_key, lead.external_id, lead.id
    )


def _won_among(session: Session, workspace_id: int, lead_ids: set[int]) -> set[int]:
    if not lead_ids:
        return set()
    query = select(col(Lead.id)).where(
        col(Lead.workspace_id) == workspace_id, col(Lead.id).in_(lead_ids), col(Lead.outcome) == Outcome.WON
    )
    return set(session.scalars(query))


def _lead_row(lead: Lead, match: LeadMatch, now: datetime) -> dict[str, Any]:
    return _row(lead.workspace_id, Subject.LEAD, lead.id, match.lead_id, match.score, match.reasons, now)


def _row(
    workspace_id: int, subject: Subject, one: int, other: int, score: int, reasons: Iterable[MatchReason], now: datetime
) -> dict[str, Any]:
    return {
        "workspace_id": workspace_id,
        "id": new_id(),
        "subject": subject,
        "first_id": min(one, other),
        "second_id": max(one, other),
        "score": score,
        "reasons": list(reasons),
        "state": SuggestionState.OPEN,
        "created_at": now,
    }


def _store(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Store pairs that are not known yet: what somebody said of one is not asked again."""
    if rows:
        session.execute(insert(session, MatchSuggestion).on_conflict_do_nothing(), rows)


def count_due(session: Session, workspace_id: int, now: datetime) -> int:
    """Count the leads whose company and likely duplicates are to be looked for."""
    due = select(func.count()).select_from(Lead)
    return session.scalar(due.where(col(Lead.workspace_id) == workspace_id, col(Lead.match_due_at) <= now)) or 0


def list_pairs(session: Session, actor: Actor, limit: int = PAIRS_SHOWN) -> PairList:
    """Return the pairs to review, the likeliest first, those put off behind the others, and how many there are.

    Raises:
        NotAllowedError: the actor may not review.
    """
    members.require(session, actor, Right.REVIEW)
    waiting = (col(MatchSuggestion.workspace_id) == actor.workspace_id, _WAITS)
    query = select(MatchSuggestion).where(*waiting)
    order = (col(MatchSuggestion.state).desc(), col(MatchSuggestion.score).desc(), col(MatchSuggestion.id).desc())
    found = session.scalars(query.order_by(*order).limit(limit)).all()
    pairs = tuple(pair for suggestion in found if (pair := pair_of(session, suggestion)))
    return PairList(pairs, count_pairs(session, actor.workspace_id))


def count_pairs(session: Session, workspace_id: int) -> int:
    """Count the pairs to review."""
    query = select(func.count()).select_from(MatchSuggestion)
    return session.scalar(query.where(col(MatchSuggestion.workspace_id) == workspace_id, _WAITS)) or 0


def pair_of(session: Session, suggestion: MatchSuggestion) -> Pair | None:
    """Gather the two that a suggestion is about; None when one is no more."""
    table = Lead if suggestion.subject is Subject.LEAD else Company
    keys = [(suggestion.workspace_id, row_id) for row_id in (suggestion.first_id, suggestion.second_id)]
    first, second = (session.get(table, key) for key in keys)
    if isinstance(first, Lead) and isinstance(second, Lead):
        return Pair(suggestion, leads=(first, second))
    if isinstance(first, Company) and isinstance(second, Company):
        counts = (_count_leads(session, first), _count_leads(session, second))
        return Pair(suggestion, companies=(first, second), lead_counts=counts)
    return None


def _count_leads(session: Session, company: Company) -> int:
    query = select(func.count()).select_from(Lead)
    of_it = (col(Lead.workspace_id) == company.workspace_id, col(Lead.company_id) == company.id)
    return session.scalar(query.where(*of_it)) or 0


def get_suggestion(session: Session, workspace_id: int, suggestion_id: int) -> MatchSuggestion:
    """Return the suggestion of this id.

    Raises:
        SuggestionGoneError: there is none, or somebody has decided it.
    """
    suggestion = session.get(MatchSuggestion, (workspace_id, suggestion_id))
    if suggestion is None or suggestion.state not in {SuggestionState.OPEN, SuggestionState.LATER}:
        raise SuggestionGoneError
    return suggestion


def decide(
    session: Session, actor: Actor, suggestion_id: int, state: SuggestionState, now: datetime
) -> MatchSuggestion:
    """Note what a person says to a pair. Of several at once the first is heard.

    Raises:
        NotAllowedError: the actor may not review.
        SuggestionGoneError: it is gone or decided.
    """
    members.require(session, actor, Right.REVIEW)
    suggestion = get_suggestion(session, actor.workspace_id, suggestion_id)
    if not _decide(session, suggestion, state, actor.member_id, now):
        raise SuggestionGoneError
    session.refresh(suggestion)
    return suggestion


def _decide(
    session: Session, suggestion: MatchSuggestion, state: SuggestionState, member_id: int, now: datetime
) -> bool:
    statement = (
        update(MatchSuggestion)
        .where(
            col(MatchSuggestion.workspace_id) == suggestion.workspace_id,
            col(MatchSuggestion.id) == suggestion.id,
            _WAITS,
        )
        .values(state=state, decided_by_id=member_id, decided_at=now)
        .execution_options(synchronize_session=False)
    )
    return changed(session, statement) == 1


def join_companies(session: Session, actor: Actor, suggestion_id: int, now: datetime) -> Pair:
    """Accept that two companies are one: the younger row, and what points to it, points to the older.

    Raises:
        NotAllowedError: the actor may not merge.
        SuggestionGoneError: it is gone or decided.
    """
    members.require(session, actor, Right.MERGE)
    suggestion = decide(session, actor, suggestion_id, SuggestionState.ACCEPTED, now)
    pair = pair_of(session, suggestion)
    if pair is None or pair.companies is None:
        raise SuggestionGoneError
    _regroup(session, actor.workspace_id, {company.id for company in pair.companies})
    return pair


def part_companies(session: Session, actor: Actor, suggestion_id: int, now: datetime) -> Pair:
    """Take back that two companies are one: each has its own leads again, and the pair is to be reviewed again.

    Leads that came by the signs of one while they were one were put to the older: the job `match` places them anew.

    Raises:
        NotAllowedError: the actor may not merge.
        SuggestionGoneError: they are not one by this suggestion.
    """
    members.require(session, actor, Right.MERGE)
    suggestion = session.get(MatchSuggestion, (actor.workspace_id, suggestion_id), with_for_update=True)
    pair = pair_of(session, suggestion) if suggestion else None
    if suggestion is None or suggestion.state is not SuggestionState.ACCEPTED or pair is None or pair.companies is None:
        raise SuggestionGoneError
    was_one = [company.same_as_id or company.id for company in pair.companies]
    suggestion.state, suggestion.decided_by_id, suggestion.decided_at = SuggestionState.OPEN, None, None
    session.add(suggestion)
    session.flush()
    _regroup(session, actor.workspace_id, {company.id for company in pair.companies})
    theirs = (col(Lead.workspace_id) == actor.workspace_id, col(Lead.company_id).in_(was_one))
    session.execute(update(Lead).where(*theirs).values(match_due_at=now).execution_options(synchronize_session=False))
    return pair


def _regroup(session: Session, workspace_id: int, company_ids: set[int]) -> None:
    """Have every company that accepted pairs connect with these point to the oldest of those it is one with."""
    waiting = set(company_ids)
    while waiting:
        one = _connected(session, workspace_id, waiting.pop())
        oldest = min(one)
        for which, points_to in (([oldest], None), (one - {oldest}, oldest)):
            rows = (col(Company.workspace_id) == workspace_id, col(Company.id).in_(which))
            session.execute(update(Company).where(*rows).values(same_as_id=points_to))
        waiting -= one


def _connected(session: Session, workspace_id: int, company_id: int) -> set[int]:
    """Return the companies that are one with this one, itself among them, by what people said of pairs."""
    found, new = {company_id}, {company_id}
    while new:
        pairs = select(col(MatchSuggestion.first_id), col(MatchSuggestion.second_id)).where(
            col(MatchSuggestion.workspace_id) == workspace_id,
            col(MatchSuggestion.subject) == Subject.COMPANY,
            or_(col(MatchSuggestion.first_id).in_(new), col(MatchSuggestion.second_id).in_(new)),
            col(MatchSuggestion.state) == SuggestionState.ACCEPTED,
        )
        new = {met for pair in session.execute(pairs) for met in pair} - found
        found |= new
    return found


def remember_not_same(session: Session, actor: Actor, lead_id: int, others: Iterable[int], now: datetime) -> None:
    """Remember that a person saved a lead as another one than these."""
    rows = [_row(actor.workspace_id, Subject.LEAD, lead_id, other, 0, (), now) for other in others]
    decided = {"state": SuggestionState.NOT_SAME, "decided_by_id": actor.member_id, "decided_at": now}
    if rows:
        statement = insert(session, MatchSuggestion)
        keys = ["workspace_id", "subject", "first_id", "second_id"]
        again = statement.on_conflict_do_update(index_elements=keys, set_=decided)
        session.execute(again, [row | decided for row in rows])
