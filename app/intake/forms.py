"""Forms of the intake."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import BooleanField, HiddenField, RadioField, SelectField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined] # newer than its types
from wtforms.validators import DataRequired, Length, Regexp

from app.intake.rules.dating import LEAVING_NAMES, Leaving


class UploadForm(FlaskForm):  # type: ignore[misc] # flask_wtf has no types
    """A roster file for a school year. `client_key` is made with the page, so that sending twice is one import."""

    file = FileField(_("Tệp danh sách học sinh"), validators=[FileRequired(_("Hãy chọn một tệp."))])
    year = SelectField(_("Năm học"), validators=[DataRequired()])
    client_key = HiddenField(validators=[DataRequired(), Length(8, 64), Regexp(r"[A-Za-z0-9_-]+")])


class ConfirmForm(FlaskForm):  # type: ignore[misc] # flask_wtf has no types
    """What happens to pupils who are missing from the file."""

    ends_missing = BooleanField(_("Cho thôi học/chuyển đi các học sinh không còn trong tệp"))
    leaving = RadioField(
        _("Ghi trạng thái"),
        choices=[SelectChoice(key.value, _(name)) for key, name in LEAVING_NAMES.items()],
        default=Leaving.TRANSFERRED.value,
    )
    confirm_many = BooleanField(
        _("Tôi đã kiểm tra: hơn một phần mười học sinh của trường thật sự không còn học ở đây")
    )
