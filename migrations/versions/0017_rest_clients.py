"""Programs that read rosters over REST, cards to print with their numbers, accounts made for many at once."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017_rest_clients"
down_revision = "0016_classes"
branch_labels = None
depends_on = None


def _ref(table: str, column: str, target: str, ondelete: str = "RESTRICT") -> sa.ForeignKeyConstraint:
    """Return the foreign key of a column to a table's id, named as the house names them."""
    return sa.ForeignKeyConstraint(
        [column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}_{target}"), ondelete=ondelete
    )


def upgrade() -> None:
    """Apply."""
    _clients()
    _cards()
    _runs()


def _clients() -> None:
    op.create_table(
        "oneroster_state",
        sa.Column("school_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("year_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("compared_at", sa.DateTime(timezone=True), nullable=False),
        _ref("oneroster_state", "school_id", "school"),
        _ref("oneroster_state", "year_id", "school_year"),
        sa.PrimaryKeyConstraint("school_id", "year_id", name=op.f("pk_oneroster_state")),
    )
    op.create_index(op.f("ix_oneroster_state_year_id"), "oneroster_state", ["year_id"], unique=False)
    op.create_table(
        "oneroster_client",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("client_id", sa.String(length=40), nullable=False),
        sa.Column("secret_hash", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("scopes", sa.String(length=600), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        _ref("oneroster_client", "school_id", "school"),
        _ref("oneroster_client", "made_by", "user_account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_oneroster_client")),
        sa.UniqueConstraint("client_id", name=op.f("uq_oneroster_client_client_id")),
    )
    for column in ("school_id", "made_by"):
        op.create_index(op.f(f"ix_oneroster_client_{column}"), "oneroster_client", [column], unique=False)
    op.create_table(
        "oneroster_token",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("client_pk", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("scopes", sa.String(length=600), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        _ref("oneroster_token", "client_pk", "oneroster_client", "CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_oneroster_token")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_oneroster_token_token_hash")),
    )
    op.create_index(op.f("ix_oneroster_token_client_pk"), "oneroster_token", ["client_pk"], unique=False)


def _cards() -> None:
    op.create_table(
        "card_number",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("class_id", sa.Integer(), nullable=False),
        sa.Column("pupil_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.CheckConstraint("number BETWEEN 1 AND 50", name=op.f("ck_card_number_number")),
        _ref("card_number", "class_id", "school_class", "CASCADE"),
        _ref("card_number", "pupil_id", "pupil", "CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_card_number")),
        sa.UniqueConstraint("class_id", "pupil_id", name=op.f("uq_card_number_class_id_pupil_id")),
        sa.UniqueConstraint("class_id", "number", name=op.f("uq_card_number_class_id_number")),
    )
    op.create_index(op.f("ix_card_number_pupil_id"), "card_number", ["pupil_id"], unique=False)
    op.create_table(
        "card_print",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("year_id", sa.Integer(), nullable=False),
        sa.Column("class_id", sa.Integer(), nullable=True),
        sa.Column("pupil_id", sa.Integer(), nullable=True),
        sa.Column("client_key", sa.String(length=64), nullable=False),
        sa.Column("address", sa.String(length=300), nullable=False),
        sa.Column("job_id", sa.Integer(), nullable=True),
        sa.Column("made_by", sa.Integer(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ready_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        _ref("card_print", "school_id", "school"),
        _ref("card_print", "year_id", "school_year"),
        _ref("card_print", "class_id", "school_class", "CASCADE"),
        _ref("card_print", "pupil_id", "pupil", "CASCADE"),
        _ref("card_print", "job_id", "job"),
        _ref("card_print", "made_by", "user_account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_card_print")),
        sa.UniqueConstraint("client_key", name=op.f("uq_card_print_client_key")),
    )
    op.create_index("ix_card_print_school_id", "card_print", ["school_id", "made_at"], unique=False)
    for column in ("year_id", "class_id", "pupil_id", "job_id", "made_by"):
        op.create_index(op.f(f"ix_card_print_{column}"), "card_print", [column], unique=False)


def _runs() -> None:
    op.create_table(
        "account_run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("class_id", sa.Integer(), nullable=True),
        sa.Column("role", sa.String(length=32), nullable=False),
        sa.Column("resets", sa.Boolean(), nullable=False),
        sa.Column("client_key", sa.String(length=64), nullable=False),
        sa.Column("job_id", sa.Integer(), nullable=True),
        sa.Column("made_by", sa.Integer(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        _ref("account_run", "school_id", "school"),
        _ref("account_run", "class_id", "school_class"),
        _ref("account_run", "job_id", "job"),
        _ref("account_run", "made_by", "user_account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_run")),
        sa.UniqueConstraint("client_key", name=op.f("uq_account_run_client_key")),
    )
    op.create_index("ix_account_run_school_id", "account_run", ["school_id", "made_at"], unique=False)
    for column in ("class_id", "job_id", "made_by"):
        op.create_index(op.f(f"ix_account_run_{column}"), "account_run", [column], unique=False)
    with op.batch_alter_table("slip_batch") as table:
        table.add_column(sa.Column("run_id", sa.Integer(), nullable=True))
        table.add_column(sa.Column("title", sa.String(length=80), nullable=False, server_default=""))
        table.create_foreign_key(
            op.f("fk_slip_batch_run_id_account_run"), "account_run", ["run_id"], ["id"], ondelete="RESTRICT"
        )
    op.create_index(op.f("ix_slip_batch_run_id"), "slip_batch", ["run_id"], unique=False)


def downgrade() -> None:
    """Take back. Programs lose their access, sheets and numbers of cards are given anew."""
    op.drop_index(op.f("ix_slip_batch_run_id"), table_name="slip_batch")
    with op.batch_alter_table("slip_batch") as table:
        table.drop_constraint(op.f("fk_slip_batch_run_id_account_run"), type_="foreignkey")
        table.drop_column("title")
        table.drop_column("run_id")
    for name in (
        "account_run",
        "card_print",
        "card_number",
        "oneroster_token",
        "oneroster_client",
        "oneroster_state",
    ):
        op.drop_table(name)
