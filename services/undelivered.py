"""Which messages did not arrive, and which leads somebody now hears nothing of."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlmodel import Session, col

from models.delivery import Delivery, DeliveryKind
from models.facts import Undelivered
from models.handoff import Handoff
from models.lead import Lead
from services import deliveries

_ABOUT_A_HANDOFF = frozenset(
    {
        DeliveryKind.HANDOFF_CARD,
        DeliveryKind.HANDOFF_REMINDER,
        DeliveryKind.HANDOFF_ESCALATION,
        DeliveryKind.RETURN_NOTE,
        DeliveryKind.CLAIM_ANSWER,
        DeliveryKind.ASSIGNED_NOTE,
    }
)

_ABOUT_A_LEAD = frozenset({DeliveryKind.HOT_ALERT, DeliveryKind.REAWAKENED})


def list_undelivered(session: Session, workspace_id: int) -> list[Undelivered]:
    """Return everything that waits, is refused or unknown, the oldest first."""
    return with_leads(session, workspace_id, deliveries.undelivered(session, workspace_id))


def list_stuck(session: Session, workspace_id: int, since: datetime) -> list[Undelivered]:
    """Return what a manager has to look at, from `since` on."""
    return with_leads(session, workspace_id, deliveries.stuck(session, workspace_id, since))


def with_leads(session: Session, workspace_id: int, found: Sequence[Delivery]) -> list[Undelivered]:
    """Put to each message the lead that it is about; a digest, or a lead that is gone, has none."""
    handoff_ids = {delivery.subject_id for delivery in found if delivery.kind in _ABOUT_A_HANDOFF}
    offered = select(col(Handoff.id), col(Handoff.lead_id)).where(
        col(Handoff.workspace_id) == workspace_id, col(Handoff.id).in_(handoff_ids), col(Handoff.lead_id).is_not(None)
    )
    lead_ids = {row.id: row.lead_id for row in session.execute(offered)} if handoff_ids else {}
    lead_ids |= {d.subject_id: d.subject_id for d in found if d.kind in _ABOUT_A_LEAD}
    leads = _leads(session, workspace_id, lead_ids.values())
    return [Undelivered(delivery, leads.get(lead_ids.get(delivery.subject_id, 0))) for delivery in found]


def _leads(session: Session, workspace_id: int, ids: Iterable[int]) -> dict[int, Lead]:
    query = select(Lead).where(col(Lead.workspace_id) == workspace_id, col(Lead.id).in_(set(ids)))
    return {lead.id: lead for lead in session.scalars(query)}
