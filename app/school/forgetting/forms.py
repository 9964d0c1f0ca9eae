"""The form of forgetting a pupil: on which request, and who is meant."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import StringField
from wtforms.validators import DataRequired, Length

from app.school.forgetting.rules import LONGEST_REASON


class ForgetForm(FlaskForm):  # type: ignore[misc] # flask_wtf has no types
    """Why, and the pupil's name or code, typed."""

    reason = StringField(
        _("Lý do"),
        description=_("Số, ngày của đơn yêu cầu và quyết định. Không ghi tên hay mã của em."),
        validators=[DataRequired(_("Hãy ghi lý do: số, ngày của đơn yêu cầu.")), Length(max=LONGEST_REASON)],
    )
    typed = StringField(
        _("Gõ họ tên hoặc mã của em để xác nhận"),
        validators=[DataRequired(_("Gõ họ và tên, hoặc mã của em.")), Length(max=120)],
    )
