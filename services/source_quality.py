"""What became of the leads that came in within a period, by where they came from: quality, not quantity.

A lead counts in the period in which it was added, whenever it moved on (a cohort), so that each figure can be divided
by the others. It became an MQL when it was offered to sales and the offer was not withdrawn, an SQL when somebody
claimed it; who stands there or further without an offer of ours (an import's history) counts too.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Integer, and_, case, cast, exists, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute
from sqlmodel import Session, col

from models.facts import Funnel, Grouping, SourceReport
from models.handoff import Handoff, HandoffState, ReturnReason
from models.lead import Lead, Outcome, Stage
from services.periods import Period
from services.workspaces import get_workspace

_KEYS: dict[Grouping, InstrumentedAttribute[Any]] = {
    Grouping.SOURCE: Lead.source,  # type: ignore[dict-item]
    Grouping.CAMPAIGN: Lead.campaign,  # type: ignore[dict-item]
}


def report_quality(session: Session, workspace_id: int, grouping: Grouping, period: Period) -> SourceReport:
    """Count what became of a period's leads, by source or campaign, the most won first."""
    zone = ZoneInfo(get_workspace(session, workspace_id).timezone)
    cohort = [col(Lead.workspace_id) == workspace_id, *_added_in(period, zone)]
    key = _KEYS[grouping]
    returned = _returns(session, cohort, key)
    funnels = [
        Funnel(key=str(group), leads=leads, mql=mql, sql=sql, won=won, **returned.get(str(group), {}))
        for group, leads, mql, sql, won in session.execute(_stages(cohort, key))
    ]
    funnels.sort(key=lambda one: (-one.won, -one.sql, -one.mql, -one.leads, one.key))
    return SourceReport(grouping, period.first, period.last, tuple(funnels), _sum(funnels))


def _added_in(period: Period, zone: ZoneInfo) -> list[ColumnElement[bool]]:
    first = [col(Lead.created_at) >= _midnight(period.first, zone)] if period.first else []
    last = [col(Lead.created_at) < _midnight(period.last + timedelta(days=1), zone)] if period.last else []
    return [*first, *last]


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time.min, zone).astimezone(UTC)


def _stages(cohort: list[ColumnElement[bool]], key: InstrumentedAttribute[Any]) -> Any:
    """Count each group's leads by how far they came."""
    is_won = func.coalesce(col(Lead.outcome) == Outcome.WON, False)
    is_sql = or_(is_won, col(Lead.stage) == Stage.SQL, _has_handoff(col(Handoff.claimed_at).is_not(None)))
    is_mql = or_(is_sql, col(Lead.stage) == Stage.MQL, _has_handoff(col(Handoff.state) != HandoffState.WITHDRAWN))
    counts = (func.sum(case((reached, 1), else_=0)) for reached in (is_mql, is_sql, is_won))
    return select(key, func.count(), *counts).where(*cohort).group_by(key)


def _has_handoff(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(_is_of_lead(), condition)


def _is_of_lead() -> ColumnElement[bool]:
    return and_(col(Handoff.workspace_id) == col(Lead.workspace_id), col(Handoff.lead_id) == col(Lead.id))


def _returns(
    session: Session, cohort: list[ColumnElement[bool]], key: InstrumentedAttribute[Any]
) -> dict[str, dict[str, Any]]:
    """Count each group's offers that sales answered, those accepted, and why the others came back."""
    accepted = func.sum(cast(col(Handoff.claimed_at).is_not(None), Integer))
    query = (
        select(key, col(Handoff.reason), func.count(), accepted)
        .join(Handoff, _is_of_lead())
        .where(*cohort, or_(col(Handoff.claimed_at).is_not(None), col(Handoff.returned_at).is_not(None)))
        .group_by(key, col(Handoff.reason))
    )
    found: dict[str, dict[str, Any]] = {}
    for group, reason, answered, claimed in session.execute(query):
        counts = found.setdefault(str(group), {"answered": 0, "accepted": 0, "reasons": ()})
        counts["answered"] += answered
        counts["accepted"] += claimed
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
