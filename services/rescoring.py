"""Scores that follow a change of the rules: what it would do, and the doing of it, a batch of leads at a time.

Each lead's row says which version its points follow, so it never matters how far the work has come: a touchpoint is added
by the row's own rules, and its batch counts it again with all the others. A batch is one statement over its leads and their
touchpoints; only the fit, which asks for words in titles, is worked out here, once for all leads of whom the same is known.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple

from sqlalchemy import (
    JSON,
    BigInteger,
    Float,
    Integer,
    Select,
    String,
    Subquery,
    Update,
    bindparam,
    cast,
    func,
    select,
    type_coerce,
    update,
)
from sqlmodel import Session, col

from models.delivery import DeliveryKind
from models.facts import Moved, MovedLead, RulePreview
from models.lead import DecisionRole, Lead, Source, Stage
from models.scoring import Effect, ScoringRules
from models.scoring_version import ScoringVersion
from models.touchpoint import HalfLife, Touchpoint
from models.workspace import Workspace
from services import deliveries, members, scoring
from services.hotness import move_heat
from services.score_sql import class_sums, faded, fixed_by, number, score_columns
from services.statements import Prepared
from services.workspaces import get_workspace

PREVIEW_LEADS = 5000
"""Leads that a form can wait for: about half a second."""

NAMED = 10
"""Leads that are named of those that a change moves; the others are counted."""

KINDS_KEPT = 20_000
"""Kinds of leads whose fit is remembered, some 200 bytes each."""


def preview(session: Session, workspace: Workspace, rules: ScoringRules, now: datetime) -> RulePreview:
    """Say which leads the rules would move over a threshold. In a large workspace the newest leads are looked at."""
    newest = _leads(workspace, rules, now).order_by(col(Lead.id).desc()).limit(PREVIEW_LEADS)
    rows = [_Row(*row) for row in session.execute(newest)]
    scored = _scored_anew(workspace.id, rules, session.get_bind().dialect.name)
    sums = {half_life: scored.c[column] for half_life, column in scoring.SUM_COLUMNS.items()}
    value = scored.c.fit + col(Lead.manual_points) + fixed_by(rules) + faded(sums, rules, now)
    is_theirs = (col(Lead.workspace_id) == workspace.id) & (col(Lead.id) == scored.c.id)
    found = session.execute(select(scored.c.id, value).join(Lead, is_theirs), _given(rows, rules, {}))
    moved = _moved(workspace, rows, {row[0]: row[1] for row in found})
    total = len(rows)
    if total == PREVIEW_LEADS:
        total = session.scalar(select(func.count()).where(col(Lead.workspace_id) == workspace.id)) or 0
    groups = {effect: Moved(len(group), named(session, workspace.id, group[:NAMED])) for effect, group in moved.items()}
    return RulePreview(rules, groups, len(rows), total)


def follow_rules(session: Session, workspace: Workspace, version: ScoringVersion, size: int, now: datetime) -> int:
    """Have the next `size` leads follow the version, and note whom that moved; return how many leads were done."""
    statements = _statements(workspace, version)
    span = {"cursor": version.cursor, "size": size}
    rows = [_Row(*row) for row in statements.read.run(session, span)]
    if rows:
        given = _given(rows, scoring.rules_of(workspace), statements.kinds)
        statements.write.run(session, given)
        after = {row[0]: row[1] for row in statements.after.run(session, given)}
        version.effect = _with_effect(version.effect, _moved(workspace, rows, after))
        warm = [row.id for row in rows if row.is_warm or after[row.id] >= workspace.hot_threshold]
        _move_heat(session, workspace, warm, now)
        version.cursor, version.done = rows[-1].id, version.done + len(rows)
    if len(rows) < size:
        version.finished_at = now
    session.add(version)
    return len(rows)


class _Row(NamedTuple):
    """What is known of a lead before it is scored anew, as the driver gives it."""

    id: int
    before: float
    is_warm: bool
    stage: str
    source: str
    role: str | None
    title: str
    email: str
    company: str = ""
    campaign: str = ""
    note: str = ""
    extra: str = "{}"


@dataclass(frozen=True)
class _Statements:
    """What is executed for each batch. Building these anew would cost as much as a thousand leads."""

    held: object
    read: Prepared
    write: Prepared
    after: Prepared
    kinds: dict[Any, float]
    """The fit of each kind of lead met so far."""


_BUILT: dict[int, _Statements] = {}


def _statements(workspace: Workspace, version: ScoringVersion) -> _Statements:
    """Return the statements of a version, which are the same while the workspace's rules are; scores are as of its saving."""
    known = _BUILT.get(workspace.id)
    if known is None or known.held is not workspace.scoring:
        # Locked before their touchpoints are read: what is being logged meanwhile is counted or comes after.
        rules = scoring.rules_of(workspace)
        read = _leads(workspace, rules, version.at).where(col(Lead.id) > bindparam("cursor", type_=BigInteger))
        read = read.order_by(col(Lead.id)).limit(bindparam("size", type_=Integer)).with_for_update(of=Lead)
        after = select(col(Lead.id), score_columns(workspace, version.at).value).where(
            col(Lead.workspace_id) == workspace.id,
            col(Lead.id) >= bindparam("first_id", type_=BigInteger),
            col(Lead.id) <= bindparam("last_id", type_=BigInteger),
        )
        write = partial(_write, workspace.id, rules, version.number)
        known = _Statements(workspace.scoring, Prepared(lambda _: read), Prepared(write), Prepared(lambda _: after), {})
        _BUILT[workspace.id] = known
    return known


