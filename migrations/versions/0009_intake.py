"""Imports that can be taken back, headings that a school knows, and contact data where a school asks for it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009_intake"
down_revision = "0008_accounts"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    with op.batch_alter_table("roster_import") as table:
        table.add_column(sa.Column("undone_by", sa.Integer(), nullable=True))
        table.add_column(sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True))
        table.add_column(sa.Column("remedy", sa.Text(), nullable=True))
        table.add_column(sa.Column("converts_from", sa.String(length=16), nullable=True))
        table.create_foreign_key(
            op.f("fk_roster_import_undone_by_user_account"),
            "user_account",
            ["undone_by"],
            ["id"],
            ondelete="RESTRICT",
        )
        table.create_index(op.f("ix_roster_import_undone_by"), ["undone_by"])
    op.create_table(
        "roster_journal",
        sa.Column("import_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["import_id"],
            ["roster_import.id"],
            name=op.f("fk_roster_journal_import_id_roster_import"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("import_id", name=op.f("pk_roster_journal")),
    )
    _make_headings()
    _make_contacts()


def _reference(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}_{target}"), ondelete="RESTRICT"
    )


def _make_headings() -> None:
    op.create_table(
        "heading_alias",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("heading", sa.String(length=200), nullable=False),
        sa.Column("heading_fold", sa.String(length=200), nullable=False),
        sa.Column("field", sa.String(length=24), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        _reference("heading_alias", "school_id", "school"),
        _reference("heading_alias", "made_by", "user_account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_heading_alias")),
        sa.UniqueConstraint(
            "school_id", "heading_fold", name=op.f("uq_heading_alias_school_id_heading_fold")
        ),
    )
    op.create_index(op.f("ix_heading_alias_made_by"), "heading_alias", ["made_by"])


def _make_contacts() -> None:
    op.create_table(
        "contact_switch",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("field", sa.String(length=24), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("on_by", sa.Integer(), nullable=True),
        sa.Column("on_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("off_by", sa.Integer(), nullable=True),
        sa.Column("off_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("length(reason) > 0", name=op.f("ck_contact_switch_reason")),
        _reference("contact_switch", "school_id", "school"),
        _reference("contact_switch", "on_by", "user_account"),
        _reference("contact_switch", "off_by", "user_account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact_switch")),
    )
    op.create_index(
        "uq_contact_switch_on",
        "contact_switch",
        ["school_id", "field"],
        unique=True,
        sqlite_where=sa.text("off_at IS NULL"),
        postgresql_where=sa.text("off_at IS NULL"),
    )
    op.create_index("ix_contact_switch_school", "contact_switch", ["school_id", "on_at"])
    for column in ("on_by", "off_by"):
        op.create_index(op.f(f"ix_contact_switch_{column}"), "contact_switch", [column])
    op.create_table(
        "pupil_contact",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("pupil_id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("field", sa.String(length=24), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        _reference("pupil_contact", "pupil_id", "pupil"),
        _reference("pupil_contact", "school_id", "school"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pupil_contact")),
        sa.UniqueConstraint(
            "pupil_id", "school_id", "field", name=op.f("uq_pupil_contact_pupil_id_school_id_field")
        ),
    )
    op.create_index("ix_pupil_contact_school", "pupil_contact", ["school_id", "field"])


def downgrade() -> None:
    """Take back. What schools had asked for (contacts, headings) and what could be undone is lost with its tables."""
    op.drop_table("pupil_contact")
    op.drop_table("contact_switch")
    op.drop_table("heading_alias")
    op.drop_table("roster_journal")
    with op.batch_alter_table("roster_import") as table:
        table.drop_index(op.f("ix_roster_import_undone_by"))
        table.drop_constraint(op.f("fk_roster_import_undone_by_user_account"), type_="foreignkey")
        for column in ("converts_from", "remedy", "undone_at", "undone_by"):
            table.drop_column(column)
