"""The authorised loader of a register, and where registers live."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select

from app import db
from app.access import Actor, Permission, Place
from app.errors import NotFoundError
from app.school.queries import place_of_unit
from attendance.registers.models import Register
from attendance.registers.rules.states import SlotKind, slot_of

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy import Select
    from sqlalchemy.orm import Session

    from app.school.rules import DaySession
    from attendance.registers.queries.sheets.rows import RegisterRow


def register_for(actor: Actor, permission: Permission, register_id: int) -> Register:
    """Return the register, or raise NotFoundError when it does not exist or the actor may not do this with it."""
    register = db.session().get(Register, register_id)
    if register is None:
        raise NotFoundError
    # A grant on the class itself, as teachers have, is seen without asking what is above the school.
    if not actor.may(permission, Place(frozenset({register.school_id}), register.class_id)):
        actor.require(permission, place_of_register(register))
    return register


def allowed_register(actor: Actor, permission: Permission, register_id: int) -> int:
    """Return the id of a register with which the actor may do this, and nothing of it; else raise NotFoundError.

    For a command that loads the register itself, locked.
    """
    row = db.session().connection().execute(_where_it_is(), {"id": register_id}).one_or_none()
    if row is None:
        raise NotFoundError
    school_id, class_id = row
    if not actor.may(permission, Place(frozenset({school_id}), class_id)):
        actor.require(permission, Place(place_of_unit(school_id).unit_ids, class_id))
    return register_id


@cache
def _where_it_is() -> Select[int, int]:
    return select(Register.school_id, Register.class_id).where(Register.id == bindparam("id"))


def register_at(session: Session, class_id: int, day: date, day_session: DaySession) -> int | None:
    """Return the id of a class's register of a session, None when there is no row for it yet."""
    return session.scalar(
        select(Register.id).where(
            Register.class_id == class_id,
            Register.day == day,
            Register.slot_kind == SlotKind.SESSION,
            Register.slot == slot_of(day_session),
        )
    )


def place_of_register(register: Register | RegisterRow) -> Place:
    """Return where a register lives: its class, its school and what is above it."""
    return Place(place_of_unit(register.school_id).unit_ids, register.class_id)
