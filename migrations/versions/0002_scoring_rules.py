"""Scoring rules have versions, leads corrections and marks; a touchpoint's points follow from its kind."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

COMPACT = {"sqlite_with_rowid": False}
CHANGES = (
    "kind IN ('added', 'edited', 'touched', 'qualified', 'withdrawn', 'claimed', 'released', 'returned', 'closed', "
    "'follow_up', 'assigned', 'undone', 'hot', 'cooled', 'dormant', 'scored')"
)
DELIVERIES = (
    "kind IN ('handoff_card', 'handoff_reminder', 'handoff_escalation', 'return_note', 'claim_answer', "
    "'assigned_note', 'hot_alert', 'dormant_notice', 'digest', 'delivery_failed', 'scores_changed')"
)


def upgrade() -> None:
    op.create_table(
        "scoring_version",
        sa.Column("workspace_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("rules", sa.JSON(), nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=True),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("restored_from", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cursor", sa.BigInteger(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("effect", sa.JSON(), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("is_replaced", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "id"),
        sa.UniqueConstraint("workspace_id", "number", name="scoring_version_number_once"),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("lead", table_kwargs=COMPACT) as batch:
        batch.add_column(sa.Column("mark", sa.String(), nullable=True))
        batch.add_column(sa.Column("rules_version", sa.Integer(), server_default="0", nullable=False))
        batch.add_column(sa.Column("manual_points", sa.Float(), server_default="0", nullable=False))
        batch.create_check_constraint("lead_mark_known", "mark IN ('competitor', 'spam')")
    with op.batch_alter_table("touchpoint", table_kwargs=COMPACT) as batch:
        batch.drop_constraint("touchpoint_half_life_known", type_="check")
        batch.drop_index("touchpoint_of_lead")
        batch.drop_column("points")
        batch.drop_column("half_life")
        batch.create_index("touchpoint_of_lead", ["workspace_id", "lead_id", "at", "kind", "direction"])
    for table, known in (("change", CHANGES), ("delivery", DELIVERIES)):
        with op.batch_alter_table(table, table_kwargs=COMPACT) as batch:
            batch.drop_constraint(f"{table}_kind_known", type_="check")
            batch.create_check_constraint(f"{table}_kind_known", known)
