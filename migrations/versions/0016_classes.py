"""Classes by hand: former names, closing, subject teachers, seat plans, teaching groups."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016_classes"
down_revision = "0015_people_lifecycle"
branch_labels = None
depends_on = None

GRANT_OF_DUTY = "fk_homeroom_duty_grant_id_role_grant"


def upgrade() -> None:
    """Apply."""
    with op.batch_alter_table("school_class") as table:
        table.add_column(sa.Column("closed_on", sa.Date(), nullable=True))
    with op.batch_alter_table("homeroom_duty") as table:
        table.add_column(sa.Column("grant_id", sa.Integer(), nullable=True))
        table.create_foreign_key(op.f(GRANT_OF_DUTY), "role_grant", ["grant_id"], ["id"], ondelete="RESTRICT")
        table.create_index(op.f("ix_homeroom_duty_grant_id"), ["grant_id"], unique=False)
    _make_names_and_duties()
    _make_seats()
    _make_groups()


def _make_names_and_duties() -> None:
    op.create_table(
        "class_former_name",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("class_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        _reference("class_former_name", "class_id", "school_class"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_class_former_name")),
    )
    op.create_index(
        "ix_class_former_name_class_id", "class_former_name", ["class_id", "ends_on"], unique=True
    )
    op.create_table(
        "subject_duty",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("class_id", sa.Integer(), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("grant_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("ends_on IS NULL OR ends_on >= starts_on", name=op.f("ck_subject_duty_dates")),
        _reference("subject_duty", "class_id", "school_class"),
        _reference("subject_duty", "subject_id", "subject"),
        _reference("subject_duty", "staff_id", "staff"),
        _reference("subject_duty", "grant_id", "role_grant"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subject_duty")),
    )
    for column in ("class_id", "subject_id", "staff_id", "grant_id"):
        op.create_index(op.f(f"ix_subject_duty_{column}"), "subject_duty", [column], unique=False)


def _make_seats() -> None:
    op.create_table(
        "seat_plan",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("class_id", sa.Integer(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("columns", sa.Integer(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("made_by", sa.Integer(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("ends_on IS NULL OR ends_on > starts_on", name=op.f("ck_seat_plan_dates")),
        _reference("seat_plan", "class_id", "school_class"),
        _reference("seat_plan", "made_by", "user_account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seat_plan")),
        sa.UniqueConstraint("class_id", "starts_on", name=op.f("uq_seat_plan_class_id_starts_on")),
    )
    op.create_index(op.f("ix_seat_plan_made_by"), "seat_plan", ["made_by"], unique=False)
    op.create_table(
        "plan_seat",
        sa.Column("plan_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("row", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("column", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("pupil_id", sa.Integer(), nullable=False),
        _reference("plan_seat", "plan_id", "seat_plan"),
        _reference("plan_seat", "pupil_id", "pupil"),
        sa.PrimaryKeyConstraint("plan_id", "row", "column", name=op.f("pk_plan_seat")),
        sa.UniqueConstraint("plan_id", "pupil_id", name=op.f("uq_plan_seat_plan_id_pupil_id")),
    )
    op.create_index(op.f("ix_plan_seat_pupil_id"), "plan_seat", ["pupil_id"], unique=False)


def _make_groups() -> None:
    op.create_table(
        "teaching_group",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("year_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("name_fold", sa.String(length=60), nullable=False),
        sa.Column("name_sort", sa.Text(collation="C").with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        _reference("teaching_group", "school_id", "school"),
        _reference("teaching_group", "year_id", "school_year"),
        _reference("teaching_group", "subject_id", "subject"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_teaching_group")),
        sa.UniqueConstraint(
            "school_id", "year_id", "name_fold", name=op.f("uq_teaching_group_school_id_year_id_name_fold")
        ),
    )
    for column in ("year_id", "subject_id"):
        op.create_index(op.f(f"ix_teaching_group_{column}"), "teaching_group", [column], unique=False)
    _make_dated("group_duty", "staff")
    for column in ("group_id", "staff_id"):
        op.create_index(op.f(f"ix_group_duty_{column}"), "group_duty", [column], unique=False)
    _make_dated("group_membership", "pupil")
    op.create_index(
        "ix_group_membership_group_id", "group_membership", ["group_id", "starts_on"], unique=False
    )
    op.create_index(op.f("ix_group_membership_pupil_id"), "group_membership", ["pupil_id"], unique=False)
    op.create_index(
        "uq_group_membership_open",
        "group_membership",
        ["pupil_id", "group_id"],
        unique=True,
        sqlite_where=sa.text("ends_on IS NULL"),
        postgresql_where=sa.text("ends_on IS NULL"),
    )


def _make_dated(table: str, who: str) -> None:
    """Make a table of who is in a group, from when to when."""
    op.create_table(
        table,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column(f"{who}_id", sa.Integer(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.CheckConstraint("ends_on IS NULL OR ends_on >= starts_on", name=op.f(f"ck_{table}_dates")),
        _reference(table, "group_id", "teaching_group"),
        _reference(table, f"{who}_id", who),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )


def _reference(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}_{target}"), ondelete="RESTRICT"
    )


def downgrade() -> None:
    """Take back. Classes keep the name of now, and those that were closed are there again; grants stay."""
    for name in (
        "group_membership",
        "group_duty",
        "teaching_group",
        "plan_seat",
        "seat_plan",
        "subject_duty",
        "class_former_name",
    ):
        op.drop_table(name)
    with op.batch_alter_table("homeroom_duty") as table:
        table.drop_index(op.f("ix_homeroom_duty_grant_id"))
        table.drop_constraint(op.f(GRANT_OF_DUTY), type_="foreignkey")
        table.drop_column("grant_id")
    with op.batch_alter_table("school_class") as table:
        table.drop_column("closed_on")
