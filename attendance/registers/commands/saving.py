"""Taking a register: operations of one or several teachers, merged per pupil, stored once, chained, counted."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sqlalchemy.exc import IntegrityError

from app import clock, db
from app.audit.rules import canonical
from app.errors import BangXanhError, InvalidError, NotFoundError
from app.i18n import say
from app.writer import write_in_bulk
from attendance.registers.commands.events import Draft
from attendance.registers.commands.standing import settle
from attendance.registers.commands.storing import Batch
from attendance.registers.commands.windows import hand_of, require_open
from attendance.registers.models import Mark, rare_text, value_of_mark
from attendance.registers.queries.sheets import (
    MarkLine,
    changes_since,
    loaded_for_saves,
    mark_lines,
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
    from attendance.registers.queries.sheets import Codes, HeldRow, RegisterRow, Roll, StoredChange


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
    Saves of several people at the same moment share a transaction (app.writer); each is answered after its commit.
    """
    order = Order(actor, register_id, save)
    try:
        return _saved(order)
    except IntegrityError:
        # One of the ids is stored already, or somebody was quicker: look at what is stored, then decide again.
        return _saved(replace(order, look_back=True))


def _saved(order: Order) -> Saved:
    """Save with whoever else saves now; alone, and waiting, what somebody else holds: the writer waits for nobody."""
    try:
        return write_in_bulk(save_together, order)
    except HeldElsewhereError:
        with db.transaction() as session:
            (result,) = save_together(session, [order], waits=True)
        if isinstance(result, BangXanhError):
            raise result from None
        return result


class HeldElsewhereError(BangXanhError):
    """Another transaction holds the register or its day, or there is no such register: only who waits will know."""


@dataclass(frozen=True, slots=True)
class Order:
    """One person's save of one register."""

    actor: Actor
    register_id: int
    save: Save
    look_back: bool = False


def save_together(
    session: Session, orders: Sequence[Order], *, waits: bool = False
) -> Sequence[Saved | BangXanhError]:
    """Save in the running transaction; return what stands, or the error, for each order.

    In rounds: who saves a register that another one saves too is answered after that one, as if alone.
    """
    results: dict[int, Saved | BangXanhError] = {}
    for places in _rounds([order.register_id for order in orders]):
        found = _save_round(session, [orders[place] for place in places], waits=waits)
        results.update(zip(places, found, strict=True))
    return [results[place] for place in range(len(orders))]


def _rounds(register_ids: Sequence[int]) -> list[list[int]]:
    """Return the places of orders in rounds, in each of which a register is once."""
    rounds: list[list[int]] = []
    seen: Counter[int] = Counter()
    for place, register_id in enumerate(register_ids):
        if seen[register_id] == len(rounds):
            rounds.append([])
        rounds[seen[register_id]].append(place)
        seen[register_id] += 1
    return rounds


def _save_round(session: Session, orders: Sequence[Order], *, waits: bool) -> list[Saved | BangXanhError]:
    wanted = [order.register_id for order in orders]
    helds, known, rolls = loaded_for_saves(session, wanted, waits=waits)
    batch = Batch()

    def save(order: Order) -> Saved | BangXanhError:
        held = helds.get(order.register_id)
        if held is None:
            return NotFoundError() if waits else HeldElsewhereError()
        letters = known[held.register.school_id]
        try:
            return _save(session, batch, order, held, rolls[order.register_id], letters)
        except BangXanhError as error:  # nothing of this order is in the batch: it is noted at the very end
            return error

    saved = [save(order) for order in orders]
    batch.write(session)
    return saved


def _save(session: Session, batch: Batch, order: Order, held: HeldRow, roll: Roll, known: Codes) -> Saved:
    register, save = held.register, order.save
    require_begun(register.day, clock.today())
    require_open(held, hand_of(order.actor, register))
    _require_letters(save.operations, known)
    stored = _stored_changes(session, register, save, look_back=order.look_back)
    change = _decide(order.actor, held, roll, known, save, stored)
    if change.is_any:
        roll = _store(session, batch, change)
    return Saved(
        version=register.row_version,
        state=register.standing,
        counters=register.counters,
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
    session: Session, register: RegisterRow, save: Save, *, look_back: bool
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
    held: HeldRow
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
    actor: Actor, held: HeldRow, roll: Roll, known: Codes, save: Save, stored: Sequence[StoredChange]
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


def _store(session: Session, batch: Batch, change: _Change) -> Roll:
    """Note in the batch what a change writes, and return the roll after it. Who raises has noted nothing."""
    register, before = change.held.register, change.held.register.standing
    register.row_version += 1
    marks, standing, gone = _marks_after(change)
    roll = replace(change.roll, marks=marks)
    drafts = [_mark_draft(applied, change.known) for applied in change.merged.applied]
    if change.state in TAKEN:
        drafts += settle(session, change.held, roll, change.known, change.save.id)
    register.state = change.state
    if change.submit is not Submit.NOTHING or before is not change.state:
        drafts.append(_state_draft(change, before))
    batch.note(change.held, change.author, drafts, standing, gone)
    return roll


def _marks_after(change: _Change) -> tuple[dict[int, Mark], list[Mark], list[Mark]]:
    """Return the marks after a change, those of them to write, and those that go. Raises InvalidError for no time."""
    marks = dict(change.roll.marks)
    standing: list[Mark] = []
    gone: list[Mark] = []
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
            marks[pupil_id] = mark
        if mark is not None:
            mark.say(value, change.known.by_letter[value.letter].id if value.is_exception else None)
            if value.is_exception or mark.is_corrected:
                standing.append(mark)
            else:
                gone.append(marks.pop(pupil_id))
    return marks, standing, gone


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
