"""A pupil's history as a value, and what each step of enrolment makes of it.

All periods are half-open [starts_on, ends_on); an open one has no end. A period that ends on its first day holds on no
day: it stays as a trace of what was written by mistake. Every step is a pure function from a history to a history, so
that what a step does is stated, tested and undone without a database.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any, ClassVar, Final, TypeVar

from app.access import Permission, Role, everywhere
from app.errors import InvalidError
from app.facts import Fact
from app.i18n import N_, say
from app.school.rules import EnrolmentStatus

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

KEEP_ENROLMENT: Final = Permission("enrolment.keep", everywhere(Role.OFFICE_CLERK, Role.PRINCIPAL))
SUMMER: Final = timedelta(days=120)
"""So long before its first day (and after its last) a school year still takes pupils in and lets them go."""
LONGEST_NOTE: Final = 200


class Verb(StrEnum):
    """The steps of enrolment."""

    ENROL = "enrol"
    MOVE = "move"
    TRANSFER = "transfer"
    ACCEPT = "accept"
    LEAVE = "leave"
    RETURN = "return"
    CORRECT = "correct"


STATUS_NAMES: Final = {
    EnrolmentStatus.STUDYING: N_("Đang học"),
    EnrolmentStatus.ARRIVED_TERM_1: N_("Chuyển đến kỳ 1"),
    EnrolmentStatus.RETURNED_TERM_1: N_("Nghỉ học xin học lại kỳ 1"),
    EnrolmentStatus.TRANSFERRED_TERM_1: N_("Chuyển đi kỳ 1"),
    EnrolmentStatus.LEFT_TERM_1: N_("Thôi học kỳ 1"),
    EnrolmentStatus.ARRIVED_TERM_2: N_("Chuyển đến kỳ 2"),
    EnrolmentStatus.RETURNED_TERM_2: N_("Nghỉ học xin học lại kỳ 2"),
    EnrolmentStatus.TRANSFERRED_TERM_2: N_("Chuyển đi kỳ 2"),
    EnrolmentStatus.LEFT_TERM_2: N_("Thôi học kỳ 2"),
    EnrolmentStatus.ARRIVED_SUMMER: N_("Chuyển đến trong hè"),
    EnrolmentStatus.TRANSFERRED_SUMMER: N_("Chuyển đi trong hè"),
    EnrolmentStatus.LEFT_SUMMER: N_("Thôi học trong hè"),
}
"""The statuses marked for translation: what is stored is the ministry's own name."""
VERB_NAMES: Final = {
    Verb.ENROL: N_("Ghi danh"),
    Verb.MOVE: N_("Chuyển lớp"),
    Verb.TRANSFER: N_("Chuyển trường"),
    Verb.ACCEPT: N_("Tiếp nhận"),
    Verb.LEAVE: N_("Thôi học"),
    Verb.RETURN: N_("Học lại"),
    Verb.CORRECT: N_("Sửa ngày"),
}


class LeavingReason(StrEnum):
    """Why a pupil stops learning; the code is the ministry's (vietnam.md 3.1)."""

    HARDSHIP = "01"
    RESULTS = "02"
    DISTANCE = "03"
    DISASTER = "04"
    STIGMA = "05"
    OTHER = "06"
    DEFERRED = "07"
    VOCATIONAL = "08"


REASON_NAMES: Final = {
    LeavingReason.HARDSHIP: N_("Hoàn cảnh kinh tế gia đình khó khăn"),
    LeavingReason.RESULTS: N_("Học lực yếu, kém"),
    LeavingReason.DISTANCE: N_("Xa trường, đi lại khó khăn"),
    LeavingReason.DISASTER: N_("Thiên tai, dịch bệnh"),
    LeavingReason.STIGMA: N_("Bị kỳ thị"),
    LeavingReason.DEFERRED: N_("Bảo lưu kết quả"),
    LeavingReason.VOCATIONAL: N_("Chuyển sang học nghề"),
    LeavingReason.OTHER: N_("Nguyên nhân khác"),
}


