"""Scores that follow a change of the rules: what it would do, and the doing of it, a batch of leads at a time.

Each lead's row says which version its points follow, so it never matters how far the work has come: a touchpoint is added
by the row's own rules, and its batch counts it again with all the others.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, bindparam, func, select, update
from sqlmodel import Session, col

from models.base import sketch
from models.facts import Moved, MovedLead, RulePreview
from models.lead import Lead, Stage
from models.scoring import Effect, ScoringRules
from models.scoring_version import ScoringVersion
from models.touchpoint import HalfLife, Touchpoint
from models.workspace import Workspace
from services import scoring
from services.score_sql import class_sums
from services.touchpoints import move_heat

PREVIEW_LEADS = 3000
"""Leads that a form can wait for: about half a second."""

NAMED = 10
"""Leads that are named of those that a change moves; the others are counted."""

_COLUMNS = (
    "workspace_id", "id", "number", "name", "company", "title", "email", "phone", "source", "campaign", "note", "extra",
    "role", "stage", "consent", "mark", "rules_version", "fit_points", "manual_points", "hot_since", "hot_alerted_at",
    "hot_alert_due_at", "cools_at", *scoring.SUM_COLUMNS.values(),
)  # fmt: skip
_POINT_COLUMNS = ("rules_version", "fit_points", *scoring.SUM_COLUMNS.values())
_HEAT_COLUMNS = ("hot_since", "hot_alert_due_at", "cools_at")


def preview(session: Session, workspace: Workspace, rules: ScoringRules, now: datetime) -> RulePreview:
    """Say which leads the rules would move over a threshold. In a large workspace the newest leads are looked at."""
    newest = _leads(workspace.id).order_by(col(Lead.id).desc()).limit(PREVIEW_LEADS)
    leads = [_sketched(row) for row in session.execute(newest)]
    moved = _rescore(session, workspace, leads, rules, scoring.version_of(workspace), now)
    total = len(leads)
    if total == PREVIEW_LEADS:
        total = session.scalar(select(func.count()).where(col(Lead.workspace_id) == workspace.id)) or 0
    return RulePreview(rules, _gathered(workspace, moved), len(leads), total)


def follow_rules(session: Session, workspace: Workspace, version: ScoringVersion, size: int, now: datetime) -> int:
    """Have the next `size` leads follow the version, and note whom that moved; return how many leads were done."""
    # Locked before their touchpoints are read: what is being logged meanwhile is counted or comes after.
    batch = _leads(workspace.id).where(col(Lead.id) > version.cursor).order_by(col(Lead.id)).limit(size)
    leads = [_sketched(row) for row in session.execute(batch.with_for_update())]
    if leads:
        moved = _rescore(session, workspace, leads, scoring.rules_of(workspace), version.number, now)
        _update(session, leads, _POINT_COLUMNS)
        _update(session, _move_heat(workspace, moved, now), _HEAT_COLUMNS)
        version.effect = _with_effect(version.effect, _gathered(workspace, moved))
        version.cursor, version.done = leads[-1].id, version.done + len(leads)
    if len(leads) < size:
        version.finished_at = now
    session.add(version)
    return len(leads)


def _leads(workspace_id: int) -> Select[Any]:
    return select(*(getattr(Lead, name) for name in _COLUMNS)).where(col(Lead.workspace_id) == workspace_id)


def _sketched(row: Sequence[Any]) -> Lead:
    return sketch(Lead, dict(zip(_COLUMNS, row, strict=True)))


def _rescore(
    session: Session, workspace: Workspace, leads: Sequence[Lead], rules: ScoringRules, version: int, now: datetime
) -> list[MovedLead]:
    """Give the leads the points that the rules say, and return the open ones with their scores before and after."""
    if not leads:
        return []
    sums = _sums(session, workspace.id, [lead.id for lead in leads], rules)
    moved = []
    for lead in leads:
        before = scoring.score_value(lead, scoring.rules_for(lead, workspace), now)
        lead.__dict__.update(sums.get(lead.id, _NO_SUMS))
        lead.__dict__["fit_points"] = scoring.fit_points(lead, lead.role, rules)
        lead.__dict__["rules_version"] = version
        if lead.stage is not Stage.CLOSED:
            moved.append(MovedLead(lead, before, scoring.score_value(lead, rules, now)))
    return moved


_NO_SUMS: Mapping[str, float] = dict.fromkeys(scoring.SUM_COLUMNS.values(), 0.0)


def _sums(
    session: Session, workspace_id: int, lead_ids: Sequence[int], rules: ScoringRules
) -> dict[int, dict[str, float]]:
    """Add up the leads' touchpoints by the rules. The database does it: there may be thousands."""
    sums = class_sums(rules, session.get_bind().dialect.name)
    query = (
        select(col(Touchpoint.lead_id), *(sums[half_life] for half_life in HalfLife))
        .where(
            col(Touchpoint.workspace_id) == workspace_id,
            col(Touchpoint.lead_id) >= min(lead_ids),
            col(Touchpoint.lead_id) <= max(lead_ids),
        )
        .group_by(col(Touchpoint.lead_id))
    )
    columns = tuple(scoring.SUM_COLUMNS.values())
    return {row[0]: dict(zip(columns, row[1:], strict=True)) for row in session.execute(query)}


