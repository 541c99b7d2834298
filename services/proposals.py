"""A proposed points table, put in force as people left it: as the next version of the scoring rules, with its thresholds."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from sqlmodel import Session

from models.errors import InputError, Problem
from models.facts import RulePreview
from models.lead import Source
from models.learning import EXTRA, TOUCHES, ColumnKind, PointsRule
from models.member import Actor
from models.report import Report
from models.scoring import EngagementRule, FieldRule, FieldTest, FitReason, ScoringRules
from models.scoring_version import ScoringVersion
from models.touchpoint import Direction, TouchpointKind
from models.workspace import Workspace
from services.scoring_rules import current_rules, preview, save_rules
from services.workspaces import get_workspace

_TESTS = {ColumnKind.NUMBER: FieldTest.RANGE, ColumnKind.CATEGORY: FieldTest.IS, ColumnKind.MANY: FieldTest.HAS}


def proposed_rules(current: ScoringRules, lines: Iterable[PointsRule]) -> ScoringRules:
    """Turn the lines of a table into scoring rules.

    They replace the whole fit. Of the engagement only the kinds that the table names change: what nobody did with the
    leads that were learned from is not worthless for that.
    """
    fit = dict.fromkeys(current.fit, 0.0)
    sources: dict[Source, float] = {}
    fields: list[FieldRule] = []
    engagement = dict(current.engagement)
    for line in lines:
        if line.column.startswith(EXTRA):
            fields.append(_field_rule(line))
        elif line.column.startswith(TOUCHES):
            kind, direction = line.column.removeprefix(TOUCHES).split(":")
            engagement[TouchpointKind(kind)] = _given(
                engagement[TouchpointKind(kind)], Direction(direction), line.points
            )
        elif line.column == "source":
            sources[Source(line.value)] = float(line.points)
        else:
            fit[FitReason.BUSINESS_EMAIL if line.column == "email" else FitReason(line.value)] = float(line.points)
    return replace(current, fit=fit, source_fit=sources, engagement=engagement, field_fit=tuple(fields))


def _given(rule: EngagementRule, direction: Direction, points: float) -> EngagementRule:
    if direction is Direction.INBOUND:
        return replace(rule, inbound=float(points))
    return replace(rule, outbound=float(points))


def _field_rule(line: PointsRule) -> FieldRule:
    low = line.low if line.kind is ColumnKind.NUMBER else None
    return FieldRule(line.column.removeprefix(EXTRA), _TESTS[line.kind], float(line.points), line.value, low)


def preview_table(
    session: Session, workspace_id: int, lines: Iterable[PointsRule], mql: int, hot: int, now: datetime
) -> RulePreview:
    """Say which leads the table and its thresholds would move."""
    workspace = get_workspace(session, workspace_id)
    rules = proposed_rules(current_rules(session, workspace), lines)
    then = workspace.model_copy(update={"mql_threshold": mql, "hot_threshold": hot})
    return preview(session, then, rules, now)


def accept_table(
    session: Session, actor: Actor, report: Report, lines: Iterable[PointsRule], mql: int, hot: int, now: datetime
) -> ScoringVersion:
    """Put a table and its thresholds in force; the scores follow as after any change of the rules.

    Raises:
        NotAllowedError: the actor is no manager.
        InputError: a number is out of its range, or hot would begin under MQL.
    """
    if hot < mql:
        raise InputError(Problem.THRESHOLD_ORDER, "hot_threshold", str(hot), limit=mql)
    current = current_rules(session, get_workspace(session, actor.workspace_id))
    version = save_rules(session, actor, proposed_rules(current, lines), "", now)
    workspace = session.get_one(Workspace, actor.workspace_id)
    workspace.mql_threshold, workspace.hot_threshold = mql, hot
    report.accepted_at = now
    session.add_all([workspace, report])
    return version
