"""The attendance report as an Excel file, through the disclosure gate."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, request
from flask_babel import format_date
from flask_babel import gettext as _

from app import clock, db
from app.errors import NotFoundError
from app.http import current_actor, translate
from app.i18n import N_
from app.jobs import offload
from app.school.queries import school_for, schools_for, unit_for
from app.text import file_name_safe
from reports.cubes.queries import months_of_schools, months_with_figures
from reports.cubes.rules import Month
from reports.exports.commands import note_export
from reports.exports.rules import ExtractWords, Form, Words, workbook, write_extract
from reports.extracts.commands import place_on, release_extract
from reports.files.rules import FileKind, Made, Wanted
from reports.files.views import made_later
from reports.indicators.forms import read_filters
from reports.indicators.rules import COVERAGE_THRESHOLD, VIEW_REPORT, definitions_of_classes
from reports.kept.rules import MOST_AT_ONCE
from reports.releases.queries import frozen_by_school, together_by_school
from reports.releases.rules import RULE, release_month
from reports.tallies.queries import period_named, units_in_order

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from werkzeug.wrappers import Response as BaseResponse

    from app.access import Actor
    from app.school.models import OrgUnit
    from reports.extracts.rules import Extract
    from reports.files.commands import Report
    from reports.releases.rules import Release

bp = Blueprint("exports", __name__)
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@bp.get("/reports/attendance.xlsx")
def workbook_of_schools() -> BaseResponse:
    """Hand out the month of all schools within reach, or of one ward's."""
    within = schools_for(current_actor(), VIEW_REPORT)
    ward = read_filters(request.args, (), Month.of(clock.today())).ward
    of_ward = [unit for unit in within if unit.parent_id == ward]
    return _workbook(of_ward or within, "cac-truong")


@bp.get("/reports/attendance/<int:school_id>.xlsx")
def workbook_of_school(school_id: int) -> BaseResponse:
    """Hand out the month of one school."""
    school = school_for(current_actor(), VIEW_REPORT, school_id)
    return _workbook([school], file_name_safe(school.name))


def _workbook(schools: Sequence[OrgUnit], name: str) -> BaseResponse:
    """Hand out a workbook, or have it made by a job where there are many schools."""
    ids = [unit.id for unit in schools]
    months = months_with_figures(db.session(), ids)
    month = read_filters(request.args, months, next(iter(months), Month.of(clock.today()))).month
    wanted = Wanted(
        FileKind.ATTENDANCE, f"chuyen-can-{month}-{name}.xlsx", {"schools": ids, "month": str(month)}
    )
    if len(ids) > MOST_AT_ONCE:
        return made_later(wanted)
    made = attendance_file(current_actor(), wanted.about, lambda *_progress: None)
    headers = {"Content-Disposition": f'attachment; filename="{wanted.name}"'}
    return Response(made.content, mimetype=made.mimetype, headers=headers)


def attendance_file(actor: Actor, about: Mapping[str, Any], report: Report) -> Made:
    """Make the releases and the file outside the event loop, freeze and log, in the language that is in force."""
    today, month = clock.today(), Month.parse(about["month"]) or Month.of(clock.today())
    schools = units_in_order(db.session(), about["schools"])
    rows = [row for row in months_of_schools(db.session(), schools, month, today) if row.classes]
    frozen = frozen_by_school(db.session(), [row.school_id for row in rows], month)
    together = together_by_school(db.session(), [row.school_id for row in rows], month)

    def protect() -> dict[int, Release]:
        found = {}
        for done, row in enumerate(rows):
            report(done, len(rows), N_("Đang che số liệu không được công bố"))
            found[row.school_id] = release_month(row, frozen[row.school_id], together=together[row.school_id])
        return found

    releases = offload(protect)
    note_export(actor, month, releases)
    words = _words(month)
    content = offload(
        lambda: workbook(list(releases.values()), month, today, definitions_of_classes(month.first), words)
    )
    return Made(content, EXCEL)


@bp.get("/reports/figures/<int:unit_id>/export")
def extract_of_unit(unit_id: int) -> BaseResponse:
    """Hand out all indicators of a unit and a period in the format that the address asks for."""
    unit = unit_for(current_actor(), VIEW_REPORT, unit_id)
    form = Form.of(request.args.get("format", ""))
    period, today = request.args.get("period", ""), clock.today()
    if period_named(db.session(), period) is None:
        raise NotFoundError
    name = f"chi-tieu-{period}-{file_name_safe(unit.name)}.{form.ending}"
    wanted = Wanted(FileKind.EXTRACT, name, {"unit": unit.code, "period": period, "form": form})
    if len(place_on(unit.code, today).schools) > MOST_AT_ONCE:
        return made_later(wanted)
    made = extract_file(current_actor(), wanted.about, lambda *_progress: None)
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "X-Content-SHA256": made.sha256}
    return Response(made.content, mimetype=made.mimetype, headers=headers)


