"""The second computation, as SQL for DuckDB over the raw rows, and how its answer is compared with the cubes.

It shares nothing with the first one: no counter of a register, no Python that adds. What is due is worked out here too,
from the days of the calendar, the timetable and the periods in which a class has pupils.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Self

from attendance.registers.rules.states import STATE_LETTERS, TAKEN, RegisterState

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date
    from pathlib import Path

    from numpy import ndarray

RAW: Final[Mapping[str, str]] = {
    "school_class": "id INTEGER, school_id INTEGER",
    "semester": "starts_on DATE",
    "register": "id INTEGER, class_id INTEGER, day DATE, slot TINYINT, state UTINYINT, roster_id INTEGER",
    "roster": "id INTEGER, members VARCHAR",
    "mark": "register_id INTEGER, pupil_id INTEGER, code_id SMALLINT",
    "code": "id SMALLINT, is_present BOOLEAN, is_authorised BOOLEAN, is_pending BOOLEAN, is_late BOOLEAN",
    "taking": "register_id INTEGER, day DATE",
    "lesson": "id INTEGER, class_id INTEGER, day DATE",
    "activity": "id INTEGER, lesson_id INTEGER, rounds SMALLINT, is_opened BOOLEAN",
    "seat": "lesson_id INTEGER",
    "attempt": "lesson_id INTEGER",
    "attempt_change": "activity_id INTEGER",
    "school_day": "school_id INTEGER, day DATE, weekday TINYINT, only_slot TINYINT, week TINYINT",
    "weekly": "school_id INTEGER, class_id INTEGER, weekday TINYINT, day_session VARCHAR, starts_on DATE, "
    "ends_on DATE, weeks VARCHAR",
    "occupied": "class_id INTEGER, starts_on DATE, ends_on DATE",
    "cube_day": "class_id INTEGER, day DATE, sessions_due INTEGER, sessions_taken INTEGER, "
    "expected INTEGER, excused INTEGER, unexcused INTEGER, pending INTEGER, late INTEGER, lessons_held INTEGER",
    "cube_school": "school_id INTEGER, day DATE, sessions_due INTEGER, sessions_taken INTEGER, "
    "expected INTEGER, excused INTEGER, unexcused INTEGER, pending INTEGER, late INTEGER, lessons_held INTEGER",
    "cube_pupil": "class_id INTEGER, day DATE, pupil_id INTEGER, expected INTEGER, excused INTEGER, "
    "unexcused INTEGER, pending INTEGER, late INTEGER",
    "cube_class": "class_id INTEGER, day DATE, sessions_on_time INTEGER, answers INTEGER, "
    "answers_possible INTEGER, attempts INTEGER",
}
"""The tables that the second computation is given: raw rows, and what the cubes hold (a stretch by its first day).

A state is the number of its letter; a register without a roster has roster 0.
"""
DAY_ZERO: Final = "DATE '2000-01-01'"
"""Days come as numbers of days since this one where a table comes as whole numbers (`SecondComputation.take`)."""
_KINDS: Final = ("excused", "unexcused", "pending", "late")
_DAY_SUMS: Final = ("sessions_due", "sessions_taken", "expected", *_KINDS, "lessons_held")
_CLASS_SUMS: Final = ("sessions_on_time", "answers", "answers_possible", "attempts")
_STATES: Final = ", ".join(str(ord(STATE_LETTERS[state])) for state in sorted(TAKEN))
_OFF: Final = ord(STATE_LETTERS[RegisterState.NOT_HELD])


def _sums(names: tuple[str, ...]) -> str:
    return ", ".join(f"CAST(sum({name}) AS INTEGER) AS {name}" for name in names)


_MARKS: Final = ", ".join(f"count(*) FILTER ({name} = 1) AS {name}" for name in _KINDS)
_OR_NONE: Final = ", ".join(f"CAST(coalesce({name}, 0) AS INTEGER) AS {name}" for name in _KINDS)
_PREPARE: Final = """
CREATE TEMP TABLE stretch AS
    SELECT d.day, coalesce(max(s.starts_on), CAST(date_trunc('month', d.day) AS DATE)) AS first
    FROM (SELECT day FROM register UNION SELECT day FROM lesson) d
    LEFT JOIN semester s ON s.starts_on <= d.day AND s.starts_on > date_trunc('month', d.day) GROUP BY d.day;
