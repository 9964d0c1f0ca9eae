"""The shape of the steps of a report."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import HiddenField, TextAreaField
from wtforms.validators import Length, Regexp

from reports.submissions.rules import LONGEST_REASON

_PERIOD = Regexp(r"20\d\d-(0[1-9]|1[0-2])|20\d\d-20\d\d-(start|end)")


class AcceptForm(FlaskForm):  # type: ignore[misc] # Flask-WTF has no types
    """Accept the figures that were seen: `seen` is their hash."""

    period = HiddenField(validators=[_PERIOD])
    seen = HiddenField(validators=[Regexp(r"[0-9a-f]{64}")])
    reason = TextAreaField(_("Lý do khi còn cảnh báo"), validators=[Length(max=LONGEST_REASON)])


class HandOnForm(AcceptForm):
    """Submit or approve the figures that were seen."""


class ReturnForm(FlaskForm):  # type: ignore[misc] # Flask-WTF has no types
    """Give a report back."""

    period = HiddenField(validators=[_PERIOD])
    reason = TextAreaField(_("Lý do trả lại"), validators=[Length(max=LONGEST_REASON)])


class RemindForm(FlaskForm):  # type: ignore[misc] # Flask-WTF has no types
    """Remind schools of a report."""

    period = HiddenField(validators=[_PERIOD])


class ReopenForm(FlaskForm):  # type: ignore[misc] # Flask-WTF has no types
    """Unlock a report."""

    period = HiddenField(validators=[_PERIOD])
    reason = TextAreaField(_("Lý do mở khóa"), validators=[Length(max=LONGEST_REASON)])
