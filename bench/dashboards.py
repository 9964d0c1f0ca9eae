"""How long the server works for each dashboard of a department, a ward and a school."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import select

from app import clock, db
from app.access import SYSTEM, Role
from app.accounts.commands import begin_sign_in
from app.accounts.models import Grant
from app.school.models import OrgUnit
from app.school.queries import latest_year
from bench.schools import session_cookie
from bench.timing import percentiles
from reports.kept.commands import make_figures
from reports.kept.models import KeptRun

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient

REQUESTS: Final = 40


def dashboards(app: Flask) -> dict[str, Any]:
    """Return how long the server works for each dashboard, in this process: no network, no browser.

    `p50_ms` and `p95_ms` are by the clock, the database included; `processor_ms` and `processor_p95_ms` are what this
    process worked: on a busy machine they alone say something.
    """
    found: dict[str, dict[str, dict[str, float]]] = {}
    for whose, role in (("department", Role.DEPARTMENT_OFFICER), ("school", Role.PRINCIPAL)):
        client, place = _signed_in(app, role)
        for name, address in _dashboards(whose, place).items():
            _get(client, address)
            _made()
            times = [_get(client, address) for _number in range(REQUESTS + 1)][1:]
            figures = percentiles([took for took, _worked in times])
            worked = percentiles([worked for _took, worked in times])
            figures |= {"processor_ms": worked["p50_ms"], "processor_p95_ms": worked["p95_ms"]}
            found.setdefault(name, {})[address] = figures
            print(f"  {name:27} {address:60} {figures}", flush=True)
    return {"dashboards": found}


def _dashboards(whose: str, place: int) -> dict[str, str]:
    """Return {"whose: what": address} of what a person looks at who is on duty in a department, a ward or a school."""
    if whose == "school":
        return {
            "school: attendance": f"/reports/attendance/{place}",
            "school: week": f"/reports/week?school={place}",
            "school: change": "/reports/change",
            "school: breakdown": f"/reports/breakdown?place={place}",
            "school: breakdown of a year": f"/reports/breakdown?place={place}&period={_year()}&by=sex",
            "school: pinned": _pinned(place),
        }
    ward = db.session().scalars(select(OrgUnit.id).where(OrgUnit.kind == "ward").order_by(OrgUnit.id)).first()
    return {
        "department: attendance": "/reports/attendance",
        "department: week": "/reports/week",
        "department: breakdown": "/reports/breakdown",
        "department: change": "/reports/change",
        "department: submissions": "/submissions",
        "department: pinned": _pinned(place),
        "ward: attendance": f"/reports/attendance?ward={ward}",
        "ward: week": f"/reports/week?ward={ward}",
        "ward: breakdown": f"/reports/breakdown?place={ward}",
        "ward: breakdown of a year": f"/reports/breakdown?place={ward}&period={_year()}&by=sex",
        "ward: pinned": _pinned(ward or place),
    }


def _pinned(place: int) -> str:
    """Return the address of a pinned view of a place: what the dashboard asks for, with the page around it."""
    return f"/reports/explorer?place={place}"


def _year() -> str:
    year = latest_year(db.session(), clock.today())
    return year.code if year else ""


def _made() -> None:
    """Make the figures that a page wanted and that a job would make: an empty pivot is quick to show.

    Those of a province take half a minute a month, once: they are kept.
    """
    wanted = select(KeptRun.unit_id, KeptRun.period).where(KeptRun.made_at.is_(None))
    for unit_id, period in db.session().execute(wanted.order_by(KeptRun.period)).all():
        begun = time.perf_counter()
        make_figures(SYSTEM, unit_id, [period], lambda _done, _total, _message: None)
        print(f"  figures of {unit_id} in {period} made in {time.perf_counter() - begun:.1f} s", flush=True)


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
