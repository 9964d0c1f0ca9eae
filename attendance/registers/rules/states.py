"""Slots and states of a register, and what may follow what."""

from __future__ import annotations

from datetime import time
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from app.access import Permission, Role, everywhere, own_class
from app.errors import ConflictError, InvalidError
from app.i18n import N_, say
from app.school.rules import SESSION_NAMES, SESSION_ORDER, DaySession

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date

    from app.i18n import Phrase

VIEW_REGISTER: Final = Permission(
    "register.view",
    everywhere(Role.OFFICE_CLERK, Role.PRINCIPAL) | own_class(Role.TEACHER, Role.HOMEROOM_TEACHER),
)
TAKE_REGISTER: Final = Permission("register.take", own_class(Role.TEACHER, Role.HOMEROOM_TEACHER))
CORRECT_REGISTER: Final = Permission("register.correct", everywhere(Role.OFFICE_CLERK, Role.PRINCIPAL))
VIEW_ATTENDANCE_TODAY: Final = Permission(
    "attendance.today.view", everywhere(Role.OFFICE_CLERK, Role.PRINCIPAL)
)
"""With pupils' names, therefore not for officers of the department: they have the reports."""
CALL_OFF_REGISTER: Final = Permission(
    "register.call_off",
    everywhere(Role.OFFICE_CLERK, Role.PRINCIPAL) | own_class(Role.TEACHER, Role.HOMEROOM_TEACHER),
)
REQUEST_CORRECTION: Final = Permission(
    "correction.request",
    everywhere(Role.OFFICE_CLERK, Role.PRINCIPAL) | own_class(Role.TEACHER, Role.HOMEROOM_TEACHER),
)
DECIDE_CORRECTION: Final = Permission("correction.decide", everywhere(Role.PRINCIPAL))


class SlotKind(StrEnum):
    """What a register is of: half a school day, one period, an event. One letter: there are millions of rows."""

    SESSION = "S"
    PERIOD = "P"
    EVENT = "E"


class RegisterState(StrEnum):
    """Where a register stands. Provisional: taken in period 1, reasons are known by period 2 (vietnam.md 2.3)."""

    DUE = "due"
    OPEN = "open"
    PROVISIONAL = "provisional"
    SUBMITTED = "submitted"
    LOCKED = "locked"
    NOT_HELD = "not_held"


STATE_LETTERS: Final = {
    RegisterState.DUE: "D",
    RegisterState.OPEN: "O",
    RegisterState.PROVISIONAL: "P",
    RegisterState.SUBMITTED: "S",
    RegisterState.LOCKED: "L",
    RegisterState.NOT_HELD: "N",
}
"""How a state is stored: there are millions of rows."""
STATE_NAMES: Final = {
    RegisterState.DUE: N_("Chưa điểm danh"),
    RegisterState.OPEN: N_("Đang điểm danh"),
    RegisterState.PROVISIONAL: N_("Lưu tạm"),
    RegisterState.SUBMITTED: N_("Đã gửi"),
    RegisterState.LOCKED: N_("Đã khóa sổ"),
    RegisterState.NOT_HELD: N_("Không học"),
}
TAKEN: Final = frozenset({RegisterState.PROVISIONAL, RegisterState.SUBMITTED, RegisterState.LOCKED})
"""The states that count: everything else leaves numerator and denominator of every rate."""
MISSING: Final = frozenset({RegisterState.DUE, RegisterState.OPEN})


class Submit(StrEnum):
    """How a save is meant: only keep the marks, keep them as the register of period 1, or as the final register."""

    NOTHING = ""
    PROVISIONAL = "provisional"
    FINAL = "final"


