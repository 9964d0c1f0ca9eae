"""Excuses: drafts, questions and answers, papers with their time; photographs of pupils."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0026_sheets"
down_revision = "0024_bulletins"
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
    with op.batch_alter_table("attendance_rule") as table:
        table.add_column(sa.Column("paper_days", sa.SmallInteger(), nullable=False, server_default="180"))
        table.create_check_constraint(op.f("ck_attendance_rule_paper_days"), "paper_days BETWEEN 7 AND 366")


def _refers(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}_{other}")
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=name, ondelete="RESTRICT")


def downgrade() -> None:
    """Take back. Papers, questions and answers are gone; a draft counts as withdrawn, a question as not asked."""
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