class Coming(StrEnum):
    """How a pupil comes to a school."""

    NEW = "new"
    ARRIVED = "arrived"
    RETURNED = "returned"


class Going(StrEnum):
    """How a pupil goes from a school."""

    TRANSFERRED = "transferred"
    LEFT = "left"


@dataclass(frozen=True)
class EnrolmentChanged(Fact):
    """From `first` on a pupil is, or is not, at this school or in these classes; read the present state."""

    fact_name: ClassVar[str] = "EnrolmentChanged"
    pupil_id: int
    school_id: int
    first: date


@dataclass(frozen=True, slots=True)
class YearFrame:
    """A school year's dates: [starts_on, ends_on), and the first day of its second semester."""

    id: int
    starts_on: date
    second_semester_on: date
    ends_on: date


@dataclass(frozen=True, slots=True)
class ClassPlace:
    """A class with its school and its year."""

    class_id: int
    school_id: int
    year: YearFrame


@dataclass(frozen=True, slots=True)
class Stay:
    """A row of `enrolment`. `came_as` is the status with which it began, once that of leaving stands over it."""

    id: int | None
    school_id: int
    year_id: int
    status: str
    came_as: str | None
    starts_on: date
    ends_on: date | None


@dataclass(frozen=True, slots=True)
class ClassStay:
    """A row of `class_membership`, with the school and year of its class."""

    id: int | None
    class_id: int
    school_id: int
    year_id: int
    starts_on: date
    ends_on: date | None


Row = TypeVar("Row", Stay, ClassStay)


@dataclass(frozen=True, slots=True)
class History:
    """Everything that is dated about one pupil, in order of time."""

    stays: tuple[Stay, ...] = ()
    classes: tuple[ClassStay, ...] = ()

    def stay_on(self, day: date) -> Stay | None:
        """Return the enrolment that holds on a day; the latest begun when an old year was left open."""
        return max(
            (one for one in self.stays if holds(one, day)), key=lambda one: one.starts_on, default=None
        )

    def classes_on(self, day: date) -> list[ClassStay]:
        """Return the classes of the enrolment that holds on a day."""
        stay = self.stay_on(day)
        return [
            one
            for one in self.classes
            if stay and holds(one, day) and (one.school_id, one.year_id) == (stay.school_id, stay.year_id)
        ]


def keeping_stay(stays: Iterable[Stay], day: date) -> Stay | None:
    """Return the enrolment whose school keeps the pupil's record on a day, None for who never had one.

    It is the one that holds on the day, else the last one, also one that is still to begin: between two schools the new
    one keeps the record. One that holds on no day was a mistake and counts only where there is no other.
    """
    return max(
        stays,
        key=lambda one: (
            holds(one, day),
            one.ends_on != one.starts_on,
            one.starts_on,
            one.ends_on is None,
            one.id or 0,
        ),
        default=None,
    )


def holds(row: Stay | ClassStay, day: date) -> bool:
    """Say whether a period holds on a day."""
    return row.starts_on <= day and (row.ends_on is None or day < row.ends_on)


def to_json(history: History) -> str:
    """Return a history as text, to be kept with the change that made or replaced it."""
    return json.dumps(
        {
            "stays": [_plain(one) for one in history.stays],
            "classes": [_plain(one) for one in history.classes],
        },
        ensure_ascii=False,
    )


def from_json(text: str) -> History:
    """Return the history that `to_json` wrote."""
    found = json.loads(text)
    return History(
        tuple(Stay(**_dated(one)) for one in found["stays"]),
        tuple(ClassStay(**_dated(one)) for one in found["classes"]),
    )


def _plain(row: Stay | ClassStay) -> dict[str, Any]:
    return {
        name: value.isoformat() if isinstance(value, date) else value
        for name in row.__slots__
        for value in [getattr(row, name)]
    }


def _dated(saved: dict[str, Any]) -> dict[str, Any]:
    ends = saved["ends_on"]
    return {
        **saved,
        "starts_on": date.fromisoformat(saved["starts_on"]),
        "ends_on": date.fromisoformat(ends) if ends else None,
    }


