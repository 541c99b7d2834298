"""First tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "delivery",
        sa.Column("workspace_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), nullable=False),
        sa.Column("about", sa.String(), nullable=False),
        sa.Column("channel_slack_id", sa.String(), nullable=False),
        sa.Column("only_to_slack_id", sa.String(), nullable=True),
        sa.Column("parent_id", sa.BigInteger(), nullable=True),
        sa.Column("wanted_rev", sa.Integer(), nullable=False),
        sa.Column("sent_rev", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("next_attempt_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lease", sa.String(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("is_doubtful", sa.Boolean(), nullable=False),
        sa.Column("posted_channel_slack_id", sa.String(), nullable=True),
        sa.Column("slack_ts", sa.String(), nullable=True),
        sa.Column("error", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "kind IN ('handoff_card', 'handoff_reminder', 'handoff_escalation', 'return_note', 'claim_answer', 'assigned_note', 'hot_alert', 'dormant_notice', 'digest', 'delivery_failed')",
            name="delivery_kind_known",
        ),
        sa.CheckConstraint("state IN ('pending', 'sent', 'dropped', 'unknown', 'failed')", name="delivery_state_known"),
        sa.PrimaryKeyConstraint("workspace_id", "id"),
        sa.UniqueConstraint("workspace_id", "key", name="delivery_key_once"),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("delivery", schema=None) as batch_op:
        batch_op.create_index("delivery_about", ["workspace_id", "kind", "subject_id"], unique=False)
        batch_op.create_index(
            "delivery_due",
            ["workspace_id", "next_attempt_at"],
            unique=False,
            sqlite_where=sa.text("state = 'pending'"),
            postgresql_where=sa.text("state = 'pending'"),
        )
        batch_op.create_index(
            "delivery_message",
            ["workspace_id", "slack_ts"],
            unique=False,
            sqlite_where=sa.text("slack_ts IS NOT NULL"),
            postgresql_where=sa.text("slack_ts IS NOT NULL"),
        )
        batch_op.create_index(
            "delivery_stuck",
            ["workspace_id", "created_at"],
            unique=False,
            sqlite_where=sa.text("state IN ('unknown', 'failed')"),
            postgresql_where=sa.text("state IN ('unknown', 'failed')"),
        )

    op.create_table(
        "draft",
        sa.Column("workspace_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        sa.Column("typed", sa.String(), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "id"),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("draft", schema=None) as batch_op:
        batch_op.create_index("draft_age", ["workspace_id", "created_at"], unique=False)

    op.create_table(
        "job_run",
        sa.Column("workspace_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("job", sa.String(), autoincrement=False, nullable=False),
        sa.Column("slot", sa.String(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "job", "slot"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "receipt",
        sa.Column("workspace_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("key", sa.String(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "key"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "workspace",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("slack_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("bot_user_slack_id", sa.String(), nullable=False),
        sa.Column("locale", sa.String(), nullable=False),
        sa.Column("timezone", sa.String(), nullable=False),
        sa.Column("country", sa.String(), nullable=False),
        sa.Column("marketing_channel_slack_id", sa.String(), nullable=True),
        sa.Column("mql_threshold", sa.Integer(), nullable=False),
        sa.Column("hot_threshold", sa.Integer(), nullable=False),
        sa.Column("dormant_inquiry_days", sa.Integer(), nullable=False),
        sa.Column("dormant_mql_days", sa.Integer(), nullable=False),
        sa.Column("dormant_sql_days", sa.Integer(), nullable=False),
        sa.Column("recycle_days", sa.Integer(), nullable=False),
        sa.Column("hot_quiet_days", sa.Integer(), nullable=False),
        sa.Column("claim_minutes", sa.Integer(), nullable=False),
        sa.Column("contact_minutes", sa.Integer(), nullable=False),
        sa.Column("open_from", sa.Time(), nullable=False),
        sa.Column("open_until", sa.Time(), nullable=False),
        sa.Column("digest_time", sa.Time(), nullable=False),
        sa.Column("working_days", sa.String(), nullable=False),
        sa.Column("scoring", sa.JSON(), nullable=True),
        sa.Column("set_up_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("hot_threshold >= mql_threshold", name="workspace_hot_over_mql"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("slack_id", name="workspace_slack_id_once"),
    )
    op.create_table(
        "counter",
        sa.Column("workspace_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(), autoincrement=False, nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspace.id"],
        ),
        sa.PrimaryKeyConstraint("workspace_id", "name"),
    )
    op.create_table(
        "member",
        sa.Column("workspace_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("slack_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("handle", sa.String(), nullable=False),
        sa.Column("locale", sa.String(), nullable=False),
        sa.Column("timezone", sa.String(), nullable=False),
        sa.Column("standing", sa.String(), nullable=False),
        sa.Column("is_marketing", sa.Boolean(), nullable=False),
        sa.Column("is_sales", sa.Boolean(), nullable=False),
        sa.Column("is_manager", sa.Boolean(), nullable=False),
        sa.Column("digest_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("refreshed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "standing IN ('active', 'guest', 'stranger', 'bot', 'deactivated')", name="member_standing_known"
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspace.id"],
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id"),
        sa.UniqueConstraint("workspace_id", "slack_id", name="member_slack_id_once"),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("member", schema=None) as batch_op:
        batch_op.create_index("member_digest_due", ["workspace_id", "digest_due_at"], unique=False)

    op.create_table(
        "team",
        sa.Column("workspace_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("channel_slack_id", sa.String(), nullable=False),
        sa.Column("locale", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspace.id"],
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id"),
        sa.UniqueConstraint("workspace_id", "channel_slack_id", name="team_channel_once"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "lead",
        sa.Column("workspace_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("company", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("phone", sa.String(), nullable=False),
        sa.Column("name_key", sa.String(), nullable=False),
        sa.Column("email_key", sa.String(), nullable=True),
        sa.Column("phone_key", sa.String(), nullable=True),
        sa.Column("search_text", sa.String(), nullable=False),
        sa.Column("external_id", sa.String(), nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("campaign", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("extra", sa.JSON(), nullable=False),
        sa.Column("stage", sa.String(), nullable=False),
        sa.Column("stage_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("closed_note", sa.String(), nullable=False),
        sa.Column("is_recycled", sa.Boolean(), nullable=False),
        sa.Column("returned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("owner_id", sa.BigInteger(), nullable=True),
        sa.Column("marketer_id", sa.BigInteger(), nullable=True),
        sa.Column("mission", sa.String(), nullable=True),
        sa.Column("interest", sa.String(), nullable=True),
        sa.Column("role", sa.String(), nullable=True),
        sa.Column("need", sa.String(), nullable=True),
        sa.Column("progress", sa.String(), nullable=True),
        sa.Column("timing", sa.String(), nullable=True),
        sa.Column("budget", sa.String(), nullable=True),
        sa.Column("consent", sa.String(), nullable=False),
        sa.Column("consent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("fit_points", sa.Float(), nullable=False),
        sa.Column("engagement_a", sa.Float(), nullable=False),
        sa.Column("engagement_b", sa.Float(), nullable=False),
        sa.Column("engagement_c", sa.Float(), nullable=False),
        sa.Column("engagement_d", sa.Float(), nullable=False),
        sa.Column("hot_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("hot_alerted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("hot_alert_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cools_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_touch_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("dormant_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("dormant_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("follow_up_on", sa.Date(), nullable=True),
        sa.Column("follow_up_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("follow_up_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("follow_up_note", sa.String(), nullable=False),
        sa.Column("rev", sa.Integer(), nullable=False),
        sa.Column("created_by_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("(stage = 'CLOSED') = (outcome IS NOT NULL)", name="lead_closed_has_outcome"),
        sa.CheckConstraint("consent IN ('yes', 'no', 'unknown')", name="lead_consent_known"),
        sa.CheckConstraint("kind IN ('prospect', 'customer')", name="lead_kind_known"),
        sa.CheckConstraint("name <> '' OR email <> '' OR phone <> '' OR external_id IS NOT NULL", name="lead_someone"),
        sa.CheckConstraint("outcome IN ('won', 'lost')", name="lead_outcome_known"),
        sa.CheckConstraint("progress IN ('research', 'compare', 'approval', 'hold')", name="lead_progress_known"),
        sa.CheckConstraint("role IN ('decider', 'champion', 'user', 'researcher')", name="lead_role_known"),
        sa.CheckConstraint(
            "source IN ('trade_show', 'seminar', 'webinar', 'whitepaper', 'web_form', 'referral', 'card', 'cold_call', 'ad', 'sns', 'newsletter', 'other')",
            name="lead_source_known",
        ),
        sa.CheckConstraint("stage IN ('INQUIRY', 'MQL', 'SQL', 'CLOSED')", name="lead_stage_known"),
        sa.ForeignKeyConstraint(
            ["workspace_id", "marketer_id"], ["member.workspace_id", "member.id"], name="lead_marketer"
        ),
        sa.ForeignKeyConstraint(["workspace_id", "owner_id"], ["member.workspace_id", "member.id"], name="lead_owner"),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspace.id"],
        ),
        sa.PrimaryKeyConstraint("workspace_id", "id"),
        sa.UniqueConstraint("workspace_id", "number", name="lead_number_once"),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("lead", schema=None) as batch_op:
        batch_op.create_index(
            "lead_cools",
            ["workspace_id", "cools_at"],
            unique=False,
            sqlite_where=sa.text("cools_at IS NOT NULL"),
            postgresql_where=sa.text("cools_at IS NOT NULL"),
        )
        batch_op.create_index(
            "lead_dormant",
            ["workspace_id", "dormant_since"],
            unique=False,
            sqlite_where=sa.text("dormant_since IS NOT NULL"),
            postgresql_where=sa.text("dormant_since IS NOT NULL"),
        )
        batch_op.create_index(
            "lead_dormant_due",
            ["workspace_id", "dormant_at"],
            unique=False,
            sqlite_where=sa.text("dormant_at IS NOT NULL"),
            postgresql_where=sa.text("dormant_at IS NOT NULL"),
        )
        batch_op.create_index("lead_email", ["workspace_id", "email_key"], unique=False)
        batch_op.create_index(
            "lead_external",
            ["workspace_id", "external_id"],
            unique=True,
            sqlite_where=sa.text("external_id IS NOT NULL"),
            postgresql_where=sa.text("external_id IS NOT NULL"),
        )
        batch_op.create_index(
            "lead_follow_up_due",
            ["workspace_id", "follow_up_due_at"],
            unique=False,
            sqlite_where=sa.text("follow_up_due_at IS NOT NULL"),
            postgresql_where=sa.text("follow_up_due_at IS NOT NULL"),
        )
        batch_op.create_index(
            "lead_hot_alert_due",
            ["workspace_id", "hot_alert_due_at"],
            unique=False,
            sqlite_where=sa.text("hot_alert_due_at IS NOT NULL"),
            postgresql_where=sa.text("hot_alert_due_at IS NOT NULL"),
        )
        batch_op.create_index("lead_name", ["workspace_id", "name_key"], unique=False)
        batch_op.create_index(
            "lead_owned",
            ["workspace_id", "owner_id", "stage"],
            unique=False,
            sqlite_where=sa.text("owner_id IS NOT NULL"),
            postgresql_where=sa.text("owner_id IS NOT NULL"),
        )
        batch_op.create_index("lead_phone", ["workspace_id", "phone_key", "name_key"], unique=False)
        batch_op.create_index(
            "lead_recycled",
            ["workspace_id", "returned_at"],
            unique=False,
            sqlite_where=sa.text("is_recycled"),
            postgresql_where=sa.text("is_recycled"),
        )

    op.create_table(
        "change",
        sa.Column("workspace_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("lead_id", sa.BigInteger(), nullable=True),
        sa.Column("lead_number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=True),
        sa.Column("subject_id", sa.BigInteger(), nullable=True),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "kind IN ('added', 'edited', 'touched', 'qualified', 'withdrawn', 'claimed', 'released', 'returned', 'closed', 'follow_up', 'assigned', 'undone', 'hot', 'cooled', 'dormant')",
            name="change_kind_known",
        ),
        sa.ForeignKeyConstraint(["workspace_id", "lead_id"], ["lead.workspace_id", "lead.id"], name="change_lead"),
        sa.PrimaryKeyConstraint("workspace_id", "id"),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("change", schema=None) as batch_op:
        batch_op.create_index("change_by_member", ["workspace_id", "member_id", "id"], unique=False)
        batch_op.create_index("change_of_lead", ["workspace_id", "lead_id", "id"], unique=False)

    op.create_table(
        "handoff",
        sa.Column("workspace_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("lead_id", sa.BigInteger(), nullable=False),
        sa.Column("team_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("why_now", sa.String(), nullable=False),
        sa.Column("marketer_id", sa.BigInteger(), nullable=True),
        sa.Column("offered_by_id", sa.BigInteger(), nullable=True),
        sa.Column("offered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("claim_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("escalate_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("overdue_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("owner_id", sa.BigInteger(), nullable=True),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("contact_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("contacted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("returned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("returned_by_id", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("comment", sa.String(), nullable=False),
        sa.Column("retry_on", sa.Date(), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_by_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "reason IN ('incomplete', 'misrouted', 'no_fit', 'too_early', 'unreachable', 'no_need', 'duplicate', 'other')",
            name="handoff_reason_known",
        ),
        sa.CheckConstraint("state IN ('offered', 'claimed', 'returned', 'withdrawn')", name="handoff_state_known"),
        sa.ForeignKeyConstraint(["workspace_id", "lead_id"], ["lead.workspace_id", "lead.id"], name="handoff_lead"),
        sa.ForeignKeyConstraint(
            ["workspace_id", "owner_id"], ["member.workspace_id", "member.id"], name="handoff_owner"
        ),
        sa.ForeignKeyConstraint(["workspace_id", "team_id"], ["team.workspace_id", "team.id"], name="handoff_team"),
        sa.PrimaryKeyConstraint("workspace_id", "id"),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("handoff", schema=None) as batch_op:
        batch_op.create_index(
            "handoff_claim_due",
            ["workspace_id", "claim_due_at"],
            unique=False,
            sqlite_where=sa.text("claim_due_at IS NOT NULL"),
            postgresql_where=sa.text("claim_due_at IS NOT NULL"),
        )
        batch_op.create_index(
            "handoff_escalate_due",
            ["workspace_id", "escalate_due_at"],
            unique=False,
            sqlite_where=sa.text("escalate_due_at IS NOT NULL"),
            postgresql_where=sa.text("escalate_due_at IS NOT NULL"),
        )
        batch_op.create_index("handoff_of_lead", ["workspace_id", "lead_id", "offered_at"], unique=False)
        batch_op.create_index("handoff_offered", ["workspace_id", "state", "due_at"], unique=False)
        batch_op.create_index(
            "handoff_open_once",
            ["workspace_id", "lead_id"],
            unique=True,
            sqlite_where=sa.text("state = 'offered'"),
            postgresql_where=sa.text("state = 'offered'"),
        )
        batch_op.create_index(
            "handoff_uncontacted",
            ["workspace_id", "owner_id", "contact_due_at"],
            unique=False,
            sqlite_where=sa.text("contact_due_at IS NOT NULL"),
            postgresql_where=sa.text("contact_due_at IS NOT NULL"),
        )

    op.create_table(
        "touchpoint",
        sa.Column("workspace_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("lead_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("direction", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("points", sa.Float(), nullable=False),
        sa.Column("half_life", sa.String(), nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("direction IN ('inbound', 'outbound')", name="touchpoint_direction_known"),
        sa.CheckConstraint("half_life IN ('a', 'b', 'c', 'd')", name="touchpoint_half_life_known"),
        sa.CheckConstraint(
            "kind IN ('call', 'email', 'reply', 'meeting', 'visit', 'demo', 'demo_request', 'trade_show', 'seminar', 'webinar', 'whitepaper', 'form', 'pricing', 'page_view', 'sns', 'ad', 'card', 'other')",
            name="touchpoint_kind_known",
        ),
        sa.ForeignKeyConstraint(["workspace_id", "lead_id"], ["lead.workspace_id", "lead.id"], name="touchpoint_lead"),
        sa.PrimaryKeyConstraint("workspace_id", "id"),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("touchpoint", schema=None) as batch_op:
        batch_op.create_index("touchpoint_of_lead", ["workspace_id", "lead_id", "at"], unique=False)
