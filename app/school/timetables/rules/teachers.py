"""Timetable files that are made for teachers: people where other files have classes, classes in the cells.

Three layouts: a row for each teacher under days and periods; a column for each teacher beside days and periods; a
sheet or a block for each teacher with the days across. What a cell says of its lesson is put together again by class.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from app.school.rules import DaySession, session_named
from app.school.timetables.rules import words
from app.school.timetables.rules.places import FileCell, class_in, is_dash, letters, slots_below, texts_in
from app.text import clean_text, fold, natural_key

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator, Mapping

    from app.intake.rules.rows import Sheet, SheetRow
    from app.school.timetables.rules.places import Place
    from app.school.timetables.rules.weeks import WeekPattern

UNSAID: Final = "?"
"""Stands where a cell would name the subject and does not: "6A1" alone in the row of a teacher."""
FEWEST_DAYS: Final = 3
FEWEST_TEACHERS: Final = 2
_TEACHER_HEADS: Final = frozenset({
    "gv", "giao vien", "ten gv", "ten giao vien", "gvbm", "giao vien bo mon", "ho va ten", "ho ten", "ho va ten gv",
    "ho ten gv", "ho va ten giao vien", "ho ten giao vien", "giao vien day", "can bo giao vien", "ten",
})  # fmt: skip
_SUBJECT_HEADS: Final = frozenset({"mon", "mon hoc", "mon day", "bo mon", "chuyen mon", "mon giang day"})
_DAY_HEADS: Final = frozenset({"thu", "ngay", "thu/ngay", "thu ngay"})
_PERIOD_HEADS: Final = frozenset({"tiet", "tiet hoc", "tiet thu", "tiet so"})
_TEACHER_TITLE: Final = re.compile(
    r"\b(?:giáo viên|gvbm|gv|thầy|cô)\s*(?:\([^)]*\)\s*)?[:\-–]?\s*(\S.*)$", re.IGNORECASE
)
_AFTER_A_NAME: Final = re.compile(
    r"\s*(?:[|;(]|\s[\-–]\s|\b(?:môn|bộ môn|tổ|năm học|áp dụng|từ ngày)\b).*$", re.IGNORECASE
)
_BETWEEN: Final = re.compile(r"[\s,;()+&:\n]+")
_CLOSER: Final = re.compile(r"[\s,;()+&:\n\-–]+")
_EDGES: Final = " \t\n-–,:;/()+&"


@dataclass(frozen=True, slots=True)
class _Taught:
    """A lesson as a teacher's cell tells it."""

    class_name: str
    place: Place
    weeks: WeekPattern
    subject: str
    teacher: str
    address: str


def teacher_cells(sheet: Sheet, keys: frozenset[str]) -> list[FileCell]:
    """Return the cells of a sheet that is made for teachers, as class files have them; nothing of any other sheet.

    `keys` are the natural keys of the school's classes. A sheet counts as one of teachers when most of its cells name
    a class; those that do not are returned without a class, so that they are reported with their address.
    """
    reader = _TeacherSheet(sheet, keys)
    taught = _settled(list(reader.lessons()))
    with_class = sum(bool(one.class_name) for one in taught)
    return _by_class(sheet.name, taught) if with_class * 2 > len(taught) else []


def _settled(taught: list[_Taught]) -> list[_Taught]:
    """Return the lessons; where a day's periods began anew without a word, the first ones were the morning's."""
    began_anew = {(one.teacher, one.place[0]) for one in taught if one.place[1] is DaySession.AFTERNOON}
    return [
        replace(one, place=(one.place[0], DaySession.MORNING, one.place[2]))
        if one.place[1] is None and (one.teacher, one.place[0]) in began_anew
        else one
        for one in taught
    ]


def _by_class(sheet: str, taught: list[_Taught]) -> list[FileCell]:
    """Put together what several teachers' cells say of one lesson: co-teachers, odd and even weeks."""
    found: defaultdict[tuple[str, Place], list[_Taught]] = defaultdict(list)
    cells = []
    for one in taught:
        if one.class_name:
            found[one.class_name, one.place].append(one)
        else:
            cells.append(FileCell(sheet, one.address, "", *one.place, one.subject))
    for (class_name, place), lessons in found.items():
        teachers: defaultdict[tuple[WeekPattern, str], list[str]] = defaultdict(list)
        for one in lessons:
            teachers[one.weeks, one.subject].append(one.teacher)
        text = words.as_cell(
            [(weeks, subject, list(dict.fromkeys(names)), "") for (weeks, subject), names in teachers.items()]
        )
        cells.append(FileCell(sheet, lessons[0].address, class_name, *place, text))
    return cells


