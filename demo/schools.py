"""The schools as planned: names, classes, sizes, who teaches whom, and the week that follows from it. All invented."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from app.school.rules import DaySession, Level
from demo.curricula import HOMEROOM, WEEKS, Curriculum, Hours, Week, curriculum
from demo.timetables import Period, WantedLesson, pairing, weekly_plan

if TYPE_CHECKING:
    import random
    from collections.abc import Sequence

SMALLEST, LARGEST = 28, 42
"""Class sizes of the demonstration."""


@dataclass(frozen=True, slots=True)
class ClassPlan:
    """A class to be: `site` is the name of a satellite site, None for the main one."""

    name: str
    grade: int
    size: int
    main_session: DaySession = DaySession.MORNING
    site: str | None = None
    stream: str = ""


@dataclass(frozen=True, slots=True)
class SchoolPlan:
    """A school to be. A school without classes is one that has just been created."""

    code: str
    name: str
    level: Level
    classes: tuple[ClassPlan, ...]
    sites: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Lesson:
    """A lesson of the week; `school_class` and `teacher` are numbers within the school, from 0."""

    school_class: int
    teacher: int
    subject: str
    day_session: DaySession
    period: Period


@dataclass(frozen=True, slots=True)
class Teaching:
    """Who teaches: `groups[i]` is the i-th teacher's subjects, `homeroom[c]` the homeroom teacher of class c."""

    groups: tuple[str, ...]
    homeroom: tuple[int, ...]
    lessons: tuple[Lesson, ...]


PROVINCE_CODE, PROVINCE_NAME, PROVINCE_TYPE = "75", "Tỉnh Đồng Nai", "Tỉnh"
WARD_CODE, WARD_NAME, WARD_TYPE = "P-BANG-LANG", "Phường Bằng Lăng", "Phường"
NEWCOMER: Final = SchoolPlan(
    "TH-BANG-LANG", "Trường Tiểu học Bằng Lăng (chưa có học sinh)", Level.PRIMARY, ()
)


def pilot_schools(chance: random.Random) -> tuple[SchoolPlan, ...]:
    """Return the four schools of the pilot, about 2,400 pupils together; the first has class 4/2."""
    return (
        SchoolPlan(
            "TH-HOA-MAI", "Trường Tiểu học Hoa Mai", Level.PRIMARY, primary_classes((4, 4, 4, 4, 4), chance)
        ),
        SchoolPlan(
            "THCS-SUOI-TRONG",
            "Trường THCS Suối Trong",
            Level.LOWER_SECONDARY,
            lower_secondary_classes((5, 5, 5, 5), chance),
        ),
        SchoolPlan(
            "THPT-DOI-THONG",
            "Trường THPT Đồi Thông",
            Level.UPPER_SECONDARY,
            upper_secondary_classes((6, 6, 6), chance),
        ),
        SchoolPlan(
            "TH-BAU-SIM",
            "Trường Tiểu học Bàu Sim",
            Level.PRIMARY,
            small_school_classes("Điểm trường Sóc Gõ", chance),
            sites=("Điểm trường Sóc Gõ",),
        ),
    )


def primary_classes(per_grade: Sequence[int], chance: random.Random) -> tuple[ClassPlan, ...]:
    """Return classes such as 4/2, all in the morning with a buổi 2 in the afternoon."""
    return tuple(
        ClassPlan(f"{grade}/{number}", grade, _size(chance, 34))
        for grade, count in enumerate(per_grade, 1)
        for number in range(1, count + 1)
    )


def lower_secondary_classes(per_grade: Sequence[int], chance: random.Random) -> tuple[ClassPlan, ...]:
    """Return classes such as 6A1: for want of rooms grades 6 and 7 in the afternoon, 8 and 9 in the morning."""
    return tuple(
        ClassPlan(
            f"{grade}A{number}",
            grade,
            _size(chance, 37),
            DaySession.AFTERNOON if grade <= 7 else DaySession.MORNING,  # noqa: PLR2004 - as the docstring says
        )
        for grade, count in enumerate(per_grade, 6)
        for number in range(1, count + 1)
    )


def upper_secondary_classes(per_grade: Sequence[int], chance: random.Random) -> tuple[ClassPlan, ...]:
    """Return classes such as 12.3; the first half of a grade chose sciences, the others society."""
    return tuple(
        ClassPlan(
            f"{grade}.{number}", grade, _size(chance, 39), stream="TN" if number * 2 <= count + 1 else "XH"
        )
        for grade, count in enumerate(per_grade, 10)
        for number in range(1, count + 1)
    )


def small_school_classes(site: str, chance: random.Random) -> tuple[ClassPlan, ...]:
    """Return a class in each grade, and a second one at the satellite site in grades 1 to 3."""
    main = [ClassPlan(f"{grade}/1", grade, _size(chance, 31)) for grade in range(1, 6)]
    away = [ClassPlan(f"{grade}/2", grade, _size(chance, 29), site=site) for grade in range(1, 4)]
    return tuple(sorted([*main, *away], key=lambda plan: plan.name))


