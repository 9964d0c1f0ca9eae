"""Reports on the demonstration, pilot or province: how fresh figures are, how fast pages, how long a year again.

The same sums (absences by school and month) are worked out four ways in the same run: the product's cube, plain SQL
over the raw marks, pandas, DuckDB. They must agree, or nothing is printed. Loading raw rows into DuckDB and into pandas
is told apart from working with them: `load_duckdb` and `load_pandas` beside `duckdb` and `pandas`.

The full recomputation of the year is what happens every night (reports.checks): all raw rows and all cubes streamed
out (`load`), every cube of days, schools, classes and pupils computed again (`compute`), compared number by number
(`compare`). The goal of the design, below 3 s for a province's year, is held against `compute`.
"""

from __future__ import annotations

import resource
import statistics
import time
from datetime import timedelta
from functools import partial
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final

from flask_migrate import upgrade
from sqlalchemy import case, func, literal, select, text

from app import clock, db
from app.access import Role
from app.accounts.commands import begin_sign_in
from app.accounts.models import Grant
from app.school.models import OrgUnit, School, SchoolYear
from app.school.queries import latest_year
from attendance.registers.models import AttendanceCode, Mark, Register
from attendance.registers.rules.states import STATE_LETTERS, TAKEN, SlotKind
from bench.schools import session_cookie
from config import Settings
from demo.province import seed_province
from demo.seeding import seed_pilot
from reports.checks.commands import check_figures
from reports.checks.queries import Asked, load_raw
from reports.checks.rules import SecondComputation
from reports.cubes import commands as cubes
from reports.cubes.models import ClassDay
from reports.stretches import commands as stretches
from reports.stretches.rules import stretch_of
from tests.servers import postgres_server
from wsgi import create_app

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from flask import Flask
    from flask.testing import FlaskClient

