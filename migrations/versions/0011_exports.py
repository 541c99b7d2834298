"""Exports, and erasures that are asked for on the command line."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

# SQLite builds a table anew to change a constraint, and has to be told again how it keeps its rows.
COMPACT = {"sqlite_with_rowid": False}
KINDS = (
    "handoff_card", "handoff_reminder", "handoff_escalation", "return_note", "claim_answer", "assigned_note",
    "hot_alert", "dormant_notice", "reawakened", "digest", "delivery_failed", "scores_changed", "report",
    "report_picture", "erasure_note", "import_note", "message_answer", "export_note",
)  # fmt: skip


def upgrade() -> None:
    op.create_table(
        "export",
        sa.Column("workspace_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("lead_number", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("fault", sa.String(), nullable=True),
        sa.Column("member_id", sa.BigInteger(), nullable=True),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("file_slack_id", sa.String(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lease", sa.String(), nullable=True),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("drop_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("what IN ('leads', 'touchpoints', 'handoffs', 'lead')", name="export_what_known"),
        sa.CheckConstraint("state IN ('waiting', 'made', 'dropping', 'dropped', 'failed')", name="export_state_known"),
        sa.CheckConstraint("fault IN ('gone', 'not_taken', 'not_dropped')", name="export_fault_known"),
        sa.PrimaryKeyConstraint("workspace_id", "id"),
        sqlite_with_rowid=False,
    )
    for name, column in (("export_due", "due_at"), ("export_kept", "drop_at")):
        is_set = sa.text(f"{column} IS NOT NULL")
        op.create_index(name, "export", ["workspace_id", column], sqlite_where=is_set, postgresql_where=is_set)
    known = ", ".join(f"'{kind}'" for kind in KINDS)
    with op.batch_alter_table("delivery", table_kwargs=COMPACT) as batch:
        batch.drop_constraint("delivery_kind_known", type_="check")
        batch.create_check_constraint("delivery_kind_known", f"kind IN ({known})")
    with op.batch_alter_table("erasure", table_kwargs=COMPACT) as batch:
        batch.alter_column("asked_by_id", existing_type=sa.BigInteger(), nullable=True)
