"""What changes after something was done: for a ward, a school or a class, beside the places where it was not done."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from flask import Blueprint, render_template, request

from app import clock, db
from app.http import current_actor
from app.school.queries import school_rows_for, wards_of
from reports.changes.forms import LONGEST_WORDS, read_view
from reports.changes.queries import (
    classes_with_registers,
    lines_of_class,
    lines_of_schools,
    schools_alike,
)
from reports.changes.rules import WEEKS, change_of, picture_of, weeks_around
from reports.cubes.rules import Month
from reports.indicators.commands import note_view
from reports.indicators.rules import VIEW_REPORT
from reports.questions.queries import latest_day
from reports.questions.rules import Week

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.school.queries import UnitRow
    from reports.changes.rules import Line, Stage

bp = Blueprint("changes", __name__, template_folder="templates")
USUAL_WEEKS = 4
"""So long ago something began if nothing else is said."""


@bp.get("/reports/change")
def change() -> str:
    """Show the weeks before and after a day of a place within reach, beside those of the others."""
    actor = current_actor()
    actor.require_somewhere(VIEW_REPORT)
    schools = school_rows_for(actor, VIEW_REPORT)
    last = latest_day(db.session(), [unit.id for unit in schools]) or clock.today()
    view = read_view(request.args, Week.of(last).monday - timedelta(weeks=USUAL_WEEKS))
    wards = wards_of(db.session(), schools)
    wards = wards if len(wards) > 1 else []
    unit = next((one for one in [*wards, *schools] if one.id == view.place), next(iter(schools), None))
    weeks = weeks_around(view.day)
    classes = _classes(unit, weeks)
    class_id = view.class_id if view.class_id in dict(classes) else None
    found = change_of(_lines(unit, class_id, schools, weeks))
    page = render_template(
        "changes/change.html",
        view=view,
        unit=unit,
        places=(*wards, *schools),
        classes=classes,
        class_id=class_id,
        name=dict(classes).get(class_id or 0, unit.name if unit else ""),
        change=found,
        picture=picture_of(found, view.day),
        most_weeks=WEEKS,
        longest_words=LONGEST_WORDS,
    )
    # Noted at the end: it ends the transaction, after which each school would be read anew.
    note_view(actor, "change", unit.id if unit and unit.kind == "school" else None, Month.of(view.day))
    return page


def _classes(unit: UnitRow | None, weeks: Sequence[tuple[Week, Stage]]) -> list[tuple[int, str]]:
    if unit is None or unit.kind != "school":
        return []
    return classes_with_registers(db.session(), unit.id, [week for week, _stage in weeks])


def _lines(
    unit: UnitRow | None,
    class_id: int | None,
    schools: Sequence[UnitRow],
    weeks: Sequence[tuple[Week, Stage]],
) -> list[Line]:
    """Return a class beside its school's others, a school beside those of its levels, a ward beside all others."""
    session, ids = db.session(), [one.id for one in schools]
    if unit is None:
        return []
    if class_id is not None:
        return lines_of_class(session, weeks, unit.id, class_id)
    if unit.kind == "school":
        return lines_of_schools(session, weeks, [unit.id], schools_alike(session, unit.id, ids))
    inside = [one.id for one in schools if one.parent_id == unit.id]
    return lines_of_schools(session, weeks, inside, sorted(set(ids).difference(inside)))