def _write(workspace_id: int, rules: ScoringRules, number: int, dialect: str) -> Update:
    """Build the UPDATE that gives the leads of `fits` their new points."""
    scored = _scored_anew(workspace_id, rules, dialect)
    return (
        update(Lead)
        .where(col(Lead.workspace_id) == workspace_id, col(Lead.id) == scored.c.id)
        .values(
            rules_version=number,
            fit_points=scored.c.fit,
            **{column: scored.c[column] for column in scoring.SUM_COLUMNS.values()},
        )
    )


def _leads(workspace: Workspace, rules: ScoringRules, now: datetime) -> Select[Any]:
    """Build the SELECT of what a new score is made of, with the score before; columns in the order of `_Row`."""
    heat = col(Lead.hot_since).is_not(None) | col(Lead.cools_at).is_not(None) | col(Lead.hot_alert_due_at).is_not(None)
    kept = (type_coerce(getattr(Lead, name), String) for name in ("stage", "source", "role", "title", "email"))
    columns: list[Any] = [col(Lead.id), score_columns(workspace, now).value, heat, *kept]
    if rules.field_fit:
        columns += [col(Lead.company), col(Lead.campaign), col(Lead.note), cast(col(Lead.extra), String)]
    return select(*columns).where(col(Lead.workspace_id) == workspace.id)


@dataclass(frozen=True)
class _Known:
    """What the fit is judged by, see `scoring.Known`."""

    title: str
    email: str
    source: Source | None
    extra: dict[str, Any]
    company: str = ""
    campaign: str = ""
    note: str = ""


def _given(rows: Sequence[_Row], rules: ScoringRules, kinds: dict[Any, float]) -> dict[str, Any]:
    """Return what the statements are told of the leads: their span, and every one's fit by its id, as JSON.

    The fit is worked out once for all leads that are alike in what counts; `kinds` keeps it.
    """
    if len(kinds) > KINDS_KEPT:
        kinds.clear()
    fits = {}
    for row in rows:
        texts = row[6:] if rules.field_fit else ()
        kind = (scoring.level_of(row.title), scoring.is_business(row.email), row.source, row.role, texts)
        if kind not in kinds:
            kinds[kind] = _fit(row, rules)
        fits[row.id] = kinds[kind]
    return {"fits": json.dumps(fits), "first_id": min(fits, default=0), "last_id": max(fits, default=0)}


def _fit(row: _Row, rules: ScoringRules) -> float:
    known = _Known(row.title, row.email, Source(row.source), json.loads(row.extra), row.company, row.campaign, row.note)
    return scoring.fit_points(known, DecisionRole(row.role) if row.role else None, rules)


def _scored_anew(workspace_id: int, rules: ScoringRules, dialect: str) -> Subquery:
    """Build the table of what the leads of `:fits`, from `:first_id` to `:last_id`, score by the rules.

    Its columns are the lead's id, the fit, and the sums of the touchpoints, which are read along their index.
    """
    sums = class_sums(rules, dialect)
    touched = (
        select(col(Touchpoint.lead_id).label("id"), *(sums[c].label(scoring.SUM_COLUMNS[c]) for c in HalfLife))
        .where(
            col(Touchpoint.workspace_id) == workspace_id,
            col(Touchpoint.lead_id) >= bindparam("first_id", type_=BigInteger),
            col(Touchpoint.lead_id) <= bindparam("last_id", type_=BigInteger),
        )
        .group_by(col(Touchpoint.lead_id))
        .subquery("touched")
    )
    fits = bindparam("fits", type_=String)
    each = func.json_each(fits) if dialect == "sqlite" else func.json_each_text(cast(fits, JSON))
    lead = each.table_valued("key", "value", name="fits")
    lead_id, fit = cast(lead.c.key, BigInteger), cast(lead.c.value, Float(53))
    found = (func.coalesce(touched.c[name], number(0.0)).label(name) for name in scoring.SUM_COLUMNS.values())
    return (
        select(lead_id.label("id"), fit.label("fit"), *found)
        .select_from(lead.outerjoin(touched, touched.c.id == lead_id))
        .subquery("scored")
    )


