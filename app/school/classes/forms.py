"""Forms of classes and of the appointments of their teachers."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import DateField, HiddenField, IntegerField, SelectField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined] # newer than its types
from wtforms.validators import DataRequired, Length, NumberRange, Optional

from app.school.classes.rules import LAST_GRADE, LONGEST_NAME, LONGEST_SUBJECT
from app.school.rules import SESSION_NAMES, DaySession

_A_DAY = DataRequired(_("Chọn ngày."))


class PlaceForm(FlaskForm):  # type: ignore[misc] # flask_wtf has no types
    """When a class has buổi 1, and where; the sites are those of the school."""

    main_session = SelectField(
        _("Buổi học chính (buổi 1)"),
        choices=[SelectChoice(key.value, _(SESSION_NAMES[key])) for key in DaySession],
    )
    site_id = SelectField(_("Điểm trường"), coerce=int, default=0)


class OpenForm(PlaceForm):
    """A class to open."""

    name = StringField(
        _("Tên lớp"),
        description=_("Như trong danh sách của trường, ví dụ 4/7 hoặc 6A1."),
        validators=[DataRequired(_("Nhập tên lớp.")), Length(max=LONGEST_NAME)],
    )
    grade = SelectField(
        _("Khối"),
        coerce=int,
        default=0,
        choices=[
            SelectChoice(0, _("(theo tên lớp)")),
            *(SelectChoice(grade, str(grade)) for grade in range(1, LAST_GRADE + 1)),
        ],
    )


class RenameForm(FlaskForm):  # type: ignore[misc] # flask_wtf has no types
    """Another name, from a day on."""

    name = StringField(_("Tên mới"), validators=[DataRequired(_("Nhập tên lớp.")), Length(max=LONGEST_NAME)])
    day = DateField(_("Từ ngày"), validators=[_A_DAY], id="rename-day")


class DayForm(FlaskForm):  # type: ignore[misc] # flask_wtf has no types
    """A day: on which a class is closed, or on which a duty ends."""

    day = DateField(_("Từ ngày"), validators=[_A_DAY])


class HomeroomForm(FlaskForm):  # type: ignore[misc] # flask_wtf has no types
    """Who is homeroom teacher from a day on."""

    staff_id = SelectField(
        _("Giáo viên"), coerce=int, validators=[NumberRange(min=1, message=_("Chọn giáo viên."))]
    )
    starts_on = DateField(_("Từ ngày"), validators=[_A_DAY])


class SubjectForm(HomeroomForm):
    """Who teaches a subject from a day on, perhaps in place of somebody."""

    subject = StringField(_("Môn học"), validators=[Length(max=LONGEST_SUBJECT)])
    replaces = HiddenField()


class EndForm(DayForm):
    """The day from which a duty is over; no duty named: that of the homeroom teacher."""

    duty_id = IntegerField(validators=[Optional()])


class HomeroomsForm(FlaskForm):  # type: ignore[misc] # flask_wtf has no types
    """The day from which the homeroom teachers of a whole school hold; the teachers are read class by class."""

    starts_on = DateField(_("Từ ngày"), validators=[_A_DAY])
