"""The kinds of changes and of messages that the revisions before brought."""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

COMPACT = {"sqlite_with_rowid": False}
KINDS = {
    "change": (
        "added", "edited", "touched", "qualified", "withdrawn", "claimed", "released", "returned", "closed", "follow_up",
        "assigned", "merged", "consent", "undone", "hot", "cooled", "dormant", "scored",
    ),
    "delivery": (
        "handoff_card", "handoff_reminder", "handoff_escalation", "return_note", "claim_answer", "assigned_note",
        "hot_alert", "dormant_notice", "reawakened", "digest", "delivery_failed", "scores_changed", "report",
        "report_picture", "erasure_note", "import_note",
    ),
}  # fmt: skip


def upgrade() -> None:
    for table, kinds in KINDS.items():
        known = ", ".join(f"'{kind}'" for kind in kinds)
        with op.batch_alter_table(table, table_kwargs=COMPACT) as batch:
            batch.drop_constraint(f"{table}_kind_known", type_="check")
            batch.create_check_constraint(f"{table}_kind_known", f"kind IN ({known})")
