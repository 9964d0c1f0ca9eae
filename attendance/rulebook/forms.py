"""Forms of what a school decides about its registers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import IntegerField
from wtforms.validators import InputRequired, NumberRange

from app.text import clean_text
from attendance.rulebook.rules import (
    LEAST_PAPER_DAYS,
    LEAST_SCAN_DAYS,
    MOST_DAYS,
    Letter,
    Rulebook,
    SuggestionKind,
    order_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from attendance.registers.rules.marks import Code


class RulesForm(FlaskForm):  # type: ignore[misc] # flask_wtf has no types
    """The windows, how long papers and scans are kept; the order of suggestions is sent beside them, place by place."""

    teacher_days = IntegerField(
        _("Giáo viên được sửa trong (ngày)"),
        description=_("Tính từ ngày học: 0 là chỉ trong ngày."),
        validators=[InputRequired(_("Nhập số ngày.")), NumberRange(0, MOST_DAYS, _("Từ 0 đến 366 ngày."))],
    )
    office_days = IntegerField(
        _("Văn phòng được sửa trong (ngày)"),
        description=_("Sau hạn này chỉ còn đề nghị đính chính, hiệu trưởng duyệt."),
        validators=[InputRequired(_("Nhập số ngày.")), NumberRange(0, MOST_DAYS, _("Từ 0 đến 366 ngày."))],
    )
    paper_days = IntegerField(
        _("Giữ giấy tờ kèm đơn xin nghỉ (ngày)"),
        description=_("Tính từ ngày nghỉ cuối. Hết hạn, ảnh và tệp tự bị xóa; đơn vẫn còn."),
        validators=[
            InputRequired(_("Nhập số ngày.")),
            NumberRange(LEAST_PAPER_DAYS, MOST_DAYS, _("Từ 7 đến 366 ngày.")),
        ],
    )
    scan_days = IntegerField(
        _("Giữ giờ quẹt thẻ cổng và giờ vào tiết học (ngày)"),
        description=_("Hết hạn thì tự xóa. Dấu trên sổ điểm danh không đổi."),
        validators=[
            InputRequired(_("Nhập số ngày.")),
            NumberRange(LEAST_SCAN_DAYS, MOST_DAYS, _("Từ 7 đến 366 ngày.")),
        ],
    )

    def rulebook(self, order: tuple[SuggestionKind, ...]) -> Rulebook:
        """Return what the form says, with this order of suggestions."""
        return Rulebook(
            self.teacher_days.data or 0,
            self.office_days.data or 0,
            order,
            self.paper_days.data or MOST_DAYS,
            self.scan_days.data or MOST_DAYS,
        )


def order_sent(sent: Mapping[str, str]) -> tuple[SuggestionKind, ...]:
    """Return the order of suggestions by the places that a sent form gives them; the usual one breaks ties."""
    places = {
        kind: (_place(sent.get(f"suggestion-{kind.value}", ""), number), number)
        for number, kind in enumerate(SuggestionKind, start=1)
    }
    return order_of(sorted(SuggestionKind, key=lambda kind: places[kind]))


def letters_of(sent: Mapping[str, str], codes: Iterable[Code]) -> list[Letter]:
    """Return how a sent form writes each code, by the places that it gives them."""
    found = [
        (
            _place(sent.get(f"place-{code.id}", ""), number),
            number,
            Letter(
                code.id,
                clean_text(sent.get(f"letter-{code.id}", "")).strip(),
                clean_text(sent.get(f"name-{code.id}", "")).strip()[:80],
                f"offered-{code.id}" in sent,
            ),
        )
        for number, code in enumerate(codes, start=1)
    ]
    return [letter for _place_of, _number, letter in sorted(found, key=lambda one: one[:2])]


def _place(text: str, usual: int) -> int:
    return int(text) if text.isdecimal() and len(text) < 3 else usual  # noqa: PLR2004 - two digits are plenty
