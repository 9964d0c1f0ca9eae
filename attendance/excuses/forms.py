"""Forms of excuses. `client_key` is made with the page, so that sending twice is one request."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from flask_wtf.file import MultipleFileField
from wtforms import BooleanField, DateField, HiddenField, SelectField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined] # newer than its types
from wtforms.validators import DataRequired, Length, Regexp

from app import clock
from attendance.excuses.rules import LONGEST_TEXT, Span
from attendance.excuses.rules.papers import MOST_BYTES, SentFile

if TYPE_CHECKING:
    from werkzeug.datastructures import FileStorage

SLOTS: Final = [
    SelectChoice(1, _("Buổi sáng")),
    SelectChoice(2, _("Buổi chiều")),
    SelectChoice(3, _("Buổi tối")),
]


class ExcuseForm(FlaskForm):  # type: ignore[misc] # flask_wtf has no types
    """From when to when, and why."""

    client_key = HiddenField(validators=[DataRequired(), Length(8, 40), Regexp(r"[A-Za-z0-9_-]+")])
    first_day = DateField(_("Nghỉ từ ngày"), validators=[DataRequired(_("Chọn ngày."))])
    first_slot = SelectField(_("Từ buổi"), coerce=int, choices=SLOTS, default=1)
    last_day = DateField(_("Đến hết ngày"), validators=[DataRequired(_("Chọn ngày."))])
    last_slot = SelectField(_("Hết buổi"), coerce=int, choices=SLOTS, default=3)
    reason = StringField(
        _("Lý do"),
        description=_("Ví dụ: Bệnh, sốt; Việc gia đình. Không cần kể chi tiết."),
        validators=[DataRequired(_("Hãy ghi lý do nghỉ.")), Length(max=LONGEST_TEXT)],
    )
    files = MultipleFileField(
        _("Giấy tờ kèm theo (không bắt buộc)"),
        description=_(
            "Ảnh hoặc PDF, nhiều nhất 3 tệp, mỗi tệp 5 MB. Chỉ người duyệt đơn mở được; tự xóa khi hết hạn giữ."
        ),
    )
    approve = BooleanField(_("Duyệt luôn"))

    @property
    def span(self) -> Span:
        """What the form asks for."""
        today = clock.today()
        return Span(
            self.first_day.data or today,
            self.first_slot.data,
            self.last_day.data or today,
            self.last_slot.data,
        )


class StepForm(FlaskForm):  # type: ignore[misc] # flask_wtf has no types
    """A note on a step, with papers where it is an answer."""

    note = StringField(_("Ghi chú"), validators=[Length(max=LONGEST_TEXT)])
    files = MultipleFileField(_("Giấy tờ kèm theo (không bắt buộc)"))


def sent_files(field: MultipleFileField) -> list[SentFile]:
    """Return the files that came, each read up to a byte more than may be, and closed; an empty choice is no file."""
    return [_read(one) for one in field.data or () if one and one.filename]


def _read(sent: FileStorage) -> SentFile:
    with sent.stream as stream:
        return SentFile(sent.filename or "", stream.read(MOST_BYTES + 1))
