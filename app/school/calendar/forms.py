"""Forms of the calendar."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import DateField, HiddenField, SelectField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined] # newer than its types
from wtforms.validators import DataRequired, Length, Optional, Regexp

from app.school.calendar.rules import KIND_NAMES, WEEKDAY_NAMES
from app.school.rules import SESSION_NAMES

INHERIT = "inherit"


class DecisionForm(FlaskForm):  # type: ignore[misc] # flask_wtf has no types
    """A decision about a day or a range of days. `last` is the last day itself."""

    first = DateField(_("Từ ngày"), validators=[DataRequired(_("Chọn ngày."))])
    last = DateField(_("Đến hết ngày"), validators=[DataRequired(_("Chọn ngày."))])
    kind = SelectField(
        _("Loại ngày"),
        choices=[
            *(SelectChoice(key.value, _(name)) for key, name in KIND_NAMES.items()),
            SelectChoice(INHERIT, _("Theo lịch của cấp trên (bỏ quyết định riêng)")),
        ],
    )
    follows_weekday = SelectField(
        _("Học theo thời khóa biểu của"),
        choices=[
            SelectChoice("", _("(chỉ cho ngày học bù)")),
            *(SelectChoice(str(key), _(name)) for key, name in WEEKDAY_NAMES.items()),
        ],
        validators=[Optional()],
    )
    only_session = SelectField(
        _("Buổi còn học"),
        description=_(
            "Chỉ cho ngày học một phần: buổi kia được nghỉ, sổ điểm danh của buổi đó không đến hạn."
        ),
        choices=[
            SelectChoice("", _("(chỉ cho ngày học một phần)")),
            *(SelectChoice(key.value, _(name)) for key, name in SESSION_NAMES.items()),
        ],
        validators=[Optional()],
    )
    note = StringField(
        _("Lý do"),
        description=_("Ví dụ: Tết Nguyên đán; Nghỉ do mưa bão theo công văn số …"),
        validators=[Length(max=200)],
    )
    client_key = HiddenField(validators=[DataRequired(), Length(8, 64), Regexp(r"[A-Za-z0-9_-]+")])


class YearForm(FlaskForm):  # type: ignore[misc] # flask_wtf has no types
    """The frame of a school year. `last` is the last day itself."""

    starts_on = DateField(_("Ngày đầu năm học"), validators=[DataRequired(_("Chọn ngày."))])
    second_semester_on = DateField(_("Ngày đầu học kỳ II"), validators=[DataRequired(_("Chọn ngày."))])
    last = DateField(_("Ngày cuối năm học"), validators=[DataRequired(_("Chọn ngày."))])


class NewYearForm(FlaskForm):  # type: ignore[misc] # flask_wtf has no types
    """A new school year, by its code."""

    code = StringField(
        _("Năm học mới"),
        description=_("Viết như 2027-2028."),
        validators=[DataRequired(_("Nhập năm học.")), Length(max=9)],
    )