CREATE TEMP TABLE kind AS SELECT id AS code_id,
    CAST(NOT is_present AND is_authorised AS TINYINT) AS excused,
    CAST(NOT is_present AND NOT is_authorised AND NOT is_pending AS TINYINT) AS unexcused,
    CAST(NOT is_present AND NOT is_authorised AND is_pending AS TINYINT) AS pending,
    CAST(is_late AS TINYINT) AS late FROM code;
CREATE TEMP TABLE member AS
    SELECT DISTINCT id AS roster_id, unnest(from_json(members, '["INTEGER"]')) AS pupil_id FROM roster;
CREATE TEMP TABLE noted (class_id INTEGER, day DATE, pupil_id INTEGER, code_id SMALLINT);
"""
_NOTED: Final = f"""
INSERT INTO noted SELECT r.class_id, r.day, m.pupil_id, m.code_id
    FROM mark m JOIN register r ON r.id = m.register_id JOIN member USING (roster_id, pupil_id)
    WHERE r.state IN ({_STATES}) AND r.id BETWEEN $first AND $last AND m.register_id BETWEEN $first AND $last
"""  # noqa: S608 - put together of constants
"""Marks of pupils who are on the roster of a taken register."""
REGISTERS_AT_ONCE: Final = 1_000_000
"""A join with so many numbers in a row needs no hash table: DuckDB looks them up by place, nine times as fast."""
_AGAIN: Final = f"""
CREATE TEMP TABLE again_pupil AS
    WITH size AS (
        SELECT class_id, first, roster_id, count(*) AS times, count(*) OVER (PARTITION BY class_id, first) AS rosters
        FROM register JOIN stretch USING (day) WHERE state IN ({_STATES}) GROUP BY class_id, first, roster_id
    ), seen AS (
        SELECT class_id, first, pupil_id, times AS expected FROM size JOIN member USING (roster_id) WHERE rosters = 1
        UNION ALL SELECT class_id, first, pupil_id, sum(times) FROM size JOIN member USING (roster_id)
        WHERE rosters > 1 GROUP BY class_id, first, pupil_id
    ), marks AS (
        SELECT class_id, first, pupil_id, {_MARKS} FROM noted JOIN stretch USING (day) JOIN kind USING (code_id)
        GROUP BY class_id, first, pupil_id
    )
    SELECT class_id, first AS day, pupil_id, CAST(expected AS INTEGER) AS expected, {_OR_NONE}
    FROM seen LEFT JOIN marks USING (class_id, first, pupil_id);
CREATE TEMP TABLE again_day AS
    WITH size AS (SELECT roster_id, count(*) AS pupils FROM member GROUP BY roster_id),
    held AS (
        SELECT class_id, day, count(*) AS due, count(*) FILTER (state IN ({_STATES})) AS sessions_taken,
            sum(CASE WHEN state IN ({_STATES}) THEN pupils END) AS expected
        FROM register LEFT JOIN size USING (roster_id) WHERE state <> {_OFF} GROUP BY class_id, day
    ), never_opened AS (
        SELECT w.class_id, d.day, count(DISTINCT w.slot) AS missing
        FROM school_day d
        JOIN (SELECT *, CASE day_session WHEN 'morning' THEN 1 WHEN 'afternoon' THEN 2 ELSE 3 END AS slot FROM weekly) w
            ON w.school_id = d.school_id AND w.weekday = d.weekday
        SEMI JOIN occupied o
            ON o.class_id = w.class_id AND o.starts_on <= d.day AND (o.ends_on IS NULL OR d.day < o.ends_on)
        ANTI JOIN register r ON r.class_id = w.class_id AND r.day = d.day AND r.slot = w.slot
        WHERE (d.only_slot IS NULL OR d.only_slot = w.slot)
            AND w.starts_on <= d.day AND (w.ends_on IS NULL OR d.day < w.ends_on)
            AND (w.weeks = 'every' OR (d.week IS NOT NULL AND (d.week % 2 = 1) = (w.weeks = 'odd')))
        GROUP BY w.class_id, d.day
    ), marks AS (SELECT class_id, day, {_MARKS} FROM noted JOIN kind USING (code_id) GROUP BY class_id, day),
    lessons AS (SELECT class_id, day, count(*) AS lessons_held FROM lesson GROUP BY class_id, day)
    SELECT class_id, day, CAST(coalesce(due, 0) + coalesce(missing, 0) AS INTEGER) AS sessions_due,
        CAST(coalesce(sessions_taken, 0) AS INTEGER) AS sessions_taken,
        CAST(coalesce(expected, 0) AS INTEGER) AS expected, {_OR_NONE},
        CAST(coalesce(lessons_held, 0) AS INTEGER) AS lessons_held
    FROM held FULL JOIN never_opened USING (class_id, day) FULL JOIN lessons USING (class_id, day)
        LEFT JOIN marks USING (class_id, day);
