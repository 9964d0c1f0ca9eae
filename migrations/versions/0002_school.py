"""The school's tables: organisation, time, classes, people, timetable; role grants."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002_school"
down_revision = "0001_kernel"
branch_labels = None
depends_on = None


def upgrade() -> None:  # noqa: PLR0915 - sixteen tables
    """Apply."""
    op.create_table(
        "org_unit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("code_set", sa.String(length=32), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("type_name", sa.Text(), nullable=False),
        sa.Column("name_sort", sa.Text(collation="C").with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("name_fold", sa.Text(), nullable=False),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.CheckConstraint("valid_to IS NULL OR valid_to > valid_from", name=op.f("ck_org_unit_dates")),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["org_unit.id"], name=op.f("fk_org_unit_parent_id_org_unit"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_org_unit")),
        sa.UniqueConstraint(
            "code_set", "code", "valid_from", name=op.f("uq_org_unit_code_set_code_valid_from")
        ),
    )
    op.create_index(op.f("ix_org_unit_code"), "org_unit", ["code"], unique=False)
    op.create_index(op.f("ix_org_unit_parent_id"), "org_unit", ["parent_id"], unique=False)
    op.create_table(
        "school",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("levels", sa.String(length=8), nullable=False),
        sa.Column("teaching_weekdays", sa.String(length=7), nullable=False),
        sa.ForeignKeyConstraint(
            ["id"], ["org_unit.id"], name=op.f("fk_school_id_org_unit"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_school")),
    )
    op.create_table(
        "school_year",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=9), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("second_semester_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.CheckConstraint("ends_on > starts_on", name=op.f("ck_school_year_dates")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_school_year")),
        sa.UniqueConstraint("code", name=op.f("uq_school_year_code")),
    )
    op.create_table(
        "calendar_day",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("follows_weekday", sa.Integer(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["decided_by"],
            ["user_account.id"],
            name=op.f("fk_calendar_day_decided_by_user_account"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["org_unit.id"], name=op.f("fk_calendar_day_unit_id_org_unit"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_day")),
        sa.UniqueConstraint("unit_id", "day", name=op.f("uq_calendar_day_unit_id_day")),
    )
    op.create_index(op.f("ix_calendar_day_day"), "calendar_day", ["day"], unique=False)
    op.create_table(
        "bell_period",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("day_session", sa.String(length=16), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("begins_at", sa.Time(), nullable=False),
        sa.Column("finishes_at", sa.Time(), nullable=False),
        sa.Column("programme_session", sa.Integer(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.CheckConstraint("programme_session IN (1, 2)", name=op.f("ck_bell_period_programme_session")),
        sa.ForeignKeyConstraint(
            ["school_id"], ["school.id"], name=op.f("fk_bell_period_school_id_school"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bell_period")),
        sa.UniqueConstraint(
            "school_id",
            "day_session",
            "number",
            "starts_on",
            name=op.f("uq_bell_period_school_id_day_session_number_starts_on"),
        ),
    )
    op.create_table(
        "school_class",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("year_id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("name_fold", sa.String(length=32), nullable=False),
        sa.Column("name_sort", sa.Text(collation="C").with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("grade", sa.Integer(), nullable=False),
        sa.Column("main_session", sa.String(length=16), nullable=False),
        sa.CheckConstraint("grade BETWEEN 1 AND 12", name=op.f("ck_school_class_grade")),
        sa.ForeignKeyConstraint(
            ["school_id"], ["school.id"], name=op.f("fk_school_class_school_id_school"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["site_id"], ["org_unit.id"], name=op.f("fk_school_class_site_id_org_unit"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["year_id"],
            ["school_year.id"],
            name=op.f("fk_school_class_year_id_school_year"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_school_class")),
        sa.UniqueConstraint(
            "school_id", "year_id", "name_fold", name=op.f("uq_school_class_school_id_year_id_name_fold")
        ),
    )
    op.create_index(op.f("ix_school_class_site_id"), "school_class", ["site_id"], unique=False)
    op.create_index(op.f("ix_school_class_year_id"), "school_class", ["year_id"], unique=False)
    op.create_table(
        "pupil",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("full_name", sa.Text(), nullable=False),
        sa.Column("name_sort", sa.Text(collation="C").with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("name_fold", sa.Text(), nullable=False),
        sa.Column("birth_date", sa.Date(), nullable=True),
        sa.Column("sex", sa.String(length=1), nullable=True),
        sa.Column("ethnicity", sa.String(length=64), nullable=True),
        sa.Column("ethnicity_code_set", sa.String(length=16), nullable=True),
        sa.Column("ethnicity_code", sa.String(length=8), nullable=True),
        sa.Column("disability", sa.String(length=64), nullable=True),
        sa.Column("ministry_code", sa.String(length=10), nullable=True),
        sa.Column("temporary_key", sa.String(length=40), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pupil")),
        sa.UniqueConstraint("ministry_code", name=op.f("uq_pupil_ministry_code")),
        sa.UniqueConstraint("temporary_key", name=op.f("uq_pupil_temporary_key")),
    )
    op.create_index("ix_pupil_name_fold", "pupil", ["name_fold", "birth_date"], unique=False)
    op.create_table(
        "enrolment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("pupil_id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("year_id", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.CheckConstraint("ends_on IS NULL OR ends_on >= starts_on", name=op.f("ck_enrolment_dates")),
        sa.ForeignKeyConstraint(
            ["pupil_id"], ["pupil.id"], name=op.f("fk_enrolment_pupil_id_pupil"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["school_id"], ["school.id"], name=op.f("fk_enrolment_school_id_school"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["year_id"],
            ["school_year.id"],
            name=op.f("fk_enrolment_year_id_school_year"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enrolment")),
    )
    op.create_index(op.f("ix_enrolment_pupil_id"), "enrolment", ["pupil_id"], unique=False)
    op.create_index("ix_enrolment_school", "enrolment", ["school_id", "year_id", "pupil_id"], unique=False)
    op.create_index(
        "uq_enrolment_open",
        "enrolment",
        ["pupil_id", "year_id"],
        unique=True,
        sqlite_where=sa.text("ends_on IS NULL"),
        postgresql_where=sa.text("ends_on IS NULL"),
    )
    op.create_table(
        "class_membership",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("pupil_id", sa.Integer(), nullable=False),
        sa.Column("class_id", sa.Integer(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.CheckConstraint("ends_on IS NULL OR ends_on >= starts_on", name=op.f("ck_class_membership_dates")),
        sa.ForeignKeyConstraint(
            ["class_id"],
            ["school_class.id"],
            name=op.f("fk_class_membership_class_id_school_class"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["pupil_id"], ["pupil.id"], name=op.f("fk_class_membership_pupil_id_pupil"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_class_membership")),
    )
    op.create_index("ix_class_membership_class", "class_membership", ["class_id", "starts_on"], unique=False)
    op.create_index(op.f("ix_class_membership_pupil_id"), "class_membership", ["pupil_id"], unique=False)
    op.create_index(
        "uq_class_membership_open",
        "class_membership",
        ["pupil_id", "class_id"],
        unique=True,
        sqlite_where=sa.text("ends_on IS NULL"),
        postgresql_where=sa.text("ends_on IS NULL"),
    )
    op.create_table(
        "pupil_card",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("pupil_id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("year_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=4), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["pupil_id"], ["pupil.id"], name=op.f("fk_pupil_card_pupil_id_pupil"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["school_id"], ["school.id"], name=op.f("fk_pupil_card_school_id_school"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["year_id"],
            ["school_year.id"],
            name=op.f("fk_pupil_card_year_id_school_year"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pupil_card")),
        sa.UniqueConstraint(
            "school_id", "year_id", "code", name=op.f("uq_pupil_card_school_id_year_id_code")
        ),
    )
    op.create_index(
        "uq_pupil_card_live",
        "pupil_card",
        ["pupil_id", "year_id"],
        unique=True,
        sqlite_where=sa.text("revoked_at IS NULL"),
        postgresql_where=sa.text("revoked_at IS NULL"),
    )
    op.create_table(
        "staff",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("staff_code", sa.String(length=32), nullable=False),
        sa.Column("full_name", sa.Text(), nullable=False),
        sa.Column("name_sort", sa.Text(collation="C").with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("name_fold", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["school_id"], ["school.id"], name=op.f("fk_staff_school_id_school"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_staff_user_id_user_account"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff")),
        sa.UniqueConstraint("school_id", "staff_code", name=op.f("uq_staff_school_id_staff_code")),
        sa.UniqueConstraint("user_id", name=op.f("uq_staff_user_id")),
    )
    op.create_table(
        "homeroom_duty",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("class_id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["class_id"],
            ["school_class.id"],
            name=op.f("fk_homeroom_duty_class_id_school_class"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_homeroom_duty_staff_id_staff"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_homeroom_duty")),
    )
    op.create_index(op.f("ix_homeroom_duty_class_id"), "homeroom_duty", ["class_id"], unique=False)
    op.create_index(op.f("ix_homeroom_duty_staff_id"), "homeroom_duty", ["staff_id"], unique=False)
    op.create_table(
        "subject",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=16), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subject")),
        sa.UniqueConstraint("code", name=op.f("uq_subject_code")),
    )
    op.create_table(
        "timetable",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("year_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["school_id"], ["school.id"], name=op.f("fk_timetable_school_id_school"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["year_id"],
            ["school_year.id"],
            name=op.f("fk_timetable_year_id_school_year"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_timetable")),
        sa.UniqueConstraint(
            "school_id", "year_id", "version", name=op.f("uq_timetable_school_id_year_id_version")
        ),
    )
    op.create_index(op.f("ix_timetable_year_id"), "timetable", ["year_id"], unique=False)
    op.create_table(
        "timetable_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("timetable_id", sa.Integer(), nullable=False),
        sa.Column("class_id", sa.Integer(), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("day_session", sa.String(length=16), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("room", sa.String(length=32), nullable=False),
        sa.CheckConstraint("weekday BETWEEN 1 AND 7", name=op.f("ck_timetable_entry_weekday")),
        sa.ForeignKeyConstraint(
            ["class_id"],
            ["school_class.id"],
            name=op.f("fk_timetable_entry_class_id_school_class"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_timetable_entry_staff_id_staff"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["subject_id"],
            ["subject.id"],
            name=op.f("fk_timetable_entry_subject_id_subject"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["timetable_id"],
            ["timetable.id"],
            name=op.f("fk_timetable_entry_timetable_id_timetable"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_timetable_entry")),
        sa.UniqueConstraint(
            "timetable_id",
            "class_id",
            "weekday",
            "day_session",
            "number",
            name=op.f("uq_timetable_entry_timetable_id_class_id_weekday_day_session_number"),
        ),
    )
    op.create_index(op.f("ix_timetable_entry_class_id"), "timetable_entry", ["class_id"], unique=False)
    op.create_index("ix_timetable_entry_staff", "timetable_entry", ["staff_id", "weekday"], unique=False)
    op.create_table(
        "role_grant",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(length=32), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("class_id", sa.Integer(), nullable=True),
        sa.Column("pupil_id", sa.Integer(), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("granted_by", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("ends_on IS NULL OR ends_on > starts_on", name=op.f("ck_role_grant_dates")),
        sa.ForeignKeyConstraint(
            ["class_id"],
            ["school_class.id"],
            name=op.f("fk_role_grant_class_id_school_class"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["granted_by"],
            ["user_account.id"],
            name=op.f("fk_role_grant_granted_by_user_account"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["pupil_id"], ["pupil.id"], name=op.f("fk_role_grant_pupil_id_pupil"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["org_unit.id"], name=op.f("fk_role_grant_unit_id_org_unit"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user_account.id"],
            name=op.f("fk_role_grant_user_id_user_account"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role_grant")),
    )
    op.create_index("ix_role_grant_class_id", "role_grant", ["class_id"], unique=False)
    op.create_index(op.f("ix_role_grant_granted_by"), "role_grant", ["granted_by"], unique=False)
    op.create_index(op.f("ix_role_grant_pupil_id"), "role_grant", ["pupil_id"], unique=False)
    op.create_index(op.f("ix_role_grant_unit_id"), "role_grant", ["unit_id"], unique=False)
    op.create_index("ix_role_grant_user_id", "role_grant", ["user_id", "starts_on"], unique=False)


def downgrade() -> None:
    """Take back."""
    op.drop_table("role_grant")
    op.drop_table("timetable_entry")
    op.drop_table("timetable")
    op.drop_table("subject")
    op.drop_table("homeroom_duty")
    op.drop_table("staff")
    op.drop_table("pupil_card")
    op.drop_table("class_membership")
    op.drop_table("enrolment")
    op.drop_table("pupil")
    op.drop_table("school_class")
    op.drop_table("bell_period")
    op.drop_table("calendar_day")
    op.drop_table("school_year")
    op.drop_table("school")
    op.drop_table("org_unit")
