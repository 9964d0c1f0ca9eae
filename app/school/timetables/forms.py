"""Forms of substitutions."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import DateField, IntegerField, StringField
from wtforms.validators import DataRequired, Length, Optional


class LessonDayForm(FlaskForm):  # type: ignore[misc] # flask_wtf has no types
    """One lesson on one day, and who is absent (to come back to the same list)."""

    entry_id = IntegerField(validators=[DataRequired()])
    day = DateField(validators=[DataRequired(_("Chọn ngày."))])
    staff_id = IntegerField(validators=[Optional()])


class ArrangeForm(LessonDayForm):
    """Who takes the lesson; empty or 0: nobody, it is cancelled."""

    substitute_id = IntegerField(_("Giáo viên dạy thay"), validators=[Optional()])
    reason = StringField(_("Lý do"), validators=[Length(max=200)])