_NEXT: Final = {
    (RegisterState.DUE, Submit.NOTHING): RegisterState.OPEN,
    (RegisterState.DUE, Submit.PROVISIONAL): RegisterState.PROVISIONAL,
    (RegisterState.DUE, Submit.FINAL): RegisterState.SUBMITTED,
    (RegisterState.OPEN, Submit.NOTHING): RegisterState.OPEN,
    (RegisterState.OPEN, Submit.PROVISIONAL): RegisterState.PROVISIONAL,
    (RegisterState.OPEN, Submit.FINAL): RegisterState.SUBMITTED,
    (RegisterState.PROVISIONAL, Submit.NOTHING): RegisterState.PROVISIONAL,
    (RegisterState.PROVISIONAL, Submit.PROVISIONAL): RegisterState.PROVISIONAL,
    (RegisterState.PROVISIONAL, Submit.FINAL): RegisterState.SUBMITTED,
    # A provisional save that comes late (a queue, a second teacher) does not take back what was submitted.
    (RegisterState.SUBMITTED, Submit.NOTHING): RegisterState.SUBMITTED,
    (RegisterState.SUBMITTED, Submit.PROVISIONAL): RegisterState.SUBMITTED,
    (RegisterState.SUBMITTED, Submit.FINAL): RegisterState.SUBMITTED,
}


def state_after(state: RegisterState, submit: Submit) -> RegisterState:
    """Return the state after a save; raise ConflictError when a register in this state takes no saves."""
    after = _NEXT.get((state, submit))
    if after is not None:
        return after
    if state is RegisterState.LOCKED:
        raise ConflictError(
            say("Sổ điểm danh này đã khóa. Hãy nhờ văn thư đính chính."), {"state": state.value}
        )
    raise ConflictError(say("Buổi này được ghi là không học."), {"state": state.value})


def require_begun(day: date, today: date) -> None:
    """Raise InvalidError when a register is of a day to come: nobody can have been there yet."""
    if day > today:
        raise InvalidError(say("Chưa đến ngày học này, chưa điểm danh được."))


PERIODS_APART: Final = 10


def slot_of(day_session: DaySession, number: int | None = None) -> int:
    """Return the slot of a session register (1 morning, 2 afternoon, 3 evening), or of a period's: 12 is morning, 2."""
    slot = SESSION_ORDER[day_session]
    return slot if number is None else slot * PERIODS_APART + number


def session_of(slot: int) -> DaySession:
    """Return the session of a slot, of a session or of a period; raise KeyError for any other number."""
    return _SESSIONS[slot if slot < PERIODS_APART else slot // PERIODS_APART]


def period_of(slot: int) -> int | None:
    """Return the number of a period register's slot, None for a session register's."""
    return slot % PERIODS_APART if slot > PERIODS_APART else None


def slot_words(slot: int) -> Phrase:
    """Return what a slot is called: "Buổi sáng", "Tiết 2, buổi sáng"."""
    number, name = period_of(slot), SESSION_NAMES[session_of(slot)]
    if number is None:
        return say(name)
    return say(_PERIOD_WORDS[session_of(slot)], number=number)


_PERIOD_WORDS: Final = {
    DaySession.MORNING: N_("Tiết %(number)s buổi sáng"),
    DaySession.AFTERNOON: N_("Tiết %(number)s buổi chiều"),
    DaySession.EVENING: N_("Tiết %(number)s buổi tối"),
}

_SESSIONS: Final = {number: day_session for day_session, number in SESSION_ORDER.items()}
_BEGINS: Final = {
    DaySession.MORNING: time(0),
    DaySession.AFTERNOON: time(11, 30),
    DaySession.EVENING: time(16, 45),
}


def is_time_for(day_session: DaySession, moment: time) -> bool:
    """Say whether a session's register is worth asking for at this time of the day (shown first, counted as missing).

    Afternoon lessons begin at 12:30 or 13:00, evening ones after 17:00: half an hour earlier is soon enough.
    """
    return moment >= _BEGINS[day_session]


def session_at(moment: time, held: Collection[DaySession] = ()) -> DaySession:
    """Return the session that is on, or just over, at a time of the day.

    `held`: the sessions in which there are lessons that day. As soon as one of them has begun, no other is meant.
    """
    begun = [found for found in DaySession if is_time_for(found, moment)]
    return max([found for found in begun if found in held] or begun, key=lambda found: SESSION_ORDER[found])
