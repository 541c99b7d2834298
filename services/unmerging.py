"""Two leads again of one: a merge taken back as a whole."""

from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlmodel import Session, col

from models.errors import LeadNotFoundError, MergeError, MergeProblem, UndoHangsError
from models.handoff import Handoff
from models.lead import Lead
from models.lead_merge import UNDO_DAYS, LeadMerge
from models.match_suggestion import MatchSuggestion
from models.member import Actor, Right
from models.records import Change, ChangeKind
from services import members, scoring
from services.leads import lock_lead
from services.merged_leads import forget_suggestions
from services.merging import MOVED, hanging, mention, refresh_cards, repoint, rescore
from services.records import record_change, restore, revive
from services.search import index_lead
from services.statements import insert
from services.workspaces import get_workspace


def get_merge(session: Session, workspace_id: int, merge_id: int) -> LeadMerge:
    """Return the merge of this id that stands.

    Raises:
        LeadNotFoundError: there is none.
    """
    merge = session.get(LeadMerge, (workspace_id, merge_id))
    if merge is None or merge.undone_at is not None:
        raise LeadNotFoundError(str(merge_id))
    return merge


def last_merge(session: Session, lead: Lead, number: int | None = None) -> LeadMerge | None:
    """Return the last merge into the lead that stands; with `number` that of the lead of this number."""
    query = select(LeadMerge).where(*hanging(LeadMerge, "into_id", lead), col(LeadMerge.undone_at).is_(None))
    if number is not None:
        query = query.where(col(LeadMerge.number) == number)
    return session.scalars(query.order_by(col(LeadMerge.id).desc()).limit(1)).first()


def undo_merge(session: Session, actor: Actor, merge_id: int, now: datetime) -> tuple[Lead, Lead]:
    """Make two leads again of one, as they were before, and return them: the one that stayed first.

    Raises:
        NotAllowedError: the actor may not merge.
        LeadNotFoundError: there is no such merge, or it was undone.
        MergeError: it is too long ago.
        UndoHangsError: something was done to the lead since.
    """
    members.require(session, actor, Right.MERGE)
    stays = lock_lead(session, actor.workspace_id, get_merge(session, actor.workspace_id, merge_id).into_id)
    # Again, now that nobody else can undo it.
    merge = get_merge(session, actor.workspace_id, merge_id)
    if now - merge.at > timedelta(days=UNDO_DAYS):
        raise MergeError(MergeProblem.TOO_LATE, stays, days=UNDO_DAYS)
    if _hangs_on(session, merge):
        raise UndoHangsError(stays)
    forget_suggestions(session, stays.workspace_id, [stays.id])
    old_text = stays.search_text
    restore(stays, merge.before["stays"])
    index_lead(session, stays.workspace_id, stays.id, new=stays.search_text, old=old_text)
    stays.updated_at, stays.rev = now, stays.rev + 1
    session.add(stays)
    session.flush()
    goes = _bring_back(session, merge)
    # What the two were is theirs again; a copy here would outlive them.
    merge.undone_at, merge.before = now, {}
    session.add(merge)
    session.execute(
        update(Change)
        .where(*hanging(Change, "lead_id", stays), col(Change.subject_id) == merge.id)
        .values(undone_at=now)
    )
    record_change(session, stays, ChangeKind.UNDONE, actor.member_id, now, subject_id=merge.id)
    workspace = get_workspace(session, actor.workspace_id)
    for lead in (stays, goes):
        # The rules may be others by now.
        if lead.rules_version != scoring.version_of(workspace):
            rescore(session, lead, workspace, now)
        refresh_cards(session, lead)
    return stays, goes


def _hangs_on(session: Session, merge: LeadMerge) -> bool:
    """Tell whether somebody changed the lead since; what time did to it does not count."""
    merged = select(col(Change.id)).where(
        col(Change.workspace_id) == merge.workspace_id,
        col(Change.lead_id) == merge.into_id,
        col(Change.kind) == ChangeKind.MERGED,
        col(Change.subject_id) == merge.id,
    )
    later = select(col(Change.id)).where(
        col(Change.workspace_id) == merge.workspace_id,
        col(Change.lead_id) == merge.into_id,
        col(Change.id) > merged.scalar_subquery(),
        col(Change.undone_at).is_(None),
        col(Change.kind).not_in([ChangeKind.UNDONE, ChangeKind.HOT, ChangeKind.COOLED, ChangeKind.DORMANT]),
    )
    return session.scalars(later.limit(1)).first() is not None


def _bring_back(session: Session, merge: LeadMerge) -> Lead:
    """Store the lead that had gone again, with what hung on it."""
    values = revive(Lead, merge.before["goes"])
    session.execute(insert(session, Lead), values)
    goes = session.get_one(Lead, (merge.workspace_id, merge.lead_id))
    index_lead(session, merge.workspace_id, goes.id, new=goes.search_text)
    for table, column in MOVED:
        ids = merge.before["moved"].get(table.__table__.name, [])  # type: ignore[attr-defined]
        repoint(session, table, column, ids, goes)
    mention(session, goes, merge.before["mentions"])
    for offer in merge.before["offers"]:
        values = revive(Handoff, offer)
        handoff = session.get_one(Handoff, (merge.workspace_id, values["id"]))
        for name, value in values.items():
            setattr(handoff, name, value)
        session.add(handoff)
    session.flush()
    if merge.before["pairs"]:
        pairs = [revive(MatchSuggestion, pair) for pair in merge.before["pairs"]]
        session.execute(insert(session, MatchSuggestion).on_conflict_do_nothing(), pairs)
    return goes
