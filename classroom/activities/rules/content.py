"""What is asked: one shape for every kind of activity, and what all kinds have in common."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from app.errors import InvalidError
from app.i18n import N_, say
from app.text import clean_text

LETTERS: Final = "ABCDEFGH"
FEWEST_OPTIONS, MOST_OPTIONS = 2, len(LETTERS)
LONGEST_QUESTION, LONGEST_OPTION, LONGEST_EXPLANATION, LONGEST_TAG = 1_500, 300, 1_000, 120
LONGEST_TEXT: Final = 500
LONGEST_OBJECTIVE: Final = 120
TALLEST: Final = 4095
"""Of a picture whose width is 2048: what a grid of strokes can count."""
MOST_POINTS: Final = 10
_SHA256: Final = re.compile(r"[0-9a-f]{64}")
BLANK: Final = "-"
"""An entry that a pupil left out, in answers that have one entry for each statement or each left-hand side."""

Answer = tuple[str, ...]
"""An answer of any kind as short texts: the letters chosen, the entries in order, or the texts that were typed."""


class Kind(StrEnum):
    """Every kind of activity there is. What each does with content and answers is in `kinds.RULES`."""

    SINGLE = "single"
    MULTIPLE = "multiple"
    TRUE_FALSE = "true_false"
    STATEMENTS = "statements"
    SHORT = "short"
    NUMBER = "number"
    ORDERING = "ordering"
    MATCHING = "matching"
    WORDS = "words"
    TEXT = "text"
    SCALE = "scale"
    EXIT = "exit"
    QUICK = "quick"
    DRAWING = "drawing"
    SLIDE = "slide"


@dataclass(frozen=True, slots=True)
class Content:
    """What is asked. Which fields a kind uses is said where its rules are.

    options         choices, statements, entries in the order shown, left-hand sides, or the words at a scale's ends
    targets         right-hand sides of a matching, in the order shown
    solution        what is right: letters, "T" and "F" for each statement, or every text that is accepted
    misconceptions  for each option the mistake that choosing it shows, "" for none; teachers alone see it
    unit            accepted spellings of a unit, "|" between them; the first is shown
    tolerance       how far a number may be off: "0,1" or "5%"
    most            phrases of a word cloud, or steps of a scale
    points          for an answer that is wholly right
    speed           whether a quick right answer earns more; off unless switched on
    objective       what the question is about ("Phân số bằng nhau"): right answers are counted by it over lessons
    file, page      of a slide, or of the picture of a question: the hash of its file, and its page from 1; the
                    `question` of a slide is the page's text
    high            the height of that picture where the width is 2048
    """

    kind: Kind
    question: str
    options: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    solution: Answer = ()
    explanation: str = ""
    misconceptions: tuple[str, ...] = ()
    unit: str = ""
    tolerance: str = ""
    with_accents: bool = False
    most: int = 0
    points: int = 1
    speed: bool = False
    objective: str = ""
    file: str = ""
    page: int = 0
    high: int = 0

    @property
    def letters(self) -> str:
        """The letters of the options, in order."""
        return LETTERS[: len(self.options)]

    @property
    def target_letters(self) -> str:
        """The letters of the right-hand sides, in order."""
        return LETTERS[: len(self.targets)]

    @property
    def units(self) -> tuple[str, ...]:
        """The accepted spellings of the unit."""
        return tuple(filter(None, (clean_text(part) for part in self.unit.split("|"))))


def check_frame(content: Content) -> None:
    """Refuse what no kind can ask: a missing text, one that is too long, points outside 1 to 10."""
    if not content.question and content.kind not in {Kind.QUICK, Kind.TRUE_FALSE, Kind.SLIDE}:
        refuse_content("question", N_("Hãy viết câu hỏi."))
    too_long = (
        len(content.question) > LONGEST_QUESTION
        or len(content.explanation) > LONGEST_EXPLANATION
        or len(content.objective) > LONGEST_OBJECTIVE
        or any(len(text) > LONGEST_OPTION for text in (*content.options, *content.targets, *content.solution))
        or any(len(text) > LONGEST_TAG for text in content.misconceptions)
    )
    if too_long:
        refuse_content("question", N_("Câu hỏi hoặc lựa chọn quá dài."))
    if not 1 <= content.points <= MOST_POINTS:
        refuse_content("points", N_("Điểm của một câu từ 1 đến 10."))
    if content.file and not shows_page(content):
        refuse_content("page", N_("Hình của câu này không có trong tệp nào."))
    if content.misconceptions and len(content.misconceptions) != len(content.options):
        refuse_content("misconceptions", N_("Ghi chú lỗi sai không khớp với các lựa chọn."))


def shows_page(content: Content) -> bool:
    """Whether a content names a page of a drawn file, with the size of its picture."""
    return bool(_SHA256.fullmatch(content.file)) and content.page >= 1 and 1 <= content.high <= TALLEST


def check_options(content: Content, least: int = FEWEST_OPTIONS, most: int = MOST_OPTIONS) -> None:
    """Refuse too few or too many options, empty ones, and two that are the same."""
    if not least <= len(content.options) <= most:
        message = say("Câu hỏi cần từ %(least)s đến %(most)s lựa chọn.", least=least, most=most)
        raise InvalidError(message, {"options": message})
    if not all(content.options):
        refuse_content("options", N_("Có lựa chọn còn trống. Hãy điền mọi lựa chọn."))
    if len(set(content.options)) != len(content.options):
        refuse_content("options", N_("Có hai lựa chọn giống nhau."))


def refuse_content(field: str, message: str) -> None:
    """Raise InvalidError for a field of the content."""
    raise InvalidError(say(message), {field: say(message)})


def refuse_answer(message: str) -> None:
    """Raise InvalidError for an answer."""
    raise InvalidError(say(message))
