"""A class's school year: the page, the workbook, the PDF; and the page to copy into the school record from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from flask import Blueprint, make_response, render_template, request
from flask_babel import gettext as _

from app import clock, db
from app.http import current_actor, translate
from app.jobs import offload
from app.lists.views import XLSX
from app.school.models import OrgUnit
from app.school.queries import class_for, place_of_class
from app.text import file_name_safe
from attendance.registers.queries.sheets import codes
from attendance.registers.rules.states import VIEW_REGISTER
from attendance.years.commands import note_export
from attendance.years.queries import record_of, sheet_of_year
from attendance.years.rules.frame import COPY_ABSENCES, PART_NAMES, Part
from attendance.years.rules.paper import pdf_of
from attendance.years.rules.record import WAY_NAMES, Way, usual_way
from attendance.years.rules.words import Words
from attendance.years.rules.workbook import year_workbook

if TYPE_CHECKING:
    from flask import Response

    from app.school.models import SchoolClass
    from attendance.years.rules.sheet import YearSheet

bp = Blueprint("years", __name__, template_folder="templates")
PDF: Final = "application/pdf"


@bp.get("/attendance/years/class/<int:class_id>")
def of_class(class_id: int) -> str:
    """Show a class's year: P, K and T of each month, semester and the year."""
    actor = current_actor()
    school_class = class_for(actor, VIEW_REGISTER, class_id)
    return render_template(
        "years/class.html",
        school_class=school_class,
        sheet=sheet_of_year(db.session(), school_class),
        letters=_letters(school_class),
        part_names=PART_NAMES,
        parts=list(Part),
        footer=_footer(school_class),
        may_copy=actor.may(COPY_ABSENCES, place_of_class(school_class)),
    )


@bp.get("/attendance/years/class/<int:class_id>/sheet.xlsx")
def workbook(class_id: int) -> Response:
    """Give a class's year as a workbook."""
    school_class = class_for(current_actor(), VIEW_REGISTER, class_id)
    sheet = sheet_of_year(db.session(), school_class)
    made_at = clock.local(clock.now()).replace(tzinfo=None)
    content = year_workbook(sheet, _words(school_class, sheet), made_at)
    return _file(school_class, sheet, content, XLSX, "xlsx")


@bp.get("/attendance/years/class/<int:class_id>/sheet.pdf")
def paper(class_id: int) -> Response:
    """Give a class's year as PDF, to be signed and filed."""
    school_class = class_for(current_actor(), VIEW_REGISTER, class_id)
    sheet = sheet_of_year(db.session(), school_class)
    words = _words(school_class, sheet)
    return _file(school_class, sheet, offload(lambda: pdf_of(sheet, words)), PDF, "pdf")


@bp.get("/attendance/years/class/<int:class_id>/school-record")
def copy(class_id: int) -> str:
    """Show the absences of a class as they are copied into the school record, and what they lack."""
    school_class = class_for(current_actor(), COPY_ABSENCES, class_id)
    asked = request.args.get("way", "")
    way = Way(asked) if asked in set(Way) else usual_way(school_class.grade)
    return render_template(
        "years/record.html",
        school_class=school_class,
        record=record_of(db.session(), school_class, way, clock.today()),
        part_names=PART_NAMES,
        parts=list(Part),
        way_names=WAY_NAMES,
        letters=_letters(school_class),
        now=clock.local(clock.now()),
    )


# --- words --------------------------------------------------------------------------------------------------------


def _words(school_class: SchoolClass, sheet: YearSheet) -> Words:
    return Words(
        school=db.session().get_one(OrgUnit, school_class.school_id).name,
        title=_("Sổ điểm danh lớp %(name)s, năm học %(year)s", name=school_class.name, year=sheet.frame.code),
        when=_("In lúc %(time)s", time=f"{clock.local(clock.now()):%H:%M %d/%m/%Y}"),
        number=_("STT"),
        name=_("Họ và tên"),
        parts={part: translate(name) for part, name in PART_NAMES.items()},
        letters=_letters(school_class),
        cover=_("Sổ đã điểm danh / đến hạn"),
        footer=_footer(school_class),
        signatures=[_("Giáo viên chủ nhiệm"), _("Hiệu trưởng")],
        came=_("vào lớp {day}"),
        left=_("rời lớp {day}"),
    )


def _letters(school_class: SchoolClass) -> tuple[str, str, str, str]:
    """Return how the school writes absent with permission, without, reason unknown ("?" where it has none), late."""
    offered = codes(db.session(), school_class.school_id).offered
    absent = [code for code in offered if not code.is_present]
    wanted = (
        (code.letter for code in absent if code.is_authorised),
        (code.letter for code in absent if not code.is_authorised and not code.is_pending),
        (code.letter for code in absent if code.is_pending),
        (code.letter for code in offered if code.is_late),
    )
    excused, unexcused, pending, late = (
        next(letters, usual) for letters, usual in zip(wanted, ("P", "K", "?", "T"), strict=True)
    )
    return excused, unexcused, pending, late


def _footer(school_class: SchoolClass) -> str:
    excused, unexcused, pending, late = _letters(school_class)
    return str(
        _(
            "Đơn vị: buổi. %(excused)s: vắng có phép; %(unexcused)s: vắng không phép; "
            "%(pending)s: vắng chưa rõ lý do; %(late)s: đi trễ. Chỉ tính sổ đã điểm danh.",
            excused=excused,
            unexcused=unexcused,
            pending=pending,
            late=late,
        )
    )


def _file(school_class: SchoolClass, sheet: YearSheet, content: bytes, kind: str, ending: str) -> Response:
    note_export(current_actor(), school_class.id, sheet.frame.code)
    name = file_name_safe(f"diem danh ca nam {school_class.name} {sheet.frame.code}")
    answer = make_response(content)
    answer.headers["Content-Type"] = kind
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.{ending}"'
    return answer
