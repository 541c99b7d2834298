"""Campaigns and what they cost."""

from datetime import datetime

from sqlalchemy import select
from sqlmodel import Session, col

from models.campaign import Campaign
from services.identity import fold
from services.statements import insert


def note_cost(session: Session, workspace_id: int, name: str, cost: int | None, now: datetime) -> None:
    """Remember a campaign, and what it cost where somebody says so: the last word holds."""
    row = Campaign(workspace_id=workspace_id, name=name, name_key=fold(name), cost=cost, created_at=now)
    statement = insert(session, Campaign)
    known = ["workspace_id", "name_key"]
    again = (
        statement.on_conflict_do_nothing(index_elements=known)
        if cost is None
        else statement.on_conflict_do_update(index_elements=known, set_={"cost": cost})
    )
    session.execute(again, row.model_dump())


def cost_of(session: Session, workspace_id: int, name: str) -> int | None:
    """Return what a campaign cost; None when nobody has said."""
    query = select(col(Campaign.cost)).where(
        col(Campaign.workspace_id) == workspace_id, col(Campaign.name_key) == fold(name)
    )
    return session.scalars(query).first() if name else None
