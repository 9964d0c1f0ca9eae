"""A lesson afterwards as pure values, and the rows of its workbook."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from app.i18n import N_, say

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from classroom.activities.rules import Content
    from classroom.activities.rules.bars import Bar

MISSED_BELOW: Final = Fraction(3, 5)
"""A question that fewer than three in five got right is one that the class missed."""
SURENESS: Final = {True: N_("Có"), False: N_("Không"), None: ""}
INQUIRY_STATES: Final = {
    "waiting": N_("chưa duyệt"),
    "shown": N_("đã duyệt"),
    "hidden": N_("đã ẩn"),
    "answered": N_("đã trả lời xong"),
}
MARKS: Final = {True: N_("đúng"), False: N_("sai"), None: ""}


@dataclass(frozen=True, slots=True)
class Sureness:
    """How many said to be sure of the answer that stands, how many of these were wrong, and how many were not sure."""

    sure: int
    sure_wrong: int
    unsure: int


@dataclass(frozen=True, slots=True)
class Drawing:
    """What one pupil drew: who, the `d` of its path, and what was said in words instead."""

    name: str
    path: str
    words: str


@dataclass(frozen=True, slots=True)
class RoundOutcome:
    """One round of a question: its chart, how many answered in time, and the share wholly right (None: no solution).

    `guests` answered besides and are in neither; `sure` is None where nobody was asked.
    """

    number: int
    bars: Sequence[Bar]
    answered: int
    right: Fraction | None
    guests: int = 0
    sure: Sureness | None = None
    drawings: tuple[Drawing, ...] = ()


@dataclass(frozen=True, slots=True)
class QuestionOutcome:
    """A question with its rounds; `misconceptions` counts the mistakes that the last round's wrong answers show."""

    content: Content
    rounds: Sequence[RoundOutcome]
    misconceptions: Mapping[str, int]
    notes: Sequence[str]
    late: int
    activity_id: int

    @property
    def last(self) -> RoundOutcome:
        """The round that counts."""
        return self.rounds[-1]

    @property
    def shift(self) -> Fraction | None:
        """How far the share of right answers moved from the first to the second round; None without both."""
        first, last = self.rounds[0].right, self.rounds[-1].right
        return last - first if len(self.rounds) > 1 and first is not None and last is not None else None

    @property
    def is_missed(self) -> bool:
        """Whether the class missed it."""
        return self.last.right is not None and self.last.answered > 0 and self.last.right < MISSED_BELOW


@dataclass(frozen=True, slots=True)
class AnswerOutcome:
    """One answer as the table shows it. `is_right` is None when nothing is right or wrong; `points` None likewise."""

    short: str
    is_right: bool | None
    is_late: bool
    share: Fraction | None = None
    points: Fraction | None = None
    first: str = ""
    is_sure: bool | None = None


@dataclass(frozen=True, slots=True)
class PupilOutcome:
    """A pupil's lesson: the answers of each question's last round (None: none)."""

    pupil_id: int
    name: str
    number: int
    joined: bool
    answers: tuple[AnswerOutcome | None, ...]
    hands: int = 0
    away: bool = False
    """Whether the register says that the pupil was absent."""

    @property
    def right(self) -> int:
        """How many answers were wholly right."""
        return sum(1 for answer in self.answers if answer is not None and answer.is_right)

    @property
    def points(self) -> Fraction:
        """The points of the answers that came in time."""
        earned = (answer.points for answer in self.answers if answer is not None and not answer.is_late)
        return sum((points for points in earned if points is not None), Fraction(0))

    @property
    def took_part(self) -> bool:
        """Whether the pupil joined or answered at all."""
        return self.joined or any(self.answers)

    @property
    def part(self) -> str:
        """What is said of who took part, or not, or was not in school: a message id."""
        return N_("Có") if self.took_part else N_("Vắng") if self.away else N_("Không")


@dataclass(frozen=True, slots=True)
class InquiryOutcome:
    """A question that a pupil asked, by whom, where it stands (a message id) and its votes."""

    text: str
    name: str
    state: str
    votes: int


@dataclass(frozen=True, slots=True)
class LessonOutcome:
    """A lesson afterwards."""

    questions: tuple[QuestionOutcome, ...]
    pupils: tuple[PupilOutcome, ...]
    inquiries: tuple[InquiryOutcome, ...] = ()

    @property
    def absent(self) -> list[PupilOutcome]:
        """Those who neither joined nor answered."""
        return [row for row in self.pupils if not row.took_part]

    @property
    def missed(self) -> list[tuple[int, QuestionOutcome]]:
        """The questions that the class missed, the worst first, each with its number."""
        found = [(n, item) for n, item in enumerate(self.questions, 1) if item.is_missed]
        return sorted(found, key=lambda one: (one[1].last.right or 0, one[0]))

    @property
    def possible(self) -> int:
        """The points of all questions that can be right or wrong."""
        return sum(item.content.points for item in self.questions if item.content.solution)


def sheet_of(outcome: LessonOutcome) -> tuple[list[str], list[list[str | int | float | datetime | None]]]:
    """Return heads and rows of a workbook: one line a pupil; for each question the answer, its mark and its points."""
    heads: list[str] = [say("STT"), say("Họ và tên"), say("Tham gia")]
    for number, item in enumerate(outcome.questions, 1):
        heads.append(say("Câu %(number)s", number=number))
        if len(item.rounds) > 1:
            heads.append(say("Câu %(number)s (lần 1)", number=number))
        if item.content.solution:
            heads.append(say("Điểm câu %(number)s", number=number))
        if item.last.sure is not None:
            heads.append(say("Chắc chắn câu %(number)s", number=number))
    heads += [say("Số câu đúng"), say("Tổng điểm"), say("Số lần giơ tay")]
    return heads, [_row(outcome, row) for row in outcome.pupils]


def _row(outcome: LessonOutcome, row: PupilOutcome) -> list[str | int | float | datetime | None]:
    cells: list[str | int | float | datetime | None] = [
        row.number,
        row.name,
        say(row.part),
    ]
    for item, answer in zip(outcome.questions, row.answers, strict=True):
        cells.append(_cell(answer))
        if len(item.rounds) > 1:
            cells.append(answer.first if answer else "")
        if item.content.solution:
            # A late answer earns nothing: the column of a question adds up to the totals beside it.
            earned = answer.points if answer is not None and not answer.is_late else None
            cells.append(None if earned is None else float(earned))
        if item.last.sure is not None:
            cells.append(say(SURENESS[answer.is_sure]) if answer else "")
    return [*cells, row.right, round(float(row.points), 2), row.hands]


def _cell(answer: AnswerOutcome | None) -> str:
    if answer is None:
        return ""
    return say("%(answer)s (trễ)", answer=answer.short) if answer.is_late else answer.short