# --- statuses -----------------------------------------------------------------------------------------------------


class _Term(StrEnum):
    ONE = "1"
    TWO = "2"
    SUMMER = "summer"


def _term(year: YearFrame, day: date) -> _Term:
    if not year.starts_on <= day < year.ends_on:
        return _Term.SUMMER
    return _Term.ONE if day < year.second_semester_on else _Term.TWO


_BY_TERM: Final[dict[Coming | Going, dict[_Term, EnrolmentStatus]]] = {
    Coming.NEW: dict.fromkeys(_Term, EnrolmentStatus.STUDYING),
    Coming.ARRIVED: {
        _Term.ONE: EnrolmentStatus.ARRIVED_TERM_1,
        _Term.TWO: EnrolmentStatus.ARRIVED_TERM_2,
        _Term.SUMMER: EnrolmentStatus.ARRIVED_SUMMER,
    },
    Coming.RETURNED: {  # the ministry has no "returned in summer": who comes back then begins with semester I
        _Term.ONE: EnrolmentStatus.RETURNED_TERM_1,
        _Term.TWO: EnrolmentStatus.RETURNED_TERM_2,
        _Term.SUMMER: EnrolmentStatus.RETURNED_TERM_1,
    },
    Going.TRANSFERRED: {
        _Term.ONE: EnrolmentStatus.TRANSFERRED_TERM_1,
        _Term.TWO: EnrolmentStatus.TRANSFERRED_TERM_2,
        _Term.SUMMER: EnrolmentStatus.TRANSFERRED_SUMMER,
    },
    Going.LEFT: {
        _Term.ONE: EnrolmentStatus.LEFT_TERM_1,
        _Term.TWO: EnrolmentStatus.LEFT_TERM_2,
        _Term.SUMMER: EnrolmentStatus.LEFT_SUMMER,
    },
}


def status_of(how: Coming | Going, year: YearFrame, day: date) -> EnrolmentStatus:
    """Return the ministry's status of who comes or goes so on a day (vietnam.md 3.1)."""
    return _BY_TERM[how][_term(year, day)]


def restated(status: str, year: YearFrame, day: date) -> str:
    """Return the same kind of status for another day: "Chuyển đi kỳ 1" becomes "… kỳ 2" in the second semester."""
    for how, by_term in _BY_TERM.items():
        if how is not Coming.NEW and status in by_term.values():
            return by_term[_term(year, day)]
    return status


# --- the steps ----------------------------------------------------------------------------------------------------


def enrolled(history: History, place: ClassPlace, day: date, how: Coming) -> History:
    """Return the history with the pupil at a school and in a class from a day on.

    What an earlier school year left open ends there. Raises InvalidError when the pupil is at a school on that day or
    later in the same year: two enrolments never overlap.
    """
    _check_day(place.year, day)
    return History(
        (*_ended_stays(history.stays, place, day), _new_stay(place, day, how)),
        (
            *_ended_classes(history.classes, place, day),
            ClassStay(None, place.class_id, place.school_id, place.year.id, day, None),
        ),
    )


def _new_stay(place: ClassPlace, day: date, how: Coming) -> Stay:
    status = status_of(how, place.year, day)
    return Stay(None, place.school_id, place.year.id, status, None, day, None)


def _ended_stays(stays: Iterable[Stay], place: ClassPlace, day: date) -> Iterator[Stay]:
    for stay in stays:
        if stay.ends_on is not None and stay.ends_on <= day:
            yield stay
        elif stay.year_id == place.year.id or stay.starts_on >= day:
            raise InvalidError(
                say(
                    "Em đang học, hoặc đã được ghi danh, từ ngày %(day)s. Hãy kết thúc lần ghi danh đó trước.",
                    day=f"{stay.starts_on:%d/%m/%Y}",
                ),
                {"day": say("Trùng với một lần ghi danh khác.")},
            )
        else:
            yield replace(stay, ends_on=day)


