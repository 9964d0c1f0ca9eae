"""How long answers are kept, as pure functions."""

from __future__ import annotations

from calendar import monthrange
from datetime import date
from typing import TYPE_CHECKING, Final

from app.access import Permission, Role, everywhere
from classroom.activities.rules import Kind, is_right, tally

if TYPE_CHECKING:
    from collections.abc import Sequence

    from classroom.activities.rules import Answer, Content

SET_RETENTION: Final = Permission("answers.retention", everywhere(Role.PRINCIPAL, Role.SYSTEM_ADMINISTRATOR))
FEWEST_MONTHS, MOST_MONTHS = 1, 120
_WRITTEN: Final = frozenset({Kind.WORDS, Kind.TEXT, Kind.DRAWING})
_TYPED: Final = frozenset({Kind.SHORT, Kind.NUMBER})


def months_before(day: date, months: int) -> date:
    """Return the same day `months` months earlier, or that month's last day where it has fewer days."""
    number = day.year * 12 + day.month - 1 - months
    year, month = number // 12, number % 12 + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def counts_to_keep(content: Content, answers: Sequence[Answer]) -> dict[str, int]:
    """Return what stays of a round's answers: how often each choice was made, and nothing that a pupil wrote.

    Of short answers and numbers only how many matched the solution stays; of clouds, open texts
    and drawings no word and no stroke does.
    """
    if content.kind in _WRITTEN:
        return {}
    if content.kind in _TYPED:
        return {content.solution[0]: sum(bool(is_right(content, answer)) for answer in answers)}
    return tally(content, answers)
