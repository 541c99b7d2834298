"""A receipt says what came of its request; leads are found by when they were added."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """What was carried out before is not asked about again, so its receipts need no subject."""
    op.add_column("receipt", sa.Column("subject_id", sa.BigInteger(), nullable=True))
    op.create_index("lead_created", "lead", ["workspace_id", "created_at", "source", "campaign", "stage", "outcome"])
