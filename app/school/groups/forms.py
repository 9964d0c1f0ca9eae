"""Forms of teaching groups."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import DateField, SelectField, StringField
from wtforms.validators import DataRequired, Length, NumberRange

from app.school.classes.rules import LONGEST_SUBJECT
from app.school.groups.rules import LONGEST_NAME


class TeacherForm(FlaskForm):  # type: ignore[misc] # flask_wtf has no types
    """Who teaches a group from a day on."""

    staff_id = SelectField(
        _("Giáo viên"), coerce=int, validators=[NumberRange(min=1, message=_("Chọn giáo viên."))]
    )
    starts_on = DateField(_("Từ ngày"), validators=[DataRequired(_("Chọn ngày."))])


class GroupForm(TeacherForm):
    """A group to make."""

    name = StringField(
        _("Tên nhóm"),
        description=_("Ví dụ: Bồi dưỡng Toán 9, Tiếng Anh tăng cường khối 6."),
        validators=[DataRequired(_("Nhập tên nhóm.")), Length(max=LONGEST_NAME)],
    )
    subject = StringField(
        _("Môn học"), validators=[DataRequired(_("Ghi tên môn học.")), Length(max=LONGEST_SUBJECT)]
    )


class MembersForm(FlaskForm):  # type: ignore[misc] # flask_wtf has no types
    """The day from which pupils are in a group; who they are is read from the boxes."""

    starts_on = DateField(_("Vào nhóm từ ngày"), validators=[DataRequired(_("Chọn ngày."))])


class DayForm(FlaskForm):  # type: ignore[misc] # flask_wtf has no types
    """The first day without a pupil, or without the group."""

    day = DateField(_("Từ ngày"), validators=[DataRequired(_("Chọn ngày."))])
