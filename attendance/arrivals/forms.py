"""The form of a late arrival."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import HiddenField, IntegerField
from wtforms.validators import InputRequired, Length, NumberRange

from app.http import LARGEST_ID
from attendance.arrivals.commands import Late
from attendance.evidence.rules import MOST_MINUTES


class LateForm(FlaskForm):  # type: ignore[misc] # flask_wtf has no types
    """Who came how late; `base` is the version of the register that the page showed."""

    key = HiddenField(validators=[Length(8, 40)])
    pupil_id = IntegerField(validators=[InputRequired(), NumberRange(1, LARGEST_ID)])
    base = IntegerField(validators=[InputRequired(), NumberRange(0, LARGEST_ID)])
    minutes = IntegerField(
        _("Trễ (phút)"),
        validators=[
            InputRequired(_("Nhập số phút trễ.")),
            NumberRange(1, MOST_MINUTES, _("Từ 1 đến 600 phút.")),
        ],
    )

    @property
    def late(self) -> Late:
        """What the form says."""
        return Late(self.key.data or "", self.pupil_id.data or 0, self.minutes.data or 0, self.base.data or 0)
