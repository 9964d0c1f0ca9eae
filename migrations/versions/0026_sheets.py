"""Excuses: drafts, questions and answers, papers with their time; photographs of pupils."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0026_sheets"
down_revision = "0025_gates"
branch_labels = None
depends_on = None

_STATES = "state IN ('draft', 'submitted', 'needs_info', 'approved', 'rejected', 'withdrawn')"
_OLD_STATES = "state IN ('submitted', 'approved', 'rejected', 'withdrawn')"


def upgrade() -> None:
    """Apply."""
    with op.batch_alter_table("excuse") as table:
        table.drop_constraint(op.f("ck_excuse_state"), type_="check")
        table.create_check_constraint(op.f("ck_excuse_state"), _STATES)
    op.create_table(
        "excuse_step",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("excuse_id", sa.Integer(), nullable=False),
        sa.Column("step", sa.String(length=12), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("by", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "step IN ('submit', 'ask', 'answer', 'approve', 'reject', 'withdraw')",
            name=op.f("ck_excuse_step_step"),
        ),
        _refers("excuse_step", "excuse_id", "excuse"),
        _refers("excuse_step", "by", "user_account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_excuse_step")),
    )
    op.create_index("ix_excuse_step_excuse_id", "excuse_step", ["excuse_id"])
    op.create_table(
        "excuse_file",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("excuse_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("added_by", sa.Integer(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind IN ('jpeg', 'pdf')", name=op.f("ck_excuse_file_kind")),
        sa.CheckConstraint(
            "(sealed IS NULL) = (deleted_at IS NOT NULL)", name=op.f("ck_excuse_file_deleted")
        ),
        _refers("excuse_file", "excuse_id", "excuse"),
        _refers("excuse_file", "added_by", "user_account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_excuse_file")),
        sa.UniqueConstraint("excuse_id", "sha256", name=op.f("uq_excuse_file_excuse_id_sha256")),
    )
    _photos()
    with op.batch_alter_table("attendance_rule") as table:
        table.add_column(sa.Column("paper_days", sa.SmallInteger(), nullable=False, server_default="180"))
        table.create_check_constraint(op.f("ck_attendance_rule_paper_days"), "paper_days BETWEEN 7 AND 366")


def _photos() -> None:
    op.create_table(
        "photo_switch",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("on_by", sa.Integer(), nullable=True),
        sa.Column("on_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("off_by", sa.Integer(), nullable=True),
        sa.Column("off_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("length(reason) > 0", name=op.f("ck_photo_switch_reason")),
        _refers("photo_switch", "school_id", "school"),
        _refers("photo_switch", "on_by", "user_account"),
        _refers("photo_switch", "off_by", "user_account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_photo_switch")),
    )
    still_on = sa.text("off_at IS NULL")
    op.create_index(
        "uq_photo_switch_on",
        "photo_switch",
        ["school_id"],
        unique=True,
        sqlite_where=still_on,
        postgresql_where=still_on,
    )
    op.create_index("ix_photo_switch_school_id", "photo_switch", ["school_id", "on_at"])
    op.create_index(op.f("ix_photo_switch_on_by"), "photo_switch", ["on_by"])
    op.create_index(op.f("ix_photo_switch_off_by"), "photo_switch", ["off_by"])
    op.create_table(
        "pupil_photo",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("pupil_id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("added_by", sa.Integer(), nullable=True),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        _refers("pupil_photo", "pupil_id", "pupil"),
        _refers("pupil_photo", "school_id", "school"),
        _refers("pupil_photo", "added_by", "user_account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pupil_photo")),
        sa.UniqueConstraint("pupil_id", "school_id", name=op.f("uq_pupil_photo_pupil_id_school_id")),
    )
    op.create_index("ix_pupil_photo_school_id", "pupil_photo", ["school_id"])
    op.create_index(op.f("ix_pupil_photo_added_by"), "pupil_photo", ["added_by"])


def _refers(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}_{other}")
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=name, ondelete="RESTRICT")


def downgrade() -> None:
    """Take back. Papers, photographs, questions and answers are gone; drafts are withdrawn, questions not asked."""
    op.drop_table("pupil_photo")
    op.drop_table("photo_switch")
    with op.batch_alter_table("attendance_rule") as table:
        table.drop_constraint(op.f("ck_attendance_rule_paper_days"), type_="check")
        table.drop_column("paper_days")
    op.drop_table("excuse_file")
    op.drop_index("ix_excuse_step_excuse_id", table_name="excuse_step")
    op.drop_table("excuse_step")
    op.execute("UPDATE excuse SET state = 'withdrawn' WHERE state = 'draft'")
    op.execute("UPDATE excuse SET state = 'submitted' WHERE state = 'needs_info'")
    with op.batch_alter_table("excuse") as table:
        table.drop_constraint(op.f("ck_excuse_state"), type_="check")
        table.create_check_constraint(op.f("ck_excuse_state"), _OLD_STATES)