def effects_of(workspace: Workspace, stage: str, before: float, after: float) -> Iterable[Effect]:
    """Say over which thresholds a lead moves; a CLOSED one moves over none."""
    hot, mql = workspace.hot_threshold, workspace.mql_threshold
    if (before >= hot) != (after >= hot) and stage != Stage.CLOSED:
        yield Effect.TURNS_HOT if after >= hot else Effect.COOLS
    if stage == Stage.INQUIRY and (before >= mql) != (after >= mql):
        yield Effect.RIPENS if after >= mql else Effect.FALLS


_Moves = dict[Effect, list[tuple[int, float, float]]]


def _moved(workspace: Workspace, rows: Sequence[_Row], after: Mapping[int, float]) -> _Moves:
    """Sort the leads that move by what it does to them: id, score before and after, the highest first."""
    moves: _Moves = {}
    least = min(workspace.hot_threshold, workspace.mql_threshold)
    for row in rows:
        if row.before >= least or after[row.id] >= least:
            for effect in effects_of(workspace, row.stage, row.before, after[row.id]):
                moves.setdefault(effect, []).append((row.id, row.before, after[row.id]))
    for group in moves.values():
        group.sort(key=_highest)
    return moves


def _highest(moved: Sequence[float]) -> tuple[float, float]:
    lead_id, before, after = moved
    return -max(before, after), lead_id


def named(session: Session, workspace_id: int, moved: Iterable[Sequence[Any]]) -> tuple[MovedLead, ...]:
    """Load the leads of moves, leaving out whom nobody knows any more."""
    leads = ((session.get(Lead, (workspace_id, lead_id)), before, after) for lead_id, before, after in moved)
    return tuple(MovedLead(lead, before, after) for lead, before, after in leads if lead is not None)


def _with_effect(held: Mapping[str, Any], moves: _Moves) -> dict[str, Any]:
    """Add what a batch did to what the batches before it did, as JSON holds it."""
    effect = dict(held)
    for kind, group in moves.items():
        so_far = effect.get(kind, {"count": 0, "first": []})
        first = sorted([*so_far["first"], *map(list, group[:NAMED])], key=_highest)
        effect[kind.value] = {"count": so_far["count"] + len(group), "first": first[:NAMED]}
    return effect


def _move_heat(session: Session, workspace: Workspace, lead_ids: Sequence[int], now: datetime) -> None:
    """Move the due times of those that are hot or were.

    Nobody is alerted one by one: the change of the rules is told of once.
    """
    theirs = select(Lead).where(
        col(Lead.workspace_id) == workspace.id, col(Lead.id).in_(lead_ids), col(Lead.stage) != Stage.CLOSED
    )
    for lead in session.scalars(theirs.execution_options(populate_existing=True)) if lead_ids else ():
        waits_since = lead.hot_alert_due_at
        move_heat(lead, workspace, now)
        lead.hot_alert_due_at = waits_since if lead.hot_since else None
        session.add(lead)


def next_batch(session: Session, workspace_id: int, size: int, now: datetime, *, tells: bool) -> int | None:
    """Have the next leads follow the newest rules; None when all do, or another process is at it.

    `tells`: the manager's message is to show how far it has come; at the end it always does.
    """
    newest = select(ScoringVersion).where(col(ScoringVersion.workspace_id) == workspace_id)
    newest = newest.order_by(col(ScoringVersion.number).desc()).limit(1).with_for_update(skip_locked=True)
    version = session.scalars(newest).first()
    if version is None or version.finished_at is not None:
        return None
    workspace = get_workspace(session, workspace_id)
    done = follow_rules(session, workspace, version, size, now)
    if tells or version.finished_at is not None:
        _tell(session, workspace, version, now)
    return done


def _tell(session: Session, workspace: Workspace, version: ScoringVersion, now: datetime) -> None:
    """Have the manager's message show how far it has come, and marketing a list of who became ready by it."""
    manager = members.get_member(session, workspace.id, version.member_id)
    if manager is not None and manager.roles:
        deliveries.want(session, workspace.id, DeliveryKind.SCORES_CHANGED, version.id, manager.slack_id, now)
    if version.finished_at and Effect.RIPENS in version.effect and workspace.marketing_channel_slack_id:
        deliveries.want(session, workspace.id, DeliveryKind.SCORES_CHANGED, version.id,
                        workspace.marketing_channel_slack_id, now, about="marketing")  # fmt: skip


def count_waiting(session: Session, workspace_id: int) -> int:
    """Count the leads that do not follow the newest rules yet."""
    newest = select(ScoringVersion).where(col(ScoringVersion.workspace_id) == workspace_id)
    version = session.scalars(newest.order_by(col(ScoringVersion.number).desc()).limit(1)).first()
    if version is None or version.finished_at is not None:
        return 0
    waiting = select(func.count()).where(col(Lead.workspace_id) == workspace_id, col(Lead.id) > version.cursor)
    return session.scalar(waiting) or 0
