"""The list of indicators, and a page for each: formula, family, dimensions, versions and what changed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from flask import Blueprint, render_template, request

from app import clock, db
from app.errors import NotFoundError
from app.http import current_actor
from app.parameters import number_in
from app.school.queries import school_rows_for, schools_for, unit_for
from reports.catalogue.queries import COHORT_GROUPS, beside, cohort_rows, units_for_export
from reports.cubes.rules import Month
from reports.exports.rules import Form
from reports.indicators.commands import note_view
from reports.indicators.rules import (
    COUNT_NAMES,
    DIMENSION_NAMES,
    FAMILY_NAMES,
    VIEW_REPORT,
    definition,
    definitions,
    versions,
)
from reports.tallies.queries import periods_until, place_tree
from reports.tallies.rules import PeriodKind

if TYPE_CHECKING:
    from app.school.models import OrgUnit
    from app.school.queries import UnitRow
    from reports.catalogue.queries import CohortRow
    from reports.indicators.rules import Definition
    from reports.tallies.rules import Period

bp = Blueprint("catalogue", __name__, template_folder="templates")
FORM_NAMES: Final = {
    Form.XLSX: "Excel (.xlsx)",
    Form.CSV_PACKAGE: "CSV, Frictionless (.zip)",
    Form.SDMX_CSV: "SDMX-CSV 2.0",
    Form.SDMX_JSON: "SDMX-JSON 2.0",
    Form.JSON: "JSON",
}


@bp.get("/reports/indicators")
def catalogue() -> str:
    """List the indicators of today by family, with a form that takes all of them out."""
    actor = current_actor()
    actor.require_somewhere(VIEW_REPORT)
    today = clock.today()
    return render_template(
        "catalogue/catalogue.html",
        indicators=definitions(today, inside=True),
        families=FAMILY_NAMES,
        units=units_for_export(actor),
        schools=schools_for(actor, VIEW_REPORT),
        periods=periods_until(db.session(), today),
        forms=FORM_NAMES,
    )


@bp.get("/reports/indicators/<indicator_code>")
def indicator(indicator_code: str) -> str:
    """Explain an indicator: its newest version, the earlier ones, and those that others define beside it."""
    current_actor().require_somewhere(VIEW_REPORT)
    found = versions(indicator_code)
    if not found:
        raise NotFoundError
    return render_template(
        "catalogue/indicator.html",
        indicator=found[0],
        versions=found,
        formula=_formula(found[0]),
        beside=beside(found[0], clock.today()),
        families=FAMILY_NAMES,
        dimensions=DIMENSION_NAMES,
        cohorts=_cohorts(indicator_code),
    )


@dataclass(frozen=True, slots=True)
class _Cohorts:
    """The figures of a cohort indicator beside each other; `rows` is None until a place is chosen."""

    units: list[UnitRow]
    years: list[Period]
    unit: OrgUnit | None = None
    year: Period | None = None
    indicators: tuple[Definition, ...] = ()
    rows: list[CohortRow] | None = None


def _cohorts(code: str) -> _Cohorts | None:
    """Return what the address asks for: complete figures of a place and a school year, so the view is logged."""
    actor, session, today = current_actor(), db.session(), clock.today()
    codes = next((group for group in COHORT_GROUPS if code in group), None)
    years = [one for one in periods_until(session, today) if one.kind is PeriodKind.YEAR]
    if codes is None or not years:
        return None
    there = _Cohorts([*units_for_export(actor), *school_rows_for(actor, VIEW_REPORT)], years)
    asked, newest = request.args.get("year"), years[min(1, len(years) - 1)]
    year = next((one for one in years if one.name == asked), newest)
    place = number_in(request.args.get("place", ""))
    if place is None:
        return replace(there, year=year)
    unit = unit_for(actor, VIEW_REPORT, place)
    tree = place_tree(session, unit.code, today)
    if tree is None:
        raise NotFoundError
    note_view(actor, "cohorts", unit.id, Month.of(year.first))
    rows = cohort_rows(session, [one.id for one in tree.schools], year, codes, today)
    shown = tuple(definition(one, year.first) for one in codes)
    return replace(there, unit=unit, year=year, indicators=shown, rows=rows)


def _formula(one: Definition) -> dict[str, list[tuple[int, str]]]:
    """Return numerator and denominator as (weight, name of the count)."""
    parts = {"numerator": one.numerator, "denominator": one.denominator or {}}
    return {
        name: [(weight, COUNT_NAMES[what]) for what, weight in weights.items()]
        for name, weights in parts.items()
    }
