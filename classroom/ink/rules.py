"""Ink as pure values: which pens there are, and how much may be drawn."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from app.errors import InvalidError
from app.i18n import say
from classroom.activities.rules.strokes import SLIDE_WIDTH, is_within

LONGEST_STROKE: Final = 1_200
"""Signs: some six hundred points, twenty seconds of writing without lifting the pen."""
MOST_ON_SLIDE, MOST_IN_LESSON = 400, 2_000
"""Strokes, those that were undone too: the teacher's snapshot holds them all."""


class Pen(StrEnum):
    """The pens at hand."""

    RED = "red"
    BLUE = "blue"
    GREEN = "green"
    MARKER = "marker"


def check_stroke(points: str, high: int) -> None:
    """Raise InvalidError for what is no stroke on a slide of this height, or is too long."""
    if len(points) > LONGEST_STROKE or not is_within(points, SLIDE_WIDTH, high):
        raise InvalidError(say("Nét vẽ không đọc được."))
