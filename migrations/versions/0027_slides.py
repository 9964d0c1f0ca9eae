"""Slides on lesson plans, drawn once for each content, and the ink over them."""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

revision = "0027_slides"
down_revision = "0026_sheets"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    _slides()
    op.create_table(
        "ink_stroke",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("lesson_id", sa.Integer(), nullable=False),
        sa.Column("activity_id", sa.Integer(), nullable=False),
        sa.Column("uuid", sa.String(length=36), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("pen", sa.String(length=8), nullable=False),
        sa.Column("points", sa.Text(), nullable=False),
        sa.Column("is_gone", sa.Boolean(), nullable=False),
        sa.Column("drawn_at", sa.DateTime(timezone=True), nullable=False),
        _refers("ink_stroke", "lesson_id", "lesson"),
        _refers("ink_stroke", "activity_id", "activity"),
        _refers("ink_stroke", "user_id", "user_account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ink_stroke")),
        sa.UniqueConstraint("lesson_id", "uuid", name=op.f("uq_ink_stroke_lesson_id_uuid")),
        sa.CheckConstraint("pen IN ('red', 'blue', 'green', 'marker')", name=op.f("ck_ink_stroke_pen")),
    )
    op.create_index("ix_ink_stroke_activity_id", "ink_stroke", ["activity_id", "id"])
    op.create_index(op.f("ix_ink_stroke_user_id"), "ink_stroke", ["user_id"])


def _slides() -> None:
    op.create_table(
        "slide_file",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("suffix", sa.String(length=4), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("fault", sa.String(length=16), nullable=False),
        sa.Column("pages", sa.Text(), nullable=False),
        sa.Column("job_id", sa.Integer(), nullable=True),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        _refers("slide_file", "job_id", "job"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_slide_file")),
        sa.UniqueConstraint("sha256", name=op.f("uq_slide_file_sha256")),
        sa.CheckConstraint("state IN ('drawing', 'ready', 'refused')", name=op.f("ck_slide_file_state")),
        sa.CheckConstraint("suffix IN ('pdf', 'pptx')", name=op.f("ck_slide_file_suffix")),
    )
    op.create_index(op.f("ix_slide_file_job_id"), "slide_file", ["job_id"])
    op.create_table(
        "plan_deck",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("op_id", sa.String(length=36), nullable=False),
        sa.Column("file_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        _refers("plan_deck", "plan_id", "lesson_plan"),
        _refers("plan_deck", "file_id", "slide_file"),
        _refers("plan_deck", "user_id", "user_account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_deck")),
        sa.UniqueConstraint("plan_id", "number", name=op.f("uq_plan_deck_plan_id_number")),
        sa.UniqueConstraint("plan_id", "op_id", name=op.f("uq_plan_deck_plan_id_op_id")),
        sa.CheckConstraint("number >= 1", name=op.f("ck_plan_deck_number")),
    )
    for column in ("file_id", "user_id"):
        op.create_index(op.f(f"ix_plan_deck_{column}"), "plan_deck", [column])


def _refers(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}_{other}"), ondelete="RESTRICT"
    )


def downgrade() -> None:
    """Undo. Slides in lessons are activities of a kind that the older code does not know: they go, with their ink.

    Drawings go too, and so do slides and drawings in the versions of plans.
    """
    for table in ("ink_stroke", "plan_deck", "slide_file"):
        op.drop_table(table)
    connection = op.get_bind()
    for table in ("attempt", "attempt_change", "answer_confidence", "guest_answer", "round_summary"):
        connection.execute(
            sa.text(
                f"DELETE FROM {table} WHERE activity_id IN"  # noqa: S608 - names of our own
                " (SELECT id FROM activity WHERE kind IN ('slide', 'drawing'))"
            )
        )
    connection.execute(sa.text("DELETE FROM activity WHERE kind IN ('slide', 'drawing')"))
    versions = sa.table("plan_version", sa.column("id", sa.Integer), sa.column("questions", sa.Text))
    for row in connection.execute(sa.select(versions.c.id, versions.c.questions)).all():
        kept = [one for one in json.loads(row.questions) if one["kind"] not in {"slide", "drawing"}]
        changed = versions.update().where(versions.c.id == row.id)
        connection.execute(changed.values(questions=json.dumps(kept, ensure_ascii=False)))
