"""Pages of the school: its classes, a class with its pupils."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from flask import Blueprint, current_app, url_for

from app import clock, db
from app.http import current_actor
from app.i18n import N_, say
from app.lists.rules import Column, Filter, ListSpec, choices_of, in_memory
from app.lists.views import answer
from app.school import queries
from app.school.choosing.views import schools_list
from app.school.classes.queries import class_lines
from app.school.classes.rules import KEEP_CLASSES, ClassLine, is_over_norm, size_norm
from app.school.classes.views.page import class_page
from app.school.rules import (
    IMPORT_ROSTER,
    VIEW_CLASS,
    VIEW_PUPIL,
    VIEW_SCHOOL,
)
from app.school.setup.queries import state_of
from app.school.setup.rules import SET_UP_SCHOOL
from app.school.timetables.rules.days import ARRANGE_SUBSTITUTES

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Response

    from app.access import Actor
    from app.lists.rules import Slice, Wanted

bp = Blueprint("school", __name__, template_folder="templates")


@bp.get("/schools")
def schools() -> Response | str:
    """List the schools that the person may see."""
    lines = queries.school_lines(db.session(), queries.schools_for(current_actor(), VIEW_SCHOOL))
    spec = schools_list(
        "school.school",
        lines,
        Column("classes", N_("Số lớp"), lambda row: row.counts.classes, numeric=True),
        Column("pupils", N_("Số học sinh"), lambda row: row.counts.pupils, numeric=True),
    )
    return answer("school/schools.html", spec, _counted(spec, lines))


def _counted(
    spec: ListSpec[queries.SchoolLine], lines: list[queries.SchoolLine]
) -> Callable[[Wanted], Slice[queries.SchoolLine]]:
    """Return the source of the list. Pupils are counted for the schools of the page, for all only where they sort."""
    session, today = db.session(), clock.today()

    def answer(wanted: Wanted) -> Slice[queries.SchoolLine]:
        if wanted.order in {"classes", "pupils"}:
            return in_memory(spec, queries.counted_lines(session, lines, today))(wanted)
        found = in_memory(spec, lines)(wanted)
        return replace(found, rows=queries.counted_lines(session, found.rows, today))

    return answer


@bp.get("/schools/<int:school_id>")
def school(school_id: int) -> Response | str:
    """Show a school: what it has, what today is there, what is missing, its classes of this year."""
    actor, today = current_actor(), clock.today()
    unit = queries.school_for(actor, VIEW_SCHOOL, school_id)
    year = queries.latest_year(db.session(), today)
    classes = queries.classes_of_school(db.session(), school_id, year.id) if year else []
    place = queries.place_of_unit(school_id)
    told = class_lines(db.session(), classes, max(today, year.starts_on) if year else today)
    spec = _classes_list(told, may_open=actor.may(VIEW_CLASS, place))
    return answer(
        "school/school.html",
        spec,
        in_memory(spec, told),
        unit=unit,
        year=year,
        state=state_of(db.session(), school_id, today),
        today_here=queries.day_at_school(db.session(), school_id, today),
        lessons=len(queries.lessons_on(db.session(), school_id, today)),
        parts=school_parts(actor, school_id),
        may_list=actor.may(VIEW_PUPIL, place),
        may_import=actor.may(IMPORT_ROSTER, place),
        may_arrange=actor.may(ARRANGE_SUBSTITUTES, place),
        may_keep=actor.may(KEEP_CLASSES, place),
        may_set_up=actor.may(SET_UP_SCHOOL, place),
    )


def school_parts(actor: Actor, school_id: int) -> list[tuple[str, dict[str, object]]]:
    """Return what other packages tell on a school's home."""
    built = [
        (part.template, part.build(actor, school_id))
        for part in current_app.extensions["bangxanh.school_parts"]
    ]
    return [(template, context) for template, context in built if context is not None]


@bp.get("/classes")
def classes() -> Response | str:
    """List the classes that the person may see this year."""
    actor, today = current_actor(), clock.today()
    year = queries.latest_year(db.session(), today)
    found = queries.classes_for(actor, VIEW_CLASS, year.id) if year else []
    told = class_lines(db.session(), found, max(today, year.starts_on) if year else today)
    spec = _classes_list(told, may_open=True)
    has_school = bool(actor.unit_ids(VIEW_CLASS))
    return answer("school/classes.html", spec, in_memory(spec, told), year=year, has_school=has_school)


def _classes_list(found: list[ClassLine], *, may_open: bool) -> ListSpec[ClassLine]:
    return ListSpec(
        name="classes",
        title=N_("Lớp"),
        columns=(
            Column(
                "name",
                N_("Lớp"),
                lambda row: row.name,
                order=lambda row: row.name_sort,
                link=lambda row: url_for("school.school_class", class_id=row.id) if may_open else None,
            ),
            Column("grade", N_("Khối"), lambda row: row.grade, numeric=True),
            Column("homeroom", N_("Giáo viên chủ nhiệm"), lambda row: row.homeroom),
            Column("pupils", N_("Sĩ số"), lambda row: row.size, numeric=True),
            Column(
                "note", N_("Cần để ý"), _class_note, tone=lambda row: "warn" if _class_note(row) else None
            ),
        ),
        filters=(
            Filter(
                "grade",
                N_("Khối"),
                choices_of(found, lambda row: str(row.grade)),
                lambda row, grade: str(row.grade) == grade,
            ),
        ),
        search_label=N_("Tìm theo lớp hoặc giáo viên"),
        search=lambda row: f"{row.name} {row.homeroom}",
        page_size=100,
    )


def _class_note(row: ClassLine) -> str:
    """Return what somebody should look at, the most important first; nothing for a class that is in order."""
    if row.closed_on is not None:
        return say("Đóng từ %(day)s", day=f"{row.closed_on:%d/%m/%Y}")
    if not row.homeroom:
        return say("Chưa có chủ nhiệm")
    if is_over_norm(row.size, row.grade):
        return say("Vượt định mức %(norm)s em", norm=size_norm(row.grade))
    return ""


@bp.get("/classes/<int:class_id>")
def school_class(class_id: int) -> Response | str:
    """Show a class as it is today, or was on a day: its teachers, its pupils by given name."""
    actor = current_actor()
    return class_page(actor, queries.class_for(actor, VIEW_CLASS, class_id))
