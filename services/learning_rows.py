"""What was known of a lead at one moment, as cells of columns: what the chance of being won is learned from.

A closed lead is looked at as it stood at one moment between its adding and its first offer to sales (or its end): a moment
drawn by its number, because open leads are looked at on any day of their lives too. Touchpoints count up to that moment, and
fields are as they were then: later edits are taken back. How it ended, who owned it, its stages and what was written at its
end never enter.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlmodel import Session, col

from models.handoff import Handoff
from models.lead import Lead, Outcome, Stage
from models.learning import EXTRA, RECENCY, TOUCHES, Cells, Closed
from models.records import Change, ChangeKind
from models.scoring import DEFAULT_RULES, FitReason, ScoringRules
from models.touchpoint import Touchpoint
from services import scoring
from services.identity import is_business_email
from services.records import restore

BATCH = 500
"""Leads that are read at once."""
LEARNED_MAX = 30_000
"""Closed leads that are learned from: the last ones. More make the fit slower and hardly better."""

_KNOWN_OR_NOT = ("name", "company", "phone", "mission", "interest", "need", "timing", "budget")
_AS_CODED = ("source", "campaign", "role", "progress", "consent", "kind")
_DAY_SECONDS = 86400.0
_GOLDEN = 2_654_435_761
"""Knuth's multiplier: spreads consecutive numbers over 32 bits."""


@dataclass(frozen=True)
class ClosedRow:
    """A closed lead as it stood at a moment before its end: its cells, its score then, and how it ended."""

    cells: Cells
    score: float
    is_won: bool


def count_closed(session: Session, workspace_id: int) -> Closed:
    """Count the leads that are closed, by outcome."""
    counts = {}
    for outcome in Outcome:
        query = select(func.count()).where(col(Lead.workspace_id) == workspace_id, col(Lead.outcome) == outcome)
        counts[outcome] = session.scalar(query) or 0
    return Closed(counts[Outcome.WON], counts[Outcome.LOST])


def closed_rows(
    session: Session, workspace_id: int, outcome: Outcome, below_id: int | None, rules: ScoringRules
) -> tuple[list[ClosedRow], int | None]:
    """Return a batch of the leads that ended so, the newest first, and where the next batch begins; None after the last."""
    query = select(Lead).where(col(Lead.workspace_id) == workspace_id, col(Lead.outcome) == outcome)
    if below_id is not None:
        query = query.where(col(Lead.id) < below_id)
    leads = session.scalars(query.order_by(col(Lead.id).desc()).limit(BATCH)).all()
    history = _histories(session, workspace_id, leads)
    rows = [_closed_row(lead, history[lead.id], rules) for lead in leads]
    return rows, leads[-1].id if len(leads) == BATCH else None


def cells_now(session: Session, leads: Sequence[Lead], now: datetime) -> list[Cells]:
    """Return what is known of open leads at `now`."""
    history = _histories(session, leads[0].workspace_id, leads) if leads else {}
    return [cells_of(lead, history[lead.id].touchpoints, now) for lead in leads]


def open_leads(session: Session, workspace_id: int, after_id: int, limit: int) -> Sequence[Lead]:
    """Return the next open leads by id."""
    query = select(Lead).where(
        col(Lead.workspace_id) == workspace_id, col(Lead.id) > after_id, col(Lead.stage) != Stage.CLOSED
    )
    return session.scalars(query.order_by(col(Lead.id)).limit(limit)).all()


def last_open_leads(session: Session, workspace_id: int, limit: int) -> Sequence[Lead]:
    """Return the open leads that were added last."""
    query = select(Lead).where(col(Lead.workspace_id) == workspace_id, col(Lead.stage) != Stage.CLOSED)
    return session.scalars(query.order_by(col(Lead.id).desc()).limit(limit)).all()


@dataclass
class _History:
    """What happened to a lead: its touchpoints, its edits (the newest first) and when it was first offered."""

    touchpoints: list[Touchpoint]
    edits: list[Change]
    offered_at: datetime | None = None


