"""Lay down all tables"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from hotline.store import types

revision = "0001_initial"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "answered_questions",
        sa.Column("id", types.RowId, autoincrement=True, nullable=False),
        sa.Column("key", types.Code, nullable=False),
        sa.Column("question", sa.String(), nullable=False),
        sa.Column("answer", sa.String(), nullable=False),
        sa.Column("articles", types.Json, nullable=False),
        sa.Column("topic", types.Code, nullable=False),
        sa.Column("confirmed_at", types.UTCDateTime(), nullable=False),
        sa.Column("confirmed_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_answered_questions")),
        sa.UniqueConstraint("key", name=op.f("uq_answered_questions_key")),
    )
    op.create_table(
        "api_audit",
        sa.Column("id", types.RowId, autoincrement=True, nullable=False),
        sa.Column("at", types.UTCDateTime(), nullable=False),
        sa.Column("key_id", types.Code, nullable=True),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("operation", types.Code, nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("error_id", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_audit")),
    )
    with op.batch_alter_table("api_audit", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_api_audit_at"), ["at"], unique=False)
        batch_op.create_index(batch_op.f("ix_api_audit_key_id"), ["key_id"], unique=False)

    op.create_table(
        "api_keys",
        sa.Column("id", types.Code, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("secret_sha256", sa.String(), nullable=False),
        sa.Column("scopes", types.Json, nullable=False),
        sa.Column("per_minute", sa.Integer(), nullable=False),
        sa.Column("exchange_url", sa.String(), nullable=False),
        sa.Column("organisation", types.Code, nullable=True),
        sa.Column("created_at", types.UTCDateTime(), nullable=False),
        sa.Column("revoked_at", types.UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_keys")),
    )
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("at", types.UTCDateTime(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("user_name", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("subject_id", sa.String(), nullable=False),
        sa.Column("detail", types.Json, nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )
    with op.batch_alter_table("audit", schema=None) as batch_op:
        batch_op.create_index("ix_audit_subject", ["subject", "subject_id"], unique=False)
        batch_op.create_index("ix_audit_user", ["user_id", "id"], unique=False)

    op.create_table(
        "blocked_callers",
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("since", types.UTCDateTime(), nullable=False),
        sa.Column("until", types.UTCDateTime(), nullable=False),
        sa.Column("reviewed_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_blocked_callers")),
    )
    op.create_table(
        "calls",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("number_place", sa.String(), nullable=False),
        sa.Column("dialled", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("menu_path", types.Json, nullable=False),
        sa.Column("priority", sa.String(), nullable=False),
        sa.Column("started_at", types.UTCDateTime(), nullable=False),
        sa.Column("menu_done_at", types.UTCDateTime(), nullable=True),
        sa.Column("waiting_since", types.UTCDateTime(), nullable=True),
        sa.Column("answered_at", types.UTCDateTime(), nullable=True),
        sa.Column("talk_ended_at", types.UTCDateTime(), nullable=True),
        sa.Column("ended_at", types.UTCDateTime(), nullable=True),
        sa.Column("agent_id", sa.String(), nullable=True),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("hangup_cause", sa.Integer(), nullable=True),
        sa.Column("satisfaction", sa.Integer(), nullable=True),
        sa.Column("solved", sa.Integer(), nullable=True),
        sa.Column("voicemail", sa.String(), nullable=True),
        sa.Column("controller_away", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calls")),
    )
    with op.batch_alter_table("calls", schema=None) as batch_op:
        batch_op.create_index("ix_calls_agent", ["agent_id", "started_at"], unique=False)
        batch_op.create_index("ix_calls_number", ["number", "started_at"], unique=False)
        batch_op.create_index("ix_calls_started", ["started_at"], unique=False)

    op.create_table(
        "code_guesses",
        sa.Column("number", types.Code, nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_at", types.UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_code_guesses")),
    )
    with op.batch_alter_table("code_guesses", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_code_guesses_last_at"), ["last_at"], unique=False)

    op.create_table(
        "jobs",
        sa.Column("id", types.RowId, autoincrement=True, nullable=False),
        sa.Column("kind", types.Code, nullable=False),
        sa.Column("key", types.Code, nullable=True),
        sa.Column("payload", types.Json, nullable=False),
        sa.Column("state", types.Code, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("run_at", types.UTCDateTime(), nullable=False),
        sa.Column("lease_until", types.UTCDateTime(), nullable=True),
        sa.Column("worker", sa.String(), nullable=True),
        sa.Column("error", sa.String(), nullable=True),
        sa.Column("created_at", types.UTCDateTime(), nullable=False),
        sa.Column("ended_at", types.UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jobs")),
        sa.UniqueConstraint("key", name=op.f("uq_jobs_key")),
    )
    with op.batch_alter_table("jobs", schema=None) as batch_op:
        batch_op.create_index("ix_jobs_due", ["state", "run_at", "id"], unique=False)
        batch_op.create_index("ix_jobs_lease", ["state", "lease_until"], unique=False)

    op.create_table(
        "journal_positions",
        sa.Column("file", sa.String(), nullable=False),
        sa.Column("offset", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("file", name=op.f("pk_journal_positions")),
    )
    op.create_table(
        "number_counters",
        sa.Column("prefix", types.Code, nullable=False),
        sa.Column("last", types.RowId, nullable=False),
        sa.PrimaryKeyConstraint("prefix", name=op.f("pk_number_counters")),
    )
    op.create_table(
        "offers",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("call_id", sa.String(), nullable=False),
        sa.Column("agent_id", sa.String(), nullable=False),
        sa.Column("made_at", types.UTCDateTime(), nullable=False),
        sa.Column("ringing_at", types.UTCDateTime(), nullable=True),
        sa.Column("ended_at", types.UTCDateTime(), nullable=True),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("reason_code", sa.String(), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("detail", types.Json, nullable=False),
        sa.Column("node", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offers")),
    )
    with op.batch_alter_table("offers", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_offers_agent_id"), ["agent_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_offers_call_id"), ["call_id"], unique=False)
        batch_op.create_index("ix_offers_made", ["made_at"], unique=False)
        batch_op.create_index(
            "uq_offers_open_agent",
            ["agent_id"],
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )
        batch_op.create_index(
            "uq_offers_open_call",
            ["call_id"],
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )

    op.create_table(
        "organisations",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("hours", types.Json, nullable=False),
        sa.Column("phone", sa.String(), nullable=False),
        sa.Column("numbers", types.Json, nullable=False),
        sa.ForeignKeyConstraint(
            ["parent_id"],
            ["organisations.id"],
            name=op.f("fk_organisations_parent_id_organisations"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisations")),
        sa.UniqueConstraint("code", name=op.f("uq_organisations_code")),
    )
    with op.batch_alter_table("organisations", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_organisations_parent_id"), ["parent_id"], unique=False)

    op.create_table(
        "outbox",
        sa.Column("id", types.RowId, autoincrement=True, nullable=False),
        sa.Column("topic", types.Code, nullable=False),
        sa.Column("key", types.Code, nullable=False),
        sa.Column("payload", types.Json, nullable=False),
        sa.Column("created_at", types.UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "outbox_readers",
        sa.Column("name", types.Code, nullable=False),
        sa.Column("position", types.RowId, nullable=False),
        sa.Column("seen_at", types.UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_outbox_readers")),
    )
    op.create_table(
        "presence_wishes",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("agent_id", sa.String(), nullable=False),
        sa.Column("wish", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("created_at", types.UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_presence_wishes")),
    )
    op.create_table(
        "recordings",
        sa.Column("id", types.RowId, autoincrement=True, nullable=False),
        sa.Column("call_id", sa.String(), nullable=False),
        sa.Column("caller_path", sa.String(), nullable=True),
        sa.Column("agent_path", sa.String(), nullable=True),
        sa.Column("seconds", sa.Double(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("error", sa.String(), nullable=True),
        sa.Column("created_at", types.UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recordings")),
        sa.UniqueConstraint("call_id", name=op.f("uq_recordings_call_id")),
    )
    op.create_table(
        "scores",
        sa.Column("id", types.RowId, autoincrement=True, nullable=False),
        sa.Column("call_id", sa.String(), nullable=False),
        sa.Column("transcript_id", types.RowId, nullable=True),
        sa.Column("latest", sa.Boolean(), nullable=False),
        sa.Column("scorecard", sa.String(), nullable=False),
        sa.Column("scorecard_version", sa.Integer(), nullable=False),
        sa.Column("law_date", sa.Date(), nullable=False),
        sa.Column("topic", sa.String(), nullable=True),
        sa.Column("card", sa.String(), nullable=True),
        sa.Column("card_confidence", sa.Double(), nullable=False),
        sa.Column("total", sa.Double(), nullable=True),
        sa.Column("judged_share", sa.Double(), nullable=False),
        sa.Column("accuracy", sa.Double(), nullable=True),
        sa.Column("legal_ok", sa.Boolean(), nullable=True),
        sa.Column("veto", sa.String(), nullable=True),
        sa.Column("faults", sa.Integer(), nullable=False),
        sa.Column("needs_person", sa.Boolean(), nullable=False),
        sa.Column("why_person", sa.String(), nullable=False),
        sa.Column("items", types.Json, nullable=False),
        sa.Column("risks", types.Json, nullable=False),
        sa.Column("created_at", types.UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scores")),
    )
    with op.batch_alter_table("scores", schema=None) as batch_op:
        batch_op.create_index("ix_scores_call", ["call_id", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_scores_call_id"), ["call_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_scores_latest"), ["latest"], unique=False)

    op.create_table(
        "service_versions",
        sa.Column("id", types.Code, nullable=False),
        sa.Column("service", types.Code, nullable=False),
        sa.Column("content", types.Json, nullable=False),
        sa.Column("recorded_at", types.UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_versions")),
    )
    with op.batch_alter_table("service_versions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_service_versions_service"), ["service"], unique=False)

    op.create_table(
        "statute_imports",
        sa.Column("id", types.RowId, autoincrement=True, nullable=False),
        sa.Column("at", types.UTCDateTime(), nullable=False),
        sa.Column("files", sa.Integer(), nullable=False),
        sa.Column("changes", types.Json, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_statute_imports")),
    )
    op.create_table(
        "statutes",
        sa.Column("id", types.RowId, autoincrement=True, nullable=False),
        sa.Column("name", types.Code, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_statutes")),
        sa.UniqueConstraint("name", name=op.f("uq_statutes_name")),
    )
    op.create_table(
        "users",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("roles", types.Json, nullable=False),
        sa.Column("organisation", sa.String(), nullable=True),
        sa.Column("agent_id", sa.String(), nullable=True),
        sa.Column("password_hash", sa.String(), nullable=False),
        sa.Column("password_changed_at", types.UTCDateTime(), nullable=False),
        sa.Column("must_change_password", sa.Boolean(), nullable=False),
        sa.Column("totp_secret", sa.String(), nullable=True),
        sa.Column("totp_last_step", sa.Integer(), nullable=False),
        sa.Column("failed_count", sa.Integer(), nullable=False),
        sa.Column("locked_until", types.UTCDateTime(), nullable=True),
        sa.Column("disabled_at", types.UTCDateTime(), nullable=True),
        sa.Column("created_at", types.UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        sa.UniqueConstraint("account", name=op.f("uq_users_account")),
        sa.UniqueConstraint("agent_id", name=op.f("uq_users_agent_id")),
    )
    op.create_table(
        "webhooks",
        sa.Column("id", types.Code, nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("topics", types.Json, nullable=False),
        sa.Column("created_at", types.UTCDateTime(), nullable=False),
        sa.Column("stopped_at", types.UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhooks")),
    )
    op.create_table(
        "agents",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("staff_no", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=True),
        sa.Column("skills", types.Json, nullable=False),
        sa.Column("languages", types.Json, nullable=False),
        sa.Column("endpoint", sa.String(), nullable=False),
        sa.Column("mobile", sa.String(), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_agents_organisation_id_organisations"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agents")),
        sa.UniqueConstraint("staff_no", name=op.f("uq_agents_staff_no")),
    )
    with op.batch_alter_table("agents", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_agents_organisation_id"), ["organisation_id"], unique=False
        )

    op.create_table(
        "call_steps",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("call_id", sa.String(), nullable=False),
        sa.Column("at", types.UTCDateTime(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("detail", types.Json, nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["call_id"], ["calls.id"], name=op.f("fk_call_steps_call_id_calls"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call_steps")),
        sa.UniqueConstraint("call_id", "at", "kind", name=op.f("uq_call_steps_call_id")),
    )
    with op.batch_alter_table("call_steps", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_call_steps_call_id"), ["call_id"], unique=False)

    op.create_table(
        "cases",
        sa.Column("id", types.RowId, autoincrement=True, nullable=False),
        sa.Column("number", types.Code, nullable=False),
        sa.Column("service", types.Code, nullable=False),
        sa.Column("service_version", types.Code, nullable=False),
        sa.Column("state", types.Code, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("data", types.Json, nullable=False),
        sa.Column("clocks", types.Json, nullable=False),
        sa.Column("acts", types.Json, nullable=False),
        sa.Column("before", types.Code, nullable=True),
        sa.Column("submission", types.Code, nullable=True),
        sa.Column("channel", types.Code, nullable=False),
        sa.Column("call_id", types.Code, nullable=True),
        sa.Column("caller_number", types.Code, nullable=True),
        sa.Column("caller_reversed", types.Code, nullable=True),
        sa.Column("caller_name", types.Code, nullable=True),
        sa.Column("title", sa.String(), nullable=True),
        sa.Column("language", sa.String(), nullable=True),
        sa.Column("topic", types.Code, nullable=True),
        sa.Column("place", types.Code, nullable=True),
        sa.Column("organisation_id", types.Code, nullable=True),
        sa.Column("assignee_id", types.Code, nullable=True),
        sa.Column("person_id", types.Code, nullable=True),
        sa.Column("urgency", types.Code, nullable=False),
        sa.Column("confidential", sa.Boolean(), nullable=False),
        sa.Column("opened_at", types.UTCDateTime(), nullable=False),
        sa.Column("closed_at", types.UTCDateTime(), nullable=True),
        sa.Column("warn_at", types.UTCDateTime(), nullable=True),
        sa.Column("due_at", types.UTCDateTime(), nullable=True),
        sa.Column("red_at", types.UTCDateTime(), nullable=True),
        sa.Column("signal_at", types.UTCDateTime(), nullable=True),
        sa.Column("parent_id", types.RowId, nullable=True),
        sa.Column("satisfaction", sa.Integer(), nullable=True),
        sa.Column("solved", sa.Integer(), nullable=True),
        sa.Column("score", sa.Double(), nullable=True),
        sa.ForeignKeyConstraint(["parent_id"], ["cases.id"], name=op.f("fk_cases_parent_id_cases")),
        sa.ForeignKeyConstraint(
            ["service_version"],
            ["service_versions.id"],
            name=op.f("fk_cases_service_version_service_versions"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cases")),
        sa.UniqueConstraint("call_id", name=op.f("uq_cases_call_id")),
        sa.UniqueConstraint("number", name=op.f("uq_cases_number")),
        sa.UniqueConstraint("submission", name=op.f("uq_cases_submission")),
    )
    with op.batch_alter_table("cases", schema=None) as batch_op:
        batch_op.create_index(
            "ix_cases_assignee",
            ["service", "assignee_id", "opened_at", "id", "state", "closed_at", "satisfaction"],
            unique=False,
        )
        batch_op.create_index(batch_op.f("ix_cases_caller_name"), ["caller_name"], unique=False)
        batch_op.create_index(batch_op.f("ix_cases_caller_number"), ["caller_number"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_cases_caller_reversed"), ["caller_reversed"], unique=False
        )
        batch_op.create_index(
            "ix_cases_due",
            ["service", "due_at", "id", "place"],
            unique=False,
            sqlite_where=sa.text("due_at IS NOT NULL"),
            postgresql_where=sa.text("due_at IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_cases_open",
            ["service", "opened_at", "id", "place"],
            unique=False,
            sqlite_where=sa.text("closed_at IS NULL"),
            postgresql_where=sa.text("closed_at IS NULL"),
        )
        batch_op.create_index("ix_cases_opened", ["service", "opened_at", "id"], unique=False)
        batch_op.create_index(
            "ix_cases_organisation",
            ["service", "organisation_id", "opened_at", "id", "state", "closed_at", "satisfaction"],
            unique=False,
        )
        batch_op.create_index(
            "ix_cases_parent",
            ["parent_id", "id"],
            unique=False,
            sqlite_where=sa.text("parent_id IS NOT NULL"),
            postgresql_where=sa.text("parent_id IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_cases_person",
            ["person_id", "id"],
            unique=False,
            sqlite_where=sa.text("person_id IS NOT NULL"),
            postgresql_where=sa.text("person_id IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_cases_place",
            ["service", "place", "opened_at", "id", "state", "topic", "closed_at", "satisfaction"],
            unique=False,
        )
        batch_op.create_index(
            "ix_cases_red",
            ["service", "red_at", "place"],
            unique=False,
            sqlite_where=sa.text("red_at IS NOT NULL"),
            postgresql_where=sa.text("red_at IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_cases_satisfaction",
            ["service", "satisfaction", "opened_at", "id", "place"],
            unique=False,
            sqlite_where=sa.text("satisfaction IS NOT NULL"),
            postgresql_where=sa.text("satisfaction IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_cases_signal",
            ["signal_at"],
            unique=False,
            sqlite_where=sa.text("signal_at IS NOT NULL"),
            postgresql_where=sa.text("signal_at IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_cases_state",
            ["service", "state", "opened_at", "id", "topic", "place"],
            unique=False,
        )
        batch_op.create_index(
            "ix_cases_topic",
            ["service", "topic", "opened_at", "id", "state", "place"],
            unique=False,
        )
        batch_op.create_index(
            "ix_cases_urgency", ["service", "urgency", "opened_at", "id", "place"], unique=False
        )
        batch_op.create_index(
            "ix_cases_warn",
            ["service", "warn_at", "place"],
            unique=False,
            sqlite_where=sa.text("warn_at IS NOT NULL"),
            postgresql_where=sa.text("warn_at IS NOT NULL"),
        )

    op.create_table(
        "findings",
        sa.Column("id", types.RowId, autoincrement=True, nullable=False),
        sa.Column("score_id", types.RowId, nullable=False),
        sa.Column("item", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("verdict", sa.String(), nullable=False),
        sa.Column("fault", sa.Boolean(), nullable=False),
        sa.Column("confidence", sa.Double(), nullable=False),
        sa.Column("at_second", sa.Double(), nullable=True),
        sa.Column("until_second", sa.Double(), nullable=True),
        sa.Column("leg", sa.String(), nullable=False),
        sa.Column("sentence", sa.String(), nullable=False),
        sa.Column("card", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("article", sa.String(), nullable=False),
        sa.Column("heard", sa.String(), nullable=False),
        sa.Column("expected", sa.String(), nullable=False),
        sa.Column("critical", sa.Boolean(), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["score_id"],
            ["scores.id"],
            name=op.f("fk_findings_score_id_scores"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_findings")),
    )
    with op.batch_alter_table("findings", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_findings_fault"), ["fault"], unique=False)
        batch_op.create_index(batch_op.f("ix_findings_kind"), ["kind"], unique=False)
        batch_op.create_index(batch_op.f("ix_findings_score_id"), ["score_id"], unique=False)

    op.create_table(
        "statute_versions",
        sa.Column("id", types.RowId, autoincrement=True, nullable=False),
        sa.Column("statute_id", types.RowId, nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("level", sa.String(), nullable=False),
        sa.Column("category", sa.String(), nullable=False),
        sa.Column("publish", sa.Date(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("expired", sa.Boolean(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("taken", sa.Date(), nullable=True),
        sa.Column("repeals", types.Json, nullable=False),
        sa.Column("digest", types.Code, nullable=False),
        sa.Column("import_id", types.RowId, nullable=False),
        sa.ForeignKeyConstraint(
            ["import_id"],
            ["statute_imports.id"],
            name=op.f("fk_statute_versions_import_id_statute_imports"),
        ),
        sa.ForeignKeyConstraint(
            ["statute_id"], ["statutes.id"], name=op.f("fk_statute_versions_statute_id_statutes")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_statute_versions")),
        sa.UniqueConstraint("statute_id", "publish", name=op.f("uq_statute_versions_statute_id")),
    )
    op.create_table(
        "transcripts",
        sa.Column("id", types.RowId, autoincrement=True, nullable=False),
        sa.Column("recording_id", types.RowId, nullable=False),
        sa.Column("engine", sa.String(), nullable=False),
        sa.Column("model", sa.String(), nullable=False),
        sa.Column("model_description", sa.String(), nullable=False),
        sa.Column("demonstration", sa.Boolean(), nullable=False),
        sa.Column("seconds_taken", sa.Double(), nullable=False),
        sa.Column("created_at", types.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["recording_id"],
            ["recordings.id"],
            name=op.f("fk_transcripts_recording_id_recordings"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transcripts")),
    )
    with op.batch_alter_table("transcripts", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_transcripts_recording_id"), ["recording_id"], unique=False
        )

    op.create_table(
        "web_sessions",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("browser", sa.String(), nullable=False),
        sa.Column("created_at", types.UTCDateTime(), nullable=False),
        sa.Column("seen_at", types.UTCDateTime(), nullable=False),
        sa.Column("expires_at", types.UTCDateTime(), nullable=False),
        sa.Column("revoked_at", types.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_web_sessions_user_id_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_web_sessions")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_web_sessions_token_hash")),
    )
    with op.batch_alter_table("web_sessions", schema=None) as batch_op:
        batch_op.create_index("ix_web_sessions_user", ["user_id", "revoked_at"], unique=False)

    op.create_table(
        "webhook_deliveries",
        sa.Column("id", types.RowId, autoincrement=True, nullable=False),
        sa.Column("webhook_id", types.Code, nullable=False),
        sa.Column("outbox_id", types.RowId, nullable=False),
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("body", types.Json, nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("error", sa.String(), nullable=True),
        sa.Column("created_at", types.UTCDateTime(), nullable=False),
        sa.Column("delivered_at", types.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["webhook_id"], ["webhooks.id"], name=op.f("fk_webhook_deliveries_webhook_id_webhooks")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_deliveries")),
        sa.UniqueConstraint(
            "webhook_id", "outbox_id", name=op.f("uq_webhook_deliveries_webhook_id")
        ),
    )
    with op.batch_alter_table("webhook_deliveries", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_webhook_deliveries_webhook_id"), ["webhook_id"], unique=False
        )

    op.create_table(
        "case_documents",
        sa.Column("id", types.RowId, autoincrement=True, nullable=False),
        sa.Column("case_id", types.RowId, nullable=False),
        sa.Column("form", types.Code, nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("made_at", types.UTCDateTime(), nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.id"], name=op.f("fk_case_documents_case_id_cases")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_documents")),
    )
    with op.batch_alter_table("case_documents", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_case_documents_case_id"), ["case_id"], unique=False)

    op.create_table(
        "case_events",
        sa.Column("id", types.RowId, autoincrement=True, nullable=False),
        sa.Column("case_id", types.RowId, nullable=False),
        sa.Column("at", types.UTCDateTime(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("action", types.Code, nullable=False),
        sa.Column("from_state", sa.String(), nullable=True),
        sa.Column("to_state", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("data", types.Json, nullable=False),
        sa.Column("submission", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.id"], name=op.f("fk_case_events_case_id_cases")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_events")),
        sa.UniqueConstraint("case_id", "submission", name=op.f("uq_case_events_case_id")),
    )
    with op.batch_alter_table("case_events", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_case_events_case_id"), ["case_id"], unique=False)

    op.create_table(
        "case_papers",
        sa.Column("id", types.RowId, autoincrement=True, nullable=False),
        sa.Column("case_id", types.RowId, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", types.Code, nullable=False),
        sa.Column("file", sa.String(), nullable=False),
        sa.Column("at", types.UTCDateTime(), nullable=False),
        sa.Column("sender", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.id"], name=op.f("fk_case_papers_case_id_cases")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_papers")),
    )
    with op.batch_alter_table("case_papers", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_case_papers_case_id"), ["case_id"], unique=False)

    op.create_table(
        "exchanged_tickets",
        sa.Column("id", types.RowId, autoincrement=True, nullable=False),
        sa.Column("key_id", types.Code, nullable=False),
        sa.Column("external_id", types.Code, nullable=False),
        sa.Column("direction", types.Code, nullable=False),
        sa.Column("case_id", types.RowId, nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("receipt", sa.String(), nullable=False),
        sa.Column("at", types.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.id"], name=op.f("fk_exchanged_tickets_case_id_cases")
        ),
        sa.ForeignKeyConstraint(
            ["key_id"], ["api_keys.id"], name=op.f("fk_exchanged_tickets_key_id_api_keys")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exchanged_tickets")),
        sa.UniqueConstraint("key_id", "external_id", name=op.f("uq_exchanged_tickets_key_id")),
    )
    with op.batch_alter_table("exchanged_tickets", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_exchanged_tickets_case_id"), ["case_id"], unique=False)

    op.create_table(
        "presence",
        sa.Column("agent_id", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("since", types.UTCDateTime(), nullable=False),
        sa.Column("wish", sa.String(), nullable=False),
        sa.Column("call_id", sa.String(), nullable=True),
        sa.Column("reachable", sa.Boolean(), nullable=False),
        sa.Column("missed", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["agent_id"], ["agents.id"], name=op.f("fk_presence_agent_id_agents")
        ),
        sa.PrimaryKeyConstraint("agent_id", name=op.f("pk_presence")),
    )
    op.create_table(
        "statute_articles",
        sa.Column("version_id", types.RowId, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("branch", sa.Integer(), nullable=False),
        sa.Column("headings", types.Json, nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["statute_versions.id"],
            name=op.f("fk_statute_articles_version_id_statute_versions"),
        ),
        sa.PrimaryKeyConstraint("version_id", "position", name=op.f("pk_statute_articles")),
    )
    op.create_table(
        "text_messages",
        sa.Column("id", types.RowId, autoincrement=True, nullable=False),
        sa.Column("key", types.Code, nullable=False),
        sa.Column("case_id", types.RowId, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("recipient", sa.String(), nullable=True),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("state", types.Code, nullable=False),
        sa.Column("why", sa.String(), nullable=True),
        sa.Column("created_at", types.UTCDateTime(), nullable=False),
        sa.Column("sent_at", types.UTCDateTime(), nullable=True),
        sa.Column("receipt", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.id"], name=op.f("fk_text_messages_case_id_cases")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_text_messages")),
        sa.UniqueConstraint("key", name=op.f("uq_text_messages_key")),
    )
    with op.batch_alter_table("text_messages", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_text_messages_case_id"), ["case_id"], unique=False)

    op.create_table(
        "turns",
        sa.Column("id", types.RowId, autoincrement=True, nullable=False),
        sa.Column("transcript_id", types.RowId, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("leg", sa.String(), nullable=False),
        sa.Column("start", sa.Double(), nullable=False),
        sa.Column("end", sa.Double(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("said", sa.String(), nullable=False),
        sa.Column("confidence", sa.Double(), nullable=True),
        sa.Column("words", types.Json, nullable=False),
        sa.ForeignKeyConstraint(
            ["transcript_id"],
            ["transcripts.id"],
            name=op.f("fk_turns_transcript_id_transcripts"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_turns")),
    )
    with op.batch_alter_table("turns", schema=None) as batch_op:
        batch_op.create_index("ix_turns_transcript", ["transcript_id", "position"], unique=True)
