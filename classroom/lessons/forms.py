"""The shape of a lesson's beginning."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import IntegerField, SelectField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined] # newer than its types
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from app.school.rules import SESSION_NAMES


class StartForm(FlaskForm):  # type: ignore[misc] # Flask-WTF ships no types
    """A class, a subject, and the slot of the timetable if it is one."""

    op_id = StringField(validators=[InputRequired(), Length(8, 36)])
    class_id = IntegerField(validators=[InputRequired(), NumberRange(1)])
    subject = StringField(validators=[Length(max=60)])
    day_session = SelectField(choices=[SelectChoice(session.value) for session in SESSION_NAMES])
    number = IntegerField(validators=[Optional(), NumberRange(1, 12)])
