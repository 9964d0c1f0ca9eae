"""The form of a seat plan: the grid, the day, and who sits where as the page wrote it."""

from __future__ import annotations

import json

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import DateField, HiddenField, IntegerField
from wtforms.validators import DataRequired, Length, NumberRange

from app.errors import InvalidError
from app.i18n import say
from app.school.seating.rules import MOST_COLUMNS, MOST_ROWS, Plan, Seat


class PlanForm(FlaskForm):  # type: ignore[misc] # flask_wtf has no types
    """A plan; `seats` is [[pupil, row, column], …] as JSON."""

    starts_on = DateField(_("Áp dụng từ ngày"), validators=[DataRequired(_("Chọn ngày."))])
    rows = IntegerField(_("Số hàng"), validators=[NumberRange(1, MOST_ROWS)])
    columns = IntegerField(_("Số cột"), validators=[NumberRange(1, MOST_COLUMNS)])
    seats = HiddenField(validators=[Length(max=10_000)])

    @property
    def plan(self) -> Plan:
        """What was sent; raises InvalidError when it is no plan."""
        try:
            rows = json.loads(self.seats.data or "[]")
            seats = tuple(Seat(int(pupil), int(row), int(column)) for pupil, row, column in rows)
        except (ValueError, TypeError, RecursionError) as error:
            raise InvalidError(say("Không đọc được sơ đồ. Hãy tải lại trang rồi xếp lại.")) from error
        return Plan(self.rows.data or 0, self.columns.data or 0, seats)
