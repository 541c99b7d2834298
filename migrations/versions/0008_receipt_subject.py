"""A receipt says what came of its request."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; what was carried out before is not asked about again."""
    op.add_column("receipt", sa.Column("subject_id", sa.BigInteger(), nullable=True))
