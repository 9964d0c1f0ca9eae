"""The shape of the marks that a program sends."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from app.payload import Range, Size
from attendance.programs.commands import Writing, Written
from attendance.registers.forms import (  # noqa: TC001 - payloads are read by their annotations
    ClockTime,
    Letter,
    OperationId,
    Version,
)
from attendance.registers.rules.marks import MarkValue


@dataclass(frozen=True, slots=True)
class MarkForm:
    """One mark; `at` is the program's own clock, shown to people and never decided by."""

    id: OperationId
    pupil: Annotated[str, Size(1, 64)]
    letter: Letter
    base: Version
    minutes_late: Annotated[int, Range(0, 600)] | None = None
    arrived: ClockTime | None = None
    left: ClockTime | None = None
    at: Annotated[str, Size(0, 40)] = ""

    def read(self) -> Written:
        """Return the mark that is meant."""
        value = MarkValue(self.letter, self.minutes_late, self.arrived, self.left)
        return Written(self.id, self.pupil, value, self.base, self.at)


@dataclass(frozen=True, slots=True)
class WritingForm:
    """Marks of one register."""

    id: OperationId
    base: Version
    operations: Annotated[tuple[MarkForm, ...], Size(1, 200)]

    def read(self) -> Writing:
        """Return what is meant."""
        return Writing(self.id, self.base, tuple(one.read() for one in self.operations))
