"""Companies, likely duplicates, merges and the search index.

What needs folding is left to the job `match`: leads without a text to search are due, and get their keys, their place in
the index and their company in short transactions.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

CHANGES = (
    "'added', 'edited', 'touched', 'qualified', 'withdrawn', 'claimed', 'released', 'returned', 'closed', 'follow_up', "
    "'assigned', 'merged', 'undone', 'hot', 'cooled', 'dormant'"
)


def upgrade() -> None:
    op.create_table(
        "company",
        sa.Column("workspace_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("name_key", sa.String(), nullable=False),
        sa.Column("corporate_number", sa.String(), nullable=True),
        sa.Column("domain", sa.String(), nullable=True),
        sa.Column("phone_key", sa.String(), nullable=True),
        sa.Column("same_as_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "same_as_id"], ["company.workspace_id", "company.id"], name="company_same_as"
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id"),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("company", schema=None) as batch_op:
        batch_op.create_index("company_name", ["workspace_id", "name_key"], unique=False)
        batch_op.create_index(
            "company_domain",
            ["workspace_id", "domain"],
            unique=False,
            sqlite_where=sa.text("domain IS NOT NULL"),
            postgresql_where=sa.text("domain IS NOT NULL"),
        )
        batch_op.create_index(
            "company_number",
            ["workspace_id", "corporate_number"],
            unique=True,
            sqlite_where=sa.text("corporate_number IS NOT NULL"),
            postgresql_where=sa.text("corporate_number IS NOT NULL"),
        )
        batch_op.create_index(
            "company_same",
            ["workspace_id", "same_as_id"],
            unique=False,
            sqlite_where=sa.text("same_as_id IS NOT NULL"),
            postgresql_where=sa.text("same_as_id IS NOT NULL"),
        )

    op.create_table(
        "match_suggestion",
        sa.Column("workspace_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("first_id", sa.BigInteger(), nullable=False),
        sa.Column("second_id", sa.BigInteger(), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("decided_by_id", sa.BigInteger(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("state IN ('open', 'later', 'accepted', 'not_same')", name="match_suggestion_state_known"),
        sa.CheckConstraint("subject IN ('lead', 'company')", name="match_suggestion_subject_known"),
        sa.CheckConstraint("first_id < second_id", name="match_suggestion_ordered"),
        sa.PrimaryKeyConstraint("workspace_id", "id"),
        sa.UniqueConstraint("workspace_id", "subject", "first_id", "second_id", name="match_suggestion_once"),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("match_suggestion", schema=None) as batch_op:
        batch_op.create_index("match_suggestion_of", ["workspace_id", "subject", "second_id"], unique=False)
        batch_op.create_index(
            "match_suggestion_open",
            ["workspace_id", "state", "score", "id"],
            unique=False,
            sqlite_where=sa.text("state IN ('open', 'later')"),
            postgresql_where=sa.text("state IN ('open', 'later')"),
        )

    op.create_table(
        "lead_merge",
        sa.Column("workspace_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("into_id", sa.BigInteger(), nullable=False),
        sa.Column("lead_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("email_key", sa.String(), nullable=True),
        sa.Column("external_id", sa.String(), nullable=True),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["workspace_id", "into_id"], ["lead.workspace_id", "lead.id"], name="lead_merge_into"),
        sa.PrimaryKeyConstraint("workspace_id", "id"),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("lead_merge", schema=None) as batch_op:
        batch_op.create_index(
            "lead_merge_email",
            ["workspace_id", "email_key"],
            unique=False,
            sqlite_where=sa.text("undone_at IS NULL"),
            postgresql_where=sa.text("undone_at IS NULL"),
        )
        batch_op.create_index(
            "lead_merge_external",
            ["workspace_id", "external_id"],
            unique=False,
            sqlite_where=sa.text("external_id IS NOT NULL AND undone_at IS NULL"),
            postgresql_where=sa.text("external_id IS NOT NULL AND undone_at IS NULL"),
        )
        batch_op.create_index("lead_merge_into", ["workspace_id", "into_id", "id"], unique=False)
        batch_op.create_index(
            "lead_merge_number",
            ["workspace_id", "number"],
            unique=True,
            sqlite_where=sa.text("undone_at IS NULL"),
            postgresql_where=sa.text("undone_at IS NULL"),
        )

    with op.batch_alter_table("lead", schema=None) as batch_op:
        batch_op.add_column(sa.Column("company_key", sa.String(), nullable=True))
        batch_op.add_column(sa.Column("company_id", sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column("match_due_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.create_index(
            "lead_at_company",
            ["workspace_id", "company_key", "name_key"],
            unique=False,
            sqlite_where=sa.text("company_key IS NOT NULL"),
            postgresql_where=sa.text("company_key IS NOT NULL"),
        )
        batch_op.create_index(
            "lead_match_due",
            ["workspace_id", "match_due_at"],
            unique=False,
            sqlite_where=sa.text("match_due_at IS NOT NULL"),
            postgresql_where=sa.text("match_due_at IS NOT NULL"),
        )
        batch_op.create_index(
            "lead_of_company",
            ["workspace_id", "company_id"],
            unique=False,
            sqlite_where=sa.text("company_id IS NOT NULL"),
            postgresql_where=sa.text("company_id IS NOT NULL"),
        )
        batch_op.create_foreign_key("lead_company", "company", ["workspace_id", "company_id"], ["workspace_id", "id"])

    op.execute("UPDATE lead SET search_text = '', match_due_at = created_at")

    with op.batch_alter_table("change", schema=None) as batch_op:
        batch_op.drop_constraint("change_kind_known", type_="check")
        batch_op.create_check_constraint("change_kind_known", f"kind IN ({CHANGES})")

    if op.get_bind().dialect.name == "sqlite":
        # It holds no text, only which pair of signs is in which lead: a third of the size of one that does.
        op.execute(
            "CREATE VIRTUAL TABLE lead_search USING fts5"
            "(grams, content='', columnsize=0, detail=none, tokenize='ascii')"
        )
    else:
        op.create_table(
            "lead_search",
            sa.Column("workspace_id", sa.BigInteger(), autoincrement=False, nullable=False),
            sa.Column("lead_id", sa.BigInteger(), autoincrement=False, nullable=False),
            sa.Column("grams", postgresql.TSVECTOR(), nullable=False),
            sa.PrimaryKeyConstraint("workspace_id", "lead_id"),
        )
        op.create_index("lead_search_grams", "lead_search", ["grams"], postgresql_using="gin")
