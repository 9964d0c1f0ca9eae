"""A class's month: the page, the workbook, the PDF, the empty sheet for a day without power."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from flask import make_response, render_template
from flask_babel import gettext as _

from app import clock, db
from app.http import current_actor, translate
from app.jobs import offload
from app.lists.views import XLSX
from app.school.models import OrgUnit
from app.school.queries import class_for, place_of_class
from app.text import file_name_safe
from attendance.months.commands import note_export
from attendance.months.queries.sheet import sheet_of_month
from attendance.months.rules import TYPE_PAPER, Month
from attendance.months.rules.paper import Paper, pdf_of
from attendance.months.rules.workbook import month_workbook
from attendance.months.views.closing import bp
from attendance.registers.queries.sheets import codes
from attendance.registers.rules.states import VIEW_REGISTER

if TYPE_CHECKING:
    from flask import Response

    from app.school.models import SchoolClass
    from attendance.months.rules.sheet import MonthSheet

PDF: Final = "application/pdf"
BLANK_COLUMNS: Final = 12
"""Two weeks of school days, so that a cell is wide enough for a pen."""


@bp.get("/attendance/months/class/<int:class_id>/<month>")
def of_class(class_id: int, month: str) -> str:
    """Show a class's month: a line for each pupil, a column for each school day."""
    school_class = class_for(current_actor(), VIEW_REGISTER, class_id)
    return render_template(
        "months/class.html",
        school_class=school_class,
        sheet=_sheet(school_class, month),
        known=_known(school_class),
        may_type=current_actor().may(TYPE_PAPER, place_of_class(school_class)),
    )


@bp.get("/attendance/months/class/<int:class_id>/<month>/sheet.xlsx")
def workbook(class_id: int, month: str) -> Response:
    """Give a class's month as a workbook."""
    school_class = class_for(current_actor(), VIEW_REGISTER, class_id)
    sheet = _sheet(school_class, month)
    heads = [_("STT"), _("Họ và tên"), *_sums()]
    made_at = clock.local(clock.now()).replace(tzinfo=None)
    content = month_workbook(sheet, _title(school_class, sheet), heads, _letters(school_class), made_at)
    return _file(school_class, sheet.month, content, XLSX, "xlsx")


@bp.get("/attendance/months/class/<int:class_id>/<month>/sheet.pdf")
def paper(class_id: int, month: str) -> Response:
    """Give a class's month as PDF, to be signed and filed."""
    school_class = class_for(current_actor(), VIEW_REGISTER, class_id)
    sheet = _sheet(school_class, month)
    rows = [
        [
            str(line.number),
            line.name,
            *line.cells,
            *(str(number or "") for number in (line.excused, line.unexcused, line.pending, line.late)),
        ]
        for line in sheet.lines
    ]
    days = [f"{day:%d}" for day in sheet.days]
    return _pdf(
        school_class, sheet, Paper(*_above(school_class, sheet), days, _sums(), rows, *_below(school_class))
    )


@bp.get("/attendance/months/class/<int:class_id>/<month>/blank.pdf")
def blank_paper(class_id: int, month: str) -> Response:
    """Give the empty sheet of a class, to be filled in by hand on a day without power."""
    school_class = class_for(current_actor(), VIEW_REGISTER, class_id)
    sheet = _sheet(school_class, month)
    empty = [""] * (BLANK_COLUMNS + len(_sums()))
    rows = [[str(line.number), line.name, *empty] for line in sheet.lines]
    days = ["    /    "] * BLANK_COLUMNS
    return _pdf(
        school_class, sheet, Paper(*_above(school_class, sheet), days, _sums(), rows, *_below(school_class))
    )


def _sheet(school_class: SchoolClass, month: str) -> MonthSheet:
    return sheet_of_month(db.session(), school_class, Month.read(month), clock.today())


def _known(school_class: SchoolClass) -> object:
    return codes(db.session(), school_class.school_id)


def _title(school_class: SchoolClass, sheet: MonthSheet) -> str:
    return str(
        _("Sổ điểm danh lớp %(name)s, tháng %(month)s", name=school_class.name, month=sheet.month.words)
    )


def _sums() -> list[str]:
    return [_("Có phép"), _("Không phép"), _("Chưa rõ"), _("Trễ")]


def _above(school_class: SchoolClass, sheet: MonthSheet) -> tuple[str, str, str, list[str]]:
    school = db.session().get_one(OrgUnit, school_class.school_id).name
    when = _("In lúc %(time)s", time=f"{clock.local(clock.now()):%H:%M %d/%m/%Y}")
    return school, when, _title(school_class, sheet), [_("STT"), _("Họ và tên")]


def _below(school_class: SchoolClass) -> tuple[str, list[str]]:
    return _letters(school_class), [_("Giáo viên chủ nhiệm"), _("Hiệu trưởng")]


def _letters(school_class: SchoolClass) -> str:
    known = codes(db.session(), school_class.school_id)
    said = "; ".join(f"{code.letter}: {translate(code.name)}" for code in known.offered)
    words = _(
        "%(letters)s; để trống: có mặt; ?: chưa điểm danh; x: không ở lớp; hai buổi viết sáng/chiều, “-”: có mặt.",
        letters=said,
    )
    return str(words)


def _pdf(school_class: SchoolClass, sheet: MonthSheet, page: Paper) -> Response:
    return _file(school_class, sheet.month, offload(lambda: pdf_of(page)), PDF, "pdf")


def _file(school_class: SchoolClass, month: Month, content: bytes, kind: str, ending: str) -> Response:
    note_export(current_actor(), school_class.id, month)
    name = file_name_safe(f"diem danh {school_class.name} {month.text}")
    answer = make_response(content)
    answer.headers["Content-Type"] = kind
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.{ending}"'
    return answer
