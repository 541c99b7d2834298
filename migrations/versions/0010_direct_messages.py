"""Answers to direct messages."""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

# SQLite builds a table anew to change a constraint, and has to be told again how it keeps its rows.
COMPACT = {"sqlite_with_rowid": False}
KINDS = (
    "handoff_card", "handoff_reminder", "handoff_escalation", "return_note", "claim_answer", "assigned_note",
    "hot_alert", "dormant_notice", "reawakened", "digest", "delivery_failed", "scores_changed", "report",
    "report_picture", "erasure_note", "import_note", "message_answer",
)  # fmt: skip


def upgrade() -> None:
    known = ", ".join(f"'{kind}'" for kind in KINDS)
    with op.batch_alter_table("delivery", table_kwargs=COMPACT) as batch:
        batch.drop_constraint("delivery_kind_known", type_="check")
        batch.create_check_constraint("delivery_kind_known", f"kind IN ({known})")
