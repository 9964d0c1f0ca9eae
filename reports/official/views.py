"""The official forms: complete on the page, for those on duty; guarded as PDF and Excel."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from flask import Blueprint, make_response, render_template, request

from app import clock, db
from app.errors import NotFoundError
from app.http import current_actor, is_fragment
from app.jobs import offload
from app.lists.views import XLSX
from app.paper import pdf_of
from app.school.models import OrgUnit
from app.school.queries import UnitRow, latest_year, schools_for, unit_for
from app.text import file_name_safe
from reports.catalogue.queries import units_for_export
from reports.files.rules import FileKind, Made, Wanted
from reports.files.views import made_later
from reports.indicators.rules import VIEW_REPORT
from reports.kept.commands import inside_form
from reports.kept.rules import MOST_AT_ONCE
from reports.official.commands import note_view, release_form
from reports.official.rules import (
    COLUMN_NAMES,
    OCCASION_NAMES,
    Occasion,
    OfficialPeriod,
    form_workbook,
    official_period,
    told_of_form,
)
from reports.submissions.queries import reports_of, standings
from reports.submissions.rules import STATE_NAMES, VIEW_SUBMISSIONS
from reports.tallies.queries import place_tree, units_in_order

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from werkzeug.wrappers import Response as BaseResponse

    from app.access import Actor
    from reports.files.commands import Report
    from reports.official.rules import Form
    from reports.submissions.queries import Standing

bp = Blueprint("official", __name__, template_folder="templates")
TEMPLATE: Final = Path(__file__).parent / "templates" / "official" / "form.typ"
MOST_LISTED: Final = 60
"""More schools are not listed one by one: wards are."""
OCCASIONS: Final = f"<any({','.join(Occasion)}):occasion>"


@bp.get("/reports/official")
def index() -> str:
    """Name the two reports of the year with their days, and the units whose forms the reader sees.

    Where there are many schools, wards alone: a ward's form names its schools.
    """
    actor, today = current_actor(), clock.today()
    year = latest_year(db.session(), today)
    periods = [official_period(year.code, one) for one in Occasion] if year else []
    schools = schools_for(actor, VIEW_REPORT)
    above = _above(schools)
    listed = [] if above and len(schools) > MOST_LISTED else schools
    return render_template(
        "official/index.html",
        periods=periods,
        today=today,
        names=OCCASION_NAMES,
        schools=listed,
        above=above,
        standings=_standings(listed, periods, today) if listed else {},
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


def _above(schools: list[OrgUnit]) -> list[UnitRow]:
    """Return the units above these schools that the reader sees as a whole."""
    return units_for_export(current_actor()) if len(schools) > 1 else []


@bp.get(f"/reports/official/<int:unit_id>/{OCCASIONS}")
def form(unit_id: int, occasion: str) -> str:
    """Show a unit's complete form."""
    actor = current_actor()
    unit = unit_for(actor, VIEW_REPORT, unit_id)
    period = _period(occasion)
    schools = _schools(unit)
    told = inside_form(actor, unit, schools, period)
    page = render_template(
        "official/part.html" if is_fragment() else "official/form.html",
        unit=unit,
        period=period,
        form=told.form,
        standing=told.standing,
        schools=[] if told.is_school else schools,
        wards=_wards(unit, schools),
        may_hand_in=actor.may_somewhere(VIEW_SUBMISSIONS),
        columns=COLUMN_NAMES,
        names=OCCASION_NAMES,
        today=clock.today(),
    )
    note_view(
        actor, unit, period
    )  # at the end: it ends the transaction, and each school would be read by itself
    return page


def _wards(unit: OrgUnit, schools: list[OrgUnit]) -> list[UnitRow]:
    """Return the wards of a province with many schools: they are listed in the place of the schools."""
    if len(schools) <= MOST_LISTED:
        return []
    return [one for one in units_for_export(current_actor()) if one.parent_id == unit.id]


@bp.get(f"/reports/official/<int:unit_id>/{OCCASIONS}/form.pdf")
def paper(unit_id: int, occasion: str) -> BaseResponse:
    """Hand out a unit's form on paper."""
    return _file(unit_id, occasion, "pdf")


@bp.get(f"/reports/official/<int:unit_id>/{OCCASIONS}/form.xlsx")
def workbook(unit_id: int, occasion: str) -> BaseResponse:
    """Hand out a unit's form as a workbook."""
    return _file(unit_id, occasion, "xlsx")


def _file(unit_id: int, occasion: str, kind: str) -> BaseResponse:
    """Hand out a form, or have it made by a job where there are many schools."""
    period = _period(occasion)
    unit = unit_for(current_actor(), VIEW_REPORT, unit_id)
    name = file_name_safe(f"{OCCASION_NAMES[period.occasion]} {period.year_code} {unit.name}")
    wanted = Wanted(FileKind.FORM, f"{name}.{kind}", {"unit": unit.id, "period": period.name, "form": kind})
    if len(_schools(unit)) > MOST_AT_ONCE:
        return made_later(wanted)
    made = form_file(current_actor(), wanted.about, lambda *_progress: None)
    told = make_response(made.content)
    told.headers["Content-Type"] = made.mimetype
    told.headers["Content-Disposition"] = f'attachment; filename="{wanted.name}"'
    told.headers["X-Content-SHA256"] = made.sha256
    return told


def form_file(actor: Actor, about: Mapping[str, Any], report: Report) -> Made:
    """Let a form out and set it, outside the event loop."""
    unit, period, kind = (
        db.session().get(OrgUnit, about["unit"]),
        OfficialPeriod.parse(about["period"]),
        about["form"],
    )
    if unit is None or period is None:
        raise NotFoundError
    schools = _schools(unit)
    released = offload(lambda: release_form(actor, unit, schools, period, kind, report))
    content = offload(lambda: _made(released, period, kind))
    return Made(content, "application/pdf" if kind == "pdf" else XLSX, released.digest)


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
    return units_in_order(db.session(), [one.id for one in place.schools])
