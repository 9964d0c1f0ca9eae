"""The list of indicators, and a page for each: formula, family, dimensions, versions and what changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from flask import Blueprint, render_template

from app import clock, db
from app.errors import NotFoundError
from app.http import current_actor
from app.school.queries import schools_for
from reports.catalogue.queries import beside, units_for_export
from reports.exports.rules import Form
from reports.indicators.rules import (
    COUNT_NAMES,
    DIMENSION_NAMES,
    FAMILY_NAMES,
    VIEW_REPORT,
    definitions,
    versions,
)
from reports.tallies.queries import periods_until

if TYPE_CHECKING:
    from reports.indicators.rules import Definition

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
        indicators=definitions(today),
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
    )


def _formula(one: Definition) -> dict[str, list[tuple[int, str]]]:
    """Return numerator and denominator as (weight, name of the count)."""
    parts = {"numerator": one.numerator, "denominator": one.denominator or {}}
    return {
        name: [(weight, COUNT_NAMES[what]) for what, weight in weights.items()]
        for name, weights in parts.items()
    }
