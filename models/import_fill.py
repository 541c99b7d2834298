"""What an import added to a lead that was there before it."""

from typing import Any

from sqlalchemy import JSON, BigInteger, Column, ForeignKeyConstraint, Index
from sqlmodel import Field

from models.base import COMPACT, Row


class ImportFill(Row, table=True):
    """One row is one lead whose empty fields an import filled: the fields as they were and as they became.

    Undoing the import gives back what is still as the import left it.
    """

    __tablename__ = "import_fill"
    __table_args__ = (
        ForeignKeyConstraint(["workspace_id", "import_id"], ["import_run.workspace_id", "import_run.id"], name="fill_import"),
        ForeignKeyConstraint(["workspace_id", "lead_id"], ["lead.workspace_id", "lead.id"], name="fill_lead", ondelete="CASCADE"),
        Index("fill_of_import", "workspace_id", "import_id", "id"),
        Index("fill_of_lead", "workspace_id", "lead_id"),
        COMPACT,
    )  # fmt: skip

    import_id: int = Field(sa_type=BigInteger)
    lead_id: int = Field(sa_type=BigInteger)
    before: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    after: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
