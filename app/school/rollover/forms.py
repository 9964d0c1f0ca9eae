"""What the pages of a rollover send: one table of classes, one table of the pupils of a class."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import HiddenField, SelectField, StringField
from wtforms.validators import DataRequired, Length, Regexp

from app.errors import InvalidError
from app.i18n import say
from app.school.rollover.rules import ClassChoice, Decision, PupilChoice, checked_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class BeginForm(FlaskForm):  # type: ignore[misc] # flask_wtf has no types
    """From which year into which."""

    from_year = SelectField(_("Năm học cũ"), validators=[DataRequired()])
    to_year = StringField(
        _("Năm học mới"),
        description=_("Viết như 2027-2028. Năm học chưa có thì được mở với khung ngày thông thường."),
        validators=[DataRequired(_("Nhập năm học mới.")), Length(max=9)],
        filters=[lambda value: value.strip() if value else value],
    )
    client_key = HiddenField(validators=[DataRequired(), Length(8, 64), Regexp(r"[A-Za-z0-9_-]+")])


def class_choices(sent: Mapping[str, str], class_ids: Iterable[int]) -> dict[int, ClassChoice]:
    """Return what was chosen for classes; raise InvalidError on a name that says no grade."""
    return {
        class_id: ClassChoice(
            _decision(sent.get(f"decision-{class_id}", "")),
            checked_name(sent.get(f"target-{class_id}", "")),
            checked_name(sent.get(f"repeat-{class_id}", "")),
        )
        for class_id in class_ids
    }


def pupil_choices(sent: Mapping[str, str], pupil_ids: Iterable[int]) -> dict[int, PupilChoice | None]:
    """Return what was chosen for pupils, None for those who do as their class; raise InvalidError as above."""
    return {
        pupil_id: PupilChoice(_decision(chosen), checked_name(sent.get(f"class-{pupil_id}", "")))
        if (chosen := sent.get(f"decision-{pupil_id}", ""))
        else None
        for pupil_id in pupil_ids
    }


def _decision(sent: str) -> Decision:
    if sent not in set(Decision):
        raise InvalidError(say("Chọn một quyết định trong danh sách."))
    return Decision(sent)
