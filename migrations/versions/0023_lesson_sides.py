"""Beside a lesson's questions: hands, meter, guests, co-teachers, pupils' questions, groups, sureness; retention."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023_lesson_sides"
down_revision = "0020_indicators"
branch_labels = None
depends_on = None

_SWITCHES = (
    "shows_meter",
    "shows_inquiries",
    "shows_groups",
    "takes_inquiries",
    "takes_guests",
    "asks_confidence",
)


def upgrade() -> None:  # noqa: PLR0915 - a statement for each of eleven tables and its indexes
    """Apply."""
    op.create_table(
        "answer_retention",
        sa.Column("school_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("months", sa.SmallInteger(), nullable=False),
        sa.CheckConstraint("months BETWEEN 1 AND 120", name=op.f("ck_answer_retention_months")),
        sa.ForeignKeyConstraint(
            ["school_id"],
            ["school.id"],
            name=op.f("fk_answer_retention_school_id_school"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("school_id", name=op.f("pk_answer_retention")),
    )
    op.create_table(
        "kept_apart",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("class_id", sa.Integer(), nullable=False),
        sa.Column("pair", sa.String(length=36), nullable=False),
        sa.Column("pupil_id", sa.Integer(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["class_id"],
            ["school_class.id"],
            name=op.f("fk_kept_apart_class_id_school_class"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["pupil_id"], ["pupil.id"], name=op.f("fk_kept_apart_pupil_id_pupil"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kept_apart")),
        sa.UniqueConstraint(
            "class_id", "pair", "pupil_id", name=op.f("uq_kept_apart_class_id_pair_pupil_id")
        ),
    )
    with op.batch_alter_table("kept_apart", schema=None) as batch_op:
        batch_op.create_index("ix_kept_apart_pupil_id", ["pupil_id"], unique=False)

    op.create_table(
        "inquiry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("lesson_id", sa.Integer(), nullable=False),
        sa.Column("pupil_id", sa.Integer(), nullable=False),
        sa.Column("uuid", sa.String(length=36), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "state IN ('waiting', 'shown', 'hidden', 'answered')", name=op.f("ck_inquiry_state")
        ),
        sa.ForeignKeyConstraint(
            ["lesson_id"], ["lesson.id"], name=op.f("fk_inquiry_lesson_id_lesson"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["pupil_id"], ["pupil.id"], name=op.f("fk_inquiry_pupil_id_pupil"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inquiry")),
        sa.UniqueConstraint("lesson_id", "pupil_id", "uuid", name=op.f("uq_inquiry_lesson_id_pupil_id_uuid")),
    )
    with op.batch_alter_table("inquiry", schema=None) as batch_op:
        batch_op.create_index("ix_inquiry_pupil_id", ["pupil_id"], unique=False)

    op.create_table(
        "lesson_grouping",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("lesson_id", sa.Integer(), nullable=False),
        sa.Column("op_id", sa.String(length=36), nullable=False),
        sa.Column("how", sa.String(length=8), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["lesson_id"],
            ["lesson.id"],
            name=op.f("fk_lesson_grouping_lesson_id_lesson"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lesson_grouping")),
        sa.UniqueConstraint("lesson_id", "op_id", name=op.f("uq_lesson_grouping_lesson_id_op_id")),
    )
    op.create_table(
        "lesson_guest",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("lesson_id", sa.Integer(), nullable=False),
        sa.Column("nickname", sa.String(length=40), nullable=False),
        sa.Column("nickname_fold", sa.String(length=80), nullable=False),
        sa.Column("device_hash", sa.String(length=64), nullable=True),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["lesson_id"], ["lesson.id"], name=op.f("fk_lesson_guest_lesson_id_lesson"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lesson_guest")),
        sa.UniqueConstraint("lesson_id", "device_hash", name=op.f("uq_lesson_guest_lesson_id_device_hash")),
        sa.UniqueConstraint(
            "lesson_id", "nickname_fold", name=op.f("uq_lesson_guest_lesson_id_nickname_fold")
        ),
    )
    op.create_table(
        "lesson_teacher",
        sa.Column("lesson_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("user_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("added_by", sa.Integer(), nullable=True),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["added_by"],
            ["user_account.id"],
            name=op.f("fk_lesson_teacher_added_by_user_account"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["lesson_id"], ["lesson.id"], name=op.f("fk_lesson_teacher_lesson_id_lesson"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user_account.id"],
            name=op.f("fk_lesson_teacher_user_id_user_account"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("lesson_id", "user_id", name=op.f("pk_lesson_teacher")),
    )
    with op.batch_alter_table("lesson_teacher", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_lesson_teacher_added_by"), ["added_by"], unique=False)
        batch_op.create_index(batch_op.f("ix_lesson_teacher_user_id"), ["user_id"], unique=False)

    op.create_table(
        "meter_tap",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("lesson_id", sa.Integer(), nullable=False),
        sa.Column("pupil_id", sa.Integer(), nullable=False),
        sa.Column("uuid", sa.String(length=36), nullable=False),
        sa.Column("feels", sa.String(length=4), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("feels IN ('got', 'lost', '')", name=op.f("ck_meter_tap_feels")),
        sa.ForeignKeyConstraint(
            ["lesson_id"], ["lesson.id"], name=op.f("fk_meter_tap_lesson_id_lesson"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["pupil_id"], ["pupil.id"], name=op.f("fk_meter_tap_pupil_id_pupil"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meter_tap")),
        sa.UniqueConstraint(
            "lesson_id", "pupil_id", "uuid", name=op.f("uq_meter_tap_lesson_id_pupil_id_uuid")
        ),
    )
    with op.batch_alter_table("meter_tap", schema=None) as batch_op:
        batch_op.create_index("ix_meter_tap_pupil_id", ["pupil_id"], unique=False)

    op.create_table(
        "raised_hand",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("lesson_id", sa.Integer(), nullable=False),
        sa.Column("pupil_id", sa.Integer(), nullable=False),
        sa.Column("uuid", sa.String(length=36), nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lowered_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["lesson_id"], ["lesson.id"], name=op.f("fk_raised_hand_lesson_id_lesson"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["pupil_id"], ["pupil.id"], name=op.f("fk_raised_hand_pupil_id_pupil"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_raised_hand")),
        sa.UniqueConstraint(
            "lesson_id", "pupil_id", "uuid", name=op.f("uq_raised_hand_lesson_id_pupil_id_uuid")
        ),
    )
    with op.batch_alter_table("raised_hand", schema=None) as batch_op:
        batch_op.create_index("ix_raised_hand_pupil_id", ["pupil_id"], unique=False)

    op.create_table(
        "answer_confidence",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("lesson_id", sa.Integer(), nullable=False),
        sa.Column("activity_id", sa.Integer(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("pupil_id", sa.Integer(), nullable=False),
        sa.Column("uuid", sa.String(length=36), nullable=False),
        sa.Column("is_sure", sa.Boolean(), nullable=False),
        sa.Column("made", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["activity_id"],
            ["activity.id"],
            name=op.f("fk_answer_confidence_activity_id_activity"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["lesson_id"],
            ["lesson.id"],
            name=op.f("fk_answer_confidence_lesson_id_lesson"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["pupil_id"], ["pupil.id"], name=op.f("fk_answer_confidence_pupil_id_pupil"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_answer_confidence")),
        sa.UniqueConstraint(
            "activity_id", "round", "pupil_id", name=op.f("uq_answer_confidence_activity_id_round_pupil_id")
        ),
    )
    with op.batch_alter_table("answer_confidence", schema=None) as batch_op:
        batch_op.create_index("ix_answer_confidence_lesson_id", ["lesson_id"], unique=False)
        batch_op.create_index("ix_answer_confidence_pupil_id", ["pupil_id"], unique=False)

    op.create_table(
        "group_place",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("grouping_id", sa.Integer(), nullable=False),
        sa.Column("pupil_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["grouping_id"],
            ["lesson_grouping.id"],
            name=op.f("fk_group_place_grouping_id_lesson_grouping"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["pupil_id"], ["pupil.id"], name=op.f("fk_group_place_pupil_id_pupil"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_group_place")),
        sa.UniqueConstraint("grouping_id", "pupil_id", name=op.f("uq_group_place_grouping_id_pupil_id")),
    )
    with op.batch_alter_table("group_place", schema=None) as batch_op:
        batch_op.create_index("ix_group_place_pupil_id", ["pupil_id"], unique=False)

    op.create_table(
        "guest_answer",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("guest_id", sa.Integer(), nullable=False),
        sa.Column("activity_id", sa.Integer(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("uuid", sa.String(length=36), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("is_late", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("made", sa.BigInteger(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["activity_id"],
            ["activity.id"],
            name=op.f("fk_guest_answer_activity_id_activity"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["guest_id"],
            ["lesson_guest.id"],
            name=op.f("fk_guest_answer_guest_id_lesson_guest"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guest_answer")),
        sa.UniqueConstraint(
            "guest_id", "activity_id", "round", name=op.f("uq_guest_answer_guest_id_activity_id_round")
        ),
    )
    with op.batch_alter_table("guest_answer", schema=None) as batch_op:
        batch_op.create_index("ix_guest_answer_activity_id", ["activity_id", "round"], unique=False)

    op.create_table(
        "inquiry_vote",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("inquiry_id", sa.Integer(), nullable=False),
        sa.Column("pupil_id", sa.Integer(), nullable=False),
        sa.Column("is_up", sa.Boolean(), nullable=False),
        sa.Column("made", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["inquiry_id"],
            ["inquiry.id"],
            name=op.f("fk_inquiry_vote_inquiry_id_inquiry"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["pupil_id"], ["pupil.id"], name=op.f("fk_inquiry_vote_pupil_id_pupil"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inquiry_vote")),
        sa.UniqueConstraint("inquiry_id", "pupil_id", name=op.f("uq_inquiry_vote_inquiry_id_pupil_id")),
    )
    with op.batch_alter_table("inquiry_vote", schema=None) as batch_op:
        batch_op.create_index("ix_inquiry_vote_pupil_id", ["pupil_id"], unique=False)

    op.create_table(
        "round_summary",
        sa.Column("activity_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("round", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("answered", sa.Integer(), nullable=False),
        sa.Column("late", sa.Integer(), nullable=False),
        sa.Column("right", sa.Integer(), nullable=True),
        sa.Column("counts", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["activity_id"],
            ["activity.id"],
            name=op.f("fk_round_summary_activity_id_activity"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("activity_id", "round", name=op.f("pk_round_summary")),
    )
    with op.batch_alter_table("lesson", schema=None) as batch_op:
        for name in _SWITCHES:
            batch_op.add_column(sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column("answers_gone_at", sa.DateTime(timezone=True), nullable=True))
    with op.batch_alter_table("lesson") as batch_op:
        for name in _SWITCHES:
            batch_op.alter_column(name, server_default=None)


def downgrade() -> None:  # noqa: PLR0915 - the same
    """Take back."""
    with op.batch_alter_table("lesson", schema=None) as batch_op:
        for name in ("answers_gone_at", *_SWITCHES):
            batch_op.drop_column(name)

    op.drop_table("round_summary")
    with op.batch_alter_table("inquiry_vote", schema=None) as batch_op:
        batch_op.drop_index("ix_inquiry_vote_pupil_id")

    op.drop_table("inquiry_vote")
    with op.batch_alter_table("guest_answer", schema=None) as batch_op:
        batch_op.drop_index("ix_guest_answer_activity_id")

    op.drop_table("guest_answer")
    with op.batch_alter_table("group_place", schema=None) as batch_op:
        batch_op.drop_index("ix_group_place_pupil_id")

    op.drop_table("group_place")
    with op.batch_alter_table("answer_confidence", schema=None) as batch_op:
        batch_op.drop_index("ix_answer_confidence_pupil_id")
        batch_op.drop_index("ix_answer_confidence_lesson_id")

    op.drop_table("answer_confidence")
    with op.batch_alter_table("raised_hand", schema=None) as batch_op:
        batch_op.drop_index("ix_raised_hand_pupil_id")

    op.drop_table("raised_hand")
    with op.batch_alter_table("meter_tap", schema=None) as batch_op:
        batch_op.drop_index("ix_meter_tap_pupil_id")

    op.drop_table("meter_tap")
    with op.batch_alter_table("lesson_teacher", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_lesson_teacher_user_id"))
        batch_op.drop_index(batch_op.f("ix_lesson_teacher_added_by"))

    op.drop_table("lesson_teacher")
    op.drop_table("lesson_guest")
    op.drop_table("lesson_grouping")
    with op.batch_alter_table("inquiry", schema=None) as batch_op:
        batch_op.drop_index("ix_inquiry_pupil_id")

    op.drop_table("inquiry")
    with op.batch_alter_table("kept_apart", schema=None) as batch_op:
        batch_op.drop_index("ix_kept_apart_pupil_id")

    op.drop_table("kept_apart")
    op.drop_table("answer_retention")
