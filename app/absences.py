"""Who is away: the package that keeps registers tells the others, and packages meet here without importing each other.

A feature hands its answer over in `Feature.setup`; whoever asks gets everybody whom some package says is away.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from sqlalchemy.orm import Session

    from app.school.rules import DaySession

    Answer = Callable[[Session, int, date, DaySession], frozenset[int]]

_answers: Final[list[Answer]] = []


def answer(who_is_away: Answer) -> None:
    """Have `who_is_away(session, class id, day, half of the day)` asked from now on; twice is once."""
    if who_is_away not in _answers:
        _answers.append(who_is_away)


def away(session: Session, class_id: int, day: date, day_session: DaySession) -> frozenset[int]:
    """Return the pupils of a class who are marked absent in a half of a day; nobody while no register was taken."""
    return frozenset[int]().union(*(who(session, class_id, day, day_session) for who in _answers))
