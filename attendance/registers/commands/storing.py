"""What saves of one transaction write, gathered and then written beside the mapper: one statement for each table."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import bindparam, delete

from app import clock
from app.bulk import update_rows, upsert_rows
from app.db import connection_of
from app.postgres import in_one_journey
from attendance.registers.commands.events import chained, store_events
from attendance.registers.commands.standing import COUNTED, tell_saved
from attendance.registers.models import AttendanceDay, Mark, Register
from attendance.registers.rules.states import STATE_LETTERS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from sqlalchemy import Delete
    from sqlalchemy.orm import Session

    from attendance.registers.commands.events import Draft
    from attendance.registers.queries.sheets import DayRow, HeldRow, RegisterRow
    from attendance.registers.rules.marks import Author

_REGISTER: Final = ("id", "roster_version_id", "row_version", *COUNTED, "state")
_DAY: Final = ("school_id", "day", "last_sequence", "last_hash")
_MARK: Final = tuple(column.name for column in Mark.__table__.c)


@dataclass(slots=True)
class Batch:
    """What is to be written: marks that stand, marks that go, registers, school days, events hung on their chains."""

    marks: list[Mark] = field(default_factory=list)
    gone: list[Mark] = field(default_factory=list)
    registers: list[RegisterRow] = field(default_factory=list)
    days: dict[tuple[int, date], DayRow] = field(default_factory=dict)
    events: list[Mapping[str, Any]] = field(default_factory=list)

    def note(
        self,
        held: HeldRow,
        author: Author,
        drafts: Sequence[Draft],
        standing: Sequence[Mark],
        gone: Sequence[Mark],
    ) -> None:
        """Take in a register as it now stands with its marks, and hang its events on the chain of its day."""
        moment = clock.now()
        self.marks += standing
        self.gone += gone
        self.registers.append(held.register)
        self.days[held.day.school_id, held.day.day] = held.day
        self.events += [chained(held.day, held.register, author, draft, moment) for draft in drafts]

    def write(self, session: Session) -> None:
        """Write all of it in the running transaction. Raises IntegrityError when an event's id is stored already."""
        if self.registers:
            with in_one_journey(connection_of(session)):
                self._send(session)

    def _send(self, session: Session) -> None:
        store_events(session, self.events)
        rows = [[getattr(mark, name) for name in _MARK] for mark in self.marks]
        upsert_rows(session, Mark, rows, _MARK, ("register_id", "pupil_id"))
        if self.gone:
            keys = [{"register": mark.register_id, "pupil": mark.pupil_id} for mark in self.gone]
            connection_of(session).execute(_forget(), keys)
        update_rows(session, Register, [_stored(one) for one in self.registers], _REGISTER, ("id",))
        ends = [[getattr(day, name) for name in _DAY] for day in self.days.values()]
        update_rows(session, AttendanceDay, ends, _DAY, ("school_id", "day"))
        tell_saved(session, *self.registers)


def _stored(register: RegisterRow) -> list[object]:
    values = [getattr(register, name) for name in _REGISTER[:-1]]
    return [*values, STATE_LETTERS[register.standing]]


@cache
def _forget() -> Delete:
    return delete(Mark.__table__).where(  # type: ignore[arg-type] # a mapped class's table is a Table
        Mark.register_id == bindparam("register"), Mark.pupil_id == bindparam("pupil")
    )
