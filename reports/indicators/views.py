"""Pages of the attendance report: by ward, by school within a ward, and by class within a school."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, redirect, render_template, request, url_for

from app import clock, db
from app.http import current_actor
from app.school.queries import place_of_unit, school_for, school_rows_for, wards_of
from app.school.rules import VIEW_CLASS
from reports.cubes.queries import counts_of_schools, month_of_school, months_with_figures
from reports.cubes.rules import Month
from reports.indicators.commands import note_view
from reports.indicators.forms import read_filters
from reports.indicators.queries import report_on_classes, report_on_schools, report_on_wards
from reports.indicators.rules import VIEW_REPORT, definitions_of_classes, fifths

if TYPE_CHECKING:
    from collections.abc import Sequence

    from werkzeug.wrappers import Response

    from app.school.models import OrgUnit
    from app.school.queries import UnitRow
    from reports.indicators.forms import Filters

bp = Blueprint("indicators", __name__, template_folder="templates")
REPORT = "attendance"


@bp.get("/reports/attendance")
def attendance() -> str | Response:
    """Show the attendance rate by ward, by school where one is chosen or there is one only.

    Who sees one school only goes on to its classes.
    """
    actor = current_actor()
    schools = school_rows_for(actor, VIEW_REPORT)
    if len(schools) == 1:
        address = url_for("indicators.school_attendance", school_id=schools[0].id)
        return redirect(f"{address}?{request.query_string.decode('latin-1')}")
    filters, wards = filters_for(schools), wards_of(db.session(), schools)
    ward = next((unit for unit in wards if unit.id == filters.ward), None)
    shown = [unit for unit in schools if ward is None or unit.parent_id == ward.id]
    counts = counts_of_schools(
        db.session(), [unit.id for unit in shown], filters.month, clock.today(), filters.grades
    )
    by_ward = len(wards) > 1 and ward is None
    report = (
        report_on_wards(wards, shown, counts, filters.month, filters.order)
        if by_ward
        else report_on_schools(shown, counts, filters.month, filters.order)
    )
    names = {unit.id: unit.name for unit in wards}
    note_view(actor, REPORT, None, filters.month)
    return render_template(
        "indicators/attendance.html",
        school=None,
        report=report,
        filters=filters,
        wards=names,
        by_ward=by_ward,
        fifths=fifths({line.id: line.share for line in report.lines}) if by_ward else {},
        definitions=definitions_of_classes(filters.month.first),
    )


@bp.get("/reports/attendance/<int:school_id>")
def school_attendance(school_id: int) -> str:
    """Show the attendance rate of a school by class."""
    actor = current_actor()
    school = school_for(actor, VIEW_REPORT, school_id)
    filters = filters_for([school])
    month = month_of_school(db.session(), school, filters.month, clock.today(), filters.grades)
    note_view(actor, REPORT, school.id, filters.month)
    return render_template(
        "indicators/attendance.html",
        school=school,
        report=report_on_classes(month, filters.order),
        may_open_class=actor.may(VIEW_CLASS, place_of_unit(school.id)),
        filters=filters,
        wards={},
        by_ward=False,
        definitions=definitions_of_classes(filters.month.first),
    )


def filters_for(schools: Sequence[OrgUnit | UnitRow]) -> Filters:
    """Read this request's address for a report on some schools."""
    months = months_with_figures(db.session(), [unit.id for unit in schools])
    return read_filters(request.args, months, next(iter(months), Month.of(clock.today())))
