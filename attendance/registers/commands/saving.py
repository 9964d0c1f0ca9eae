"""Taking a register: operations of one or several teachers, merged per pupil, stored once, chained, counted."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sqlalchemy.exc import IntegrityError

from app import clock, db
from app.audit.rules import canonical
from app.errors import InvalidError
from app.i18n import say
from attendance.registers.commands.events import Draft, append_events
from attendance.registers.commands.standing import settle, tell_saved
from attendance.registers.commands.windows import hand_of, require_open
from attendance.registers.models import Mark, rare_text, value_of_mark
from attendance.registers.queries.sheets import (
    MarkLine,
    changes_since,
    codes,
    held_register,
    mark_lines,
    roll_of,
)
from attendance.registers.rules.chain import EventKind
from attendance.registers.rules.marks import (
    TEACHER,
    Applied,
    Author,
    Conflict,
    Counters,
    Merge,
    Operation,
    Standing,
    merge,
)
from attendance.registers.rules.states import TAKEN, RegisterState, Submit, require_begun, state_after

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from app.access import Actor
    from attendance.registers.models import Register
    from attendance.registers.queries.sheets import Codes, Held, Roll, StoredChange


@dataclass(frozen=True, slots=True)
class Save:
    """What a device sends: its operations in order, and how the whole is meant. `id` is made by the device.

    `base` is the version of the register that the person was looking at. `source` is kept with new marks: where they
    come from; `on_behalf_of` is the account of whoever said so, when another person only writes it down.
    """

    id: str
    device: str
    base: int
    operations: tuple[Operation, ...] = ()
    submit: Submit = Submit.NOTHING
    source: str = TEACHER
    on_behalf_of: int | None = None


@dataclass(frozen=True, slots=True)
class ShownConflict:
    """A conflict with the name of who set what holds now, and when."""

    conflict: Conflict
    by: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Saved:
    """What stands after a save; the same request sent again finds the same standing."""

    version: int
    state: RegisterState
    counters: Counters
    marks: Mapping[int, MarkLine]
    conflicts: tuple[ShownConflict, ...] = ()


def save_register(actor: Actor, register_id: int, save: Save) -> Saved:
    """Store a save and return what stands after it. The caller has loaded the register for the actor.

    Operations merge per pupil; those that conflict are not stored but returned, and then the register is not submitted.
    The same save again has no second effect. Raises InvalidError for an unknown letter or a day to come, and
    ConflictError when the register is locked (its window has passed, its month is closed) or not held.
    """
    try:
        return _save(actor, register_id, save, look_back=False)
    except IntegrityError:
        # One of the ids is stored already, or somebody was quicker: look at what is stored, then decide again.
        return _save(actor, register_id, save, look_back=True)


def _save(actor: Actor, register_id: int, save: Save, *, look_back: bool) -> Saved:
    with db.transaction() as session:
        held = held_register(session, register_id)
        require_begun(held.register.day, clock.today())
        require_open(held, hand_of(actor, held.register))
        known, roll = codes(session, held.register.school_id), roll_of(session, held.register)
        _require_letters(save.operations, known)
        stored = _stored_changes(session, held.register, save, look_back=look_back)
        change = _decide(actor, held, roll, known, save, stored)
        if change.is_any:
            with session.no_autoflush:  # each row is written once, at the end
                roll = _store(session, change)
        return Saved(
            version=held.register.row_version,
            state=held.register.standing,
            counters=held.register.counters,
            marks=mark_lines(roll, known),
            conflicts=_shown(change.merged.conflicts, stored),
        )


def _require_letters(operations: Sequence[Operation], known: Codes) -> None:
    letters = known.by_letter
    for operation in operations:
        letter = operation.value.letter
        if letter and letter not in letters:
            raise InvalidError(say("Không có ký hiệu điểm danh “%(letter)s”.", letter=letter))


def _stored_changes(
    session: Session, register: Register, save: Save, *, look_back: bool
) -> list[StoredChange]:
    """Return what was stored since the oldest base. Who has seen the latest version needs no looking back."""
    oldest = min(save.base, *(operation.base for operation in save.operations), register.row_version)
    if oldest == register.row_version and not look_back:
        return []
    return changes_since(session, register.id, oldest, [save.id, *(found.id for found in save.operations)])


@dataclass(frozen=True, slots=True)
class _Change:
    """What one save comes to, before anything is written."""

    author: Author
    held: Held
    roll: Roll
    known: Codes
    save: Save
    merged: Merge
    submit: Submit
    state: RegisterState

    @property
    def is_any(self) -> bool:
        return bool(
            self.merged.applied
            or self.submit is not Submit.NOTHING
            or self.state is not self.held.register.standing
        )


def _decide(
    actor: Actor, held: Held, roll: Roll, known: Codes, save: Save, stored: Sequence[StoredChange]
) -> _Change:
    author = Author(actor.user_id, save.device, save.on_behalf_of)
    merged = merge(save.operations, _standing(roll, known, stored), author)
    is_replay = any(found.op_id == save.id for found in stored)
    submit = Submit.NOTHING if merged.conflicts or is_replay else save.submit
    before = held.register.standing
    state = before if is_replay and not merged.applied else state_after(before, submit)
    return _Change(author, held, roll, known, save, merged, submit, state)


def _standing(roll: Roll, known: Codes, stored: Sequence[StoredChange]) -> Standing:
    letters = known.letters
    return Standing(
        roster=roll.members,
        marks={pupil_id: value_of_mark(mark, letters) for pupil_id, mark in roll.marks.items()},
        changes=[found.change for found in stored if found.kind is EventKind.MARK and found.is_news],
        known=frozenset(found.op_id for found in stored),
    )


def _shown(conflicts: Sequence[Conflict], stored: Sequence[StoredChange]) -> tuple[ShownConflict, ...]:
    sources = {found.change: found for found in stored}
    pairs = [(conflict, sources.get(conflict.change) if conflict.change else None) for conflict in conflicts]
    return tuple(
        ShownConflict(conflict, source.name, source.at) if source else ShownConflict(conflict)
        for conflict, source in pairs
    )


# --- storing ------------------------------------------------------------------------------------------------------


def _store(session: Session, change: _Change) -> Roll:
    """Write a change in the running transaction and return the roll after it."""
    register, before = change.held.register, change.held.register.standing
    register.row_version += 1
    roll = replace(change.roll, marks=_write_marks(session, change))
    drafts = [_mark_draft(applied, change.known) for applied in change.merged.applied]
    if change.state in TAKEN:
        drafts += settle(session, change.held, roll, change.known, change.save.id)
    register.state = change.state
    if change.submit is not Submit.NOTHING or before is not change.state:
        drafts.append(_state_draft(change, before))
    append_events(session, change.held.day, register, change.author, drafts)
    tell_saved(session, register)
    return roll


def _write_marks(session: Session, change: _Change) -> dict[int, Mark]:
    marks = dict(change.roll.marks)
    final = {applied.operation.pupil_id: applied.after for applied in change.merged.applied}
    for pupil_id, value in final.items():
        mark = marks.get(pupil_id)
        if mark is None and value.is_exception:
            mark = Mark(
                register_id=change.held.register.id,
                pupil_id=pupil_id,
                is_corrected=False,
                more=rare_text(source=change.save.source),
            )
            session.add(mark)
            marks[pupil_id] = mark
        if mark is not None:
            mark.say(value, change.known.by_letter[value.letter].id if value.is_exception else None)
            if not value.is_exception and not mark.is_corrected:
                session.delete(marks.pop(pupil_id))
    return marks


def _mark_draft(applied: Applied, known: Codes) -> Draft:
    operation = applied.operation
    return Draft(
        op_id=operation.id,
        kind=EventKind.MARK,
        before=known.told(applied.before),
        after=known.told(applied.after),
        pupil_id=operation.pupil_id,
        device_time=operation.device_time,
    )


def _state_draft(change: _Change, before: RegisterState) -> Draft:
    """Tell a change of state, with the fingerprint of the roster that the register was taken with."""
    after = {"state": change.state, "roster": change.roll.fingerprint, "as": change.submit}
    return Draft(change.save.id, EventKind.STATE, canonical({"state": before}), canonical(after))
