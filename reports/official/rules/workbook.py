"""A form as a workbook, and as the template of paper is told it; in Vietnamese. The same form gives the same bytes."""

from __future__ import annotations

from datetime import datetime, time
from io import BytesIO
from typing import TYPE_CHECKING, Any

import xlsxwriter

from app.i18n import say
from reports.bulletins.rules.wording import number
from reports.official.rules.form import COLUMN_NAMES, WHOLE, Column
from reports.official.rules.periods import OCCASION_NAMES
from reports.releases.rules import RULE

if TYPE_CHECKING:
    from reports.official.rules.form import Form, FormLine
    from reports.official.rules.periods import OfficialPeriod

_OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}


def told_of_form(form: Form, period: OfficialPeriod) -> dict[str, Any]:
    """Return what the template is told."""
    return {
        "place": form.name,
        "title": OCCASION_NAMES[period.occasion],
        "year": str(say("Năm học %(year)s", year=period.year_code)),
        "when": _when(period),
        "heads": _heads(),
        "rows": [[_grade(line), *(_words(line.counts[column]) for column in Column)] for line in form.lines],
        "notes": _notes(form),
        "digest": form.digest,
        "signatures": [str(say("Người lập biểu")), str(say("Thủ trưởng đơn vị"))],
    }


def form_workbook(form: Form, period: OfficialPeriod) -> bytes:
    """Return the .xlsx."""
    output = BytesIO()
    book = xlsxwriter.Workbook(output, _OPTIONS)
    title = OCCASION_NAMES[period.occasion]
    book.set_properties({"title": title, "created": datetime.combine(period.as_of, time())})
    bold, head = book.add_format({"bold": True, "font_size": 14}), book.add_format(
        {"bold": True, "bg_color": "#DFE8E2", "bottom": 1, "text_wrap": True}
    )  # fmt: skip
    figure, right = book.add_format({"num_format": "#,##0"}), book.add_format({"align": "right"})
    sheet = book.add_worksheet(str(say("Biểu")))
    sheet.set_column(0, 0, 24)
    sheet.set_column(1, len(Column), 16)
    texts = (title, form.name, str(say("Năm học %(year)s", year=period.year_code)), _when(period))
    for row, text in enumerate(texts):
        sheet.write_string(row, 0, text, bold if row == 0 else None)
    first = len(texts) + 1
    for column, text in enumerate(_heads()):
        sheet.write_string(first, column, text, head)
    for row, line in enumerate(form.lines, first + 1):
        sheet.write_string(row, 0, _grade(line))
        for place, counted in enumerate(Column, 1):
            count = line.counts[counted]
            if count is None:
                sheet.write_string(row, place, _words(None), right)
            else:
                sheet.write_number(row, place, count, figure)
    for row, text in enumerate([*_notes(form), f"SHA-256: {form.digest}"], first + len(form.lines) + 2):
        sheet.write_string(row, 0, text)
    sheet.freeze_panes(first + 1, 1)
    book.close()
    return output.getvalue()


def _heads() -> list[str]:
    return [str(say("Khối")), *(COLUMN_NAMES[column] for column in Column)]


def _grade(line: FormLine) -> str:
    return str(say("Tổng cộng") if line.grade == WHOLE else say("Lớp %(grade)s", grade=line.grade))


def _words(count: int | None) -> str:
    return str(say("không công bố")) if count is None else number(count)


def _when(period: OfficialPeriod) -> str:
    days = {"as_of": f"{period.as_of:%d/%m/%Y}", "due": f"{period.due_on:%d/%m/%Y}"}
    return str(say("Số liệu tại ngày %(as_of)s; hạn gửi %(due)s", **days))


def _notes(form: Form) -> list[str]:
    found = []
    if form.schools[1] > 1:
        counted, every = form.schools
        found.append(
            say("Tổng cộng tính trên %(counted)s của %(every)s trường.", counted=counted, every=every)
        )
    if form.has_withheld:
        found.append(
            say(
                "Không công bố: số của nhóm dưới %(count)s học sinh, và ô cần che để không suy ra được nhóm đó. "
                "Số đầy đủ xem trên trang của hệ thống.",
                count=RULE.threshold,
            )
        )
    return [str(one) for one in found]
