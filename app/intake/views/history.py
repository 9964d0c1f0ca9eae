"""The list of a school's imports: searched, filtered, sorted, as a workbook, on paper."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from flask import url_for

from app.http import translate
from app.i18n import N_, say
from app.intake.rules.states import ImportState
from app.lists.rules import Column, Filter, ListSpec, choices_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.intake.queries import PastImport

STATE_NAMES: Final = {
    ImportState.UPLOADED: N_("Đang đọc tệp"),
    ImportState.PREVIEWED: N_("Chờ xác nhận"),
    ImportState.UNREADABLE: N_("Không đọc được"),
    ImportState.APPLYING: N_("Đang nhập"),
    ImportState.APPLIED: N_("Đã nhập"),
    ImportState.DISCARDED: N_("Đã bỏ"),
    ImportState.UNDONE: N_("Đã hoàn tác"),
}
STATE_TONES: Final = {
    ImportState.PREVIEWED: "warn",
    ImportState.UNREADABLE: "bad",
    ImportState.APPLIED: "good",
}


def history_list(history: Sequence[PastImport]) -> ListSpec[PastImport]:
    """Return the list as it is shown, the latest first until the reader sorts it."""
    states = tuple(
        (state.value, translate(STATE_NAMES[state])) for state in dict.fromkeys(one.state for one in history)
    )
    return ListSpec(
        name="imports",
        title=N_("Các lần nhập"),
        columns=(
            Column(
                "file",
                N_("Tệp"),
                lambda row: row.file_name,
                link=lambda row: url_for("intake.show", import_id=row.id),
            ),
            Column("year", N_("Năm học"), lambda row: row.year),
            Column("at", N_("Thời điểm"), lambda row: row.uploaded_at, order=lambda row: row.uploaded_at),
            Column("by", N_("Người nhập"), lambda row: row.uploaded_by or say("Dòng lệnh")),
            Column(
                "state",
                N_("Trạng thái"),
                lambda row: say(STATE_NAMES[row.state]),
                tone=lambda row: STATE_TONES.get(row.state),
            ),
            Column("result", N_("Kết quả"), _in_numbers, sortable=False),
        ),
        filters=(
            Filter("state", N_("Trạng thái"), states, lambda row, wanted: row.state == wanted),
            Filter(
                "year",
                N_("Năm học"),
                choices_of(history, lambda row: row.year),
                lambda row, wanted: row.year == wanted,
            ),
        ),
        search_label=N_("Tìm theo tệp hoặc người nhập"),
        search=lambda row: f"{row.file_name} {row.uploaded_by}",
    )


def _in_numbers(row: PastImport) -> str:
    if not row.numbers:
        return ""
    wanted = ("new", "updated", "moved", "left", "bad")
    return say(
        "%(new)s mới · %(updated)s cập nhật · %(moved)s chuyển lớp · %(left)s nghỉ · %(bad)s dòng lỗi",
        **{name: row.numbers.get(name, 0) for name in wanted},
    )
