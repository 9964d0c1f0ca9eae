"""Values and pure rules of school life: kinds of units and days, slots, statuses, what a day is at a school."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from app.access import Permission, Reach, Role, everywhere, own_class
from app.errors import InvalidError
from app.i18n import N_, say
from app.text import fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping


class UnitKind(StrEnum):
    """Kinds of organisation units, from the top down. The words for them are data of the unit, not of this list.

    Districts were abolished on 1 July 2025; they are kept for the days before it.
    """

    PROVINCE = "province"
    DISTRICT = "district"
    WARD = "ward"
    SCHOOL = "school"
    SITE = "site"


class Level(StrEnum):
    """Education levels as EMIS-style software codes them (vietnam.md 2.4)."""

    PRIMARY = "1"
    LOWER_SECONDARY = "2"
    UPPER_SECONDARY = "3"


LEVEL_NAMES: Final = {
    Level.PRIMARY: N_("Tiểu học"),
    Level.LOWER_SECONDARY: N_("THCS"),
    Level.UPPER_SECONDARY: N_("THPT"),
}


class DaySession(StrEnum):
    """Half of a school day (buổi)."""

    MORNING = "morning"
    AFTERNOON = "afternoon"
    EVENING = "evening"


SESSION_NAMES: Final = {
    DaySession.MORNING: N_("Buổi sáng"),
    DaySession.AFTERNOON: N_("Buổi chiều"),
    DaySession.EVENING: N_("Buổi tối"),
}
_SESSION_WORDS: Final = {
    "sang": DaySession.MORNING,
    "s": DaySession.MORNING,
    "chieu": DaySession.AFTERNOON,
    "c": DaySession.AFTERNOON,
    "toi": DaySession.EVENING,
}


def session_named(text: str) -> DaySession | None:
    """Return the session of a cell such as "Sáng", "BUỔI CHIỀU", "S"; None for any other text."""
    folded = fold(text.replace("\n", " "))
    return _SESSION_WORDS.get(folded.removeprefix("buoi ").strip(" .:"))


SESSION_ORDER: Final = {DaySession.MORNING: 1, DaySession.AFTERNOON: 2, DaySession.EVENING: 3}


class DayKind(StrEnum):
    """What the calendar says of a day. Only MAKE_UP may turn a free weekday into a school day."""

    INSTRUCTIONAL = "instructional"
    HOLIDAY = "holiday"
    CLOSURE = "closure"
    MAKE_UP = "make_up"
    EXAM = "exam"
    PARTIAL = "partial"


class EnrolmentStatus(StrEnum):
    """The ministry's 12 pupil statuses, by name: their codes differ between products (vietnam.md 3.1)."""

    STUDYING = "Đang học"
    ARRIVED_TERM_1 = "Chuyển đến kỳ 1"
    RETURNED_TERM_1 = "Nghỉ học xin học lại kỳ 1"
    TRANSFERRED_TERM_1 = "Chuyển đi kỳ 1"
    LEFT_TERM_1 = "Thôi học kỳ 1"
    ARRIVED_TERM_2 = "Chuyển đến kỳ 2"
    RETURNED_TERM_2 = "Nghỉ học xin học lại kỳ 2"
    TRANSFERRED_TERM_2 = "Chuyển đi kỳ 2"
    LEFT_TERM_2 = "Thôi học kỳ 2"
    ARRIVED_SUMMER = "Chuyển đến trong hè"
    TRANSFERRED_SUMMER = "Chuyển đi trong hè"
    LEFT_SUMMER = "Thôi học trong hè"

    @property
    def is_studying(self) -> bool:
        """Whether the pupil is at the school: statuses 01, 02, 03, 06, 07 and 10."""
        return self in _STUDYING


_STUDYING: Final = frozenset(
    {
        EnrolmentStatus.STUDYING,
        EnrolmentStatus.ARRIVED_TERM_1,
        EnrolmentStatus.RETURNED_TERM_1,
        EnrolmentStatus.ARRIVED_TERM_2,
        EnrolmentStatus.RETURNED_TERM_2,
        EnrolmentStatus.ARRIVED_SUMMER,
    }
)


@dataclass(frozen=True, slots=True)
class CalendarEntry:
    """What one unit's calendar says of one day. `follows_weekday` (1 = Monday) is the timetable of a make-up day.

    `only_session` is the half of a partial day that is taught.
    """

    kind: DayKind
    follows_weekday: int | None = None
    note: str = ""
    only_session: DaySession | None = None


@dataclass(frozen=True, slots=True)
class SchoolDay:
    """What a day is at a school: whether there are lessons, in which session alone, by which weekday's timetable."""

    day: date
    is_teaching: bool
    weekday: int
    note: str = ""
    only_session: DaySession | None = None

    def teaches_in(self, day_session: DaySession) -> bool:
        """Say whether lessons of a session are held."""
        return self.is_teaching and self.only_session in {None, day_session}


