"""Bulletins and their schedule; submitting and approving a month, reminders; saved views of figures."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024_bulletins"
down_revision = "0023_lesson_sides"
branch_labels = None
depends_on = None

_STATES = "state IN ('submitted', 'approved', 'returned', 'accepted', 'reopened')"
_OLD_STATES = "state IN ('accepted', 'reopened')"


def upgrade() -> None:
    """Apply. What is accepted or reopened stays so."""
    _bulletins()
    with op.batch_alter_table("submission") as table:
        table.drop_constraint(op.f("ck_submission_state"), type_="check")
        table.drop_constraint(op.f("ck_submission_round"), type_="check")
        table.create_check_constraint(op.f("ck_submission_state"), _STATES)
        table.create_check_constraint(op.f("ck_submission_round"), "round >= 0")
    op.create_table(
        "submission_reminder",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("period", sa.String(length=16), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("user_name", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        _refers("submission_reminder", "school_id", "school"),
        _refers("submission_reminder", "user_id", "user_account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_submission_reminder")),
        sa.UniqueConstraint(
            "school_id", "period", "day", name=op.f("uq_submission_reminder_school_id_period_day")
        ),
    )
    op.create_index(op.f("ix_submission_reminder_user_id"), "submission_reminder", ["user_id"])
    op.create_table(
        "figure_view",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("client_key", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("query", sa.String(length=500), nullable=False),
        sa.Column("is_pinned", sa.Boolean(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        _refers("figure_view", "user_id", "user_account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_figure_view")),
        sa.UniqueConstraint("user_id", "client_key", name=op.f("uq_figure_view_user_id_client_key")),
    )


def _bulletins() -> None:
    op.create_table(
        "bulletin_order",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("period", sa.String(length=16), nullable=False),
        sa.Column("with_schools", sa.Boolean(), nullable=False),
        sa.Column("client_key", sa.String(length=64), nullable=False),
        sa.Column("job_id", sa.Integer(), nullable=True),
        sa.Column("made_by", sa.Integer(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        _refers("bulletin_order", "unit_id", "org_unit"),
        _refers("bulletin_order", "job_id", "job"),
        _refers("bulletin_order", "made_by", "user_account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulletin_order")),
        sa.UniqueConstraint("client_key", name=op.f("uq_bulletin_order_client_key")),
    )
    op.create_index("ix_bulletin_order_unit_id", "bulletin_order", ["unit_id", "made_at"])
    op.create_index(op.f("ix_bulletin_order_job_id"), "bulletin_order", ["job_id"])
    op.create_index(op.f("ix_bulletin_order_made_by"), "bulletin_order", ["made_by"])
    op.create_table(
        "bulletin",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("period", sa.String(length=16), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("paper_sha256", sa.String(length=64), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("revision >= 1", name=op.f("ck_bulletin_revision")),
        _refers("bulletin", "unit_id", "org_unit"),
        _refers("bulletin", "order_id", "bulletin_order"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulletin")),
        sa.UniqueConstraint(
            "unit_id", "period", "revision", name=op.f("uq_bulletin_unit_id_period_revision")
        ),
    )
    op.create_index(op.f("ix_bulletin_order_id"), "bulletin", ["order_id"])
    op.create_index(op.f("ix_bulletin_period"), "bulletin", ["period"])
    op.create_table(
        "bulletin_schedule",
        sa.Column("unit_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("cron", sa.String(length=60), nullable=False),
        sa.Column("with_schools", sa.Boolean(), nullable=False),
        sa.Column("seen_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("set_by", sa.Integer(), nullable=True),
        _refers("bulletin_schedule", "unit_id", "org_unit"),
        _refers("bulletin_schedule", "set_by", "user_account"),
        sa.PrimaryKeyConstraint("unit_id", name=op.f("pk_bulletin_schedule")),
    )
    op.create_index(op.f("ix_bulletin_schedule_set_by"), "bulletin_schedule", ["set_by"])


def _refers(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}_{other}")
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=name, ondelete="RESTRICT")


def downgrade() -> None:
    """Take back. Filed bulletins, reminders and saved views are gone; a month never accepted is open again."""
    op.drop_table("figure_view")
    op.drop_index(op.f("ix_submission_reminder_user_id"), table_name="submission_reminder")
    op.drop_table("submission_reminder")
    never = "SELECT id FROM submission WHERE round = 0"
    op.execute(f"DELETE FROM submission_event WHERE submission_id IN ({never})")  # noqa: S608 - text of this file
    op.execute("DELETE FROM submission WHERE round = 0")
    op.execute("UPDATE submission SET state = 'reopened' WHERE state <> 'accepted'")
    op.execute("UPDATE submission_event SET round = 1 WHERE round = 0")
    with op.batch_alter_table("submission") as table:
        table.drop_constraint(op.f("ck_submission_state"), type_="check")
        table.drop_constraint(op.f("ck_submission_round"), type_="check")
        table.create_check_constraint(op.f("ck_submission_state"), _OLD_STATES)
        table.create_check_constraint(op.f("ck_submission_round"), "round >= 1")
    op.drop_index(op.f("ix_bulletin_schedule_set_by"), table_name="bulletin_schedule")
    op.drop_table("bulletin_schedule")
    op.drop_index(op.f("ix_bulletin_period"), table_name="bulletin")
    op.drop_index(op.f("ix_bulletin_order_id"), table_name="bulletin")
    op.drop_table("bulletin")
    op.drop_index(op.f("ix_bulletin_order_made_by"), table_name="bulletin_order")
    op.drop_index(op.f("ix_bulletin_order_job_id"), table_name="bulletin_order")
    op.drop_index("ix_bulletin_order_unit_id", table_name="bulletin_order")
    op.drop_table("bulletin_order")
