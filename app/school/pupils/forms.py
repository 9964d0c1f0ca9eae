"""Form of a pupil's record."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import DateField, HiddenField, RadioField, SelectField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined] # newer than its types
from wtforms.validators import DataRequired, Length, Optional, Regexp

from app.school.pupils.rules import NOTHING, SEX_NAMES
from app.school.rules import DISABILITIES, PEOPLES


class BasicsForm(FlaskForm):  # type: ignore[misc] # flask_wtf has no types
    """What the office writes down about a pupil."""

    full_name = StringField(_("Họ và tên"), validators=[DataRequired(_("Nhập họ và tên.")), Length(max=120)])
    birth_date = DateField(_("Ngày sinh"), validators=[DataRequired(_("Nhập ngày sinh."))])
    sex = RadioField(
        _("Giới tính"),
        choices=[SelectChoice(key, _(name)) for key, name in SEX_NAMES.items()],
        validators=[DataRequired(_("Chọn giới tính."))],
    )
    ministry_code = StringField(
        _("Mã định danh Bộ GD&ĐT"),
        description=_("10 chữ số. Mã mới thay cho mã tạm; hồ sơ vẫn là một."),
        validators=[Optional(), Regexp(r"\d{10}\Z", message=_("Mã định danh gồm đúng 10 chữ số."))],
        filters=[lambda value: value.strip() if value else value],
    )
    ethnicity = SelectField(
        _("Dân tộc"),
        description=_("Không hiện ở đây điều đang ghi; để “giữ nguyên” nếu không sửa."),
        choices=[
            SelectChoice("", _("(giữ nguyên)")),
            SelectChoice(NOTHING, _("(bỏ trống)")),
            *(SelectChoice(name, _(name)) for name in PEOPLES),
        ],
        default="",
    )
    disability = SelectField(
        _("Dạng khuyết tật"),
        choices=[
            SelectChoice("", _("(giữ nguyên)")),
            SelectChoice(NOTHING, _("(không khuyết tật)")),
            *(SelectChoice(name, _(name)) for name in DISABILITIES),
        ],
        default="",
    )
    seen = HiddenField(validators=[Length(max=80)])
