"""The key of a register takes eight bytes on PostgreSQL: day and slot are one number in it (docs/adr/0118)."""

from __future__ import annotations

from alembic import op

revision = "0037_registers"
down_revision = "0033_forgetting"
branch_labels = None
depends_on = None

LONG = "uq_register_class_id_day_slot_kind_slot"
SHORT = "uq_register_class_id_place"


def _is_postgresql() -> bool:
    return bool(op.get_bind().dialect.name == "postgresql")


def upgrade() -> None:
    """Apply. SQLite stores numbers in as few bytes as they need: there the key stays."""
    if _is_postgresql():
        op.execute(
            f"CREATE UNIQUE INDEX {SHORT} ON register (class_id, ((day - DATE '2000-01-01') * 100 + slot)) "
            "WITH (fillfactor = 100)"
        )
        op.execute(f"ALTER TABLE register DROP CONSTRAINT {LONG}")


def downgrade() -> None:
    """Take back."""
    if _is_postgresql():
        op.execute(
            f"ALTER TABLE register ADD CONSTRAINT {LONG} UNIQUE (class_id, day, slot_kind, slot) "
            "WITH (fillfactor = 100)"
        )
        op.execute(f"DROP INDEX {SHORT}")
