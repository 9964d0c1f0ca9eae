"""Calling a register off ("không học"), with the reason, and taking that back.

Its marks stay stored, inert: it leaves numerator and denominator of every rate until it is taken back.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from app import clock, db
from app.audit.commands import record
from app.audit.rules import canonical
from app.errors import InvalidError
from app.i18n import N_
from attendance.registers.commands.events import Draft, append_events
from attendance.registers.commands.standing import tell_saved
from attendance.registers.commands.windows import hand_of, require_open
from attendance.registers.models import CalledOff, MarkEvent
from attendance.registers.queries.sheets import held_register
from attendance.registers.rules.chain import EventKind, state_of
from attendance.registers.rules.marks import Author
from attendance.registers.rules.states import RegisterState, require_begun

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from app.access import Actor
    from attendance.registers.queries.sheets import Held

DEVICE: Final = "page"
"""Not tapped on a sheet, whose devices name themselves."""


@dataclass(frozen=True, slots=True)
class Wish:
    """A change of state that a page sends: its own id, and why."""

    id: str
    why: str = ""


def call_off(actor: Actor, register_id: int, wish: Wish) -> None:
    """Say that a session is not held. The caller has loaded the register for the actor; said twice, it is said once.

    Raises InvalidError without a reason or for a day to come, ConflictError when the register is closed.
    """
    if not wish.why:
        why = N_("Hãy ghi lý do không học.")
        raise InvalidError(why, {"why": why})
    _change(actor, register_id, wish, is_held=False)


def hold_again(actor: Actor, register_id: int, wish: Wish) -> None:
    """Take "not held" back: the register stands as before, with its marks. Raises ConflictError when it is closed."""
    _change(actor, register_id, wish, is_held=True)


def _change(actor: Actor, register_id: int, wish: Wish, *, is_held: bool) -> None:
    try:
        with db.transaction() as session:
            held = held_register(session, register_id)
            if (held.register.standing is RegisterState.NOT_HELD) is not is_held:
                return  # somebody said so already
            require_open(held, hand_of(actor, held.register))
            require_begun(held.register.day, clock.today())
            _store(session, actor, held, wish, is_held=is_held)
    except IntegrityError:
        return  # the same wish, stored meanwhile


def _store(session: Session, actor: Actor, held: Held, wish: Wish, *, is_held: bool) -> None:
    register, before = held.register, held.register.standing
    after = _state_before(session, register.id) if is_held else RegisterState.NOT_HELD
    register.state = after
    session.execute(delete(CalledOff).where(CalledOff.register_id == register.id))
    if not is_held:
        session.add(CalledOff(register_id=register.id, why=wish.why))
    register.row_version += 1
    draft = Draft(
        wish.id, EventKind.STATE, canonical({"state": before}), canonical({"state": after}), why=wish.why
    )
    append_events(session, held.day, register, Author(actor.user_id, DEVICE), [draft])
    tell_saved(session, register)
    if is_held:
        record(session, actor, "register.held_again", ("register", register.id))
    else:
        record(session, actor, "register.called_off", ("register", register.id), {"why": wish.why})


def _state_before(session: Session, register_id: int) -> RegisterState:
    """Return how the register stood before it was called off."""
    events = session.execute(
        select(MarkEvent.before, MarkEvent.after)
        .where(MarkEvent.register_id == register_id, MarkEvent.kind == EventKind.STATE)
        .order_by(MarkEvent.sequence.desc())
    )
    for before, after in events:
        if state_of(after) == RegisterState.NOT_HELD:
            return RegisterState(state_of(before))
    return RegisterState.DUE
