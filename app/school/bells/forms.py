"""The form of a bell schedule: a day, and a line for each period."""

from __future__ import annotations

from datetime import time
from typing import TYPE_CHECKING

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import DateField
from wtforms.validators import DataRequired

from app.errors import InvalidError
from app.i18n import say
from app.school.bells.rules import MOST_PERIODS, Period
from app.school.rules import DaySession

if TYPE_CHECKING:
    from collections.abc import Mapping


class PlanForm(FlaskForm):  # type: ignore[misc] # flask_wtf has no types
    """The day; the periods are read by `periods_of`."""

    starts_on = DateField(_("Áp dụng từ ngày"), validators=[DataRequired(_("Chọn ngày."))])


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
