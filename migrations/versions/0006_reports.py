"""Reports: the cube, frozen cells, submissions, the outbox towards the hub, and the hub's own tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006_reports"
down_revision = "0005_classroom"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "hub_sender",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hub_sender")),
        sa.UniqueConstraint("code", name=op.f("uq_hub_sender_code")),
    )
    op.create_table(
        "hub_receipt",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sender_id", sa.Integer(), nullable=False),
        sa.Column("idempotency_key", sa.String(length=128), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("result", sa.String(length=16), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["sender_id"],
            ["hub_sender.id"],
            name=op.f("fk_hub_receipt_sender_id_hub_sender"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hub_receipt")),
        sa.UniqueConstraint(
            "sender_id", "idempotency_key", name=op.f("uq_hub_receipt_sender_id_idempotency_key")
        ),
    )
    op.create_table(
        "hub_sender_key",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sender_id", sa.Integer(), nullable=False),
        sa.Column("key_id", sa.String(length=64), nullable=False),
        sa.Column("public_pem", sa.Text(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["sender_id"],
            ["hub_sender.id"],
            name=op.f("fk_hub_sender_key_sender_id_hub_sender"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hub_sender_key")),
        sa.UniqueConstraint("key_id", name=op.f("uq_hub_sender_key_key_id")),
    )
    op.create_index(op.f("ix_hub_sender_key_sender_id"), "hub_sender_key", ["sender_id"], unique=False)
    op.create_table(
        "hub_slice",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sender_id", sa.Integer(), nullable=False),
        sa.Column("dataset", sa.String(length=64), nullable=False),
        sa.Column("organisation", sa.String(length=64), nullable=False),
        sa.Column("period", sa.String(length=16), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("row_count", sa.Integer(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("sequence >= 1", name=op.f("ck_hub_slice_sequence")),
        sa.ForeignKeyConstraint(
            ["sender_id"],
            ["hub_sender.id"],
            name=op.f("fk_hub_slice_sender_id_hub_sender"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hub_slice")),
        sa.UniqueConstraint(
            "sender_id",
            "dataset",
            "organisation",
            "period",
            name=op.f("uq_hub_slice_sender_id_dataset_organisation_period"),
        ),
    )
    op.create_index("ix_hub_slice_period", "hub_slice", ["dataset", "period"], unique=False)
    op.create_table(
        "frozen_cell",
        sa.Column("school_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("dataset", sa.String(length=64), nullable=False),
        sa.Column("period", sa.String(length=16), nullable=False),
        sa.Column("cell", sa.String(length=64), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["school_id"], ["school.id"], name=op.f("fk_frozen_cell_school_id_school"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("school_id", "dataset", "period", "cell", name=op.f("pk_frozen_cell")),
    )
    op.create_table(
        "outgoing_slice",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("dataset", sa.String(length=64), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("organisation", sa.String(length=64), nullable=False),
        sa.Column("period", sa.String(length=16), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("row_count", sa.Integer(), nullable=False),
        sa.Column("replaces_sha256", sa.String(length=64), nullable=True),
        sa.Column("certificate", sa.Text(), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("claimed_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_status", sa.Integer(), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("receipt", sa.Text(), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["school_id"], ["school.id"], name=op.f("fk_outgoing_slice_school_id_school"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outgoing_slice")),
        sa.UniqueConstraint(
            "dataset",
            "school_id",
            "period",
            "sequence",
            name=op.f("uq_outgoing_slice_dataset_school_id_period_sequence"),
        ),
    )
    op.create_index(op.f("ix_outgoing_slice_school_id"), "outgoing_slice", ["school_id"], unique=False)
    op.create_index(
        "ix_outgoing_slice_waiting",
        "outgoing_slice",
        ["id"],
        unique=False,
        sqlite_where=sa.text("state IN ('queued', 'sending')"),
        postgresql_where=sa.text("state IN ('queued', 'sending')"),
    )
    op.create_table(
        "submission",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("period", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("counts", sa.Text(), nullable=False),
        sa.Column("counts_hash", sa.String(length=64), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("state IN ('accepted', 'reopened')", name=op.f("ck_submission_state")),
        sa.CheckConstraint("round >= 1", name=op.f("ck_submission_round")),
        sa.ForeignKeyConstraint(
            ["school_id"], ["school.id"], name=op.f("fk_submission_school_id_school"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_submission")),
        sa.UniqueConstraint("school_id", "period", name=op.f("uq_submission_school_id_period")),
    )
    op.create_index(op.f("ix_submission_period"), "submission", ["period"], unique=False)
    op.create_table(
        "cube_class_day",
        sa.Column("class_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("sessions_due", sa.Integer(), nullable=False),
        sa.Column("sessions_taken", sa.Integer(), nullable=False),
        sa.Column("expected", sa.Integer(), nullable=False),
        sa.Column("excused", sa.Integer(), nullable=False),
        sa.Column("unexcused", sa.Integer(), nullable=False),
        sa.Column("pending", sa.Integer(), nullable=False),
        sa.Column("late", sa.Integer(), nullable=False),
        sa.Column("lessons_held", sa.Integer(), nullable=False),
        sa.Column("computed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "excused + unexcused + pending <= expected AND late <= expected",
            name=op.f("ck_cube_class_day_parts"),
        ),
        sa.CheckConstraint("sessions_taken <= sessions_due", name=op.f("ck_cube_class_day_taken")),
        sa.ForeignKeyConstraint(
            ["class_id"],
            ["school_class.id"],
            name=op.f("fk_cube_class_day_class_id_school_class"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["school_id"], ["school.id"], name=op.f("fk_cube_class_day_school_id_school"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("class_id", "day", name=op.f("pk_cube_class_day")),
    )
    op.create_index("ix_cube_class_day_school", "cube_class_day", ["school_id", "day"], unique=False)
    op.create_table(
        "submission_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("submission_id", sa.Integer(), nullable=False),
        sa.Column("action", sa.String(length=16), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("counts_hash", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("user_name", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["submission_id"],
            ["submission.id"],
            name=op.f("fk_submission_event_submission_id_submission"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user_account.id"],
            name=op.f("fk_submission_event_user_id_user_account"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_submission_event")),
    )
    op.create_index(op.f("ix_submission_event_user_id"), "submission_event", ["user_id"], unique=False)
    op.create_index(
        op.f("ix_submission_event_submission_id"), "submission_event", ["submission_id"], unique=False
    )


def downgrade() -> None:
    """Take back."""
    op.drop_index(op.f("ix_submission_event_submission_id"), table_name="submission_event")
    op.drop_index(op.f("ix_submission_event_user_id"), table_name="submission_event")
    op.drop_table("submission_event")
    op.drop_index("ix_cube_class_day_school", table_name="cube_class_day")
    op.drop_table("cube_class_day")
    op.drop_index(op.f("ix_submission_period"), table_name="submission")
    op.drop_table("submission")
    op.drop_index(
        "ix_outgoing_slice_waiting",
        table_name="outgoing_slice",
        sqlite_where=sa.text("state IN ('queued', 'sending')"),
        postgresql_where=sa.text("state IN ('queued', 'sending')"),
    )
    op.drop_index(op.f("ix_outgoing_slice_school_id"), table_name="outgoing_slice")
    op.drop_table("outgoing_slice")
    op.drop_table("frozen_cell")
    op.drop_index("ix_hub_slice_period", table_name="hub_slice")
    op.drop_table("hub_slice")
    op.drop_index(op.f("ix_hub_sender_key_sender_id"), table_name="hub_sender_key")
    op.drop_table("hub_sender_key")
    op.drop_table("hub_receipt")
    op.drop_table("hub_sender")
