"""The months of a school: how far each is taken, closing it, opening it again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, flash, make_response, redirect, render_template, url_for
from flask_babel import gettext as _

from app import clock, db
from app.http import current_actor
from app.jobs import JobState, Progress, current_jobs, offload
from app.school.queries import latest_year, place_of_unit, school_for
from attendance.months.commands import order_closing, reopen_month
from attendance.months.forms import ReopenForm
from attendance.months.queries import closing_jobs, months_of_school
from attendance.months.rules import CLOSE_MONTH, REOPEN_MONTH, VIEW_MONTHS, Month

if TYPE_CHECKING:
    from flask import Response as FileResponse
    from werkzeug.wrappers import Response

    from app.jobs import Job

bp = Blueprint("months", __name__, template_folder="../templates")


@bp.get("/attendance/months/<int:school_id>")
def of_school(school_id: int) -> str:
    """Show the months of the school year with what is taken, closed, opened again."""
    actor, today = current_actor(), clock.today()
    unit = school_for(actor, VIEW_MONTHS, school_id)
    year, place = latest_year(db.session(), today), place_of_unit(school_id)
    last = min(today, year.ends_on) if year else today
    lines = months_of_school(db.session(), school_id, year.starts_on, last) if year else []
    jobs = closing_jobs(db.session(), school_id, [line.month for line in lines])
    return render_template(
        "months/school.html",
        unit=unit,
        lines=lines,
        running={month: _progress_of(job) for month, job in jobs.items() if _is_at_it(job)},
        failed={month: job.error for month, job in jobs.items() if job.state == JobState.FAILED},
        this_month=Month.of(today),
        may_close=actor.may(CLOSE_MONTH, place),
        may_reopen=actor.may(REOPEN_MONTH, place),
        local=clock.local,
    )


@bp.post("/attendance/months/<int:school_id>/<month>/close")
def close(school_id: int, month: str) -> Response:
    """Have a job close a month."""
    actor = current_actor()
    school_for(actor, CLOSE_MONTH, school_id)
    order_closing(actor, school_id, Month.read(month))
    return redirect(url_for("months.of_school", school_id=school_id))


@bp.get("/attendance/months/<int:school_id>/<month>/progress")
def progress(school_id: int, month: str) -> FileResponse:
    """Answer the page's question how far a closing is; have the page load itself anew when it is over."""
    unit, wanted = school_for(current_actor(), VIEW_MONTHS, school_id), Month.read(month)
    job = closing_jobs(db.session(), school_id, [wanted]).get(wanted)
    answer = make_response(
        render_template("months/progress.html", unit=unit, month=wanted, progress=_progress_of(job))
    )
    if not _is_at_it(job):
        answer.headers["HX-Refresh"] = "true"
    return answer


def _is_at_it(job: Job | None) -> bool:
    return job is not None and job.state in {JobState.QUEUED, JobState.RUNNING}


def _progress_of(job: Job | None) -> Progress:
    return current_jobs().progress(job.id) if job is not None else Progress()


@bp.post("/attendance/months/<int:school_id>/<month>/reopen")
def reopen(school_id: int, month: str) -> Response:
    """Open a closed month again, with the reason."""
    actor = current_actor()
    school_for(actor, REOPEN_MONTH, school_id)
    form, wanted = ReopenForm(), Month.read(month)
    form.validate_on_submit()
    why = (form.why.data or "").strip()[:200]
    offload(lambda: reopen_month(actor, school_id, wanted, why))
    flash(_("Đã mở lại tháng %(month)s.", month=wanted.words), "success")
    return redirect(url_for("months.of_school", school_id=school_id))
