"""Pure rules of the calendar: what may be decided, what stands on a day and who said so, the weeks that are taught."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from io import BytesIO
from typing import TYPE_CHECKING, ClassVar, Final

import xlsxwriter

from app.access import Permission, Role, everywhere
from app.errors import InvalidError
from app.facts import Fact
from app.i18n import N_, say
from app.intake.rules.values import BadValueError, any_date
from app.school.rules import (
    CalendarEntry,
    DayKind,
    DaySession,
    SchoolDay,
    days_between,
    school_day,
    session_named,
)
from app.text import fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from app.intake.rules.lists import Record

EDIT_CALENDAR: Final = Permission(
    "calendar.edit",
    everywhere(Role.OFFICE_CLERK, Role.PRINCIPAL, Role.DEPARTMENT_OFFICER, Role.SYSTEM_ADMINISTRATOR),
)
EDIT_YEAR: Final = Permission("year.edit", everywhere(Role.DEPARTMENT_OFFICER, Role.SYSTEM_ADMINISTRATOR))

KIND_NAMES: Final = {
    DayKind.HOLIDAY: N_("Nghỉ lễ, Tết"),
    DayKind.CLOSURE: N_("Nghỉ đột xuất (mưa bão, dịch bệnh)"),
    DayKind.MAKE_UP: N_("Học bù"),
    DayKind.EXAM: N_("Kiểm tra, thi"),
    DayKind.PARTIAL: N_("Học một phần ngày"),
    DayKind.INSTRUCTIONAL: N_("Học bình thường"),
}
KIND_LETTERS: Final = {
    DayKind.HOLIDAY: N_("N"),
    DayKind.CLOSURE: N_("ĐX"),
    DayKind.MAKE_UP: N_("B"),
    DayKind.EXAM: N_("KT"),
    DayKind.PARTIAL: N_("MP"),
    DayKind.INSTRUCTIONAL: N_("H"),
}
WEEKDAY_NAMES: Final = {
    1: N_("Thứ Hai"),
    2: N_("Thứ Ba"),
    3: N_("Thứ Tư"),
    4: N_("Thứ Năm"),
    5: N_("Thứ Sáu"),
    6: N_("Thứ Bảy"),
    7: N_("Chủ nhật"),
}
WEEKS_PLANNED: Final = (18, 17)
"""Weeks of real teaching in semester I and II: 35 in all (the yearly frame decisions of the ministry)."""
USUAL_WEEK: Final = "12345"
LONGEST_RANGE: Final = 120


@dataclass(frozen=True)
class CalendarChanged(Fact):
    """The calendar of a unit, and of all schools below it, is another one in [first, after_last)."""

    fact_name: ClassVar[str] = "CalendarChanged"
    unit_id: int
    first: date
    after_last: date


@dataclass(frozen=True, slots=True)
class Decision:
    """What a unit decides about [first, after_last). `kind` None: inherit again.

    `only_session` is the half of a partial day that is taught; None: all sessions of the timetable.
    """

    first: date
    after_last: date
    kind: DayKind | None
    follows_weekday: int | None = None
    note: str = ""
    only_session: DaySession | None = None


HEADINGS: Final = {
    "first": (N_("Từ ngày"), "ngay bat dau", "ngay", "tu"),
    "last": (N_("Đến hết ngày"), "den ngay", "ngay ket thuc", "den"),
    "kind": (N_("Loại ngày"), "loai", "noi dung loai"),
    "note": (N_("Lý do"), "li do", "noi dung", "ghi chu", "ten ngay nghi"),
    "follows": (N_("Theo TKB"), "theo thoi khoa bieu", "hoc theo thu", "theo thu"),
    "only": (N_("Chỉ học buổi"), "buoi hoc", "buoi"),
}
NEEDED: Final = ("first", "kind")
_KIND_WORDS: Final = {
    "nghi le": DayKind.HOLIDAY, "nghi tet": DayKind.HOLIDAY, "nghi": DayKind.HOLIDAY, "le": DayKind.HOLIDAY,
    "tet": DayKind.HOLIDAY, "nghi dot xuat": DayKind.CLOSURE, "nghi mua bao": DayKind.CLOSURE,
    "hoc bu": DayKind.MAKE_UP, "day bu": DayKind.MAKE_UP, "kiem tra": DayKind.EXAM, "thi": DayKind.EXAM,
    "hoc mot phan ngay": DayKind.PARTIAL, "hoc mot buoi": DayKind.PARTIAL, "nua ngay": DayKind.PARTIAL,
    "hoc binh thuong": DayKind.INSTRUCTIONAL, "di hoc": DayKind.INSTRUCTIONAL,
}  # fmt: skip


def decisions_in(records: Iterable[Record], year: tuple[date, date]) -> list[Decision]:
    """Return the decisions that a list says, in its order; raise InvalidError with the row that will not do.

    `year` is the school year [first, after last): a day outside it is refused, for it is a slip of the pen.
    """
    return [_decision(record, year) for record in records]


def _decision(record: Record, year: tuple[date, date]) -> Decision:
    first = _day(record, "first", year)
    last = _day(record, "last", year) if record.text("last") else first
    kind = _kind_named(record.text("kind"))
    if kind is None:
        raise InvalidError(
            say("Dòng %(row)s: không có loại ngày “%(text)s”.", row=record.row, text=record.text("kind"))
        )
    decision = Decision(
        first,
        last + timedelta(days=1),
        kind,
        _weekday_named(record.text("follows")) if kind is DayKind.MAKE_UP else None,
        record.text("note"),
        session_named(record.text("only")) if kind is DayKind.PARTIAL else None,
    )
    try:
        check_decision(decision)
    except InvalidError as error:
        why = " ".join(str(one) for one in error.fields.values())
        raise InvalidError(say("Dòng %(row)s: %(why)s", row=record.row, why=why)) from error
    return decision


def _day(record: Record, field: str, year: tuple[date, date]) -> date:
    try:
        found = any_date(record.cell(field), year[1].year)
    except BadValueError as error:
        raise InvalidError(say("Dòng %(row)s: %(why)s", row=record.row, why=error.phrase)) from error
    if not year[0] <= found < year[1]:
        raise InvalidError(
            say(
                "Dòng %(row)s: ngày %(day)s không thuộc năm học này.", row=record.row, day=f"{found:%d/%m/%Y}"
            )
        )
    return found


def _kind_named(text: str) -> DayKind | None:
    folded = fold(text)
    by_name = {fold(name): kind for kind, name in KIND_NAMES.items()} | {str(kind): kind for kind in DayKind}
    return by_name.get(folded) or _KIND_WORDS.get(folded)


def _weekday_named(text: str) -> int | None:
    """Return the weekday of "Thứ 2", "thứ hai", "2"; None for any other text."""
    folded = fold(text)
    names = {fold(name): day for day, name in WEEKDAY_NAMES.items()}
    match = re.fullmatch(r"(?:thu |t)?([2-7])", folded)
    return int(match[1]) - 1 if match else names.get(folded)


def check_decision(decision: Decision) -> None:
    """Raise InvalidError, with the fields to mend, for a decision that makes no sense."""
    length = (decision.after_last - decision.first).days
    wrong: dict[str, str] = {}
    if length < 1:
        wrong["last"] = say("Ngày cuối không được trước ngày đầu.")
    elif length > LONGEST_RANGE:
        wrong["last"] = say("Mỗi lần chỉ ghi tối đa %(days)s ngày.", days=LONGEST_RANGE)
    if decision.kind is DayKind.MAKE_UP and decision.follows_weekday not in WEEKDAY_NAMES:
        wrong["follows_weekday"] = say("Chọn thời khóa biểu của thứ mấy cho ngày học bù.")
    if decision.kind in {DayKind.HOLIDAY, DayKind.CLOSURE, DayKind.PARTIAL} and not decision.note:
        wrong["note"] = say("Ghi lý do, ví dụ: Tết Nguyên đán, nghỉ do mưa bão.")
    if wrong:
        raise InvalidError(say("Chưa ghi được quyết định này."), wrong)


@dataclass(frozen=True, slots=True)
class DecidedDay:
    """What holds on a day, which unit decided it, and what is overridden by that."""

    entry: CalendarEntry
    unit_id: int
    overridden: CalendarEntry | None = None
    overridden_unit_id: int | None = None


def decided_days(
    chain: Sequence[int], entries: Mapping[int, Mapping[date, CalendarEntry]]
) -> dict[date, DecidedDay]:
    """Return what holds on each decided day. `chain`: the unit and those above it, upwards; the nearest wins."""
    found: dict[date, DecidedDay] = {}
    for unit_id in reversed(chain):
        for day, entry in entries.get(unit_id, {}).items():
            above = found.get(day)
            found[day] = DecidedDay(
                entry, unit_id, above.entry if above else None, above.unit_id if above else None
            )
    return found


@dataclass(frozen=True, slots=True)
class TaughtWeeks:
    """Teaching days of a semester, counted in weeks of so many days as the school usually teaches."""

    days: int
    days_a_week: int
    planned: int

    @property
    def weeks(self) -> int:
        """Full weeks."""
        return self.days // self.days_a_week

    @property
    def days_over(self) -> int:
        """Days beyond the full weeks."""
        return self.days % self.days_a_week

    @property
    def days_missing(self) -> int:
        """How many teaching days are missing from the planned weeks; 0 when there are enough."""
        return max(0, self.planned * self.days_a_week - self.days)


def taught_weeks(
    days: Iterable[SchoolDay], second_semester_on: date, weekdays: str
) -> tuple[TaughtWeeks, TaughtWeeks]:
    """Return the teaching of both semesters. Make-up days count like any other, free days do not."""
    count = Counter(day.day >= second_semester_on for day in days if day.is_teaching)
    a_week = max(1, len(set(weekdays)))
    first, second = WEEKS_PLANNED
    return TaughtWeeks(count[False], a_week, first), TaughtWeeks(count[True], a_week, second)


@dataclass(frozen=True, slots=True)
class Cell:
    """A day in the year's view."""

    what: SchoolDay
    decided: DecidedDay | None
    is_own: bool
    is_in_year: bool


