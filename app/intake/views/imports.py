"""Pages of the intake: bring a file, see what it would change, confirm, come back to the result."""

from __future__ import annotations

import secrets
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined] # newer than its types

from app import clock, db
from app.contacts.rules import SEE_SWITCHES
from app.errors import InvalidError
from app.http import current_actor, translate
from app.intake import queries
from app.intake.commands import imports
from app.intake.commands.undoing import BuiltUponError, undo_import
from app.intake.forms import ConfirmForm, UploadForm
from app.intake.rules.bad_rows import bad_rows_workbook
from app.intake.rules.dating import Choice, Leaving, year_choices
from app.intake.rules.meanings import is_personal
from app.intake.rules.preview import from_json, phrase_from_json
from app.intake.rules.reading import refuse_size
from app.intake.rules.remedies import remedy_from_json
from app.intake.rules.rows import CONTACT_FIELDS, FIELD_NAMES, Field
from app.intake.rules.states import ImportState
from app.intake.views.history import history_list
from app.jobs import Job, JobState, Progress, current_jobs, offload
from app.lists.rules import in_memory
from app.lists.views import answer
from app.school.choosing.views import choose_school
from app.school.models import SchoolYear
from app.school.queries import (
    class_sizes,
    classes_of_school,
    latest_year,
    place_of_unit,
    school_for,
    schools_for,
)
from app.school.rules import IMPORT_ROSTER, VIEW_CLASS
from app.text import file_name_safe

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flask import Response as FileResponse
    from werkzeug.wrappers import Response

    from app.intake.models import RosterImport
    from app.school.models import OrgUnit

bp = Blueprint("intake", __name__, template_folder="../templates")
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
UNPROCESSABLE: Final = 422
CONFLICT: Final = 409
SHOWN_LINES: Final = 100
"""So many lines of each list stand in the page; the rest is counted. A school's first import has thousands."""
WORKING: Final = frozenset({ImportState.UPLOADED, ImportState.APPLYING})


@bp.get("/imports")
def schools() -> Response | str:
    """Go to the one school for which the person imports, or let them choose."""
    found = schools_for(current_actor(), IMPORT_ROSTER)
    if len(found) == 1:
        return redirect(url_for("intake.index", school_id=found[0].id))
    return choose_school(_("Nhập từ Excel"), "intake.index", found)


@bp.get("/schools/<int:school_id>/imports")
def index(school_id: int) -> FileResponse | str:
    """Show the form for a file, and the imports so far."""
    unit = school_for(current_actor(), IMPORT_ROSTER, school_id)
    return _index_page(unit, _upload_form())


@bp.post("/schools/<int:school_id>/imports")
def upload(school_id: int) -> Response | tuple[FileResponse | str, int]:
    """Take a file and go to its preview."""
    actor = current_actor()
    unit = school_for(actor, IMPORT_ROSTER, school_id)
    form = _upload_form()
    if not form.validate_on_submit():
        return _index_page(unit, form), UNPROCESSABLE
    content = form.file.data.read()
    form.file.data.close()
    try:
        refuse_size(len(content))
        sent = imports.Upload(form.file.data.filename or "", content)
        import_id = imports.stage_import(actor, school_id, form.year.data, sent, form.client_key.data or "")
    except InvalidError as error:
        form.file.errors = [translate(error.message)]
        return _index_page(unit, form), UNPROCESSABLE
    return redirect(url_for("intake.show", import_id=import_id))


@bp.get("/imports/<int:import_id>")
def show(import_id: int) -> str:
    """Show an import as it stands: being read, previewed, being written, written."""
    row = queries.import_for(current_actor(), import_id)
    return import_page(row)


@bp.get("/imports/<int:import_id>/progress")
def progress(import_id: int) -> Response:
    """Answer the page's question how far the work is; when it is over, have the page load itself anew."""
    row = queries.import_for(current_actor(), import_id)
    work = _work(row)
    answer = make_response(render_template("intake/progress.html", row=row, work=work))
    if row.state not in WORKING or work["failed"]:
        answer.headers["HX-Refresh"] = "true"
    return answer


@bp.post("/imports/<int:import_id>/apply")
def apply(import_id: int) -> Response | tuple[str, int]:
    """Confirm a preview; the writing goes on whether the page stays open or not."""
    actor = current_actor()
    row = queries.import_for(actor, import_id)
    form = ConfirmForm()
    if not form.validate_on_submit():
        return import_page(row, form), UNPROCESSABLE
    choice = Choice(ends_missing=bool(form.ends_missing.data), leaving=Leaving(form.leaving.data))
    try:
        imports.confirm_import(actor, import_id, choice, many_confirmed=bool(form.confirm_many.data))
    except InvalidError as error:
        form.confirm_many.errors = [translate(error.message)]
        return import_page(row, form), UNPROCESSABLE
    return redirect(url_for("intake.show", import_id=import_id))


@bp.post("/imports/<int:import_id>/retry")
def retry(import_id: int) -> Response:
    """Begin again what failed."""
    actor = current_actor()
    row = queries.import_for(actor, import_id)
    imports.retry_import(actor, row.id)
    return redirect(url_for("intake.show", import_id=import_id))


