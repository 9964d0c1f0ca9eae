"""Pages of the year rollover: begin, decide by class and by pupil, review, write, take back."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined] # newer than its types

from app import db
from app.errors import ConflictError, InvalidError, NotFoundError
from app.http import current_actor, translate
from app.jobs import Job, JobState, Progress, current_jobs
from app.school.queries import school_for
from app.school.rollover import commands, queries
from app.school.rollover.commands.applying import confirm_rollover
from app.school.rollover.commands.undoing import BuiltUponError, undo_rollover
from app.school.rollover.forms import BeginForm, class_choices, pupil_choices
from app.school.rollover.rules import (
    DECISION_NAMES,
    INTO_A_CLASS,
    ROLL_OVER,
    RolloverState,
    class_names,
    norm_of,
    plan_from_json,
)
from app.school.rollover.rules.previews import choices_of, first_grade_names
from app.school.rules import year_dates

if TYPE_CHECKING:
    from collections.abc import Callable

    from werkzeug.wrappers import Response

    from app.school.models import OrgUnit
    from app.school.rollover.models import Rollover
    from app.school.rollover.rules import ClassChoice
    from app.school.rollover.rules.previews import Standing
    from app.wiring import PupilAsked

bp = Blueprint("rollover", __name__, template_folder="templates")
UNPROCESSABLE = 422
CONFLICT = 409


@bp.get("/schools/<int:school_id>/rollover")
def index(school_id: int) -> Response | str:
    """Show how to begin, and the rollovers so far; a draft that lies open is gone on with."""
    unit = school_for(current_actor(), ROLL_OVER, school_id)
    if there := queries.open_rollover(db.session(), school_id):
        return redirect(url_for("rollover.show", rollover_id=there.id))
    return _index_page(unit, _begin_form(school_id))


@bp.post("/schools/<int:school_id>/rollover")
def begin(school_id: int) -> Response | tuple[str, int]:
    """Begin a rollover and go to its plan."""
    actor = current_actor()
    unit = school_for(actor, ROLL_OVER, school_id)
    form = _begin_form(school_id)
    if not form.validate_on_submit():
        return _index_page(unit, form), UNPROCESSABLE
    years = (form.from_year.data or "", form.to_year.data or "")
    try:
        rollover_id = commands.begin_rollover(actor, school_id, years, form.client_key.data or "")
    except InvalidError as error:
        db.session().rollback()
        form.to_year.errors = [translate(error.message)]
        return _index_page(unit, form), UNPROCESSABLE
    return redirect(url_for("rollover.show", rollover_id=rollover_id))


@bp.get("/rollovers/<int:rollover_id>")
def show(rollover_id: int) -> str:
    """Show a rollover as it stands: being decided, being written, written."""
    return _page(queries.rollover_for(current_actor(), rollover_id))


@bp.get("/rollovers/<int:rollover_id>/progress")
def progress(rollover_id: int) -> Response:
    """Answer how far the writing is; when it is over, have the page load itself anew."""
    row = queries.rollover_for(current_actor(), rollover_id)
    work = _work(row)
    answer = make_response(render_template("rollover/progress.html", row=row, work=work))
    if row.state != RolloverState.APPLYING:
        answer.headers["HX-Refresh"] = "true"
    return answer


@bp.post("/rollovers/<int:rollover_id>/classes")
def decide(rollover_id: int) -> Response | tuple[str, int]:
    """Write down what the classes do and show what comes of it."""
    row = queries.rollover_for(current_actor(), rollover_id)
    ids = list(choices_of(_standing(row), plan_from_json(row.plan)))

    def act() -> None:
        classes, first_grade, opens = _sent(ids)
        seen = request.form.get("seen", 0, type=int)
        commands.decide_classes(rollover_id, seen, classes, first_grade, opens=opens)

    return _tried(row, act, _("Đã lưu. Phần xem trước đã được tính lại."))


@bp.get("/rollovers/<int:rollover_id>/classes/<int:class_id>")
def pupils(rollover_id: int, class_id: int) -> Response | str:
    """Show the pupils of a class, each with what is decided; a rollover that is no draft shows what became of it."""
    row = queries.rollover_for(current_actor(), rollover_id)
    if row.state != RolloverState.DRAFT:
        return redirect(url_for("rollover.show", rollover_id=rollover_id))
    return _pupils_page(row, class_id)


@bp.post("/rollovers/<int:rollover_id>/classes/<int:class_id>")
def decide_pupils(rollover_id: int, class_id: int) -> Response | tuple[str, int]:
    """Write down what single pupils of a class do."""
    row = queries.rollover_for(current_actor(), rollover_id)
    preview = queries.preview_of_rollover(db.session(), row)
    ids = [one.pupil_id for one in preview.pupils if one.class_id == class_id]
    try:
        choices = pupil_choices(request.form, ids)
        commands.decide_pupils(rollover_id, request.form.get("seen", 0, type=int), choices)
    except (InvalidError, ConflictError) as error:
        db.session().rollback()
        return _pupils_page(row, class_id, translate(error.message)), UNPROCESSABLE
    flash(_("Đã lưu quyết định của từng em."), "success")
    return redirect(url_for("rollover.show", rollover_id=rollover_id))


@bp.post("/rollovers/<int:rollover_id>/apply")
def apply(rollover_id: int) -> Response | tuple[str, int]:
    """Confirm what was reviewed; the writing goes on whether the page stays open or not.

    What was changed on the page and not saved yet is saved and shown instead: it was not reviewed.
    """
    actor = current_actor()
    row = queries.rollover_for(actor, rollover_id)
    if _is_changed(row):
        return decide(rollover_id)
    confirm_rollover(actor, row.id, request.form.get("fingerprint", ""))
    return redirect(url_for("rollover.show", rollover_id=rollover_id))


@bp.post("/rollovers/<int:rollover_id>/discard")
def discard(rollover_id: int) -> Response:
    """Put a draft aside."""
    actor = current_actor()
    school_id = queries.rollover_for(actor, rollover_id).school_id
    commands.discard_rollover(actor, rollover_id)
    flash(_("Đã bỏ bản nháp. Không có gì được ghi."), "success")
    return redirect(url_for("rollover.index", school_id=school_id))


@bp.post("/rollovers/<int:rollover_id>/undo")
def undo(rollover_id: int) -> Response | tuple[str, int]:
    """Take a rollover back, or say what has built on it."""
    actor = current_actor()
    row = queries.rollover_for(actor, rollover_id)
    try:
        undo_rollover(actor, row.id)
    except BuiltUponError as error:
        db.session().rollback()
        return _page(row, reasons=[translate(reason) for reason in error.reasons]), CONFLICT
    return redirect(url_for("rollover.show", rollover_id=rollover_id))  # the page says that it was taken back


def pupil_part(asked: PupilAsked) -> dict[str, object] | None:
    """Return what rollovers did to a pupil, for the pupil's page; nothing for whom none did anything."""
    steps = queries.steps_of_pupil(db.session(), asked.pupil_id, asked.school_ids)
    return {"steps": steps, "names": DECISION_NAMES} if steps else None


