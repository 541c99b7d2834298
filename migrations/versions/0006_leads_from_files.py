"""Leads from files."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "import_mapping",
        sa.Column("workspace_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("headings_key", sa.String(), autoincrement=False, nullable=False),
        sa.Column("mapping", sa.JSON(), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "headings_key"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "campaign",
        sa.Column("workspace_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("name_key", sa.String(), nullable=False),
        sa.Column("cost", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("cost >= 0", name="campaign_cost_not_negative"),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspace.id"],
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id"),
        sa.UniqueConstraint("workspace_id", "name_key", name="campaign_name_once"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "import_run",
        sa.Column("workspace_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=True),
        sa.Column("file_slack_id", sa.String(), nullable=False),
        sa.Column("file_name", sa.String(), nullable=False),
        sa.Column("file_size", sa.BigInteger(), nullable=False),
        sa.Column("file_hash", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=True),
        sa.Column("campaign", sa.String(), nullable=False),
        sa.Column("consent", sa.String(), nullable=False),
        sa.Column("consent_basis", sa.String(), nullable=False),
        sa.Column("layout", sa.JSON(), nullable=False),
        sa.Column("mapping", sa.JSON(), nullable=False),
        sa.Column("sample", sa.JSON(), nullable=False),
        sa.Column("planned", sa.JSON(), nullable=False),
        sa.Column("done", sa.JSON(), nullable=False),
        sa.Column("bad", sa.JSON(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("fault", sa.String(), nullable=False),
        sa.Column("fault_row", sa.Integer(), nullable=True),
        sa.Column("wants_rejects", sa.Boolean(), nullable=False),
        sa.Column("drops_file", sa.Boolean(), nullable=False),
        sa.Column("undo_after_id", sa.BigInteger(), nullable=False),
        sa.Column("kept_labels", sa.JSON(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lease", sa.String(), nullable=True),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("consent IN ('yes', 'no', 'unknown')", name="import_run_consent_known"),
        sa.CheckConstraint(
            "source IN ('trade_show', 'seminar', 'webinar', 'whitepaper', 'web_form', 'referral', 'card', 'cold_call', 'ad', 'sns', 'newsletter', 'other')",
            name="import_run_source_known",
        ),
        sa.CheckConstraint(
            "state IN ('fetching', 'reading', 'ready', 'running', 'done', 'stopped', 'discarded', 'failed', 'undoing', 'undone')",
            name="import_run_state_known",
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspace.id"],
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id"),
        sa.UniqueConstraint("workspace_id", "number", name="import_number_once"),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("import_run", schema=None) as batch_op:
        batch_op.create_index("import_age", ["workspace_id", "created_at"], unique=False)
        batch_op.create_index(
            "import_due",
            ["workspace_id", "due_at"],
            unique=False,
            sqlite_where=sa.text("due_at IS NOT NULL"),
            postgresql_where=sa.text("due_at IS NOT NULL"),
        )
        batch_op.create_index("import_of_file", ["workspace_id", "file_hash"], unique=False)
        batch_op.create_index("import_of_member", ["workspace_id", "member_id", "id"], unique=False)

    op.create_table(
        "import_chunk",
        sa.Column("workspace_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("import_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("place", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "import_id"], ["import_run.workspace_id", "import_run.id"], name="chunk_import"
        ),
        sa.PrimaryKeyConstraint("workspace_id", "import_id", "place"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "import_fill",
        sa.Column("workspace_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("import_id", sa.BigInteger(), nullable=False),
        sa.Column("lead_id", sa.BigInteger(), nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("after", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "import_id"], ["import_run.workspace_id", "import_run.id"], name="fill_import"
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "lead_id"], ["lead.workspace_id", "lead.id"], name="fill_lead", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id"),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("import_fill", schema=None) as batch_op:
        batch_op.create_index("fill_of_import", ["workspace_id", "import_id", "id"], unique=False)
        batch_op.create_index("fill_of_lead", ["workspace_id", "lead_id"], unique=False)

    with op.batch_alter_table("lead", schema=None) as batch_op:
        batch_op.add_column(sa.Column("import_id", sa.BigInteger(), nullable=True))
        batch_op.create_index(
            "lead_imported",
            ["workspace_id", "import_id", "id"],
            unique=False,
            sqlite_where=sa.text("import_id IS NOT NULL"),
            postgresql_where=sa.text("import_id IS NOT NULL"),
        )
