"""People through the years: year rollovers, merged duplicates, guardians."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015_people_lifecycle"
down_revision = "0013_access"
branch_labels = None
depends_on = None

OPEN_ROLLOVER = sa.text("state IN ('draft', 'applying')")
NOT_UNDONE = sa.text("undone_at IS NULL")


def upgrade() -> None:
    """Apply."""
    _make_rollovers()
    _make_merges()
    _make_guardians()


def _reference(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}_{target}"), ondelete="RESTRICT"
    )


def _index(table: str, *columns: str) -> None:
    for column in columns:
        op.create_index(op.f(f"ix_{table}_{column}"), table, [column])


def _make_rollovers() -> None:
    table = "rollover"
    op.create_table(
        table,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("from_year_id", sa.Integer(), nullable=False),
        sa.Column("to_year_id", sa.Integer(), nullable=False),
        sa.Column("client_key", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("plan", sa.Text(), nullable=False),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=True),
        sa.Column("numbers", sa.Text(), nullable=True),
        sa.Column("made_classes", sa.Text(), nullable=False),
        sa.Column("job_id", sa.Integer(), nullable=True),
        sa.Column("made_by", sa.Integer(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("applied_by", sa.Integer(), nullable=True),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_by", sa.Integer(), nullable=True),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('draft', 'applying', 'applied', 'undone', 'discarded')", name=op.f("ck_rollover_state")
        ),
        sa.CheckConstraint("from_year_id <> to_year_id", name=op.f("ck_rollover_years")),
        _reference(table, "school_id", "school"),
        _reference(table, "from_year_id", "school_year"),
        _reference(table, "to_year_id", "school_year"),
        _reference(table, "job_id", "job"),
        _reference(table, "made_by", "user_account"),
        _reference(table, "applied_by", "user_account"),
        _reference(table, "undone_by", "user_account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rollover")),
        sa.UniqueConstraint("client_key", name=op.f("uq_rollover_client_key")),
    )
    _index(table, "school_id", "from_year_id", "to_year_id", "job_id", "made_by", "applied_by", "undone_by")
    op.create_index(
        "uq_rollover_open",
        table,
        ["school_id"],
        unique=True,
        sqlite_where=OPEN_ROLLOVER,
        postgresql_where=OPEN_ROLLOVER,
    )
    table = "rollover_line"
    op.create_table(
        table,
        sa.Column("rollover_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("pupil_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("decision", sa.String(length=12), nullable=False),
        sa.Column("from_class_id", sa.Integer(), nullable=True),
        sa.Column("to_class_id", sa.Integer(), nullable=True),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("after", sa.Text(), nullable=False),
        _reference(table, "rollover_id", "rollover"),
        _reference(table, "pupil_id", "pupil"),
        _reference(table, "from_class_id", "school_class"),
        _reference(table, "to_class_id", "school_class"),
        sa.PrimaryKeyConstraint("rollover_id", "pupil_id", name=op.f("pk_rollover_line")),
    )
    _index(table, "pupil_id", "from_class_id", "to_class_id")


def _make_merges() -> None:
    table = "pupil_merge"
    op.create_table(
        table,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("kept_id", sa.Integer(), nullable=False),
        sa.Column("gone_id", sa.Integer(), nullable=False),
        sa.Column("client_key", sa.String(length=64), nullable=False),
        sa.Column("journal", sa.Text(), nullable=False),
        sa.Column("merged_by", sa.Integer(), nullable=True),
        sa.Column("merged_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undone_by", sa.Integer(), nullable=True),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kept_id <> gone_id", name=op.f("ck_pupil_merge_two")),
        _reference(table, "school_id", "school"),
        _reference(table, "kept_id", "pupil"),
        _reference(table, "gone_id", "pupil"),
        _reference(table, "merged_by", "user_account"),
        _reference(table, "undone_by", "user_account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pupil_merge")),
        sa.UniqueConstraint("client_key", name=op.f("uq_pupil_merge_client_key")),
    )
    _index(table, "school_id", "kept_id", "merged_by", "undone_by")
    op.create_index(
        "uq_pupil_merge_gone_id",
        table,
        ["gone_id"],
        unique=True,
        sqlite_where=NOT_UNDONE,
        postgresql_where=NOT_UNDONE,
    )


def _make_guardians() -> None:
    table = "guardian"
    op.create_table(
        table,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("pupil_id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("client_key", sa.String(length=64), nullable=False),
        sa.Column("relationship", sa.String(length=16), nullable=False),
        sa.Column("full_name", sa.Text(), nullable=False),
        sa.Column("phone", sa.String(length=16), nullable=True),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("grant_id", sa.Integer(), nullable=True),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "relationship IN ('father', 'mother', 'grandparent', 'sibling', 'relative', 'guardian')",
            name=op.f("ck_guardian_relationship"),
        ),
        _reference(table, "pupil_id", "pupil"),
        _reference(table, "school_id", "school"),
        _reference(table, "user_id", "user_account"),
        _reference(table, "grant_id", "role_grant"),
        _reference(table, "made_by", "user_account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guardian")),
        sa.UniqueConstraint("client_key", name=op.f("uq_guardian_client_key")),
    )
    _index(table, "pupil_id", "school_id", "user_id", "grant_id", "made_by")


def downgrade() -> None:
    """Take back. What the steps wrote stays; only that they can be undone is lost."""
    for table in ("guardian", "pupil_merge", "rollover_line", "rollover"):
        op.drop_table(table)
