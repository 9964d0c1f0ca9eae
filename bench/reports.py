"""Reports on the demonstration, pilot or province: how fresh figures are, how fast pages, how long a year again.

The same sums (absences by school and month) are then worked out four ways in the same run: the product's cube, plain
SQL over the raw marks, pandas, DuckDB. They must agree, or nothing is printed.
"""

from __future__ import annotations

import resource
import statistics
import time
from collections import Counter
from functools import partial
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final

from flask_migrate import upgrade
from sqlalchemy import func, select, text

from app import db
from app.access import Role
from app.accounts.commands import begin_sign_in
from app.accounts.models import Grant
from app.school.models import School, SchoolYear
from attendance.registers.models import AttendanceCode, Mark, Register
from attendance.registers.rules.states import STATE_LETTERS, TAKEN, SlotKind
from bench.schools import session_cookie
from config import Settings
from demo.province import seed_province
from demo.seeding import seed_pilot
from reports.checks.commands import check_figures
from reports.cubes import commands as cubes
from reports.cubes.models import ClassDay
from reports.stretches import commands as stretches
from tests.servers import postgres_server
from wsgi import create_app

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from flask import Flask
    from flask.testing import FlaskClient

TOUCHED: Final = 60
REQUESTS: Final = 40
PAGES: Final = (
    "/reports/attendance",
    "/reports/week",
    "/reports/breakdown",
    "/submissions",
    "/reports/official",
)
Sums = dict[tuple[int, str], int]
"""Absences by school and month."""


def measure(scale: str) -> dict[str, Any]:
    """Measure a demonstration of this scale on PostgreSQL (province) or SQLite (pilot), or the one that is here."""
    if scale == "here":
        return {"reports": _measure_on(Settings.from_env(), scale)}
    with TemporaryDirectory() as folder, postgres_server() as postgres:
        url = {"DATABASE_URL": postgres.create_database()} if scale == "province" else {}
        settings = Settings.from_env({"BANGXANH_ENV": "development", "INSTANCE": folder, **url})
        return {"reports": _measure_on(settings, scale)}


