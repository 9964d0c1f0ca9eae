"""When registers were taken is read from an index: a year has two million of these, and no JSON is read (ADR 132)."""

from __future__ import annotations

from alembic import op

revision = "0039_takings"
down_revision = "0038_decks"
branch_labels = None
depends_on = None

TAKINGS = "ix_mark_event_takings"


def _is_postgresql() -> bool:
    return bool(op.get_bind().dialect.name == "postgresql")


def upgrade() -> None:
    """Apply. SQLite's schools are few: there the log itself is read."""
    if _is_postgresql():
        op.execute(
            f"CREATE INDEX {TAKINGS} ON mark_event (register_id) INCLUDE (at) WHERE kind = 'state' "
            "AND (after::json ->> 'state') IN ('locked', 'provisional', 'submitted')"
        )


def downgrade() -> None:
    """Take back."""
    if _is_postgresql():
        op.execute(f"DROP INDEX {TAKINGS}")
