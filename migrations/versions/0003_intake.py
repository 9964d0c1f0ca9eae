"""Imports of rosters, with their files until they are applied."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003_intake"
down_revision = "0002_school"
branch_labels = None
depends_on = None

STATES = ("uploaded", "previewed", "unreadable", "applying", "applied", "discarded", "undone")


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "roster_import",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("year_id", sa.Integer(), nullable=False),
        sa.Column("client_key", sa.String(length=64), nullable=False),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("file_size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("preview", sa.Text(), nullable=True),
        sa.Column("numbers", sa.Text(), nullable=True),
        sa.Column("fingerprint", sa.String(length=64), nullable=True),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("ends_missing", sa.Boolean(), nullable=False),
        sa.Column("missing_status", sa.String(length=40), nullable=False),
        sa.Column("job_id", sa.Integer(), nullable=True),
        sa.Column("uploaded_by", sa.Integer(), nullable=True),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("applied_by", sa.Integer(), nullable=True),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(f"state IN {STATES}", name=op.f("ck_roster_import_state")),
        *(
            sa.ForeignKeyConstraint(
                [column],
                [f"{table}.id"],
                name=op.f(f"fk_roster_import_{column}_{table}"),
                ondelete="RESTRICT",
            )
            for column, table in (
                ("school_id", "school"),
                ("year_id", "school_year"),
                ("job_id", "job"),
                ("uploaded_by", "user_account"),
                ("applied_by", "user_account"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roster_import")),
        sa.UniqueConstraint("client_key", name=op.f("uq_roster_import_client_key")),
    )
    op.create_index("ix_roster_import_school", "roster_import", ["school_id", "uploaded_at"], unique=False)
    for column in ("year_id", "job_id", "uploaded_by", "applied_by"):
        op.create_index(op.f(f"ix_roster_import_{column}"), "roster_import", [column], unique=False)
    op.create_table(
        "roster_file",
        sa.Column("import_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["import_id"],
            ["roster_import.id"],
            name=op.f("fk_roster_file_import_id_roster_import"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("import_id", name=op.f("pk_roster_file")),
    )


def downgrade() -> None:
    """Take back."""
    op.drop_table("roster_file")
    op.drop_table("roster_import")
