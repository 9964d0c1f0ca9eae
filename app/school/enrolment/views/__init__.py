"""Pages of the steps of enrolment: one form each, from a pupil's page or from the school's list."""

from __future__ import annotations

import secrets
from datetime import date
from typing import TYPE_CHECKING

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined] # newer than its types

from app import clock, db
from app.errors import ConflictError, InvalidError
from app.http import current_actor, translate
from app.lists.rules import in_memory
from app.lists.views import answer
from app.school.enrolment import commands, queries
from app.school.enrolment.forms import ClassForm, CorrectForm, EnrolForm, LeaveForm, StepForm, TransferForm
from app.school.enrolment.rules import KEEP_ENROLMENT, Coming, LeavingReason, Verb
from app.school.enrolment.views.lists import arrivals_list
from app.school.queries import class_for, class_sizes, classes_of_school, latest_year, school_for

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Response as FileResponse
    from werkzeug.wrappers import Response

    from app.school.enrolment.rules import ClassStay, Stay
    from app.school.models import Pupil, SchoolYear

bp = Blueprint("enrolment", __name__, template_folder="../templates")
UNPROCESSABLE = 422
FORMS: dict[str, type[StepForm]] = {
    Verb.MOVE: ClassForm,
    Verb.TRANSFER: TransferForm,
    Verb.LEAVE: LeaveForm,
    Verb.RETURN: ClassForm,
    Verb.CORRECT: CorrectForm,
}


@bp.get("/pupils/<int:pupil_id>/<any(move,transfer,leave,return,correct):verb>")
def ask(pupil_id: int, verb: str) -> str:
    """Show the form of a step for a pupil whose record this school keeps."""
    pupil, school_id = queries.kept_pupil_for(current_actor(), KEEP_ENROLMENT, pupil_id)
    return _step_page(pupil, school_id, Verb(verb), _form(Verb(verb), pupil_id, school_id))


@bp.post("/pupils/<int:pupil_id>/<any(move,transfer,leave,return,correct):verb>")
def take(pupil_id: int, verb: str) -> Response | tuple[str, int]:
    """Take a step and go back to the pupil's page."""
    pupil, school_id = queries.kept_pupil_for(current_actor(), KEEP_ENROLMENT, pupil_id)
    form = _form(Verb(verb), pupil_id, school_id)
    if form.validate_on_submit() and _tried(form, lambda: _take(pupil_id, school_id, Verb(verb), form)):
        flash(_("Đã ghi. Có thể hoàn tác trên trang này."), "success")
        return redirect(url_for("pupils.page", pupil_id=pupil_id))
    return _step_page(pupil, school_id, Verb(verb), form), UNPROCESSABLE


@bp.post("/enrolment/<int:step_id>/undo")
def undo(step_id: int) -> Response:
    """Take a step back and go to the pupil's page."""
    actor = current_actor()
    change = queries.change_for(actor, KEEP_ENROLMENT, step_id)
    pupil_id = change.pupil_id
    commands.undo_change(actor, step_id)
    flash(_("Đã hoàn tác."), "success")
    return redirect(url_for("pupils.page", pupil_id=pupil_id))


@bp.get("/schools/<int:school_id>/pupils/new")
def new(school_id: int) -> str:
    """Show the form for a pupil who is enrolled by hand."""
    unit = school_for(current_actor(), KEEP_ENROLMENT, school_id)
    return render_template("enrolment/new.html", unit=unit, form=_enrol_form(school_id))


@bp.post("/schools/<int:school_id>/pupils/new")
def enrol(school_id: int) -> Response | tuple[str, int]:
    """Enrol a pupil by hand and go to the pupil's page."""
    unit = school_for(current_actor(), KEEP_ENROLMENT, school_id)
    form = _enrol_form(school_id)
    if form.validate_on_submit() and (pupil_id := _tried(form, lambda: _enrol(form))):
        flash(_("Đã ghi danh."), "success")
        return redirect(url_for("pupils.page", pupil_id=pupil_id))
    return render_template("enrolment/new.html", unit=unit, form=form), UNPROCESSABLE


@bp.get("/schools/<int:school_id>/arrivals")
def arrivals(school_id: int) -> FileResponse | str:
    """List the pupils whom other schools have transferred here."""
    unit = school_for(current_actor(), KEEP_ENROLMENT, school_id)
    offers = queries.offers_to(db.session(), school_id)
    spec = arrivals_list(school_id, offers)
    return answer("enrolment/arrivals.html", spec, in_memory(spec, offers), unit=unit)


@bp.get("/arrivals/<int:offer_id>")
def arrival(offer_id: int) -> str:
    """Show the form that takes a transferred pupil in."""
    offer = queries.offer_for(current_actor(), KEEP_ENROLMENT, offer_id)
    return _arrival_page(offer_id, offer.to_school_id or 0, offer.day)


@bp.post("/arrivals/<int:offer_id>")
def accept(offer_id: int) -> Response | tuple[str, int]:
    """Take a transferred pupil in and go to the pupil's page."""
    actor = current_actor()
    offer = queries.offer_for(actor, KEEP_ENROLMENT, offer_id)
    school_id, pupil_id, day = offer.to_school_id or 0, offer.pupil_id, offer.day
    form = _class_form(school_id, day)
    if form.validate_on_submit() and _tried(
        form, lambda: commands.accept_transfer(actor, offer_id, form.class_id.data, _step(form))
    ):
        flash(_("Đã tiếp nhận."), "success")
        return redirect(url_for("pupils.page", pupil_id=pupil_id))
    return _arrival_page(offer_id, school_id, day, form), UNPROCESSABLE


