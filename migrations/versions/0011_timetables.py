"""Timetables: versions that are never edited, odd and even weeks, co-teachers, edits; bells by grade; half days."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011_timetables"
down_revision = "0010_oneroster"
branch_labels = None
depends_on = None

SLOT = "uq_timetable_entry_timetable_id_class_id_weekday_day_session_number"
BELL = "uq_bell_period_school_id_day_session_number_starts_on"
REFUSAL = "a published timetable is never edited"
ENTRY_OF = "(SELECT timetable_id FROM timetable_entry WHERE id = {row}.entry_id)"


def upgrade() -> None:
    """Apply."""
    _widen_days_and_bells()
    _widen_timetables()
    _make_co_teachers()
    _make_edits()
    _make_words()
    _freeze()


def _reference(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}_{target}"), ondelete="RESTRICT"
    )


def _widen_days_and_bells() -> None:
    for name in ("calendar_day", "calendar_change"):
        with op.batch_alter_table(name) as table:
            table.add_column(sa.Column("only_session", sa.String(length=16), nullable=True))
    with op.batch_alter_table("bell_period") as table:
        table.add_column(sa.Column("plan_name", sa.Text(), nullable=False, server_default=""))
        table.add_column(sa.Column("first_grade", sa.Integer(), nullable=False, server_default="1"))
        table.add_column(sa.Column("last_grade", sa.Integer(), nullable=False, server_default="12"))
        table.drop_constraint(op.f(BELL), type_="unique")
    with op.batch_alter_table("bell_period") as table:
        for column in ("plan_name", "first_grade", "last_grade"):
            table.alter_column(column, server_default=None)
        table.create_unique_constraint(
            op.f(f"{BELL}_first_grade"), ["school_id", "day_session", "number", "starts_on", "first_grade"]
        )
        table.create_check_constraint(
            op.f("ck_bell_period_grades"),
            "first_grade >= 1 AND last_grade <= 12 AND first_grade <= last_grade",
        )


def _widen_timetables() -> None:
    with op.batch_alter_table("timetable") as table:
        table.add_column(sa.Column("client_key", sa.String(length=64), nullable=True))
        table.add_column(sa.Column("made_by", sa.Integer(), nullable=True))
        table.add_column(sa.Column("made_at", sa.DateTime(timezone=True), nullable=True))
        table.add_column(sa.Column("published_by", sa.Integer(), nullable=True))
        table.add_column(sa.Column("published_at", sa.DateTime(timezone=True), nullable=True))
        table.add_column(sa.Column("note", sa.Text(), nullable=False, server_default=""))
    with op.batch_alter_table("timetable") as table:
        table.alter_column("note", server_default=None)
        table.create_unique_constraint(op.f("uq_timetable_school_id_client_key"), ["school_id", "client_key"])
        table.create_check_constraint(
            op.f("ck_timetable_state"), "state IN ('draft', 'published', 'superseded')"
        )
        table.create_check_constraint(op.f("ck_timetable_dates"), "ends_on IS NULL OR ends_on >= starts_on")
        for column in ("made_by", "published_by"):
            table.create_foreign_key(
                op.f(f"fk_timetable_{column}_user_account"),
                "user_account",
                [column],
                ["id"],
                ondelete="RESTRICT",
            )
            table.create_index(op.f(f"ix_timetable_{column}"), [column], unique=False)
    with op.batch_alter_table("timetable_entry") as table:
        table.add_column(sa.Column("weeks", sa.String(length=8), nullable=False, server_default="every"))
        table.drop_constraint(op.f(SLOT), type_="unique")
    with op.batch_alter_table("timetable_entry") as table:
        table.alter_column("weeks", server_default=None)
        table.create_unique_constraint(
            op.f(f"{SLOT}_weeks"),
            ["timetable_id", "class_id", "weekday", "day_session", "number", "weeks"],
        )
        table.create_check_constraint(op.f("ck_timetable_entry_weeks"), "weeks IN ('every', 'odd', 'even')")


def _make_co_teachers() -> None:
    op.create_table(
        "entry_teacher",
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        _reference("entry_teacher", "entry_id", "timetable_entry"),
        _reference("entry_teacher", "staff_id", "staff"),
        sa.PrimaryKeyConstraint("entry_id", "staff_id", name=op.f("pk_entry_teacher")),
    )
    op.create_index(op.f("ix_entry_teacher_staff_id"), "entry_teacher", ["staff_id"], unique=False)


def _make_edits() -> None:
    op.create_table(
        "timetable_edit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("timetable_id", sa.Integer(), nullable=False),
        sa.Column("client_key", sa.String(length=64), nullable=False),
        sa.Column("class_id", sa.Integer(), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("day_session", sa.String(length=16), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("after", sa.Text(), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undoes_id", sa.Integer(), nullable=True),
        _reference("timetable_edit", "timetable_id", "timetable"),
        _reference("timetable_edit", "class_id", "school_class"),
        _reference("timetable_edit", "made_by", "user_account"),
        _reference("timetable_edit", "undoes_id", "timetable_edit"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_timetable_edit")),
        sa.UniqueConstraint(
            "timetable_id", "client_key", name=op.f("uq_timetable_edit_timetable_id_client_key")
        ),
        sa.UniqueConstraint("undoes_id", name=op.f("uq_timetable_edit_undoes_id")),
    )
    cell = ["timetable_id", "class_id", "weekday", "day_session", "number"]
    op.create_index("ix_timetable_edit_cell", "timetable_edit", cell, unique=False)
    for column in ("class_id", "made_by"):
        op.create_index(op.f(f"ix_timetable_edit_{column}"), "timetable_edit", [column], unique=False)


def _make_words() -> None:
    op.create_table(
        "timetable_word",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("word", sa.String(length=160), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=True),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        sa.Column("class_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("kind IN ('subject', 'teacher', 'class')", name=op.f("ck_timetable_word_kind")),
        _reference("timetable_word", "school_id", "school"),
        _reference("timetable_word", "subject_id", "subject"),
        _reference("timetable_word", "staff_id", "staff"),
        _reference("timetable_word", "class_id", "school_class"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_timetable_word")),
        sa.UniqueConstraint("school_id", "kind", "word", name=op.f("uq_timetable_word_school_id_kind_word")),
    )
    for column in ("subject_id", "staff_id", "class_id"):
        op.create_index(op.f(f"ix_timetable_word_{column}"), "timetable_word", [column], unique=False)


# --- what is published stays as it is ------------------------------------------------------------------------------


def _freeze() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for statement in _sqlite_triggers():
            op.execute(statement)
        return
    for table, owner in (("timetable_entry", "{row}.timetable_id"), ("entry_teacher", ENTRY_OF)):
        op.execute(_postgresql_function(table, owner))
        op.execute(
            f"CREATE TRIGGER {table}_frozen BEFORE INSERT OR UPDATE OR DELETE ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION {table}_frozen()"
        )
    op.execute(
        "CREATE FUNCTION timetable_frozen() RETURNS trigger AS $$ BEGIN "
        f"RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = 'integrity_constraint_violation'; END $$ LANGUAGE plpgsql"
    )
    for event, condition in _timetable_conditions().items():
        op.execute(
            f"CREATE TRIGGER timetable_frozen_{event.lower()} BEFORE {event} ON timetable "
            f"FOR EACH ROW WHEN ({condition}) EXECUTE FUNCTION timetable_frozen()"
        )


def _timetable_conditions() -> dict[str, str]:
    return {
        "UPDATE": "OLD.state <> 'draft' AND (NEW.state = 'draft' OR NEW.starts_on <> OLD.starts_on)",
        "DELETE": "OLD.state <> 'draft'",
    }


def _sqlite_triggers() -> list[str]:
    made = []
    for table, owner in (("timetable_entry", "{row}.timetable_id"), ("entry_teacher", ENTRY_OF)):
        for event, rows in (("INSERT", ("NEW",)), ("UPDATE", ("OLD", "NEW")), ("DELETE", ("OLD",))):
            condition = " OR ".join(_is_no_draft(owner.format(row=row)) for row in rows)
            made.append(_sqlite_trigger(table, event, condition))
    made += [_sqlite_trigger("timetable", event, what) for event, what in _timetable_conditions().items()]
    return made


def _is_no_draft(timetable: str) -> str:
    return f"(SELECT state FROM timetable WHERE id = {timetable}) <> 'draft'"  # noqa: S608 - our own names


def _sqlite_trigger(table: str, event: str, condition: str) -> str:
    return (
        f"CREATE TRIGGER {table}_frozen_{event.lower()} BEFORE {event} ON {table} WHEN {condition} "
        f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
    )


def _postgresql_function(table: str, owner: str) -> str:
    refuse = f"RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = 'integrity_constraint_violation'"
    old, new = (_is_no_draft(owner.format(row=row)) for row in ("OLD", "NEW"))
    return (
        f"CREATE FUNCTION {table}_frozen() RETURNS trigger AS $$ BEGIN "
        f"IF TG_OP <> 'INSERT' THEN IF {old} THEN {refuse}; END IF; END IF; "
        "IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; "
        f"IF {new} THEN {refuse}; END IF; RETURN NEW; END $$ LANGUAGE plpgsql"
    )


def _thaw() -> None:
    tables = ("timetable_entry", "entry_teacher", "timetable")
    if op.get_bind().dialect.name == "sqlite":
        for table in tables:
            for event in ("insert", "update", "delete"):
                op.execute(f"DROP TRIGGER IF EXISTS {table}_frozen_{event}")
        return
    for table in tables:
        op.execute(f"DROP FUNCTION IF EXISTS {table}_frozen() CASCADE")


def downgrade() -> None:
    """Take back. A slot keeps the lesson that was written first; of plans by grade the lowest grades' stays."""
    _thaw()
    for name in ("timetable_word", "timetable_edit", "entry_teacher"):
        op.drop_table(name)
    _one_lesson_for_each_slot()
    with op.batch_alter_table("timetable_entry") as table:
        table.drop_constraint(op.f("ck_timetable_entry_weeks"), type_="check")
        table.drop_constraint(op.f(f"{SLOT}_weeks"), type_="unique")
        table.drop_column("weeks")
        table.create_unique_constraint(
            op.f(SLOT), ["timetable_id", "class_id", "weekday", "day_session", "number"]
        )
    with op.batch_alter_table("timetable") as table:
        for column in ("made_by", "published_by"):
            table.drop_constraint(op.f(f"fk_timetable_{column}_user_account"), type_="foreignkey")
            table.drop_index(op.f(f"ix_timetable_{column}"))
        table.drop_constraint(op.f("ck_timetable_dates"), type_="check")
        table.drop_constraint(op.f("ck_timetable_state"), type_="check")
        table.drop_constraint(op.f("uq_timetable_school_id_client_key"), type_="unique")
        for column in ("note", "published_at", "published_by", "made_at", "made_by", "client_key"):
            table.drop_column(column)
    _narrow_days_and_bells()


