"""The class's goal of a lesson, and whether its projector shows the leaderboard."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0028_goals"
down_revision = "0027_slides"
branch_labels = None
depends_on = None

_KIND = "goal_kind IN ('', 'right', 'answered')"


def upgrade() -> None:
    """Apply. No lesson has a goal or shows a leaderboard."""
    with op.batch_alter_table("lesson") as table:
        table.add_column(sa.Column("shows_board", sa.Boolean(), nullable=False, server_default=sa.false()))
        table.add_column(sa.Column("goal_kind", sa.String(length=8), nullable=False, server_default=""))
        table.add_column(sa.Column("goal_count", sa.SmallInteger(), nullable=False, server_default="0"))
    with op.batch_alter_table("lesson") as table:
        for name in ("shows_board", "goal_kind", "goal_count"):
            table.alter_column(name, server_default=None)
        table.create_check_constraint(op.f("ck_lesson_goal_kind"), _KIND)


def downgrade() -> None:
    """Take back. Goals are gone."""
    with op.batch_alter_table("lesson") as table:
        table.drop_constraint(op.f("ck_lesson_goal_kind"), type_="check")
        for name in ("shows_board", "goal_kind", "goal_count"):
            table.drop_column(name)
