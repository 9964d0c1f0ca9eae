"""OneRoster: meanings of other systems' ids, what was handed out, clients and their tokens."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010_oneroster"
down_revision = "0009_intake"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def _reference(table: str, column: str, target: str, ondelete: str = "RESTRICT") -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}_{target}"), ondelete=ondelete
    )


def upgrade() -> None:
    """Apply."""
    _make_ids()
    _make_records()


def _make_ids() -> None:
    op.create_table(
        "oneroster_key",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("key", sa.LargeBinary(length=16), nullable=False),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_oneroster_key_single")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_oneroster_key")),
    )
    op.create_table(
        "oneroster_link",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("sourced_id", sa.String(length=255), nullable=False),
        sa.Column("pupil_id", sa.Integer(), nullable=True),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        sa.Column("class_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "(kind = 'pupil' AND pupil_id IS NOT NULL AND staff_id IS NULL AND class_id IS NULL)"
            " OR (kind = 'staff' AND staff_id IS NOT NULL AND pupil_id IS NULL AND class_id IS NULL)"
            " OR (kind = 'class' AND class_id IS NOT NULL AND pupil_id IS NULL AND staff_id IS NULL)",
            name=op.f("ck_oneroster_link_kind"),
        ),
        _reference("oneroster_link", "school_id", "school"),
        _reference("oneroster_link", "pupil_id", "pupil", "CASCADE"),
        _reference("oneroster_link", "staff_id", "staff", "CASCADE"),
        _reference("oneroster_link", "class_id", "school_class", "CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_oneroster_link")),
        sa.UniqueConstraint(
            "school_id", "kind", "sourced_id", name=op.f("uq_oneroster_link_school_id_kind_sourced_id")
        ),
    )
    for column in ("pupil_id", "staff_id", "class_id"):
        op.create_index(op.f(f"ix_oneroster_link_{column}"), "oneroster_link", [column], unique=False)


def _make_records() -> None:
    op.create_table(
        "oneroster_record",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("year_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("sourced_id", sa.String(length=36), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("class_ref", sa.String(length=36), nullable=False),
        sa.Column("user_ref", sa.String(length=36), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("modified_at", INSTANT, nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('course', 'class', 'user', 'enrollment')", name=op.f("ck_oneroster_record_kind")
        ),
        sa.CheckConstraint("status IN ('active', 'tobedeleted')", name=op.f("ck_oneroster_record_status")),
        _reference("oneroster_record", "school_id", "school"),
        _reference("oneroster_record", "year_id", "school_year"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_oneroster_record")),
        sa.UniqueConstraint(
            "school_id",
            "year_id",
            "kind",
            "sourced_id",
            name=op.f("uq_oneroster_record_school_id_year_id_kind_sourced_id"),
        ),
    )
    for column in ("year_id", "sourced_id", "class_ref", "user_ref"):
        op.create_index(op.f(f"ix_oneroster_record_{column}"), "oneroster_record", [column], unique=False)


def downgrade() -> None:
    """Take back."""
    for name in ("record", "link", "key"):
        op.drop_table(f"oneroster_{name}")
