"""The shape of an entered figure: one or two whole numbers and their source."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import HiddenField, IntegerField, StringField
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from reports.inputs.rules import LARGEST, LONGEST_SOURCE


class EnterForm(FlaskForm):  # type: ignore[misc] # Flask-WTF has no types
    """An answer to one question; `seen` is the revision that the person saw (0: nothing yet)."""

    item = HiddenField()
    seen = HiddenField(default="0")
    part = IntegerField(validators=[InputRequired(), NumberRange(0, LARGEST)])
    whole = IntegerField(validators=[Optional(), NumberRange(0, LARGEST)])
    source = StringField(_("Nguồn"), validators=[InputRequired(), Length(max=LONGEST_SOURCE)])