def _ended_classes(classes: Iterable[ClassStay], place: ClassPlace, day: date) -> Iterator[ClassStay]:
    for one in classes:
        if one.ends_on is not None and one.ends_on <= day:
            yield one
        elif one.year_id == place.year.id or one.starts_on >= day:
            raise _later_change(one.starts_on)
        else:
            yield replace(one, ends_on=day)


def moved(history: History, place: ClassPlace, day: date) -> History:
    """Return the history with the pupil in another class of the same school from a day on.

    On the first day in a class the class is simply another one: it was never begun. Raises InvalidError.
    """
    stay = open_stay(history, place.school_id, place.year.id)
    if day < stay.starts_on:
        raise _before(stay.starts_on)
    current = [one for one in history.classes if _is_open_at(one, stay)]
    if any(one.class_id == place.class_id for one in current):
        raise InvalidError(say("Em đang ở lớp này rồi."), {"class_id": say("Chọn một lớp khác.")})
    if later := [one.starts_on for one in current if one.starts_on > day]:
        raise _later_change(min(later))
    added = ClassStay(None, place.class_id, place.school_id, place.year.id, day, None)
    never_begun = next((one for one in current if one.starts_on == day), None)
    kept = []
    for one in history.classes:
        if one is never_begun:
            added = replace(one, class_id=place.class_id)
        else:
            kept.append(replace(one, ends_on=day) if one in current else one)
    return History(history.stays, in_order((*kept, added)))


def gone(history: History, school_id: int, year: YearFrame, day: date, how: Going) -> History:
    """Return the history with the pupil no longer at a school from a day on. Raises InvalidError.

    Who goes in the summer, when the next year is written already, is at the school until that day only: what was to
    begin with the new year then holds on no day.
    """
    stay = open_stay(history, school_id, year.id)
    if day < stay.starts_on:
        return _gone_before(history, stay, year, day, how)
    if day > year.ends_on + SUMMER:
        raise InvalidError(
            say("Ngày này ở sau năm học. Hãy kiểm tra lại."), {"day": say("Kiểm tra lại ngày.")}
        )
    current = [one for one in history.classes if _is_open_at(one, stay)]
    if later := [one.starts_on for one in current if one.starts_on > day]:
        raise _later_change(min(later))
    left = replace(stay, ends_on=day, status=status_of(how, year, day), came_as=stay.came_as or stay.status)
    return History(
        tuple(left if one is stay else one for one in history.stays),
        tuple(replace(one, ends_on=day) if one in current else one for one in history.classes),
    )


def _gone_before(history: History, stay: Stay, year: YearFrame, day: date, how: Going) -> History:
    """End the enrolment that went over into a coming one (`stay`) on a day before that one begins."""
    rows: list[Stay | ClassStay] = [*history.stays, *history.classes]
    older = [
        one for one in history.stays if one.school_id == stay.school_id and one.ends_on == stay.starts_on
    ]
    if not any(one.starts_on <= day for one in older):
        raise _before(stay.starts_on)
    if later := [one.starts_on for one in rows if day < one.starts_on and one.starts_on != stay.starts_on]:
        raise _later_change(min(later))
    status = status_of(how, year, day)

    def ended(row: Row) -> Row:
        if row.starts_on == stay.starts_on and row.ends_on is None:
            return replace(row, ends_on=row.starts_on)
        return replace(row, ends_on=day) if row.ends_on == stay.starts_on and row.starts_on <= day else row

    return History(
        tuple(
            replace(ended(one), status=status, came_as=one.came_as or one.status)
            if one in older
            else ended(one)
            for one in history.stays
        ),
        tuple(ended(one) for one in history.classes),
    )


