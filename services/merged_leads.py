"""Where a lead is found that went into another, and what is remembered of pairs of leads."""

from collections.abc import Collection

from sqlalchemy import delete, or_, select
from sqlmodel import Session, col

from models.lead_merge import LeadMerge
from models.match_suggestion import MatchSuggestion, Subject


def lead_merged_away(
    session: Session,
    workspace_id: int,
    *,
    number: int | None = None,
    email: str | None = None,
    external_id: str | None = None,
) -> int | None:
    """Return the id of the lead into which the one of this number, folded address or external id went; None for none."""
    signs = ((LeadMerge.number, number), (LeadMerge.email_key, email), (LeadMerge.external_id, external_id))
    given = [col(column) == sign for column, sign in signs if sign is not None]
    if not given:
        return None
    query = select(col(LeadMerge.into_id)).where(
        col(LeadMerge.workspace_id) == workspace_id, *given, col(LeadMerge.undone_at).is_(None)
    )
    return session.scalars(query.order_by(col(LeadMerge.id).desc()).limit(1)).first()


def forget_suggestions(
    session: Session, workspace_id: int, subject_ids: Collection[int], subject: Subject = Subject.LEAD
) -> None:
    """Delete every pair that one of the leads (or companies) is in: they are no more."""
    session.execute(
        delete(MatchSuggestion)
        .where(
            col(MatchSuggestion.workspace_id) == workspace_id,
            col(MatchSuggestion.subject) == subject,
            or_(col(MatchSuggestion.first_id).in_(subject_ids), col(MatchSuggestion.second_id).in_(subject_ids)),
        )
        .execution_options(synchronize_session=False)
    )
