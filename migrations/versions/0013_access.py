"""Access: passkeys, and how far the audit log was verified."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013_access"
down_revision = "0012_people"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "passkey",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("credential_id", sa.String(length=1364), nullable=False),
        sa.Column("public_key", sa.Text(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("transports", sa.String(length=120), nullable=False),
        sa.Column("relying_party", sa.String(length=253), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user_account.id"],
            name=op.f("fk_passkey_user_id_user_account"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passkey")),
        sa.UniqueConstraint("credential_id", name=op.f("uq_passkey_credential_id")),
    )
    op.create_index(op.f("ix_passkey_user_id"), "passkey", ["user_id"], unique=False)
    with op.batch_alter_table("sign_in") as table:
        table.add_column(sa.Column("challenge", sa.String(length=64), nullable=True))
        table.add_column(sa.Column("challenge_for", sa.String(length=16), nullable=True))
        table.add_column(sa.Column("challenge_until", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "audit_check",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("entry_hash", sa.String(length=64), nullable=False),
        sa.Column("broken_at", sa.Integer(), nullable=True),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("whole_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("id = 1", name=op.f("ck_audit_check_single")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_check")),
    )
    op.create_index("ix_audit_entry_user_id", "audit_entry", ["user_id", "sequence"], unique=False)
    op.create_index("ix_audit_entry_action", "audit_entry", ["action", "sequence"], unique=False)


def downgrade() -> None:
    """Take back. Recovery codes of people who had a passkey only stand in for nothing any more, and go."""
    for name in ("ix_audit_entry_action", "ix_audit_entry_user_id"):
        op.drop_index(name, table_name="audit_entry")
    op.drop_table("audit_check")
    op.execute("DELETE FROM recovery_code WHERE user_id NOT IN (SELECT user_id FROM second_factor)")
    with op.batch_alter_table("sign_in") as table:
        for column in ("challenge_until", "challenge_for", "challenge"):
            table.drop_column(column)
    op.drop_table("passkey")