def corrected(history: History, wrong: date, right: date, years: Mapping[int, YearFrame]) -> History:
    """Return the history with everything that began or ended on the wrong day beginning or ending on the right one.

    Raises InvalidError when nothing happened on the wrong day, or something else happened between the two days.
    """
    rows: list[Stay | ClassStay] = [*history.stays, *history.classes]
    days = {day for row in rows for day in (row.starts_on, row.ends_on) if day is not None}
    if wrong not in days:
        raise InvalidError(say("Không có thay đổi nào vào ngày %(day)s.", day=f"{wrong:%d/%m/%Y}"))
    first, last = sorted((wrong, right))
    if between := sorted(day for day in days - {wrong} if first <= day <= last):
        raise _later_change(between[0])
    for row in rows:
        if row.starts_on == wrong:
            _check_day(years[row.year_id], right)
    return History(
        in_order(_shifted_stay(one, wrong, right, years[one.year_id]) for one in history.stays),
        in_order(
            replace(
                one,
                starts_on=right if one.starts_on == wrong else one.starts_on,
                ends_on=right if one.ends_on == wrong else one.ends_on,
            )
            for one in history.classes
        ),
    )


def _shifted_stay(stay: Stay, wrong: date, right: date, year: YearFrame) -> Stay:
    """Move the ends of an enrolment that lie on the wrong day; statuses name the semester, so they follow."""
    status, came_as = stay.status, stay.came_as
    if stay.ends_on == wrong and came_as is not None:
        status = restated(status, year, right)
    if stay.starts_on == wrong:
        if came_as is not None:
            came_as = restated(came_as, year, right)
        else:
            status = restated(status, year, right)
    return replace(
        stay,
        status=status,
        came_as=came_as,
        starts_on=right if stay.starts_on == wrong else stay.starts_on,
        ends_on=right if stay.ends_on == wrong else stay.ends_on,
    )


def open_stay(history: History, school_id: int, year_id: int) -> Stay:
    """Return the pupil's enrolment at a school that has not ended; raise InvalidError when there is none."""
    for stay in history.stays:
        if stay.ends_on is None and (stay.school_id, stay.year_id) == (school_id, year_id):
            return stay
    raise InvalidError(say("Em không còn học ở trường này trong năm học này. Hãy tải lại trang."))


def in_order(rows: Iterable[Row]) -> tuple[Row, ...]:
    """Return rows by time, the stored ones of a day first."""
    return tuple(sorted(rows, key=lambda one: (one.starts_on, one.id is None, one.id or 0)))


def first_difference(before: History, after: History) -> dict[int, date]:
    """Return {school: first day on which the two histories may differ there}."""
    found: dict[int, date] = {}
    old: set[Stay | ClassStay] = {*before.stays, *before.classes}
    new: set[Stay | ClassStay] = {*after.stays, *after.classes}
    for row in old ^ new:
        found[row.school_id] = min(found.get(row.school_id, date.max), row.starts_on)
    return found


def _is_open_at(one: ClassStay, stay: Stay) -> bool:
    return one.ends_on is None and (one.school_id, one.year_id) == (stay.school_id, stay.year_id)


def _check_day(year: YearFrame, day: date) -> None:
    """Raise InvalidError when nobody can begin in this year on this day."""
    if not year.starts_on - SUMMER <= day < year.ends_on:
        last = year.ends_on - timedelta(days=1)
        raise InvalidError(
            say(
                "Năm học này kéo dài từ %(first)s đến %(last)s. Hãy kiểm tra lại ngày.",
                first=f"{year.starts_on:%d/%m/%Y}",
                last=f"{last:%d/%m/%Y}",
            ),
            {"day": say("Ngày ở ngoài năm học.")},
        )


def _before(day: date) -> InvalidError:
    return InvalidError(
        say("Em mới vào học từ ngày %(day)s. Hãy chọn ngày từ đó trở đi.", day=f"{day:%d/%m/%Y}"),
        {"day": say("Trước ngày em vào học.")},
    )


def _later_change(day: date) -> InvalidError:
    return InvalidError(
        say("Ngày %(day)s đã có thay đổi khác. Hãy hoàn tác thay đổi đó trước.", day=f"{day:%d/%m/%Y}"),
        {"day": say("Đã có thay đổi khác.")},
    )
