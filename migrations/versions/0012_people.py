"""Pupils: steps of enrolment that can be taken back, no overlapping enrolments."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012_people"
down_revision = "0011_timetables"
branch_labels = None
depends_on = None

OVERLAP = "ex_enrolment_overlap"


MOST_TOLD = 20


def upgrade() -> None:
    """Apply."""
    _refuse_overlaps()
    with op.batch_alter_table("enrolment") as table:
        table.add_column(sa.Column("came_as", sa.String(length=40), nullable=True))
    _make_changes()
    if op.get_bind().dialect.name == "postgresql":
        # Ranges of one number, since equality of plain numbers would need an extension in an index of ranges.
        op.execute(
            f"ALTER TABLE enrolment ADD CONSTRAINT {OVERLAP} EXCLUDE USING gist ("
            "int4range(pupil_id, pupil_id, '[]') WITH &&, "
            "int4range(year_id, year_id, '[]') WITH &&, "
            "daterange(starts_on, ends_on) WITH &&) DEFERRABLE INITIALLY DEFERRED"
        )


def _refuse_overlaps() -> None:
    """Raise RuntimeError, before anything is changed, with the enrolments that the new rule forbids and what to do."""
    connection = op.get_bind()
    if connection.dialect.name != "postgresql":
        return
    rows = connection.execute(
        sa.text(
            "SELECT one.pupil_id, one.id, one.starts_on, one.ends_on, other.id, other.starts_on, other.ends_on "
            "FROM enrolment one JOIN enrolment other ON other.pupil_id = one.pupil_id "
            "AND other.year_id = one.year_id AND (other.starts_on, other.id) > (one.starts_on, one.id) "
            "WHERE daterange(one.starts_on, one.ends_on) && daterange(other.starts_on, other.ends_on) "
            "ORDER BY one.pupil_id, one.id, other.id"
        )
    ).all()
    if rows:
        told = [
            f"  học sinh {pupil}: ghi danh {one} ({first} – {last or 'nay'}) chồng lên ghi danh {other} "
            f"({starts} – {ends or 'nay'})"
            for pupil, one, first, last, other, starts, ends in rows[:MOST_TOLD]
        ]
        more = [f"  … và {len(rows) - MOST_TOLD} chỗ nữa"] if len(rows) > MOST_TOLD else []
        head = (
            "Chưa nâng cấp được: bảng enrolment có hai lần ghi danh chồng ngày của cùng một học sinh. "
            "Chưa có gì thay đổi."
        )
        way = (
            "Hãy cho lần ghi danh đầu kết thúc vào ngày lần sau bắt đầu "
            f"(ghi danh {rows[0][1]}: ends_on = '{rows[0][5]}'), rồi chạy lại: flask --app wsgi db upgrade"
        )
        message = "\n".join([head, *told, *more, way])
        raise RuntimeError(message)


def _reference(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}_{target}"), ondelete="RESTRICT"
    )


def _make_changes() -> None:
    table = "enrolment_change"
    op.create_table(
        table,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("pupil_id", sa.Integer(), nullable=False),
        sa.Column("client_key", sa.String(length=64), nullable=False),
        sa.Column("verb", sa.String(length=12), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("wrong_day", sa.Date(), nullable=True),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("class_id", sa.Integer(), nullable=True),
        sa.Column("to_school_id", sa.Integer(), nullable=True),
        sa.Column("destination", sa.Text(), nullable=False),
        sa.Column("reason", sa.String(length=2), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("accepts_id", sa.Integer(), nullable=True),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("after", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undone_by", sa.Integer(), nullable=True),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        _reference(table, "pupil_id", "pupil"),
        _reference(table, "school_id", "school"),
        _reference(table, "class_id", "school_class"),
        _reference(table, "to_school_id", "school"),
        _reference(table, "accepts_id", table),
        _reference(table, "decided_by", "user_account"),
        _reference(table, "undone_by", "user_account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enrolment_change")),
        sa.UniqueConstraint("client_key", name=op.f("uq_enrolment_change_client_key")),
    )
    op.create_index("ix_enrolment_change_pupil_id", table, ["pupil_id", "id"])
    for column in ("school_id", "class_id", "to_school_id", "decided_by", "undone_by"):
        op.create_index(op.f(f"ix_enrolment_change_{column}"), table, [column])
    op.create_index(
        "uq_enrolment_change_accepts_id",
        table,
        ["accepts_id"],
        unique=True,
        sqlite_where=sa.text("undone_at IS NULL"),
        postgresql_where=sa.text("undone_at IS NULL"),
    )


def downgrade() -> None:
    """Take back."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"ALTER TABLE enrolment DROP CONSTRAINT {OVERLAP}")
    op.drop_table("enrolment_change")
    with op.batch_alter_table("enrolment") as table:
        table.drop_column("came_as")
