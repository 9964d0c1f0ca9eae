"""A presentation can be taken out of a plan again; its row stays, since an earlier version may name it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0038_decks"
down_revision = "0037_registers"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply. Nothing was taken out yet."""
    with op.batch_alter_table("plan_deck") as table:
        table.add_column(sa.Column("taken_out_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    """Take back. What was taken out hangs on its plan again."""
    with op.batch_alter_table("plan_deck") as table:
        table.drop_column("taken_out_at")