def _measure_on(settings: Settings, scale: str) -> dict[str, Any]:
    """Print and return the figures of this installation, seeded before unless it is one that is here."""
    app = create_app(settings)
    app.config["WTF_CSRF_ENABLED"] = False
    with app.app_context():
        found: dict[str, Any] = {"scale": scale}
        if scale != "here":
            upgrade()
            seed = seed_province if scale == "province" else seed_pilot
            found["seed_s"] = _seconds(lambda: seed("x", print))
        if scale != "pilot":  # a province's seeding writes the cube of days alone
            found["first_stretches_s"] = _seconds(lambda: stretches.rebuild(_schools()))
        found |= _freshness() | _recompute() | _four_ways()
        found["pages"] = _pages(app)
        found["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        db.db.session.remove()
        db.db.engine.dispose()
    for name, value in found.items():
        print(f"{name:24} {value}")
    return found


def _schools() -> list[int]:
    return list(db.session().scalars(select(School.id).order_by(School.id)))


def _seconds(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return round(time.perf_counter() - begun, 3)


def _percentiles(seconds: list[float]) -> dict[str, float]:
    ordered = sorted(seconds)
    return {
        "p50_ms": round(1000 * statistics.median(ordered), 1),
        "p95_ms": round(1000 * ordered[int(0.95 * (len(ordered) - 1))], 1),
    }


# --- freshness and recomputation ----------------------------------------------------------------------------------


def _freshness() -> dict[str, Any]:
    """Return how long the two subscribers take that fold a saved register into the cubes, commit included.

    A save itself is measured by `--registers`; the loop that hands facts on is woken at once.
    """
    rows = db.session().execute(
        select(ClassDay.school_id, ClassDay.class_id, ClassDay.day)
        .where(ClassDay.sessions_taken > 0)
        .order_by(ClassDay.day.desc(), func.abs(ClassDay.class_id * 7919 % 1009))
        .limit(TOUCHED)
    )
    return {"fold_a_register": _percentiles([_seconds(partial(_fold, *row)) for row in rows.all()])}


def _fold(school_id: int, class_id: int, day: Any) -> None:  # noqa: ANN401 - a date, as the row has it
    with db.transaction() as session:
        cubes.compute_register_again(session, cubes.SavedRegister(school_id, class_id, day))
        stretches.compute_register_again(session, stretches.SavedRegister(school_id, class_id, day))


def _recompute() -> dict[str, Any]:
    """Return how long the year takes anew, by the product and by the second computation, school by school."""
    first, last = db.session().execute(select(func.min(ClassDay.day), func.max(ClassDay.day))).one()
    year = db.session().scalars(select(SchoolYear).order_by(SchoolYear.id)).first()
    after = year.ends_on if year else last
    schools = _schools()
    return {
        "days": str(first) + " – " + str(last),
        "recompute_days_s": _seconds(lambda: cubes.rebuild(schools, first, after)),
        "recompute_pupils_s": _seconds(lambda: stretches.rebuild(schools)),
        "audit_by_duckdb_s": _seconds(lambda: check_figures(schools)),
    }


# --- the same sums four ways --------------------------------------------------------------------------------------


def _four_ways() -> dict[str, Any]:
    """Return seconds by way; pandas and DuckDB get the raw rows in memory, and loading them is told apart."""
    answers: dict[str, Sums] = {}
    seconds: dict[str, float] = {}

    def timed(name: str, way: Callable[[], Sums]) -> None:
        begun = time.perf_counter()
        answers[name] = way()
        seconds[name] = round(time.perf_counter() - begun, 3)

    timed("cube", _by_cube)
    timed("plain_sql", _by_sql)
    raw: dict[str, Any] = {}
    seconds["load_raw"] = _seconds(lambda: raw.update(_raw()))
    timed("pandas", partial(_by_pandas, raw))
    timed("duckdb", partial(_by_duckdb, raw))
    if any(answer != answers["cube"] for answer in answers.values()):
        message = f"the ways do not agree: { {name: sum(one.values()) for name, one in answers.items()} }"
        raise RuntimeError(message)
    return {"absences_by_school_and_month_s": seconds, "absences": sum(answers["cube"].values())}


def _by_cube() -> Sums:
    absent = ClassDay.excused + ClassDay.unexcused + ClassDay.pending
    rows = db.session().execute(
        select(ClassDay.school_id, ClassDay.day, func.sum(absent)).group_by(ClassDay.school_id, ClassDay.day)
    )
    return _by_month((school, day, count) for school, day, count in rows)


def _by_sql() -> Sums:
    rows = db.session().execute(
        select(Register.school_id, Register.day, func.count())
        .join(Mark, Mark.register_id == Register.id)
        .join(AttendanceCode, AttendanceCode.id == Mark.code_id)
        .where(
            Register.slot_kind == SlotKind.SESSION,
            Register.state.in_(TAKEN),
            AttendanceCode.is_present.is_(False),
        )
        .group_by(Register.school_id, Register.day)
    )
    return _by_month((school, day, count) for school, day, count in rows)


def _by_month(rows: Iterator[tuple[int, Any, int]]) -> Sums:
    found: Counter[tuple[int, str]] = Counter()
    for school, day, count in rows:
        found[school, f"{day:%Y-%m}"] += int(count or 0)
    return {key: count for key, count in found.items() if count}


def _raw() -> dict[str, Any]:
    """Return the raw rows as frames."""
    import pandas as pd  # noqa: PLC0415 - part of what is measured

    states = ", ".join(f"'{STATE_LETTERS[state]}'" for state in sorted(TAKEN))
    registers = f"SELECT id, school_id, day FROM register WHERE slot_kind = 'S' AND state IN ({states})"  # noqa: S608 - constants
    connection = db.session().connection()
    return {
        "register": pd.read_sql(text(registers), connection),
        "mark": pd.read_sql(text("SELECT register_id, code_id FROM mark"), connection),
        "code": pd.read_sql(text("SELECT id AS code_id, is_present FROM attendance_code"), connection),
    }


def _by_pandas(raw: dict[str, Any]) -> Sums:
    marks = raw["mark"].merge(raw["code"], on="code_id")
    absent = marks[~marks["is_present"].astype(bool)]
    joined = absent.merge(raw["register"], left_on="register_id", right_on="id")
    months = joined["day"].astype(str).str[:7]
    return {
        (int(key[0]), key[1]): int(count)
        for key, count in joined.groupby(["school_id", months]).size().items()
    }


def _by_duckdb(raw: dict[str, Any]) -> Sums:
    import duckdb  # noqa: PLC0415 - part of what is measured

    with duckdb.connect(config={"threads": 2}) as connection:
        for name, frame in raw.items():
            connection.register(name, frame)
        rows = connection.execute(
            "SELECT school_id, CAST(day AS VARCHAR)[1:7] AS month, count(*) FROM mark "
            "JOIN code USING (code_id) JOIN register ON register.id = mark.register_id "
            "WHERE NOT is_present GROUP BY school_id, month"
        ).fetchall()
    return {(school, month): count for school, month, count in rows}


# --- pages --------------------------------------------------------------------------------------------------------


def _pages(app: Flask) -> dict[str, dict[str, float]]:
    """Return how long the server works for each page of the officer, in this process: no network, no browser."""
    client = _officer(app)
    return {page: _percentiles([_get(client, page) for _number in range(REQUESTS)][1:]) for page in PAGES}


def _officer(app: Flask) -> FlaskClient:
    query = select(Grant.user_id).where(Grant.role == Role.DEPARTMENT_OFFICER).limit(1)
    token = begin_sign_in(db.session().scalars(query).one(), "measurement")
    client = app.test_client()
    name, value = session_cookie(app, token).split("=", 1)
    client.set_cookie(name, value)
    return client


def _get(client: FlaskClient, page: str) -> float:
    begun = time.perf_counter()
    answer = client.get(page)
    took = time.perf_counter() - begun
    if answer.status_code != 200:  # noqa: PLR2004 - OK
        raise RuntimeError(answer.text)
    return took
