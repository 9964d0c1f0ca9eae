"""Reading questions as teachers type or paste them. `writing.written` writes the same form; a test goes both ways.

    Câu 1. Cây xanh nhả ra khí nào?
    *A. Ô-xi
    B. Các-bô-níc {nhầm quang hợp với hô hấp}
    Giải thích: …

A star before an option, or a line "Đáp án: A", says what is right; braces after it tag the mistake that it shows.
What kind it is follows from the lines; a tag in brackets at the end of the first line says it where they do not:
[đám mây từ], [câu hỏi mở], [thang đo], [vẽ hình], [phiếu cuối tiết], [hỏi nhanh].

    [tệp 1, trang 3-5]

Sheets out of Word come with a table of answers and much else: see `pasted`.

A line of its own brings pages of a presentation that hangs on the plan: three slides here. A line "[hình 2]" within a
question is its picture: the first page of file 2, "[hình 2, trang 3]" another.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from app.errors import InvalidError
from app.i18n import say
from classroom.activities.rules.content import Content
from classroom.activities.rules.kinds import checked
from classroom.activities.rules.lines import SLIDES
from classroom.activities.rules.pasted import sheet_of
from classroom.activities.rules.questions import NO_DECKS, Decks, pages_of, question_of

if TYPE_CHECKING:
    import re
    from collections.abc import Sequence


__all__ = ["NO_DECKS", "Decks", "Fault", "Reading", "must_read", "read_questions"]
MOST_QUESTIONS: Final = 60
MOST_SLIDES: Final = 200


@dataclass(frozen=True, slots=True)
class Fault:
    """A question that cannot be read: its number in the text, the line where it begins, and what is wrong."""

    number: int
    line: int
    message: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What a text holds: the questions that can be asked, what is wrong with the others, what belongs to none."""

    questions: tuple[Content, ...]
    faults: tuple[Fault, ...]
    left_out: tuple[str, ...] = ()

    @property
    def left_out_shortly(self) -> list[str]:
        """What was left out, short enough to be told: three lines, eighty signs of each."""
        told = [text if len(text) <= 80 else f"{text[:79]}…" for text in self.left_out]  # noqa: PLR2004 - see above
        return told if len(told) <= 3 else [*told[:3], "…"]  # noqa: PLR2004


def must_read(text: str, decks: Decks = NO_DECKS) -> tuple[Content, ...]:
    """Return the questions of a text; raise InvalidError when there is none, or one that cannot be read."""
    reading = read_questions(text, decks)
    if reading.faults:
        fault = reading.faults[0]
        message = say(
            "Câu %(number)s (dòng %(line)s): %(fault)s",
            number=fault.number,
            line=fault.line,
            fault=fault.message,
        )
        raise InvalidError(message, {"text": message})
    if not reading.questions:
        raise InvalidError(say("Chưa có câu hỏi nào."), {"text": say("Hãy viết ít nhất một câu hỏi.")})
    return reading.questions


def read_questions(text: str, decks: Decks = NO_DECKS) -> Reading:
    """Return the questions and slides of a text and the faults, in order; never raises. Slides have no numbers."""
    questions, faults, number, slides = list[Content](), list[Fault](), 0, 0
    sheet = sheet_of(text)
    for lines in sheet.blocks:
        line, block = lines[0].number, [one.text for one in lines]
        wanted = SLIDES.match(block[0])
        number += wanted is None
        try:
            if wanted:
                shown = _slides(wanted, decks)
                slides += len(shown)
                questions += shown
            else:
                questions.append(checked(question_of(block, decks)))
            _refuse_too_many(number, slides)
        except InvalidError as error:
            faults.append(Fault(number, line, error.message))
        if max(number - MOST_QUESTIONS, slides - MOST_SLIDES) > 0:
            break
    return Reading(tuple(questions), tuple(faults), sheet.left_out)


def _refuse_too_many(questions: int, slides: int) -> None:
    if questions > MOST_QUESTIONS:
        raise InvalidError(say("Một kế hoạch có nhiều nhất %(most)s câu.", most=MOST_QUESTIONS))
    if slides > MOST_SLIDES:
        raise InvalidError(say("Một kế hoạch có nhiều nhất %(most)s trang chiếu.", most=MOST_SLIDES))


def _slides(wanted: re.Match[str], decks: Decks) -> Sequence[Content]:
    """Return the slides that a line names; without a number of the file it is the only one, or the first."""
    number, first = int(wanted[1] or next(iter(decks), 1)), int(wanted[2])
    return pages_of(decks, number, first, int(wanted[3] or first))