def _one_lesson_for_each_slot() -> None:
    doubled = (
        "SELECT later.id FROM timetable_entry later JOIN timetable_entry first "
        "ON first.timetable_id = later.timetable_id AND first.class_id = later.class_id "
        "AND first.weekday = later.weekday AND first.day_session = later.day_session "
        "AND first.number = later.number AND first.id < later.id"
    )
    op.execute(f"DELETE FROM lesson_change WHERE entry_id IN ({doubled})")  # noqa: S608 - our own words
    op.execute(f"DELETE FROM timetable_entry WHERE id IN ({doubled})")  # noqa: S608


def _narrow_days_and_bells() -> None:
    op.execute(
        "DELETE FROM bell_period WHERE EXISTS (SELECT 1 FROM bell_period first "
        "WHERE first.school_id = bell_period.school_id AND first.day_session = bell_period.day_session "
        "AND first.number = bell_period.number AND first.starts_on = bell_period.starts_on "
        "AND first.first_grade < bell_period.first_grade)"
    )
    with op.batch_alter_table("bell_period") as table:
        table.drop_constraint(op.f("ck_bell_period_grades"), type_="check")
        table.drop_constraint(op.f(f"{BELL}_first_grade"), type_="unique")
        table.create_unique_constraint(op.f(BELL), ["school_id", "day_session", "number", "starts_on"])
        for column in ("last_grade", "first_grade", "plan_name"):
            table.drop_column(column)
    for name in ("calendar_change", "calendar_day"):
        with op.batch_alter_table(name) as table:
            table.drop_column("only_session")
