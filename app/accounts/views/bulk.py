"""Accounts for many people at once: the classes with who has one, runs of the job, slips of a whole run."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from flask import flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _

from app import clock, db
from app.access import Role
from app.accounts.commands import slips
from app.accounts.commands.runs import WantedRun, roles_with_source
from app.accounts.commands.runs import order_run as order
from app.accounts.queries import holders as queries
from app.accounts.rules import ROLE_NAMES
from app.accounts.rules.powers import MANAGE_ACCOUNTS
from app.accounts.views import bp
from app.accounts.views.managing import slip_sealer, slips_file
from app.errors import InvalidError
from app.http import current_actor
from app.i18n import say
from app.jobs import Progress, current_jobs
from app.school.queries import class_sizes, classes_of_school, latest_year, school_for

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

    from app.accounts.queries.holders import Run


@bp.get("/schools/<int:school_id>/accounts")
def bulk(school_id: int) -> str:
    """Show how many pupils of each class have an account, and the runs of late with their slips."""
    actor = current_actor()
    unit = school_for(actor, MANAGE_ACCOUNTS, school_id)
    session, today = db.session(), clock.today()
    year = latest_year(session, today)
    classes = classes_of_school(session, school_id, year.id) if year else []
    return render_template(
        "accounts/bulk.html",
        unit=unit,
        classes=classes,
        sizes=class_sizes(session, [row.id for row in classes], today),
        having=queries.pupils_with_accounts(session, school_id, year.id, today) if year else {},
        runs=queries.runs_of_school(session, school_id),
        roles=[role for role in (Role.PUPIL, Role.GUARDIAN) if role in roles_with_source()],
        role_names=ROLE_NAMES,
        progress_of=progress_of,
        form_key=secrets.token_urlsafe(16),
        own_id=actor.user_id,
    )


@bp.post("/schools/<int:school_id>/accounts")
def order_run(school_id: int) -> Response:
    """Have accounts made for a class or the school."""
    actor = current_actor()
    school_for(actor, MANAGE_ACCOUNTS, school_id)
    key, role = request.form.get("key", "")[:64], request.form.get("role", "")
    if not key or role not in set(Role):
        raise InvalidError(say("Hãy chọn lại cho ai cần tài khoản."))
    wanted = WantedRun(
        school_id=school_id,
        role=Role(role),
        client_key=key,
        class_id=request.form.get("class_id", type=int),
        resets=request.form.get("resets") == "1",
    )
    order(actor, wanted)
    flash(_("Đang tạo tài khoản. Bạn có thể rời trang này; phiếu sẽ nằm ở “Các lần tạo”."), "success")
    return redirect(url_for("accounts.bulk", school_id=school_id))


@bp.get("/account-runs/<int:run_id>/progress")
def run_progress(run_id: int) -> Response:
    """Answer the page's question how far a run is; have the page load itself anew when it is over."""
    found = queries.run_for(current_actor(), run_id)
    answer = make_response(
        render_template("accounts/run_progress.html", run=found, progress=progress_of(found))
    )
    if not found.is_waiting:
        answer.headers["HX-Refresh"] = "true"
    return answer


@bp.post("/account-runs/<int:run_id>/slips.pdf")
def take_run_slips(run_id: int) -> Response:
    """Hand out every slip of a run that is left as one file, a sheet begun for each class, once."""
    actor = current_actor()
    found = queries.run_for(actor, run_id)
    school = school_for(actor, MANAGE_ACCOUNTS, found.row.school_id).name
    title = found.class_name or school
    groups = slips.peek_run_slips(slip_sealer(), actor, run_id)
    answer = slips_file(groups, school, title)
    slips.take_run_slips(actor, run_id, sum(len(group) for group in groups))
    return answer


def progress_of(found: Run) -> Progress:
    """Return how far the job of a run is."""
    return current_jobs().progress(found.row.job_id) if found.row.job_id else Progress()
