"""Accounts: search names, first passwords, second factor, and staff rosters."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.text import fold, sort_key

revision = "0008_accounts"
down_revision = "0007_organisation"
branch_labels = None
depends_on = None

DATES = "ck_role_grant_dates"


def upgrade() -> None:
    """Apply."""
    _widen_accounts()
    _make_second_factor()
    _make_slips()
    _make_staff()


def _widen_accounts() -> None:
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    sortable = sa.Text() if is_sqlite else sa.Text(collation="C")
    with op.batch_alter_table("user_account") as table:
        table.add_column(sa.Column("name_sort", sortable, nullable=False, server_default=""))
        table.add_column(sa.Column("name_fold", sa.Text(), nullable=False, server_default=""))
        table.add_column(
            sa.Column("must_change_password", sa.Boolean(), nullable=False, server_default=sa.false())
        )
    _fill_names()
    with op.batch_alter_table("user_account") as table:
        for column in ("name_sort", "name_fold", "must_change_password"):
            table.alter_column(column, server_default=None)
    with op.batch_alter_table("sign_in") as table:
        table.add_column(sa.Column("waits_for", sa.String(length=16), nullable=True))
        table.add_column(sa.Column("factor_at", sa.DateTime(timezone=True), nullable=True))
    with op.batch_alter_table("role_grant") as table:
        table.drop_constraint(op.f(DATES), type_="check")
        table.create_check_constraint(op.f(DATES), "ends_on IS NULL OR ends_on >= starts_on")


def _fill_names() -> None:
    accounts = sa.table("user_account", *map(sa.column, ("id", "full_name", "name_sort", "name_fold")))
    connection = op.get_bind()
    for row in connection.execute(sa.select(accounts.c.id, accounts.c.full_name)).all():
        connection.execute(
            accounts.update()
            .where(accounts.c.id == row.id)
            .values(name_sort=sort_key(row.full_name), name_fold=fold(row.full_name))
        )


def _reference(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}_{target}"), ondelete="RESTRICT"
    )


def _make_second_factor() -> None:
    op.create_table(
        "second_factor",
        sa.Column("user_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sealed_secret", sa.Text(), nullable=False),
        sa.Column("last_step", sa.Integer(), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=False),
        _reference("second_factor", "user_id", "user_account"),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_second_factor")),
    )
    op.create_table(
        "recovery_code",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        _reference("recovery_code", "user_id", "user_account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_code")),
        sa.UniqueConstraint("user_id", "code_hash", name=op.f("uq_recovery_code_user_id_code_hash")),
    )


def _make_slips() -> None:
    op.create_table(
        "slip_batch",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=True),
        sa.Column("shown_at", sa.DateTime(timezone=True), nullable=True),
        _reference("slip_batch", "school_id", "school"),
        _reference("slip_batch", "made_by", "user_account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_slip_batch")),
    )
    op.create_index("ix_slip_batch_school_id", "slip_batch", ["school_id", "made_at"], unique=False)
    op.create_index(op.f("ix_slip_batch_made_by"), "slip_batch", ["made_by"], unique=False)


def _make_staff() -> None:
    op.create_table(
        "staff_detail",
        sa.Column("staff_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("email", sa.String(length=120), nullable=False),
        sa.Column("position", sa.String(length=120), nullable=False),
        sa.Column("duty_group", sa.String(length=120), nullable=False),
        sa.Column("subjects", sa.String(length=200), nullable=False),
        _reference("staff_detail", "staff_id", "staff"),
        sa.PrimaryKeyConstraint("staff_id", name=op.f("pk_staff_detail")),
    )
    op.create_table(
        "staff_import",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("client_key", sa.String(length=64), nullable=False),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("preview", sa.Text(), nullable=False),
        sa.Column("job_id", sa.Integer(), nullable=True),
        sa.Column("slips_id", sa.Integer(), nullable=True),
        sa.Column("uploaded_by", sa.Integer(), nullable=True),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('previewed', 'applying', 'applied', 'discarded')", name=op.f("ck_staff_import_state")
        ),
        _reference("staff_import", "school_id", "school"),
        _reference("staff_import", "job_id", "job"),
        _reference("staff_import", "slips_id", "slip_batch"),
        _reference("staff_import", "uploaded_by", "user_account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_import")),
        sa.UniqueConstraint("client_key", name=op.f("uq_staff_import_client_key")),
    )
    op.create_index("ix_staff_import_school_id", "staff_import", ["school_id", "uploaded_at"], unique=False)
    for column in ("job_id", "slips_id", "uploaded_by"):
        op.create_index(op.f(f"ix_staff_import_{column}"), "staff_import", [column], unique=False)


def downgrade() -> None:
    """Take back. A grant that was ended on its first day held on no day, and goes."""
    for name in ("staff_import", "staff_detail", "slip_batch", "recovery_code", "second_factor"):
        op.drop_table(name)
    op.execute("DELETE FROM role_grant WHERE ends_on = starts_on")
    with op.batch_alter_table("role_grant") as table:
        table.drop_constraint(op.f(DATES), type_="check")
        table.create_check_constraint(op.f(DATES), "ends_on IS NULL OR ends_on > starts_on")
    op.execute("DELETE FROM sign_in WHERE waits_for IS NOT NULL")
    with op.batch_alter_table("sign_in") as table:
        for column in ("waits_for", "factor_at"):
            table.drop_column(column)
    with op.batch_alter_table("user_account") as table:
        for column in ("must_change_password", "name_fold", "name_sort"):
            table.drop_column(column)
