"""The organisation that leads belong to."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKeyConstraint, Index, text
from sqlmodel import Field

from models.base import COMPACT, Row, UTCDateTime


class Company(Row, table=True):
    """One row is one company as it came in: its name as first typed, and the signs by which it is known again.

    `name_key` is the folded name without legal form. `corporate_number` is the 法人番号, `domain` that of its people's
    addresses: every company has one of them. With `phone_key` they are the witnesses that tell companies of one name apart. A row that somebody found to be the same company as another points
    to it by `same_as_id`, and keeps its signs: whoever comes by them belongs to the other.
    """

    __table_args__ = (
        ForeignKeyConstraint(
            ["workspace_id", "same_as_id"], ["company.workspace_id", "company.id"], name="company_same_as"
        ),
        Index("company_name", "workspace_id", "name_key"),
        Index("company_domain", "workspace_id", "domain",
              sqlite_where=text("domain IS NOT NULL"), postgresql_where=text("domain IS NOT NULL")),
        Index("company_number", "workspace_id", "corporate_number", unique=True,
              sqlite_where=text("corporate_number IS NOT NULL"),
              postgresql_where=text("corporate_number IS NOT NULL")),
        Index("company_same", "workspace_id", "same_as_id",
              sqlite_where=text("same_as_id IS NOT NULL"), postgresql_where=text("same_as_id IS NOT NULL")),
        COMPACT,
    )  # fmt: skip

    name: str
    name_key: str
    corporate_number: str | None = None
    domain: str | None = None
    phone_key: str | None = None
    same_as_id: int | None = Field(default=None, sa_type=BigInteger)
    created_at: datetime = Field(sa_type=UTCDateTime)
