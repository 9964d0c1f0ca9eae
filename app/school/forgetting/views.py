"""The page on which the principal has a pupil forgotten: what becomes of what, how far it is, the outcome."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, make_response, redirect, render_template, url_for

from app import db
from app.errors import ConflictError
from app.http import current_actor, translate, tried
from app.jobs import JobState, Progress, current_jobs
from app.school.enrolment.queries import keeping_school, kept_pupil_for
from app.school.forgetting import commands, queries
from app.school.forgetting.forms import ForgetForm
from app.school.forgetting.rules import FATE_NAMES, FORGET_PUPIL, WHY
from app.school.queries import place_of_unit

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

    from app.jobs import Job
    from app.school.models import Pupil
    from app.wiring import PupilAsked

bp = Blueprint("forgetting", __name__, template_folder="templates")
UNPROCESSABLE = 422


@bp.get("/pupils/<int:pupil_id>/forget")
def page(pupil_id: int) -> str:
    """Show what would become of everything about a pupil who has left, or how far it is, or that it is done."""
    pupil, _school = kept_pupil_for(current_actor(), FORGET_PUPIL, pupil_id)
    return _page(pupil, ForgetForm())


@bp.post("/pupils/<int:pupil_id>/forget")
def order(pupil_id: int) -> Response | tuple[str, int]:
    """Have a job forget the pupil and go to where its progress is shown."""
    actor = current_actor()
    pupil, _school = kept_pupil_for(actor, FORGET_PUPIL, pupil_id)
    form = ForgetForm()
    if form.validate_on_submit() and _is_ordered(pupil_id, form):
        return redirect(url_for("forgetting.page", pupil_id=pupil_id))
    return _page(pupil, form), UNPROCESSABLE


@bp.post("/pupils/<int:pupil_id>/forget/wipe")
def wipe(pupil_id: int) -> Response:
    """Have the file of the database wiped again, where that was cut off or refused."""
    actor = current_actor()
    kept_pupil_for(actor, FORGET_PUPIL, pupil_id)
    commands.order_wiping(actor, pupil_id)
    return redirect(url_for("forgetting.page", pupil_id=pupil_id))


@bp.get("/pupils/<int:pupil_id>/forget/progress")
def progress(pupil_id: int) -> Response:
    """Answer how far it is; when it is over, have the page load itself anew."""
    kept_pupil_for(current_actor(), FORGET_PUPIL, pupil_id)
    job = queries.last_try(db.session(), pupil_id)
    answer = make_response(
        render_template("forgetting/progress.html", pupil_id=pupil_id, progress=_progress(job))
    )
    if job is None or job.state in queries.OVER:
        answer.headers["HX-Refresh"] = "true"
    return answer


def done_part(asked: PupilAsked) -> dict[str, object] | None:
    """Return that a pupil was forgotten, for the pupil's page."""
    done = queries.forgotten(db.session(), asked.pupil_id)
    return {"pupil_id": asked.pupil_id, "done": done, "is_mine": _is_mine(asked.pupil_id)} if done else None


def way_part(asked: PupilAsked) -> dict[str, object] | None:
    """Return the way to forgetting a pupil who has left, for the page that somebody reads who may do it."""
    if not _is_mine(asked.pupil_id) or not queries.has_left(db.session(), asked.pupil_id):
        return None
    return None if queries.forgotten(db.session(), asked.pupil_id) else {"pupil_id": asked.pupil_id}


def _is_mine(pupil_id: int) -> bool:
    """Say whether the reader may have a pupil forgotten."""
    school_id = keeping_school(db.session(), pupil_id)
    return school_id is not None and current_actor().may(FORGET_PUPIL, place_of_unit(school_id))


# --- what is done, what is shown ------------------------------------------------------------------------------------


def _is_ordered(pupil_id: int, form: ForgetForm) -> bool:
    reason, typed = form.reason.data or "", form.typed.data or ""
    return tried(form, lambda: commands.order_forgetting(current_actor(), pupil_id, reason, typed))


def _page(pupil: Pupil, form: ForgetForm) -> str:
    session, job = db.session(), queries.last_try(db.session(), pupil.id)
    done = queries.forgotten(session, pupil.id)
    is_running = job is not None and job.state not in queries.OVER
    refusal, preview = "", None
    if not (done or is_running):
        try:
            preview = queries.preview_of(session, queries.leaving(session, pupil.id))
        except ConflictError as error:
            refusal = translate(error.message)
    return render_template(
        "forgetting/page.html",
        pupil=pupil,
        pupil_id=pupil.id,
        form=form,
        done=done,
        preview=preview,
        refusal=refusal,
        fault=translate(job.error) if job is not None and job.state == JobState.FAILED and job.error else "",
        progress=_progress(job) if is_running else None,
        names=FATE_NAMES,
        why=WHY,
        is_on_sqlite=session.get_bind().dialect.name == "sqlite",
    )


def _progress(job: Job | None) -> Progress:
    return current_jobs().progress(job.id) if job is not None else Progress()
