"""The organisation's history, calendar decisions that can be undone, timetable files, changes of single lessons."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007_organisation"
down_revision = "0006_reports"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "org_parent",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.CheckConstraint("ends_on > starts_on", name=op.f("ck_org_parent_dates")),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["org_unit.id"], name=op.f("fk_org_parent_parent_id_org_unit"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["org_unit.id"], name=op.f("fk_org_parent_unit_id_org_unit"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_org_parent")),
        sa.UniqueConstraint("unit_id", "starts_on", name=op.f("uq_org_parent_unit_id_starts_on")),
    )
    op.create_index(op.f("ix_org_parent_parent_id"), "org_parent", ["parent_id"], unique=False)
    op.create_table(
        "org_succession",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("predecessor_id", sa.Integer(), nullable=False),
        sa.Column("successor_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("on_date", sa.Date(), nullable=False),
        sa.CheckConstraint("predecessor_id <> successor_id", name=op.f("ck_org_succession_two_units")),
        sa.ForeignKeyConstraint(
            ["predecessor_id"],
            ["org_unit.id"],
            name=op.f("fk_org_succession_predecessor_id_org_unit"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["successor_id"],
            ["org_unit.id"],
            name=op.f("fk_org_succession_successor_id_org_unit"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_org_succession")),
        sa.UniqueConstraint(
            "predecessor_id", "successor_id", name=op.f("uq_org_succession_predecessor_id_successor_id")
        ),
    )
    op.create_index(op.f("ix_org_succession_successor_id"), "org_succession", ["successor_id"], unique=False)
    op.create_table(
        "calendar_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("client_key", sa.String(length=64), nullable=False),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("after_last", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undone_by", sa.Integer(), nullable=True),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("after_last > first", name=op.f("ck_calendar_change_dates")),
        sa.ForeignKeyConstraint(
            ["decided_by"],
            ["user_account.id"],
            name=op.f("fk_calendar_change_decided_by_user_account"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["undone_by"],
            ["user_account.id"],
            name=op.f("fk_calendar_change_undone_by_user_account"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["unit_id"],
            ["org_unit.id"],
            name=op.f("fk_calendar_change_unit_id_org_unit"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_change")),
        sa.UniqueConstraint("client_key", name=op.f("uq_calendar_change_client_key")),
    )
    op.create_index(op.f("ix_calendar_change_decided_by"), "calendar_change", ["decided_by"], unique=False)
    op.create_index(op.f("ix_calendar_change_undone_by"), "calendar_change", ["undone_by"], unique=False)
    op.create_index(op.f("ix_calendar_change_unit_id"), "calendar_change", ["unit_id"], unique=False)
    op.create_table(
        "timetable_import",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("year_id", sa.Integer(), nullable=False),
        sa.Column("client_key", sa.String(length=64), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("cells", sa.Text(), nullable=False),
        sa.Column("uploaded_by", sa.Integer(), nullable=True),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("timetable_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["school_id"],
            ["school.id"],
            name=op.f("fk_timetable_import_school_id_school"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["timetable_id"],
            ["timetable.id"],
            name=op.f("fk_timetable_import_timetable_id_timetable"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["uploaded_by"],
            ["user_account.id"],
            name=op.f("fk_timetable_import_uploaded_by_user_account"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["year_id"],
            ["school_year.id"],
            name=op.f("fk_timetable_import_year_id_school_year"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_timetable_import")),
        sa.UniqueConstraint("school_id", "client_key", name=op.f("uq_timetable_import_school_id_client_key")),
    )
    op.create_index(
        op.f("ix_timetable_import_timetable_id"), "timetable_import", ["timetable_id"], unique=False
    )
    op.create_index(
        op.f("ix_timetable_import_uploaded_by"), "timetable_import", ["uploaded_by"], unique=False
    )
    op.create_index(op.f("ix_timetable_import_year_id"), "timetable_import", ["year_id"], unique=False)
    op.create_table(
        "lesson_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("substitute_id", sa.Integer(), nullable=True),
        sa.Column("grant_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(kind = 'cancelled' AND substitute_id IS NULL) OR (kind = 'substituted' AND substitute_id IS NOT NULL)",
            name=op.f("ck_lesson_change_kind"),
        ),
        sa.ForeignKeyConstraint(
            ["decided_by"],
            ["user_account.id"],
            name=op.f("fk_lesson_change_decided_by_user_account"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["entry_id"],
            ["timetable_entry.id"],
            name=op.f("fk_lesson_change_entry_id_timetable_entry"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["grant_id"],
            ["role_grant.id"],
            name=op.f("fk_lesson_change_grant_id_role_grant"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["substitute_id"],
            ["staff.id"],
            name=op.f("fk_lesson_change_substitute_id_staff"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lesson_change")),
        sa.UniqueConstraint("entry_id", "day", name=op.f("uq_lesson_change_entry_id_day")),
    )
    op.create_index(op.f("ix_lesson_change_day"), "lesson_change", ["day"], unique=False)
    op.create_index(op.f("ix_lesson_change_decided_by"), "lesson_change", ["decided_by"], unique=False)
    op.create_index(op.f("ix_lesson_change_grant_id"), "lesson_change", ["grant_id"], unique=False)
    op.create_index(op.f("ix_lesson_change_substitute_id"), "lesson_change", ["substitute_id"], unique=False)


def downgrade() -> None:
    """Take back."""
    op.drop_table("lesson_change")
    op.drop_table("timetable_import")
    op.drop_table("calendar_change")
    op.drop_table("org_succession")
    op.drop_table("org_parent")
