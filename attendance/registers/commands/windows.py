"""Whether a register may still be changed, and by whom: its month is open, the window of this hand has not passed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from app import clock
from app.errors import ConflictError
from app.i18n import N_, say
from attendance.registers.queries.sheets import place_of_register
from attendance.registers.rules.states import CORRECT_REGISTER, DECIDE_CORRECTION, RegisterState
from attendance.rulebook.rules import Hand

if TYPE_CHECKING:
    from app.access import Actor
    from attendance.registers.models import Register
    from attendance.registers.queries.sheets import Held, HeldRow, RegisterRow

MOST_CHANGES: Final = 32_000
"""After so many changes only the closing and opening of months still goes on: 767 times more, to 32,767."""


def hand_of(actor: Actor, register: Register | RegisterRow) -> Hand:
    """Return the longest hand that a person has at a register. Without a grant over a school this asks no database."""
    if not actor.unit_ids(CORRECT_REGISTER):
        return Hand.TEACHER
    place = place_of_register(register)
    if actor.may(DECIDE_CORRECTION, place):
        return Hand.PRINCIPAL
    return Hand.OFFICE if actor.may(CORRECT_REGISTER, place) else Hand.TEACHER


def require_open(held: Held | HeldRow, hand: Hand) -> None:
    """Raise ConflictError when the register's month is closed, or when this hand came too late.

    What a device kept meanwhile stays on the device: the answer is a conflict, never a loss.
    """
    require_month_open(held)
    last = held.rulebook.last_day(hand, held.register.day)
    if last is not None and clock.today() > last:
        raise ConflictError(
            say(
                "Đã quá hạn sửa sổ này (đến hết ngày %(day)s). Hãy gửi đề nghị đính chính.",
                day=f"{last:%d/%m/%Y}",
            ),
            {"state": RegisterState.LOCKED.value},
        )


def require_month_open(held: Held | HeldRow) -> None:
    """Raise ConflictError when the month of the register stands closed: only the principal can open it again.

    Also when the register was changed MOST_CHANGES times: its version has a column of two bytes.
    """
    if held.is_month_closed or held.register.standing is RegisterState.LOCKED:
        raise ConflictError(
            N_("Sổ này đã khóa vì tháng đã chốt. Hiệu trưởng phải mở lại tháng thì mới sửa được."),
            {"state": RegisterState.LOCKED.value},
        )
    if held.register.row_version >= MOST_CHANGES:
        raise ConflictError(
            N_("Sổ này đã được sửa quá nhiều lần nên không ghi thêm được. Hãy báo quản trị viên.")
        )
