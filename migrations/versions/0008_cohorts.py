"""Leads are found by when they were added."""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("lead_created", "lead", ["workspace_id", "created_at", "source", "campaign", "stage", "outcome"])
