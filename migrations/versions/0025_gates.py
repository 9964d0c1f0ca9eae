"""Gates that read pupils' cards."""

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


def _refers(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}_{other}")
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=name, ondelete="RESTRICT")


def downgrade() -> None:
    """Take back: the keys of gates are gone, what they told stays."""
    op.drop_index(op.f("ix_gate_made_by"), table_name="gate")
    op.drop_index(op.f("ix_gate_school_id"), table_name="gate")
    op.drop_table("gate")
