"""The shape of ordering bulletins and of their schedule."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, IntegerField, SelectField
from wtforms.validators import InputRequired, Length, NumberRange, Optional

LAST_DAY = 28
"""Every month has it."""


class OrderForm(FlaskForm):  # type: ignore[misc] # Flask-WTF has no types
    """A unit's month, and perhaps that of each school below it; `key` makes the same form sent twice one order."""

    unit = SelectField(_("Đơn vị"), [InputRequired()], coerce=int, validate_choice=False)
    period = SelectField(_("Kỳ báo cáo"), validate_choice=False)
    with_schools = BooleanField(_("Lập cả báo cáo của từng trường bên dưới"))
    key = HiddenField(validators=[Length(min=8, max=64)])


class ScheduleForm(FlaskForm):  # type: ignore[misc] # Flask-WTF has no types
    """On which day of every month, and at which hour, the month before is reported. No day: not by itself."""

    unit = SelectField(_("Đơn vị"), [InputRequired()], coerce=int, validate_choice=False, id="schedule-unit")
    day = IntegerField(_("Ngày trong tháng (1 đến 28)"), validators=[Optional(), NumberRange(1, LAST_DAY)])
    hour = IntegerField(_("Giờ (0 đến 23)"), validators=[Optional(), NumberRange(0, 23)])
    with_schools = BooleanField(_("Lập cả báo cáo của từng trường bên dưới"), id="schedule-with-schools")
