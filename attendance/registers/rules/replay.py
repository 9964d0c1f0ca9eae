"""How a register stood at a moment, told by its events alone. Pure."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from attendance.registers.rules.chain import (
    EventKind,
    code_of,
    letter_of,
    roster_fingerprint,
    state_of,
    value_of,
)
from attendance.registers.rules.marks import MarkValue
from attendance.registers.rules.states import RegisterState

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class Happened:
    """An event as far as a replay needs it; `before` and `after` are its canonical JSON."""

    kind: EventKind
    pupil_id: int | None
    after: str
    at: datetime


@dataclass(slots=True)
class Stood:
    """How a register stood: its state, the roster it was taken with (a fingerprint), who carried what.

    `teacher` holds exceptions only; `office` the letter ("" is present) where the office said something else; `meant`
    the code's id that a pupil's letter meant when it was written.
    """

    state: RegisterState = RegisterState.DUE
    roster: str | None = None
    teacher: dict[int, MarkValue] = field(default_factory=dict)
    office: dict[int, str] = field(default_factory=dict)
    meant: dict[tuple[int, str], int] = field(default_factory=dict)

    def letter(self, pupil_id: int) -> str:
        """Return the letter that counted for a pupil; "" is present."""
        return self.office.get(pupil_id, self.teacher.get(pupil_id, MarkValue()).letter)

    @property
    def exceptions(self) -> set[int]:
        """Return the pupils of whom anything was said."""
        return self.teacher.keys() | self.office.keys()


def stood_at(events: Iterable[Happened], moment: datetime) -> Stood:
    """Return how a register stood at a moment, from its events in the order in which they were stored."""
    stood = Stood()
    for event in events:
        if event.at <= moment:
            _follow(stood, event)
    return stood


def _follow(stood: Stood, event: Happened) -> None:
    pupil_id = event.pupil_id
    if pupil_id is not None and (code_id := code_of(event.after)) is not None:
        stood.meant[pupil_id, letter_of(event.after)] = code_id
    if event.kind is EventKind.STATE:
        stood.state = RegisterState(state_of(event.after))
        stood.roster = json.loads(event.after).get("roster", stood.roster)
    elif event.kind is EventKind.ROSTER:
        stood.roster = roster_fingerprint(event.after)
    elif event.kind is EventKind.MARK and pupil_id is not None:
        _teacher_says(stood, pupil_id, value_of(event.after))
    elif pupil_id is not None:
        _office_says(stood, pupil_id, letter_of(event.after))


def _teacher_says(stood: Stood, pupil_id: int, value: MarkValue) -> None:
    if value.is_exception:
        stood.teacher[pupil_id] = value
    else:
        stood.teacher.pop(pupil_id, None)


def _office_says(stood: Stood, pupil_id: int, letter: str) -> None:
    """Put the office's word beside the teacher's; saying the same takes it back."""
    if letter == stood.teacher.get(pupil_id, MarkValue()).letter:
        stood.office.pop(pupil_id, None)
    else:
        stood.office[pupil_id] = letter
