"""The list of a school's versions: searched, filtered, sorted, as a workbook, on paper."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from flask import url_for

from app.i18n import N_, say
from app.lists.rules import Column, Filter, ListSpec, choices_of
from app.school.timetables.rules.versions import Standing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.school.timetables.queries.versions import Version

STANDING_NAMES: Final = {
    Standing.DRAFT: N_("Bản nháp"),
    Standing.HOLDS: N_("Đang áp dụng"),
    Standing.COMING: N_("Sắp áp dụng"),
    Standing.OVER: N_("Đã thay"),
    Standing.NEVER: N_("Không áp dụng ngày nào"),
}
TONES: Final = {Standing.DRAFT: "info", Standing.HOLDS: "good", Standing.COMING: "warn"}


def versions_list(found: Sequence[Version]) -> ListSpec[Version]:
    """Return the list as it is shown, the newest first until the reader sorts it."""
    standings = tuple((one.value, name) for one, name in STANDING_NAMES.items())
    return ListSpec(
        name="versions",
        title=N_("Các phiên bản thời khóa biểu"),
        columns=(
            Column(
                "name",
                N_("Phiên bản"),
                lambda row: say("%(year)s, bản %(number)s", year=row.year, number=row.number),
                order=lambda row: f"{row.year} {row.number:06d}",
                link=lambda row: url_for("timetables.version", timetable_id=row.id),
            ),
            Column(
                "state",
                N_("Trạng thái"),
                lambda row: say(STANDING_NAMES[row.standing]),
                tone=lambda row: TONES.get(row.standing),
            ),
            Column("from", N_("Áp dụng từ"), lambda row: row.holds[0], numeric=True),
            Column("until", N_("Đến trước ngày"), lambda row: row.holds[1], numeric=True),
            Column("lessons", N_("Số tiết"), lambda row: row.lessons, numeric=True),
            Column("by", N_("Người lập, công bố"), lambda row: row.changed_by or say("Dòng lệnh")),
            Column("at", N_("Lúc"), lambda row: row.changed_at, numeric=True),
            Column(
                "note",
                N_("Lý do công bố khi còn trùng"),
                lambda row: row.note,
                on_page=any(row.note for row in found),  # rarely anything, and a wide heading
            ),
        ),
        filters=(
            Filter(
                "year",
                N_("Năm học"),
                choices_of(found, lambda row: row.year),
                lambda row, wanted: row.year == wanted,
            ),
            Filter("state", N_("Trạng thái"), standings, lambda row, wanted: row.standing == wanted),
        ),
        search_label=N_("Tìm theo người lập, lý do"),
        search=lambda row: f"{row.year} {row.number} {row.changed_by or ''} {row.note}",
    )
