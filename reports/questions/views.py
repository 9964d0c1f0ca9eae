"""How is attendance this week, who reports late, where does absence grow: for the department, a ward, a school."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from flask import Blueprint, render_template, request

from app import clock, db
from app.http import current_actor
from app.school.queries import place_of_unit, school_rows_for, wards_of
from app.school.rules import VIEW_CLASS
from reports.cubes.rules import Month
from reports.indicators.commands import note_view
from reports.indicators.rules import VIEW_REPORT
from reports.questions.forms import read_view
from reports.questions.queries import (
    classes_in_week,
    growth_by_class,
    growth_by_school,
    latest_day,
    lessons_by_class,
    lessons_by_school,
    on_time_by_school,
    schools_in_week,
)
from reports.questions.rules import Week, funnel, lessons_together, picture, together, weeks_to_choose

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.school.queries import UnitRow
    from reports.questions.forms import View
    from reports.questions.rules import Growth, Lessons, Place

MOST_LINES: Final = 60
"""So many schools of a whole province are listed, those that report least first; a ward's are all listed."""
MOST_STRIKING: Final = 20
"""So many places are named where absence grows, and where live lessons are held."""
bp = Blueprint("questions", __name__, template_folder="templates")


@bp.get("/reports/week")
def week() -> str:
    """Answer the questions of a week for the schools within reach, or for the classes of one of them."""
    actor = current_actor()
    actor.require_somewhere(VIEW_REPORT)
    schools = school_rows_for(actor, VIEW_REPORT)
    last = latest_day(db.session(), [unit.id for unit in schools]) or clock.today()
    view = read_view(request.args, Week.of(last))
    shown = [unit for unit in schools if view.ward in {None, unit.parent_id}]
    one = next(
        (unit for unit in schools if unit.id == view.school), schools[0] if len(schools) == 1 else None
    )
    places = _places(view.week, view, shown, one)
    found = funnel(places)
    drawn = picture(found) if found else None
    late_first = sorted(places, key=lambda place: (place.coverage or 0, place.rate or 0))
    listed = late_first if one or view.ward else late_first[:MOST_LINES]
    lessons = _lessons(view.week, view, places, one, shown)
    page = render_template(
        "questions/week.html",
        view=view,
        weeks=weeks_to_choose(Week.of(last), view.week),
        newest=Week.of(last),
        zones={dot.place.id: dot.zone for dot in drawn.dots} if drawn and drawn.limits else {},
        school=one,
        schools=schools,
        wards=wards_of(db.session(), schools),
        places=listed,
        left_out=len(places) - len(listed),
        whole=together(places),
        before=together(_places(view.week.previous, view, shown, one)),
        last_year=together(_places(view.week.a_year_ago, view, shown, one)),
        picture=drawn,
        growth=_growth(view, places, one, shown),
        lessons=sorted(
            (line for line in lessons if line.held), key=lambda line: (-(line.share or 0), -line.held)
        ),
        most_striking=MOST_STRIKING,
        lessons_of_all=lessons_together(lessons),
        lessons_before=lessons_together(_lessons(view.week.previous, view, places, one, shown)),
        may_open_class=one is not None and actor.may(VIEW_CLASS, place_of_unit(one.id)),
        on_time={} if one else _on_time(view, [place.id for place in listed]),
    )
    # Noted at the end: it ends the transaction, after which each school would be read anew.
    note_view(actor, "week", _noted(schools, view), Month.of(view.week.monday))
    return page


def _noted(schools: Sequence[UnitRow], view: View) -> int | None:
    """Return the school that is looked at alone."""
    within = [unit.id for unit in schools]
    return within[0] if len(within) == 1 else view.school if view.school in within else None


def _places(of: Week, view: View, schools: Sequence[UnitRow], one: UnitRow | None) -> list[Place]:
    if one is not None:
        return classes_in_week(db.session(), one.id, of, view.grades)
    return schools_in_week(db.session(), _names(schools), of, view.grades)


def _growth(
    view: View, places: Sequence[Place], one: UnitRow | None, schools: Sequence[UnitRow]
) -> list[Growth]:
    """Return the schools, or a school's classes, in which absence of a tenth or more grew, the most first."""
    month = Month.of(view.week.monday)
    now, before = ((each.first, each.after_last) for each in (month, month.previous))
    months, session = (now, before), db.session()
    if one is not None:
        found = growth_by_class(session, one.id, _names(places), months, view.grades)
    else:
        found = growth_by_school(session, _names(schools), months, view.grades)
    return sorted((line for line in found if line.change > 0), key=lambda line: -line.change)[:MOST_STRIKING]


def _lessons(
    of: Week, view: View, places: Sequence[Place], one: UnitRow | None, schools: Sequence[UnitRow]
) -> list[Lessons]:
    if one is not None:
        return lessons_by_class(db.session(), one.id, _names(places), of, view.grades)
    return lessons_by_school(db.session(), _names(schools), of, view.grades)


def _names(listed: Sequence[Place] | Sequence[UnitRow]) -> dict[int, str]:
    return {one.id: one.name for one in listed}


def _on_time(view: View, school_ids: Sequence[int]) -> dict[int, tuple[int, int]]:
    month = Month.of(view.week.monday)
    until = min(month.after_last, clock.today())
    return on_time_by_school(db.session(), school_ids, month.first, until)
