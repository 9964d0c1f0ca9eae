"""Forms of months."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import StringField
from wtforms.validators import Length


class ReopenForm(FlaskForm):  # type: ignore[misc] # flask_wtf has no types
    """Why a month is opened again."""

    why = StringField(_("Lý do mở lại"), validators=[Length(max=200)])
