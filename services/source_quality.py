"""What became of the leads that came in within a period, by where they came from: quality, not quantity.

A lead counts in the period in which it was added, whenever it moved on (a cohort), so that each figure can be divided
by the others. It became an MQL when it was offered to sales and the offer was not withdrawn, an SQL when somebody
claimed it; who stands there or further without an offer of ours (an import's history) counts too.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, and_, case, distinct, func, not_, or_, select
from sqlalchemy.orm import InstrumentedAttribute
from sqlmodel import Session, col

from models.campaign import Campaign
from models.facts import Funnel, Grouping, SourceReport
from models.handoff import Handoff, HandoffState, ReturnReason
from models.import_run import ImportRun, ImportState
from models.lead import Lead, Outcome, Stage
from services.identity import fold
from services.periods import Period
from services.workspaces import get_workspace

_KEYS: dict[Grouping, InstrumentedAttribute[Any]] = {
    Grouping.SOURCE: Lead.source,  # type: ignore[dict-item]
    Grouping.CAMPAIGN: Lead.campaign,  # type: ignore[dict-item]
    Grouping.IMPORT: Lead.import_id,  # type: ignore[dict-item]
}


def report_quality(session: Session, workspace_id: int, grouping: Grouping, period: Period) -> SourceReport:
    """Count what became of a period's leads, by source, campaign or import, the most won first.

    The leads are counted out of one index, and only those that were offered are looked at one by one.
    """
    zone = ZoneInfo(get_workspace(session, workspace_id).timezone)
    cohort = [col(Lead.workspace_id) == workspace_id, *_added_in(period, zone)]
    key = _KEYS[grouping]
    if grouping is Grouping.IMPORT:
        cohort.append(col(Lead.import_id).is_not(None))
    further = {str(group): (mql, sql) for group, mql, sql in session.execute(_moved_on(cohort, key))}
    answers = _answers(session, cohort, key)
    funnels = []
    for group, leads, mql, sql, won in session.execute(_standing(cohort, key)):
        more_mql, more_sql = further.get(str(group), (0, 0))
        funnels.append(Funnel(str(group), leads, mql + more_mql, sql + more_sql, won, **answers.get(str(group), {})))
    if grouping is Grouping.SOURCE:
        funnels = _with_costs_of_sources(session, workspace_id, funnels, cohort)
    if grouping is Grouping.CAMPAIGN:
        campaigns = [one.key for one in funnels]
        funnels = _with_costs(session, workspace_id, funnels, campaigns, Counter(map(fold, campaigns)))
    if grouping is Grouping.IMPORT:
        funnels = _as_imports(session, workspace_id, funnels)
    funnels.sort(key=lambda one: (-one.won, -one.sql, -one.mql, -one.leads, one.key))
    return SourceReport(grouping, period.first, period.last, tuple(funnels), _sum(funnels))


def _with_costs(
    session: Session, workspace_id: int, funnels: Sequence[Funnel], campaigns: Sequence[str], shared: Counter[str]
) -> list[Funnel]:
    """Return the groups with the costs of their campaigns; what several share is nobody's own."""
    costs = {name_key: cost for name_key, cost in _known_costs(session, workspace_id).items() if shared[name_key] == 1}
    return [replace(funnel, cost=costs.get(key)) for funnel, key in zip(funnels, map(fold, campaigns), strict=True)]


def _known_costs(session: Session, workspace_id: int) -> dict[str, int]:
    query = select(col(Campaign.name_key), col(Campaign.cost)).where(
        col(Campaign.workspace_id) == workspace_id, col(Campaign.cost).is_not(None)
    )
    return {name_key: int(cost) for name_key, cost in session.execute(query)}


def _with_costs_of_sources(
    session: Session, workspace_id: int, funnels: Sequence[Funnel], cohort: list[ColumnElement[bool]]
) -> list[Funnel]:
    """Return the sources with what the campaigns that are theirs alone cost; the other campaigns are counted."""
    query = select(col(Lead.source), col(Lead.campaign)).where(*cohort, col(Lead.campaign) != "").distinct()
    sources: dict[str, set[str]] = {}
    for source, campaign in session.execute(query):
        sources.setdefault(fold(campaign), set()).add(str(source))
    costs = _known_costs(session, workspace_id)
    found = []
    for funnel in funnels:
        theirs = [campaign for campaign, ways in sources.items() if funnel.key in ways]
        known = [costs[campaign] for campaign in theirs if campaign in costs and len(sources[campaign]) == 1]
        found.append(replace(funnel, cost=sum(known) if known else None, uncounted=len(theirs) - len(known)))
    return found


