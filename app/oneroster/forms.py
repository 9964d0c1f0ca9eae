"""The shape of what people type about OneRoster: a program to let in, a package to take."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import BooleanField, DateField, HiddenField, SelectField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined] # newer than its types
from wtforms.validators import InputRequired, Length, Optional

from app.oneroster.rules.binding import Version


class ClientForm(FlaskForm):  # type: ignore[misc] # Flask-WTF ships no types
    """A program that may read the school's roster day after day."""

    client_id = HiddenField(validators=[InputRequired(), Length(max=40)])
    name = StringField(
        _("Tên phần mềm"),
        [InputRequired(_("Hãy đặt tên cho phần mềm.")), Length(max=120)],
        description=_("Ví dụ: Moodle của trường."),
        render_kw={"autocomplete": "off"},
    )
    expires_on = DateField(_("Hết hạn từ ngày"), [InputRequired(_("Hãy chọn ngày."))])
    reads_roster = BooleanField(_("Cho đọc danh sách lớp"))
    reads_births = BooleanField(_("Cho đọc cả ngày sinh và giới tính"))


class PackageForm(FlaskForm):  # type: ignore[misc] # Flask-WTF ships no types
    """A package to take: the address of the file says all of it."""

    class Meta:
        """Nothing is changed by asking, so there is no token to check."""

        csrf = False

    version = SelectField(
        _("Phiên bản"),
        choices=[SelectChoice(one.value, one.value) for one in Version],
        default=Version.V1_2.value,
    )
    since = DateField(
        _("Chỉ những gì thay đổi từ ngày"), [Optional()], description=_("Bỏ trống: toàn bộ năm học.")
    )
    demographics = BooleanField(_("Kèm ngày sinh và giới tính"))
    codes = BooleanField(_("Kèm mã học sinh của Bộ"))