# --- what is done -------------------------------------------------------------------------------------------------


def _step(form: StepForm) -> commands.Step:
    return commands.Step(form.client_key.data or "", form.day.data or clock.today(), form.note.data or "")


def _take(pupil_id: int, school_id: int, verb: Verb, form: StepForm) -> int:
    actor, step = current_actor(), _step(form)
    if isinstance(form, TransferForm):
        to = commands.Destination(form.to_school_id.data or None, form.destination.data or "")
        return commands.transfer_pupil(actor, pupil_id, school_id, to, step)
    if isinstance(form, LeaveForm):
        reason = LeavingReason(form.reason.data)
        return commands.end_enrolment(actor, pupil_id, school_id, reason, step)
    if isinstance(form, CorrectForm):
        wrong = date.fromisoformat(form.wrong_day.data)
        return commands.correct_date(actor, pupil_id, school_id, wrong, step)
    class_id = class_for(actor, KEEP_ENROLMENT, form.class_id.data).id
    if verb is Verb.MOVE:
        return commands.move_pupil(actor, pupil_id, class_id, step)
    return commands.return_pupil(actor, pupil_id, class_id, step)


def _enrol(form: EnrolForm) -> int:
    new_one = commands.NewPupil(
        form.full_name.data or "",
        form.birth_date.data or clock.today(),
        form.sex.data or "",
        form.ministry_code.data or None,
    )
    return commands.enrol_pupil(
        current_actor(),
        new_one,
        form.class_id.data,
        Coming(form.how.data),
        _step(form),
        is_another=bool(form.is_another.data),
    )


def _tried(form: StepForm, act: Callable[[], int]) -> int | None:
    """Do it; what a rule refuses is told in the form, and None returned."""
    try:
        return act()
    except (InvalidError, ConflictError) as error:
        db.session().rollback()
        fields = dict(error.fields) if isinstance(error, InvalidError) else {}
        for name, what in fields.items():
            if name in form:
                form[name].errors = [*form[name].errors, translate(what)]
        form.form_errors.append(translate(error.message))
        return None


# --- what the pages show ------------------------------------------------------------------------------------------


def _fresh(form: StepForm, day: date) -> None:
    """Give a form that is shown for the first time its key and a day to begin with."""
    if request.method == "GET":
        form.client_key.data = secrets.token_urlsafe(24)
        form.day.data = day


def _form(verb: Verb, pupil_id: int, school_id: int) -> StepForm:
    form, session = FORMS[verb](), db.session()
    if isinstance(form, ClassForm):
        form.class_id.choices = _class_choices(school_id)
    if isinstance(form, TransferForm):
        form.to_school_id.choices = [
            SelectChoice(0, _("(không có trong danh sách)")),
            *(SelectChoice(unit.id, unit.name) for unit in queries.other_schools(session, school_id)),
        ]
    if isinstance(form, CorrectForm):
        form.wrong_day.choices = _day_choices(pupil_id, school_id)
    _fresh(form, clock.today())
    return form


def _class_form(school_id: int, day: date) -> ClassForm:
    form = ClassForm()
    form.class_id.choices = _class_choices(school_id)
    _fresh(form, max(day, clock.today()))
    return form


def _enrol_form(school_id: int) -> EnrolForm:
    form = EnrolForm()
    form.class_id.choices = _class_choices(school_id)
    _fresh(form, clock.today())
    return form


def _class_choices(school_id: int) -> list[SelectChoice]:
    """Return the classes of the present year and of the coming one, with their sizes."""
    session, today = db.session(), clock.today()
    year = latest_year(session, today)
    coming = queries.year_after(session, year) if year else None
    found: list[SelectChoice] = []
    for one in filter(None, (year, coming)):
        classes = classes_of_school(session, school_id, one.id)
        sizes = class_sizes(session, [row.id for row in classes], max(today, one.starts_on))
        found += [
            SelectChoice(row.id, _class_label(row.name, sizes.get(row.id, 0), one))
            for row in classes
            if row.closed_on is None
        ]
    return found


def _class_label(name: str, size: int, year: SchoolYear) -> str:
    return str(_("%(name)s (sĩ số %(size)s, %(year)s)", name=name, size=size, year=year.code))


def _day_choices(pupil_id: int, school_id: int) -> list[SelectChoice]:
    """Return the days on which something began or ended for a pupil at a school, the latest first."""
    history = queries.history_of(db.session(), pupil_id)
    every: list[Stay | ClassStay] = [*history.stays, *history.classes]
    rows = [one for one in every if one.school_id == school_id]
    days = {day for one in rows for day in (one.starts_on, one.ends_on) if day is not None}
    return [SelectChoice(day.isoformat(), f"{day:%d/%m/%Y}") for day in sorted(days, reverse=True)]


def _step_page(pupil: Pupil, school_id: int, verb: Verb, form: StepForm) -> str:
    history = queries.history_of(db.session(), pupil.id)
    return render_template(
        "enrolment/step.html",
        pupil=pupil,
        verb=verb,
        form=form,
        is_here=any(one.ends_on is None and one.school_id == school_id for one in history.stays),
        periods=queries.periods_of(db.session(), history, [school_id]),
    )


def _arrival_page(offer_id: int, school_id: int, day: date, form: ClassForm | None = None) -> str:
    offers = queries.offers_to(db.session(), school_id)
    return render_template(
        "enrolment/arrival.html",
        unit=school_for(current_actor(), KEEP_ENROLMENT, school_id),
        offer=next((one for one in offers if one.change_id == offer_id), None),
        form=form or _class_form(school_id, day),
    )
