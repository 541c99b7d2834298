"""Claims by reaction: ✋ or 🙋 on a handoff's card."""

import re
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlmodel import Session, col

from models.delivery import Delivery, DeliveryKind
from models.errors import AlreadyClaimedError, LeadError
from models.handoff import Handoff, HandoffState
from models.member import Actor, Member
from models.records import ChangeKind
from services import deliveries, handoffs
from services.records import was_done

# Every skin tone and gendered form: raised_hand::skin-tone-3, man-raising-hand, woman-raising-hand.
_CLAIMING = re.compile(r"(raised_hand|hand|raising_hand|(?:man|woman)-raising-hand)(::skin-tone-[2-6])?")


def is_claiming(name: str) -> bool:
    """Tell whether a reaction of this name claims the card it is put on."""
    return _CLAIMING.fullmatch(name) is not None


def claim_by_reaction(session: Session, actor: Actor, card: Delivery, now: datetime) -> bool:
    """Claim the card's handoff for whoever reacted and have them told privately how it went; tell whether they won."""
    try:
        handoffs.claim_handoff(session, actor, card.subject_id, now)
        won = True
    except AlreadyClaimedError as error:
        # A hand on the card that is theirs already: there is nothing to say.
        if error.by_actor:
            return False
        won = False
    except LeadError:
        won = False
    deliveries.want(session, actor.workspace_id, DeliveryKind.CLAIM_ANSWER, card.subject_id, card.channel_slack_id, now,
                    about=actor.slack_id, only_to=actor.slack_id)  # fmt: skip
    return won


def was_heard(session: Session, card: Delivery, member: Member) -> bool:
    """Tell whether a hand of theirs on the card counts no more: it was answered, or they have had the lead already.

    Whoever put a claim back has not claimed again, though the hand is still there.
    """
    return deliveries.was_wanted(
        session, card.workspace_id, DeliveryKind.CLAIM_ANSWER, card.subject_id, member.slack_id
    ) or was_done(session, member, (ChangeKind.CLAIMED, ChangeKind.RELEASED), card.subject_id)


def open_cards(session: Session, workspace_id: int) -> Sequence[Delivery]:
    """Return the posted cards whose handoff still waits: a reaction made while Baton was down may claim them."""
    query = (
        select(Delivery)
        .join(
            Handoff,
            (col(Handoff.workspace_id) == col(Delivery.workspace_id)) & (col(Handoff.id) == col(Delivery.subject_id)),
        )
        .where(
            col(Delivery.workspace_id) == workspace_id,
            col(Delivery.kind) == DeliveryKind.HANDOFF_CARD,
            col(Delivery.slack_ts).is_not(None),
            col(Handoff.state) == HandoffState.OFFERED,
        )
    )
    return session.scalars(query.order_by(col(Delivery.id))).all()
