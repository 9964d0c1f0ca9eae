"""Pure rules of setting up a school: the steps, and what of each is done, told from what the school has."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from app.access import Permission, Role, everywhere
from app.i18n import N_, say

if TYPE_CHECKING:
    from collections.abc import Iterable

SET_UP_SCHOOL: Final = Permission(
    "school.setup", everywhere(Role.OFFICE_CLERK, Role.PRINCIPAL, Role.SYSTEM_ADMINISTRATOR)
)


class StepKey(StrEnum):
    """The steps, in the order in which each finds what it needs."""

    YEAR = "year"
    BELLS = "bells"
    STAFF = "staff"
    PUPILS = "pupils"
    HOMEROOMS = "homerooms"
    TIMETABLE = "timetable"
    ACCOUNTS = "accounts"
    CARDS = "cards"


STEP_NAMES: Final = {
    StepKey.YEAR: N_("Năm học và lịch"),
    StepKey.BELLS: N_("Giờ học"),
    StepKey.STAFF: N_("Nhân sự"),
    StepKey.PUPILS: N_("Lớp và học sinh"),
    StepKey.HOMEROOMS: N_("Giáo viên chủ nhiệm"),
    StepKey.TIMETABLE: N_("Thời khóa biểu"),
    StepKey.ACCOUNTS: N_("Tài khoản giáo viên"),
    StepKey.CARDS: N_("Thẻ học sinh"),
}
NEEDED: Final = frozenset(StepKey) - {StepKey.ACCOUNTS, StepKey.CARDS}
"""Without these registers cannot be taken as they should."""


class Progress(StrEnum):
    """How far a step is."""

    DONE = "done"
    PARTLY = "partly"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class SchoolState:
    """What a school has, in figures: of its present school year, on a day. `year` is None before there is one."""

    year: str | None = None
    decided_days: int = 0
    grades_without_bells: int = 0
    has_bells: bool = False
    staff: int = 0
    without_account: int = 0
    classes: int = 0
    empty_classes: int = 0
    over_norm: int = 0
    pupils: int = 0
    without_homeroom: int = 0
    has_timetable: bool = False
    without_lessons: int = 0
    without_card: int = 0


@dataclass(frozen=True, slots=True)
class Step:
    """A step of setting up: how far it is, in words."""

    key: StepKey
    progress: Progress
    words: str

    @property
    def is_done(self) -> bool:
        """Whether nothing is missing."""
        return self.progress is Progress.DONE


def steps_of(state: SchoolState) -> list[Step]:
    """Return all steps in order. Nothing is ticked by hand: a step is done when the school has what it is for."""
    return [
        _year(state),
        _bells(state),
        Step(StepKey.STAFF, _progress(state.staff, 0), say("%(count)s người", count=state.staff)),
        _pupils(state),
        _homerooms(state),
        _timetable(state),
        _accounts(state),
        _cards(state),
    ]


def open_steps(steps: Iterable[Step]) -> list[Step]:
    """Return the steps that are needed and not done, in order."""
    return [step for step in steps if step.key in NEEDED and not step.is_done]


def _year(state: SchoolState) -> Step:
    if state.year is None:
        return Step(StepKey.YEAR, Progress.MISSING, say("Chưa có năm học nào"))
    if not state.decided_days:
        return Step(
            StepKey.YEAR,
            Progress.PARTLY,
            say("Năm học %(year)s; lịch chưa có ngày nghỉ nào", year=state.year),
        )
    words = say("Năm học %(year)s; lịch có %(count)s ngày riêng", year=state.year, count=state.decided_days)
    return Step(StepKey.YEAR, Progress.DONE, words)


def _bells(state: SchoolState) -> Step:
    if not state.has_bells:
        return Step(StepKey.BELLS, Progress.MISSING, say("Chưa có giờ vào, giờ ra của các tiết"))
    if state.grades_without_bells:
        count = state.grades_without_bells
        return Step(StepKey.BELLS, Progress.PARTLY, say("Còn %(count)s khối chưa có giờ học", count=count))
    return Step(StepKey.BELLS, Progress.DONE, say("Mọi khối đều có giờ học"))


def _pupils(state: SchoolState) -> Step:
    words = say("%(classes)s lớp, %(pupils)s học sinh", classes=state.classes, pupils=state.pupils)
    if not state.pupils:
        return Step(StepKey.PUPILS, Progress.MISSING, words)
    if state.empty_classes:
        words = say(
            "%(classes)s lớp, %(pupils)s học sinh; %(empty)s lớp chưa có em nào",
            classes=state.classes,
            pupils=state.pupils,
            empty=state.empty_classes,
        )
        return Step(StepKey.PUPILS, Progress.PARTLY, words)
    return Step(StepKey.PUPILS, Progress.DONE, words)


def _timetable(state: SchoolState) -> Step:
    if not state.has_timetable:
        return Step(StepKey.TIMETABLE, Progress.MISSING, say("Chưa công bố thời khóa biểu"))
    if state.without_lessons:
        count = state.without_lessons
        return Step(
            StepKey.TIMETABLE, Progress.PARTLY, say("Đã công bố; %(count)s lớp chưa có tiết", count=count)
        )
    return Step(StepKey.TIMETABLE, Progress.DONE, say("Đã công bố, lớp nào cũng có tiết"))


def _homerooms(state: SchoolState) -> Step:
    missing = state.without_homeroom
    if not state.classes:
        words = say("Chưa có lớp")
    elif missing:
        words = say("còn thiếu %(count)s lớp", count=missing)
    else:
        words = say("Đã có %(count)s lớp", count=state.classes)
    return Step(StepKey.HOMEROOMS, _progress(state.classes, missing), words)


def _accounts(state: SchoolState) -> Step:
    missing = state.without_account
    if not state.staff:
        words = say("Chưa có nhân sự")
    elif missing:
        words = say("%(count)s người chưa có", count=missing)
    else:
        words = say("%(count)s người có tài khoản", count=state.staff)
    return Step(StepKey.ACCOUNTS, _progress(state.staff, missing), words)


def _cards(state: SchoolState) -> Step:
    missing = state.without_card
    if not state.pupils:
        words = say("Chưa có học sinh")
    elif missing:
        words = say("%(count)s em chưa có", count=missing)
    else:
        words = say("%(count)s em có thẻ", count=state.pupils)
    return Step(StepKey.CARDS, _progress(state.pupils, missing), words)


def _progress(every: int, missing: int) -> Progress:
    """Return how far something is that everybody is to have."""
    if every - missing <= 0:
        return Progress.MISSING
    return Progress.PARTLY if missing else Progress.DONE
