"""The form of how long answers are kept."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import IntegerField
from wtforms.validators import NumberRange, Optional

from classroom.retention.rules import FEWEST_MONTHS, MOST_MONTHS


class RetentionForm(FlaskForm):  # type: ignore[misc] # flask_wtf has no types
    """Months, or nothing."""

    months = IntegerField(
        _("Giữ câu trả lời của từng em trong (tháng)"),
        description=_("Để trống nếu trường giữ lâu dài."),
        validators=[
            Optional(),
            NumberRange(FEWEST_MONTHS, MOST_MONTHS, _("Từ 1 đến 120 tháng.")),
        ],
    )
