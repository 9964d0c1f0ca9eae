"""Reports on the demonstration, pilot or province: how fresh figures are, how fast pages, how long a year again.

The pages are those of `bench.dashboards`; the same sums of the year four ways are those of `bench.ways`.

The full recomputation of the year is what happens every night (reports.checks): all raw rows and all cubes streamed
out, registers and marks counted meanwhile (`load`), every cube of days, schools, classes and pupils finished
(`compute`), compared number by number (`compare`). The goal of the design, below 3 s for a province's year, is held
against all three together, by the clock.
"""

from __future__ import annotations

import resource
import time
from datetime import timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from flask_migrate import upgrade
from sqlalchemy import func, select

from app import clock, db
from app.school.models import School, SchoolYear
from app.school.queries import latest_year
from bench.dashboards import dashboards
from bench.timing import percentiles, seconds_of
from bench.ways import four_ways
from config import Settings
from demo.province import seed_province
from demo.seeding import seed_pilot
from reports.checks.commands import check_figures
from reports.checks.queries import Asked, load_raw
from reports.checks.rules.second import SecondComputation
from reports.cubes import commands as cubes
from reports.cubes.models import ClassDay
from reports.stretches import commands as stretches
from reports.stretches.rules import stretch_of
from tests.servers import postgres_server
from wsgi import create_app

TOUCHED: Final = 60
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
            found["seed_s"] = seconds_of(lambda: seed("x", print))
        for part in (partial(dashboards, app), _year_again, _first_stretches, _freshness, _recompute):
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
        "first_stretches_s": seconds_of(lambda: stretches.rebuild(schools)),
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
    return {"fold_a_register": percentiles([seconds_of(partial(_fold, *row)) for row in rows.all()])}


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
        "recompute_days_s": seconds_of(lambda: cubes.rebuild(schools, first, after)),
        "recompute_pupils_s": seconds_of(lambda: stretches.rebuild(schools)),
        "check_all_schools_s": seconds_of(check_figures),
    }


def _year_again() -> dict[str, Any]:
    """Return seconds of the full recomputation, in parts and as a whole, and of the same sums four ways."""
    year = latest_year(db.session(), clock.today())
    if year is None:
        return {}
    asked = Asked(stretch_of(year.starts_on, []), clock.today() + timedelta(days=1))
    with TemporaryDirectory() as name, SecondComputation(Path(name)) as second:
        rows: dict[str, int] = {}
        parts: dict[str, float] = {}
        worked: dict[str, float] = {}
        for part, work in (
            ("load", lambda: rows.update(load_raw(db.session(), asked, second, Path(name)))),
            ("compute", second.compute),
            ("compare", second.compare),
        ):
            begun = time.process_time()
            parts[part] = seconds_of(work)
            worked[part] = round(time.process_time() - begun, 3)
        differences = sum(second.counts().values())
        found = {
            "full_recompute_s": parts | {"all": round(sum(parts.values()), 3)},
            "full_recompute_processor_s": worked | {"all": round(sum(worked.values()), 3)},
            "rows_streamed": sum(rows.values()),
            "rows_of": {table: count for table, count in rows.items() if count > MANY},
            "differences": differences,
            "peak_mb_of_recompute": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        }
        print(f"  full recompute {parts}, processor {worked}, {differences} differences", flush=True)
        return found | four_ways()
