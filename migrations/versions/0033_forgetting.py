"""The two chains let the words of a forgotten pupil be taken out, and nothing else; nobody may delete, as before."""

from __future__ import annotations

from alembic import op

revision = "0033_forgetting"
down_revision = "0032_kept_figures"
branch_labels = None
depends_on = None

GONE = """'{"forgotten"\\:true}'"""  # a colon by itself would be a parameter
SAME = {
    "audit_entry": (
        "id", "sequence", "at", "user_id", "action", "subject_kind", "subject_id", "previous_hash", "entry_hash",
    ),
    "mark_event": (
        "id", "op_id", "school_id", "day", "sequence", "register_id", "register_version", "kind", "pupil_id", "user_id",
        "on_behalf_of", "device", "device_time", "at", "previous_hash", "event_hash",
    ),
}  # fmt: skip
EMPTIED = {
    "audit_entry": f"(NEW.details = OLD.details OR NEW.details = {GONE}) AND NEW.user_name IN (OLD.user_name, '')",
    "mark_event": (
        "NEW.why IN (OLD.why, '') AND length(NEW.before) <= length(OLD.before) "
        "AND length(NEW.after) <= length(OLD.after)"
    ),
}


def _is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def _allowed(table: str) -> str:
    same = "IS" if _is_sqlite() else "IS NOT DISTINCT FROM"
    return " AND ".join([*(f"NEW.{name} {same} OLD.{name}" for name in SAME[table]), f"({EMPTIED[table]})"])


def upgrade() -> None:
    """Apply: an UPDATE may empty words; every other one is refused."""
    for table in SAME:
        if _is_sqlite():
            op.execute(f"DROP TRIGGER {table}_no_update")
            op.execute(
                f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} WHEN NOT ({_allowed(table)}) "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )
        else:
            op.execute(f"DROP TRIGGER {table}_append_only ON {table}")
            op.execute(
                f"CREATE TRIGGER {table}_append_only BEFORE DELETE OR TRUNCATE ON {table} "
                f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_refuse()"
            )
            op.execute(
                f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} FOR EACH ROW "
                f"WHEN (NOT ({_allowed(table)})) EXECUTE FUNCTION {table}_refuse()"
            )


def downgrade() -> None:
    """Take back: no UPDATE at all. What was forgotten stays forgotten."""
    for table in SAME:
        if _is_sqlite():
            op.execute(f"DROP TRIGGER {table}_no_update")
            op.execute(
                f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )
        else:
            op.execute(f"DROP TRIGGER {table}_no_update ON {table}")
            op.execute(f"DROP TRIGGER {table}_append_only ON {table}")
            op.execute(
                f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
                f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_refuse()"
            )