CREATE TEMP TABLE again_school AS
    SELECT c.school_id, a.day, {_sums(_DAY_SUMS)}
    FROM again_day a JOIN school_class c ON c.id = a.class_id GROUP BY c.school_id, a.day;
CREATE TEMP TABLE again_class AS
    WITH rounds AS (SELECT lesson_id, sum(rounds) AS rounds FROM activity WHERE is_opened GROUP BY lesson_id),
    seats AS (SELECT lesson_id, count(*) AS seats FROM seat GROUP BY lesson_id),
    answers AS (SELECT lesson_id, count(*) AS answers FROM attempt GROUP BY lesson_id),
    changes AS (SELECT a.lesson_id, count(*) AS changes FROM attempt_change c JOIN activity a ON a.id = c.activity_id
        GROUP BY a.lesson_id),
    part AS (
        SELECT r.class_id, s.first, 1 AS sessions_on_time, 0 AS answers, 0 AS answers_possible, 0 AS attempts
        FROM register r JOIN (SELECT register_id, min(day) AS day FROM taking GROUP BY register_id) f
            ON f.register_id = r.id JOIN stretch s ON s.day = r.day
        WHERE r.state IN ({_STATES}) AND f.day <= r.day
        UNION ALL SELECT l.class_id, s.first, 0, coalesce(answers, 0), coalesce(rounds, 0) * coalesce(seats, 0),
            coalesce(changes, 0)
        FROM lesson l JOIN stretch s USING (day) LEFT JOIN rounds r ON r.lesson_id = l.id
            LEFT JOIN seats p ON p.lesson_id = l.id LEFT JOIN answers a ON a.lesson_id = l.id
            LEFT JOIN changes c ON c.lesson_id = l.id
    ), sums AS (SELECT class_id, first AS day, {_sums(_CLASS_SUMS)} FROM part GROUP BY class_id, first)
    SELECT * FROM sums WHERE {" + ".join(_CLASS_SUMS)} > 0;
