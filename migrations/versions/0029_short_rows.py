"""Registers and marks in rows as short as they can be, a province's year within 600 MB; the cube of schools' days."""

from __future__ import annotations

from typing import NamedTuple

import sqlalchemy as sa
from alembic import op

revision = "0029_short_rows"
down_revision = "0028_goals"
branch_labels = None
depends_on = None

STATES = {"due": "D", "open": "O", "provisional": "P", "submitted": "S", "locked": "L", "not_held": "N"}
SUMS = "sessions_due, sessions_taken, expected, excused, unexcused, pending, late, lessons_held"
PACKED = " WITH (fillfactor = 100)"
"""Registers and marks get ever higher ids: a page of these indexes that is full stays full."""


class Shape(NamedTuple):
    """A table: its columns and checks, the columns of its keys, {column: what it refers to}, indexes."""

    name: str
    columns: dict[str, tuple[str, str]]
    """{column: (type, where its value comes from in the table of before)}."""
    checks: dict[str, str]
    primary: tuple[str, ...]
    unique: tuple[str, ...]
    refers: dict[str, str]
    indexes: dict[str, str]
    packed: str = ""


def upgrade() -> None:
    """Apply. The reason why a register is not held, and what few marks have, go where they take no room in the rest."""
    op.create_table(
        "called_off",
        sa.Column("register_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("why", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["register_id"],
            ["register.id"],
            name=op.f("fk_called_off_register_id_register"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("register_id", name=op.f("pk_called_off")),
    )
    op.execute(
        "INSERT INTO called_off (register_id, why) "
        "SELECT id, coalesce(not_held_why, '') FROM register WHERE state = 'not_held'"
    )
    letter = '"char"' if _is_postgresql() else "VARCHAR(1)"
    _rebuild(_short_register(letter))
    _rebuild(_short_mark())
    _days_of_schools()


def _days_of_schools() -> None:
    sums = SUMS.split(", ")
    op.create_table(
        "cube_school_day",
        sa.Column("school_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in sums),
        sa.ForeignKeyConstraint(
            ["school_id"],
            ["school.id"],
            name=op.f("fk_cube_school_day_school_id_school"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("school_id", "day", name=op.f("pk_cube_school_day")),
    )
    added = ", ".join(f"sum({name})" for name in sums)
    op.execute(
        f"INSERT INTO cube_school_day (school_id, day, {SUMS}) "  # noqa: S608 - names of our own
        f"SELECT school_id, day, {added} FROM cube_class_day GROUP BY school_id, day"
    )


def downgrade() -> None:
    """Take back. Nothing is lost."""
    op.drop_table("cube_school_day")
    _rebuild(_long_mark())
    _rebuild(_long_register())
    op.drop_table("called_off")


def _is_postgresql() -> bool:
    return bool(op.get_bind().dialect.name == "postgresql")


# --- the four shapes ----------------------------------------------------------------------------------------------

_OF_REGISTER = {
    "school_id": "school.id",
    "class_id": "school_class.id",
    "roster_version_id": "roster_version.id",
}
_KEY = ("class_id", "day", "slot_kind", "slot")


def _same(kind: str, *names: str) -> dict[str, tuple[str, str]]:
    return {name: (kind, name) for name in names}


def _case(column: str, values: dict[str, str]) -> str:
    whens = " ".join(f"WHEN '{old}' THEN '{new}'" for old, new in values.items())
    return f"CASE {column} {whens} END"


def _short_register(letter: str) -> Shape:
    cast = '::"char"' if _is_postgresql() else ""
    smallest = "least(row_version, 32767)" if _is_postgresql() else "min(row_version, 32767)"
    whole, short = "INTEGER NOT NULL", "SMALLINT NOT NULL"
    counters = ("expected", "excused", "unexcused", "pending", "late", "left_early")
    day = "USING brin (day) WITH (pages_per_range = 1)" if _is_postgresql() else "(day)"
    return Shape(
        "register",
        _same(whole, "id", "school_id", "class_id")
        | _same("DATE NOT NULL", "day")
        | _same("INTEGER", "roster_version_id")
        | {"row_version": (short, smallest)}
        | _same(short, "slot", "programme_session", *counters)
        | {
            "slot_kind": (f"{letter} NOT NULL", f"slot_kind{cast}"),
            "state": (f"{letter} NOT NULL", f"({_case('state', STATES)}){cast}"),
        },
        {
            "slot_kind": "slot_kind IN ('S', 'P', 'E')",
            "state": "state IN ('D', 'O', 'P', 'S', 'L', 'N')",
            "counters": "excused + unexcused + pending <= expected",
            "roster": "state NOT IN ('P', 'S', 'L') OR roster_version_id IS NOT NULL",
        },
        ("id",),
        _KEY,
        _OF_REGISTER,
        {"ix_register_day": day, "ix_register_school_id_day": f"(school_id, day){_packed()}"},
        _packed(),
    )


def _long_register() -> Shape:
    short = "SMALLINT NOT NULL"
    back = _case("state", {new: old for old, new in STATES.items()})
    why = "(SELECT nullif(why, '') FROM called_off WHERE register_id = register.id)"
    return Shape(
        "register",
        _same("INTEGER NOT NULL", "id", "school_id", "class_id")
        | _same("DATE NOT NULL", "day")
        | _same("VARCHAR(1) NOT NULL", "slot_kind")
        | _same(short, "slot", "programme_session")
        | {"state": ("VARCHAR(12) NOT NULL", back)}
        | _same("INTEGER", "roster_version_id")
        | _same("INTEGER NOT NULL", "row_version")
        | _same(short, "expected")
        | {"present": (short, "expected - excused - unexcused - pending")}
        | _same(short, "excused", "unexcused", "pending", "late", "left_early")
        | {"not_held_why": ("VARCHAR(200)", why)},
        {
            "slot_kind": "slot_kind IN ('S', 'P', 'E')",
            "state": "state IN ('due', 'open', 'provisional', 'submitted', 'locked', 'not_held')",
            "counters": "present + excused + unexcused + pending = expected",
            "roster": "state NOT IN ('provisional', 'submitted', 'locked') OR roster_version_id IS NOT NULL",
        },
        ("id",),
        _KEY,
        _OF_REGISTER,
        {"ix_register_day_school_id": "(day, school_id)", "ix_register_school_id_day": "(school_id, day)"},
    )


_OF_MARK = {"register_id": "register.id", "pupil_id": "pupil.id", "code_id": "attendance_code.id"}


def _short_mark() -> Shape:
    return Shape(
        "mark",
        _same("INTEGER NOT NULL", "register_id", "pupil_id")
        | {
            "code_id": ("SMALLINT", "CASE WHEN is_corrected THEN office_code_id ELSE teacher_code_id END"),
            "overruled_code_id": ("SMALLINT", "CASE WHEN is_corrected THEN teacher_code_id END"),
            "minutes_late": ("SMALLINT", "minutes_late"),
            "is_corrected": ("BOOLEAN NOT NULL", "is_corrected"),
            "reason": ("TEXT", "reason"),
            "more": ("TEXT", _gathered()),
        },
        {
            "not_empty": "code_id IS NOT NULL OR is_corrected",
            "overruled": "is_corrected OR overruled_code_id IS NULL",
            "minutes_late": "minutes_late BETWEEN 0 AND 600",
        },
        ("register_id", "pupil_id"),
        (),
        _OF_MARK | {"overruled_code_id": "attendance_code.id"},
        {"ix_mark_pupil_id": f"(pupil_id){_packed()}"},
        _packed(),
    )


def _gathered() -> str:
    """Return SQL for the JSON of what few marks have, NULL for the others."""
    few = "arrived_at IS NOT NULL OR left_at IS NOT NULL OR note IS NOT NULL OR source <> 'teacher'"
    parts = (
        "'arrived', {arrived}, 'left', {left}, 'note', note, 'source', nullif(source, 'teacher')"
    ).format(arrived=_minute("arrived_at"), left=_minute("left_at"))
    made = (
        f"jsonb_strip_nulls(jsonb_build_object({parts}))::text"
        if _is_postgresql()
        else f"json_patch('{{}}', json_object({parts}))"
    )
    return f"CASE WHEN {few} THEN {made} END"


def _minute(column: str) -> str:
    return f"to_char({column}, 'HH24:MI')" if _is_postgresql() else f"substr({column}, 1, 5)"


def _long_mark() -> Shape:
    def rare(name: str) -> str:
        return f"(more::jsonb ->> '{name}')" if _is_postgresql() else f"json_extract(more, '$.{name}')"

    def moment(name: str) -> str:
        return f"{rare(name)}::time" if _is_postgresql() else f"time({rare(name)}) || '.000000'"

    return Shape(
        "mark",
        _same("INTEGER NOT NULL", "register_id", "pupil_id")
        | {
            "code_id": ("SMALLINT", "code_id"),
            "teacher_code_id": (
                "SMALLINT",
                "CASE WHEN is_corrected THEN overruled_code_id ELSE code_id END",
            ),
            "office_code_id": ("SMALLINT", "CASE WHEN is_corrected THEN code_id END"),
            "is_corrected": ("BOOLEAN NOT NULL", "is_corrected"),
            "minutes_late": ("SMALLINT", "minutes_late"),
            "arrived_at": ("TIME", moment("arrived")),
            "left_at": ("TIME", moment("left")),
            "reason": ("TEXT", "reason"),
            "note": ("TEXT", rare("note")),
            "source": ("VARCHAR(12) NOT NULL", f"coalesce({rare('source')}, 'teacher')"),
        },
        {
            "office_code": "is_corrected OR office_code_id IS NULL",
            "minutes_late": "minutes_late BETWEEN 0 AND 600",
            "not_empty": "teacher_code_id IS NOT NULL OR is_corrected",
        },
        ("register_id", "pupil_id"),
        (),
        _OF_MARK | {"office_code_id": "attendance_code.id", "teacher_code_id": "attendance_code.id"},
        {"ix_mark_pupil_id": "(pupil_id)"},
    )


def _packed() -> str:
    return PACKED if _is_postgresql() else ""


# --- building a table anew ----------------------------------------------------------------------------------------


def _rebuild(shape: Shape) -> None:
    """Write a table anew: where columns are dropped or moved in place, rows stay as long as they were."""
    if _is_postgresql():
        _rebuild_on_postgresql(shape)
    else:
        _rebuild_on_sqlite(shape)
    for name, what in shape.indexes.items():
        op.execute(f"CREATE INDEX {name} ON {shape.name} {what}")
    if _is_postgresql():
        op.execute(f"ANALYZE {shape.name}")


def _rebuild_on_postgresql(shape: Shape) -> None:
    name, sequence = shape.name, f"{shape.name}_id_seq"
    has_sequence = shape.primary == ("id",)
    pointing = _pointing_at(name)
    for table, key in pointing:
        op.drop_constraint(key, table, type_="foreignkey")
    if has_sequence:
        op.execute(f"ALTER SEQUENCE {sequence} OWNED BY NONE")
    _fill(shape, _columns(shape) + _checks(shape))
    for rule in _keys(shape):
        op.execute(f"ALTER TABLE {name} ADD {rule}{'' if 'REFERENCES' in rule else shape.packed}")
    if has_sequence:
        op.execute(f"ALTER TABLE {name} ALTER COLUMN id SET DEFAULT nextval('{sequence}')")
        op.execute(f"ALTER SEQUENCE {sequence} OWNED BY {name}.id")
    for (table, key), (columns, targets) in pointing.items():
        op.create_foreign_key(key, table, name, list(columns), list(targets), ondelete="RESTRICT")


def _rebuild_on_sqlite(shape: Shape) -> None:
    """Foreign keys rest while migrations run, so that those who point at the table find the new one."""
    _fill(shape, _columns(shape) + _checks(shape) + _keys(shape))


def _fill(shape: Shape, lines: list[str]) -> None:
    name, order = shape.name, ", ".join(shape.primary)
    names = ", ".join(shape.columns)
    sources = ", ".join(source for _kind, source in shape.columns.values())
    op.execute(f"CREATE TABLE {name}_new ({', '.join(lines)})")
    op.execute(f"INSERT INTO {name}_new ({names}) SELECT {sources} FROM {name} ORDER BY {order}")  # noqa: S608 - our own
    op.drop_table(name)
    op.rename_table(f"{name}_new", name)


def _columns(shape: Shape) -> list[str]:
    return [f"{name} {kind}" for name, (kind, _source) in shape.columns.items()]


def _checks(shape: Shape) -> list[str]:
    return [f"CONSTRAINT ck_{shape.name}_{name} CHECK ({rule})" for name, rule in shape.checks.items()]


def _keys(shape: Shape) -> list[str]:
    name = shape.name
    found = [f"CONSTRAINT pk_{name} PRIMARY KEY ({', '.join(shape.primary)})"]
    if shape.unique:
        columns = ", ".join(shape.unique)
        found.append(f"CONSTRAINT uq_{name}_{'_'.join(shape.unique)} UNIQUE ({columns})")
    for column, target in shape.refers.items():
        table, key = target.split(".")
        found.append(
            f"CONSTRAINT fk_{name}_{column}_{table} FOREIGN KEY ({column}) REFERENCES {table} ({key}) "
            "ON DELETE RESTRICT"
        )
    return found


def _pointing_at(name: str) -> dict[tuple[str, str], tuple[tuple[str, ...], tuple[str, ...]]]:
    """Return {(table, key): (its columns, those of the table that it points at)} of the foreign keys to a table."""
    inspector = sa.inspect(op.get_bind())
    return {
        (table, str(key["name"])): (tuple(key["constrained_columns"]), tuple(key["referred_columns"]))
        for table in inspector.get_table_names()
        for key in inspector.get_foreign_keys(table)
        if key["referred_table"] == name
    }
