"""What is taught when: subjects, the week's periods, bells, and how often a class has each subject.

Numbers of periods follow the general education programme of 2018 closely enough to look right; a school's own plan
differs from year to year. Primary schools have nine sessions a week and periods of 35 minutes (vietnam.md 2.2).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time
from typing import Final

from app.school.rules import DaySession, Level
from demo.timetables import Period

MORNING, AFTERNOON = DaySession.MORNING, DaySession.AFTERNOON
HOMEROOM: Final = "homeroom"
"""Stands for the homeroom teacher where a subject's teacher is asked for."""

SUBJECTS: Final = {
    "TV": "Tiếng Việt", "TOAN": "Toán", "DD": "Đạo đức", "TNXH": "Tự nhiên và Xã hội", "KH": "Khoa học",
    "LSDL": "Lịch sử và Địa lí", "TA": "Tiếng Anh", "GDTC": "Giáo dục thể chất", "AN": "Âm nhạc", "MT": "Mĩ thuật",
    "TIN": "Tin học", "CN": "Công nghệ", "HDTN": "Hoạt động trải nghiệm", "TUHOC": "Tự học có hướng dẫn",
    "VAN": "Ngữ văn", "KHTN": "Khoa học tự nhiên", "GDCD": "Giáo dục công dân", "NT": "Nghệ thuật",
    "GDDP": "Giáo dục địa phương", "SU": "Lịch sử", "DIA": "Địa lí", "LI": "Vật lí", "HOA": "Hóa học",
    "SINH": "Sinh học",
    "KTPL": "Giáo dục kinh tế và pháp luật", "QPAN": "Giáo dục quốc phòng và an ninh",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Bell:
    """A period of the school's day, with its wall-clock times and whether it belongs to buổi 1 or buổi 2."""

    day_session: DaySession
    number: int
    begins_at: time
    finishes_at: time
    programme_session: int


@dataclass(frozen=True, slots=True)
class Hours:
    """A subject's periods a week in one session; `teachers` names the group of teachers who give it."""

    subject: str
    periods: int
    teachers: str


@dataclass(frozen=True, slots=True)
class Curriculum:
    """A class's week: buổi 1 in its main session, and perhaps a buổi 2 in the afternoon."""

    main: tuple[Hours, ...]
    second: tuple[Hours, ...] = ()


@dataclass(frozen=True, slots=True)
class Week:
    """The periods of a level's week. `assembly` opens it and `closing` ends it, with the homeroom teacher."""

    weekdays: str
    main: tuple[Period, ...]
    second: tuple[Period, ...]
    assembly: Period
    closing: Period
    largest_load: int
    """Periods a week that a teacher gives at most, so that loads look like real ones (17 to 23 by the norm)."""

    @property
    def free_in_main(self) -> tuple[Period, ...]:
        """The periods of buổi 1 besides the two that are fixed."""
        return tuple(period for period in self.main if period not in {self.assembly, self.closing})


def _periods(weekdays: range | tuple[int, ...], a_day: int) -> tuple[Period, ...]:
    return tuple(Period(weekday, number) for weekday in weekdays for number in range(1, a_day + 1))


WEEKS: Final = {
    Level.PRIMARY: Week(
        "12345", _periods(range(1, 6), 4), _periods(range(1, 5), 3), Period(1, 1), Period(5, 4), 24
    ),
    Level.LOWER_SECONDARY: Week("123456", _periods(range(1, 7), 5), (), Period(1, 1), Period(6, 5), 19),
    Level.UPPER_SECONDARY: Week(
        "123456", _periods(range(1, 7), 5), _periods((2, 4), 3), Period(1, 1), Period(6, 5), 19
    ),
}


def _bells(
    session: DaySession, first: str, minutes: int, breaks: tuple[int, ...], programme: int
) -> tuple[Bell, ...]:
    """Return bells from the first one on; `breaks` are the minutes after each period but the last."""
    begins = int(first[:2]) * 60 + int(first[3:])
    bells = []
    for number, pause in enumerate((*breaks, 0), 1):
        ends = begins + minutes
        bells.append(Bell(session, number, time(*divmod(begins, 60)), time(*divmod(ends, 60)), programme))
        begins = ends + pause
    return tuple(bells)


BELLS: Final = {
    Level.PRIMARY: _bells(MORNING, "07:15", 35, (5, 25, 5), 1) + _bells(AFTERNOON, "14:00", 35, (5, 20), 2),
    Level.LOWER_SECONDARY: (
        _bells(MORNING, "07:00", 45, (5, 20, 5, 5), 1) + _bells(AFTERNOON, "12:45", 45, (5, 20, 5, 5), 1)
    ),
    Level.UPPER_SECONDARY: _bells(MORNING, "07:00", 45, (5, 20, 5, 5), 1)
    + _bells(AFTERNOON, "14:00", 45, (5, 15), 2),
}


def curriculum(grade: int, stream: str = "") -> Curriculum:
    """Return the week of a class without its fixed assembly and closing lesson; `stream` "TN" or "XH" from grade 10."""
    if grade <= 5:  # noqa: PLR2004 - primary ends with grade 5
        return _primary(grade)
    return _lower_secondary() if grade <= 9 else _upper_secondary(stream)  # noqa: PLR2004 - as above, 9


def _primary(grade: int) -> Curriculum:
    world = Hours("KH", 2, HOMEROOM) if grade > 3 else Hours("TNXH", 2, HOMEROOM)  # noqa: PLR2004 - as the programme
    land = Hours("LSDL", 2, HOMEROOM) if grade > 3 else Hours("TUHOC", 2, HOMEROOM)  # noqa: PLR2004
    main = (
        Hours("TV", 7, HOMEROOM), Hours("TOAN", 5, HOMEROOM), world, Hours("TA", 3, "TA"), Hours("GDTC", 1, "GDTC"),
    )  # fmt: skip
    second = (
        Hours("TV", 2, HOMEROOM), Hours("DD", 1, HOMEROOM), Hours("HDTN", 1, HOMEROOM), land, Hours("TA", 1, "TA"),
        Hours("AN", 1, "AN"), Hours("MT", 1, "MT"), Hours("TIN", 1, "TIN"), Hours("CN", 1, "TIN"),
        Hours("GDTC", 1, "GDTC"),
    )  # fmt: skip
    return Curriculum(main, second)


def _lower_secondary() -> Curriculum:
    return Curriculum((
        Hours("VAN", 5, "VAN"), Hours("TOAN", 4, "TOAN"), Hours("TA", 3, "TA"), Hours("KHTN", 4, "KHTN"),
        Hours("LSDL", 3, "LSDL"), Hours("GDDP", 1, "LSDL"), Hours("GDCD", 1, "GDCD"), Hours("TIN", 1, "TIN"),
        Hours("CN", 1, "TIN"), Hours("GDTC", 2, "GDTC"), Hours("NT", 2, "NT"), Hours("HDTN", 1, HOMEROOM),
    ))  # fmt: skip


def _upper_secondary(stream: str) -> Curriculum:
    shared = (
        Hours("VAN", 4, "VAN"), Hours("TOAN", 4, "TOAN"), Hours("TA", 3, "TA"), Hours("SU", 2, "SU"),
        Hours("GDTC", 2, "GDTC"), Hours("QPAN", 1, "GDTC"), Hours("GDDP", 1, "SU"), Hours("HDTN", 1, HOMEROOM),
    )  # fmt: skip
    chosen = {
        "TN": (
            Hours("LI", 3, "LI"),
            Hours("HOA", 3, "HOA"),
            Hours("SINH", 2, "SINH"),
            Hours("TIN", 2, "TIN"),
        ),
        "XH": (
            Hours("DIA", 3, "DIA"),
            Hours("KTPL", 3, "KTPL"),
            Hours("TIN", 2, "TIN"),
            Hours("CN", 2, "CN"),
        ),
    }
    second = (Hours("VAN", 2, "VAN"), Hours("TOAN", 2, "TOAN"), Hours("TA", 2, "TA"))
    return Curriculum(shared + chosen[stream or "TN"], second)