@bp.post("/imports/<int:import_id>/discard")
def discard(import_id: int) -> Response:
    """Put an import aside that was not written."""
    actor = current_actor()
    row = queries.import_for(actor, import_id)
    school_id = row.school_id
    imports.discard_import(actor, import_id)
    flash(_("Đã bỏ lần nhập này. Không có gì được ghi."), "success")
    return redirect(url_for("intake.index", school_id=school_id))


@bp.post("/imports/<int:import_id>/undo")
def undo(import_id: int) -> Response | tuple[str, int]:
    """Take an import back, or say what has built on it."""
    actor = current_actor()
    row = queries.import_for(actor, import_id)
    try:
        offload(partial(undo_import, actor, row.id))
    except BuiltUponError as error:
        return import_page(row, reasons=[translate(reason) for reason in error.reasons]), CONFLICT
    flash(_("Đã hoàn tác lần nhập này. Danh sách trở lại như trước khi nhập."), "success")
    return redirect(url_for("intake.show", import_id=import_id))


@bp.get("/imports/<int:import_id>/bad-rows.xlsx")
def bad_rows(import_id: int) -> Response:
    """Give the bad rows with their reasons as a workbook that can be mended and brought again."""
    row = queries.import_for(current_actor(), import_id)
    if row.preview is None:
        return redirect(url_for("intake.show", import_id=import_id))
    titles = (_("Dòng trong tệp"), _("Trang"), _("Cần sửa"))
    answer = make_response(bad_rows_workbook(from_json(row.preview).bad, titles, translate))
    name = file_name_safe(row.file_name.rpartition(".")[0] or row.file_name)
    answer.headers["Content-Type"] = XLSX
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}-dong-loi.xlsx"'
    return answer


# --- what the pages show ------------------------------------------------------------------------------------------


def _upload_form() -> UploadForm:
    form = UploadForm()
    today = clock.today()
    current = latest_year(db.session(), today)
    codes = year_choices(today, current.code if current else None)
    form.year.choices = [SelectChoice(code, code) for code in codes]
    if request.method == "GET":
        form.client_key.data = secrets.token_urlsafe(24)
        form.year.data = codes[0]
    return form


def _index_page(unit: OrgUnit, form: UploadForm) -> FileResponse | str:
    history = queries.imports_of_school(db.session(), unit.id)
    spec = history_list(history)
    sees_switches = current_actor().may(SEE_SWITCHES, place_of_unit(unit.id))
    return answer(
        "intake/index.html",
        spec,
        in_memory(spec, history),
        unit=unit,
        form=form,
        may_see_switches=sees_switches,
    )


def field_choices(school_id: int) -> list[tuple[str, str]]:
    """Return (field, its name) of everything that a column may mean at a school."""
    contact = queries.reading_of(db.session(), school_id).contact
    offered = [
        field for field in Field if field is not Field.NUMBER and field not in CONTACT_FIELDS - contact
    ]
    return [(field.value, translate(FIELD_NAMES[field])) for field in offered]


def import_page(
    row: RosterImport,
    form: ConfirmForm | None = None,
    *,
    refusal: str = "",
    reasons: Sequence[str] | None = None,
) -> str:
    """Return the page of an import; `refusal` and `reasons` (against an undo) say why something was not done."""
    session = db.session()
    session.refresh(row)
    year = session.get_one(SchoolYear, row.year_id)
    classes = (
        classes_of_school(session, row.school_id, row.year_id) if row.state == ImportState.APPLIED else []
    )
    return render_template(
        "intake/import.html",
        unit=school_for(current_actor(), IMPORT_ROSTER, row.school_id),
        row=row,
        year=year,
        form=form or ConfirmForm(),
        refusal=refusal,
        reasons=reasons,
        undoable=queries.is_undoable(session, row),
        people=queries.people_of(session, row),
        undo_days=imports.KEPT_FOR.days,
        remedy=remedy_from_json(row.remedy) if row.remedy else None,
        fields=field_choices(row.school_id),
        personal=is_personal,
        preview=from_json(row.preview) if row.preview else None,
        numbers=queries.numbers_of(row),
        problem=phrase_from_json(row.problem) if row.problem else None,
        work=_work(row),
        classes=classes,
        may_open_class=current_actor().may(VIEW_CLASS, place_of_unit(row.school_id)),
        sizes=class_sizes(session, [item.id for item in classes], max(clock.today(), year.starts_on)),
        shown=SHOWN_LINES,
    )


def _work(row: RosterImport) -> dict[str, Any]:
    """Return how far the job of an import is, and whether it failed."""
    job = db.session().get(Job, row.job_id) if row.job_id else None
    running = job is not None and job.state == JobState.RUNNING
    return {
        "progress": current_jobs().progress(job.id) if job is not None and running else Progress(),
        "failed": row.state in WORKING and job is not None and job.state == JobState.FAILED,
        "waiting": row.state in WORKING and not running,
    }
