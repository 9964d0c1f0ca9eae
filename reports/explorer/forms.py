"""What the address of a pivot says, and keeping it under a name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, StringField
from wtforms.validators import Length

from app.parameters import number_in
from reports.explorer.rules import LONGEST_NAME, Axis, PivotView
from reports.indicators.rules import versions

if TYPE_CHECKING:
    from collections.abc import Mapping


class KeepForm(FlaskForm):  # type: ignore[misc] # Flask-WTF has no types
    """A name for the view that the address says."""

    key = HiddenField(validators=[Length(min=8, max=64)])
    name = StringField(_("Tên góc nhìn"), validators=[Length(max=LONGEST_NAME)])
    is_pinned = BooleanField(_("Ghim lên bảng theo dõi"))


def read_view(arguments: Mapping[str, str], place: int, period: str) -> PivotView:
    """Read an address; what it does not say, or says wrongly, is places by months of the attendance rate."""
    rows, columns = (
        Axis(arguments[name]) if arguments.get(name) in set(Axis) else None for name in ("rows", "columns")
    )
    rows = rows or Axis.PLACE
    if columns is None or columns is rows:
        columns = Axis.PERIOD if rows is not Axis.PERIOD else Axis.PLACE
    chosen, measure = arguments.get("place", ""), arguments.get("measure", "")
    return PivotView(
        place if (found := number_in(chosen)) is None else found,
        arguments.get("period", "")[:16] or period,
        measure if any(not one.kept_inside for one in versions(measure)) else "attendance_rate",
        rows,
        columns,
    )
