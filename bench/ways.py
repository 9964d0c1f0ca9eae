"""The same sums of a year worked out four ways: the product's cube, plain SQL, pandas and DuckDB over the raw rows.

They must agree, or nothing is printed. Loading is told apart from working.
"""

from __future__ import annotations

import time
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import case, func, literal, select, text

from app import db
from attendance.registers.models import AttendanceCode, Mark, Register
from attendance.registers.rules.states import STATE_LETTERS, TAKEN, SlotKind
from bench.timing import seconds_of
from reports.checks.queries.columns import Column, Table, pages
from reports.cubes.models import ClassDay

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from duckdb import DuckDBPyConnection

KINDS: Final = ("taken", "excused", "unexcused", "pending", "late")
Sums = dict[tuple[int, str], tuple[int, ...]]
"""By school and month: registers taken, absences of each kind, and how many were late."""


def four_ways() -> dict[str, Any]:
    """Return seconds by way; DuckDB works on tables, pandas on frames that are loaded here."""
    import duckdb  # noqa: PLC0415 - of this measurement

    answers: dict[str, Sums] = {}
    seconds: dict[str, float] = {}

    def timed(name: str, way: Callable[[], Sums]) -> None:
        begun, worked = time.perf_counter(), time.process_time()
        answers[name] = way()
        seconds[name] = round(time.perf_counter() - begun, 3)
        seconds[f"{name}_processor"] = round(time.process_time() - worked, 3)
        print(f"  {name:12} {seconds[name]:8.3f} s", flush=True)

    timed("cube", _by_cube)
    timed("plain_sql", _by_sql)
    raw: dict[str, Any] = {}
    with duckdb.connect(":memory:", config={"threads": 2}) as connection:
        seconds["load_duckdb"] = seconds_of(partial(_load, connection))
        timed("duckdb", partial(_by_duckdb, connection))
    seconds["load_pandas"] = seconds_of(lambda: raw.update(_raw()))
    timed("pandas", partial(_by_pandas, raw))
    if any(answer != answers["cube"] for answer in answers.values()):
        message = f"the ways do not agree: { {name: _whole(one) for name, one in answers.items()} }"
        raise RuntimeError(message)
    return {
        "a_year_four_ways_s": seconds,
        "marks": len(raw["mark"]),
        "registers": len(raw["register"]),
        "sums": dict(zip(KINDS, _whole(answers["cube"]), strict=True)),
    }


def _whole(sums: Sums) -> tuple[int, ...]:
    return tuple(sum(column) for column in zip(*sums.values(), strict=True))


def _by_cube() -> Sums:
    rows = db.session().execute(
        select(
            ClassDay.school_id,
            ClassDay.day,
            *(func.sum(getattr(ClassDay, name)) for name in ("sessions_taken", *KINDS[1:])),
        ).group_by(ClassDay.school_id, ClassDay.day)
    )
    return _by_month(rows)


def _by_sql() -> Sums:
    """Count the raw rows where they lie: registers, and their marks by kind."""
    code = AttendanceCode
    absent = code.is_present.is_(False)
    kinds = (
        absent & code.is_authorised.is_(True),
        absent & code.is_authorised.is_(False) & code.is_pending.is_(False),
        absent & code.is_authorised.is_(False) & code.is_pending.is_(True),
        code.is_late.is_(True),
    )
    taken = (Register.slot_kind == SlotKind.SESSION, Register.state.in_(TAKEN))
    marks = db.session().execute(
        select(
            Register.school_id,
            Register.day,
            literal(0),
            *(func.sum(case((kind, 1), else_=0)) for kind in kinds),
        )
        .join(Mark, Mark.register_id == Register.id)
        .join(code, code.id == Mark.code_id)
        .where(*taken)
        .group_by(Register.school_id, Register.day)
    )
    registers = db.session().execute(
        select(Register.school_id, Register.day, func.count(), *(literal(0) for _kind in kinds))
        .where(*taken)
        .group_by(Register.school_id, Register.day)
    )
    return _by_month(chain(marks, registers))


def _by_month(rows: Iterable[Any]) -> Sums:
    found: dict[tuple[int, str], list[int]] = {}
    for school, day, *counts in rows:
        sums = found.setdefault((school, f"{day:%Y-%m}"), [0] * len(KINDS))
        for place, count in enumerate(counts):
            sums[place] += int(count or 0)
    return {key: tuple(sums) for key, sums in found.items() if any(sums)}


