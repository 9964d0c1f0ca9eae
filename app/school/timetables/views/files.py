"""Pages of timetable files: choose one, see what it would be, say what words mean, make the draft."""

from __future__ import annotations

import secrets
from functools import partial
from typing import TYPE_CHECKING, Final

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from app import clock, db
from app.errors import InvalidError
from app.http import current_actor, translate
from app.jobs import offload
from app.school.models import OrgUnit, SchoolYear
from app.school.queries import classes_of_school, school_for
from app.school.timetables.commands import files as commands
from app.school.timetables.forms import TimetableFileForm
from app.school.timetables.queries import files as queries
from app.school.timetables.queries.days import staff_of_school
from app.school.timetables.queries.versions import subjects, years_to_plan
from app.school.timetables.rules.known import WordKind
from app.school.timetables.rules.versions import EDIT_TIMETABLES
from app.school.timetables.views.versions import UNPROCESSABLE, WORDS, bp, changed_classes

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

    from app.school.timetables.models import TimetableImport

SHOWN_LINES: Final = 200
NEW_SUBJECT: Final = "new"


@bp.get("/schools/<int:school_id>/timetables/import")
def choose(school_id: int) -> str:
    """Show the form for a file."""
    unit = school_for(current_actor(), EDIT_TIMETABLES, school_id)
    return _file_page(unit, TimetableFileForm(client_key=secrets.token_urlsafe(24)))


@bp.post("/schools/<int:school_id>/timetables/import")
def upload(school_id: int) -> Response | tuple[str, int]:
    """Read a file and go to its preview."""
    actor = current_actor()
    unit = school_for(actor, EDIT_TIMETABLES, school_id)
    form = TimetableFileForm()
    year_id = form.year_id.data or 0
    if not form.validate_on_submit() or db.session().get(SchoolYear, year_id) is None:
        return _file_page(unit, form), UNPROCESSABLE
    file = commands.TimetableFile(form.file.data.filename or "", form.file.data.read())
    form.file.data.close()
    try:
        # The reader is a process of its own: waiting for it lets others go on, and a native thread cannot wait for it.
        import_id = commands.stage_file(actor, school_id, year_id, file, form.client_key.data or "")
    except InvalidError as error:
        form.file.errors = [translate(error.message)]
        return _file_page(unit, form), UNPROCESSABLE
    return redirect(url_for("timetables.preview", timetable_import_id=import_id))


@bp.get("/timetable-imports/<int:timetable_import_id>")
def preview(timetable_import_id: int) -> Response | str:
    """Show what a file would be; once it is a draft, go there."""
    row = queries.import_for(current_actor(), timetable_import_id)
    if row.timetable_id is not None:
        return redirect(url_for("timetables.version", timetable_id=row.timetable_id))
    return _preview_page(row)


@bp.post("/timetable-imports/<int:timetable_import_id>/words")
def explain(timetable_import_id: int) -> Response | tuple[str, int]:
    """Remember what words of this file mean, and read it again."""
    actor = current_actor()
    row = queries.import_for(actor, timetable_import_id)
    try:
        for kind, word, target_id in _meanings():
            commands.explain_word(actor, row.school_id, kind, word, target_id)
        for word, name in _new_subjects():
            commands.explain_new_subject(actor, row.school_id, word, name)
    except InvalidError as error:
        return _preview_page(row, translate(error.message)), UNPROCESSABLE
    flash(_("Đã ghi nhớ. Tệp sau của trường cũng được hiểu như vậy."), "success")
    return redirect(url_for("timetables.preview", timetable_import_id=timetable_import_id))


@bp.post("/timetable-imports/<int:timetable_import_id>/apply")
def apply(timetable_import_id: int) -> Response | tuple[str, int]:
    """Make the draft."""
    actor = current_actor()
    row = queries.import_for(actor, timetable_import_id)
    try:
        made = offload(partial(commands.apply_file, actor, row.id))
    except InvalidError as error:
        return _preview_page(row, translate(error.message)), UNPROCESSABLE
    flash(_("Đã tạo bản nháp từ tệp. Kiểm tra rồi công bố khi sẵn sàng."), "success")
    return redirect(url_for("timetables.version", timetable_id=made))


# --- what the pages show ------------------------------------------------------------------------------------------


def _meanings() -> list[tuple[WordKind, str, int]]:
    """Return what was chosen: fields `word-N` (kind:word) and `means-N` (an id; empty: nothing chosen)."""
    found = []
    for name, value in request.form.items():
        kind, _colon, word = value.partition(":")
        target = request.form.get(name.replace("word-", "means-"), "")
        if name.startswith("word-") and kind in list(WordKind) and target.isdecimal():
            found.append((WordKind(kind), word, int(target[:9])))
    return found


def _new_subjects() -> list[tuple[str, str]]:
    """Return (word, name) of the subjects that are to be added: fields `means-N` with "new", `name-N` with the name."""
    return [
        (
            request.form.get(name.replace("means-", "word-"), "").partition(":")[2],
            request.form.get(name.replace("means-", "name-"), ""),
        )
        for name, value in request.form.items()
        if name.startswith("means-") and value == NEW_SUBJECT
    ]


def _file_page(unit: OrgUnit, form: TimetableFileForm) -> str:
    return render_template(
        "timetables/import.html",
        unit=unit,
        form=form,
        years=years_to_plan(db.session(), unit.id, clock.today()),
    )


def _preview_page(row: TimetableImport, problem: str | None = None) -> str:
    session = db.session()
    found = offload(partial(queries.preview_by_id, row.id))
    words = list(
        dict.fromkeys(
            (one.kind, one.word, one.reason, one.written) for one in found.matched.unmatched if one.kind
        )
    )
    return render_template(
        "timetables/preview.html",
        unit=session.get_one(OrgUnit, row.school_id),
        year=session.get_one(SchoolYear, row.year_id),
        row=row,
        preview=found,
        groups=changed_classes(found.differences),
        class_url=partial(url_for, "timetables.preview", timetable_import_id=row.id),
        words=words,
        choices={
            WordKind.SUBJECT: [(one.id, one.name) for one in subjects(session)],
            WordKind.TEACHER: [(one.id, one.full_name) for one in staff_of_school(session, row.school_id)],
            WordKind.CLASS: [
                (one.id, one.name) for one in classes_of_school(session, row.school_id, row.year_id)
            ],
        },
        by_id={lesson.entry_id: lesson for lesson in found.lessons},
        problem=problem,
        shown=SHOWN_LINES,
        **WORDS,
    )
