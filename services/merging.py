"""Two leads become one, and can become two again. docs/matching.md says what survives.

Everything that hangs on the lead that goes moves to the one that stays; a row of `lead_merge` keeps both as they were.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, func, or_, select, update
from sqlalchemy.orm.attributes import set_committed_value
from sqlmodel import Session, SQLModel, col

from models.consent import ConsentRecord
from models.delivery import Mention
from models.errors import MergeError, MergeProblem
from models.facts import MergePreview
from models.handoff import Handoff, HandoffState
from models.import_fill import ImportFill
from models.lead import CONTACT_FIELDS, THE_SEVEN, Consent, Lead, LeadKind, Outcome, Source, Stage
from models.lead_merge import LeadMerge
from models.match_suggestion import MatchSuggestion, Subject, SuggestionState
from models.member import Actor, Right
from models.records import Change, ChangeKind
from models.touchpoint import Touchpoint
from models.workspace import Workspace
from services import handoffs, members, scoring
from services.chances import forget_chances
from services.hotness import move_heat
from services.lead_edits import FOLLOW_UP_FIELDS, derive_fields
from services.lead_stages import plan_dormancy
from services.leads import lock_lead
from services.merged_leads import forget_suggestions
from services.records import record_change
from services.search import index_lead
from services.statements import insert
from services.suggestions import remember_not_same
from services.touchpoints import add_weight
from services.workspaces import get_workspace

MOVED: tuple[tuple[type[SQLModel], str], ...] = (
    (Touchpoint, "lead_id"),
    (Handoff, "lead_id"),
    (Change, "lead_id"),
    (ConsentRecord, "lead_id"),
    (LeadMerge, "into_id"),
    (ImportFill, "lead_id"),
)
"""Every table whose rows hang on a lead, and the column that says on which."""

FIELDS = (*CONTACT_FIELDS, "external_id", *THE_SEVEN)
"""What people type of a lead: the one that stays keeps its own, and takes what it lacks."""

_CHUNK = 500
"""Ids in one statement."""
_STANDING = ("stage", "stage_at", "outcome", "closed_note", "is_recycled", "returned_at", "owner_id", "marketer_id")
_RANK = {Stage.CLOSED: 0, Stage.INQUIRY: 1, Stage.MQL: 2, Stage.SQL: 3}
_STRICTER = (Consent.YES, Consent.UNKNOWN, Consent.NO)
"""The later, the stricter: an opt-out always survives."""


def stricter(one: Consent, other: Consent) -> Consent:
    """Return the consent that holds for a person of whom both are known."""
    return max(one, other, key=_STRICTER.index)


def preview_merge(session: Session, actor: Actor, stays: Lead, goes: Lead) -> MergePreview:
    """Say what would become of two leads, and change nothing.

    Raises:
        NotAllowedError: the actor may not merge.
        MergeError: they cannot become one.
    """
    members.require(session, actor, Right.MERGE)
    _require_mergeable(session, stays, goes)
    filled = tuple(_filled_from(stays, goes))
    differing = tuple(
        name for name in FIELDS if name not in filled and getattr(goes, name) and _differs(name, stays, goes)
    )
    return MergePreview(
        stays=stays,
        goes=goes,
        filled=filled,
        differing=differing,
        touchpoint_count=_count_touchpoints(session, goes),
        consent=stricter(stays.consent, goes.consent),
        withdraws_offer=_offer_to_withdraw(session, stays, goes) is not None,
    )


def _count_touchpoints(session: Session, lead: Lead) -> int:
    query = select(func.count()).select_from(Touchpoint).where(*hanging(Touchpoint, "lead_id", lead))
    return session.scalar(query) or 0


def _differs(name: str, stays: Lead, goes: Lead) -> bool:
    return getattr(stays, name) != getattr(goes, name) and not (name == "source" and goes.source is Source.OTHER)


def _filled_from(stays: Lead, goes: Lead) -> list[str]:
    """Return the fields that the one lacks and the other has."""
    lacks = {name: not getattr(stays, name) or (name == "source" and stays.source is Source.OTHER) for name in FIELDS}
    return [name for name in FIELDS if lacks[name] and getattr(goes, name) and _differs(name, stays, goes)]


def _require_mergeable(session: Session, stays: Lead, goes: Lead) -> None:
    """Let two leads pass that can become one.

    Raises:
        MergeError: they are one; one was won, a deal of its own; or two salespeople have one each.
    """
    if stays.id == goes.id:
        raise MergeError(MergeProblem.SAME_LEAD, stays)
    for lead in (stays, goes):
        if lead.outcome is Outcome.WON:
            raise MergeError(MergeProblem.WON, lead)
    ids = [lead.owner_id for lead in (stays, goes) if lead.stage is Stage.SQL]
    if len(set(ids)) > 1:
        owners = [members.get_member(session, stays.workspace_id, owner_id) for owner_id in ids]
        raise MergeError(MergeProblem.TWO_OWNERS, goes, [owner for owner in owners if owner])


def merge_leads(session: Session, actor: Actor, stays_id: int, goes_id: int, now: datetime) -> LeadMerge:
    """Make two leads one: the first stays, with all that hangs on the second.

    Raises:
        NotAllowedError: the actor may not merge.
        LeadNotFoundError: one of them is no more.
        MergeError: they cannot become one.
    """
    members.require(session, actor, Right.MERGE)
    workspace = get_workspace(session, actor.workspace_id)
    # In the order of their ids, whoever stays: two merges at once must not wait for each other.
    locked = {lead_id: lock_lead(session, workspace.id, lead_id) for lead_id in sorted({stays_id, goes_id})}
    stays, goes = locked[stays_id], locked[goes_id]
    _require_mergeable(session, stays, goes)
    before = _before(session, stays, goes)
    if offer := _offer_to_withdraw(session, stays, goes):
        handoffs.close_offer(session, locked[handoffs.lead_id_of(offer)], actor, now)
    before["moved"] = _move(session, goes, stays)
    before["mentions"] = _move_mentions(session, goes, stays)
    forget_chances(session, workspace.id, [goes.id])
    _remember_pairs(session, actor, stays, goes, now)
    index_lead(session, workspace.id, goes.id, new="", old=goes.search_text)
    _delete(session, goes)
    _join(session, stays, goes, workspace, now)
    merge = _store(session, actor, stays, goes, before, now)
    refresh_cards(session, stays)
    return merge


def _before(session: Session, stays: Lead, goes: Lead) -> dict[str, Any]:
    """Return everything of the two that the merge changes, as JSON can hold it."""
    return {
        "stays": stays.model_dump(mode="json"),
        "goes": goes.model_dump(mode="json"),
        "offers": [offer.model_dump(mode="json") for lead in (stays, goes) if (offer := _open_offer(session, lead))],
        "pairs": [pair.model_dump(mode="json") for pair in _pairs(session, stays, goes)],
    }


def _open_offer(session: Session, lead: Lead) -> Handoff | None:
    query = select(Handoff).where(*hanging(Handoff, "lead_id", lead), col(Handoff.state) == HandoffState.OFFERED)
    return session.scalars(query).first()


def _offer_to_withdraw(session: Session, stays: Lead, goes: Lead) -> Handoff | None:
    """Return the open offer that cannot stand beside the other lead: sales has that one, or it is offered too."""
    kept, joined = _open_offer(session, stays), _open_offer(session, goes)
    if joined is not None and (kept is not None or stays.stage is Stage.SQL):
        return joined
    return kept if goes.stage is Stage.SQL else None


def _pairs(session: Session, *leads: Lead) -> Sequence[MatchSuggestion]:
    ids = [lead.id for lead in leads]
    query = select(MatchSuggestion).where(
        col(MatchSuggestion.workspace_id) == leads[0].workspace_id,
        col(MatchSuggestion.subject) == Subject.LEAD,
        or_(col(MatchSuggestion.first_id).in_(ids), col(MatchSuggestion.second_id).in_(ids)),
    )
    return session.scalars(query.order_by(col(MatchSuggestion.id))).all()


def hanging(table: type[SQLModel], column: str, lead: Lead) -> tuple[ColumnElement[bool], ...]:
    """Build the condition that a row hangs on the lead."""
    columns: Any = table.__table__.c  # type: ignore[attr-defined]
    return columns.workspace_id == lead.workspace_id, columns[column] == lead.id


def _move(session: Session, goes: Lead, stays: Lead) -> dict[str, list[int]]:
    """Hang everything of one lead on the other, and return the ids of what was moved, by table."""
    session.flush()
    moved = {}
    for table, column in MOVED:
        columns: Any = table.__table__.c  # type: ignore[attr-defined]
        ids = sorted(session.scalars(select(columns.id).where(*hanging(table, column, goes))))
        repoint(session, table, column, ids, stays)
        moved[columns.id.table.name] = ids
    return moved


def _move_mentions(session: Session, goes: Lead, stays: Lead) -> list[int]:
    """Let the messages that name one lead be known to name the other, and return their ids."""
    mine = (col(Mention.workspace_id) == goes.workspace_id, col(Mention.lead_id) == goes.id)
    ids = sorted(session.scalars(select(col(Mention.delivery_id)).where(*mine)))
    mention(session, stays, ids)
    session.execute(delete(Mention).where(*mine).execution_options(synchronize_session=False))
    return ids


def mention(session: Session, lead: Lead, delivery_ids: Sequence[int]) -> None:
    """Note that the messages of these ids name a lead."""
    rows = [{"workspace_id": lead.workspace_id, "lead_id": lead.id, "delivery_id": each} for each in delivery_ids]
    if rows:
        session.execute(insert(session, Mention).on_conflict_do_nothing(), rows)


def repoint(session: Session, table: type[SQLModel], column: str, ids: Sequence[int], lead: Lead) -> None:
    """Hang the rows of these ids on a lead, those that the session holds too."""
    columns: Any = table.__table__.c  # type: ignore[attr-defined]
    for start in range(0, len(ids), _CHUNK):
        which = (columns.workspace_id == lead.workspace_id, columns.id.in_(ids[start : start + _CHUNK]))
        statement = update(table).where(*which).values({column: lead.id})
        session.execute(statement.execution_options(synchronize_session=False))
    held = set(ids)
    for row in session.identity_map.values():
        if isinstance(row, table) and row.id in held:  # type: ignore[attr-defined]
            set_committed_value(row, column, lead.id)


def _remember_pairs(session: Session, actor: Actor, stays: Lead, goes: Lead, now: datetime) -> None:
    """Let what was said of the lead that goes be said of the other; its open pairs are found anew."""
    known = [pair for pair in _pairs(session, goes) if pair.state is SuggestionState.NOT_SAME]
    others = {pair.second_id if pair.first_id == goes.id else pair.first_id for pair in known} - {stays.id}
    forget_suggestions(session, stays.workspace_id, [goes.id])
    remember_not_same(session, actor, stays.id, sorted(others), now)


def _delete(session: Session, lead: Lead) -> None:
    session.expunge(lead)
    gone = delete(Lead).where(col(Lead.workspace_id) == lead.workspace_id, col(Lead.id) == lead.id)
    session.execute(gone.execution_options(synchronize_session=False))


def _join(session: Session, stays: Lead, goes: Lead, workspace: Workspace, now: datetime) -> None:
    """Give the lead that stays what it takes from the other, and compute anew what follows from both."""
    for name in _filled_from(stays, goes):
        setattr(stays, name, getattr(goes, name))
    if _RANK[goes.stage] > _RANK[stays.stage]:
        for name in _STANDING:
            setattr(stays, name, getattr(goes, name))
    _join_times(stays, goes)
    consent = stricter(stays.consent, goes.consent)
    if consent is not stays.consent:
        stays.consent, stays.consent_at = consent, goes.consent_at
    stays.extra = {**goes.extra, **stays.extra}
    if LeadKind.CUSTOMER in {stays.kind, goes.kind}:
        stays.kind = LeadKind.CUSTOMER
    stays.mark = stays.mark or goes.mark
    stays.manual_points += goes.manual_points
    stays.match_due_at = now
    derive_fields(session, stays, workspace, now)
    plan_dormancy(stays, workspace, now)
    rescore(session, stays, workspace, now)
    stays.updated_at, stays.rev = now, max(stays.rev, goes.rev) + 1
    session.add(stays)
    session.flush()


def _join_times(stays: Lead, goes: Lead) -> None:
    stays.created_at = min(stays.created_at, goes.created_at)
    stays.last_touch_at = max(filter(None, (stays.last_touch_at, goes.last_touch_at)), default=None)
    stays.hot_alerted_at = max(filter(None, (stays.hot_alerted_at, goes.hot_alerted_at)), default=None)
    if stays.dormant_since is None or goes.dormant_since is None:
        stays.dormant_since = None
    if stays.follow_up_due_at is None:
        for name in FOLLOW_UP_FIELDS:
            setattr(stays, name, getattr(goes, name))


def rescore(session: Session, lead: Lead, workspace: Workspace, now: datetime) -> None:
    """Compute the score anew by the rules in force, from the touchpoints in the order of their ids: the sum is always the same."""
    rules, lead.rules_version = scoring.rules_of(workspace), scoring.version_of(workspace)
    lead.fit_points = scoring.fit_points(lead, lead.role, rules)
    for column in scoring.SUM_COLUMNS.values():
        setattr(lead, column, 0.0)
    query = select(Touchpoint).where(*hanging(Touchpoint, "lead_id", lead))
    for touchpoint in session.scalars(query.order_by(col(Touchpoint.id)).execution_options(yield_per=500)):
        add_weight(lead, touchpoint, rules, sign=1)
    move_heat(lead, workspace, now)


def _store(session: Session, actor: Actor, stays: Lead, goes: Lead, before: dict[str, Any], now: datetime) -> LeadMerge:
    merge = LeadMerge(
        workspace_id=stays.workspace_id,
        into_id=stays.id,
        lead_id=goes.id,
        number=goes.number,
        email_key=goes.email_key if goes.email_key != stays.email_key else None,
        external_id=goes.external_id if goes.external_id != stays.external_id else None,
        before=before,
        member_id=actor.member_id,
        at=now,
    )
    session.add(merge)
    session.flush()
    record_change(session, stays, ChangeKind.MERGED, actor.member_id, now, subject_id=merge.id)
    return merge


def refresh_cards(session: Session, lead: Lead) -> None:
    """Have the cards of the lead show who it is now."""
    for handoff in session.scalars(select(Handoff).where(*hanging(Handoff, "lead_id", lead))):
        handoffs.refresh_messages(session, handoff)
