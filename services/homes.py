"""What somebody's Home tab shows."""

from datetime import datetime

from sqlmodel import Session

from models.facts import Digest, LeadList, ListName
from models.member import Member
from services import digests, lists


def home_of(session: Session, member: Member, now: datetime) -> tuple[Digest, LeadList]:
    """Gather a member's day and their leads."""
    actor = member.as_actor()
    digest = digests.digest_of(session, member, now.astimezone(actor.zone).date(), now, is_late=False)
    return digest, lists.list_leads(session, actor, ListName.MINE, now)
