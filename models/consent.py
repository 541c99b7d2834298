"""What somebody agreed to, and took back: the evidence behind a lead's `consent`."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, ForeignKeyConstraint, Index
from sqlmodel import Field

from models.base import COMPACT, Choice, Row, UTCDateTime, one_of
from models.lead import Consent


class ConsentBasis(StrEnum):
    """Why an address may be written to.

    `CONSENT`: they said so. The others are what GDPR article 6 and Japan's law on regulated e-mail (特定電子メール法)
    allow without: a contract, a legitimate interest, a business card handed over, an address that a company publishes.
    """

    CONSENT = "consent"
    CONTRACT = "contract"
    LEGITIMATE_INTEREST = "legitimate_interest"
    CARD = "card"
    PUBLISHED = "published"


CONSENT_MAX = {"purpose": 200, "origin": 200, "notice": 50}
"""Characters of what is typed about a consent."""

STRICTNESS: dict[Consent, int] = {Consent.YES: 0, Consent.UNKNOWN: 1, Consent.NO: 2}
"""Of two answers the stricter counts: an opt-out survives whatever happens to the lead."""


class ConsentRecord(Row, table=True):
    """One row is one answer of a lead's to "may we e-mail you?". Rows are only added; the last is in force.

    `given_at` is when they said it, `origin` where, `notice` the version of the privacy notice that they saw.
    """

    __tablename__ = "consent"
    __table_args__ = (
        ForeignKeyConstraint(["workspace_id", "lead_id"], ["lead.workspace_id", "lead.id"], name="consent_lead"),
        one_of("consent", "answer", Consent),
        one_of("consent", "basis", ConsentBasis),
        Index("consent_of_lead", "workspace_id", "lead_id", "id"),
        COMPACT,
    )

    lead_id: int = Field(sa_type=BigInteger)
    answer: Consent = Field(sa_type=Choice(Consent))
    purpose: str = ""
    basis: ConsentBasis | None = Field(default=None, sa_type=Choice(ConsentBasis))
    given_at: datetime = Field(sa_type=UTCDateTime)
    origin: str = ""
    notice: str = ""
    member_id: int | None = Field(default=None, sa_type=BigInteger)
    recorded_at: datetime = Field(sa_type=UTCDateTime)