def _as_imports(session: Session, workspace_id: int, funnels: Sequence[Funnel]) -> list[Funnel]:
    """Return the groups under the names of their imports, each with the cost of its campaign."""
    query = select(ImportRun).where(
        col(ImportRun.workspace_id) == workspace_id, col(ImportRun.confirmed_at).is_not(None)
    )
    runs = {str(run.id): run for run in session.scalars(query)}
    named = [
        replace(one, name=" ".join(filter(None, (runs[one.key].label, runs[one.key].file_name)))) for one in funnels
    ]
    campaigns = [runs[one.key].campaign for one in funnels]
    # One that was taken back has cost its campaign nothing.
    shared = Counter(fold(run.campaign) for run in runs.values() if run.state is not ImportState.UNDONE)
    return _with_costs(session, workspace_id, named, campaigns, shared)


def _added_in(period: Period, zone: ZoneInfo) -> list[ColumnElement[bool]]:
    first = [col(Lead.created_at) >= _midnight(period.first, zone)] if period.first else []
    last = [col(Lead.created_at) < _midnight(period.last + timedelta(days=1), zone)] if period.last else []
    return [*first, *last]


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time.min, zone).astimezone(UTC)


_IS_WON = func.coalesce(col(Lead.outcome) == Outcome.WON, False)
_STANDS_AT_SQL = or_(_IS_WON, col(Lead.stage) == Stage.SQL)
_STANDS_AT_MQL = or_(_STANDS_AT_SQL, col(Lead.stage) == Stage.MQL)
_IS_OF_LEAD = and_(col(Handoff.workspace_id) == col(Lead.workspace_id), col(Handoff.lead_id) == col(Lead.id))


def _standing(cohort: list[ColumnElement[bool]], key: InstrumentedAttribute[Any]) -> Select[Any]:
    """Count each group's leads, and those that stand at a stage or further."""
    counts = (func.sum(case((stands, 1), else_=0)) for stands in (_STANDS_AT_MQL, _STANDS_AT_SQL, _IS_WON))
    return select(key, func.count(), *counts).where(*cohort).group_by(key)


def _moved_on(cohort: list[ColumnElement[bool]], key: InstrumentedAttribute[Any]) -> Select[Any]:
    """Count each group's leads that were MQL or SQL once and stand there no more: returned, or lost."""
    was_mql = and_(col(Handoff.state) != HandoffState.WITHDRAWN, not_(_STANDS_AT_MQL))
    was_sql = and_(col(Handoff.claimed_at).is_not(None), not_(_STANDS_AT_SQL))
    counts = (func.count(distinct(case((once, col(Lead.id))))) for once in (was_mql, was_sql))
    return select(key, *counts).join(Handoff, _IS_OF_LEAD).where(*cohort).group_by(key)


def _answers(
    session: Session, cohort: list[ColumnElement[bool]], key: InstrumentedAttribute[Any]
) -> dict[str, dict[str, Any]]:
    """Count each group's offers that sales answered, those accepted, and why the others came back."""
    is_accepted = col(Handoff.claimed_at).is_not(None)
    query = (
        select(key, col(Handoff.reason), func.count(), func.sum(case((is_accepted, 1), else_=0)))
        .join(Handoff, _IS_OF_LEAD)
        .where(*cohort, or_(is_accepted, col(Handoff.returned_at).is_not(None)))
        .group_by(key, col(Handoff.reason))
    )
    found: dict[str, dict[str, Any]] = {}
    for group, reason, answered, accepted in session.execute(query):
        counts = found.setdefault(str(group), {"answered": 0, "accepted": 0, "reasons": ()})
        counts["answered"] += answered
        counts["accepted"] += accepted
        if reason is not None:
            counts["reasons"] = _most_first([*counts["reasons"], (reason, answered)])
    return found


def _most_first(reasons: Iterable[tuple[ReturnReason, int]]) -> tuple[tuple[ReturnReason, int], ...]:
    return tuple(sorted(reasons, key=lambda one: (-one[1], one[0])))


def _sum(funnels: list[Funnel]) -> Funnel:
    reasons: dict[ReturnReason, int] = {}
    for funnel in funnels:
        for reason, count in funnel.reasons:
            reasons[reason] = reasons.get(reason, 0) + count
    names = ("leads", "mql", "sql", "won", "answered", "accepted")
    sums = {name: sum(getattr(funnel, name) for funnel in funnels) for name in names}
    return Funnel(key="", **sums, reasons=_most_first(reasons.items()))
