"""Forms of timetables: substitutions, drafts and their cells, publishing, files."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import DateField, HiddenField, IntegerField, StringField
from wtforms.validators import DataRequired, InputRequired, Length, Optional, Regexp

from app.errors import InvalidError
from app.i18n import say
from app.school.timetables.rules.grid import LONGEST_ROOM, Line
from app.school.timetables.rules.weeks import WeekPattern
from app.text import clean_text

if TYPE_CHECKING:
    from werkzeug.datastructures import MultiDict


class LessonDayForm(FlaskForm):  # type: ignore[misc] # flask_wtf has no types
    """One lesson on one day, and who is absent (to come back to the same list)."""

    entry_id = IntegerField(validators=[DataRequired()])
    day = DateField(validators=[DataRequired(_("Chọn ngày."))])
    staff_id = IntegerField(validators=[Optional()])


class ArrangeForm(LessonDayForm):
    """Who takes the lesson; empty or 0: nobody, it is cancelled."""

    substitute_id = IntegerField(_("Giáo viên dạy thay"), validators=[Optional()])
    reason = StringField(_("Lý do"), validators=[Length(max=200)])


# --- versions -----------------------------------------------------------------------------------------------------

_KEY: Final = (DataRequired(), Length(8, 64), Regexp(r"[A-Za-z0-9_-]+"))


class DraftForm(FlaskForm):  # type: ignore[misc] # flask_wtf has no types
    """A new draft: its year, and the version that it begins as (0: empty)."""

    year_id = IntegerField(validators=[DataRequired()])
    source_id = IntegerField(validators=[Optional()])
    client_key = HiddenField(validators=[*_KEY])


class PublishForm(FlaskForm):  # type: ignore[misc] # flask_wtf has no types
    """From which day a draft holds, and why it may hold in spite of its conflicts."""

    starts_on = DateField(_("Áp dụng từ ngày"), validators=[DataRequired(_("Chọn ngày."))])
    reason = StringField(_("Lý do công bố dù còn chỗ trùng"), validators=[Length(max=200)])


class DiscardForm(FlaskForm):  # type: ignore[misc] # flask_wtf has no types
    """Throwing a draft away: the button itself says so."""

    confirm = IntegerField(validators=[DataRequired()])


class CellForm(FlaskForm):  # type: ignore[misc] # flask_wtf has no types
    """Which cell of a draft, and the version of it that the person saw; its lines are read by `lines_of`."""

    class_id = IntegerField(validators=[DataRequired()])
    slot = StringField(validators=[DataRequired()])
    seen = IntegerField(validators=[InputRequired()])
    client_key = HiddenField(validators=[*_KEY])


LINES: Final = 2
"""A cell has at most a lesson of the odd weeks and one of the even weeks."""


def lines_of(sent: MultiDict[str, str]) -> tuple[Line, ...]:
    """Return the lines of a sent cell; one without subject and teacher is no line. Raises InvalidError for half a line.

    `pick` is a subject with its teacher, chosen by one press: it fills the cell for all weeks.
    """
    if (pick := sent.get("pick", "")) and (match := re.fullmatch(r"(\d+):(\d+)", pick)):
        return (Line(WeekPattern.EVERY, int(match[1]), (int(match[2]),)),)
    if "empty" in sent:
        return ()
    found = [_line(sent, number) for number in range(LINES)]
    return tuple(line for line in found if line is not None)


def _line(sent: MultiDict[str, str], number: int) -> Line | None:
    subject_id, staff_id = _id(sent.get(f"subject-{number}")), _id(sent.get(f"staff-{number}"))
    others = [_id(value) for value in sent.getlist(f"co-{number}")]
    if not subject_id and not staff_id:
        return None
    if not subject_id:
        raise InvalidError(say("Chọn môn học."), {f"subject-{number}": say("Chọn môn học.")})
    if not staff_id:
        raise InvalidError(say("Chọn giáo viên."), {f"staff-{number}": say("Chọn giáo viên.")})
    weeks = sent.get(f"weeks-{number}", "")
    return Line(
        WeekPattern(weeks) if weeks in list(WeekPattern) else WeekPattern.EVERY,
        subject_id,
        (staff_id, *(one for one in others if one)),
        clean_text(sent.get(f"room-{number}", ""))[:LONGEST_ROOM],
    )


def _id(value: str | None) -> int:
    return int(value) if value and value.isdecimal() and len(value) < 10 else 0  # noqa: PLR2004 - what a column holds


class TimetableFileForm(FlaskForm):  # type: ignore[misc] # flask_wtf has no types
    """A timetable as a workbook, for a school year."""

    file = FileField(_("Tệp thời khóa biểu"), validators=[FileRequired(_("Hãy chọn một tệp."))])
    year_id = IntegerField(validators=[DataRequired()])
    client_key = HiddenField(validators=[*_KEY])
