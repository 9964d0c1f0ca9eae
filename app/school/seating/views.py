"""The page of a class's seat plan: seen and printed by who sees the class, arranged by who keeps it."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from app import clock, db
from app.errors import InvalidError
from app.http import current_actor, translate
from app.school.classes.queries import year_span
from app.school.queries import class_for, place_of_class, pupils_in_class
from app.school.rules import VIEW_CLASS
from app.school.seating import commands, queries
from app.school.seating.forms import PlanForm
from app.school.seating.rules import ARRANGE_SEATS, MOST_COLUMNS, MOST_ROWS, Plan, empty_plan

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

    from app.school.models import Pupil, SchoolClass

bp = Blueprint("seating", __name__, template_folder="templates")
UNPROCESSABLE = 422


@bp.get("/classes/<int:class_id>/seats")
def plan(class_id: int) -> str:
    """Show how a class sits on a day."""
    found = class_for(current_actor(), VIEW_CLASS, class_id)
    return _page(found, _asked_day(found))


@bp.post("/classes/<int:class_id>/seats")
def save(class_id: int) -> Response | tuple[str, int]:
    """Keep a plan from a day on."""
    actor = current_actor()
    found = class_for(actor, ARRANGE_SEATS, class_id)
    form = PlanForm()
    starts_on = form.starts_on.data or clock.today()
    problem = _("Chọn ngày và kích thước sơ đồ.")
    if form.validate_on_submit():
        try:
            commands.save_plan(actor, class_id, form.plan, starts_on)
        except InvalidError as error:
            db.session().rollback()
            problem = " ".join(translate(one) for one in (error.message, *error.fields.values()))
        else:
            flash(_("Đã lưu sơ đồ chỗ ngồi."), "success")
            return redirect(url_for("seating.plan", class_id=class_id, day=starts_on.isoformat()))
    return _page(found, starts_on, problem), UNPROCESSABLE


def _asked_day(found: SchoolClass) -> date:
    try:
        return date.fromisoformat(request.args.get("day", ""))
    except ValueError:
        return max(clock.today(), year_span(db.session(), found)[0])


def _page(found: SchoolClass, day: date, problem: str = "") -> str:
    session = db.session()
    pupils = pupils_in_class(session, found.id, day)
    kept = queries.seats_of_class(session, found.id, day)
    shown = kept or empty_plan(len(pupils))
    return render_template(
        "seating/plan.html",
        school_class=found,
        day=day,
        pupils=pupils,
        kept=kept,
        plan=shown,
        names={pupil.id: pupil.full_name for pupil in pupils},
        waiting=[pupil for pupil in pupils if pupil.id not in shown.by_pupil],
        days=queries.plan_days(session, found.id),
        may_arrange=current_actor().may(ARRANGE_SEATS, place_of_class(found)) and found.closed_on is None,
        island=_island(shown, pupils, max(day, clock.today())),
        problem=problem,
    )


def _island(shown: Plan, pupils: list[Pupil], starts_on: date) -> dict[str, object]:
    return {
        "rows": shown.rows,
        "columns": shown.columns,
        "mostRows": MOST_ROWS,
        "mostColumns": MOST_COLUMNS,
        "startsOn": starts_on.isoformat(),
        "pupils": [{"id": pupil.id, "name": pupil.full_name} for pupil in pupils],
        "seats": [[seat.pupil_id, seat.row, seat.column] for seat in shown.seats],
    }
