"""Pages of versions: the list of a school, a new draft, what a draft changes, publishing, the workbook."""

from __future__ import annotations

import secrets
from datetime import timedelta
from functools import cache, partial
from typing import TYPE_CHECKING, Final

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _

from app import clock, db
from app.errors import BangXanhError, InvalidError, NotFoundError
from app.http import current_actor, translate
from app.jobs import offload
from app.lists.rules import in_memory
from app.lists.views import answer as list_answer
from app.school.calendar.rules import WEEKDAY_NAMES
from app.school.models import OrgUnit, SchoolYear
from app.school.queries import place_of_unit, school_for, staff_of_user
from app.school.rules import SESSION_NAMES
from app.school.timetables.commands import versions as commands
from app.school.timetables.forms import DiscardForm, DraftForm, PublishForm
from app.school.timetables.queries import versions as queries
from app.school.timetables.queries.files import sheets_of
from app.school.timetables.rules.grid import CONFLICT_NAMES, by_class, conflicts_in, differences
from app.school.timetables.rules.marks import marks_in, marks_of
from app.school.timetables.rules.versions import EDIT_TIMETABLES, STATE_NAMES, VIEW_TIMETABLES, TimetableState
from app.school.timetables.rules.weeks import PATTERN_NAMES, monday_of
from app.school.timetables.rules.workbook import workbook_of
from app.school.timetables.views.history import versions_list
from app.text import file_name_safe

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from flask import Response as FileResponse
    from werkzeug.wrappers import Response

    from app.school.models import Timetable
    from app.school.timetables.rules.grid import ChangedClass, Difference, GridLesson

bp = Blueprint("timetables", __name__, template_folder="../templates")
UNPROCESSABLE: Final = 422
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_OPEN: Final = 60
"""So many changed cells are shown without being asked for."""
WORDS: Final = {
    "state_names": STATE_NAMES,
    "session_names": SESSION_NAMES,
    "pattern_names": PATTERN_NAMES,
    "conflict_names": CONFLICT_NAMES,
    "day_names": WEEKDAY_NAMES,
    "marks_in": marks_in,
    "memoised": cache,
}


@bp.get("/schools/<int:school_id>/timetables")
def versions(school_id: int) -> FileResponse | str:
    """List the versions of a school, with the form for a draft."""
    unit = school_for(current_actor(), VIEW_TIMETABLES, school_id)
    return _versions_page(unit)


@bp.post("/schools/<int:school_id>/timetables")
def draft(school_id: int) -> Response | tuple[FileResponse | str, int]:
    """Open a draft, empty or as a copy."""
    actor = current_actor()
    unit = school_for(actor, EDIT_TIMETABLES, school_id)
    form = DraftForm()
    year_id, source_id = form.year_id.data or 0, form.source_id.data or None
    if not form.validate_on_submit() or db.session().get(SchoolYear, year_id) is None:
        return _versions_page(unit, _("Chọn năm học và cách bắt đầu bản nháp.")), UNPROCESSABLE
    source = queries.timetable_for(actor, EDIT_TIMETABLES, source_id) if source_id is not None else None
    if source is not None and source.school_id != school_id:
        raise NotFoundError
    if source is not None and source.year_id != year_id:
        return _versions_page(
            unit, _("Chỉ sao chép được thời khóa biểu của cùng năm học: lớp của mỗi năm khác nhau.")
        ), UNPROCESSABLE
    made = commands.make_draft(actor, school_id, year_id, form.client_key.data or "", source_id)
    return redirect(url_for("timetables.version", timetable_id=made))


@bp.post("/timetables/<int:timetable_id>/discard")
def discard(timetable_id: int) -> Response:
    """Throw a draft away."""
    actor = current_actor()
    row = queries.timetable_for(actor, EDIT_TIMETABLES, timetable_id)
    school_id = row.school_id
    if not DiscardForm().validate_on_submit():
        return redirect(url_for("timetables.version", timetable_id=timetable_id))
    commands.discard_draft(actor, timetable_id)
    flash(_("Đã bỏ bản nháp. Thời khóa biểu đang áp dụng không đổi."), "success")
    return redirect(url_for("timetables.versions", school_id=school_id))


@bp.get("/timetables/<int:timetable_id>/changes")
def changes(timetable_id: int) -> str:
    """Show what a version changes and what collides in it; for a draft, the form to publish it."""
    row = queries.timetable_for(current_actor(), VIEW_TIMETABLES, timetable_id)
    form = PublishForm(formdata=None, starts_on=max(row.starts_on, _next_monday()))
    return _changes_page(row, form)


