"""The official forms: complete on the page, for those on duty; guarded as PDF and Excel."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from flask import Blueprint, make_response, render_template, request

from app import clock, db
from app.errors import NotFoundError
from app.http import current_actor
from app.jobs import offload
from app.lists.views import XLSX
from app.paper import pdf_of
from app.school.queries import latest_year, schools_for, unit_for
from app.text import file_name_safe
from reports.catalogue.queries import units_for_export
from reports.indicators.rules import VIEW_REPORT
from reports.official.commands import note_view, release_form
from reports.official.queries import full_forms
from reports.official.rules import (
    COLUMN_NAMES,
    OCCASION_NAMES,
    Occasion,
    form_workbook,
    official_period,
    sum_of_forms,
    told_of_form,
)
from reports.submissions.queries import reports_of, standings
from reports.submissions.rules import STATE_NAMES, VIEW_SUBMISSIONS
from reports.tallies.queries import place_tree

if TYPE_CHECKING:
    from datetime import date

    from werkzeug.wrappers import Response

    from app.school.models import OrgUnit
    from reports.official.rules import Form, OfficialPeriod
    from reports.submissions.queries import Standing

bp = Blueprint("official", __name__, template_folder="templates")
TEMPLATE: Final = Path(__file__).parent / "templates" / "official" / "form.typ"
OCCASIONS: Final = f"<any({','.join(Occasion)}):occasion>"


@bp.get("/reports/official")
def index() -> str:
    """Name the two reports of the year with their days, and the units whose forms the reader sees."""
    actor, today = current_actor(), clock.today()
    year = latest_year(db.session(), today)
    periods = [official_period(year.code, one) for one in Occasion] if year else []
    schools = schools_for(actor, VIEW_REPORT)
    return render_template(
        "official/index.html",
        periods=periods,
        today=today,
        names=OCCASION_NAMES,
        schools=schools,
        above=_above(schools),
        standings=_standings(schools, periods, today),
        state_names=STATE_NAMES,
    )


def _standings(
    schools: list[OrgUnit], periods: list[OfficialPeriod], today: date
) -> dict[tuple[str, int], Standing]:
    """Return where the form of each school stands, of the periods whose day has come."""
    actor, found = current_actor(), {}
    for period in periods:
        if period.as_of > today:
            continue
        reports = reports_of(db.session(), schools, period, today)
        for row in standings(db.session(), actor, [one for one in reports if one.is_there], today):
            found[period.name, row.report.school_id] = row
    return found


def _above(schools: list[OrgUnit]) -> list[OrgUnit]:
    """Return the units above these schools that the reader sees as a whole."""
    return units_for_export(current_actor()) if len(schools) > 1 else []


@bp.get(f"/reports/official/<int:unit_id>/{OCCASIONS}")
def form(unit_id: int, occasion: str) -> str:
    """Show a unit's complete form."""
    actor = current_actor()
    unit = unit_for(actor, VIEW_REPORT, unit_id)
    period = _period(occasion)
    schools = _schools(unit)
    forms = full_forms(db.session(), schools, period)
    note_view(actor, unit, period)
    is_school = [one.id for one in schools] == [unit.id]
    return render_template(
        "official/form.html",
        unit=unit,
        period=period,
        form=forms[0] if is_school else sum_of_forms(unit.code, unit.name, period.name, forms),
        schools=[] if is_school else schools,
        may_hand_in=actor.may_somewhere(VIEW_SUBMISSIONS),
        columns=COLUMN_NAMES,
        names=OCCASION_NAMES,
        today=clock.today(),
    )


@bp.get(f"/reports/official/<int:unit_id>/{OCCASIONS}/form.pdf")
def paper(unit_id: int, occasion: str) -> Response:
    """Hand out a unit's form on paper."""
    return _file(unit_id, occasion, "pdf")


@bp.get(f"/reports/official/<int:unit_id>/{OCCASIONS}/form.xlsx")
def workbook(unit_id: int, occasion: str) -> Response:
    """Hand out a unit's form as a workbook."""
    return _file(unit_id, occasion, "xlsx")


def _file(unit_id: int, occasion: str, kind: str) -> Response:
    actor, period = current_actor(), _period(occasion)
    unit = unit_for(actor, VIEW_REPORT, unit_id)
    schools = _schools(unit)
    released = offload(lambda: release_form(actor, unit, schools, period, kind))
    told = make_response(offload(lambda: _made(released, period, kind)))
    told.headers["Content-Type"] = "application/pdf" if kind == "pdf" else XLSX
    name = file_name_safe(f"{OCCASION_NAMES[period.occasion]} {period.year_code} {unit.name}")
    told.headers["Content-Disposition"] = f'attachment; filename="{name}.{kind}"'
    told.headers["X-Content-SHA256"] = released.digest
    return told


def _made(form: Form, period: OfficialPeriod, kind: str) -> bytes:
    return pdf_of(TEMPLATE, told_of_form(form, period)) if kind == "pdf" else form_workbook(form, period)


def _period(occasion: str) -> OfficialPeriod:
    """Return the period of the year that the address names, or of this school year. Raises NotFoundError."""
    year = latest_year(db.session(), clock.today())
    code = request.args.get("year", "") or (year.code if year else "")
    try:
        return official_period(code, Occasion(occasion))
    except ValueError as error:
        raise NotFoundError from error


def _schools(unit: OrgUnit) -> list[OrgUnit]:
    """Return the schools of a unit today; the unit itself when it is one. Raises NotFoundError."""
    place = place_tree(db.session(), unit.code, clock.today())
    if place is None:
        raise NotFoundError
    return [db.session().get_one(type(unit), one.id) for one in place.schools]
