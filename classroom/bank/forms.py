"""The shape of a lesson plan as it is typed."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import HiddenField, IntegerField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from classroom.bank.rules import LONGEST_PLAN, LONGEST_SUBJECT, LONGEST_TITLE


class PlanForm(FlaskForm):  # type: ignore[misc] # Flask-WTF ships no types
    """A plan: title, subject, and its questions as text."""

    op_id = HiddenField(validators=[InputRequired(), Length(8, 36)])
    seen_version = IntegerField(validators=[Optional(), NumberRange(0)])
    title = StringField(
        _("Tên kế hoạch"),
        validators=[InputRequired(_("Hãy đặt tên cho kế hoạch.")), Length(max=LONGEST_TITLE)],
    )
    subject = StringField(_("Môn học"), validators=[Length(max=LONGEST_SUBJECT)])
    text = TextAreaField(_("Các câu hỏi"), validators=[Length(max=LONGEST_PLAN)])


class ArrangeForm(FlaskForm):  # type: ignore[misc] # Flask-WTF ships no types
    """A question that changes its place in the text: its number, and by how many places (0: it leaves).

    `before` is the text that comes back when what a file brought leaves again.
    """

    text = TextAreaField(validators=[Length(max=LONGEST_PLAN)])
    number = IntegerField(validators=[Optional(), NumberRange(1, 99)])
    steps = IntegerField(validators=[Optional(), NumberRange(-99, 99)])
    before = TextAreaField(validators=[Length(max=LONGEST_PLAN)])