def _histories(session: Session, workspace_id: int, leads: Sequence[Lead]) -> dict[int, _History]:
    ids = [lead.id for lead in leads]
    found: dict[int, _History] = defaultdict(lambda: _History([], []))
    touched = select(Touchpoint).where(col(Touchpoint.workspace_id) == workspace_id, col(Touchpoint.lead_id).in_(ids))
    for touchpoint in session.scalars(touched):
        found[touchpoint.lead_id].touchpoints.append(touchpoint)
    edits = select(Change).where(
        col(Change.workspace_id) == workspace_id,
        col(Change.lead_id).in_(ids),
        col(Change.kind) == ChangeKind.EDITED,
        col(Change.undone_at).is_(None),
    )
    for change in session.scalars(edits.order_by(col(Change.id).desc())):
        found[change.lead_id or 0].edits.append(change)
    offers = (
        select(col(Handoff.lead_id), func.min(col(Handoff.offered_at)))
        .where(col(Handoff.workspace_id) == workspace_id, col(Handoff.lead_id).in_(ids))
        .group_by(col(Handoff.lead_id))
    )
    for lead_id, offered_at in session.execute(offers):
        found[lead_id].offered_at = offered_at
    return found


def _closed_row(lead: Lead, history: _History, rules: ScoringRules) -> ClosedRow:
    moment = moment_of(lead, history.offered_at)
    then = Lead(**lead.model_dump())
    for edit in history.edits:
        if edit.at > moment:
            restore(then, edit.before)
    cells = cells_of(then, history.touchpoints, moment)
    return ClosedRow(cells, _score(then, history.touchpoints, moment, rules), lead.outcome is Outcome.WON)


def moment_of(lead: Lead, offered_at: datetime | None) -> datetime:
    """Return the moment at which a closed lead is looked at: between its adding and its first offer, or its end."""
    end = min(offered_at or lead.stage_at, lead.stage_at)
    share = (lead.number * _GOLDEN % 2**32) / 2**32
    return lead.created_at + share * max(end - lead.created_at, timedelta(0))


def cells_of(lead: Lead, touchpoints: Iterable[Touchpoint], at: datetime) -> Cells:
    """Turn a lead as it stands at a moment, and its touchpoints up to then, into cells."""
    cells: Cells = {name: "known" for name in _KNOWN_OR_NOT if getattr(lead, name)}
    cells |= {name: str(value) for name in _AS_CODED if (value := getattr(lead, name))}
    if lead.title:
        cells["title"] = _level_of(lead)
    if lead.email:
        cells["email"] = "business" if is_business_email(lead.email) else "free"
    cells |= {f"{EXTRA}{heading}": _cell(value) for heading, value in lead.extra.items()}
    return cells | _touched(touchpoints, at)


_LEVELS = (FitReason.EXECUTIVE, FitReason.DIRECTOR, FitReason.MANAGER)


def _level_of(lead: Lead) -> str:
    found = (reason.reason for reason in scoring.fit_reasons(lead, None, DEFAULT_RULES))
    return next((reason.value for reason in found if reason in _LEVELS), "other")


def _cell(value: Any) -> str | float:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else str(value)


def _touched(touchpoints: Iterable[Touchpoint], at: datetime) -> Cells:
    """Count the touchpoints up to a moment by kind and direction, and say how long ago the last of each direction was."""
    counts: Counter[str] = Counter()
    last: dict[str, datetime] = {}
    for touchpoint in touchpoints:
        if touchpoint.at <= at:
            direction = touchpoint.direction.value
            counts[f"{TOUCHES}{direction}"] += 1
            counts[f"{TOUCHES}{touchpoint.kind.value}:{direction}"] += 1
            last[direction] = max(last.get(direction, touchpoint.at), touchpoint.at)
    cells: Cells = {name: float(count) for name, count in counts.items()}
    for direction, touched_at in last.items():
        cells[f"{RECENCY}{direction}"] = (at - touched_at).total_seconds() / _DAY_SECONDS
    return cells


def _score(lead: Lead, touchpoints: Iterable[Touchpoint], at: datetime, rules: ScoringRules) -> float:
    """Return the score that the rules in force would have given at a moment."""
    points = scoring.fit_points(lead, lead.role, rules) + sum(sign.points for sign in scoring.bad_signs(lead, rules))
    for touchpoint in touchpoints:
        if touchpoint.at <= at:
            rule = rules.engagement[touchpoint.kind]
            age_days = (at - touchpoint.at).total_seconds() / _DAY_SECONDS
            points += rule.points(touchpoint.direction) * 2.0 ** (-age_days / rules.half_life_days[rule.half_life])
    return points
