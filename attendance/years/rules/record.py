"""Absences as they are copied into the school record (học bạ), by hand: the product keeps no school record. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from app.i18n import N_
from attendance.absences.rules import FIRST_COUNTED_GRADE, Session
from attendance.years.rules.frame import Part
from attendance.years.rules.sheet import parts_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from attendance.absences.rules import Sums
    from attendance.months.rules import Month
    from attendance.years.rules.frame import Cover, Frame


class Way(StrEnum):
    """What counts as one absence."""

    DAILY = "daily"
    EVERY = "every"


WAY_NAMES: Final = {Way.DAILY: N_("Mỗi ngày một buổi"), Way.EVERY: N_("Mọi buổi")}


def usual_way(grade: int) -> Way:
    """Return how a grade counts unless a person says otherwise.

    Lower and upper secondary count by the plan of one session a day (TT 22/2021/TT-BGDĐT, Art. 12.1.c), so that the
    record says what the count of 45 sessions says. Primary schools have no such rule and count what they took.
    """
    return Way.DAILY if grade >= FIRST_COUNTED_GRADE else Way.EVERY


def counted(sessions: Iterable[Session], way: Way) -> list[Session]:
    """Return the absences that count: every session, or at most one of a day, of buổi 1, the gravest."""
    absent = [one for one in sessions if one.is_absent]
    if way is Way.EVERY:
        return absent
    by_day: dict[object, Session] = {}
    for one in sorted((one for one in absent if one.programme_session == 1), key=_gravity):
        by_day[one.day] = one
    return sorted(by_day.values(), key=lambda one: one.day)


def _gravity(one: Session) -> int:
    if one.code is None or one.code.is_authorised:
        return 0
    return 1 if one.code.is_pending else 2


@dataclass(frozen=True, slots=True)
class RecordLine:
    """A pupil's absences to copy; `opening` sessions of the year were missed at a former school, reasons unknown."""

    pupil_id: int
    number: int
    name: str
    parts: Mapping[Part, Sums]
    opening: int = 0


@dataclass(frozen=True, slots=True)
class Record:
    """The page: who, what, how it was counted, how much is missing, which months may still change."""

    frame: Frame
    way: Way
    lines: tuple[RecordLine, ...]
    covers: Mapping[Part, Cover]
    open_months: tuple[Month, ...]

    @property
    def pending(self) -> int:
        """How many absences wait for a reason: they are neither with nor without permission yet."""
        return sum(line.parts[Part.WHOLE].pending for line in self.lines)


def record_lines(
    frame: Frame,
    way: Way,
    pupils: Sequence[tuple[int, str]],
    marked: Mapping[int, Sequence[Session]],
    openings: Mapping[int, int],
) -> tuple[RecordLine, ...]:
    """Return a line for each pupil (id, name), in their order."""
    return tuple(
        RecordLine(
            pupil_id,
            number,
            name,
            parts_of(frame, counted(marked.get(pupil_id, ()), way)),
            openings.get(pupil_id, 0),
        )
        for number, (pupil_id, name) in enumerate(pupils, start=1)
    )
