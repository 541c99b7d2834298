"""Customers have their own dormant period, reawakened leads are told of, and people's own leads have indexes."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

DORMANT_DAYS = (
    "dormant_inquiry_days > 0 AND dormant_mql_days > 0 AND dormant_sql_days > 0 AND dormant_customer_days > 0"
)
INDEXES = (
    ("lead_dormant_owned", "owner_id", "dormant_since", ""),
    ("lead_dormant_unowned", "marketer_id", "dormant_since", " AND owner_id IS NULL"),
    ("lead_follow_up_owned", "owner_id", "follow_up_due_at", ""),
    ("lead_follow_up_unowned", "marketer_id", "follow_up_due_at", " AND owner_id IS NULL"),
    ("lead_hot_owned", "owner_id", "cools_at", ""),
)


def upgrade() -> None:
    with op.batch_alter_table("workspace") as batch_op:
        batch_op.add_column(sa.Column("dormant_customer_days", sa.Integer(), server_default="180", nullable=False))
        batch_op.add_column(sa.Column("due_times_after_id", sa.BigInteger(), nullable=True))
        batch_op.create_check_constraint("workspace_dormant_days", DORMANT_DAYS)
    for name, person, due, more in INDEXES:
        where = sa.text(f"{due} IS NOT NULL{more}")
        op.create_index(name, "lead", ["workspace_id", person, due], sqlite_where=where, postgresql_where=where)
