"""Pages of a class's teachers: appointed, replaced and ended, each from a day on; the homerooms of a whole school."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined] # newer than its types

from app import clock, db
from app.errors import ConflictError, InvalidError
from app.http import current_actor, translate
from app.school.classes import queries
from app.school.classes.commands import appointing
from app.school.classes.forms import EndForm, HomeroomForm, HomeroomsForm, SubjectForm
from app.school.classes.rules import KEEP_CLASSES
from app.school.classes.views.keeping import UNPROCESSABLE, bp, show_refusal
from app.school.queries import (
    class_for,
    class_sizes,
    classes_of_school,
    latest_year,
    place_of_class,
    school_for,
)
from app.school.rules import VIEW_CLASS
from app.school.timetables.queries.versions import subjects

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from flask_wtf import FlaskForm
    from werkzeug.wrappers import Response

    from app.school.models import OrgUnit, SchoolClass


@bp.get("/classes/<int:class_id>/teachers")
def teachers(class_id: int) -> str:
    """Show who teaches a class, from when to when, with the forms for who may appoint."""
    return _page(class_for(current_actor(), VIEW_CLASS, class_id))


@bp.post("/classes/<int:class_id>/homeroom")
def appoint_homeroom(class_id: int) -> Response | tuple[str, int]:
    """Make somebody homeroom teacher from a day on, in place of who is then."""
    actor = current_actor()
    found = class_for(actor, KEEP_CLASSES, class_id)
    form = _with_staff(HomeroomForm(), found.school_id)
    staff_id, day = form.staff_id.data, form.starts_on.data or clock.today()
    return _done(found, form, lambda: appointing.appoint_homeroom(actor, class_id, staff_id, day))


@bp.post("/classes/<int:class_id>/subjects")
def appoint_subject(class_id: int) -> Response | tuple[str, int]:
    """Have somebody teach a subject from a day on, perhaps in place of somebody."""
    actor = current_actor()
    found = class_for(actor, KEEP_CLASSES, class_id)
    form = _with_staff(SubjectForm(), found.school_id)
    replaces = form.replaces.data or ""
    wanted = int(replaces[:9]) if replaces.isdecimal() else None
    staff_id, day, subject = form.staff_id.data, form.starts_on.data or clock.today(), form.subject.data or ""
    return _done(
        found,
        form,
        lambda: appointing.appoint_subject(actor, class_id, staff_id, subject, day, replaces=wanted),
    )


@bp.post("/classes/<int:class_id>/teachers/end")
def end_duty(class_id: int) -> Response | tuple[str, int]:
    """End the duty of a subject teacher, or of the homeroom teacher, without putting anybody in their place."""
    actor = current_actor()
    found = class_for(actor, KEEP_CLASSES, class_id)
    form = EndForm()
    duty_id, day = form.duty_id.data, form.day.data or clock.today()
    if duty_id:
        return _done(found, form, lambda: appointing.end_subject(actor, class_id, duty_id, day))
    return _done(found, form, lambda: appointing.end_homeroom(actor, class_id, day))


@bp.get("/schools/<int:school_id>/homerooms")
def homerooms(school_id: int) -> str:
    """Show all classes of a school with their homeroom teachers, to appoint them in one go."""
    unit = school_for(current_actor(), KEEP_CLASSES, school_id)
    return _homerooms_page(unit, HomeroomsForm(starts_on=_first_day(school_id)))


@bp.post("/schools/<int:school_id>/homerooms")
def appoint_homerooms(school_id: int) -> Response | tuple[str, int]:
    """Appoint what is chosen for the classes of a school, from one day on."""
    actor = current_actor()
    unit = school_for(actor, KEEP_CLASSES, school_id)
    form, chosen = HomeroomsForm(), _chosen(school_id)
    if form.validate_on_submit():
        try:
            made = appointing.appoint_homerooms(
                actor, school_id, chosen, form.starts_on.data or clock.today()
            )
        except (InvalidError, ConflictError) as error:
            db.session().rollback()
            show_refusal(form, error)
        else:
            text = ngettext(
                "Đã phân công chủ nhiệm %(num)s lớp.", "Đã phân công chủ nhiệm %(num)s lớp.", made
            )
            flash(text, "success")
            return redirect(url_for("classes.homerooms", school_id=school_id))
    return _homerooms_page(unit, form, chosen), UNPROCESSABLE


# --- what the pages show ------------------------------------------------------------------------------------------


def _done(found: SchoolClass, form: FlaskForm, work: Callable[[], object]) -> Response | tuple[str, int]:
    """Do the work of a valid form and go back to the teachers; else show them again with what is wrong."""
    class_id, problem = found.id, ""
    if form.validate_on_submit():
        try:
            work()
        except (InvalidError, ConflictError) as error:
            db.session().rollback()
            faults = error.fields.values() if isinstance(error, InvalidError) else ()
            problem = " ".join(translate(one) for one in (error.message, *faults))
        else:
            flash(_("Đã ghi phân công. Quyền xem lớp đi theo phân công."), "success")
            return redirect(url_for("classes.teachers", class_id=class_id))
    faults_of_form = [str(text) for texts in form.errors.values() for text in texts]
    return _page(found, problem or " ".join(faults_of_form)), UNPROCESSABLE


def _with_staff(form: HomeroomForm, school_id: int) -> HomeroomForm:
    form.staff_id.choices = [
        SelectChoice(0, _("(chọn giáo viên)")),
        *(SelectChoice(row.id, row.full_name) for row in queries.staff_to_choose(db.session(), school_id)),
    ]
    return form


def _page(found: SchoolClass, problem: str = "") -> str:
    session, actor, today = db.session(), current_actor(), clock.today()
    homeroom, taught = (
        queries.homerooms_of(session, found.id),
        queries.subject_teachers_of(session, found.id),
    )
    return render_template(
        "classes/teachers.html",
        school_class=found,
        homerooms=homeroom,
        taught=taught,
        holder=next((line for line in homeroom if line.state(today) == "now"), None),
        may_keep=actor.may(KEEP_CLASSES, place_of_class(found)) and found.closed_on is None,
        staff=queries.staff_to_choose(session, found.school_id),
        subjects=subjects(session),
        first=max(today, queries.year_span(session, found)[0]),
        problem=problem,
    )


def _first_day(school_id: int) -> date:
    """Return the day that homerooms are offered from: the year's first while nobody has one, then today.

    Whoever changes a few of them in November is not to rewrite September.
    """
    session, today = db.session(), clock.today()
    year = latest_year(session, today)
    if year is None:
        return today
    classes = classes_of_school(session, school_id, year.id)
    day = max(today, year.starts_on)
    return day if queries.homeroom_staff(session, [row.id for row in classes], day) else year.starts_on


def _chosen(school_id: int) -> dict[int, int]:
    """Return {class: teacher} as the form has it; what names nobody is left out."""
    year = latest_year(db.session(), clock.today())
    classes = classes_of_school(db.session(), school_id, year.id) if year else []
    sent = {row.id: request.form.get(f"class-{row.id}", "") for row in classes}
    return {key: int(value[:9]) for key, value in sent.items() if value.isdecimal() and int(value[:9])}


def _homerooms_page(unit: OrgUnit, form: HomeroomsForm, chosen: dict[int, int] | None = None) -> str:
    session, today = db.session(), clock.today()
    year = latest_year(session, today)
    every = classes_of_school(session, unit.id, year.id) if year else []
    classes = [row for row in every if row.closed_on is None]
    ids = [row.id for row in classes]
    held = queries.homeroom_staff(session, ids, max(today, year.starts_on) if year else today)
    return render_template(
        "classes/homerooms.html",
        unit=unit,
        form=form,
        classes=classes,
        sizes=class_sizes(session, ids, max(today, year.starts_on) if year else today),
        held=held,
        chosen=held | (chosen or {}),
        staff=queries.staff_to_choose(session, unit.id),
    )
