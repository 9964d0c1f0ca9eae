"""The form of a bell schedule: a day, and a line for each period."""

from __future__ import annotations

from datetime import time
from typing import TYPE_CHECKING, Final

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import DateField, IntegerField, StringField
from wtforms.validators import DataRequired, Length, NumberRange, ValidationError

from app import clock
from app.errors import InvalidError
from app.i18n import say
from app.school.bells.rules import GRADES, MOST_PERIODS, Period, Plan
from app.school.rules import DaySession
from app.text import clean_text

if TYPE_CHECKING:
    from collections.abc import Mapping


_IN_SCHOOL: Final = NumberRange(GRADES[0], GRADES[-1], _("Chọn khối từ 1 đến 12."))


class PlanForm(FlaskForm):  # type: ignore[misc] # flask_wtf has no types
    """The day, the grades and a name; the periods are read by `periods_of`."""

    starts_on = DateField(_("Áp dụng từ ngày"), validators=[DataRequired(_("Chọn ngày."))])
    first_grade = IntegerField(_("Từ khối"), default=GRADES[0], validators=[_IN_SCHOOL])
    last_grade = IntegerField(_("Đến khối"), default=GRADES[-1], validators=[_IN_SCHOOL])
    plan_name = StringField(
        _("Tên lịch"),
        description=_("Không bắt buộc. Ví dụ: Giờ mùa đông; Khối 1 và 2."),
        validators=[Length(max=60)],
    )

    def validate_last_grade(self, field: IntegerField) -> None:
        """Refuse a last grade below the first one."""
        if self.first_grade.data and field.data and field.data < self.first_grade.data:
            raise ValidationError(_("Khối cuối không được nhỏ hơn khối đầu."))

    @property
    def plan(self) -> Plan:
        """What the form says, without its periods."""
        return Plan(
            self.starts_on.data or clock.today(),
            None,
            (),
            self.first_grade.data or GRADES[0],
            self.last_grade.data or GRADES[-1],
            clean_text(self.plan_name.data or ""),
        )


class DropForm(FlaskForm):  # type: ignore[misc] # flask_wtf has no types
    """The grades of a schedule that is taken back."""

    first_grade = IntegerField(default=GRADES[0], validators=[_IN_SCHOOL])
    last_grade = IntegerField(default=GRADES[-1], validators=[_IN_SCHOOL])


def periods_of(sent: Mapping[str, str]) -> list[Period]:
    """Return the periods of a sent form; a line without times is no period. Raises InvalidError for half a line."""
    wrong: dict[str, str] = {}
    periods = []
    for session in DaySession:
        for number in range(1, MOST_PERIODS + 1):
            key = f"{session}-{number}"
            begins, finishes = sent.get(f"{key}-begins", "").strip(), sent.get(f"{key}-finishes", "").strip()
            if not begins and not finishes:
                continue
            try:
                programme = int(sent.get(f"{key}-programme", "1"))
                times = time.fromisoformat(begins), time.fromisoformat(finishes)
                periods.append(Period(session, number, *times, programme))
            except ValueError:
                wrong[key] = say("Nhập cả giờ vào và giờ ra, ví dụ 07:00 và 07:40.")
    if wrong:
        raise InvalidError(say("Giờ học chưa hợp lệ. Kiểm tra các tiết được đánh dấu."), wrong)
    return periods
