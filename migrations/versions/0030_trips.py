"""Who leads a school event and takes its register; for how long a school keeps what its gates saw."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0030_trips"
down_revision = "0029_short_rows"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply. No event has a leader yet; every school keeps scans for 90 days."""
    with op.batch_alter_table("outing") as table:
        table.add_column(sa.Column("led_by", sa.Integer(), nullable=True))
        table.create_foreign_key(
            op.f("fk_outing_led_by_user_account"), "user_account", ["led_by"], ["id"], ondelete="RESTRICT"
        )
        table.create_index(op.f("ix_outing_led_by"), ["led_by"])
    with op.batch_alter_table("attendance_rule") as table:
        table.add_column(sa.Column("scan_days", sa.SmallInteger(), nullable=False, server_default="90"))
        table.create_check_constraint(op.f("ck_attendance_rule_scan_days"), "scan_days BETWEEN 7 AND 366")
    op.create_index(op.f("ix_evidence_school_id_day"), "evidence", ["school_id", "day"])


def downgrade() -> None:
    """Take back. Events forget who led them."""
    op.drop_index(op.f("ix_evidence_school_id_day"), table_name="evidence")
    with op.batch_alter_table("attendance_rule") as table:
        table.drop_constraint(op.f("ck_attendance_rule_scan_days"), type_="check")
        table.drop_column("scan_days")
    with op.batch_alter_table("outing") as table:
        table.drop_index(op.f("ix_outing_led_by"))
        table.drop_constraint(op.f("fk_outing_led_by_user_account"), type_="foreignkey")
        table.drop_column("led_by")
