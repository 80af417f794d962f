"""Follow the tables"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from hotline.store import types

revision = "0002"
down_revision = "0001_initial"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "alarms",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("rule", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("level", sa.String(), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("raised_at", types.UTCDateTime(), nullable=False),
        sa.Column("met_at", types.UTCDateTime(), nullable=False),
        sa.Column("cleared_at", types.UTCDateTime(), nullable=True),
        sa.Column("seen_at", types.UTCDateTime(), nullable=True),
        sa.Column("seen_by", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alarms")),
    )
    with op.batch_alter_table("alarms", schema=None) as batch_op:
        batch_op.create_index("ix_alarms_raised", ["raised_at"], unique=False)
        batch_op.create_index(
            "uq_alarms_open",
            ["key"],
            unique=True,
            sqlite_where=sa.text("cleared_at IS NULL"),
            postgresql_where=sa.text("cleared_at IS NULL"),
        )

    op.create_table(
        "booking_windows",
        sa.Column("id", types.RowId, autoincrement=True, nullable=False),
        sa.Column("service", types.Code, nullable=False),
        sa.Column("place", types.Code, nullable=False),
        sa.Column("hours", types.Json, nullable=False),
        sa.Column("capacity", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("opened_at", types.UTCDateTime(), nullable=False),
        sa.Column("opened_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_booking_windows")),
        sa.UniqueConstraint("service", "place", name=op.f("uq_booking_windows_service")),
    )
    op.create_table(
        "broadcasts",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("created_at", types.UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_broadcasts")),
    )
    with op.batch_alter_table("broadcasts", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_broadcasts_created_at"), ["created_at"], unique=False)

    op.create_table(
        "call_emergencies",
        sa.Column("call_id", sa.String(), nullable=False),
        sa.Column("agent_id", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("raised_at", types.UTCDateTime(), nullable=False),
        sa.Column("seen_at", types.UTCDateTime(), nullable=True),
        sa.Column("seen_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("call_id", name=op.f("pk_call_emergencies")),
    )
    with op.batch_alter_table("call_emergencies", schema=None) as batch_op:
        batch_op.create_index(
            "ix_call_emergencies_open",
            ["call_id"],
            unique=False,
            sqlite_where=sa.text("seen_at IS NULL"),
            postgresql_where=sa.text("seen_at IS NULL"),
        )

    op.create_table(
        "call_orders",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("call_id", sa.String(), nullable=False),
        sa.Column("agent_id", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("target", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("asked_at", types.UTCDateTime(), nullable=False),
        sa.Column("done_at", types.UTCDateTime(), nullable=True),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call_orders")),
        sa.UniqueConstraint("by", "key", name=op.f("uq_call_orders_by")),
    )
    with op.batch_alter_table("call_orders", schema=None) as batch_op:
        batch_op.create_index("ix_call_orders_call", ["call_id"], unique=False)
        batch_op.create_index(
            "ix_call_orders_open",
            ["id"],
            unique=False,
            sqlite_where=sa.text("done_at IS NULL"),
            postgresql_where=sa.text("done_at IS NULL"),
        )

    op.create_table(
        "call_talks",
        sa.Column("call_id", sa.String(), nullable=False),
        sa.Column("agent_id", sa.String(), nullable=False),
        sa.Column("state", types.Json, nullable=False),
        sa.Column("changed_at", types.UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("call_id", name=op.f("pk_call_talks")),
    )
    with op.batch_alter_table("call_talks", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_call_talks_agent_id"), ["agent_id"], unique=False)

    op.create_table(
        "callbacks",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("asked", sa.String(), nullable=False),
        sa.Column("call_id", sa.String(), nullable=True),
        sa.Column("case_id", sa.Integer(), nullable=True),
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("priority", sa.String(), nullable=False),
        sa.Column("day_part", sa.String(), nullable=False),
        sa.Column("since", types.UTCDateTime(), nullable=False),
        sa.Column("due_at", types.UTCDateTime(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("try_call", sa.String(), nullable=True),
        sa.Column("dialling", sa.Boolean(), nullable=False),
        sa.Column("created_at", types.UTCDateTime(), nullable=False),
        sa.Column("closed_at", types.UTCDateTime(), nullable=True),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("words", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_callbacks")),
    )
    with op.batch_alter_table("callbacks", schema=None) as batch_op:
        batch_op.create_index("ix_callbacks_call", ["call_id"], unique=False)
        batch_op.create_index("ix_callbacks_case", ["case_id"], unique=False)
        batch_op.create_index("ix_callbacks_number", ["number", "created_at"], unique=False)
        batch_op.create_index(
            "uq_callbacks_open_number",
            ["number"],
            unique=True,
            sqlite_where=sa.text("closed_at IS NULL"),
            postgresql_where=sa.text("closed_at IS NULL"),
        )

    op.create_table(
        "card_versions",
        sa.Column("id", types.RowId, autoincrement=True, nullable=False),
        sa.Column("card_id", types.Code, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", types.Code, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("body", types.Json, nullable=False),
        sa.Column("author_id", types.RowId, nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("created_at", types.UTCDateTime(), nullable=False),
        sa.Column("saved_at", types.UTCDateTime(), nullable=False),
        sa.Column("submitted_at", types.UTCDateTime(), nullable=True),
        sa.Column("decided_by", sa.String(), nullable=False),
        sa.Column("decided_at", types.UTCDateTime(), nullable=True),
        sa.Column("decision", sa.String(), nullable=False),
        sa.Column("doubts", types.Json, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_card_versions")),
        sa.UniqueConstraint("card_id", "number", name=op.f("uq_card_versions_card_id")),
    )
    with op.batch_alter_table("card_versions", schema=None) as batch_op:
        batch_op.create_index(
            "ix_card_versions_open",
            ["card_id"],
            unique=True,
            sqlite_where=sa.text("state IN ('draft', 'review')"),
            postgresql_where=sa.text("state IN ('draft', 'review')"),
        )

    op.create_table(
        "dialled_calls",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("agent_id", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=True),
        sa.Column("started_at", types.UTCDateTime(), nullable=False),
        sa.Column("ended_at", types.UTCDateTime(), nullable=True),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("seconds", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dialled_calls")),
    )
    with op.batch_alter_table("dialled_calls", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_dialled_calls_agent_id"), ["agent_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_dialled_calls_started_at"), ["started_at"], unique=False
        )

    op.create_table(
        "hints",
        sa.Column("id", types.RowId, autoincrement=True, nullable=False),
        sa.Column("call_id", types.Code, nullable=False),
        sa.Column("agent_id", types.Code, nullable=True),
        sa.Column("key", types.Code, nullable=False),
        sa.Column("kind", types.Code, nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("article", sa.String(), nullable=False),
        sa.Column("points", types.Json, nullable=False),
        sa.Column("heard", sa.String(), nullable=False),
        sa.Column("expected", sa.String(), nullable=False),
        sa.Column("at_second", sa.Double(), nullable=True),
        sa.Column("shown_at", types.UTCDateTime(), nullable=False),
        sa.Column("seen_at", types.UTCDateTime(), nullable=True),
        sa.Column("used_at", types.UTCDateTime(), nullable=True),
        sa.Column("used_how", sa.String(), nullable=False),
        sa.Column("dismissed_at", types.UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hints")),
        sa.UniqueConstraint("call_id", "key", name=op.f("uq_hints_call_id")),
    )
    with op.batch_alter_table("hints", schema=None) as batch_op:
        batch_op.create_index("ix_hints_shown", ["shown_at"], unique=False)

    op.create_table(
        "knowledge_questions",
        sa.Column("id", types.RowId, autoincrement=True, nullable=False),
        sa.Column("question", sa.String(), nullable=False),
        sa.Column("at", types.UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_knowledge_questions")),
    )
    with op.batch_alter_table("knowledge_questions", schema=None) as batch_op:
        batch_op.create_index("ix_knowledge_questions_at", ["at"], unique=False)

    op.create_table(
        "live_talks",
        sa.Column("id", types.RowId, autoincrement=True, nullable=False),
        sa.Column("call_id", types.Code, nullable=False),
        sa.Column("take", types.Code, nullable=False),
        sa.Column("agent_id", types.Code, nullable=True),
        sa.Column("topics", types.Json, nullable=False),
        sa.Column("leading", types.Code, nullable=False),
        sa.Column("running", types.Json, nullable=False),
        sa.Column("behind", sa.Boolean(), nullable=False),
        sa.Column("model", sa.String(), nullable=False),
        sa.Column("demonstration", sa.Boolean(), nullable=False),
        sa.Column("begun_at", types.UTCDateTime(), nullable=False),
        sa.Column("ended_at", types.UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_live_talks")),
        sa.UniqueConstraint("call_id", "take", name=op.f("uq_live_talks_call_id")),
    )
    with op.batch_alter_table("live_talks", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_live_talks_call_id"), ["call_id"], unique=False)

    op.create_table(
        "notice_ways",
        sa.Column("account", types.Code, nullable=False),
        sa.Column("mobile", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("by_text", types.Json, nullable=False),
        sa.Column("by_mail", types.Json, nullable=False),
        sa.PrimaryKeyConstraint("account", name=op.f("pk_notice_ways")),
    )
    op.create_table(
        "notices_seen",
        sa.Column("account", types.Code, nullable=False),
        sa.Column("last_id", types.RowId, nullable=False),
        sa.PrimaryKeyConstraint("account", name=op.f("pk_notices_seen")),
    )
    op.create_table(
        "persons",
        sa.Column("id", types.Code, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("phone", types.Code, nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("created_at", types.UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("merged_into", types.Code, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_persons")),
    )
    with op.batch_alter_table("persons", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_persons_phone"), ["phone"], unique=False)

    op.create_table(
        "policy_troubles",
        sa.Column("file", sa.String(), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("since", types.UTCDateTime(), nullable=False),
        sa.Column("holds_since", types.UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("file", name=op.f("pk_policy_troubles")),
    )
    op.create_table(
        "presence_past",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("agent_id", sa.String(), nullable=False),
        sa.Column("at", types.UTCDateTime(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("call_id", sa.String(), nullable=True),
        sa.Column("reachable", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_presence_past")),
    )
    with op.batch_alter_table("presence_past", schema=None) as batch_op:
        batch_op.create_index("ix_presence_past_agent_at", ["agent_id", "at"], unique=False)

    op.create_table(
        "review_agreement",
        sa.Column("subject", types.Code, nullable=False),
        sa.Column("pairs", sa.Integer(), nullable=False),
        sa.Column("kappa", sa.Double(), nullable=True),
        sa.Column("hint_only", sa.Boolean(), nullable=False),
        sa.Column("at", types.UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("subject", name=op.f("pk_review_agreement")),
    )
    op.create_table(
        "review_comments",
        sa.Column("id", types.RowId, autoincrement=True, nullable=False),
        sa.Column("call_id", types.Code, nullable=False),
        sa.Column("reviewer_id", sa.Integer(), nullable=False),
        sa.Column("reviewer_name", sa.String(), nullable=False),
        sa.Column("at_second", sa.Double(), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("made_at", types.UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_comments")),
    )
    with op.batch_alter_table("review_comments", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_review_comments_call_id"), ["call_id"], unique=False)

    op.create_table(
        "review_draw_runs",
        sa.Column("id", types.RowId, autoincrement=True, nullable=False),
        sa.Column("since", types.UTCDateTime(), nullable=False),
        sa.Column("until", types.UTCDateTime(), nullable=False),
        sa.Column("seed", sa.String(), nullable=False),
        sa.Column("share", sa.Double(), nullable=False),
        sa.Column("calls", sa.Integer(), nullable=False),
        sa.Column("drawn", sa.Integer(), nullable=False),
        sa.Column("at", types.UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_draw_runs")),
        sa.UniqueConstraint("since", "until", name=op.f("uq_review_draw_runs_since")),
    )
    op.create_table(
        "review_forms",
        sa.Column("id", types.RowId, autoincrement=True, nullable=False),
        sa.Column("code", types.Code, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("digest", types.Code, nullable=False),
        sa.Column("content", types.Json, nullable=False),
        sa.Column("opened_at", types.UTCDateTime(), nullable=False),
        sa.Column("closed_at", types.UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_forms")),
        sa.UniqueConstraint("code", "digest", name=op.f("uq_review_forms_code")),
    )
    op.create_table(
        "review_tasks",
        sa.Column("id", types.RowId, autoincrement=True, nullable=False),
        sa.Column("call_id", types.Code, nullable=False),
        sa.Column("purpose", types.Code, nullable=False),
        sa.Column("blind", sa.Boolean(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("reasons", types.Json, nullable=False),
        sa.Column("not_by", types.Json, nullable=False),
        sa.Column("made_at", types.UTCDateTime(), nullable=False),
        sa.Column("due_at", types.UTCDateTime(), nullable=True),
        sa.Column("taken_by", sa.Integer(), nullable=True),
        sa.Column("taken_at", types.UTCDateTime(), nullable=True),
        sa.Column("done_at", types.UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_tasks")),
        sa.UniqueConstraint("call_id", "purpose", name=op.f("uq_review_tasks_call_id")),
    )
    with op.batch_alter_table("review_tasks", schema=None) as batch_op:
        batch_op.create_index("ix_review_tasks_open", ["done_at", "rank", "id"], unique=False)

    op.create_table(
        "signin_throttle",
        sa.Column("network", sa.String(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("since", types.UTCDateTime(), nullable=False),
        sa.Column("blocked_until", types.UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("network", name=op.f("pk_signin_throttle")),
    )
    op.create_table(
        "statute_citations",
        sa.Column("id", types.RowId, autoincrement=True, nullable=False),
        sa.Column("law", types.Code, nullable=False),
        sa.Column("number", types.Code, nullable=False),
        sa.Column("source", types.Code, nullable=False),
        sa.Column("reference", types.Code, nullable=False),
        sa.Column("at", types.UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_statute_citations")),
        sa.UniqueConstraint(
            "source", "reference", "law", "number", name=op.f("uq_statute_citations_source")
        ),
    )
    with op.batch_alter_table("statute_citations", schema=None) as batch_op:
        batch_op.create_index("ix_statute_citations_article", ["law", "number", "at"], unique=False)

    op.create_table(
        "subsidy_statements",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("month", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("drawn_at", types.UTCDateTime(), nullable=False),
        sa.Column("drawn_by", sa.String(), nullable=False),
        sa.Column("confirmed_at", types.UTCDateTime(), nullable=True),
        sa.Column("confirmed_by", sa.String(), nullable=False),
        sa.Column("objection", sa.String(), nullable=False),
        sa.Column("approved_at", types.UTCDateTime(), nullable=True),
        sa.Column("approved_by", sa.String(), nullable=False),
        sa.Column("exported_at", types.UTCDateTime(), nullable=True),
        sa.Column("exported_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subsidy_statements")),
        sa.UniqueConstraint("month", "person_id", name=op.f("uq_subsidy_statements_month")),
    )
    with op.batch_alter_table("subsidy_statements", schema=None) as batch_op:
        batch_op.create_index("ix_subsidy_statements_person", ["person_id", "month"], unique=False)

    op.create_table(
        "trunks",
        sa.Column("endpoint", sa.String(), nullable=False),
        sa.Column("reachable", sa.Boolean(), nullable=False),
        sa.Column("since", types.UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("endpoint", name=op.f("pk_trunks")),
    )
    op.create_table(
        "broadcast_reads",
        sa.Column("broadcast_id", sa.Integer(), nullable=False),
        sa.Column("agent_id", sa.String(), nullable=False),
        sa.Column("read_at", types.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["broadcast_id"],
            ["broadcasts.id"],
            name=op.f("fk_broadcast_reads_broadcast_id_broadcasts"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("broadcast_id", "agent_id", name=op.f("pk_broadcast_reads")),
    )
    op.create_table(
        "live_turns",
        sa.Column("talk_id", types.RowId, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("leg", sa.String(), nullable=False),
        sa.Column("start", sa.Double(), nullable=False),
        sa.Column("end", sa.Double(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("confidence", sa.Double(), nullable=True),
        sa.ForeignKeyConstraint(
            ["talk_id"],
            ["live_talks.id"],
            name=op.f("fk_live_turns_talk_id_live_talks"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("talk_id", "position", name=op.f("pk_live_turns")),
    )
    op.create_table(
        "oidc_identities",
        sa.Column("issuer", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("bound_at", types.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_oidc_identities_user_id_users")
        ),
        sa.PrimaryKeyConstraint("issuer", "subject", name=op.f("pk_oidc_identities")),
    )
    with op.batch_alter_table("oidc_identities", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_oidc_identities_user_id"), ["user_id"], unique=False)

    op.create_table(
        "person_merges",
        sa.Column("id", types.RowId, autoincrement=True, nullable=False),
        sa.Column("kept", types.Code, nullable=False),
        sa.Column("merged", types.Code, nullable=False),
        sa.Column("cases", types.Json, nullable=False),
        sa.Column("took", sa.String(), server_default=sa.text("('')"), nullable=False),
        sa.Column("at", types.UTCDateTime(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("undone_at", types.UTCDateTime(), nullable=True),
        sa.Column("undone_by", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["kept"], ["persons.id"], name=op.f("fk_person_merges_kept_persons")
        ),
        sa.ForeignKeyConstraint(
            ["merged"], ["persons.id"], name=op.f("fk_person_merges_merged_persons")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person_merges")),
    )
    with op.batch_alter_table("person_merges", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_person_merges_kept"), ["kept"], unique=False)
        batch_op.create_index(batch_op.f("ix_person_merges_merged"), ["merged"], unique=False)

    op.create_table(
        "place_details",
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("windows", types.Json, nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_place_details_organisation_id_organisations"),
        ),
        sa.PrimaryKeyConstraint("organisation_id", name=op.f("pk_place_details")),
    )
    op.create_table(
        "place_staff",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("duty", sa.String(), nullable=False),
        sa.Column("engagement", sa.String(), nullable=False),
        sa.Column("phone", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_place_staff_organisation_id_organisations"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_place_staff")),
    )
    with op.batch_alter_table("place_staff", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_place_staff_organisation_id"), ["organisation_id"], unique=False
        )

    op.create_table(
        "review_draws",
        sa.Column("id", types.RowId, autoincrement=True, nullable=False),
        sa.Column("call_id", types.Code, nullable=False),
        sa.Column("sample", types.Code, nullable=False),
        sa.Column("reasons", types.Json, nullable=False),
        sa.Column("stratum", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.Column("double", sa.Boolean(), nullable=False),
        sa.Column("run_id", types.RowId, nullable=True),
        sa.Column("at", types.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["run_id"],
            ["review_draw_runs.id"],
            name=op.f("fk_review_draws_run_id_review_draw_runs"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_draws")),
        sa.UniqueConstraint("call_id", "sample", name=op.f("uq_review_draws_call_id")),
    )
    op.create_table(
        "review_grades",
        sa.Column("id", types.RowId, autoincrement=True, nullable=False),
        sa.Column("call_id", types.Code, nullable=False),
        sa.Column("agent_id", types.Code, nullable=True),
        sa.Column("form_id", types.RowId, nullable=False),
        sa.Column("reviewer_id", sa.Integer(), nullable=False),
        sa.Column("reviewer_name", sa.String(), nullable=False),
        sa.Column("purpose", types.Code, nullable=False),
        sa.Column("blind", sa.Boolean(), nullable=False),
        sa.Column("levels", types.Json, nullable=False),
        sa.Column("vetoes", types.Json, nullable=False),
        sa.Column("total", sa.Double(), nullable=False),
        sa.Column("legal_ok", sa.Boolean(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("score_id", types.RowId, nullable=True),
        sa.Column("made_at", types.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["form_id"], ["review_forms.id"], name=op.f("fk_review_grades_form_id_review_forms")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_grades")),
        sa.UniqueConstraint(
            "reviewer_id", "form_id", "call_id", name=op.f("uq_review_grades_reviewer_id")
        ),
    )
    with op.batch_alter_table("review_grades", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_review_grades_agent_id"), ["agent_id"], unique=False)
        batch_op.create_index("ix_review_grades_call", ["call_id", "id"], unique=False)

    op.create_table(
        "subsidy_lines",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("statement_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("about", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=12, scale=2), nullable=False),
        sa.Column("reckoning", types.Json, nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("example", sa.Boolean(), nullable=False),
        sa.Column("removed_at", types.UTCDateTime(), nullable=True),
        sa.Column("removed_by", sa.String(), nullable=False),
        sa.Column("removed_for", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["statement_id"],
            ["subsidy_statements.id"],
            name=op.f("fk_subsidy_lines_statement_id_subsidy_statements"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subsidy_lines")),
    )
    with op.batch_alter_table("subsidy_lines", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_subsidy_lines_statement_id"), ["statement_id"], unique=False
        )
        batch_op.create_index(
            "uq_subsidy_lines_once",
            ["kind", "reference"],
            unique=True,
            sqlite_where=sa.text("removed_at IS NULL"),
            postgresql_where=sa.text("removed_at IS NULL"),
        )

    op.create_table(
        "calendar_marks",
        sa.Column("whose", types.Code, nullable=False),
        sa.Column("at", types.UTCDateTime(), nullable=False),
        sa.Column("seat", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("case_id", types.RowId, nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.id"], name=op.f("fk_calendar_marks_case_id_cases")
        ),
        sa.PrimaryKeyConstraint("whose", "at", "seat", name=op.f("pk_calendar_marks")),
    )
    with op.batch_alter_table("calendar_marks", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_calendar_marks_case_id"), ["case_id"], unique=False)

    op.create_table(
        "own_views",
        sa.Column("case_id", types.RowId, nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("sent_at", types.UTCDateTime(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_own_views_case_id_cases")),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_own_views")),
    )
    op.create_table(
        "phone_credentials",
        sa.Column("endpoint", sa.String(), nullable=False),
        sa.Column("agent_id", sa.String(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("issued_at", types.UTCDateTime(), nullable=False),
        sa.Column("expires_at", types.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["agent_id"],
            ["agents.id"],
            name=op.f("fk_phone_credentials_agent_id_agents"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("endpoint", name=op.f("pk_phone_credentials")),
    )
    op.create_table(
        "review_appeals",
        sa.Column("id", types.RowId, autoincrement=True, nullable=False),
        sa.Column("grade_id", types.RowId, nullable=False),
        sa.Column("call_id", types.Code, nullable=False),
        sa.Column("agent_id", types.Code, nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("made_at", types.UTCDateTime(), nullable=False),
        sa.Column("answer_id", types.RowId, nullable=True),
        sa.ForeignKeyConstraint(
            ["answer_id"],
            ["review_grades.id"],
            name=op.f("fk_review_appeals_answer_id_review_grades"),
        ),
        sa.ForeignKeyConstraint(
            ["grade_id"],
            ["review_grades.id"],
            name=op.f("fk_review_appeals_grade_id_review_grades"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_appeals")),
        sa.UniqueConstraint("grade_id", name=op.f("uq_review_appeals_grade_id")),
    )
    with op.batch_alter_table("review_appeals", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_review_appeals_agent_id"), ["agent_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_review_appeals_call_id"), ["call_id"], unique=False)

    op.create_table(
        "review_judgements",
        sa.Column("id", types.RowId, autoincrement=True, nullable=False),
        sa.Column("finding_id", types.RowId, nullable=False),
        sa.Column("call_id", types.Code, nullable=False),
        sa.Column("reviewer_id", sa.Integer(), nullable=False),
        sa.Column("verdict", types.Code, nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("made_at", types.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["finding_id"],
            ["findings.id"],
            name=op.f("fk_review_judgements_finding_id_findings"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_judgements")),
        sa.UniqueConstraint(
            "finding_id", "reviewer_id", name=op.f("uq_review_judgements_finding_id")
        ),
    )
    with op.batch_alter_table("review_judgements", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_review_judgements_call_id"), ["call_id"], unique=False)

    op.create_table(
        "review_results",
        sa.Column("call_id", types.Code, nullable=False),
        sa.Column("grade_id", types.RowId, nullable=False),
        sa.Column("sample", types.Code, nullable=False),
        sa.Column("total", sa.Double(), nullable=False),
        sa.Column("legal_ok", sa.Boolean(), nullable=False),
        sa.Column("veto", sa.Boolean(), nullable=False),
        sa.Column("decided_at", types.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["grade_id"],
            ["review_grades.id"],
            name=op.f("fk_review_results_grade_id_review_grades"),
        ),
        sa.PrimaryKeyConstraint("call_id", name=op.f("pk_review_results")),
    )
    op.create_table(
        "rota_feeds",
        sa.Column("agent_id", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["agent_id"], ["agents.id"], name=op.f("fk_rota_feeds_agent_id_agents")
        ),
        sa.PrimaryKeyConstraint("agent_id", name=op.f("pk_rota_feeds")),
    )
    op.create_table(
        "rota_requests",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("agent_id", sa.String(), nullable=False),
        sa.Column("starts_at", types.UTCDateTime(), nullable=False),
        sa.Column("ends_at", types.UTCDateTime(), nullable=False),
        sa.Column("shift_id", sa.Integer(), nullable=True),
        sa.Column("other_agent_id", sa.String(), nullable=True),
        sa.Column("other_shift_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("answer", sa.String(), nullable=False),
        sa.Column("asked_at", types.UTCDateTime(), nullable=False),
        sa.Column("agreed_at", types.UTCDateTime(), nullable=True),
        sa.Column("decided_at", types.UTCDateTime(), nullable=True),
        sa.Column("decided_by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["agent_id"], ["agents.id"], name=op.f("fk_rota_requests_agent_id_agents")
        ),
        sa.ForeignKeyConstraint(
            ["other_agent_id"], ["agents.id"], name=op.f("fk_rota_requests_other_agent_id_agents")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rota_requests")),
    )
    with op.batch_alter_table("rota_requests", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_rota_requests_other_agent_id"), ["other_agent_id"], unique=False
        )
        batch_op.create_index("ix_rota_requests_person", ["agent_id", "state"], unique=False)

    op.create_table(
        "rota_shifts",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("agent_id", sa.String(), nullable=False),
        sa.Column("starts_at", types.UTCDateTime(), nullable=False),
        sa.Column("ends_at", types.UTCDateTime(), nullable=False),
        sa.Column("seat", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("changed_at", types.UTCDateTime(), nullable=False),
        sa.Column("changed_by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["agent_id"], ["agents.id"], name=op.f("fk_rota_shifts_agent_id_agents")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rota_shifts")),
    )
    with op.batch_alter_table("rota_shifts", schema=None) as batch_op:
        batch_op.create_index("ix_rota_shifts_person", ["agent_id", "starts_at"], unique=False)
        batch_op.create_index("ix_rota_shifts_time", ["starts_at", "ends_at"], unique=False)

    op.create_table(
        "staff_notices",
        sa.Column("id", types.RowId, autoincrement=True, nullable=False),
        sa.Column("key", types.Code, nullable=False),
        sa.Column("recipient", types.Code, nullable=False),
        sa.Column("case_id", types.RowId, nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("at", types.UTCDateTime(), nullable=False),
        sa.Column("kind", types.Code, server_default=sa.text("'task'"), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.id"], name=op.f("fk_staff_notices_case_id_cases")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_notices")),
        sa.UniqueConstraint("key", name=op.f("uq_staff_notices_key")),
    )
    with op.batch_alter_table("staff_notices", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_staff_notices_case_id"), ["case_id"], unique=False)
        batch_op.create_index("ix_staff_notices_recipient", ["recipient", "id"], unique=False)

    op.create_table(
        "review_corrections",
        sa.Column("id", types.RowId, autoincrement=True, nullable=False),
        sa.Column("call_id", types.Code, nullable=False),
        sa.Column("turn_id", types.RowId, nullable=False),
        sa.Column("heard", sa.String(), nullable=False),
        sa.Column("said", sa.String(), nullable=False),
        sa.Column("reviewer_id", sa.Integer(), nullable=False),
        sa.Column("made_at", types.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["turn_id"],
            ["turns.id"],
            name=op.f("fk_review_corrections_turn_id_turns"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_corrections")),
    )
    with op.batch_alter_table("review_corrections", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_review_corrections_call_id"), ["call_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_review_corrections_turn_id"), ["turn_id"], unique=False
        )

    op.create_table(
        "rota_attendance",
        sa.Column("shift_id", sa.Integer(), nullable=False),
        sa.Column("first_seen_at", types.UTCDateTime(), nullable=True),
        sa.Column("last_seen_at", types.UTCDateTime(), nullable=True),
        sa.Column("looked_at", types.UTCDateTime(), nullable=False),
        sa.Column("seconds", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(
            ["shift_id"],
            ["rota_shifts.id"],
            name=op.f("fk_rota_attendance_shift_id_rota_shifts"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("shift_id", name=op.f("pk_rota_attendance")),
    )
    op.create_table(
        "staff_messages",
        sa.Column("id", types.RowId, autoincrement=True, nullable=False),
        sa.Column("notice_id", types.RowId, nullable=False),
        sa.Column("account", types.Code, nullable=False),
        sa.Column("way", types.Code, nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("state", types.Code, nullable=False),
        sa.Column("why", sa.String(), nullable=True),
        sa.Column("created_at", types.UTCDateTime(), nullable=False),
        sa.Column("sent_at", types.UTCDateTime(), nullable=True),
        sa.Column("receipt", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["notice_id"],
            ["staff_notices.id"],
            name=op.f("fk_staff_messages_notice_id_staff_notices"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_messages")),
        sa.UniqueConstraint(
            "notice_id", "account", "way", name=op.f("uq_staff_messages_notice_id")
        ),
    )
    with op.batch_alter_table("staff_messages", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_staff_messages_account"), ["account"], unique=False)

    with op.batch_alter_table("agents", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("desk", sa.String(), server_default=sa.text("('')"), nullable=False)
        )
        batch_op.add_column(
            sa.Column("official", sa.Boolean(), server_default=sa.text("(false)"), nullable=False)
        )

    with op.batch_alter_table("blocked_callers", schema=None) as batch_op:
        batch_op.add_column(sa.Column("asked_until", types.UTCDateTime(), nullable=True))
        batch_op.add_column(sa.Column("reviewed_at", types.UTCDateTime(), nullable=True))
        batch_op.add_column(
            sa.Column("review_note", sa.String(), server_default=sa.text("('')"), nullable=False)
        )

    with op.batch_alter_table("calls", schema=None) as batch_op:
        batch_op.add_column(sa.Column("callback_id", sa.String(), nullable=True))

    with op.batch_alter_table("case_events", schema=None) as batch_op:
        batch_op.create_index("ix_case_events_action", ["action", "at"], unique=False)

    with op.batch_alter_table("cases", schema=None) as batch_op:
        batch_op.create_index(
            "ix_cases_closed",
            ["service", "closed_at"],
            unique=False,
            sqlite_where=sa.text("closed_at IS NOT NULL"),
            postgresql_where=sa.text("closed_at IS NOT NULL"),
        )

    with op.batch_alter_table("presence", schema=None) as batch_op:
        batch_op.add_column(sa.Column("reachable_since", types.UTCDateTime(), nullable=True))

    with op.batch_alter_table("scores", schema=None) as batch_op:
        batch_op.add_column(sa.Column("card_version", sa.Integer(), nullable=True))
        batch_op.drop_index(batch_op.f("ix_scores_latest"))

    with op.batch_alter_table("web_sessions", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("via", sa.String(), server_default=sa.text("'password'"), nullable=False)
        )