class _TeacherSheet:
    """Reads a sheet from top to bottom; a row of headings begins a new block."""

    def __init__(self, sheet: Sheet, keys: frozenset[str]) -> None:
        self._sheet = sheet
        self._keys = keys
        self._session = words.session_in_title(sheet.name)
        self._teacher = ""

    def lessons(self) -> Iterator[_Taught]:
        rows = self._sheet.rows
        index = 0
        while index < len(rows):
            texts = texts_in(rows[index])
            days = {column: day for column, text in texts.items() if (day := words.weekday(text)) is not None}
            if len(days) >= FEWEST_DAYS:
                slots, depth = slots_below(rows, index, days, self._session)
                if slots:
                    index = yield from self._teachers_down(index, depth, slots)
                else:
                    index = yield from self._days_across(index, days)
            elif people := self._people_across(texts):
                index = yield from self._teachers_across(index, people)
            else:
                self._title(texts)
                index += 1

    # --- a row for each teacher ---

    def _teachers_down(
        self, index: int, depth: int, slots: Mapping[int, Place]
    ) -> Generator[_Taught, None, int]:
        rows, first = self._sheet.rows, min(slots)
        heads: dict[str, int] = {}
        for row in rows[index : index + depth + 1]:
            heads |= {fold(text): column for column, text in texts_in(row).items() if column < first}
        who = next((heads[head] for head in heads if head in _TEACHER_HEADS), None)
        what = next((heads[head] for head in heads if head in _SUBJECT_HEADS), None)
        index += depth + 1
        teacher, subject = "", ""
        while index < len(rows):
            texts = texts_in(rows[index])
            if sum(words.weekday(text) is not None for text in texts.values()) >= FEWEST_DAYS:
                break
            if who is not None:
                said = next(
                    (
                        one
                        for column, text in texts.items()
                        if column < first and (one := session_named(text))
                    ),
                    None,
                )
                if name := texts.get(who, ""):
                    teacher, subject = name, _only(texts.get(what, "") if what is not None else "")
                for column, place in slots.items():
                    if teacher and (text := texts.get(column, "")):
                        where = (place[0], said or place[1], place[2])
                        yield from self._taught(rows[index], column, where, (teacher, subject, text))
            index += 1
        return index

    # --- a column for each teacher ---

    def _people_across(self, texts: Mapping[int, str]) -> dict[int, str]:
        """Return {column: teacher} of a heading row with "Thứ" and "Tiết" before the names of people."""
        folded = {column: fold(text) for column, text in texts.items()}
        last = max((column for column, text in folded.items() if text in _PERIOD_HEADS), default=None)
        if last is None or not any(text in _DAY_HEADS for text in folded.values()):
            return {}
        people = {
            column: text
            for column, text in texts.items()
            if column > last and words.weekday(text) is None and not class_in(text, self._keys)
        }
        has_class = any(class_in(text, self._keys) for column, text in texts.items() if column > last)
        return people if len(people) >= FEWEST_TEACHERS and not has_class else {}

    def _teachers_across(self, index: int, people: Mapping[int, str]) -> Generator[_Taught, None, int]:
        rows = self._sheet.rows
        heads = {fold(text): column for column, text in texts_in(rows[index]).items()}
        day_at = next(heads[head] for head in heads if head in _DAY_HEADS)
        period_at = next(heads[head] for head in heads if head in _PERIOD_HEADS)
        walk = _Walk(self._session)
        index += 1
        while index < len(rows):
            texts = texts_in(rows[index])
            if self._people_across(texts):
                break
            day = words.weekday(texts.get(day_at, ""), bare=True)
            before = [text for at, text in texts.items() if at < min(people) and at != day_at]
            number = walk.step(day, before, words.period(texts.get(period_at, "")))
            if number is not None and walk.day is not None:
                for column, teacher in people.items():
                    if text := texts.get(column, ""):
                        place = (walk.day, walk.day_session, number)
                        yield from self._taught(rows[index], column, place, (teacher, UNSAID, text))
            index += 1
        return index

    # --- a sheet for each teacher ---

    def _days_across(self, index: int, days: Mapping[int, int]) -> Generator[_Taught, None, int]:
        rows, first = self._sheet.rows, min(days)
        heads = {fold(text): column for column, text in texts_in(rows[index]).items()}
        period_at = next((heads[head] for head in heads if head in _PERIOD_HEADS), max(0, first - 1))
        teacher = self._teacher or _name_in(self._sheet.name)
        walk = _Walk(self._session)
        index += 1
        while index < len(rows):
            texts = texts_in(rows[index])
            if sum(words.weekday(text) is not None for text in texts.values()) >= FEWEST_DAYS:
                break
            before = [text for at, text in texts.items() if at < first]
            number = walk.step(None, before, words.period(texts.get(period_at, "")))
            if number is None:
                self._title(texts)
            for column, day in days.items():
                if number is not None and teacher and (text := texts.get(column, "")):
                    place = (day, walk.day_session, number)
                    yield from self._taught(rows[index], column, place, (teacher, UNSAID, text))
            index += 1
        return index

    def _title(self, texts: Mapping[int, str]) -> None:
        line = clean_text(" ".join(texts.values()))
        if match := _TEACHER_TITLE.search(line):
            self._teacher = _name_in(match[1])
        if said := words.session_in_title(line):
            self._session = said

    # --- cells ---

    def _taught(
        self, row: SheetRow, column: int, place: Place, told: tuple[str, str, str]
    ) -> Iterator[_Taught]:
        """Yield the lessons of a cell; `told` is (teacher, subject of the row, the cell's text)."""
        teacher, usual, text = told
        if is_dash(text):
            return
        address = f"{letters(column)}{row.number}"
        for weeks, part in words.by_weeks(text):
            classes, rest = self._classes(part)
            for name in classes or [""]:
                subject = (rest or usual or UNSAID) if name else clean_text(text.replace("\n", " / "))
                yield _Taught(name, place, weeks, subject, teacher, address)

    def _classes(self, text: str) -> tuple[list[str], str]:
        """Return the classes that a teacher's cell names, and what it says besides: "Toán 6A1", "6A1, 6A2"."""
        for is_class in (self._is_known, bool):  # "6A2-Anh" may be a class's name, but here 6A2 is one
            for between in (_BETWEEN, _CLOSER):
                named = {
                    part: class_in(part.strip(".-–"), self._keys) for part in between.split(text) if part
                }
                if found := {part: name for part, name in named.items() if name and is_class(name)}:
                    return list(found.values()), _beside(text, found)
        return [], ""

    def _is_known(self, name: str) -> bool:
        return natural_key(name) in self._keys


