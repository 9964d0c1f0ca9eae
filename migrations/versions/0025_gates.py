"""Gates that read pupils' cards; school events that take pupils out of their classes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0025_gates"
down_revision = "0024_bulletins"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "gate",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("client_key", sa.String(length=64), nullable=False),
        sa.Column("key_id", sa.String(length=16), nullable=False),
        sa.Column("public_pem", sa.Text(), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=True),
        _refers("gate", "school_id", "school"),
        _refers("gate", "made_by", "user_account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gate")),
        sa.UniqueConstraint("key_id", name=op.f("uq_gate_key_id")),
        sa.UniqueConstraint("client_key", name=op.f("uq_gate_client_key")),
    )
    op.create_index(op.f("ix_gate_school_id"), "gate", ["school_id"])
    op.create_index(op.f("ix_gate_made_by"), "gate", ["made_by"])
    _outings()


def _outings() -> None:
    op.create_table(
        "outing",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("client_key", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("slot", sa.SmallInteger(), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("called_off_at", sa.DateTime(timezone=True), nullable=True),
        _refers("outing", "school_id", "school"),
        _refers("outing", "made_by", "user_account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outing")),
        sa.UniqueConstraint("client_key", name=op.f("uq_outing_client_key")),
        sa.CheckConstraint("ends_on > starts_on", name=op.f("ck_outing_dates")),
        sa.CheckConstraint("slot BETWEEN 0 AND 3", name=op.f("ck_outing_slot")),
    )
    op.create_index(op.f("ix_outing_school_id"), "outing", ["school_id", "starts_on"])
    op.create_index(op.f("ix_outing_made_by"), "outing", ["made_by"])
    op.create_table(
        "outing_pupil",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("outing_id", sa.Integer(), nullable=False),
        sa.Column("pupil_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["outing_id"], ["outing.id"], name=op.f("fk_outing_pupil_outing_id_outing"), ondelete="CASCADE"
        ),
        _refers("outing_pupil", "pupil_id", "pupil"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outing_pupil")),
        sa.UniqueConstraint("outing_id", "pupil_id", name=op.f("uq_outing_pupil_outing_id_pupil_id")),
    )
    op.create_index(op.f("ix_outing_pupil_pupil_id"), "outing_pupil", ["pupil_id"])


def _refers(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}_{other}")
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=name, ondelete="RESTRICT")


def downgrade() -> None:
    """Take back: keys of gates and school events are gone; what gates told and what was marked stays."""
    op.drop_index(op.f("ix_outing_pupil_pupil_id"), table_name="outing_pupil")
    op.drop_table("outing_pupil")
    op.drop_index(op.f("ix_outing_made_by"), table_name="outing")
    op.drop_index(op.f("ix_outing_school_id"), table_name="outing")
    op.drop_table("outing")
    op.drop_index(op.f("ix_gate_made_by"), table_name="gate")
    op.drop_index(op.f("ix_gate_school_id"), table_name="gate")
    op.drop_table("gate")
