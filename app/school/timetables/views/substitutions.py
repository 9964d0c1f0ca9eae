"""The page of substitutions and cancelled lessons, and the card on a teacher's home."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Final

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from app import clock, db
from app.errors import InvalidError
from app.http import current_actor, translate
from app.school.queries import day_at_school, school_for, staff_of_user
from app.school.rules import SESSION_NAMES
from app.school.timetables.commands import days as commands
from app.school.timetables.forms import ArrangeForm, LessonDayForm
from app.school.timetables.queries import days as queries
from app.school.timetables.rules import days as rules
from app.school.timetables.rules.days import ARRANGE_SUBSTITUTES

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

    from app.access import Actor
    from app.school.models import OrgUnit

bp = Blueprint("substitutions", __name__, template_folder="../templates")
UNPROCESSABLE: Final = 422


@bp.get("/schools/<int:school_id>/substitutions")
def day(school_id: int) -> str:
    """Show what is decided for a day, and the lessons of a teacher who is away."""
    unit = school_for(current_actor(), ARRANGE_SUBSTITUTES, school_id)
    return _page(unit, _asked_day(), request.args.get("staff", type=int))


@bp.post("/schools/<int:school_id>/substitutions")
def arrange(school_id: int) -> Response | tuple[str, int]:
    """Cancel a lesson of a day, or give it to a substitute."""
    actor = current_actor()
    unit = school_for(actor, ARRANGE_SUBSTITUTES, school_id)
    form = ArrangeForm()
    if not form.validate_on_submit():
        return _page(unit, _asked_day(), None, _("Chọn tiết học và ngày.")), UNPROCESSABLE
    wanted = commands.Arrangement(
        form.entry_id.data or 0,
        form.day.data or clock.today(),
        form.substitute_id.data or None,
        (form.reason.data or "").strip(),
    )
    try:
        commands.arrange(actor, school_id, wanted)
    except InvalidError as error:
        return _page(unit, wanted.day, form.staff_id.data, translate(error.message)), UNPROCESSABLE
    flash(_("Đã ghi thay đổi của tiết này."), "success")
    return _back(school_id, wanted.day, form.staff_id.data)


@bp.post("/schools/<int:school_id>/substitutions/withdraw")
def withdraw(school_id: int) -> Response | tuple[str, int]:
    """Let a lesson of a day be as the timetable has it."""
    actor = current_actor()
    unit = school_for(actor, ARRANGE_SUBSTITUTES, school_id)
    form = LessonDayForm()
    if not form.validate_on_submit():
        return _page(unit, _asked_day(), None, _("Chọn tiết học và ngày.")), UNPROCESSABLE
    on = form.day.data or clock.today()
    commands.withdraw(actor, school_id, form.entry_id.data or 0, on)
    flash(_("Tiết này trở lại như thời khóa biểu."), "success")
    return _back(school_id, on, form.staff_id.data)


def _back(school_id: int, on: date, staff_id: int | None) -> Response:
    return redirect(
        url_for("substitutions.day", school_id=school_id, day=on.isoformat(), staff=staff_id or None)
    )


def _asked_day() -> date:
    try:
        return date.fromisoformat(request.values.get("day", ""))
    except ValueError:
        return clock.today()


def _page(unit: OrgUnit, on: date, staff_id: int | None, problem: str | None = None) -> str:
    session = db.session()
    lessons = queries.day_lessons(session, unit.id, on)
    staff = queries.staff_of_school(session, unit.id)
    own = [lesson for lesson in lessons if staff_id and lesson.staff_id == staff_id]
    return render_template(
        "timetables/substitutions.html",
        unit=unit,
        on=on,
        school_day=day_at_school(session, unit.id, on),
        staff=staff,
        absent=next((person for person in staff if person.id == staff_id), None),
        lessons=own,
        free={
            lesson.entry_id: [
                person
                for person in staff
                if person.id not in rules.busy_staff(lessons, lesson) | {lesson.staff_id}
            ]
            for lesson in own
        },
        changed=[lesson for lesson in lessons if lesson.change],
        teaching={lesson.staff_id for lesson in lessons},
        session_names=SESSION_NAMES,
        problem=problem,
    )


def changes_card(actor: Actor) -> dict[str, object] | None:
    """Return today's changes that concern the person, for the home page; None when there are none."""
    session = db.session()
    staff = staff_of_user(session, actor.user_id)
    if staff is None:
        return None
    changed = [
        lesson for lesson in queries.day_lessons(session, staff.school_id, clock.today()) if lesson.change
    ]
    taken = [lesson for lesson in changed if lesson.substitute_id == staff.id]
    given = [lesson for lesson in changed if lesson.staff_id == staff.id]
    if not taken and not given:
        return None
    return {"taken": taken, "given": given, "session_names": SESSION_NAMES}