def extract_file(actor: Actor, about: Mapping[str, Any], report: Report) -> Made:
    """Let an extract out and write it, outside the event loop, in the language that is in force."""
    form, today = Form(about["form"]), clock.today()
    report(0, 0, "")
    extract = offload(
        lambda: release_extract(
            actor,
            place_on(about["unit"], today),
            about["period"],
            today,
            form,
            f"file/{about['unit']}/{clock.now().isoformat()}",  # told once: not worth a hash of every roll
        )
    )
    words = words_of_extract(extract)
    return Made(offload(lambda: write_extract(extract, form, words)), form.mimetype, extract.digest)


def words_of_extract(extract: Extract) -> ExtractWords:
    """Return the words of an extract's workbook in the language of the request."""
    sentences = {
        text: translate(text)
        for one in extract.definitions
        for text in (one.name, one.explanation, one.source)
    }
    return ExtractWords(
        title=_("Chỉ tiêu: %(name)s, kỳ %(period)s", name=extract.place.name, period=extract.period.name),
        subtitle=_("Theo tổ chức của ngày %(day)s", day=format_date(extract.as_of, "dd/MM/yyyy")),
        note=_(
            "Không công bố: số liệu của nhóm dưới %(count)s học sinh, và ô cần che để không suy ra được nhóm đó. "
            "Chữ nghiêng là số tạm tính: chưa đủ %(percent)s%% số buổi được điểm danh.",
            count=RULE.threshold,
            percent=int(COVERAGE_THRESHOLD * 100),
        ),
        digest=_("Dấu vân tay của số liệu (SHA-256): %(digest)s", digest=extract.digest),
        place_heads=[_("Loại"), _("Đơn vị"), _("Mã"), _("Lớp"), _("Cấp học")],
        withheld=_("Không công bố"),
        provisional=_("Tạm tính"),
        sheets=[_("Chỉ tiêu"), _("Độ phủ"), _("Định nghĩa")],
        coverage_heads=[
            _("Đơn vị"), _("Lớp"), _("Tỷ lệ lớp đã điểm danh"), _("Số buổi đã điểm danh"),
            _("Số buổi phải điểm danh"), _("Số trường được tính"), _("Số trường"),
        ],
        definition_heads=[
            _("Chỉ tiêu"), _("Công thức tính"), _("Nguồn số liệu"), _("Phiên bản"), _("Áp dụng từ")
        ],
        kinds={"class": _("Lớp"), "school": _("Trường"), "ward": _("Xã, phường"), "province": _("Tỉnh, thành phố")},
        translate=sentences.__getitem__,
    )  # fmt: skip


def _words(month: Month) -> Words:
    sentences = {
        text: translate(text)
        for item in definitions_of_classes(month.first)
        for text in (item.name, item.explanation, item.source)
    }
    return Words(
        title=_("Chuyên cần tháng %(month)s/%(year)s", month=month.month, year=month.year),
        subtitle=_("Số liệu tại ngày %(day)s", day=format_date(clock.today(), "dd/MM/yyyy")),
        note=_(
            "Ô không công bố: số liệu của nhóm dưới %(count)s học sinh, và ô cần che để không suy ra được nhóm đó. "
            "Tạm tính: chưa đủ %(percent)s%% số buổi được điểm danh.",
            count=RULE.threshold,
            percent=int(COVERAGE_THRESHOLD * 100),
        ),
        heads=[
            _("Trường"), _("Lớp"), _("Tỷ lệ chuyên cần"), _("Tỷ lệ lớp đã điểm danh"), _("Mức độ"),
            _("Số buổi phải điểm danh"), _("Số buổi đã điểm danh"), _("Số học sinh"), _("Lượt học sinh phải có mặt"),
            _("Vắng có phép (P)"), _("Vắng không phép (K)"), _("Chưa rõ lý do"), _("Đi trễ (T)"),
            _("Tiết học tương tác"),
        ],
        whole=_("Tổng cộng"),
        withheld=_("Không công bố"),
        provisional=_("Tạm tính"),
        final=_("Đủ số liệu"),
        sheet_figures=_("Chuyên cần"),
        sheet_definitions=_("Định nghĩa"),
        definition_heads=[_("Chỉ tiêu"), _("Công thức tính"), _("Nguồn số liệu"), _("Phiên bản")],
        translate=sentences.__getitem__,
    )  # fmt: skip
