"""Consent history and erasures."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

# SQLite builds a table anew to change a constraint, and has to be told again how it keeps its rows.
COMPACT = {"sqlite_with_rowid": False}


def upgrade() -> None:
    op.create_table(
        "erasure",
        sa.Column("workspace_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("lead_number", sa.Integer(), nullable=False),
        sa.Column("asked_by_id", sa.BigInteger(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("rows", sa.JSON(), nullable=False),
        sa.Column("messages", sa.Integer(), nullable=False),
        sa.Column("unedited", sa.Integer(), nullable=False),
        sa.Column("homes_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("overwritten_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lifted_by_id", sa.BigInteger(), nullable=True),
        sa.Column("lift_reason", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "id"),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("erasure", schema=None) as batch_op:
        batch_op.create_index("erasure_of_number", ["workspace_id", "lead_number"], unique=False)
        batch_op.create_index(
            "erasure_open",
            ["workspace_id", "id"],
            unique=False,
            sqlite_where=sa.text("done_at IS NULL"),
            postgresql_where=sa.text("done_at IS NULL"),
        )

    op.create_table(
        "suppression",
        sa.Column("workspace_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("digest", sa.String(), autoincrement=False, nullable=False),
        sa.Column("erasure_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "digest"),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("suppression", schema=None) as batch_op:
        batch_op.create_index("suppression_of_erasure", ["workspace_id", "erasure_id"], unique=False)

    op.create_table(
        "suppression_key",
        sa.Column("workspace_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("secret", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"]),
        sa.PrimaryKeyConstraint("workspace_id"),
    )
    op.create_table(
        "consent",
        sa.Column("workspace_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("lead_id", sa.BigInteger(), nullable=False),
        sa.Column("answer", sa.String(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("basis", sa.String(), nullable=True),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("notice", sa.String(), nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("answer IN ('yes', 'no', 'unknown')", name="consent_answer_known"),
        sa.CheckConstraint(
            "basis IN ('consent', 'contract', 'legitimate_interest', 'card', 'published')", name="consent_basis_known"
        ),
        sa.ForeignKeyConstraint(["workspace_id", "lead_id"], ["lead.workspace_id", "lead.id"], name="consent_lead"),
        sa.PrimaryKeyConstraint("workspace_id", "id"),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("consent", schema=None) as batch_op:
        batch_op.create_index("consent_of_lead", ["workspace_id", "lead_id", "id"], unique=False)

    op.create_table(
        "mention",
        sa.Column("workspace_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("lead_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("delivery_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["workspace_id", "lead_id"], ["lead.workspace_id", "lead.id"], name="mention_lead"),
        sa.PrimaryKeyConstraint("workspace_id", "lead_id", "delivery_id"),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("delivery", table_kwargs=COMPACT) as batch_op:
        batch_op.add_column(sa.Column("erasure_id", sa.BigInteger(), nullable=True))
        batch_op.drop_constraint("delivery_kind_known", type_="check")
        batch_op.create_check_constraint(
            "delivery_kind_known",
            "kind IN ('handoff_card', 'handoff_reminder', 'handoff_escalation', 'return_note', 'claim_answer', 'assigned_note', 'hot_alert', 'dormant_notice', 'digest', 'delivery_failed', 'erasure_note')",
        )
        batch_op.create_index(
            "delivery_erased",
            ["workspace_id", "erasure_id"],
            unique=False,
            sqlite_where=sa.text("erasure_id IS NOT NULL"),
            postgresql_where=sa.text("erasure_id IS NOT NULL"),
        )

    with op.batch_alter_table("handoff", table_kwargs=COMPACT) as batch_op:
        batch_op.alter_column("lead_id", existing_type=sa.BigInteger(), nullable=True)

    with op.batch_alter_table("change", table_kwargs=COMPACT) as batch_op:
        batch_op.drop_constraint("change_kind_known", type_="check")
        batch_op.create_check_constraint(
            "change_kind_known",
            "kind IN ('added', 'edited', 'touched', 'qualified', 'withdrawn', 'claimed', 'released', 'returned', 'closed', 'follow_up', 'assigned', 'consent', 'undone', 'hot', 'cooled', 'dormant')",
        )

    with op.batch_alter_table("receipt") as batch_op:
        batch_op.add_column(sa.Column("answer", sa.String(), nullable=True))

    with op.batch_alter_table("touchpoint") as batch_op:
        batch_op.add_column(sa.Column("extra", sa.JSON(), nullable=True))
