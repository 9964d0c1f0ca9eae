"""Pages of staff: the list of a school, and a roster of staff in: file, preview, accounts and slips."""

from __future__ import annotations

import secrets
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _

from app import db
from app.accounts.rules.powers import MANAGE_ACCOUNTS
from app.errors import InvalidError
from app.http import current_actor, translate
from app.i18n import N_
from app.intake.rules.reading import refuse_size, sheets_in
from app.jobs import Job, JobState, Progress, current_jobs
from app.lists.rules import Column, Filter, ListSpec, choices_of, in_memory
from app.lists.views import answer
from app.school.choosing.views import choose_school
from app.school.queries import place_of_unit, school_for, schools_for
from app.staff import commands, queries
from app.staff.forms import StaffRosterForm
from app.staff.rules import IMPORT_STAFF, VIEW_STAFF
from app.staff.rules.roster import Kind, from_json, people_in
from app.staff.rules.states import ImportState
from app.text import natural_key

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flask import Response as FileResponse
    from werkzeug.wrappers import Response

    from app.school.models import OrgUnit
    from app.staff.models import StaffImport
    from app.staff.queries import Line
    from app.staff.rules.roster import Person

bp = Blueprint("staff", __name__, template_folder="templates")


@bp.get("/staff")
def schools() -> Response | str:
    """Go to the staff of the one school within reach, or let the person choose."""
    found = schools_for(current_actor(), VIEW_STAFF)
    if len(found) == 1:
        return redirect(url_for("staff.index", school_id=found[0].id))
    return choose_school(_("Nhân sự"), "staff.index", found)


@bp.get("/schools/<int:school_id>/staff")
def index(school_id: int) -> FileResponse | str:
    """List a school's staff, searched with accents or without."""
    actor = current_actor()
    unit = school_for(actor, VIEW_STAFF, school_id)
    place = place_of_unit(school_id)
    found = queries.staff_of_school(db.session(), school_id)
    spec = _staff_list(school_id, found, may_open=actor.may(MANAGE_ACCOUNTS, place))
    return answer(
        "staff/index.html",
        spec,
        in_memory(spec, found),
        unit=unit,
        may_import=actor.may(IMPORT_STAFF, place),
        may_open=actor.may(MANAGE_ACCOUNTS, place),
    )


def _staff_list(school_id: int, found: Sequence[Line], *, may_open: bool) -> ListSpec[Line]:
    return ListSpec(
        name="staff",
        title=N_("Nhân sự"),
        columns=(
            Column(
                "name",
                N_("Họ và tên"),
                lambda row: row.staff.full_name,
                order=lambda row: row.staff.name_sort,
            ),
            Column("position", N_("Vị trí việc làm"), lambda row: row.position),
            Column("subjects", N_("Môn dạy"), lambda row: row.subjects),
            Column("email", N_("Email"), lambda row: row.email),
            Column(
                "account",
                N_("Tài khoản"),
                lambda row: row.user.username if row.user else "",
                link=lambda row: (
                    url_for("accounts.person", user_id=row.user.id) if may_open and row.user else None
                ),
            ),
        ),
        filters=_staff_filters(found),
        search_label=N_("Tìm theo tên, môn, email hoặc tên đăng nhập"),
        search=lambda row: " ".join(
            (row.staff.full_name, row.subjects, row.email, row.user.username if row.user else "")
        ),
        page_size=100,
        subject=("school", school_id),
    )


def _staff_filters(found: Sequence[Line]) -> tuple[Filter[Line], ...]:
    return (
        Filter(
            "position",
            N_("Vị trí việc làm"),
            choices_of(found, lambda row: row.position),
            lambda row, wanted: row.position == wanted,
        ),
        Filter(
            "subject",
            N_("Môn dạy"),
            tuple(
                (one, one) for one in sorted({s for row in found for s in row.each_subject}, key=natural_key)
            ),
            lambda row, wanted: wanted in row.each_subject,
        ),
        Filter(
            "account",
            N_("Tài khoản"),
            (("has", N_("Đã có tài khoản")), ("none", N_("Chưa có tài khoản"))),
            lambda row, wanted: (row.user is not None) == (wanted == "has"),
        ),
    )


