"""Live lessons: the lesson, its events, its activities, answers with their history, seats and wrong tries."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005_classroom"
down_revision = "0004_attendance"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "lesson",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("op_id", sa.String(length=36), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("class_id", sa.Integer(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("day_session", sa.String(length=16), nullable=False),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("code", sa.String(length=6), nullable=False),
        sa.Column("screen_nonce", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('lobby', 'running', 'ended')", name=op.f("ck_lesson_state")),
        sa.ForeignKeyConstraint(
            ["class_id"],
            ["school_class.id"],
            name=op.f("fk_lesson_class_id_school_class"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"],
            ["user_account.id"],
            name=op.f("fk_lesson_owner_id_user_account"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["school_id"], ["school.id"], name=op.f("fk_lesson_school_id_school"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lesson")),
        sa.UniqueConstraint("op_id", name=op.f("uq_lesson_op_id")),
    )
    op.create_index("ix_lesson_class_id", "lesson", ["class_id", "held_on"], unique=False)
    op.create_index("ix_lesson_owner_id", "lesson", ["owner_id", "held_on"], unique=False)
    op.create_index("ix_lesson_school_id", "lesson", ["school_id", "held_on"], unique=False)
    op.create_index(
        "uq_lesson_live_code",
        "lesson",
        ["code"],
        unique=True,
        sqlite_where=sa.text("state <> 'ended'"),
        postgresql_where=sa.text("state <> 'ended'"),
    )
    op.create_index(
        "uq_lesson_live_slot",
        "lesson",
        ["class_id", "owner_id", "held_on", "day_session", "number"],
        unique=True,
        sqlite_where=sa.text("state <> 'ended'"),
        postgresql_where=sa.text("state <> 'ended'"),
    )
    op.create_table(
        "activity",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("lesson_id", sa.Integer(), nullable=False),
        sa.Column("op_id", sa.String(length=36), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("phase", sa.String(length=16), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("shown_seq", sa.Integer(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revealed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("round BETWEEN 1 AND 9", name=op.f("ck_activity_round")),
        sa.ForeignKeyConstraint(
            ["lesson_id"], ["lesson.id"], name=op.f("fk_activity_lesson_id_lesson"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_activity")),
        sa.UniqueConstraint("lesson_id", "op_id", name=op.f("uq_activity_lesson_id_op_id")),
    )
    op.create_index(op.f("ix_activity_lesson_id"), "activity", ["lesson_id"], unique=False)
    op.create_table(
        "lesson_event",
        sa.Column("lesson_id", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["lesson_id"], ["lesson.id"], name=op.f("fk_lesson_event_lesson_id_lesson"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("lesson_id", "seq", name=op.f("pk_lesson_event")),
    )
    op.create_table(
        "seat",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("lesson_id", sa.Integer(), nullable=False),
        sa.Column("pupil_id", sa.Integer(), nullable=False),
        sa.Column("device_hash", sa.String(length=64), nullable=True),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["lesson_id"], ["lesson.id"], name=op.f("fk_seat_lesson_id_lesson"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["pupil_id"], ["pupil.id"], name=op.f("fk_seat_pupil_id_pupil"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seat")),
        sa.UniqueConstraint("lesson_id", "device_hash", name=op.f("uq_seat_lesson_id_device_hash")),
        sa.UniqueConstraint("lesson_id", "pupil_id", name=op.f("uq_seat_lesson_id_pupil_id")),
    )
    op.create_index("ix_seat_pupil_id", "seat", ["pupil_id"], unique=False)
    op.create_table(
        "wrong_try",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("lesson_id", sa.Integer(), nullable=False),
        sa.Column("pupil_id", sa.Integer(), nullable=False),
        sa.Column("device_hash", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["lesson_id"], ["lesson.id"], name=op.f("fk_wrong_try_lesson_id_lesson"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["pupil_id"], ["pupil.id"], name=op.f("fk_wrong_try_pupil_id_pupil"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wrong_try")),
    )
    op.create_index("ix_wrong_try_device_hash", "wrong_try", ["device_hash", "at"], unique=False)
    op.create_index("ix_wrong_try_lesson_id", "wrong_try", ["lesson_id", "pupil_id", "at"], unique=False)
    op.create_index("ix_wrong_try_pupil_id", "wrong_try", ["pupil_id"], unique=False)
    op.create_table(
        "attempt",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("lesson_id", sa.Integer(), nullable=False),
        sa.Column("activity_id", sa.Integer(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("pupil_id", sa.Integer(), nullable=False),
        sa.Column("uuid", sa.String(length=36), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("source", sa.String(length=8), nullable=False),
        sa.Column("is_late", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("made", sa.BigInteger(), nullable=False),
        sa.Column("device", sa.String(length=16), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["activity_id"],
            ["activity.id"],
            name=op.f("fk_attempt_activity_id_activity"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["lesson_id"], ["lesson.id"], name=op.f("fk_attempt_lesson_id_lesson"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["pupil_id"], ["pupil.id"], name=op.f("fk_attempt_pupil_id_pupil"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempt")),
        sa.UniqueConstraint(
            "lesson_id",
            "pupil_id",
            "activity_id",
            "round",
            name=op.f("uq_attempt_lesson_id_pupil_id_activity_id_round"),
        ),
    )
    op.create_index("ix_attempt_activity_id", "attempt", ["activity_id", "round"], unique=False)
    op.create_index("ix_attempt_pupil_id", "attempt", ["pupil_id"], unique=False)
    op.create_table(
        "attempt_change",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("activity_id", sa.Integer(), nullable=False),
        sa.Column("pupil_id", sa.Integer(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("uuid", sa.String(length=36), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("source", sa.String(length=8), nullable=False),
        sa.Column("is_late", sa.Boolean(), nullable=False),
        sa.Column("is_kept", sa.Boolean(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("arrived_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["activity_id"],
            ["activity.id"],
            name=op.f("fk_attempt_change_activity_id_activity"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["pupil_id"], ["pupil.id"], name=op.f("fk_attempt_change_pupil_id_pupil"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user_account.id"],
            name=op.f("fk_attempt_change_user_id_user_account"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempt_change")),
        sa.UniqueConstraint(
            "activity_id", "pupil_id", "uuid", name=op.f("uq_attempt_change_activity_id_pupil_id_uuid")
        ),
    )
    op.create_index("ix_attempt_change_pupil_id", "attempt_change", ["pupil_id"], unique=False)


def downgrade() -> None:
    """Undo."""
    op.drop_index("ix_attempt_change_pupil_id", table_name="attempt_change")
    op.drop_table("attempt_change")
    op.drop_index("ix_attempt_pupil_id", table_name="attempt")
    op.drop_index("ix_attempt_activity_id", table_name="attempt")
    op.drop_table("attempt")
    op.drop_index("ix_wrong_try_pupil_id", table_name="wrong_try")
    op.drop_index("ix_wrong_try_lesson_id", table_name="wrong_try")
    op.drop_index("ix_wrong_try_device_hash", table_name="wrong_try")
    op.drop_table("wrong_try")
    op.drop_index("ix_seat_pupil_id", table_name="seat")
    op.drop_table("seat")
    op.drop_table("lesson_event")
    op.drop_index(op.f("ix_activity_lesson_id"), table_name="activity")
    op.drop_table("activity")
    op.drop_index("uq_lesson_live_slot", table_name="lesson")
    op.drop_index("uq_lesson_live_code", table_name="lesson")
    op.drop_index("ix_lesson_school_id", table_name="lesson")
    op.drop_index("ix_lesson_owner_id", table_name="lesson")
    op.drop_index("ix_lesson_class_id", table_name="lesson")
    op.drop_table("lesson")
