"""Forms of the organisation."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import DateField, SelectField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined] # newer than its types
from wtforms.validators import DataRequired, Length, Optional

from app.school.commands import LOCAL_CODES


class AddUnitForm(FlaskForm):  # type: ignore[misc] # flask_wtf has no types
    """A unit below another."""

    kind = SelectField(
        _("Cấp"),
        choices=[
            SelectChoice("ward", _("Phường, xã")),
            SelectChoice("school", _("Trường")),
            SelectChoice("site", _("Điểm trường")),
        ],
        default="school",
    )
    type_name = StringField(
        _("Loại hình"),
        description=_("Ví dụ: Phường, Xã, Trường tiểu học."),
        validators=[Optional(), Length(max=60)],
    )
    name = StringField(_("Tên"), validators=[DataRequired(_("Nhập tên đơn vị.")), Length(max=200)])
    code = StringField(_("Mã"), validators=[DataRequired(_("Nhập mã đơn vị.")), Length(max=64)])
    code_set = StringField(
        _("Bộ mã"),
        default=LOCAL_CODES,
        description=_("Nơi cấp mã; cùng một mã có thể mang nghĩa khác trong bộ mã khác."),
        validators=[DataRequired(), Length(max=32)],
    )
    valid_from = DateField(_("Có hiệu lực từ ngày"), validators=[DataRequired(_("Chọn ngày."))])


class ChangeUnitForm(FlaskForm):  # type: ignore[misc] # flask_wtf has no types
    """Another unit and a day: for moving and for merging."""

    other_id = SelectField(_("Đơn vị"), coerce=int, validators=[DataRequired(_("Chọn đơn vị."))])
    on = DateField(_("Từ ngày"), validators=[DataRequired(_("Chọn ngày."))])
