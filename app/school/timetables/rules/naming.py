"""What a word of a timetable file means at a school: subjects, teachers, who teaches where nobody is named."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from app.i18n import Phrase, say
from app.school.timetables.rules.known import LONGEST_WORD, WordKind, teacher_word
from app.school.timetables.rules.words import SEVERAL
from app.text import fold, initials

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.school.timetables.rules.known import Known, KnownClass
    from app.school.timetables.rules.words import Told

MOST_NAMED: Final = 4
_HONORIFIC: Final = re.compile(r"(thay|co|gv|t\.|c\.) ?(?=\S)")
_CODE: Final = re.compile(r"\[([^\[\]]+)\]\s*$")


@dataclass(frozen=True, slots=True)
class Guess:
    """Something that was not written out, and what it was taken for."""

    kind: WordKind
    written: str
    meant: str


class CannotTellError(Exception):
    """A cell cannot be used: why, and what somebody may explain."""

    def __init__(
        self, reason: Phrase, kind: WordKind | None = None, word: str = "", written: str = ""
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.kind = kind
        self.word = word[:LONGEST_WORD]
        self.written = written


class Names:
    """The names that a school knows; what was taken for something else is counted in `guesses`."""

    def __init__(self, known: Known) -> None:
        self._known = known
        self.subject_names = {**known.usual.names, **{one.id: one.name for one in known.subjects}}
        self.staff_names = {one.id: one.name for one in known.staff}
        self._subject_memory: dict[str, tuple[int | None, bool]] = {}
        self._staff_memory: dict[str, list[int]] = {}
        self.guesses: defaultdict[Guess, int] = defaultdict(int)
        self._taught_by = defaultdict[int, set[int]](set)
        for (_, subject_id), staff_id in known.teaches.items():
            self._taught_by[subject_id].add(staff_id)

    # --- subjects ---

    def subject(self, told: Told) -> tuple[int, str, str]:
        """Return (subject, how it is written, what is written of teachers); a sure reading goes before a guess."""
        for wants_sure in (True, False):
            for subject, teacher in told.readings:
                found, is_sure = self._subject_named(subject)
                if found is not None and is_sure >= wants_sure:
                    if not is_sure:
                        self.guesses[Guess(WordKind.SUBJECT, subject, self.subject_names[found])] += 1
                    return found, subject, teacher
        written = told.readings[1 if len(told.readings) > 1 else 0][0] if told.readings else ""
        raise CannotTellError(
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
        return usual, usual is not None and fold(self.subject_names[usual]) == word

    # --- teachers ---

    def teachers(self, written: str, subject: str, subject_id: int, found: KnownClass) -> tuple[int, ...]:
        """Return whom the words of teachers mean, who leads first. Raises CannotTellError."""
        try:
            return (self._teacher(written, subject, subject_id, found),)
        except CannotTellError:
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
        self.guesses[Guess(WordKind.TEACHER, written, self.staff_names[chosen])] += 1
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

    def _who(self, written: str, subject: str, ids: Sequence[int]) -> CannotTellError:
        word = teacher_word(written, subject)
        if not ids:
            return CannotTellError(
                say("Trường không có giáo viên nào tên “%(name)s”.", name=written), WordKind.TEACHER, word
            )
        names = ", ".join(self.staff_names[one] for one in ids[:MOST_NAMED])
        return CannotTellError(
            say("“%(name)s” có thể là %(people)s.", name=written, people=names), WordKind.TEACHER, word
        )

    def deduced(self, subject_id: int, found: KnownClass) -> int:
        """Return who teaches a subject that stands alone: as now in this class, else the homeroom teacher."""
        chosen = self._known.teaches.get((found.id, subject_id)) or self._known.homeroom.get(found.id)
        if chosen is None:
            raise CannotTellError(
                say(
                    "Ô không ghi giáo viên, và lớp %(name)s chưa có giáo viên môn này hay giáo viên chủ nhiệm.",
                    name=found.name,
                )
            )
        written = f"{self.subject_names[subject_id]}, {found.name}"
        self.guesses[Guess(WordKind.TEACHER, written, self.staff_names[chosen])] += 1
        return chosen

    def usual_of(self, staff_id: int, found: KnownClass) -> int | None:
        """Return the one subject of a teacher in a class, else the one that is taught in every class."""
        here = {
            subject
            for in_class, subject, who in self._known.duties
            if who == staff_id and in_class == found.id
        }
        anywhere = {subject for _, subject, who in self._known.duties if who == staff_id}
        chosen = here if len(here) == 1 else anywhere
        return next(iter(chosen)) if len(chosen) == 1 else None


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
