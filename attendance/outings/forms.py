"""The form of a school event."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import DateField, HiddenField, SelectField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined] # newer than its types
from wtforms.validators import DataRequired, Length

from app import clock
from app.text import clean_text
from attendance.outings.rules import LONGEST_NAME, WHOLE_DAY, Plan


class OutingForm(FlaskForm):  # type: ignore[misc] # flask_wtf has no types
    """What takes place, when."""

    client_key = HiddenField(validators=[DataRequired(), Length(8, 64)])
    name = StringField(
        _("Tên hoạt động"),
        description=_("Ví dụ: Thi học sinh giỏi cấp tỉnh, Hội khỏe Phù Đổng."),
        validators=[DataRequired(_("Ghi tên hoạt động.")), Length(max=LONGEST_NAME)],
        render_kw={"autocomplete": "off"},
    )
    first_day = DateField(_("Từ ngày"), validators=[DataRequired(_("Chọn ngày."))])
    last_day = DateField(_("Đến hết ngày"), validators=[DataRequired(_("Chọn ngày."))])
    slot = SelectField(
        _("Buổi"),
        coerce=int,
        default=WHOLE_DAY,
        choices=[
            SelectChoice(WHOLE_DAY, _("Cả ngày")),
            SelectChoice(1, _("Buổi sáng")),
            SelectChoice(2, _("Buổi chiều")),
            SelectChoice(3, _("Buổi tối")),
        ],
    )

    @property
    def plan(self) -> Plan:
        """What the form says."""
        today = clock.today()
        return Plan(
            clean_text(self.name.data or ""),
            self.first_day.data or today,
            self.last_day.data or today,
            self.slot.data,
        )
