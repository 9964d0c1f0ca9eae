"""What the cells of a timetable file mean at a school: class, subject, teacher; what cannot be told, and why."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from app.i18n import Phrase, say
from app.school.rules import DaySession
from app.school.timetables.rules.grid import DEFAULT_PERIODS, GridLesson, Line, Slot
from app.school.timetables.rules.known import LONGEST_WORD, WordKind, teacher_word
from app.school.timetables.rules.teachers import UNSAID
from app.school.timetables.rules.weeks import is_cell
from app.school.timetables.rules.words import SEVERAL, told_in
from app.text import clean_text, fold, initials, natural_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from app.school.timetables.rules.known import Known, KnownClass
    from app.school.timetables.rules.places import FileCell
    from app.school.timetables.rules.words import Told

MOST_NAMED: Final = 4
_HONORIFIC: Final = re.compile(r"(thay|co|gv|t\.|c\.) ?(?=\S)")
_CODE: Final = re.compile(r"\[([^\[\]]+)\]\s*$")


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
class Guess:
    """Something that was not written out, and what it was taken for."""

    kind: WordKind
    written: str
    meant: str


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


class _CannotTellError(Exception):
    """A cell cannot be used."""

    def __init__(
        self, reason: Phrase, kind: WordKind | None = None, word: str = "", written: str = ""
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.kind = kind
        self.word = word[:LONGEST_WORD]
        self.written = written


def matched(cells: Iterable[FileCell], known: Known) -> Matched:
    """Return what the cells of a file mean. What is said twice counts once; where it differs, the first holds."""
    return _Matching(known).of(cells)


class _Matching:
    def __init__(self, known: Known) -> None:
        self._known = known
        self._classes = {natural_key(one.name): one for one in known.classes}
        self._class_ids = {one.id: one for one in known.classes}
        self._subject_names = {**known.usual.names, **{one.id: one.name for one in known.subjects}}
        self._staff_names = {one.id: one.name for one in known.staff}
        self._subject_memory: dict[str, tuple[int | None, bool]] = {}
        self._staff_memory: dict[str, list[int]] = {}
        self._guesses: defaultdict[Guess, int] = defaultdict(int)
        self._taught_by = defaultdict[int, set[int]](set)
        for (_, subject_id), staff_id in known.teaches.items():
            self._taught_by[subject_id].add(staff_id)

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
            except _CannotTellError as error:
                about = (
                    cell.sheet,
                    cell.address,
                    cell.class_name,
                    clean_text(cell.text.replace("\n", " / ")),
                )
                unmatched.append(Unmatched(*about, error.reason, error.kind, error.word, error.written))
        guesses = sorted(self._guesses.items(), key=lambda item: (item[0].kind, -item[1], item[0].written))
        used = {lesson.line.subject_id for lesson in lessons}
        new = [(number, name) for number, name in self._known.usual.names.items() if number in used]
        return Matched(tuple(lessons), tuple(unmatched), tuple(guesses), tuple(new))

    @staticmethod
    def _is_new(
        seen: dict[tuple[int, Slot], tuple[Line, ...]], key: tuple[int, Slot], lines: tuple[Line, ...]
    ) -> bool:
        before = seen.setdefault(key, lines)
        if set(before) != set(lines):
            raise _CannotTellError(say("Ô này đã có nội dung khác ở một chỗ khác trong tệp."))
        return before is lines

    def _class(self, cell: FileCell) -> KnownClass:
        if not cell.class_name:
            raise _CannotTellError(say("Không biết ô này của lớp nào: trang không ghi tên lớp."))
        taught = self._known.words.get((WordKind.CLASS, fold(cell.class_name)))
        found = self._class_ids.get(taught or 0) or self._classes.get(natural_key(cell.class_name))
        if found is None:
            raise _CannotTellError(
                say("Năm học này trường không có lớp %(name)s.", name=cell.class_name),
                WordKind.CLASS,
                fold(cell.class_name),
            )
        return found

    def _lines(self, cell: FileCell, found: KnownClass) -> tuple[Line, ...]:
        lines = tuple(self._line(told, found) for told in told_in(cell.text))
        if not lines or not is_cell([line.weeks for line in lines]):
            raise _CannotTellError(
                say("Ô có nhiều tiết trong cùng một tuần. Ghi “Tuần lẻ: …” và “Tuần chẵn: …” trên hai dòng.")
            )
        return lines

    def _line(self, told: Told, found: KnownClass) -> Line:
        unsaid = next((teacher for subject, teacher in told.readings if subject == UNSAID and teacher), "")
        if unsaid:
            return self._line_of_teacher(unsaid, told, found)
        subject_id, subject, teacher = self._subject(told)
        staff_ids = (
            self._teachers(teacher, subject, subject_id, found)
            if teacher
            else (self._deduced(subject_id, found),)
        )
        return Line(told.weeks, subject_id, staff_ids, told.room)

    def _line_of_teacher(self, teacher: str, told: Told, found: KnownClass) -> Line:
        """Return the line of a cell that names a teacher alone: the subject is what that teacher has in the class."""
        staff_ids = self._teachers(teacher, "", 0, found)
        names = ", ".join(self._staff_names[one] for one in staff_ids)
        subject_id = self._known.words.get((WordKind.SUBJECT, fold(f"{UNSAID} {names}")))
        subject_id = subject_id or self._usual_of(staff_ids[0], found)
        if subject_id is None:
            raise _CannotTellError(
                say("Ô không ghi môn, và chưa biết %(name)s dạy môn nào ở lớp này.", name=names),
                WordKind.SUBJECT,
                fold(f"{UNSAID} {names}"),
            )
        self._guesses[Guess(WordKind.SUBJECT, f"{names}, {found.name}", self._subject_names[subject_id])] += 1
        return Line(told.weeks, subject_id, staff_ids, told.room)

    def _usual_of(self, staff_id: int, found: KnownClass) -> int | None:
        """Return the one subject of a teacher in a class, else the one that is taught in every class."""
        here = {
            subject
            for in_class, subject, who in self._known.duties
            if who == staff_id and in_class == found.id
        }
        anywhere = {subject for _, subject, who in self._known.duties if who == staff_id}
        chosen = here if len(here) == 1 else anywhere
        return next(iter(chosen)) if len(chosen) == 1 else None

    # --- subjects ---

    def _subject(self, told: Told) -> tuple[int, str, str]:
        """Return (subject, how it is written, what is written of teachers); a sure reading goes before a guess."""
        for wants_sure in (True, False):
            for subject, teacher in told.readings:
                found, is_sure = self._subject_named(subject)
                if found is not None and is_sure >= wants_sure:
                    if not is_sure:
                        self._guesses[Guess(WordKind.SUBJECT, subject, self._subject_names[found])] += 1
                    return found, subject, teacher
        written = told.readings[1 if len(told.readings) > 1 else 0][0] if told.readings else ""
        raise _CannotTellError(
            say("Không có môn nào tên “%(name)s”.", name=written), WordKind.SUBJECT, fold(written), written
        )

    def _subject_named(self, written: str) -> tuple[int | None, bool]:
        word = fold(written).strip(" .")
        if word not in self._subject_memory:
            self._subject_memory[word] = self._look_up_subject(word)
        return self._subject_memory[word]

    def _look_up_subject(self, word: str) -> tuple[int | None, bool]:
        """Return (subject, whether it is sure): by choice, name or code; else by initials or words of one name."""
        if taught := self._known.words.get((WordKind.SUBJECT, word)):
            return taught, True
        for named in self._known.subjects:
            if word in {fold(named.name), fold(named.code)}:
                return named.id, True
        packed = word.replace(".", "").replace(" ", "")
        ways = (
            [
                one.id
                for one in self._known.subjects
                if _packed_initials(one.name) == packed and len(packed) > 1
            ],
            [
                one.id
                for one in self._known.subjects
                if f" {fold(one.name)} ".startswith(f" {word} ") and word
            ],
            [one.id for one in self._known.subjects if f" {fold(one.name)} ".endswith(f" {word} ") and word],
        )
        for ids in ways:
            if len(ids) == 1:
                return ids[0], False
        usual = self._known.usual.ids.get(word) if not any(ways) else None
        return usual, usual is not None and fold(self._subject_names[usual]) == word

    # --- teachers ---

    def _teachers(self, written: str, subject: str, subject_id: int, found: KnownClass) -> tuple[int, ...]:
        try:
            return (self._teacher(written, subject, subject_id, found),)
        except _CannotTellError:
            several = [part for part in SEVERAL.split(written) if part]
            if len(several) == 1:
                raise
        ids = tuple(self._teacher(part, subject, subject_id, found) for part in several)
        return tuple(dict.fromkeys(ids))

    def _teacher(self, written: str, subject: str, subject_id: int, found: KnownClass) -> int:
        taught = self._known.words.get((WordKind.TEACHER, teacher_word(written, subject)))
        if taught:
            return taught
        if match := _CODE.search(written):
            ids = [one.id for one in self._known.staff if fold(one.code) == fold(match[1])]
            if len(ids) == 1:
                return ids[0]
        word = fold(written).strip(" .")
        ids = [one.id for one in self._known.staff if word in {fold(one.name), fold(one.code)}]
        if len(ids) == 1:
            return ids[0]
        ids = ids or self._who_may_be_meant(word)
        chosen = self._one_of(ids, subject_id, found)
        if chosen is None:
            raise self._who(written, subject, ids)
        self._guesses[Guess(WordKind.TEACHER, written, self._staff_names[chosen])] += 1
        return chosen

    def _who_may_be_meant(self, word: str) -> list[int]:
        """Return whom a word short of a full name may mean; a file repeats the same few words a thousand times."""
        if word not in self._staff_memory:
            bare = _HONORIFIC.sub("", word, count=1) if _HONORIFIC.match(word) else word
            self._staff_memory[word] = [
                one.id for one in self._known.staff if _may_mean(word, one.name) or _may_mean(bare, one.name)
            ]
        return self._staff_memory[word]

    def _one_of(self, ids: Sequence[int], subject_id: int, found: KnownClass) -> int | None:
        """Return the only one, or the only one who teaches this subject here, in this class rather than in others."""
        if len(ids) == 1:
            return ids[0]
        now = self._known.teaches.get((found.id, subject_id))
        if now in ids:
            return now
        with_subject = [one for one in ids if one in self._taught_by[subject_id]]
        return with_subject[0] if len(with_subject) == 1 else None

    def _who(self, written: str, subject: str, ids: Sequence[int]) -> _CannotTellError:
        word = teacher_word(written, subject)
        if not ids:
            return _CannotTellError(
                say("Trường không có giáo viên nào tên “%(name)s”.", name=written), WordKind.TEACHER, word
            )
        names = ", ".join(self._staff_names[one] for one in ids[:MOST_NAMED])
        return _CannotTellError(
            say("“%(name)s” có thể là %(people)s.", name=written, people=names), WordKind.TEACHER, word
        )

    def _deduced(self, subject_id: int, found: KnownClass) -> int:
        """Return who teaches a subject that stands alone: as now in this class, else the homeroom teacher."""
        chosen = self._known.teaches.get((found.id, subject_id)) or self._known.homeroom.get(found.id)
        if chosen is None:
            raise _CannotTellError(
                say(
                    "Ô không ghi giáo viên, và lớp %(name)s chưa có giáo viên môn này hay giáo viên chủ nhiệm.",
                    name=found.name,
                )
            )
        written = f"{self._subject_names[subject_id]}, {found.name}"
        self._guesses[Guess(WordKind.TEACHER, written, self._staff_names[chosen])] += 1
        return chosen

    def _lesson(self, found: KnownClass, slot: Slot, line: Line, number: int) -> GridLesson:
        teachers = tuple(self._staff_names[one] for one in line.staff_ids)
        return GridLesson(
            number, found.id, found.name, slot, line, self._subject_names[line.subject_id], teachers
        )


def _slot(cell: FileCell, found: KnownClass) -> Slot:
    """Return the slot of a cell. Where the file names no session, periods after the fifth are the afternoon's."""
    if not cell.weekday:
        raise _CannotTellError(say("Không đọc được thứ của tiết này. Ghi Thứ 2 đến Thứ 7 hoặc Chủ nhật."))
    if not cell.number:
        raise _CannotTellError(say("Không đọc được số tiết của dòng này. Ghi 1, 2, 3… hoặc 1-2."))
    if cell.day_session is not None:
        return Slot(cell.weekday, cell.day_session, cell.number)
    morning = DEFAULT_PERIODS[DaySession.MORNING]
    if cell.number > morning:
        return Slot(cell.weekday, DaySession.AFTERNOON, cell.number - morning)
    return Slot(cell.weekday, found.main_session, cell.number)


def _packed_initials(name: str) -> str:
    return initials(re.sub(r"[^\w\s]", " ", name))


def _may_mean(word: str, full_name: str) -> bool:
    """Say whether a folded word may be a person: the given name, perhaps with other names or their initials.

    "an", "van an", "nguyen an", "n.v.an", "nv an", "an nv" for Nguyễn Văn An.
    """
    *before, given = fold(full_name).split()
    parts = word.replace(".", " ").split()
    if not parts:
        return False
    for last, others in ((parts[-1], parts[:-1]), (parts[0], parts[1:])):
        if last == given and (_in_order(others, before) or _in_order(list("".join(others)), before)):
            return True
    return False


def _in_order(parts: Sequence[str], names: Sequence[str]) -> bool:
    """Say whether each part is a name or a name's first letter, in the order of the names."""
    at = 0
    for part in parts:
        while at < len(names) and part not in {names[at], names[at][0]}:
            at += 1
        if at == len(names):
            return False
        at += 1
    return True