def _raw() -> dict[str, Any]:
    """Return the raw rows as frames."""
    import pandas as pd  # noqa: PLC0415 - part of what is measured

    states = ", ".join(f"'{STATE_LETTERS[state]}'" for state in sorted(TAKEN))
    registers = f"SELECT id, school_id, day FROM register WHERE slot_kind = 'S' AND state IN ({states})"  # noqa: S608 - constants
    codes = "SELECT id AS code_id, is_present, is_authorised, is_pending, is_late FROM attendance_code"
    connection = db.session().connection()
    found = {
        "register": pd.read_sql(text(registers), connection),
        "mark": pd.read_sql(text("SELECT register_id, code_id FROM mark"), connection),
        "code": pd.read_sql(text(codes), connection),
    }
    found["register"]["month"] = found["register"].pop("day").astype(str).str[:7]
    return found


def _by_pandas(raw: dict[str, Any]) -> Sums:
    codes = raw["code"]
    absent, excused, pending = (
        ~codes["is_present"].astype(bool), codes["is_authorised"].astype(bool), codes["is_pending"].astype(bool)
    )  # fmt: skip
    kinds = codes[["code_id"]].assign(
        excused=absent & excused,
        unexcused=absent & ~excused & ~pending,
        pending=absent & ~excused & pending,
        late=codes["is_late"].astype(bool),
    )
    joined = (
        raw["mark"].merge(kinds, on="code_id").merge(raw["register"], left_on="register_id", right_on="id")
    )
    keys = ["school_id", "month"]
    sums = joined.groupby(keys)[list(KINDS[1:])].sum()
    taken = raw["register"].groupby(keys).size().rename("taken")
    both = taken.to_frame().join(sums).fillna(0).astype(int)
    return {(int(key[0]), key[1]): tuple(int(one) for one in row) for key, *row in both.itertuples()}


_TABLES: Final = (
    (
        "register",
        "id INTEGER, school_id INTEGER, month INTEGER, state INTEGER",
        Table(
            (
                Column("id", "id"),
                Column("school_id", "school_id"),
                Column(
                    "month",
                    "(extract(year FROM day) * 12 + extract(month FROM day) - 1)::int4",
                    for_sqlite="strftime('%Y', day) * 12 + strftime('%m', day) - 1",
                ),
                Column("state", "state::int4", for_sqlite="unicode(state)"),
            ),
            "FROM register WHERE slot_kind = 'S'",
            "id",
            "SELECT min(id), max(id) FROM register",
        ),
    ),
    (
        "mark",
        "register_id INTEGER, code_id INTEGER",
        Table(
            (Column("register_id", "register_id"), Column("code_id", "code_id")),
            "FROM mark WHERE code_id IS NOT NULL",
            "register_id",
            "SELECT min(id), max(id) FROM register",
            2,
        ),
    ),
)


def _load(connection: DuckDBPyConnection) -> None:
    """Load the raw rows, page by page."""
    driver: Any = db.session().connection().connection.driver_connection
    for name, columns, table in _TABLES:
        connection.execute(f"CREATE TABLE {name} ({columns})")
        for page in pages(driver, table):
            connection.register("page", page)
            connection.execute(f"INSERT INTO {name} BY NAME SELECT * FROM page")  # noqa: S608 - constants
    connection.execute(
        "CREATE TABLE code (id INTEGER, is_present BOOL, is_authorised BOOL, is_pending BOOL, is_late BOOL)"
    )
    code = AttendanceCode
    codes = select(code.id, code.is_present, code.is_authorised, code.is_pending, code.is_late)
    connection.executemany(
        "INSERT INTO code VALUES (?, ?, ?, ?, ?)", [list(row) for row in db.session().execute(codes)]
    )


def _by_duckdb(connection: DuckDBPyConnection) -> Sums:
    """Count the raw rows that were loaded, by a join and a group."""
    states = ", ".join(str(ord(STATE_LETTERS[state])) for state in sorted(TAKEN))
    rows = connection.execute(
        f"WITH held AS (SELECT id, school_id, month FROM register WHERE state IN ({states})) "  # noqa: S608 - constants
        "SELECT school_id, month, any_value(taken), coalesce(sum(excused), 0), coalesce(sum(unexcused), 0), "
        "coalesce(sum(pending), 0), coalesce(sum(late), 0) FROM "
        "(SELECT school_id, month, count(*) AS taken FROM held GROUP BY ALL) LEFT JOIN "
        "(SELECT school_id, month, (NOT is_present AND is_authorised)::INT AS excused, "
        "(NOT is_present AND NOT is_authorised AND NOT is_pending)::INT AS unexcused, "
        "(NOT is_present AND NOT is_authorised AND is_pending)::INT AS pending, is_late::INT AS late "
        "FROM mark m JOIN code ON code.id = m.code_id JOIN held ON held.id = m.register_id) "
        "USING (school_id, month) GROUP BY school_id, month"
    ).fetchall()
    return {
        (school, f"{month // 12}-{month % 12 + 1:02}"): tuple(int(one) for one in counts)
        for school, month, *counts in rows
    }
