"""Forms of excuses. `client_key` is made with the page, so that sending twice is one request."""

from __future__ import annotations

from typing import Final

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import BooleanField, DateField, HiddenField, SelectField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined] # newer than its types
from wtforms.validators import DataRequired, Length, Regexp

from app import clock
from attendance.excuses.rules import LONGEST_TEXT, Span

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
    """A note on a decision; a rejection needs one."""

    note = StringField(_("Ghi chú"), validators=[Length(max=LONGEST_TEXT)])
