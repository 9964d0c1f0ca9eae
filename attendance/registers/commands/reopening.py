"""Having a register taken again: what was sent in it counts no longer until somebody sends it anew."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy.exc import IntegrityError

from app import db
from app.audit.commands import record
from app.audit.rules import canonical
from attendance.registers.commands.events import Draft, append_events
from attendance.registers.commands.standing import COUNTED, tell_saved
from attendance.registers.commands.windows import hand_of, require_open
from attendance.registers.queries.sheets import held_register
from attendance.registers.rules.chain import EventKind
from attendance.registers.rules.states import RegisterState

if TYPE_CHECKING:
    from app.access import Actor
    from attendance.registers.commands.calling_off import Wish
    from attendance.registers.rules.marks import Author

SENT: Final = frozenset({RegisterState.PROVISIONAL, RegisterState.SUBMITTED})


def reopen_register(actor: Actor, register_id: int, wish: Wish, author: Author) -> None:
    """Make a register that was sent one that somebody has to send; its marks stay. Any other state stays as it is.

    The same wish again changes nothing. Raises ConflictError when this hand came too late or the month is closed.
    """
    try:
        _reopen(actor, register_id, wish, author)
    except IntegrityError:
        return  # the same wish, stored meanwhile


def _reopen(actor: Actor, register_id: int, wish: Wish, author: Author) -> None:
    with db.transaction() as session:
        held = held_register(session, register_id)
        register, before = held.register, held.register.standing
        if before not in SENT:
            return
        require_open(held, hand_of(actor, register))
        register.state = RegisterState.OPEN
        for name in COUNTED:
            setattr(register, name, 0)
        register.row_version += 1
        states = canonical({"state": before}), canonical({"state": RegisterState.OPEN})
        append_events(
            session, held.day, register, author, [Draft(wish.id, EventKind.STATE, *states, why=wish.why)]
        )
        tell_saved(session, register)
        record(session, actor, "register.reopened", ("register", register.id), {"why": wish.why})
