"""Scoring rules in people's hands: the one in force, its versions, and what a change would do."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlmodel import Session, col

from models.delivery import DeliveryKind
from models.errors import InputError, Problem
from models.facts import Moved, RulePreview, RulesChanged, RuleVersion
from models.lead import Lead
from models.member import Actor, Right
from models.scoring import (
    DEFAULT_RULES,
    BadSign,
    CapGroup,
    Effect,
    Grades,
    ScoringRules,
    rules_from_json,
    rules_to_json,
)
from models.scoring_version import ScoringVersion
from models.workspace import Workspace
from services import deliveries, members, rescoring, scoring

POINTS_MAX = 500
HALF_LIFE_MAX = 1000
HALF_LIFE_MIN = 7
"""Days; with less, the stored sums would outgrow a float within the life of an installation (7 days: in 2043)."""
NOTE_MAX = 200
FIELD_RULES_MAX = 40
VERSIONS_SHOWN = 20


def current_rules(session: Session, workspace: Workspace) -> ScoringRules:  # noqa: ARG001  The row knows them.
    """Return the rules in force."""
    return scoring.rules_of(workspace)


def check_rules(rules: ScoringRules) -> None:
    """Let rules pass that make sense.

    Raises:
        InputError: a number is out of its range; `field` names it as the form does.
    """
    for kind, rule in rules.engagement.items():
        _check(f"inbound_{kind}", rule.inbound, 0, POINTS_MAX)
        _check(f"outbound_{kind}", rule.outbound, 0, POINTS_MAX)
    for half_life, days in rules.half_life_days.items():
        _check(f"days_{half_life}", days, HALF_LIFE_MIN, HALF_LIFE_MAX)
    for reason, points in rules.fit.items():
        _check(f"fit_{reason}", points, -POINTS_MAX, POINTS_MAX)
    for source, points in rules.source_fit.items():
        _check(f"source_{source}", points, -POINTS_MAX, POINTS_MAX)
    for sign in BadSign:
        _check(f"sign_{sign}", rules.bad_signs.get(sign, 0), -POINTS_MAX, 0)
    for group in CapGroup:
        _check(f"cap_{group}", rules.caps.get(group, 0), 0, 10 * POINTS_MAX)
    for wanted in rules.field_fit:
        _check("fields", wanted.points, -POINTS_MAX, POINTS_MAX)
    if len(rules.field_fit) > FIELD_RULES_MAX:
        raise InputError(Problem.NOT_A_NUMBER, "fields", str(len(rules.field_fit)), limit=FIELD_RULES_MAX)
    _check_grades(rules.grades)


def _check(field: str, value: float, low: float, high: float) -> None:
    if not low <= value <= high:
        raise InputError(Problem.NOT_A_NUMBER, field, f"{value:g}", limit=int(high))


def _check_grades(grades: Grades | None) -> None:
    for field, bounds in (("grade_fit", grades.fit), ("grade_engagement", grades.engagement)) if grades else ():
        if not bounds[0] > bounds[1] > bounds[2]:
            raise InputError(Problem.BOUNDS_ORDER, field, ", ".join(f"{bound:g}" for bound in bounds))


def save_rules(session: Session, actor: Actor, rules: ScoringRules, note: str, now: datetime) -> ScoringVersion:
    """Put new rules in force. The scores follow them by the job `scores`, a batch of leads at a time.

    Raises:
        NotAllowedError: the actor is no manager.
        InputError: a number is out of its range, or the note is too long.
    """
    members.require(session, actor, Right.SETUP)
    if len(note) > NOTE_MAX:
        raise InputError(Problem.TOO_LONG, "note", note, limit=NOTE_MAX)
    check_rules(rules)
    return _put_in_force(session, actor, rules, note, None, now)


def restore_version(session: Session, actor: Actor, number: int, now: datetime) -> ScoringVersion:
    """Put the rules of an earlier version in force, as a new version; 0 are the rules that Baton comes with.

    Raises:
        NotAllowedError: the actor is no manager.
        InputError: there is no such version.
    """
    members.require(session, actor, Right.SETUP)
    rules = rules_of_version(session, actor.workspace_id, number)
    return _put_in_force(session, actor, rules, "", number, now)


def rules_of_version(session: Session, workspace_id: int, number: int) -> ScoringRules:
    """Return the rules of a version; 0 are the rules that Baton comes with.

    Raises:
        InputError: there is no such version.
    """
    if number == 0:
        return DEFAULT_RULES
    found = session.scalars(_versions(workspace_id).where(col(ScoringVersion.number) == number)).first()
    if found is None:
        raise InputError(Problem.UNKNOWN_CHOICE, "version", str(number))
    return rules_from_json(found.rules)


def _put_in_force(
    session: Session, actor: Actor, rules: ScoringRules, note: str, restored_from: int | None, now: datetime
) -> ScoringVersion:
    workspace = session.get_one(Workspace, actor.workspace_id, with_for_update=True)
    last = newest_version(session, workspace.id)
    number = (last.number if last else 0) + 1
    held = rules_to_json(rules)
    # Leads whose turn had not come yet follow an older version still.
    in_use = dict(workspace.scoring or {}) if last and last.finished_at is None else _only_newest(workspace)
    workspace.scoring = {**in_use, str(number): held}
    if last and last.finished_at is None:
        last.finished_at, last.is_replaced = now, True
        session.add(last)
        deliveries.refresh(session, workspace.id, DeliveryKind.SCORES_CHANGED, last.id)
    total = session.scalar(select(func.count()).where(col(Lead.workspace_id) == workspace.id)) or 0
    version = ScoringVersion(workspace_id=workspace.id, number=number, rules=held, member_id=actor.member_id, note=note,
                             restored_from=restored_from, at=now, total=total)  # fmt: skip
    session.add_all([workspace, version])
    session.flush()
    return version


def _only_newest(workspace: Workspace) -> dict[str, object]:
    number = scoring.version_of(workspace)
    return {str(number): (workspace.scoring or {})[str(number)]} if number else {}


def preview(session: Session, workspace: Workspace, rules: ScoringRules, now: datetime) -> RulePreview:
    """Say which leads the rules would move over a threshold, as they are now.

    Raises:
        InputError: a number is out of its range.
    """
    check_rules(rules)
    return rescoring.preview(session, workspace, rules, now)


def newest_version(session: Session, workspace_id: int) -> ScoringVersion | None:
    """Return the version in force; None for the rules that Baton comes with."""
    return session.scalars(_versions(workspace_id).limit(1)).first()


def version_facts(session: Session, workspace_id: int) -> list[RuleVersion]:
    """Return the last versions, the newest first, with who put them in force and the rules before them."""
    found = versions(session, workspace_id)
    rules = [rules_from_json(version.rules) for version in found]
    older = found[-1].number - 1 if found else 0
    return [
        RuleVersion(version, mine, before, members.get_member(session, workspace_id, version.member_id))
        for version, mine, before in zip(
            found, rules, [*rules[1:], rules_of_version(session, workspace_id, older)], strict=False
        )
    ]


def rules_changed(session: Session, workspace: Workspace, version_id: int) -> RulesChanged:
    """Gather how far the scores follow a version of the rules, and whom it moved so far."""
    version = session.get_one(ScoringVersion, (workspace.id, version_id))
    moved = {
        Effect(effect): Moved(group["count"], rescoring.named(session, workspace.id, group["first"]))
        for effect, group in version.effect.items()
    }
    by = members.get_member(session, workspace.id, version.member_id)
    return RulesChanged(version, by, moved, workspace.mql_threshold, workspace.hot_threshold)


def versions(session: Session, workspace_id: int) -> Sequence[ScoringVersion]:
    """Return the last versions, the newest first."""
    return session.scalars(_versions(workspace_id).limit(VERSIONS_SHOWN)).all()


def _versions(workspace_id: int) -> Select[Any]:
    query = select(ScoringVersion).where(col(ScoringVersion.workspace_id) == workspace_id)
    return query.order_by(col(ScoringVersion.number).desc())