@dataclass(frozen=True, slots=True)
class Month:
    """A month as weeks of seven cells, Monday first; None outside the month."""

    first: date
    weeks: tuple[tuple[Cell | None, ...], ...]


def months_of(
    year: tuple[date, date], weekdays: str, decided: Mapping[date, DecidedDay], unit_id: int
) -> list[Month]:
    """Return the twelve months from the one in which the school year [first, after last) begins."""
    first = year[0].replace(day=1)
    months = []
    for _ in range(12):
        following = (first + timedelta(days=31)).replace(day=1)
        cells: list[Cell | None] = [None] * first.weekday()
        cells += [_cell(day, year, weekdays, decided, unit_id) for day in days_between(first, following)]
        cells += [None] * (-len(cells) % 7)
        months.append(Month(first, tuple(tuple(cells[at : at + 7]) for at in range(0, len(cells), 7))))
        first = following
    return months


def _cell(
    day: date, year: tuple[date, date], weekdays: str, decided: Mapping[date, DecidedDay], unit_id: int
) -> Cell:
    found = decided.get(day)
    entries = {day: found.entry} if found else {}
    what = school_day(day, year, [int(digit) for digit in weekdays], entries)
    return Cell(what, found, found is not None and found.unit_id == unit_id, year[0] <= day < year[1])


def check_year(starts_on: date, second_semester_on: date, ends_on: date) -> None:
    """Raise InvalidError when the three days of a school year are not in order; `ends_on` is the first day after it."""
    if not starts_on < second_semester_on < ends_on:
        raise InvalidError(
            say("Học kỳ II phải bắt đầu sau ngày đầu và trước ngày cuối của năm học."),
            {"second_semester_on": say("Kiểm tra lại ba ngày này.")},
        )


def workbook_of(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """Return an xlsx with a heading and lines. Every cell is text: what begins with "=" stays what it is."""
    out = BytesIO()
    book = xlsxwriter.Workbook(
        out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    page = book.add_worksheet()
    text, bold = book.add_format({"num_format": "@"}), book.add_format({"bold": True, "bottom": 1})
    page.write_row(0, 0, titles, bold)
    for number, row in enumerate(rows, 1):
        for column, value in enumerate(row):
            page.write_string(number, column, value, text)
    page.set_column(0, len(titles) - 1, 22)
    page.freeze_panes(1, 0)
    book.close()
    return out.getvalue()
