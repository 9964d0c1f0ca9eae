"""Registers: letters per school, windows, corrections, closed months, excuses, opening balances, indexes."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0018_registers"
down_revision = "0017_rest_clients"
branch_labels = None
depends_on = None

MORE_CODES = (
    # id, letter, name, position,
    # is present, authorised, pending, late, early leave, on site, needs reason, weight,
    # retired: until a school switches it on
    (4, "CR", "Vắng chưa rõ lý do", 4, False, False, True, False, False, False, False, 100, True),
    (5, "S", "Về sớm", 5, True, False, False, False, True, True, False, 0, True),
    (6, "H", "Hoạt động của trường", 6, True, False, False, False, False, False, True, 0, True),
)
CODE_COLUMNS = (
    "id", "letter", "name", "position", "is_present", "is_authorised", "is_pending", "is_late", "is_early_leave",
    "is_on_site", "needs_reason", "weight", "is_retired",
)  # fmt: skip


def upgrade() -> None:
    """Apply."""
    op.create_index("ix_mark_pupil_id", "mark", ["pupil_id"], unique=False)
    op.create_index("ix_mark_event_pupil_id", "mark_event", ["pupil_id"], unique=False)
    op.create_index("ix_register_school_id_day", "register", ["school_id", "day"], unique=False)
    op.add_column("register", sa.Column("not_held_why", sa.String(length=200), nullable=True))
    _school_tables()
    _month_close()
    _mark_correction()
    _excuses()
    _opening_balance()
    op.bulk_insert(
        sa.table(
            "attendance_code",
            *(sa.column(name, _kind(name)) for name in CODE_COLUMNS),
        ),
        [dict(zip(CODE_COLUMNS, row, strict=True)) for row in MORE_CODES],
    )


def _kind(column: str) -> sa.types.TypeEngine[Any]:
    if column in {"letter", "name"}:
        return sa.String()
    return sa.Integer() if column in {"id", "position", "weight"} else sa.Boolean()


def _school_tables() -> None:
    op.create_table(
        "school_code",
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("code_id", sa.SmallInteger(), nullable=False),
        sa.Column("letter", sa.String(length=4), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("is_offered", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["school_id"], ["school.id"], name=op.f("fk_school_code_school_id_school"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["code_id"],
            ["attendance_code.id"],
            name=op.f("fk_school_code_code_id_attendance_code"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("school_id", "code_id", name=op.f("pk_school_code")),
        sa.UniqueConstraint("school_id", "letter", name=op.f("uq_school_code_school_id_letter")),
    )
    op.create_table(
        "attendance_rule",
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("teacher_days", sa.SmallInteger(), nullable=False),
        sa.Column("office_days", sa.SmallInteger(), nullable=False),
        sa.Column("suggestion_order", sa.String(length=120), nullable=False),
        sa.CheckConstraint(
            "teacher_days BETWEEN 0 AND 366 AND office_days BETWEEN 0 AND 366",
            name=op.f("ck_attendance_rule_days"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id"],
            ["school.id"],
            name=op.f("fk_attendance_rule_school_id_school"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("school_id", name=op.f("pk_attendance_rule")),
    )


def _month_close() -> None:
    op.create_table(
        "month_close",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("closed_by", sa.Integer(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("register_count", sa.Integer(), nullable=False),
        sa.Column("missing_count", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("reopened_by", sa.Integer(), nullable=True),
        sa.Column("reopened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reopen_why", sa.String(length=200), nullable=True),
        sa.CheckConstraint(
            "(reopened_at IS NULL) = (reopen_why IS NULL)", name=op.f("ck_month_close_reopened")
        ),
        sa.ForeignKeyConstraint(
            ["school_id"], ["school.id"], name=op.f("fk_month_close_school_id_school"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["closed_by"],
            ["user_account.id"],
            name=op.f("fk_month_close_closed_by_user_account"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["reopened_by"],
            ["user_account.id"],
            name=op.f("fk_month_close_reopened_by_user_account"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_month_close")),
    )
    op.create_index(
        "uq_month_close_open",
        "month_close",
        ["school_id", "month"],
        unique=True,
        sqlite_where=sa.text("reopened_at IS NULL"),
        postgresql_where=sa.text("reopened_at IS NULL"),
    )


def _mark_correction() -> None:
    op.create_table(
        "mark_correction",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("client_key", sa.String(length=40), nullable=False),
        sa.Column("register_id", sa.Integer(), nullable=False),
        sa.Column("pupil_id", sa.Integer(), nullable=False),
        sa.Column("letter", sa.String(length=4), nullable=False),
        sa.Column("why", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("requested_by", sa.Integer(), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision_note", sa.String(length=200), nullable=False),
        sa.CheckConstraint(
            "state IN ('waiting', 'approved', 'rejected')", name=op.f("ck_mark_correction_state")
        ),
        sa.CheckConstraint(
            "(state = 'waiting') = (decided_at IS NULL)", name=op.f("ck_mark_correction_decided")
        ),
        sa.ForeignKeyConstraint(
            ["register_id"],
            ["register.id"],
            name=op.f("fk_mark_correction_register_id_register"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["pupil_id"], ["pupil.id"], name=op.f("fk_mark_correction_pupil_id_pupil"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["requested_by"],
            ["user_account.id"],
            name=op.f("fk_mark_correction_requested_by_user_account"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["decided_by"],
            ["user_account.id"],
            name=op.f("fk_mark_correction_decided_by_user_account"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mark_correction")),
        sa.UniqueConstraint("client_key", name=op.f("uq_mark_correction_client_key")),
    )
    op.create_index("ix_mark_correction_register_id", "mark_correction", ["register_id"], unique=False)
    op.create_index("ix_mark_correction_pupil_id", "mark_correction", ["pupil_id"], unique=False)
    op.create_index(
        "uq_mark_correction_waiting",
        "mark_correction",
        ["register_id", "pupil_id"],
        unique=True,
        sqlite_where=sa.text("state = 'waiting'"),
        postgresql_where=sa.text("state = 'waiting'"),
    )


def _excuses() -> None:
    op.create_table(
        "excuse",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("client_key", sa.String(length=40), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("pupil_id", sa.Integer(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("first_slot", sa.SmallInteger(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("last_slot", sa.SmallInteger(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("source", sa.String(length=12), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("requested_by", sa.Integer(), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision_note", sa.String(length=200), nullable=False),
        sa.CheckConstraint("source IN ('guardian', 'homeroom', 'office')", name=op.f("ck_excuse_source")),
        sa.CheckConstraint(
            "state IN ('submitted', 'approved', 'rejected', 'withdrawn')", name=op.f("ck_excuse_state")
        ),
        sa.CheckConstraint(
            "last_day > first_day OR (last_day = first_day AND last_slot >= first_slot)",
            name=op.f("ck_excuse_dates"),
        ),
        sa.CheckConstraint(
            "first_slot BETWEEN 1 AND 3 AND last_slot BETWEEN 1 AND 3", name=op.f("ck_excuse_slots")
        ),
        sa.ForeignKeyConstraint(
            ["school_id"], ["school.id"], name=op.f("fk_excuse_school_id_school"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["pupil_id"], ["pupil.id"], name=op.f("fk_excuse_pupil_id_pupil"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["requested_by"],
            ["user_account.id"],
            name=op.f("fk_excuse_requested_by_user_account"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["decided_by"],
            ["user_account.id"],
            name=op.f("fk_excuse_decided_by_user_account"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_excuse")),
        sa.UniqueConstraint("client_key", name=op.f("uq_excuse_client_key")),
    )
    op.create_index("ix_excuse_pupil_id", "excuse", ["pupil_id", "first_day"], unique=False)
    op.create_index("ix_excuse_school_id", "excuse", ["school_id", "state"], unique=False)
    op.create_table(
        "excuse_cover",
        sa.Column("excuse_id", sa.Integer(), nullable=False),
        sa.Column("register_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["excuse_id"], ["excuse.id"], name=op.f("fk_excuse_cover_excuse_id_excuse"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["register_id"],
            ["register.id"],
            name=op.f("fk_excuse_cover_register_id_register"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("excuse_id", "register_id", name=op.f("pk_excuse_cover")),
    )
    op.create_index("ix_excuse_cover_register_id", "excuse_cover", ["register_id"], unique=False)


def _opening_balance() -> None:
    op.create_table(
        "absence_opening",
        sa.Column("pupil_id", sa.Integer(), nullable=False),
        sa.Column("year_id", sa.Integer(), nullable=False),
        sa.Column("sessions", sa.SmallInteger(), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.CheckConstraint("sessions BETWEEN 0 AND 300", name=op.f("ck_absence_opening_sessions")),
        sa.ForeignKeyConstraint(
            ["pupil_id"], ["pupil.id"], name=op.f("fk_absence_opening_pupil_id_pupil"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["year_id"],
            ["school_year.id"],
            name=op.f("fk_absence_opening_year_id_school_year"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("pupil_id", "year_id", name=op.f("pk_absence_opening")),
    )


def downgrade() -> None:
    """Take back. Closed months open again as submitted; marks with a code that the older product lacks become "K"."""
    for table in ("absence_opening", "excuse_cover", "excuse", "mark_correction", "month_close"):
        op.drop_table(table)
    op.drop_table("attendance_rule")
    op.drop_table("school_code")
    for column in ("code_id", "teacher_code_id", "office_code_id"):
        op.execute(f"UPDATE mark SET {column} = 2 WHERE {column} > 3")  # noqa: S608 - names of our own
    op.execute("DELETE FROM attendance_code WHERE id IN (4, 5, 6)")
    op.execute("UPDATE register SET state = 'submitted' WHERE state = 'locked'")
    op.drop_column("register", "not_held_why")
    op.drop_index("ix_register_school_id_day", table_name="register")
    op.drop_index("ix_mark_event_pupil_id", table_name="mark_event")
    op.drop_index("ix_mark_pupil_id", table_name="mark")
