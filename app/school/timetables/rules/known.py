"""What the reader of a timetable file knows of a school: classes, subjects, staff, words explained before."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from app.school.rules import DaySession
from app.school.timetables.rules.subjects import NO_USUAL
from app.text import fold

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from app.school.timetables.rules.subjects import UsualSubjects

LONGEST_WORD: Final = 160


class WordKind(StrEnum):
    """What a word of a file stands for."""

    SUBJECT = "subject"
    TEACHER = "teacher"
    CLASS = "class"


@dataclass(frozen=True, slots=True)
class Named:
    """Something of the school that a file may name; `code` is another way to write it."""

    id: int
    name: str
    code: str = ""


@dataclass(frozen=True, slots=True)
class KnownClass:
    """A class of the year, and when it usually has school."""

    id: int
    name: str
    main_session: DaySession = DaySession.MORNING


@dataclass(frozen=True, slots=True)
class Known:
    """What the reader knows of a school.

    `words` are {(kind, folded word): id} that somebody chose once; `teaches` is {(class, subject): teacher} as it is
    now; `homeroom` is {class: its homeroom teacher}; `duties` are (class, subject, teacher) appointed or taught now;
    `usual` are the subjects of every school, {folded spelling: id}, asked last: see `rules.subjects`.
    """

    classes: Sequence[KnownClass]
    subjects: Sequence[Named]
    staff: Sequence[Named]
    words: Mapping[tuple[str, str], int] = field(default_factory=dict)
    teaches: Mapping[tuple[int, int], int] = field(default_factory=dict)
    homeroom: Mapping[int, int] = field(default_factory=dict)
    duties: frozenset[tuple[int, int, int]] = frozenset()
    usual: UsualSubjects = NO_USUAL


def teacher_word(teacher: str, subject: str) -> str:
    """Return how a teacher's word is kept: with the subject, since two teachers may share a given name."""
    return f"{fold(teacher)}|{fold(subject)}"[:LONGEST_WORD]
