"""The authorised loader of a register, and where registers live."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from app import db
from app.access import Actor, Permission, Place
from app.errors import NotFoundError
from app.school.queries import place_of_unit
from attendance.registers.models import Register
from attendance.registers.rules.states import SlotKind, slot_of

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy.orm import Session

    from app.school.rules import DaySession


def register_for(actor: Actor, permission: Permission, register_id: int) -> Register:
    """Return the register, or raise NotFoundError when it does not exist or the actor may not do this with it."""
    register = db.session().get(Register, register_id)
    if register is None:
        raise NotFoundError
    # A grant on the class itself, as teachers have, is seen without asking what is above the school.
    if not actor.may(permission, Place(frozenset({register.school_id}), register.class_id)):
        actor.require(permission, place_of_register(register))
    return register


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


def place_of_register(register: Register) -> Place:
    """Return where a register lives: its class, its school and what is above it."""
    return Place(place_of_unit(register.school_id).unit_ids, register.class_id)