def _size(chance: random.Random, usual: int) -> int:
    return min(LARGEST, max(SMALLEST, round(chance.gauss(usual, 2.4))))


# --- who teaches whom, and when -----------------------------------------------------------------------------------


def teaching_of(plan: SchoolPlan, chance: random.Random, tries: int = 1500) -> Teaching:
    """Return a school's teachers and its week, in which nobody is in two places at once."""
    week = WEEKS[plan.level]
    curricula = [curriculum(one.grade, one.stream) for one in plan.classes]
    if plan.level is Level.PRIMARY:
        groups = [HOMEROOM] * len(plan.classes)
        homeroom = list(range(len(plan.classes)))
        taught = _assigned(plan, curricula, week, groups)
    else:
        groups = []
        taught = _assigned(plan, curricula, week, groups)
        homeroom = _homerooms(plan, taught)
    lessons = _week_of(plan, curricula, _Staffing(homeroom, taught, week, tries), chance)
    return Teaching(tuple(groups), tuple(homeroom), tuple(lessons))


@dataclass(frozen=True, slots=True)
class _Staffing:
    homeroom: list[int]
    taught: dict[tuple[int, str], int]
    week: Week
    tries: int

    def teacher(self, school_class: int, group: str) -> int:
        return self.homeroom[school_class] if group == HOMEROOM else self.taught[school_class, group]


def _assigned(
    plan: SchoolPlan, curricula: Sequence[Curriculum], week: Week, groups: list[str]
) -> dict[tuple[int, str], int]:
    """Return {(class, group of subjects): teacher}, adding to `groups`; a teacher has one main session."""
    demand: dict[tuple[DaySession, str], list[tuple[int, _Load]]] = defaultdict(list)
    for number, (one, hours) in enumerate(zip(plan.classes, curricula, strict=True)):
        for group, load in _loads(hours).items():
            demand[one.main_session, group].append((number, load))
    limit = _Load(len(week.free_in_main), len(week.second))
    taught: dict[tuple[int, str], int] = {}
    for (_, group), wanted in demand.items():
        carried: _Load | None = None
        for number, load in wanted:
            together = load.and_also(carried) if carried else load
            if carried is None or not together.fits(limit, week.largest_load):
                groups.append(group)
                together = load
            carried = together
            taught[number, group] = len(groups) - 1
    return taught


@dataclass(frozen=True, slots=True)
class _Load:
    """Periods a week in buổi 1 and in buổi 2."""

    main: int
    second: int

    def and_also(self, other: _Load) -> _Load:
        return _Load(self.main + other.main, self.second + other.second)

    def fits(self, week: _Load, largest: int) -> bool:
        return self.main <= week.main and self.second <= week.second and self.main + self.second <= largest


def _loads(hours: Curriculum) -> dict[str, _Load]:
    """Return how much of each group's teachers a class needs; the homeroom teacher's own part is not in it."""
    wanted: dict[str, _Load] = defaultdict(lambda: _Load(0, 0))
    for offered, is_main in ((hours.main, True), (hours.second, False)):
        for one in offered:
            if one.teachers != HOMEROOM:
                new = _Load(one.periods, 0) if is_main else _Load(0, one.periods)
                wanted[one.teachers] = wanted[one.teachers].and_also(new)
    return wanted


def _homerooms(plan: SchoolPlan, taught: dict[tuple[int, str], int]) -> list[int]:
    """Return a homeroom teacher for each class, among those who teach it, nobody for two classes."""
    wishes: dict[int, list[int]] = defaultdict(list)
    for (number, _), teacher in taught.items():
        wishes[number].append(teacher)
    chosen = pairing(wishes)
    return [chosen[number] for number in range(len(plan.classes))]


def _week_of(
    plan: SchoolPlan, curricula: Sequence[Curriculum], staffing: _Staffing, chance: random.Random
) -> list[Lesson]:
    week = staffing.week
    lessons = [
        Lesson(number, staffing.homeroom[number], "HDTN", one.main_session, period)
        for number, one in enumerate(plan.classes)
        for period in (week.assembly, week.closing)
    ]
    for session in (DaySession.MORNING, DaySession.AFTERNOON):
        main = {n: c.main for n, c in enumerate(curricula) if plan.classes[n].main_session is session}
        lessons += _session_of(session, main, week.free_in_main, staffing, chance)
    second = {number: hours.second for number, hours in enumerate(curricula) if hours.second}
    return lessons + _session_of(DaySession.AFTERNOON, second, week.second, staffing, chance)


def _session_of(
    session: DaySession,
    hours: dict[int, tuple[Hours, ...]],
    periods: tuple[Period, ...],
    staffing: _Staffing,
    chance: random.Random,
) -> list[Lesson]:
    wanted = [
        WantedLesson(number, staffing.teacher(number, one.teachers), one.subject)
        for number, offered in hours.items()
        for one in offered
        for _ in range(one.periods)
    ]
    if not wanted:
        return []
    placed = weekly_plan(wanted, periods, chance, staffing.tries)
    return [
        Lesson(lesson.school_class, lesson.teacher, lesson.subject, session, period)
        for lesson, period in zip(wanted, placed, strict=True)
    ]
