"""Figures that a job works out beforehand, files that a job makes, and an index to see what of the cube is new."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0032_kept_figures"
down_revision = "0030_trips"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply. Nothing is kept yet: what is wanted is made."""
    op.create_index("ix_cube_class_day_computed_at", "cube_class_day", ["computed_at"])
    op.create_table(
        "kept_run",
        sa.Column("unit_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("period", sa.String(length=16), nullable=False),
        sa.Column("wanted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("job_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["org_unit.id"], name=op.f("fk_kept_run_unit_id_org_unit"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["job_id"], ["job.id"], name=op.f("fk_kept_run_job_id_job"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("unit_id", "period", name=op.f("pk_kept_run")),
    )
    op.create_index("ix_kept_run_job_id", "kept_run", ["job_id"])
    op.create_table(
        "kept_figures",
        sa.Column("unit_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("period", sa.String(length=16), nullable=False),
        sa.Column("indicator", sa.String(length=40), nullable=False),
        sa.Column("rows", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["org_unit.id"], name=op.f("fk_kept_figures_unit_id_org_unit"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("unit_id", "period", "indicator", name=op.f("pk_kept_figures")),
    )
    op.create_table(
        "report_file",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("client_key", sa.String(length=64), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("wanted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("job_id", sa.Integer(), nullable=True),
        sa.Column("mimetype", sa.String(length=100), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["made_by"],
            ["user_account.id"],
            name=op.f("fk_report_file_made_by_user_account"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["job_id"], ["job.id"], name=op.f("fk_report_file_job_id_job"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_file")),
        sa.UniqueConstraint("made_by", "client_key", name=op.f("uq_report_file_made_by_client_key")),
    )
    op.create_index("ix_report_file_job_id", "report_file", ["job_id"])


def downgrade() -> None:
    """Take back. Nothing is lost that cannot be worked out again."""
    op.drop_table("report_file")
    op.drop_table("kept_figures")
    op.drop_table("kept_run")
    op.drop_index("ix_cube_class_day_computed_at", "cube_class_day")
