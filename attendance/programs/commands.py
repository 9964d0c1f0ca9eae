"""What programs do: every reading is in the audit log, and marks are written by the commands of the sheet."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from app import db
from app.access import Actor
from app.audit.commands import record
from app.oneroster.commands.keeping import ensure_key
from app.oneroster.rules.ids import Ids, Kind
from attendance.registers.commands.saving import Save, save_register
from attendance.registers.queries.sheets import codes, mark_lines, roll_of
from attendance.registers.rules.marks import PROGRAM, MarkValue, Operation

if TYPE_CHECKING:
    from collections.abc import Mapping

    from app.oneroster.queries.clients import Reader
    from attendance.registers.commands.saving import Saved
    from attendance.registers.models import Register


@dataclass(frozen=True, slots=True)
class Written:
    """A mark that a program writes: `pupil` is a sourcedId, `base` the version of the register that it has read."""

    id: str
    pupil: str
    value: MarkValue
    base: int
    device_time: str


@dataclass(frozen=True, slots=True)
class Writing:
    """Marks that a program writes into one register at once; `id` is made by the program."""

    id: str
    base: int
    marks: tuple[Written, ...]


def ids_of_installation() -> Ids:
    """Return what makes and reads the sourcedIds of this installation."""
    with db.transaction() as session:
        return Ids(ensure_key(session))


def note_read(reader: Reader, what: Mapping[str, object]) -> None:
    """Keep in the audit log that a program read registers of its school, and which."""
    with db.transaction() as session:
        details = {"client": reader.client_id, "name": reader.name, **what}
        record(session, actor_of(reader), "registers.read", ("school", reader.school_id), details)


def actor_of(reader: Reader) -> Actor:
    """Return a program as an actor: it holds no grant, so that it has as long as a teacher to change a register."""
    return Actor(0, reader.name)


def write_marks(reader: Reader, register: Register, writing: Writing, ids: Ids) -> Saved:
    """Store marks of a program and return what stands, with what a person must decide. It never submits a register.

    The caller has loaded the register for the program. A reason or note that stands is kept: the program does not see
    them. Marks of whoever is not in the class are conflicts. Raises like `save_register`.
    """
    register_id = register.id
    save = _save(reader, register, writing, ids)
    saved = save_register(actor_of(reader), register_id, save)
    with db.transaction() as session:
        details = {
            "client": reader.client_id,
            "name": reader.name,
            "marks": len(writing.marks),
            "conflicts": len(saved.conflicts),
        }
        record(session, actor_of(reader), "registers.marks_written", ("register", register_id), details)
    return saved


def _save(reader: Reader, register: Register, writing: Writing, ids: Ids) -> Save:
    session = db.session()
    roll = roll_of(session, register)
    stands = mark_lines(roll, codes(session, register.school_id))
    numbers = {ids.of(Kind.PUPIL, pupil_id): pupil_id for pupil_id in roll.members}
    operations = []
    for mark in writing.marks:
        pupil_id = numbers.get(mark.pupil, 0)
        value = mark.value
        if pupil_id in stands and value.is_exception:
            now = stands[pupil_id].value
            value = replace(value, reason=now.reason, note=now.note)
        operations.append(Operation(mark.id, pupil_id, value, mark.base, mark.device_time))
    return Save(writing.id, f"{PROGRAM}{reader.client_id}"[:48], writing.base, tuple(operations))
