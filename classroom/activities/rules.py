"""One activity as pure values: its phases, what an answer to it may be, and what who may see of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from app.errors import ConflictError, InvalidError
from app.i18n import N_, say

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

LETTERS: Final = "ABCDEF"
FEWEST_OPTIONS, MOST_OPTIONS = 2, len(LETTERS)
LONGEST_QUESTION, LONGEST_OPTION = 600, 200
ROUNDS: Final = 2

Answer = tuple[str, ...]
"""An answer of any kind as short texts: the letters chosen, the entries in order, or the one text that was typed."""


class Kind(StrEnum):
    """Kinds of activities. Each has its own way to check and to count an answer."""

    CHOICE = "choice"


# --- phases -------------------------------------------------------------------------------------------------------


class Phase(StrEnum):
    """Where an activity stands. The question is shown from READING on; the solution only in REVEALED."""

    PREPARED = "prepared"
    READING = "reading"
    OPEN = "open"
    CLOSED = "closed"
    DISCUSSION = "discussion"
    REVEALED = "revealed"


class Move(StrEnum):
    """What a teacher may do to an activity."""

    READ = "read"
    OPEN = "open"
    CLOSE = "close"
    DISCUSS = "discuss"
    REVEAL = "reveal"


_MOVES: Final[Mapping[tuple[Phase, Move], Phase]] = {
    (Phase.PREPARED, Move.READ): Phase.READING,
    (Phase.PREPARED, Move.OPEN): Phase.OPEN,
    (Phase.READING, Move.OPEN): Phase.OPEN,
    (Phase.OPEN, Move.CLOSE): Phase.CLOSED,
    (Phase.CLOSED, Move.OPEN): Phase.OPEN,
    (Phase.CLOSED, Move.DISCUSS): Phase.DISCUSSION,
    (Phase.CLOSED, Move.REVEAL): Phase.REVEALED,
    (Phase.DISCUSSION, Move.OPEN): Phase.OPEN,
    (Phase.DISCUSSION, Move.REVEAL): Phase.REVEALED,
}
_REACHED: Final = {
    Move.READ: Phase.READING,
    Move.OPEN: Phase.OPEN,
    Move.CLOSE: Phase.CLOSED,
    Move.DISCUSS: Phase.DISCUSSION,
    Move.REVEAL: Phase.REVEALED,
}
MOVE_REFUSED: Final = {
    Move.READ: N_("Câu hỏi đã được chiếu rồi."),
    Move.OPEN: N_("Đáp án đã hiện, không mở lại câu này được. Hãy hỏi một câu mới."),
    Move.CLOSE: N_("Câu hỏi chưa mở nên chưa khóa được."),
    Move.DISCUSS: N_("Hãy khóa câu hỏi trước khi cho thảo luận."),
    Move.REVEAL: N_("Hãy khóa câu hỏi trước khi hiện đáp án."),
}


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an activity stands and since when. `closes_at` is the end of a timer, None without one."""

    phase: Phase = Phase.PREPARED
    round: int = 1
    opened_at: datetime | None = None
    closes_at: datetime | None = None
    closed_at: datetime | None = None
    revealed_at: datetime | None = None


def moved(standing: Standing, move: Move, now: datetime, seconds: int | None = None) -> Standing:
    """Return where the activity stands after a move; the same standing when it is there already (a repeated tap).

    `seconds` is a timer for OPEN. Opening after a discussion begins the second round; opening a closed question again
    goes on with the same round. Raises ConflictError when the move does not fit the phase.
    """
    if standing.phase is _REACHED[move]:
        return standing
    phase = _MOVES.get((standing.phase, move))
    if phase is None or (move is Move.DISCUSS and standing.round >= ROUNDS):
        raise ConflictError(say(MOVE_REFUSED[move]), {"phase": standing.phase.value})
    if phase is Phase.OPEN:
        began_anew = standing.phase is Phase.DISCUSSION
        return replace(
            standing,
            phase=phase,
            round=standing.round + began_anew,
            opened_at=now,
            closes_at=now + timedelta(seconds=seconds) if seconds else None,
            closed_at=None,
        )
    if phase is Phase.CLOSED:
        ended_at = min(now, standing.closes_at) if standing.closes_at else now
        return replace(standing, phase=phase, closed_at=ended_at)
    if phase is Phase.REVEALED:
        return replace(standing, phase=phase, revealed_at=now)
    return replace(standing, phase=phase)


# --- content ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Choice:
    """A multiple-choice question. `solution` are the letters that are right; empty: a poll without a right answer."""

    question: str
    options: tuple[str, ...]
    solution: Answer = ()
    several: bool = False
    explanation: str = ""

    @property
    def letters(self) -> str:
        """The letters of the options, in order."""
        return LETTERS[: len(self.options)]


def choice(
    question: str,
    options: Sequence[str],
    solution: Iterable[str] = (),
    *,
    several: bool = False,
    explanation: str = "",
) -> Choice:
    """Build a question, or raise InvalidError saying what is missing. An empty question text is a quick "A B C D"."""
    right = tuple(sorted(set(solution)))
    made = Choice(question, tuple(options), right, several, explanation)
    if not FEWEST_OPTIONS <= len(made.options) <= MOST_OPTIONS:
        raise InvalidError(
            say("Câu hỏi cần từ 2 đến 6 lựa chọn."), {"options": N_("Cần từ 2 đến 6 lựa chọn.")}
        )
    if question and not all(made.options):
        raise InvalidError(say("Có lựa chọn còn trống."), {"options": N_("Hãy điền mọi lựa chọn.")})
    if any(letter not in made.letters for letter in right) or (len(right) > 1 and not several):
        raise InvalidError(say("Đáp án đúng không hợp lệ."), {"solution": N_("Hãy chọn lại đáp án đúng.")})
    return made


def checked_answer(content: Choice, answer: Answer) -> Answer:
    """Return the answer in its one written form; raise InvalidError when it is none for this question."""
    letters = tuple(sorted(set(answer)))
    if not letters or any(letter not in content.letters for letter in letters):
        raise InvalidError(say("Câu trả lời này không có trong các lựa chọn."))
    if len(letters) > 1 and not content.several:
        raise InvalidError(say("Câu này chỉ chọn một đáp án."))
    return letters


def is_right(content: Choice, answer: Answer) -> bool | None:
    """Say whether an answer is right; None when the question has no right answer."""
    return answer == content.solution if content.solution else None


def tally(content: Choice, answers: Iterable[Answer]) -> dict[str, int]:
    """Return {letter: how many chose it}; with several letters in an answer each counts."""
    counts = dict.fromkeys(content.letters, 0)
    for answer in answers:
        for letter in answer:
            counts[letter] += 1
    return counts


def shown_question(content: Choice) -> dict[str, object]:
    """Return what everybody may see of a question while it is asked: no solution, no explanation."""
    return {"question": content.question, "options": list(content.options), "several": content.several}


def shown_solution(content: Choice) -> dict[str, object]:
    """Return what everybody may see besides once the solution is revealed."""
    return {"solution": list(content.solution), "explanation": content.explanation}