def school_day(
    day: date,
    year: tuple[date, date],
    teaching_weekdays: Iterable[int],
    entries: Mapping[date, CalendarEntry],
) -> SchoolDay:
    """Decide what `day` is. `year` is [first, after last); `entries` are the school's own over its province's.

    Nothing about holidays is computed: a day is free because a calendar says so, or because the school does not
    teach on that weekday.
    """
    weekday = day.isoweekday()
    entry = entries.get(day)
    if not year[0] <= day < year[1]:
        return SchoolDay(day, is_teaching=False, weekday=weekday, note=N_("Ngoài năm học"))
    if entry is None:
        return SchoolDay(day, is_teaching=weekday in set(teaching_weekdays), weekday=weekday)
    if entry.kind in {DayKind.HOLIDAY, DayKind.CLOSURE}:
        return SchoolDay(day, is_teaching=False, weekday=weekday, note=entry.note)
    if entry.kind is DayKind.MAKE_UP:
        return SchoolDay(day, is_teaching=True, weekday=entry.follows_weekday or weekday, note=entry.note)
    is_teaching = weekday in set(teaching_weekdays)
    only = entry.only_session if entry.kind is DayKind.PARTIAL else None
    return SchoolDay(day, is_teaching=is_teaching, weekday=weekday, note=entry.note, only_session=only)


def days_between(first: date, after_last: date) -> Iterator[date]:
    """Yield the days of [first, after_last)."""
    for offset in range((after_last - first).days):
        yield first + timedelta(days=offset)


def year_dates(code: str) -> tuple[date, date, date]:
    """Return (first day, first day of semester II, first day after) of the usual frame of a year such as 2026-2027.

    The frame of QĐ 2269/QĐ-BGDĐT for 2025-26 (5/9 to 31/5, semester I ends before 18/1) serves as a start; the
    province's decision replaces it. Raises InvalidError when the code is not two consecutive years.
    """
    match = re.fullmatch(r"([12][0-9]{3})-([0-9]{4})", code)
    if not match or int(match[2]) != int(match[1]) + 1:
        raise InvalidError(say("Năm học viết như 2026-2027, không phải “%(code)s”.", code=code))
    first = int(match[1])
    return date(first, 9, 5), date(first + 1, 1, 18), date(first + 1, 6, 1)


def grade_of_class(name: str) -> int | None:
    """Return the grade in a class name (4/7 -> 4, 12.6 -> 12, 6A1 -> 6, L2B -> 2), None if there is none."""
    match = re.search(r"\d+", name)
    grade = int(match[0]) if match else 0
    return grade if 1 <= grade <= 12 else None  # noqa: PLR2004 - grades of general education


ETHNICITY_CODES: Final = "QĐ121-1979"
# Decision 121-TCTK/PPCĐ, 2 March 1979: position in this list is the code (vietnam.md 5, code set A).
PEOPLES: Final = (
    "Kinh", "Tày", "Thái", "Hoa", "Khơ-me", "Mường", "Nùng", "H'Mông", "Dao", "Gia-rai", "Ngái", "Ê-đê", "Ba Na",
    "Xơ-đăng", "Sán Chay", "Cơ-ho", "Chăm", "Sán Dìu", "Hrê", "Mnông", "Ra-glai", "Xtiêng", "Bru-Vân Kiều", "Thổ",
    "Giáy", "Cơ-tu", "Giẻ-Triêng", "Mạ", "Khơ-mú", "Co", "Tà-ôi", "Chơ-ro", "Kháng", "Xinh-mun", "Hà Nhì", "Chu-ru",
    "Lào", "La Chí", "La Ha", "Phù Lá", "La Hủ", "Lự", "Lô Lô", "Chứt", "Mảng", "Pà Thẻn", "Cơ Lao", "Cống", "Bố Y",
    "Si La", "Pu Péo", "Brâu", "Ơ Đu", "Rơ-măm", N_("Người nước ngoài"), N_("Không rõ"),
)  # fmt: skip
DISABILITIES: Final = (
    N_("Vận động"), N_("Nghe nói"), N_("Nhìn"), N_("Thần kinh, tâm thần"), N_("Trí tuệ"), N_("Khác"),
)  # fmt: skip
"""The catalogue's kinds of disability, by the words that rosters use; stored as they are, translated where shown."""

VIEW_SCHOOL: Final = Permission(
    "school.view",
    everywhere(Role.OFFICE_CLERK, Role.PRINCIPAL, Role.DEPARTMENT_OFFICER, Role.SYSTEM_ADMINISTRATOR),
)
VIEW_CLASS: Final = Permission(
    "class.view",
    everywhere(Role.OFFICE_CLERK, Role.PRINCIPAL) | own_class(Role.TEACHER, Role.HOMEROOM_TEACHER),
)
VIEW_PUPIL: Final = Permission(
    "pupil.view",
    everywhere(Role.OFFICE_CLERK, Role.PRINCIPAL)
    | own_class(Role.HOMEROOM_TEACHER)
    | {Role.GUARDIAN: Reach.SELF, Role.PUPIL: Reach.SELF},
)
PRINT_CARDS: Final = Permission("cards.print", everywhere(Role.OFFICE_CLERK))
IMPORT_ROSTER: Final = Permission("roster.import", everywhere(Role.OFFICE_CLERK, Role.SYSTEM_ADMINISTRATOR))
