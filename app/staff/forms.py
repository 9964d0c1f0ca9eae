"""Forms of staff."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import HiddenField
from wtforms.validators import DataRequired, Length, Regexp


class StaffRosterForm(FlaskForm):  # type: ignore[misc] # flask_wtf has no types
    """A staff roster. `client_key` is made with the page, so that sending twice is one import."""

    file = FileField(_("Tệp danh sách nhân sự"), validators=[FileRequired(_("Hãy chọn một tệp."))])
    client_key = HiddenField(validators=[DataRequired(), Length(8, 64), Regexp(r"[A-Za-z0-9_-]+")])
