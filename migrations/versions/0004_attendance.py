"""Attendance: codes, roster versions, registers, marks, the chain of events, evidence."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004_attendance"
down_revision = "0003_intake"
branch_labels = None
depends_on = None

SEED = (
    # id, letter, name, position,
    # is present, authorised, pending, late, early leave, on site, needs reason, weight, retired
    (1, "P", "Vắng có phép", 1, False, True, False, False, False, False, False, 100, False),
    (2, "K", "Vắng không phép", 2, False, False, False, False, False, False, False, 100, False),
    (3, "T", "Đi trễ", 3, True, False, False, True, False, True, False, 0, False),
)


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "attendance_code",
        sa.Column("id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("letter", sa.String(length=4), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("is_present", sa.Boolean(), nullable=False),
        sa.Column("is_authorised", sa.Boolean(), nullable=False),
        sa.Column("is_pending", sa.Boolean(), nullable=False),
        sa.Column("is_late", sa.Boolean(), nullable=False),
        sa.Column("is_early_leave", sa.Boolean(), nullable=False),
        sa.Column("is_on_site", sa.Boolean(), nullable=False),
        sa.Column("needs_reason", sa.Boolean(), nullable=False),
        sa.Column("weight", sa.SmallInteger(), nullable=False),
        sa.Column("is_retired", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "NOT (is_authorised AND is_pending)", name=op.f("ck_attendance_code_authorised_or_pending")
        ),
        sa.CheckConstraint("weight BETWEEN 0 AND 100", name=op.f("ck_attendance_code_weight")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attendance_code")),
        sa.UniqueConstraint("letter", name=op.f("uq_attendance_code_letter")),
    )
    op.create_table(
        "attendance_day",
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("last_sequence", sa.Integer(), nullable=False),
        sa.Column("last_hash", sa.String(length=64), nullable=False),
        sa.Column("materialised_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["school_id"], ["school.id"], name=op.f("fk_attendance_day_school_id_school"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("school_id", "day", name=op.f("pk_attendance_day")),
    )
    op.create_table(
        "evidence",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("pupil_id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("slot", sa.SmallInteger(), nullable=False),
        sa.Column("period", sa.SmallInteger(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("source", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(
            ["pupil_id"], ["pupil.id"], name=op.f("fk_evidence_pupil_id_pupil"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["school_id"], ["school.id"], name=op.f("fk_evidence_school_id_school"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence")),
        sa.UniqueConstraint("source", name=op.f("uq_evidence_source")),
    )
    op.create_index("ix_evidence_pupil_id_day", "evidence", ["pupil_id", "day"], unique=False)
    op.create_table(
        "roster_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("class_id", sa.Integer(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("members", sa.Text(), nullable=False),
        sa.Column("member_count", sa.SmallInteger(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("ends_on IS NULL OR ends_on > starts_on", name=op.f("ck_roster_version_dates")),
        sa.CheckConstraint("member_count >= 0", name=op.f("ck_roster_version_member_count")),
        sa.ForeignKeyConstraint(
            ["class_id"],
            ["school_class.id"],
            name=op.f("fk_roster_version_class_id_school_class"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roster_version")),
        sa.UniqueConstraint(
            "class_id", "sha256", "starts_on", name=op.f("uq_roster_version_class_id_sha256_starts_on")
        ),
    )
    op.create_table(
        "register",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("class_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("slot_kind", sa.String(length=1), nullable=False),
        sa.Column("slot", sa.SmallInteger(), nullable=False),
        sa.Column("programme_session", sa.SmallInteger(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("roster_version_id", sa.Integer(), nullable=True),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.Column("expected", sa.SmallInteger(), nullable=False),
        sa.Column("present", sa.SmallInteger(), nullable=False),
        sa.Column("excused", sa.SmallInteger(), nullable=False),
        sa.Column("unexcused", sa.SmallInteger(), nullable=False),
        sa.Column("pending", sa.SmallInteger(), nullable=False),
        sa.Column("late", sa.SmallInteger(), nullable=False),
        sa.Column("left_early", sa.SmallInteger(), nullable=False),
        sa.CheckConstraint("slot_kind IN ('S', 'P', 'E')", name=op.f("ck_register_slot_kind")),
        sa.CheckConstraint(
            "state IN ('due', 'open', 'provisional', 'submitted', 'locked', 'not_held')",
            name=op.f("ck_register_state"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('provisional', 'submitted', 'locked') OR roster_version_id IS NOT NULL",
            name=op.f("ck_register_roster"),
        ),
        sa.CheckConstraint(
            "present + excused + unexcused + pending = expected", name=op.f("ck_register_counters")
        ),
        sa.ForeignKeyConstraint(
            ["class_id"],
            ["school_class.id"],
            name=op.f("fk_register_class_id_school_class"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["roster_version_id"],
            ["roster_version.id"],
            name=op.f("fk_register_roster_version_id_roster_version"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["school_id"], ["school.id"], name=op.f("fk_register_school_id_school"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_register")),
        sa.UniqueConstraint(
            "class_id", "day", "slot_kind", "slot", name=op.f("uq_register_class_id_day_slot_kind_slot")
        ),
    )
    op.create_index("ix_register_day_school_id", "register", ["day", "school_id"], unique=False)
    op.create_table(
        "mark",
        sa.Column("register_id", sa.Integer(), nullable=False),
        sa.Column("pupil_id", sa.Integer(), nullable=False),
        sa.Column("code_id", sa.SmallInteger(), nullable=True),
        sa.Column("teacher_code_id", sa.SmallInteger(), nullable=True),
        sa.Column("office_code_id", sa.SmallInteger(), nullable=True),
        sa.Column("is_corrected", sa.Boolean(), nullable=False),
        sa.Column("minutes_late", sa.SmallInteger(), nullable=True),
        sa.Column("arrived_at", sa.Time(), nullable=True),
        sa.Column("left_at", sa.Time(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("source", sa.String(length=12), nullable=False),
        sa.CheckConstraint("is_corrected OR office_code_id IS NULL", name=op.f("ck_mark_office_code")),
        sa.CheckConstraint("minutes_late BETWEEN 0 AND 600", name=op.f("ck_mark_minutes_late")),
        sa.CheckConstraint("teacher_code_id IS NOT NULL OR is_corrected", name=op.f("ck_mark_not_empty")),
        sa.ForeignKeyConstraint(
            ["code_id"],
            ["attendance_code.id"],
            name=op.f("fk_mark_code_id_attendance_code"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["office_code_id"],
            ["attendance_code.id"],
            name=op.f("fk_mark_office_code_id_attendance_code"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["pupil_id"], ["pupil.id"], name=op.f("fk_mark_pupil_id_pupil"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["register_id"], ["register.id"], name=op.f("fk_mark_register_id_register"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["teacher_code_id"],
            ["attendance_code.id"],
            name=op.f("fk_mark_teacher_code_id_attendance_code"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("register_id", "pupil_id", name=op.f("pk_mark")),
    )
    op.create_table(
        "mark_event",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("op_id", sa.String(length=48), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("register_id", sa.Integer(), nullable=False),
        sa.Column("register_version", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("pupil_id", sa.Integer(), nullable=True),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("after", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("on_behalf_of", sa.Integer(), nullable=True),
        sa.Column("device", sa.String(length=48), nullable=False),
        sa.Column("device_time", sa.String(length=40), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("previous_hash", sa.String(length=64), nullable=False),
        sa.Column("event_hash", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["on_behalf_of"],
            ["user_account.id"],
            name=op.f("fk_mark_event_on_behalf_of_user_account"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["pupil_id"], ["pupil.id"], name=op.f("fk_mark_event_pupil_id_pupil"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["register_id"],
            ["register.id"],
            name=op.f("fk_mark_event_register_id_register"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["school_id"], ["school.id"], name=op.f("fk_mark_event_school_id_school"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user_account.id"],
            name=op.f("fk_mark_event_user_id_user_account"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mark_event")),
        sa.UniqueConstraint("op_id", name=op.f("uq_mark_event_op_id")),
        sa.UniqueConstraint(
            "school_id", "day", "sequence", name=op.f("uq_mark_event_school_id_day_sequence")
        ),
    )
    op.create_index(
        "ix_mark_event_register_id", "mark_event", ["register_id", "register_version"], unique=False
    )
    _seed_codes()
    _refuse_changes()


def _seed_codes() -> None:
    """Put in the letters of southern schools; an installation may change them (vietnam.md 2.3)."""
    columns = sa.inspect(op.get_bind()).get_columns("attendance_code")
    names = [column["name"] for column in columns]
    table = sa.table("attendance_code", *(sa.column(name) for name in names))
    op.bulk_insert(table, [dict(zip(names, row, strict=True)) for row in SEED])


def _refuse_changes() -> None:
    """Events are append-only; the database itself refuses anything else."""
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER mark_event_no_{verb.lower()} BEFORE {verb} ON mark_event "
                "BEGIN SELECT RAISE(ABORT, 'mark_event is append-only'); END"
            )
    else:
        op.execute(
            "CREATE FUNCTION mark_event_refuse() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'mark_event is append-only'; END $$"
        )
        op.execute(
            "CREATE TRIGGER mark_event_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON mark_event "
            "FOR EACH STATEMENT EXECUTE FUNCTION mark_event_refuse()"
        )


def downgrade() -> None:
    """Take back."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP TRIGGER mark_event_append_only ON mark_event")
        op.execute("DROP FUNCTION mark_event_refuse()")
    op.drop_table("mark_event")
    op.drop_table("mark")
    op.drop_table("register")
    op.drop_table("roster_version")
    op.drop_table("evidence")
    op.drop_table("attendance_day")
    op.drop_table("attendance_code")
