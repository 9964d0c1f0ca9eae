"""What the cells of a timetable file mean at a school: class, subject, teacher; what cannot be told, and why."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from app.i18n import Phrase, say
from app.school.rules import DaySession
from app.school.timetables.rules.grid import DEFAULT_PERIODS, GridLesson, Line, Slot
from app.school.timetables.rules.known import WordKind
from app.school.timetables.rules.naming import CannotTellError, Guess, Names
from app.school.timetables.rules.teachers import UNSAID
from app.school.timetables.rules.weeks import is_cell
from app.school.timetables.rules.words import told_in
from app.text import clean_text, fold, natural_key

if TYPE_CHECKING:
    from collections.abc import Iterable

    from app.school.timetables.rules.known import Known, KnownClass
    from app.school.timetables.rules.places import FileCell
    from app.school.timetables.rules.words import Told


_FAILED_FORMULA: Final = re.compile(
    r"(?:^|\s)(?:#(?:REF|DIV/0|VALUE|NULL|NUM|SPILL|CALC)!|#N/A|#NAME\?|Err:\d{3})(?:$|\s)"
)
"""What Excel and LibreOffice show where a formula failed."""


@dataclass(frozen=True, slots=True)
class Unmatched:
    """A cell that is left out, and why. `kind` and `word` say what somebody may explain; `kind` None: nothing."""

    sheet: str
    address: str
    class_name: str
    text: str
    reason: Phrase
    kind: WordKind | None = None
    word: str = ""
    written: str = ""
    """The word as the file has it; for a subject, what a new one would be called."""


@dataclass(frozen=True, slots=True)
class Matched:
    """The lessons of a file with their names, what was left out, and what was guessed, most frequent first."""

    lessons: tuple[GridLesson, ...]
    unmatched: tuple[Unmatched, ...] = ()
    guesses: tuple[tuple[Guess, int], ...] = ()
    new_subjects: tuple[tuple[int, str], ...] = ()
    """(id below 0, name) of the usual subjects that the file names and nobody has added yet."""

    @property
    def class_ids(self) -> frozenset[int]:
        """The classes of which the file says something that could be used."""
        return frozenset(lesson.class_id for lesson in self.lessons)


def matched(cells: Iterable[FileCell], known: Known) -> Matched:
    """Return what the cells of a file mean. What is said twice counts once; where it differs, the first holds."""
    return _Matching(known).of(cells)


class _Matching:
    def __init__(self, known: Known) -> None:
        self._known = known
        self._classes = {natural_key(one.name): one for one in known.classes}
        self._class_ids = {one.id: one for one in known.classes}
        self._names = Names(known)

    def of(self, cells: Iterable[FileCell]) -> Matched:
        lessons: list[GridLesson] = []
        unmatched: list[Unmatched] = []
        seen: dict[tuple[int, Slot], tuple[Line, ...]] = {}
        for cell in cells:
            try:
                found = self._class(cell)
                slot = _slot(cell, found)
                lines = self._lines(cell, found)
                if self._is_new(seen, (found.id, slot), lines):
                    lessons += [
                        self._lesson(found, slot, line, -len(lessons) - at)
                        for at, line in enumerate(lines, 1)
                    ]
            except CannotTellError as error:
                about = (
                    cell.sheet,
                    cell.address,
                    cell.class_name,
                    clean_text(cell.text.replace("\n", " / ")),
                )
                unmatched.append(Unmatched(*about, error.reason, error.kind, error.word, error.written))
        guesses = sorted(
            self._names.guesses.items(), key=lambda item: (item[0].kind, -item[1], item[0].written)
        )
        used = {lesson.line.subject_id for lesson in lessons}
        new = [(number, name) for number, name in self._known.usual.names.items() if number in used]
        return Matched(tuple(lessons), tuple(unmatched), tuple(guesses), tuple(new))

    @staticmethod
    def _is_new(
        seen: dict[tuple[int, Slot], tuple[Line, ...]], key: tuple[int, Slot], lines: tuple[Line, ...]
    ) -> bool:
        before = seen.setdefault(key, lines)
        if set(before) != set(lines):
            raise CannotTellError(say("Ô này đã có nội dung khác ở một chỗ khác trong tệp."))
        return before is lines

    def _class(self, cell: FileCell) -> KnownClass:
        if not cell.class_name:
            raise CannotTellError(say("Không biết ô này của lớp nào: trang không ghi tên lớp."))
        taught = self._known.words.get((WordKind.CLASS, fold(cell.class_name)))
        found = self._class_ids.get(taught or 0) or self._classes.get(natural_key(cell.class_name))
        if found is None:
            raise CannotTellError(
                say("Năm học này trường không có lớp %(name)s.", name=cell.class_name),
                WordKind.CLASS,
                fold(cell.class_name),
            )
        return found

    def _lines(self, cell: FileCell, found: KnownClass) -> tuple[Line, ...]:
        if _FAILED_FORMULA.search(cell.text):
            raise CannotTellError(
                say(
                    "Công thức của ô này bị lỗi nên không biết là tiết gì. Hãy ghi lại môn học vào ô rồi nhập lại."
                )
            )
        lines = tuple(self._line(told, found) for told in told_in(cell.text))
        if not lines or not is_cell([line.weeks for line in lines]):
            raise CannotTellError(
                say("Ô có nhiều tiết trong cùng một tuần. Ghi “Tuần lẻ: …” và “Tuần chẵn: …” trên hai dòng.")
            )
        return lines

    def _line(self, told: Told, found: KnownClass) -> Line:
        unsaid = next((teacher for subject, teacher in told.readings if subject == UNSAID and teacher), "")
        if unsaid:
            return self._line_of_teacher(unsaid, told, found)
        subject_id, subject, teacher = self._names.subject(told)
        staff_ids = (
            self._names.teachers(teacher, subject, subject_id, found)
            if teacher
            else (self._names.deduced(subject_id, found),)
        )
        return Line(told.weeks, subject_id, staff_ids, told.room)

    def _line_of_teacher(self, teacher: str, told: Told, found: KnownClass) -> Line:
        """Return the line of a cell that names a teacher alone: the subject is what that teacher has in the class."""
        staff_ids = self._names.teachers(teacher, "", 0, found)
        names = ", ".join(self._names.staff_names[one] for one in staff_ids)
        subject_id = self._known.words.get((WordKind.SUBJECT, fold(f"{UNSAID} {names}")))
        subject_id = subject_id or self._names.usual_of(staff_ids[0], found)
        if subject_id is None:
            raise CannotTellError(
                say("Ô không ghi môn, và chưa biết %(name)s dạy môn nào ở lớp này.", name=names),
                WordKind.SUBJECT,
                fold(f"{UNSAID} {names}"),
            )
        self._names.guesses[
            Guess(WordKind.SUBJECT, f"{names}, {found.name}", self._names.subject_names[subject_id])
        ] += 1
        return Line(told.weeks, subject_id, staff_ids, told.room)

    def _lesson(self, found: KnownClass, slot: Slot, line: Line, number: int) -> GridLesson:
        teachers = tuple(self._names.staff_names[one] for one in line.staff_ids)
        return GridLesson(
            number, found.id, found.name, slot, line, self._names.subject_names[line.subject_id], teachers
        )


def _slot(cell: FileCell, found: KnownClass) -> Slot:
    """Return the slot of a cell. Where the file names no session, periods after the fifth are the afternoon's."""
    if not cell.weekday:
        raise CannotTellError(say("Không đọc được thứ của tiết này. Ghi Thứ 2 đến Thứ 7 hoặc Chủ nhật."))
    if not cell.number:
        raise CannotTellError(say("Không đọc được số tiết của dòng này. Ghi 1, 2, 3… hoặc 1-2."))
    if cell.day_session is not None:
        return Slot(cell.weekday, cell.day_session, cell.number)
    morning = DEFAULT_PERIODS[DaySession.MORNING]
    if cell.number > morning:
        return Slot(cell.weekday, DaySession.AFTERNOON, cell.number - morning)
    return Slot(cell.weekday, found.main_session, cell.number)
