"""The small tables, in a DuckDB in memory, and what is asked of them in SQL.

Rosters, codes, the timetable and the calendar, live lessons: whatever is no row for each register, mark or pupil.
What is due is worked out here, from the days of the calendar, the timetable and the periods in which a class has
pupils, and so is what live lessons add up to.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Self

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy import ndarray

RAW: Final[Mapping[str, str]] = {
    "school_class": "id INTEGER, school_id INTEGER",
    "semester": "starts_on DATE",
    "roster": "id INTEGER, class_id INTEGER, members VARCHAR",
    "code": "id SMALLINT, is_present BOOLEAN, is_authorised BOOLEAN, is_pending BOOLEAN, is_late BOOLEAN",
    "lesson": "id INTEGER, class_id INTEGER, day DATE",
    "activity": "id INTEGER, lesson_id INTEGER, rounds SMALLINT, is_opened BOOLEAN",
    "seat": "lesson_id INTEGER",
    "attempt": "lesson_id INTEGER",
    "attempt_change": "activity_id INTEGER",
    "calendar": "school_id INTEGER, id INTEGER",
    "teaching_day": "calendar_id INTEGER, day DATE, weekday TINYINT, only_slot TINYINT",
    "week": "school_id INTEGER, monday DATE, number TINYINT",
    "weekly": "school_id INTEGER, class_id INTEGER, weekday TINYINT, day_session VARCHAR, starts_on DATE, "
    "ends_on DATE, weeks VARCHAR",
    "occupied": "class_id INTEGER, starts_on DATE, ends_on DATE",
    "cube_class": "class_id INTEGER, day DATE, sessions_on_time INTEGER, answers INTEGER, "
    "answers_possible INTEGER, attempts INTEGER",
}
"""The tables, as raw rows, and the one cube that is small (a stretch by its first day).

Schools whose days are alike have the same calendar. Weeks have numbers where lessons are held in odd or even ones.
"""
DAY_ZERO: Final = "DATE '2000-01-01'"
"""Days are numbers of days since this one wherever they are numbers."""

CLASSES: Final = "SELECT id, school_id FROM school_class ORDER BY id"
MEMBERS: Final = (
    "SELECT DISTINCT id AS roster_id, class_id, unnest(from_json(members, '[\"INTEGER\"]')) AS pupil_id FROM roster "
    "ORDER BY roster_id, pupil_id"
)
CODES: Final = """SELECT id,
    CAST(NOT is_present AND is_authorised AS TINYINT) AS excused,
    CAST(NOT is_present AND NOT is_authorised AND NOT is_pending AS TINYINT) AS unexcused,
    CAST(NOT is_present AND NOT is_authorised AND is_pending AS TINYINT) AS pending,
    CAST(is_late AS TINYINT) AS late FROM code"""
SEMESTERS: Final = "SELECT CAST(starts_on AS VARCHAR) FROM semester WHERE starts_on IS NOT NULL"
DUE: Final = f"""
SELECT w.class_id, d.day - {DAY_ZERO} AS day, w.slot
FROM (SELECT *, CASE day_session WHEN 'morning' THEN 1 WHEN 'afternoon' THEN 2 ELSE 3 END AS slot FROM weekly) w
JOIN calendar c ON c.school_id = w.school_id
JOIN teaching_day d ON d.calendar_id = c.id AND d.weekday = w.weekday
LEFT JOIN week k ON k.school_id = w.school_id AND k.monday = CAST(date_trunc('week', d.day) AS DATE)
SEMI JOIN occupied o ON o.class_id = w.class_id AND o.starts_on <= d.day AND (o.ends_on IS NULL OR d.day < o.ends_on)
WHERE (d.only_slot IS NULL OR d.only_slot = w.slot)
    AND w.starts_on <= d.day AND (w.ends_on IS NULL OR d.day < w.ends_on)
    AND (w.weeks = 'every' OR (k.number IS NOT NULL AND (k.number % 2 = 1) = (w.weeks = 'odd')))
"""  # noqa: S608 - constants
"""Sessions that the timetable wants, some of them more than once."""
HELD: Final = f"SELECT class_id, day - {DAY_ZERO} AS day, count(*) AS lessons_held FROM lesson GROUP BY ALL"  # noqa: S608 - constants
ANSWERS: Final = f"""
WITH rounds AS (SELECT lesson_id, sum(rounds) AS rounds FROM activity WHERE is_opened GROUP BY lesson_id),
seats AS (SELECT lesson_id, count(*) AS seats FROM seat GROUP BY lesson_id),
answers AS (SELECT lesson_id, count(*) AS answers FROM attempt GROUP BY lesson_id),
changes AS (SELECT a.lesson_id, count(*) AS changes FROM attempt_change c JOIN activity a ON a.id = c.activity_id
    GROUP BY a.lesson_id)
SELECT l.class_id, l.day - {DAY_ZERO} AS day, coalesce(answers, 0) AS answers,
    CAST(coalesce(rounds, 0) AS BIGINT) * coalesce(seats, 0) AS answers_possible, coalesce(changes, 0) AS attempts
FROM lesson l LEFT JOIN rounds r ON r.lesson_id = l.id LEFT JOIN seats p ON p.lesson_id = l.id
    LEFT JOIN answers a ON a.lesson_id = l.id LEFT JOIN changes c ON c.lesson_id = l.id
"""  # noqa: S608 - constants
STORED_OF_CLASSES: Final = f"SELECT * REPLACE (day - {DAY_ZERO} AS day) FROM cube_class"  # noqa: S608 - constants


class SmallTables:
    """A DuckDB in memory with two threads and at most half a gigabyte; what does not fit goes to the folder."""

    def __init__(self, folder: Path) -> None:
        import duckdb  # noqa: PLC0415 - 40 MB that most processes never use

        settings: dict[str, str | bool | int | float | list[str]]
        settings = {"threads": 2, "memory_limit": "512MB", "temp_directory": str(folder / "spilled")}
        self._connection = duckdb.connect(":memory:", config=settings)
        for name, columns in RAW.items():
            self._connection.execute(f"CREATE TABLE {name} ({columns})")

    def __enter__(self) -> Self:
        """Return the tables."""
        return self

    def __exit__(self, *_exception: object) -> None:
        """Close the database; its files go with the folder."""
        self._connection.close()

    def load(self, name: str, path: Path) -> int:
        """Take in the rows of a table from a CSV file without a head; return how many they are. Safe in threads."""
        # Types are declared: nothing is guessed from the first rows.
        columns = ", ".join("'{}': '{}'".format(*column.split()) for column in RAW[name].split(", "))
        read = (
            f"FROM read_csv(?, header = false, auto_detect = false, delim = ',', quote = '\"', escape = '\"', "
            f"columns = {{{columns}}})"
        )
        with self._connection.cursor() as cursor:
            row = cursor.execute(f"INSERT INTO {name} SELECT * {read}", [str(path)]).fetchone()
        return int(row[0]) if row else 0

    def columns(self, query: str) -> dict[str, ndarray]:
        """Return the answer to a query without NULLs, as whole numbers by column."""
        found: dict[str, Any] = self._connection.execute(query).fetchnumpy()
        return {name: column.astype("i8", copy=False) for name, column in found.items()}

    def texts(self, query: str) -> list[str]:
        """Return the only column of an answer."""
        return [str(row[0]) for row in self._connection.execute(query).fetchall()]
