"""The second computation, as SQL for DuckDB over the raw rows, and how its answer is compared with the cubes.

It shares nothing with the first one: no counter of a register, no Python that adds. What is due comes from calendar and
timetable either way, as a table of (class, day, session).
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

Column = tuple[str, str]
"""Name and DuckDB type."""
RAW: Final[Mapping[str, tuple[Column, ...]]] = {
    "register": (
        ("id", "BIGINT"), ("class_id", "BIGINT"), ("day", "DATE"), ("slot", "SMALLINT"), ("state", "VARCHAR"),
        ("roster_id", "BIGINT"), ("stretch", "DATE"),
    ),
    "roster": (("id", "BIGINT"), ("members", "VARCHAR")),
    "mark": (
        ("register_id", "BIGINT"), ("pupil_id", "BIGINT"), ("is_present", "BOOLEAN"), ("is_authorised", "BOOLEAN"),
        ("is_pending", "BOOLEAN"), ("is_late", "BOOLEAN"),
    ),
    "lesson": (("class_id", "BIGINT"), ("day", "DATE")),
    "due": (("class_id", "BIGINT"), ("day", "DATE"), ("slot", "SMALLINT")),
    "cube_day": (
        ("class_id", "BIGINT"), ("day", "DATE"), ("sessions_due", "BIGINT"), ("sessions_taken", "BIGINT"),
        ("expected", "BIGINT"), ("excused", "BIGINT"), ("unexcused", "BIGINT"), ("pending", "BIGINT"),
        ("late", "BIGINT"), ("lessons_held", "BIGINT"),
    ),
    "cube_pupil": (
        ("class_id", "BIGINT"), ("day", "DATE"), ("pupil_id", "BIGINT"), ("expected", "BIGINT"),
        ("excused", "BIGINT"), ("unexcused", "BIGINT"), ("pending", "BIGINT"), ("late", "BIGINT"),
    ),
}  # fmt: skip
"""The tables that the second computation is given, with their columns."""
_MARKS: Final = """
    count(*) FILTER (WHERE NOT is_present AND is_authorised) AS excused,
    count(*) FILTER (WHERE NOT is_present AND NOT is_authorised AND NOT is_pending) AS unexcused,
    count(*) FILTER (WHERE NOT is_present AND NOT is_authorised AND is_pending) AS pending,
    count(*) FILTER (WHERE is_late) AS late"""
_BASE: Final = f"""
CREATE TEMP TABLE taken AS
    SELECT id, class_id, day, stretch, roster_id FROM register
    WHERE state IN ('provisional', 'submitted', 'locked');
CREATE TEMP TABLE member AS
    SELECT DISTINCT id AS roster_id, unnest(from_json(members, '["BIGINT"]')) AS pupil_id FROM roster;
CREATE TEMP TABLE seen AS
    SELECT t.id AS register_id, t.class_id, t.day, t.stretch, m.pupil_id FROM taken t JOIN member m USING (roster_id);
CREATE TEMP TABLE again_pupil AS
    SELECT s.class_id, s.stretch AS day, s.pupil_id, count(*) AS expected, {_MARKS}
    FROM seen s LEFT JOIN mark m ON m.register_id = s.register_id AND m.pupil_id = s.pupil_id
    GROUP BY s.class_id, s.stretch, s.pupil_id;
CREATE TEMP TABLE again_day AS
    WITH slots AS (
        SELECT class_id, day, slot, bool_or(state = 'not_held') AS is_off,
               bool_or(state IN ('provisional', 'submitted', 'locked')) AS is_taken
        FROM (SELECT class_id, day, slot, state FROM register UNION ALL SELECT class_id, day, slot, 'due' FROM due)
        GROUP BY class_id, day, slot
    ), slot_days AS (
        SELECT class_id, day, count(*) AS sessions_due, count(*) FILTER (WHERE is_taken) AS sessions_taken
        FROM slots WHERE NOT is_off GROUP BY class_id, day
    ), seen_days AS (
        SELECT s.class_id, s.day, count(*) AS expected, {_MARKS}
        FROM seen s LEFT JOIN mark m ON m.register_id = s.register_id AND m.pupil_id = s.pupil_id
        GROUP BY s.class_id, s.day
    ), lessons AS (SELECT class_id, day, count(*) AS lessons_held FROM lesson GROUP BY class_id, day)
    SELECT class_id, day,
           coalesce(sessions_due, 0) AS sessions_due, coalesce(sessions_taken, 0) AS sessions_taken,
           coalesce(expected, 0) AS expected, coalesce(excused, 0) AS excused, coalesce(unexcused, 0) AS unexcused,
           coalesce(pending, 0) AS pending, coalesce(late, 0) AS late, coalesce(lessons_held, 0) AS lessons_held
    FROM slot_days FULL JOIN seen_days USING (class_id, day) FULL JOIN lessons USING (class_id, day);
"""  # noqa: S608 - put together of constants


@dataclass(frozen=True, slots=True)
class Found:
    """A number of which the cube and the second computation say different things; `pupil_id` in pupils' cubes.

    `day` is a day, or the first day of a pupil's stretch. `stored` or `computed` is None where one has no row at all.
    """

    cube: str
    class_id: int
    day: date
    pupil_id: int | None
    measure: str
    stored: int | None
    computed: int | None


Raw = dict[str, "Sequence[Sequence[Any]]"]
"""Rows by table of `RAW`, each in the order of its columns."""


def second_computation(raw: Raw) -> list[Found]:
    """Compute both cubes from raw rows in DuckDB and return what differs from the stored ones, in order of keys."""
    import duckdb  # noqa: PLC0415 - 40 MB that most processes never use
    import pandas as pd  # noqa: PLC0415 - likewise

    with duckdb.connect(config={"threads": 2, "memory_limit": "1GB"}) as connection:
        for name, columns in RAW.items():
            frame = pd.DataFrame(
                list(raw.get(name, ())), columns=[column for column, _kind in columns], dtype=object
            )
            connection.register("incoming", frame)
            casts = ", ".join(f"CAST({column} AS {kind}) AS {column}" for column, kind in columns)
            connection.execute(f"CREATE TEMP TABLE {name} AS SELECT {casts} FROM incoming")  # noqa: S608 - constants
            connection.unregister("incoming")
        connection.execute(_BASE)
        return [
            Found(cube, row[0], row[1], row[2], *row[3:])
            for cube, stored, again, keys in (
                ("day", "cube_day", "again_day", ("class_id", "day")),
                ("pupil", "cube_pupil", "again_pupil", ("class_id", "day", "pupil_id")),
            )
            for row in connection.execute(_differences(stored, again, keys)).fetchall()
        ]


@functools.cache
def _differences(stored: str, again: str, keys: tuple[str, ...]) -> str:
    """Return the SQL of (class, day, pupil or null, measure, stored, computed) where two tables differ."""
    pupil = "pupil_id" if "pupil_id" in keys else "NULL"
    measures = [name for name, _kind in RAW[stored] if name not in keys]
    part = (
        f"SELECT class_id, day, {pupil} AS pupil_id, '%(name)s' AS measure, s.%(name)s AS stored, "  # noqa: S608 - names of this file
        f"a.%(name)s AS computed FROM {stored} s FULL JOIN {again} a USING ({', '.join(keys)}) "
        "WHERE s.%(name)s IS DISTINCT FROM a.%(name)s"
    )
    parts = [part % {"name": name} for name in measures]
    return " UNION ALL ".join(parts) + " ORDER BY class_id, day, pupil_id, measure"
