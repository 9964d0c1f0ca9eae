"""The roll call of an event: one sending writes the registers of all classes that are away, by the sheet's command.

Who goes along carries the school's letter for its own business, which counts as present; who was missing is absent. A
register of which everybody was called is sent; the others wait for the teacher of those who stayed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from app import db
from app.errors import BangXanhError, ConflictError, InvalidError
from app.i18n import N_, say
from attendance.outings.models import Outing
from attendance.outings.queries.calling import classes_called, event_letter, sessions_of, written_by
from attendance.outings.rules import device_of, says_all
from attendance.registers.commands.calling_off import Wish
from attendance.registers.commands.opening import open_register
from attendance.registers.commands.reopening import reopen_register
from attendance.registers.commands.saving import Save, save_register
from attendance.registers.models import Register
from attendance.registers.queries.sheets import codes, mark_lines, roll_of
from attendance.registers.rules.marks import Author, MarkValue, Operation
from attendance.registers.rules.states import Submit

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from app.access import Actor
    from app.school.rules import DaySession
    from attendance.outings.queries.calling import CalledClass, Written
    from attendance.registers.commands.saving import Saved
    from attendance.registers.queries.sheets import Codes

SOURCE: Final = "outing"


@dataclass(frozen=True, slots=True)
class RollCall:
    """What a roll call says of a session: a letter for each pupil, "" for who stayed at school.

    `key` is made by the page, so that what is sent twice is written once; `bases` are the versions of the registers
    that the page showed, by class.
    """

    key: str
    day: date
    day_session: DaySession
    said: Mapping[int, str]
    bases: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class ClassCalled:
    """What became of a class: what stands in its register, or what was in the way."""

    class_name: str
    register_id: int = 0
    saved: Saved | None = None
    problem: BangXanhError | None = None


def call_roll(actor: Actor, outing_id: int, call: RollCall) -> list[ClassCalled]:
    """Write a roll call into the registers of the classes that are away, each for itself; return what became of each.

    The caller has loaded the event for the actor. What somebody else said since the page was shown is not overwritten.
    Raises ConflictError for an event that was called off, InvalidError for a session that it does not take or a letter
    that the school does not have.
    """
    session = db.session()
    outing = session.get_one(Outing, outing_id)
    if outing.called_off_at is not None:
        raise ConflictError(N_("Hoạt động này đã hủy."))
    if not outing.starts_on <= call.day < outing.ends_on or call.day_session not in sessions_of(
        session, outing, call.day
    ):
        raise InvalidError(N_("Hoạt động không diễn ra trong buổi này."))
    known = codes(session, outing.school_id)
    _require_letters(known, call)
    found = [one for one in classes_called(session, outing, call.day, call.day_session) if one.is_due]
    return [_call_class(actor, outing, known, one, call) for one in found]


def _require_letters(known: Codes, call: RollCall) -> None:
    if event_letter(known) is None:
        raise InvalidError(N_("Trường không có ký hiệu nào cho hoạt động của trường."))
    for letter in call.said.values():
        if letter and letter not in known.by_letter:
            raise InvalidError(say("Không có ký hiệu điểm danh “%(letter)s”.", letter=letter))


def _call_class(
    actor: Actor, outing: Outing, known: Codes, called: CalledClass, call: RollCall
) -> ClassCalled:
    name = called.school_class.name
    try:
        register_id = open_register(called.school_class, call.day, call.day_session)
        save = _save(actor, outing, known, called, register_id, call)
        if not save.operations and save.submit is Submit.NOTHING:
            return ClassCalled(name)
        saved = save_register(actor, register_id, save)
    except BangXanhError as error:
        return ClassCalled(name, problem=error)
    return ClassCalled(name, register_id, saved)


def _save(
    actor: Actor, outing: Outing, known: Codes, called: CalledClass, register_id: int, call: RollCall
) -> Save:
    session = db.session()
    roll = roll_of(session, session.get_one(Register, register_id))
    said = {one.id: call.said[one.id] for one in called.pupils if one.id in call.said}
    base = call.bases.get(called.school_class.id, called.version)
    stands = mark_lines(roll, known)
    operations = tuple(
        Operation(f"{call.key}:{register_id}:{pupil_id}", pupil_id, value, base)
        for pupil_id, value in ((one, _value(outing, known, letter)) for one, letter in said.items())
        if value.letter != (stands[pupil_id].value.letter if pupil_id in stands else "")
    )
    return Save(
        f"{call.key}:{register_id}",
        device_of(outing.id),
        base,
        operations,
        Submit.FINAL if says_all(roll.members, said) else Submit.NOTHING,
        SOURCE,
        outing.led_by if outing.led_by != actor.user_id else None,
    )


def _value(outing: Outing, known: Codes, letter: str) -> MarkValue:
    """Who is away on the school's business carries the event's name as the reason."""
    is_event = bool(letter) and known.by_letter[letter].is_school_event
    return MarkValue(letter, reason=outing.name if is_event else "")


def take_back(
    actor: Actor, outing_id: int, day: date, day_session: DaySession, key: str
) -> list[ClassCalled]:
    """Take what a roll call wrote out of a session's registers; what others said since stays. Twice is once.

    A register that the roll call had sent waits again for somebody to send it: nobody is present by default.
    """
    session = db.session()
    outing = session.get_one(Outing, outing_id)
    found = {
        one.register.id: one
        for one in classes_called(session, outing, day, day_session)
        if one.register is not None
    }
    written = written_by(session, outing_id, [one.register for one in found.values() if one.register])
    return [
        _take_back(
            actor, outing_id, found[register_id].school_class.name, (register_id, written[register_id]), key
        )
        for register_id in found
        if register_id in written
    ]


def _take_back(
    actor: Actor, outing_id: int, class_name: str, what: tuple[int, Written], key: str
) -> ClassCalled:
    (register_id, written), device = what, device_of(outing_id)
    try:
        if written.is_sent:
            wish = Wish(f"{key}:{register_id}:open", N_("Bỏ điểm danh của hoạt động."))
            reopen_register(actor, register_id, wish, Author(actor.user_id, device))
        base = db.session().get_one(Register, register_id, populate_existing=True).row_version
        operations = tuple(
            Operation(f"{key}:{register_id}:{pupil_id}", pupil_id, MarkValue(), base)
            for pupil_id in written.pupils
        )
        saved = save_register(actor, register_id, Save(f"{key}:{register_id}", device, base, operations))
    except BangXanhError as error:
        return ClassCalled(class_name, problem=error)
    return ClassCalled(class_name, register_id, saved)
