"""Pages of the school: its classes, a class with its pupils."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, render_template, url_for

from app import clock, db
from app.http import current_actor, translate
from app.i18n import N_
from app.lists.rules import Column, Filter, ListSpec, choices_of, in_memory
from app.lists.views import answer
from app.school import queries
from app.school.rules import (
    IMPORT_ROSTER,
    LEVEL_NAMES,
    PRINT_CARDS,
    VIEW_CLASS,
    VIEW_PUPIL,
    VIEW_SCHOOL,
)
from app.school.timetables.rules.days import ARRANGE_SUBSTITUTES

if TYPE_CHECKING:
    from flask import Response

    from app.school.models import SchoolClass

bp = Blueprint("school", __name__, template_folder="templates")


@bp.get("/schools")
def schools() -> Response | str:
    """List the schools that the person may see."""
    rows = queries.school_lines(current_actor(), VIEW_SCHOOL, clock.today())
    spec = _schools_list()
    return answer("school/schools.html", spec, in_memory(spec, rows))


def _schools_list() -> ListSpec[queries.SchoolLine]:
    return ListSpec(
        name="schools",
        title=N_("Danh sách trường"),
        columns=(
            Column(
                "name",
                N_("Trường"),
                lambda row: row.unit.name,
                order=lambda row: row.unit.name_sort,
                link=lambda row: url_for("school.school", school_id=row.unit.id),
            ),
            Column("code", N_("Mã trường"), lambda row: row.unit.code),
            Column("ward", N_("Đơn vị cấp trên"), lambda row: row.parent, order=lambda row: row.parent_sort),
            Column("levels", N_("Cấp học"), lambda row: level_words(row.levels)),
            Column("classes", N_("Số lớp"), lambda row: row.counts.classes, numeric=True),
            Column("pupils", N_("Số học sinh"), lambda row: row.counts.pupils, numeric=True),
        ),
        filters=(
            Filter(
                "level",
                N_("Cấp học"),
                tuple((level.value, name) for level, name in LEVEL_NAMES.items()),
                lambda row, level: level in row.levels,
            ),
        ),
        search_label=N_("Tìm theo tên, mã hoặc phường xã"),
        search=lambda row: f"{row.unit.name} {row.unit.code} {row.parent}",
    )


def level_words(levels: str) -> str:
    """Return a school's levels in words: "12" is "Tiểu học, THCS"."""
    return ", ".join(translate(name) for level, name in LEVEL_NAMES.items() if level in levels)


@bp.get("/schools/<int:school_id>")
def school(school_id: int) -> Response | str:
    """Show a school: its classes of this year with their sizes."""
    actor, today = current_actor(), clock.today()
    unit = queries.school_for(actor, VIEW_SCHOOL, school_id)
    year = queries.latest_year(db.session(), today)
    classes = queries.classes_of_school(db.session(), school_id, year.id) if year else []
    place = queries.place_of_unit(school_id)
    sizes = queries.class_sizes(db.session(), [row.id for row in classes], today)
    spec = _classes_list(classes, sizes, may_open=actor.may(VIEW_CLASS, place))
    return answer(
        "school/school.html",
        spec,
        in_memory(spec, classes),
        unit=unit,
        year=year,
        classes=classes,
        sizes=sizes,
        may_list=actor.may(VIEW_PUPIL, place),
        may_import=actor.may(IMPORT_ROSTER, place),
        may_arrange=actor.may(ARRANGE_SUBSTITUTES, place),
    )


@bp.get("/classes")
def classes() -> Response | str:
    """List the classes that the person may see this year."""
    actor, today = current_actor(), clock.today()
    year = queries.latest_year(db.session(), today)
    found = queries.classes_for(actor, VIEW_CLASS, year.id) if year else []
    sizes = queries.class_sizes(db.session(), [row.id for row in found], today)
    spec = _classes_list(found, sizes, may_open=True)
    return answer("school/classes.html", spec, in_memory(spec, found), year=year)


def _classes_list(
    found: list[SchoolClass], sizes: dict[int, int], *, may_open: bool
) -> ListSpec[SchoolClass]:
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
            Column("pupils", N_("Sĩ số"), lambda row: sizes.get(row.id, 0), numeric=True),
        ),
        filters=(
            Filter(
                "grade",
                N_("Khối"),
                choices_of(found, lambda row: str(row.grade)),
                lambda row, grade: str(row.grade) == grade,
            ),
        ),
        search_label=N_("Tìm lớp"),
        search=lambda row: row.name,
        page_size=100,
    )


@bp.get("/classes/<int:class_id>")
def school_class(class_id: int) -> str:
    """Show a class with its pupils of today, by given name."""
    actor, today = current_actor(), clock.today()
    found = queries.class_for(actor, VIEW_CLASS, class_id)
    return render_template(
        "school/class.html",
        school_class=found,
        pupils=queries.pupils_in_class(db.session(), class_id, today),
        may_open_pupil=actor.may(VIEW_PUPIL, queries.place_of_class(found)),
        may_print_cards=actor.may(PRINT_CARDS, queries.place_of_class(found)),
    )
