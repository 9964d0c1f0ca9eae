"""The shape of what a sheet sends, and of what it gets: JSON in, JSON out, nothing decided here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Final

from flask_wtf import FlaskForm
from wtforms import DateField, IntegerField, StringField
from wtforms.validators import AnyOf, InputRequired, NumberRange

from app.payload import Range, Size
from app.school.rules import DaySession
from attendance.registers.commands.correcting import Correction
from attendance.registers.commands.saving import Save
from attendance.registers.rules.marks import MarkValue, Operation
from attendance.registers.rules.states import Submit

LARGEST_ID: Final = 2**31 - 1
Id = Annotated[int, Range(1, LARGEST_ID)]
Version = Annotated[int, Range(0, LARGEST_ID)]
OperationId = Annotated[str, Size(8, 40)]
Letter = Annotated[str, Size(0, 4)]
Words = Annotated[str, Size(0, 200)]
ClockTime = Annotated[str, Size(5, 5)]


@dataclass(frozen=True, slots=True)
class OperationForm:
    """One tap, as a device sends it. `at` is the device's own clock, shown to people and never decided by."""

    id: OperationId
    pupil: Id
    letter: Letter
    base: Version
    minutes_late: Annotated[int, Range(0, 600)] | None = None
    arrived: ClockTime | None = None
    left: ClockTime | None = None
    reason: Words = ""
    note: Words = ""
    at: Annotated[str, Size(0, 40)] = ""

    def read(self) -> Operation:
        """Return the operation that is meant."""
        value = MarkValue(self.letter, self.minutes_late, self.arrived, self.left, self.reason, self.note)
        return Operation(self.id, self.pupil, value, self.base, self.at)


@dataclass(frozen=True, slots=True)
class SaveForm:
    """A save, as a device sends it. `author` is whose taps these are: a phone may have changed hands since."""

    id: OperationId
    device: OperationId
    base: Version
    operations: Annotated[tuple[OperationForm, ...], Size(0, 500)] = ()
    submit: Annotated[str, Size(0, 11)] = ""
    author: Id | None = None

    def read(self) -> Save:
        """Return the save that is meant; an unknown `submit` only keeps the marks."""
        submit = Submit(self.submit) if self.submit in set(Submit) else Submit.NOTHING
        return Save(self.id, self.device, self.base, tuple(one.read() for one in self.operations), submit)


@dataclass(frozen=True, slots=True)
class CorrectionForm:
    """A correction by the office."""

    id: OperationId
    device: OperationId
    base: Version
    pupil: Id
    letter: Letter
    why: Words

    def read(self) -> Correction:
        """Return the correction that is meant."""
        return Correction(self.id, self.device, self.base, self.pupil, self.letter, self.why)


class OpenForm(FlaskForm):  # type: ignore[misc] # Flask-WTF ships no types
    """Which register of a class to open."""

    day = DateField(validators=[InputRequired()])
    day_session = StringField(validators=[AnyOf([found.value for found in DaySession])])


class PeriodForm(OpenForm):
    """Which period's register of a class to open."""

    number = IntegerField(validators=[InputRequired(), NumberRange(1, 9)])


class WishForm(FlaskForm):  # type: ignore[misc] # Flask-WTF ships no types
    """A change of a register's state, with its reason."""

    client_key = StringField()
    why = StringField()