@bp.route("/schools/<int:school_id>/staff/imports", methods=["GET", "POST"])
def upload(school_id: int) -> Response | str | tuple[str, int]:
    """Take a staff roster and go to its preview; the file is read once and not kept."""
    actor = current_actor()
    unit = school_for(actor, IMPORT_STAFF, school_id)
    form = StaffRosterForm()
    if request.method == "GET":
        form.client_key.data = secrets.token_urlsafe(24)
        return _upload_page(unit, form)
    if not form.validate_on_submit():
        return _upload_page(unit, form), 422
    content, name = form.file.data.read(), form.file.data.filename or ""
    db.session().rollback()
    try:
        refuse_size(len(content))
        people = _read(content)
    except InvalidError as error:
        form.file.errors = [translate(error.message)]
        return _upload_page(unit, form), 422
    import_id = commands.stage(actor, school_id, name, people, form.client_key.data or "")
    return redirect(url_for("staff.show", staff_import_id=import_id))


def _read(content: bytes) -> list[Person]:
    """Return the people of a file. A process of its own reads it, and waiting for that lets the event loop go on.

    Never in a native thread: there gevent cannot watch a process.
    """
    with TemporaryDirectory() as folder:
        path = Path(folder) / "roster"
        path.write_bytes(content)
        return people_in(sheets_in(path))


def _upload_page(unit: OrgUnit, form: StaffRosterForm) -> str:
    return render_template("staff/upload.html", unit=unit, form=form)


@bp.get("/staff/imports/<int:staff_import_id>")
def show(staff_import_id: int) -> str:
    """Show a roster as it stands: previewed, being applied, applied."""
    row = queries.import_for(current_actor(), staff_import_id)
    people = from_json(row.preview)
    return render_template(
        "staff/import.html",
        row=row,
        unit=school_for(current_actor(), IMPORT_STAFF, row.school_id),
        groups={kind: [one for one in people if one.kind is kind] for kind in Kind},
        work=_work(row),
    )


@bp.get("/staff/imports/<int:staff_import_id>/progress")
def progress(staff_import_id: int) -> Response:
    """Answer the page's question how far the work is; have the page load itself anew when it is over."""
    row = queries.import_for(current_actor(), staff_import_id)
    work = _work(row)
    answer = make_response(render_template("staff/progress.html", row=row, work=work))
    if row.state != ImportState.APPLYING or work["failed"]:
        answer.headers["HX-Refresh"] = "true"
    return answer


@bp.post("/staff/imports/<int:staff_import_id>/apply")
def apply(staff_import_id: int) -> Response:
    """Confirm a preview; the accounts are made by a job."""
    actor = current_actor()
    row = queries.import_for(actor, staff_import_id)
    commands.confirm(actor, row.id)
    return redirect(url_for("staff.show", staff_import_id=staff_import_id))


@bp.post("/staff/imports/<int:staff_import_id>/discard")
def discard(staff_import_id: int) -> Response:
    """Put a roster aside; nothing was written."""
    actor = current_actor()
    row = queries.import_for(actor, staff_import_id)
    school_id = row.school_id
    commands.discard(actor, row.id)
    flash(_("Đã bỏ lần nhập này. Không có gì được ghi."), "success")
    return redirect(url_for("staff.index", school_id=school_id))


def _work(row: StaffImport) -> dict[str, object]:
    job = db.session().get(Job, row.job_id) if row.job_id else None
    running = job is not None and job.state == JobState.RUNNING
    return {
        "progress": current_jobs().progress(job.id) if job is not None and running else Progress(),
        "failed": row.state == ImportState.APPLYING and job is not None and job.state == JobState.FAILED,
    }