@bp.post("/timetables/<int:timetable_id>/publish")
def publish(timetable_id: int) -> Response | tuple[str, int]:
    """Let a draft hold from a day on."""
    actor = current_actor()
    row = queries.timetable_for(actor, EDIT_TIMETABLES, timetable_id)
    form = PublishForm()
    if not form.validate_on_submit():
        return _changes_page(row, form), UNPROCESSABLE
    try:
        starts_on = form.starts_on.data or clock.today()
        commands.publish(actor, timetable_id, starts_on, (form.reason.data or "").strip())
    except InvalidError as error:
        for name, why in error.fields.items():
            form[name].errors = [translate(why)]
        return _changes_page(row, form, error), UNPROCESSABLE
    flash(
        _("Đã công bố. Thời khóa biểu này áp dụng từ %(day)s.", day=starts_on.strftime("%d/%m/%Y")), "success"
    )
    return redirect(url_for("timetables.versions", school_id=row.school_id))


@bp.get("/timetables/<int:timetable_id>.xlsx")
def export(timetable_id: int) -> Response:
    """Give a version as a workbook: a wide sheet of all classes, then a sheet for each class."""
    row = queries.timetable_for(current_actor(), VIEW_TIMETABLES, timetable_id)
    session = db.session()
    sheets = sheets_of(session, row, clock.local(clock.now()).replace(tzinfo=None))
    name = file_name_safe(f"tkb {unit_of(row).name} {row.version}")
    session.rollback()
    answer = make_response(offload(lambda: workbook_of(sheets)))
    answer.headers["Content-Type"] = XLSX
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.xlsx"'
    return answer


# --- what the pages show ------------------------------------------------------------------------------------------


def unit_of(row: Timetable) -> OrgUnit:
    """Return the school of a version that was loaded for the actor."""
    return db.session().get_one(OrgUnit, row.school_id)


def may_edit(row: Timetable) -> bool:
    """Say whether the person may change this version: it is a draft of a school where they plan."""
    return row.state == TimetableState.DRAFT and current_actor().may(
        EDIT_TIMETABLES, place_of_unit(row.school_id)
    )


def _next_monday() -> date:
    """Return the day on which a new timetable usually begins."""
    return monday_of(clock.today()) + timedelta(days=7)


def conflict_url(lesson: GridLesson, timetable_id: int) -> str:
    """Return where a lesson of a draft is edited."""
    return url_for(
        "timetables.version", timetable_id=timetable_id, class_id=lesson.class_id, slot=lesson.slot.key
    )


def _teaches_here(unit: OrgUnit) -> bool:
    staff = staff_of_user(db.session(), current_actor().user_id)
    return staff is not None and staff.school_id == unit.id


def _versions_page(unit: OrgUnit, problem: str | None = None) -> FileResponse | str:
    session, today = db.session(), clock.today()
    found = queries.versions_of(session, unit.id, today)
    spec = versions_list(found)
    return list_answer(
        "timetables/versions.html",
        spec,
        in_memory(spec, found),
        unit=unit,
        versions=found,
        years=queries.years_to_plan(session, unit.id, today),
        client_key=secrets.token_urlsafe(24),
        problem=problem,
        teaches_here=_teaches_here(unit),
        may_edit=current_actor().may(EDIT_TIMETABLES, place_of_unit(unit.id)),
        **WORDS,
    )


def _changes_page(row: Timetable, form: PublishForm, error: BangXanhError | None = None) -> str:
    session = db.session()
    session.refresh(row)
    before = queries.compared_with(session, row)
    lessons = queries.grid_lessons(session, row.id)
    old = queries.grid_lessons(session, before.id) if before else []
    conflicts = conflicts_in(lessons)
    found = differences(old, lessons)
    year = session.get(SchoolYear, row.year_id)
    if year is None:
        raise NotFoundError
    return render_template(
        "timetables/changes.html",
        unit=unit_of(row),
        row=row,
        year=year,
        before=before,
        lessons=lessons,
        differences=found,
        groups=changed_classes(found),
        class_url=partial(url_for, "timetables.changes", timetable_id=row.id),
        conflicts=conflicts,
        marks=marks_of(lessons, conflicts),
        by_id={lesson.entry_id: lesson for lesson in lessons},
        form=form,
        conflict_url=partial(conflict_url, timetable_id=row.id),
        problem=translate(error.message) if isinstance(error, InvalidError) else None,
        may_edit=may_edit(row),
        **WORDS,
    )


def changed_classes(found: Sequence[Difference]) -> list[ChangedClass]:
    """Return the classes that differ. All are open while they are few; else the one in the address, or all of them.

    A new version of a school of forty classes differs in 1,200 cells: 300 ms of drawing that nobody reads at once.
    """
    opens_all = len(found) <= MOST_OPEN or request.args.get("all") == "1"
    return by_class(found, None if opens_all else request.args.get("class_id", type=int) or 0)
