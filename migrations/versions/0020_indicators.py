"""Indicators: cubes of pupils and classes by stretch, entered figures, the second computation, keys for reading."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020_indicators"
down_revision = "0019_activities"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply. The cubes are empty until the worker's next round fills them from the registers."""
    op.create_table(
        "figure_check",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("engine", sa.String(length=40), nullable=False),
        sa.Column("schools", sa.Integer(), nullable=False),
        sa.Column("rows_read", sa.Integer(), nullable=False),
        sa.Column("differences", sa.Integer(), nullable=False),
        sa.Column("mended", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_figure_check")),
    )
    op.create_table(
        "entered_figure",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("year_code", sa.String(length=9), nullable=False),
        sa.Column("item", sa.String(length=24), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("whole", sa.Integer(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("user_name", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "part >= 0 AND (whole IS NULL OR whole >= part)", name=op.f("ck_entered_figure_numbers")
        ),
        sa.CheckConstraint("revision >= 1", name=op.f("ck_entered_figure_revision")),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["org_unit.id"], name=op.f("fk_entered_figure_unit_id_org_unit"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user_account.id"],
            name=op.f("fk_entered_figure_user_id_user_account"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entered_figure")),
        sa.UniqueConstraint(
            "unit_id",
            "year_code",
            "item",
            "revision",
            name=op.f("uq_entered_figure_unit_id_year_code_item_revision"),
        ),
    )
    op.create_index(op.f("ix_entered_figure_user_id"), "entered_figure", ["user_id"], unique=False)
    op.create_table(
        "reading_key",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["org_unit.id"], name=op.f("fk_reading_key_unit_id_org_unit"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reading_key")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_reading_key_token_hash")),
    )
    op.create_index(op.f("ix_reading_key_unit_id"), "reading_key", ["unit_id"], unique=False)
    op.create_table(
        "figure_difference",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("check_id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("cube", sa.String(length=8), nullable=False),
        sa.Column("class_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("pupil_id", sa.Integer(), nullable=True),
        sa.Column("measure", sa.String(length=24), nullable=False),
        sa.Column("stored", sa.Integer(), nullable=True),
        sa.Column("computed", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["check_id"],
            ["figure_check.id"],
            name=op.f("fk_figure_difference_check_id_figure_check"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["school_id"],
            ["school.id"],
            name=op.f("fk_figure_difference_school_id_school"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_figure_difference")),
    )
    op.create_index(op.f("ix_figure_difference_check_id"), "figure_difference", ["check_id"], unique=False)
    op.create_index(op.f("ix_figure_difference_school_id"), "figure_difference", ["school_id"], unique=False)
    op.create_table(
        "cube_class_stretch",
        sa.Column("class_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("sessions_on_time", sa.Integer(), nullable=False),
        sa.Column("answers", sa.Integer(), nullable=False),
        sa.Column("answers_possible", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["class_id"],
            ["school_class.id"],
            name=op.f("fk_cube_class_stretch_class_id_school_class"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["school_id"],
            ["school.id"],
            name=op.f("fk_cube_class_stretch_school_id_school"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("class_id", "starts_on", name=op.f("pk_cube_class_stretch")),
    )
    op.create_index(
        "ix_cube_class_stretch_school", "cube_class_stretch", ["school_id", "starts_on"], unique=False
    )
    op.create_table(
        "cube_pupil_stretch",
        sa.Column("class_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("pupil_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("expected", sa.SmallInteger(), nullable=False),
        sa.Column("excused", sa.SmallInteger(), nullable=False),
        sa.Column("unexcused", sa.SmallInteger(), nullable=False),
        sa.Column("pending", sa.SmallInteger(), nullable=False),
        sa.Column("late", sa.SmallInteger(), nullable=False),
        sa.CheckConstraint(
            "excused + unexcused + pending <= expected AND late <= expected",
            name=op.f("ck_cube_pupil_stretch_parts"),
        ),
        sa.ForeignKeyConstraint(
            ["class_id"],
            ["school_class.id"],
            name=op.f("fk_cube_pupil_stretch_class_id_school_class"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["pupil_id"], ["pupil.id"], name=op.f("fk_cube_pupil_stretch_pupil_id_pupil"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["school_id"],
            ["school.id"],
            name=op.f("fk_cube_pupil_stretch_school_id_school"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("class_id", "starts_on", "pupil_id", name=op.f("pk_cube_pupil_stretch")),
    )
    op.create_index(op.f("ix_cube_pupil_stretch_pupil_id"), "cube_pupil_stretch", ["pupil_id"], unique=False)
    op.create_index(
        "ix_cube_pupil_stretch_school", "cube_pupil_stretch", ["school_id", "starts_on"], unique=False
    )
    op.create_table(
        "release_certificate",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("dataset", sa.String(length=64), nullable=False),
        sa.Column("period", sa.String(length=16), nullable=False),
        sa.Column("pattern", sa.String(length=64), nullable=False),
        sa.Column("certificate", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["school_id"],
            ["school.id"],
            name=op.f("fk_release_certificate_school_id_school"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_release_certificate")),
        sa.UniqueConstraint(
            "school_id",
            "dataset",
            "period",
            "pattern",
            name=op.f("uq_release_certificate_school_id_dataset_period_pattern"),
        ),
    )


def downgrade() -> None:
    """Take back. Entered figures and keys are gone with their tables; cubes and checks can be computed again."""
    op.drop_table("release_certificate")
    op.drop_index("ix_cube_pupil_stretch_school", table_name="cube_pupil_stretch")
    op.drop_index(op.f("ix_cube_pupil_stretch_pupil_id"), table_name="cube_pupil_stretch")
    op.drop_table("cube_pupil_stretch")
    op.drop_index("ix_cube_class_stretch_school", table_name="cube_class_stretch")
    op.drop_table("cube_class_stretch")
    op.drop_index(op.f("ix_figure_difference_school_id"), table_name="figure_difference")
    op.drop_index(op.f("ix_figure_difference_check_id"), table_name="figure_difference")
    op.drop_table("figure_difference")
    op.drop_index(op.f("ix_reading_key_unit_id"), table_name="reading_key")
    op.drop_table("reading_key")
    op.drop_index(op.f("ix_entered_figure_user_id"), table_name="entered_figure")
    op.drop_table("entered_figure")
    op.drop_table("figure_check")
