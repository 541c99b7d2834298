"""What the card of a handoff, its notes and the answers to a claim have in common."""

from datetime import date

from models.facts import HandoffFacts
from models.handoff import Handoff, ReturnReason
from models.lead import Lead
from models.member import Member
from views.blocks import (
    Block,
    button,
    escape,
)
from views.labels import REASONS
from views.lead_card import CLAIM
from views.lead_parts import (
    headline,
)
from views.words import Reader

RETURN_FORM = "handoff.return_form"
ASSIGN_FORM = "lead.assign_form"
FOLLOW_UP_ON = "followup.on"
MENTIONED_MAX = 20


def who_of(lead: Lead, reader: Reader) -> str:
    """Name a lead in mrkdwn."""
    return escape(headline(lead, reader), 250)


def mention_of(member: Member) -> str:
    """Mention a member, if Slack knows them."""
    return f"<@{member.slack_id}>" if member.slack_id.isalnum() else escape(member.name, 50)


def reason_of(handoff: Handoff, reader: Reader) -> str:
    """Name why a lead came back."""
    return reader.t(REASONS[handoff.reason or ReturnReason.OTHER])


def return_day(handoff: Handoff, reader: Reader) -> date:
    """Return the day on which it came back."""
    return reader.today(handoff.returned_at or handoff.offered_at)


def claim_button(facts: HandoffFacts, reader: Reader) -> Block:
    """Build the one button that claims."""
    label = facts.lead.label
    spoken = reader.t("Claim {label}", label=label)
    return button(CLAIM, reader.t("Claim"), str(facts.handoff.id), primary=True, spoken=spoken)