# --- what the pages show ------------------------------------------------------------------------------------------


def _tried(row: Rollover, act: Callable[[], None], done: str) -> Response | tuple[str, int]:
    rollover_id = row.id
    try:
        act()
    except (InvalidError, ConflictError) as error:
        db.session().rollback()
        return _page(row, problem=translate(error.message)), UNPROCESSABLE
    flash(done, "success")
    return redirect(url_for("rollover.show", rollover_id=rollover_id))


def _standing(row: Rollover) -> Standing:
    old, new = queries.years_of(db.session(), row)
    return queries.standing_of(db.session(), row.school_id, old, new)


def _sent(class_ids: list[int]) -> tuple[dict[int, ClassChoice], tuple[str, ...], bool]:
    """Return what the page sends about the classes; raise InvalidError on a name that says no grade."""
    first_grade = class_names(request.form.get("first_grade", ""))
    return class_choices(request.form, class_ids), first_grade, bool(request.form.get("opens"))


def _is_changed(row: Rollover) -> bool:
    """Say whether the page sends other decisions than those that are saved; a page without them sends none."""
    if row.state != RolloverState.DRAFT or "seen" not in request.form:
        return False
    standing, plan = _standing(row), plan_from_json(row.plan)
    saved = choices_of(standing, plan)
    try:
        return _sent(list(saved)) != (saved, first_grade_names(standing, plan), plan.opens)
    except InvalidError:
        return True


def _begin_form(school_id: int) -> BeginForm:
    form = BeginForm()
    years = queries.years_to_roll(db.session(), school_id)
    form.from_year.choices = [SelectChoice(one.code, one.code) for one in years]
    if request.method == "GET":
        form.client_key.data = secrets.token_urlsafe(24)
        form.to_year.data = _following(years[0].code) if years else ""
    return form


def _following(code: str) -> str:
    first = year_dates(code)[0].year + 1
    return f"{first}-{first + 1}"


def _index_page(unit: OrgUnit, form: BeginForm) -> str:
    past = queries.rollovers_of(db.session(), unit.id)
    return render_template("rollover/index.html", unit=unit, form=form, past=past)


def _page(row: Rollover, *, problem: str = "", reasons: list[str] | None = None) -> str:
    session = db.session()
    session.refresh(row)
    old, new = queries.years_of(session, row)
    plan = plan_from_json(row.plan)
    is_draft = row.state == RolloverState.DRAFT
    standing = _standing(row) if is_draft else None
    return render_template(
        "rollover/rollover.html",
        unit=school_for(current_actor(), ROLL_OVER, row.school_id),
        row=row,
        old=old,
        new=new,
        plan=plan,
        preview=queries.preview_of(session, row.school_id, old, new, plan)[0] if is_draft else None,
        first_grade=", ".join(first_grade_names(standing, plan)) if standing else "",
        numbers=queries.numbers_of(row),
        decisions=DECISION_NAMES,
        norm_of=norm_of,
        work=_work(row),
        problem=problem,
        reasons=reasons,
    )


def _pupils_page(row: Rollover, class_id: int, problem: str = "") -> str:
    session = db.session()
    session.refresh(row)
    preview = queries.preview_of_rollover(session, row)
    line = next((one for one in preview.classes if one.source.id == class_id), None)
    if line is None:
        raise NotFoundError
    plan = plan_from_json(row.plan)
    return render_template(
        "rollover/class.html",
        row=row,
        line=line,
        pupils=[one for one in preview.pupils if one.class_id == class_id],
        own=plan.pupils,
        targets=[one.name for one in preview.targets],
        decisions=DECISION_NAMES,
        into=INTO_A_CLASS,
        problem=problem,
    )


def _work(row: Rollover) -> dict[str, Any]:
    """Return how far the writing is, and why the last try failed."""
    job = db.session().get(Job, row.job_id) if row.job_id else None
    running = job is not None and job.state == JobState.RUNNING
    return {
        "progress": current_jobs().progress(job.id) if job is not None and running else Progress(),
        "waiting": not running,
        "error": job.error if job is not None and row.state == RolloverState.DRAFT else None,
    }
