"""The shape of an uploaded question sheet."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import StringField
from wtforms.validators import Length

from classroom.bank.rules import LONGEST_PLAN


class SheetForm(FlaskForm):  # type: ignore[misc] # Flask-WTF ships no types
    """A file of questions, and what the plan's text field holds already: the questions go behind it."""

    sheet = FileField(_("Tệp câu hỏi"), validators=[FileRequired(_("Hãy chọn một tệp."))])
    text = StringField(validators=[Length(max=LONGEST_PLAN)])