def effects_of(workspace: Workspace, stage: Stage, before: float, after: float) -> Iterable[Effect]:
    """Say over which thresholds a lead moves."""
    hot, mql = workspace.hot_threshold, workspace.mql_threshold
    if (before >= hot) != (after >= hot):
        yield Effect.TURNS_HOT if after >= hot else Effect.COOLS
    if stage is Stage.INQUIRY and (before >= mql) != (after >= mql):
        yield Effect.RIPENS if after >= mql else Effect.FALLS


def _gathered(workspace: Workspace, leads: Sequence[MovedLead]) -> dict[Effect, Moved]:
    groups: dict[Effect, list[MovedLead]] = {}
    for moved in leads:
        for effect in effects_of(workspace, moved.lead.stage, moved.before, moved.after):
            groups.setdefault(effect, []).append(moved)
    return {
        effect: Moved(len(group), tuple(sorted(group, key=lambda m: (-max(m.before, m.after), m.lead.number))[:NAMED]))
        for effect, group in groups.items()
    }


def _with_effect(held: Mapping[str, Any], moved: Mapping[Effect, Moved]) -> dict[str, Any]:
    """Add what a batch did to what the batches before it did, as JSON holds it."""
    effect = dict(held)
    for kind, group in moved.items():
        so_far = effect.get(kind, {"count": 0, "first": []})
        first = [*so_far["first"], *([one.lead.id, one.before, one.after] for one in group.first)]
        first.sort(key=lambda one: -max(one[1], one[2]))
        effect[kind.value] = {"count": so_far["count"] + group.count, "first": first[:NAMED]}
    return effect


def _move_heat(workspace: Workspace, moved: Iterable[MovedLead], now: datetime) -> list[Lead]:
    """Move the due times of those that are hot or were, and return those that this changed.

    Nobody is alerted one by one: the change of the rules is told of once.
    """
    changed = []
    for lead, after in ((one.lead, one.after) for one in moved):
        before = [getattr(lead, name) for name in _HEAT_COLUMNS]
        if after >= workspace.hot_threshold or any(before):
            waits_since = lead.hot_alert_due_at
            move_heat(lead, workspace, now)
            lead.hot_alert_due_at = waits_since if lead.hot_since else None
            if before != [getattr(lead, name) for name in _HEAT_COLUMNS]:
                changed.append(lead)
    return changed


def _update(session: Session, leads: Sequence[Lead], columns: Sequence[str]) -> None:
    if leads:
        session.connection().execute(
            update(Lead)
            .where(col(Lead.workspace_id) == bindparam("in_workspace"), col(Lead.id) == bindparam("of_lead"))
            .values({name: bindparam(f"new_{name}") for name in columns}),
            [
                {"in_workspace": lead.workspace_id, "of_lead": lead.id}
                | {f"new_{name}": getattr(lead, name) for name in columns}
                for lead in leads
            ],
        )