@dataclass(slots=True)
class _Walk:
    """Where a reader stands going down the periods of a day: what rows above have said holds on."""

    usual: DaySession | None
    day_session: DaySession | None = None
    day: int | None = None
    last: int = 0

    def __post_init__(self) -> None:
        self.day_session = self.usual

    def step(self, day: int | None, before: Iterable[str], number: int | None) -> int | None:
        """Take what a row says of day and, `before` its lessons, of the session; return its period if it has one."""
        if day is not None and day != self.day:
            self.day, self.last, self.day_session = day, 0, self.usual
        said = next((one for text in before if (one := session_named(text))), None)
        if said is not None and said is not self.day_session:
            self.day_session, self.last = said, 0
        if number is None:
            return None
        if number <= self.last and self.day_session in {None, DaySession.MORNING}:
            self.day_session = DaySession.AFTERNOON
        self.last = number
        return number


def _beside(text: str, parts: Iterable[str]) -> str:
    """Return what a cell says besides its classes, "" when that has no letter."""
    for part in sorted(parts, key=len, reverse=True):
        text = text.replace(part, " ", 1)
    rest = clean_text(re.sub(r"\b(?:lớp|lop)\b", " ", text, flags=re.IGNORECASE)).strip(_EDGES)
    return rest if any(sign.isalpha() for sign in rest) else ""


def _only(subjects: str) -> str:
    """Return the subject of a row that names one, UNSAID where it names none or several."""
    named = [one for one in words.SEVERAL.split(subjects) if one]
    return named[0] if len(named) == 1 else UNSAID


def _name_in(text: str) -> str:
    """Return the name of a person at the beginning of a text: "Nguyễn Văn An - Tổ Toán" is Nguyễn Văn An."""
    return _AFTER_A_NAME.sub("", clean_text(text)).strip(_EDGES)
