"""The page of breakdowns: from the department down to a class, by what pupils are. Complete, so each view is logged."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, render_template, request
from flask_babel import gettext as _

from app import clock, db
from app.errors import NotFoundError
from app.http import current_actor, translate
from app.school.models import OrgUnit
from app.school.queries import place_of_unit, schools_for, unit_for
from app.school.rules import VIEW_CLASS
from reports.breakdowns.forms import read_view
from reports.breakdowns.queries import (
    coverage_by_place,
    names_below,
    sums_of,
)
from reports.breakdowns.rules import Sums, chart_of, name_of_group, part_of
from reports.cubes.rules import Month
from reports.indicators.commands import note_view
from reports.indicators.rules import VIEW_REPORT
from reports.recent.queries import FEW
from reports.tallies.queries import period_named, periods_until, place_tree

if TYPE_CHECKING:
    from reports.breakdowns.forms import View
    from reports.breakdowns.rules import Part
    from reports.tallies.rules import Period

bp = Blueprint("breakdowns", __name__, template_folder="templates")


@bp.get("/reports/breakdown")
def breakdown() -> str:
    """Show a place's attendance by the places right below it, and by what its pupils are."""
    actor, session, today = current_actor(), db.session(), clock.today()
    periods = periods_until(session, today)
    if not periods:
        return render_template("reports/no_year.html", title=_("Phân tổ"))
    view = read_view(request.args, _period(periods))
    unit, schools = _place(view)
    note_view(actor, "breakdown", unit.id, Month.of(view.period.first))
    places, groups, whole = _parts(view, unit.kind, schools)
    return render_template(
        "breakdowns/breakdown.html",
        view=view,
        unit=unit,
        above=_above(unit),
        periods=periods,
        places=places,
        groups=groups,
        whole=whole,
        charts=(chart_of(places, view.measure), chart_of(groups, view.measure)),
        is_remembered=len(schools) > FEW,
        may_open_class=unit.kind == "school" and actor.may(VIEW_CLASS, place_of_unit(unit.id)),
    )


def _period(periods: list[Period]) -> Period:
    asked = period_named(db.session(), request.args.get("period", ""))
    over = [one for one in periods if one.after_last <= clock.today()]
    found = asked or next(iter(over or periods), None)
    if found is None:
        raise NotFoundError
    return found


def _place(view: View) -> tuple[OrgUnit, list[int]]:
    """Return the unit that is looked at with its schools; the largest within reach when the address names none."""
    actor = current_actor()
    if view.place is None:
        schools = schools_for(actor, VIEW_REPORT)
        if not schools:
            raise NotFoundError
        largest = min(actor.unit_ids(VIEW_REPORT) or [schools[0].id])
        unit = unit_for(actor, VIEW_REPORT, largest)
    else:
        unit = unit_for(actor, VIEW_REPORT, view.place)
    tree = place_tree(db.session(), unit.code, clock.today())
    if tree is None or tree.unit.kind not in {"province", "ward", "school"}:
        raise NotFoundError
    return unit, [one.id for one in tree.schools]


def _above(unit: OrgUnit) -> OrgUnit | None:
    """Return the unit above, for who sees it too."""
    parent = db.session().get(OrgUnit, unit.parent_id) if unit.parent_id else None
    return parent if parent and current_actor().may(VIEW_REPORT, place_of_unit(parent.id)) else None


def _parts(view: View, kind: str, schools: list[int]) -> tuple[list[Part], list[Part], Part]:
    session, day, today = db.session(), view.period.first, clock.today()
    coverage = coverage_by_place(session, kind, schools, view.period, today, view.selection)
    sums = sums_of(session, kind, view.by, schools, view.period, view.selection)
    names = names_below(session, kind, schools)
    places = [
        part_of(key, name, sums.places.get(key, Sums()), coverage.get(key), view.measure, day)
        for key, name in names.items()
        if key in sums.places or (coverage.get(key, (0, 0))[1] and not view.selection.is_of_people)
    ]
    found = sums.groups
    groups = [
        part_of(str(key), translate(name_of_group(view.by, key)), found[key], None, view.measure, day)
        for key in sorted(found, key=lambda one: (one is None, (one or "").zfill(2)))
    ]
    taken, due = (sum(one[place] for one in coverage.values()) for place in (0, 1))
    return places, groups, part_of("", "", sums.whole, (taken, due), view.measure, day)
