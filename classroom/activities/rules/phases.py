"""Where an activity stands, and what a teacher may do to it: one state machine for every kind."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from app.errors import ConflictError
from app.i18n import N_, say

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

ROUNDS: Final = 2


class Phase(StrEnum):
    """Where an activity stands. The question is shown from READING on; the solution only in REVEALED."""

    PREPARED = "prepared"
    READING = "reading"
    OPEN = "open"
    PAUSED = "paused"
    CLOSED = "closed"
    DISCUSSION = "discussion"
    REVEALED = "revealed"


class Move(StrEnum):
    """What a teacher may do to an activity."""

    READ = "read"
    OPEN = "open"
    PAUSE = "pause"
    RESUME = "resume"
    CLOSE = "close"
    DISCUSS = "discuss"
    REVEAL = "reveal"
    SHOW = "show"


ASKING: Final = frozenset({Phase.OPEN, Phase.PAUSED})
"""A question that has not been closed: opening another one closes it."""
_MOVES: Final[Mapping[tuple[Phase, Move], Phase]] = {
    (Phase.PREPARED, Move.READ): Phase.READING,
    (Phase.PREPARED, Move.OPEN): Phase.OPEN,
    (Phase.READING, Move.OPEN): Phase.OPEN,
    (Phase.OPEN, Move.PAUSE): Phase.PAUSED,
    (Phase.PAUSED, Move.RESUME): Phase.OPEN,
    (Phase.OPEN, Move.CLOSE): Phase.CLOSED,
    (Phase.PAUSED, Move.CLOSE): Phase.CLOSED,
    (Phase.CLOSED, Move.OPEN): Phase.OPEN,
    (Phase.CLOSED, Move.DISCUSS): Phase.DISCUSSION,
    (Phase.CLOSED, Move.REVEAL): Phase.REVEALED,
    (Phase.DISCUSSION, Move.OPEN): Phase.OPEN,
    (Phase.DISCUSSION, Move.REVEAL): Phase.REVEALED,
}
_REACHED: Final = {
    Move.READ: Phase.READING,
    Move.OPEN: Phase.OPEN,
    Move.PAUSE: Phase.PAUSED,
    Move.RESUME: Phase.OPEN,
    Move.CLOSE: Phase.CLOSED,
    Move.DISCUSS: Phase.DISCUSSION,
    Move.REVEAL: Phase.REVEALED,
}
MOVE_REFUSED: Final = {
    Move.READ: N_("Câu hỏi đã được chiếu rồi."),
    Move.OPEN: N_("Đáp án đã hiện, không mở lại câu này được. Hãy hỏi một câu mới."),
    Move.PAUSE: N_("Chỉ tạm dừng được câu hỏi đang mở."),
    Move.RESUME: N_("Câu hỏi không ở trạng thái tạm dừng."),
    Move.CLOSE: N_("Câu hỏi chưa mở nên chưa khóa được."),
    Move.DISCUSS: N_("Hãy khóa câu hỏi trước khi cho thảo luận."),
    Move.REVEAL: N_("Hãy khóa câu hỏi trước khi hiện đáp án."),
}


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an activity stands and since when. `closes_at` is the end of a timer, None without one.

    While an activity is paused its timer stands still: `paused_at` says since when.
    """

    phase: Phase = Phase.PREPARED
    round: int = 1
    opened_at: datetime | None = None
    closes_at: datetime | None = None
    closed_at: datetime | None = None
    revealed_at: datetime | None = None
    paused_at: datetime | None = None


def moved(  # noqa: PLR0911 - one for each move
    standing: Standing, move: Move, now: datetime, seconds: int | None = None
) -> Standing:
    """Return where the activity stands after a move; the same standing when it is there already (a repeated tap).

    `seconds` is a timer for OPEN. Opening after a discussion begins the second round; opening a closed question again
    goes on with the same round. SHOW puts on stage what stands as it stands:
    what was prepared is read. Raises ConflictError when the move does not fit the phase.
    """
    if move is Move.SHOW:
        return replace(standing, phase=Phase.READING) if standing.phase is Phase.PREPARED else standing
    if move is Move.OPEN and standing.phase is Phase.PAUSED:
        move = Move.RESUME
    if standing.phase is _REACHED[move]:
        return standing
    phase = _MOVES.get((standing.phase, move))
    if phase is None or (move is Move.DISCUSS and standing.round >= ROUNDS):
        raise ConflictError(say(MOVE_REFUSED[move]), {"phase": standing.phase.value})
    if move is Move.OPEN:
        return _opened(standing, now, seconds)
    if move is Move.PAUSE:
        return replace(standing, phase=phase, paused_at=now)
    if move is Move.RESUME:
        return replace(standing, phase=phase, paused_at=None, closes_at=_timer_end(standing, now))
    if move is Move.CLOSE:
        ends = _timer_end(standing, now)
        closed_at = min(now, ends) if ends else now
        return replace(standing, phase=phase, closed_at=closed_at, closes_at=ends, paused_at=None)
    if move is Move.REVEAL:
        return replace(standing, phase=phase, revealed_at=now)
    return replace(standing, phase=phase)


def _opened(standing: Standing, now: datetime, seconds: int | None) -> Standing:
    return replace(
        standing,
        phase=Phase.OPEN,
        round=standing.round + (standing.phase is Phase.DISCUSSION),
        opened_at=now,
        closes_at=now + timedelta(seconds=seconds) if seconds else None,
        closed_at=None,
    )


def _timer_end(standing: Standing, now: datetime) -> datetime | None:
    """Return when the timer ends once the time that it stood still is added."""
    if standing.closes_at is None or standing.paused_at is None:
        return standing.closes_at
    return standing.closes_at + max(now - standing.paused_at, timedelta())
