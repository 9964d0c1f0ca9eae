"""What the page of two records sends: which values of the other record survive."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_wtf import FlaskForm
from wtforms import HiddenField
from wtforms.validators import DataRequired, Length, Regexp

from app.school.duplicates.rules import Value

if TYPE_CHECKING:
    from collections.abc import Mapping


class MergeForm(FlaskForm):  # type: ignore[misc] # flask_wtf has no types
    """The key that makes sending twice one merge."""

    client_key = HiddenField(validators=[DataRequired(), Length(8, 64), Regexp(r"[A-Za-z0-9_-]+")])


def values_from_other(sent: Mapping[str, str]) -> frozenset[Value]:
    """Return the values that are to come from the record that goes."""
    return frozenset(value for value in Value if sent.get(f"value-{value.value}") == "gone")