"""  # noqa: S608 - put together of constants


@dataclass(frozen=True, slots=True)
class _Cube:
    name: str
    keys: tuple[str, ...]
    sums: tuple[str, ...]


_CUBES: Final = (
    _Cube("day", ("class_id", "day"), _DAY_SUMS),
    _Cube("school", ("school_id", "day"), _DAY_SUMS),
    _Cube("pupil", ("class_id", "day", "pupil_id"), ("expected", *_KINDS)),
    _Cube("class", ("class_id", "day"), _CLASS_SUMS),
)
_KEYS: Final = "school_id, cube, class_id, day, pupil_id, measure"


@dataclass(frozen=True, slots=True)
class Found:
    """A number of which the cube and the second computation say different things; `pupil_id` in pupils' cubes.

    `day` is a day, or the first day of a stretch. `class_id` is 0 in the cube of schools. `stored` or `computed` is
    None where one has no row at all.
    """

    school_id: int
    cube: str
    class_id: int
    day: date
    pupil_id: int | None
    measure: str
    stored: int | None
    computed: int | None


class SecondComputation:
    """A DuckDB in memory, which holds raw rows and what the cubes say. Use as a context.

    It takes two threads and at most half a gigabyte; what does not fit goes to the folder. First `load` every table of
    `RAW` that has rows, then `compute`, then `compare`, then ask what was found.
    """

    def __init__(self, folder: Path) -> None:
        import duckdb  # noqa: PLC0415 - 40 MB that most processes never use

        settings: dict[str, str | bool | int | float | list[str]]
        settings = {"threads": 2, "memory_limit": "512MB", "temp_directory": str(folder / "spilled")}
        self._connection = duckdb.connect(":memory:", config=settings)
        for name, columns in RAW.items():
            self._connection.execute(f"CREATE TABLE {name} ({columns})")

    def __enter__(self) -> Self:
        """Return the computation."""
        return self

    def __exit__(self, *_exception: object) -> None:
        """Close the database; its files go with the folder."""
        self._connection.close()

    def load(self, name: str, path: Path) -> int:
        """Take in the rows of a table from a CSV file without a head, and return how many they are."""
        # Types are declared: nothing is guessed from the first rows.
        columns = ", ".join("'{}': '{}'".format(*column.split()) for column in RAW[name].split(", "))
        read = (
            f"FROM read_csv(?, header = false, auto_detect = false, delim = ',', quote = '\"', escape = '\"', "
            f"columns = {{{columns}}})"
        )
        return self._number(f"INSERT INTO {name} SELECT * {read}", [str(path)])

    def take(self, name: str, columns: Mapping[str, ndarray]) -> int:
        """Take in some rows of a table as whole numbers by column, and return how many they are. Safe in threads."""
        values = ", ".join(
            f"{DAY_ZERO} + {column}" if kind == "DATE" else column
            for column, kind in (one.split() for one in RAW[name].split(", "))
        )
        with self._connection.cursor() as cursor:
            cursor.register("page", dict(columns))
            row = cursor.execute(f"INSERT INTO {name} SELECT {values} FROM page").fetchone()  # noqa: S608 - of this file
        return int(row[0]) if row else 0

    def compute(self) -> None:
        """Compute every cube from the raw rows."""
        self._connection.execute(_PREPARE)
        ends = self._connection.execute("SELECT min(id), max(id) FROM register").fetchone()
        first, last = ends if ends and ends[0] is not None else (0, -1)
        for start in range(first, last + 1, REGISTERS_AT_ONCE):
            piece = {"first": start, "last": min(start + REGISTERS_AT_ONCE - 1, last)}
            self._connection.execute(_NOTED, piece)
        self._connection.execute(_AGAIN)

    def compare(self) -> None:
        """Put what was computed beside what is stored, row by row."""
        for cube in _CUBES:
            self._connection.execute(_beside(cube))
        parts = " UNION ALL ".join(_of_measure(cube, name) for cube in _CUBES for name in cube.sums)
        self._connection.execute(f"CREATE TEMP VIEW difference AS {parts}")

    def counts(self) -> dict[int, int]:
        """Return {school: how many numbers differ}, of schools where any does."""
        rows = self._connection.execute("SELECT school_id, count(*) FROM difference GROUP BY school_id")
        return dict(rows.fetchall())

    def found(self, most: int) -> list[Found]:
        """Return what differs, at most so many of a school, in order of keys."""
        rows = self._connection.execute(
            f"SELECT {_KEYS}, stored, computed FROM difference "  # noqa: S608 - names of this file
            f"QUALIFY row_number() OVER (PARTITION BY school_id ORDER BY {_KEYS}) <= ? ORDER BY {_KEYS}",
            [most],
        )
        return [Found(*row) for row in rows.fetchall()]

    def asked(self, query: str) -> list[tuple[Any, ...]]:
        """Return the answer to any question about what was loaded or computed, for measurements."""
        return self._connection.execute(query).fetchall()

    def _number(self, statement: str, parameters: list[Any]) -> int:
        with self._connection.cursor() as cursor:  # of its own: two threads load
            row = cursor.execute(statement, parameters).fetchone()
        return int(row[0]) if row else 0


def _beside(cube: _Cube) -> str:
    """Return the SQL of a table of the rows in which anything differs, with both sides of every number."""
    pairs = ", ".join(f"s.{name} AS stored_{name}, a.{name} AS computed_{name}" for name in cube.sums)
    differs = " OR ".join(f"s.{name} IS DISTINCT FROM a.{name}" for name in cube.sums)
    both = f"cube_{cube.name} s FULL JOIN again_{cube.name} a USING ({', '.join(cube.keys)})"
    pupil = "pupil_id" if "pupil_id" in cube.keys else "NULL"
    if "class_id" not in cube.keys:
        keys, source = "school_id, 0 AS class_id", both
    else:
        keys = "c.school_id, class_id"
        source = f"{both} LEFT JOIN school_class c ON c.id = class_id"
    return (
        f"CREATE TEMP TABLE differs_{cube.name} AS SELECT {keys}, day, CAST({pupil} AS INTEGER) AS pupil_id, {pairs} "  # noqa: S608 - names of this file
        f"FROM {source} WHERE {differs}"
    )


def _of_measure(cube: _Cube, name: str) -> str:
    return (
        f"SELECT school_id, '{cube.name}' AS cube, class_id, day, pupil_id, '{name}' AS measure, "  # noqa: S608 - names of this file
        f"stored_{name} AS stored, computed_{name} AS computed FROM differs_{cube.name} "
        f"WHERE stored_{name} IS DISTINCT FROM computed_{name}"
    )
