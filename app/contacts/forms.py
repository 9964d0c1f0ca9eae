"""Forms of contact data."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import SelectField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined] # newer than its types
from wtforms.validators import DataRequired, Length

from app.contacts.rules import CONTACT_NAMES, LONGEST_REASON


class SwitchForm(FlaskForm):  # type: ignore[misc] # flask_wtf has no types
    """A kind of contact data to keep from now on, and why."""

    field = SelectField(
        _("Mục"),
        choices=[SelectChoice(key.value, _(name)) for key, name in CONTACT_NAMES.items()],
        validators=[DataRequired()],
    )
    reason = StringField(
        _("Lý do"),
        description=_("Ví dụ: gọi phụ huynh khi học sinh vắng không phép"),
        validators=[DataRequired(_("Hãy ghi lý do cần thu thập mục này.")), Length(max=LONGEST_REASON)],
    )
