"""Timetable files with a row for each lesson: Lớp, Thứ, Tiết, Môn, often Giáo viên, Phòng, Buổi and Tuần as columns."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from app.intake.rules.class_names import class_of_sheet, class_on_line
from app.school.rules import DaySession, session_named
from app.school.timetables.rules import words
from app.school.timetables.rules.places import FileCell, class_in, letters, texts_in
from app.school.timetables.rules.teachers import UNSAID
from app.school.timetables.rules.weeks import WeekPattern
from app.text import clean_text, fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from app.intake.rules.rows import Sheet, SheetRow
    from app.school.timetables.rules.places import Place

_HEADS: Final = {
    "class": {"lop", "lop hoc", "ten lop"},
    "day": {"thu", "ngay", "thu/ngay", "thu ngay", "ngay thu", "thu trong tuan", "ngay hoc"},
    "period": {"tiet", "tiet hoc", "tiet thu", "tiet so", "tiet day"},
    "subject": {"mon", "mon hoc", "ten mon", "ten mon hoc", "mon day"},
    "teacher": {"gv", "giao vien", "ten gv", "ten giao vien", "gvbm", "giao vien bo mon", "gv day", "giao vien day"},
    "room": {"phong", "phong hoc", "dia diem", "ten phong"},
    "session": {"buoi", "buoi hoc", "ca", "ca hoc"},
    "weeks": {"tuan", "tuan hoc", "loai tuan", "tuan chan/le", "tuan le/chan", "chan/le", "le/chan"},
}  # fmt: skip
_NEEDED: Final = {"day", "period", "subject"}
_SEVERAL_PERIODS: Final = re.compile(r"(?:tiet )?\d{1,2}(?: ?[-–,+&;/] ?\d{1,2})+", re.ASCII)
_WEEK_WORDS: Final = {"le": WeekPattern.ODD, "chan": WeekPattern.EVEN}
MOST_TITLE_CELLS: Final = 2


@dataclass(frozen=True, slots=True)
class _Row:
    """What a row says; `day` and `number` 0 where it cannot be read."""

    index: int
    address: str
    class_name: str
    day: int
    day_session: DaySession | None
    number: int
    weeks: WeekPattern
    subject: str
    teacher: str
    room: str

    @property
    def group(self) -> tuple[str, int]:
        return self.class_name, self.day


def lesson_rows(sheet: Sheet, keys: frozenset[str]) -> list[FileCell]:
    """Return the cells of a sheet that has a row for each lesson, in the order of the file; nothing of any other sheet.

    `keys` are the natural keys of the school's classes. Rows of one lesson (two teachers, odd and even weeks) are put
    together. A class, day or session that is written once, or merged, holds for the rows below it. A row whose day or
    period cannot be read is returned with 0 there, so that it is reported with its address; one of a teacher without a
    subject, with UNSAID.
    """
    found = list(_rows_of(sheet, keys))
    sessions = _sessions(found)
    slots: defaultdict[tuple[str, Place], list[_Row]] = defaultdict(list)
    for row in found:
        slots[row.class_name, (row.day, sessions[row.index, row.number], row.number)].append(row)
    return [
        FileCell(sheet.name, rows[0].address, name, *place, _text(rows))
        for (name, place), rows in slots.items()
    ]


def _rows_of(sheet: Sheet, keys: frozenset[str]) -> Iterator[_Row]:
    heads: dict[str, int] = {}
    above: dict[str, str] = {"title": class_of_sheet(sheet.name) or ""}
    usual = words.session_in_title(sheet.name)
    for index, row in enumerate(sheet.rows):
        texts = texts_in(row)
        if begun := _heads(texts):
            heads, above = begun, {"title": above["title"]}
            continue
        line = " ".join(texts.values())
        if not heads or (len(texts) <= MOST_TITLE_CELLS and not texts.get(heads["subject"])):
            above["title"] = class_on_line(line) or above["title"]
            usual = words.session_in_title(line) or usual
            if not heads or class_on_line(line):
                above = {"title": above["title"]}
                continue
        yield from _told(index, row, heads, above, (keys, usual, sheet.epoch_1904))


def _heads(texts: Mapping[int, str]) -> dict[str, int]:
    """Return {what: column} of a row of headings, nothing of any other row, nor where subjects stand several times."""
    found: dict[str, int] = {}
    for column, text in texts.items():
        folded = fold(text.replace("\n", " ")).strip(" .:")
        what = next((one for one, heads in _HEADS.items() if folded in heads), None)
        if what in found and what == "subject":
            return {}
        if what is not None:
            found.setdefault(what, column)
    return found if found.keys() >= _NEEDED else {}


def _told(
    index: int,
    row: SheetRow,
    heads: Mapping[str, int],
    above: dict[str, str],
    known: tuple[frozenset[str], DaySession | None, bool],
) -> Iterator[_Row]:
    """Yield the lessons of a row, one for each of its periods; `above` is what the rows before it have said."""
    keys, usual, epoch_1904 = known
    texts = texts_in(row)
    said = {what: texts.get(column, "") for what, column in heads.items()}
    if isinstance(day := row.cells[heads["day"]] if heads["day"] < len(row.cells) else "", date):
        said["day"] = f"T{day.isoweekday() + 1}" if day.isoweekday() < 7 else "CN"  # noqa: PLR2004 - Sunday
    for what, below in (("class", ("day", "session")), ("day", ("session",)), ("session", ())):
        if said.get(what) and said[what] != above.get(what):
            above.update(dict.fromkeys(below, ""))
        above[what] = said.get(what) or above.get(what, "")
    if not said["subject"] and said.get("teacher") and any(_periods(said["period"])):
        said["subject"] = (
            UNSAID  # an error of Excel, or forgotten: what the teacher has in the class, or reported
        )
    elif not any(sign.isalnum() for sign in said["subject"]):
        return
    cell = row.cells[heads["class"]] if "class" in heads and said.get("class") else above["class"]
    name = class_in(cell, keys, epoch_1904=epoch_1904) or clean_text(above["class"]) or above["title"]
    above["class"] = name if said.get("class") else above["class"]
    for number in _periods(said["period"]):
        yield _Row(
            index,
            f"{letters(heads['subject'])}{row.number}",
            name,
            words.weekday(above["day"], bare=True) or 0,
            session_named(above["session"]) or usual,
            number,
            _weeks(said.get("weeks", "")),
            said["subject"],
            said.get("teacher", ""),
            said.get("room", ""),
        )


def _periods(text: str) -> list[int]:
    """Return the periods of "3", "Tiết 3", "1-2" and "1, 2"; [0] of anything else."""
    folded = fold(text.replace("\n", " "))
    if _SEVERAL_PERIODS.fullmatch(folded):
        numbers = [int(one) for one in re.findall(r"\d+", folded)]
        is_span = len(numbers) == 2 and re.search(r"[-–]", folded)  # noqa: PLR2004 - first and last
        numbers = list(range(numbers[0], numbers[1] + 1)) if is_span else numbers
        return [one if words.period(str(one)) else 0 for one in numbers] or [0]
    return [words.period(text) or 0]


def _weeks(text: str) -> WeekPattern:
    said = {word for word in re.findall(r"[a-z]+", fold(text)) if word in _WEEK_WORDS}
    return _WEEK_WORDS[said.pop()] if len(said) == 1 else WeekPattern.EVERY


def _sessions(rows: Sequence[_Row]) -> dict[tuple[int, int], DaySession | None]:
    """Return {(row, period): session}. A file that says none may number the afternoon's periods from 1 again.

    Where a day of a class stands together in the file and its periods begin anew once, what follows is the afternoon's.
    Where days are mixed (a file sorted by subject) only a period that the day has twice says so.
    """
    found: dict[tuple[int, int], DaySession | None] = {
        (row.index, row.number): row.day_session for row in rows
    }
    days: defaultdict[tuple[str, int], list[_Row]] = defaultdict(list)
    places: defaultdict[tuple[str, int], list[int]] = defaultdict(list)
    for place, row in enumerate(rows):
        if row.day_session is None and row.number and row.day:
            days[row.group].append(row)
            places[row.group].append(place)
    for group, lessons in days.items():
        at = places[group]
        later = _after_anew(lessons) if at[-1] - at[0] + 1 == len(at) else _seconds(lessons)
        if later:
            for row in lessons:
                is_later = (row.index, row.number) in later
                found[row.index, row.number] = DaySession.AFTERNOON if is_later else DaySession.MORNING
    return found


def _after_anew(lessons: Sequence[_Row]) -> set[tuple[int, int]]:
    breaks = [
        place
        for place, (one, after) in enumerate(pairwise(lessons), 1)
        if after.number < one.number or (after.number == one.number and not _is_same(one, after))
    ]
    return {(row.index, row.number) for row in lessons[breaks[0] :]} if len(breaks) == 1 else set()


def _seconds(lessons: Sequence[_Row]) -> set[tuple[int, int]]:
    first: dict[int, _Row] = {}
    return {
        (row.index, row.number)
        for row in lessons
        if (before := first.setdefault(row.number, row)) is not row and not _is_same(before, row)
    }


def _is_same(one: _Row, other: _Row) -> bool:
    """Say whether two rows speak of one lesson: of several teachers, or of odd and of even weeks."""
    return fold(one.subject) == fold(other.subject) or WeekPattern.EVERY not in {one.weeks, other.weeks}


def _text(rows: Iterable[_Row]) -> str:
    """Return the rows of one slot as a cell that `told_in` reads."""
    taught: defaultdict[tuple[WeekPattern, str, str], list[str]] = defaultdict(list)
    for row in rows:
        key = (row.weeks, row.subject, row.room)
        taught[key] += [row.teacher] if row.teacher and row.teacher not in taught[key] else []
    lines = []
    for (weeks, subject, room), teachers in taught.items():
        head = {WeekPattern.EVERY: "", WeekPattern.ODD: "Tuần lẻ: ", WeekPattern.EVEN: "Tuần chẵn: "}[weeks]
        told = f"{subject} - {' + '.join(teachers)}" if teachers else subject
        lines.append(f"{head}{told}{f' - phòng {_room(room)}' if room else ''}")
    return "\n".join(lines)


def _room(text: str) -> str:
    return re.sub(r"^(?:phòng|phong|p\.) ?(?=\S)", "", clean_text(text), flags=re.IGNORECASE)