TOUCHED: Final = 60
REQUESTS: Final = 40
KINDS: Final = ("taken", "excused", "unexcused", "pending", "late")
Sums = dict[tuple[int, str], tuple[int, ...]]
"""By school and month: registers taken, absences of each kind, and how many were late."""
MANY: Final = 10_000
SOME_SCHOOLS: Final = 40
"""Of more schools so many are computed again by the product, and the rest is reckoned from them."""


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
        for part in (partial(_pages, app), _year_again, _first_stretches, _freshness, _recompute):
            found |= part()
            found["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
            print(f"{getattr(part, '__name__', 'pages')} done, {found['peak_mb']} MB at most", flush=True)
        db.db.session.remove()
        db.db.engine.dispose()
    for name, value in found.items():
        print(f"{name:24} {value}")
    return found


def _schools() -> list[int]:
    """Return the schools that are computed again: all, or every so-manieth of a province."""
    every = list(db.session().scalars(select(School.id).order_by(School.id)))
    return every[:: max(1, len(every) // SOME_SCHOOLS)][:SOME_SCHOOLS] if len(every) > SOME_SCHOOLS else every


def _first_stretches() -> dict[str, Any]:
    """Write the cube of pupils, which a province's seeding does not."""
    schools = _schools()
    return {
        "schools_computed_again": len(schools),
        "first_stretches_s": _seconds(lambda: stretches.rebuild(schools)),
    }


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
        .where(ClassDay.sessions_taken > 0, ClassDay.school_id.in_(_schools()))
        .order_by(ClassDay.day.desc(), func.abs(ClassDay.class_id * 7919 % 1009))
        .limit(TOUCHED)
    )
    return {"fold_a_register": _percentiles([_seconds(partial(_fold, *row)) for row in rows.all()])}


def _fold(school_id: int, class_id: int, day: Any) -> None:  # noqa: ANN401 - a date, as the row has it
    with db.transaction() as session:
        cubes.compute_register_again(session, cubes.SavedRegister(school_id, class_id, day))
        stretches.compute_register_again(session, stretches.SavedRegister(school_id, class_id, day))


def _recompute() -> dict[str, Any]:
    """Return how long the first computation takes for the year of some schools, school by school, and a night for all.

    A night is the second computation of every school and the first one of those that differ: mostly of none.
    """
    first, last = db.session().execute(select(func.min(ClassDay.day), func.max(ClassDay.day))).one()
    year = db.session().scalars(select(SchoolYear).order_by(SchoolYear.id)).first()
    after = year.ends_on if year else last
    schools = _schools()
    return {
        "days": str(first) + " – " + str(last),
        "recompute_days_s": _seconds(lambda: cubes.rebuild(schools, first, after)),
        "recompute_pupils_s": _seconds(lambda: stretches.rebuild(schools)),
        "check_all_schools_s": _seconds(check_figures),
    }


def _year_again() -> dict[str, Any]:
    """Return seconds of the full recomputation by DuckDB, in parts, and of the same sums four ways."""
    year = latest_year(db.session(), clock.today())
    if year is None:
        return {}
    asked = Asked(stretch_of(year.starts_on, []), clock.today() + timedelta(days=1))
    with TemporaryDirectory() as name, SecondComputation(Path(name)) as second:
        rows: dict[str, int] = {}
        begun = time.process_time()
        parts = {
            "load": _seconds(lambda: rows.update(load_raw(db.session(), asked, second, Path(name)))),
            "compute": _seconds(second.compute),
            "compare": _seconds(second.compare),
        }
        differences = sum(second.counts().values())
        found = {
            "full_recompute_by_duckdb_s": parts | {"processor": round(time.process_time() - begun, 3)},
            "rows_streamed": sum(rows.values()),
            "rows_of": {table: count for table, count in rows.items() if count > MANY},
            "differences": differences,
            "peak_mb_of_recompute": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        }
        print(f"  full recompute {parts}, {differences} differences", flush=True)
        return found | _four_ways(second, parts["load"])


# --- the same sums four ways --------------------------------------------------------------------------------------


def _four_ways(second: SecondComputation, loaded: float) -> dict[str, Any]:
    """Return seconds by way; DuckDB works on the tables that were loaded, pandas on frames that are loaded here."""
    answers: dict[str, Sums] = {}
    seconds: dict[str, float] = {"load_duckdb": loaded}

    def timed(name: str, way: Callable[[], Sums]) -> None:
        begun, worked = time.perf_counter(), time.process_time()
        answers[name] = way()
        seconds[name] = round(time.perf_counter() - begun, 3)
        seconds[f"{name}_processor"] = round(time.process_time() - worked, 3)
        print(f"  {name:12} {seconds[name]:8.3f} s", flush=True)

    timed("cube", _by_cube)
    timed("plain_sql", _by_sql)
    raw: dict[str, Any] = {}
    timed("duckdb", partial(_by_duckdb, second))
    seconds["load_pandas"] = _seconds(lambda: raw.update(_raw()))
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


def _by_duckdb(second: SecondComputation) -> Sums:
    """Count the raw rows that were loaded for the second computation, not what it made of them."""
    states = ", ".join(str(ord(STATE_LETTERS[state])) for state in sorted(TAKEN))
    rows = second.asked(
        f"WITH held AS (SELECT r.id, c.school_id, strftime(r.day, '%Y-%m') AS month FROM register r "  # noqa: S608 - constants
        f"JOIN school_class c ON c.id = r.class_id WHERE r.state IN ({states})) "
        "SELECT school_id, month, any_value(taken), coalesce(sum(excused), 0), coalesce(sum(unexcused), 0), "
        "coalesce(sum(pending), 0), coalesce(sum(late), 0) FROM "
        "(SELECT school_id, month, count(*) AS taken FROM held GROUP BY ALL) LEFT JOIN "
        "(SELECT school_id, month, (NOT is_present AND is_authorised)::INT AS excused, "
        "(NOT is_present AND NOT is_authorised AND NOT is_pending)::INT AS unexcused, "
        "(NOT is_present AND NOT is_authorised AND is_pending)::INT AS pending, is_late::INT AS late "
        "FROM mark m JOIN code ON code.id = m.code_id JOIN held ON held.id = m.register_id) "
        "USING (school_id, month) GROUP BY school_id, month"
    )
    return {(school, month): tuple(int(one) for one in counts) for school, month, *counts in rows}


# --- pages --------------------------------------------------------------------------------------------------------


def _pages(app: Flask) -> dict[str, Any]:
    """Return how long the server works for each dashboard, in this process: no network, no browser.

    `p50_ms` and `p95_ms` are by the clock, the database included; `processor_ms` is what this process worked.
    """
    found: dict[str, dict[str, dict[str, float]]] = {}
    for whose, role in (("department", Role.DEPARTMENT_OFFICER), ("school", Role.PRINCIPAL)):
        client, place = _signed_in(app, role)
        for name, address in _dashboards(whose, place).items():
            times = [_get(client, address) for _number in range(REQUESTS + 1)][1:]
            figures = _percentiles([took for took, _worked in times])
            figures["processor_ms"] = round(1000 * statistics.median(worked for _took, worked in times), 1)
            found.setdefault(name, {})[address] = figures
            print(f"  {name:11} {address:48} {figures}", flush=True)
    return {"dashboards": found}


def _dashboards(whose: str, place: int) -> dict[str, str]:
    """Return {"whose: what": address} of what a person looks at who is on duty in a department, a ward or a school."""
    if whose == "school":
        return {
            "school: attendance": f"/reports/attendance/{place}",
            "school: week": f"/reports/week?school={place}",
            "school: breakdown": f"/reports/breakdown?place={place}",
            "school: pinned": _pinned(place),
        }
    ward = db.session().scalars(select(OrgUnit.id).where(OrgUnit.kind == "ward").order_by(OrgUnit.id)).first()
    return {
        "department: attendance": "/reports/attendance",
        "department: week": "/reports/week",
        "department: breakdown": "/reports/breakdown",
        "department: pinned": _pinned(place),
        "ward: attendance": f"/reports/attendance?ward={ward}",
        "ward: week": f"/reports/week?ward={ward}",
        "ward: breakdown": f"/reports/breakdown?place={ward}",
        "ward: pinned": _pinned(ward or place),
    }


def _pinned(place: int) -> str:
    """Return the address of a pinned view of a place: what the dashboard asks for, with the page around it."""
    return f"/reports/explorer?place={place}"


def _signed_in(app: Flask, role: Role) -> tuple[FlaskClient, int]:
    """Return a browser of the first account with a role, and the place that it is for."""
    query = select(Grant.user_id, Grant.unit_id).where(Grant.role == role).order_by(Grant.id).limit(1)
    user_id, place = db.session().execute(query).one()
    token = begin_sign_in(user_id, "measurement")
    client = app.test_client()
    name, value = session_cookie(app, token).split("=", 1)
    client.set_cookie(name, value)
    return client, place


def _get(client: FlaskClient, page: str) -> tuple[float, float]:
    begun, worked = time.perf_counter(), time.process_time()
    answer = client.get(page)
    took = time.perf_counter() - begun
    if answer.status_code != 200:  # noqa: PLR2004 - OK
        message = f"{page}: {answer.status}"
        raise RuntimeError(message)
    return took, time.process_time() - worked
