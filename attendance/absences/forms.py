"""The form of what a pupil's count begins with."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import IntegerField, StringField
from wtforms.validators import InputRequired, Length, NumberRange


class OpeningForm(FlaskForm):  # type: ignore[misc] # flask_wtf has no types
    """Sessions missed at the former school, and where that is written."""

    sessions = IntegerField(
        _("Số buổi đã nghỉ ở trường cũ"),
        validators=[InputRequired(_("Nhập số buổi.")), NumberRange(0, 300, _("Từ 0 đến 300 buổi."))],
    )
    note = StringField(
        _("Căn cứ"), description=_("Ví dụ: học bạ của trường cũ."), validators=[Length(max=200)]
    )
