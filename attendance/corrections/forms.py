"""Forms of corrections. `client_key` is made with the page, so that sending twice is one request."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import HiddenField, SelectField, StringField
from wtforms.validators import DataRequired, Length, Regexp


class RequestForm(FlaskForm):  # type: ignore[misc] # flask_wtf has no types
    """Which pupil, which letter, why."""

    client_key = HiddenField(validators=[DataRequired(), Length(8, 40), Regexp(r"[A-Za-z0-9_-]+")])
    pupil_id = SelectField(_("Học sinh"), coerce=int, validators=[DataRequired(_("Chọn học sinh."))])
    letter = SelectField(_("Sửa thành"))
    why = StringField(
        _("Lý do đính chính"), validators=[DataRequired(_("Hãy ghi lý do đính chính.")), Length(max=200)]
    )


class DecisionForm(FlaskForm):  # type: ignore[misc] # flask_wtf has no types
    """A note on a decision; a rejection needs one."""

    note = StringField(_("Ghi chú"), validators=[Length(max=200)])
