"""Live lessons: every kind of activity, plans and their versions, the picker, extra time, what the projector shows."""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

revision = "0019_activities"
down_revision = "0018_registers"
branch_labels = None
depends_on = None

_ACTIVITY = sa.table("activity", sa.column("id"), sa.column("kind"), sa.column("content"))
_CHOICES = ("single", "multiple", "quick")


def upgrade() -> None:
    """Apply. A question's content says its kind from now on."""
    op.create_table(
        "lesson_plan",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("op_id", sa.String(length=36), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("title_fold", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("question_count", sa.Integer(), nullable=False),
        sa.Column("is_shared", sa.Boolean(), nullable=False),
        sa.Column("is_archived", sa.Boolean(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["owner_id"],
            ["user_account.id"],
            name=op.f("fk_lesson_plan_owner_id_user_account"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["school_id"], ["school.id"], name=op.f("fk_lesson_plan_school_id_school"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lesson_plan")),
        sa.UniqueConstraint("op_id", name=op.f("uq_lesson_plan_op_id")),
    )
    op.create_index("ix_lesson_plan_owner_id", "lesson_plan", ["owner_id", "updated_at"], unique=False)
    op.create_index("ix_lesson_plan_school_id", "lesson_plan", ["school_id", "is_shared"], unique=False)
    op.create_table(
        "plan_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("op_id", sa.String(length=36), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("questions", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("copied_from_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("number >= 1", name=op.f("ck_plan_version_number")),
        sa.ForeignKeyConstraint(
            ["copied_from_id"],
            ["plan_version.id"],
            name=op.f("fk_plan_version_copied_from_id_plan_version"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["plan_id"],
            ["lesson_plan.id"],
            name=op.f("fk_plan_version_plan_id_lesson_plan"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user_account.id"],
            name=op.f("fk_plan_version_user_id_user_account"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_version")),
        sa.UniqueConstraint("plan_id", "number", name=op.f("uq_plan_version_plan_id_number")),
        sa.UniqueConstraint("plan_id", "op_id", name=op.f("uq_plan_version_plan_id_op_id")),
    )
    op.create_index(op.f("ix_plan_version_copied_from_id"), "plan_version", ["copied_from_id"], unique=False)
    op.create_table(
        "lesson_pick",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("lesson_id", sa.Integer(), nullable=False),
        sa.Column("op_id", sa.String(length=36), nullable=False),
        sa.Column("pupil_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["lesson_id"], ["lesson.id"], name=op.f("fk_lesson_pick_lesson_id_lesson"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["pupil_id"], ["pupil.id"], name=op.f("fk_lesson_pick_pupil_id_pupil"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lesson_pick")),
        sa.UniqueConstraint("lesson_id", "op_id", name=op.f("uq_lesson_pick_lesson_id_op_id")),
    )
    op.create_index(op.f("ix_lesson_pick_pupil_id"), "lesson_pick", ["pupil_id"], unique=False)
    with op.batch_alter_table("lesson") as table:
        table.add_column(sa.Column("plan_version_id", sa.Integer(), nullable=True))
        table.add_column(sa.Column("is_blank", sa.Boolean(), nullable=False, server_default=sa.false()))
        table.add_column(sa.Column("shows_names", sa.Boolean(), nullable=False, server_default=sa.false()))
        table.create_foreign_key(
            op.f("fk_lesson_plan_version_id_plan_version"),
            "plan_version",
            ["plan_version_id"],
            ["id"],
            ondelete="RESTRICT",
        )
        table.create_index(op.f("ix_lesson_plan_version_id"), ["plan_version_id"], unique=False)
    with op.batch_alter_table("lesson") as table:
        table.alter_column("is_blank", server_default=None)
        table.alter_column("shows_names", server_default=None)
    with op.batch_alter_table("activity") as table:
        table.add_column(sa.Column("paused_at", sa.DateTime(timezone=True), nullable=True))
        table.add_column(sa.Column("moderation", sa.Text(), nullable=False, server_default="[]"))
    with op.batch_alter_table("activity") as table:
        table.alter_column("moderation", server_default=None)
    with op.batch_alter_table("seat") as table:
        table.add_column(sa.Column("extra_percent", sa.Integer(), nullable=False, server_default="0"))
    with op.batch_alter_table("seat") as table:
        table.alter_column("extra_percent", server_default=None)
    _rewrite(_with_kind)


def downgrade() -> None:
    """Take back. Activities of kinds that were not known before go, with their answers; so do plans and picks."""
    known = ", ".join(f"'{kind}'" for kind in _CHOICES)
    newer = f"SELECT id FROM activity WHERE kind NOT IN ({known})"  # noqa: S608 - constants of this file
    op.execute(f"DELETE FROM attempt_change WHERE activity_id IN ({newer})")  # noqa: S608 - the same
    op.execute(f"DELETE FROM attempt WHERE activity_id IN ({newer})")  # noqa: S608 - the same
    op.execute(f"DELETE FROM activity WHERE kind NOT IN ({known})")  # noqa: S608 - the same
    op.execute("UPDATE activity SET phase = 'open' WHERE phase = 'paused'")
    _rewrite(_without_kind)
    with op.batch_alter_table("seat") as table:
        table.drop_column("extra_percent")
    with op.batch_alter_table("activity") as table:
        table.drop_column("moderation")
        table.drop_column("paused_at")
    with op.batch_alter_table("lesson") as table:
        table.drop_index(op.f("ix_lesson_plan_version_id"))
        table.drop_constraint(op.f("fk_lesson_plan_version_id_plan_version"), type_="foreignkey")
        for column in ("shows_names", "is_blank", "plan_version_id"):
            table.drop_column(column)
    op.drop_index(op.f("ix_lesson_pick_pupil_id"), table_name="lesson_pick")
    op.drop_table("lesson_pick")
    op.drop_index(op.f("ix_plan_version_copied_from_id"), table_name="plan_version")
    op.drop_table("plan_version")
    op.drop_index("ix_lesson_plan_school_id", table_name="lesson_plan")
    op.drop_index("ix_lesson_plan_owner_id", table_name="lesson_plan")
    op.drop_table("lesson_plan")


def _rewrite(change: object) -> None:
    connection = op.get_bind()
    for row in connection.execute(sa.select(_ACTIVITY)).all():
        kind, content = change(row.kind, json.loads(row.content))  # type: ignore[operator] # one of the two below
        text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
        connection.execute(
            sa.update(_ACTIVITY).where(_ACTIVITY.c.id == row.id).values(kind=kind, content=text)
        )


def _with_kind(_kind: str, old: dict[str, object]) -> tuple[str, dict[str, object]]:
    kind = "multiple" if old["several"] else "single" if old["question"] else "quick"
    new: dict[str, object] = {"kind": kind, "question": old["question"], "options": old["options"]}
    for name in ("solution", "explanation"):
        if old[name]:
            new[name] = old[name]
    return kind, new


def _without_kind(kind: str, new: dict[str, object]) -> tuple[str, dict[str, object]]:
    old = {
        "question": new["question"],
        "options": new["options"],
        "several": kind == "multiple",
        "solution": new.get("solution", []),
        "explanation": new.get("explanation", ""),
    }
    return "choice", old
