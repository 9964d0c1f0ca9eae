"""The forms of a school event: the plan, and the roll call."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import DateField, HiddenField, SelectField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined] # newer than its types
from wtforms.validators import DataRequired, Length

from app import clock
from app.text import clean_text
from attendance.outings.commands.calling import RollCall
from attendance.outings.rules import LONGEST_NAME, WHOLE_DAY, Plan

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date

    from app.school.rules import DaySession


class OutingForm(FlaskForm):  # type: ignore[misc] # flask_wtf has no types
    """What takes place, when."""

    client_key = HiddenField(validators=[DataRequired(), Length(8, 64)])
    name = StringField(
        _("Tên hoạt động"),
        description=_("Ví dụ: Thi học sinh giỏi cấp tỉnh, Hội khỏe Phù Đổng."),
        validators=[DataRequired(_("Ghi tên hoạt động.")), Length(max=LONGEST_NAME)],
        render_kw={"autocomplete": "off"},
    )
    first_day = DateField(_("Từ ngày"), validators=[DataRequired(_("Chọn ngày."))])
    last_day = DateField(_("Đến hết ngày"), validators=[DataRequired(_("Chọn ngày."))])
    slot = SelectField(
        _("Buổi"),
        coerce=int,
        default=WHOLE_DAY,
        choices=[
            SelectChoice(WHOLE_DAY, _("Cả ngày")),
            SelectChoice(1, _("Buổi sáng")),
            SelectChoice(2, _("Buổi chiều")),
            SelectChoice(3, _("Buổi tối")),
        ],
    )

    @property
    def plan(self) -> Plan:
        """What the form says."""
        today = clock.today()
        return Plan(
            clean_text(self.name.data or ""),
            self.first_day.data or today,
            self.last_day.data or today,
            self.slot.data,
        )


def call_of(sent: Mapping[str, str], day: date, day_session: DaySession) -> RollCall:
    """Return the roll call that a sent form says: p-<pupil> is a letter, v-<class> the version that was shown."""
    return RollCall(
        key=sent.get("client_key", "")[:12] or uuid4().hex[:12],
        day=day,
        day_session=day_session,
        said={pupil_id: text[:4] for pupil_id, text in _numbered(sent, "p-")},
        bases={class_id: int(text) for class_id, text in _numbered(sent, "v-") if _is_number(text)},
    )


def _numbered(sent: Mapping[str, str], prefix: str) -> Iterator[tuple[int, str]]:
    for name, text in sent.items():
        number = name.removeprefix(prefix)
        if name.startswith(prefix) and _is_number(number):
            yield int(number), text.strip()


def _is_number(text: str) -> bool:
    return text.isdecimal() and len(text) <= 9  # noqa: PLR2004 - what fits every id
