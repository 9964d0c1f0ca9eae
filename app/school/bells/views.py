"""Pages of bell schedules."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Final

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from app import clock, db
from app.errors import InvalidError
from app.http import current_actor, translate
from app.i18n import say
from app.school.bells import commands, queries, rules
from app.school.bells.forms import DropForm, PlanForm, periods_of
from app.school.bells.rules import EDIT_BELLS
from app.school.queries import place_of_unit, school_for
from app.school.rules import SESSION_NAMES, VIEW_SCHOOL

if TYPE_CHECKING:
    from collections.abc import Mapping

    from werkzeug.wrappers import Response

    from app.school.bells.rules import Plan
    from app.school.models import OrgUnit

bp = Blueprint("bells", __name__, template_folder="templates")
UNPROCESSABLE: Final = 422


@bp.get("/schools/<int:school_id>/bells")
def plans(school_id: int) -> str:
    """Show the bell schedules of a school, and the editor with the present one in it."""
    unit = school_for(current_actor(), VIEW_SCHOOL, school_id)
    return _page(unit, PlanForm(starts_on=clock.today()))


@bp.post("/schools/<int:school_id>/bells")
def save(school_id: int) -> Response | tuple[str, int]:
    """Let a schedule hold from a day on."""
    actor = current_actor()
    unit = school_for(actor, EDIT_BELLS, school_id)
    form = PlanForm()
    if not form.validate_on_submit():
        return _page(unit, form, request.form), UNPROCESSABLE
    try:
        plan = replace(form.plan, periods=tuple(periods_of(request.form)))
        commands.save_plan(actor, school_id, plan)
    except InvalidError as error:
        if "starts_on" in error.fields:
            form.starts_on.errors = [translate(error.fields["starts_on"])]
        return _page(unit, form, request.form, error), UNPROCESSABLE
    flash(_("Đã lưu lịch giờ học."), "success")
    return redirect(url_for("bells.plans", school_id=school_id))


@bp.post("/schools/<int:school_id>/bells/<plan_day>/drop")
def drop(school_id: int, plan_day: str) -> Response:
    """Take back a schedule that has not begun yet."""
    actor = current_actor()
    school_for(actor, EDIT_BELLS, school_id)
    try:
        starts_on = date.fromisoformat(plan_day)
    except ValueError as error:
        raise InvalidError(say("Ngày không hợp lệ.")) from error
    form = DropForm()
    if not form.validate_on_submit():
        raise InvalidError(say("Chọn khối từ 1 đến 12."))
    grades = range(form.first_grade.data or rules.GRADES[0], (form.last_grade.data or rules.GRADES[-1]) + 1)
    commands.drop_plan(actor, school_id, starts_on, grades)
    flash(_("Đã bỏ lịch giờ học từ %(day)s.", day=starts_on.strftime("%d/%m/%Y")), "success")
    return redirect(url_for("bells.plans", school_id=school_id))


def _page(
    unit: OrgUnit, form: PlanForm, sent: Mapping[str, str] | None = None, error: InvalidError | None = None
) -> str:
    known = queries.bell_plans(db.session(), unit.id)
    today = clock.today()
    now = [plan for plan in known if plan.holds(today)]
    present = next(iter(now), known[-1] if known else None)
    return render_template(
        "bells/plans.html",
        unit=unit,
        plans=list(reversed(known)),
        present=now,
        form=form,
        lines=rules.session_lines(),
        values=sent if sent is not None else _values(present),
        wrong={key: translate(why) for key, why in error.fields.items()} if error else {},
        problem=translate(error.message) if error else None,
        session_names=SESSION_NAMES,
        may_edit=current_actor().may(EDIT_BELLS, place_of_unit(unit.id)),
    )


def _values(plan: Plan | None) -> dict[str, str]:
    """Return what the editor's inputs hold for a schedule."""
    values: dict[str, str] = {}
    for period in plan.periods if plan else ():
        values[f"{period.key}-begins"] = period.begins_at.strftime("%H:%M")
        values[f"{period.key}-finishes"] = period.finishes_at.strftime("%H:%M")
        values[f"{period.key}-programme"] = str(period.programme_session)
    return values
