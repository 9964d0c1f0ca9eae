"""The shape of an uploaded presentation, and of a button beside it."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import HiddenField
from wtforms.validators import InputRequired, Length


class SlidesForm(FlaskForm):  # type: ignore[misc] # Flask-WTF ships no types
    """A presentation. `op_id` is made with the page, so that sending twice hangs it on the plan once."""

    file = FileField(_("Tệp trình chiếu"), validators=[FileRequired(_("Hãy chọn một tệp."))])
    op_id = HiddenField(validators=[InputRequired(), Length(8, 36)])


class OnceForm(FlaskForm):  # type: ignore[misc] # Flask-WTF ships no types
    """A button that is pressed once: `op_id` is made with the page."""

    op_id = HiddenField(validators=[InputRequired(), Length(8, 36)])
