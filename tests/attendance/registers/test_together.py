"""Saves of several people in one transaction: each is answered by itself, in every database."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from app import clock, db
from app.access import Actor, Role
from app.bulk import is_sqlite
from app.errors import ConflictError, InvalidError, NotFoundError
from app.school.models import SchoolClass
from app.school.rules import DaySession
from attendance.registers.commands.opening import open_register
from attendance.registers.commands.saving import (
    HeldElsewhereError,
    Order,
    Save,
    Saved,
    save_register,
    save_together,
)
from attendance.registers.commands.windows import MOST_CHANGES
from attendance.registers.models import Mark, Register
from attendance.registers.queries.chain import verify_chains
from attendance.registers.rules.marks import MarkValue, Operation
from attendance.registers.rules.states import Submit
from tests.world import MONDAY, MORNING

if TYPE_CHECKING:
    from tests.attendance.registers.conftest import Desk


def save_of(desk: Desk, number: int, pupil_id: int, letter: str) -> Save:
    operation = Operation(f"tap-{number:08d}", pupil_id, MarkValue(letter), 0)
    return Save(f"save-{number:08d}", f"device-{number}", 0, (operation,), Submit.FINAL)


def test_who_is_refused_keeps_nobody_else_from_being_stored(desk: Desk) -> None:
    """Another class's register, the same register twice, an unknown letter, no such register: one transaction."""
    with desk.world.app.app_context(), clock.at(MORNING):
        other = db.session().get_one(SchoolClass, desk.world.class_ids["other_class"])
        theirs = open_register(other, MONDAY, DaySession.MORNING)
        her, him = (
            Actor(desk.world.user_ids[role], role.value) for role in (Role.HOMEROOM_TEACHER, Role.TEACHER)
        )
        pupil, their_pupil = desk.pupils[0], desk.world.pupil_ids["other_class"][0]
        with db.transaction() as session:
            hers, wrong, their, his, nothing = save_together(
                session,
                [
                    Order(her, desk.register_id, save_of(desk, 1, pupil, "P")),
                    Order(her, desk.register_id, save_of(desk, 2, pupil, "?")),
                    Order(her, theirs, save_of(desk, 3, their_pupil, "T")),
                    Order(him, desk.register_id, save_of(desk, 4, pupil, "K")),
                    Order(her, 2**31 - 1, save_of(desk, 5, pupil, "K")),
                ],
            )
        assert isinstance(hers, Saved)
        assert isinstance(their, Saved)
        assert isinstance(his, Saved)
        assert hers.counters.excused == 1
        assert their.counters.late == 1
        assert isinstance(wrong, InvalidError)
        assert isinstance(nothing, HeldElsewhereError), "only who waits for it knows that it is not there"
        assert [one.conflict.current.letter for one in his.conflicts] == ["P"], "he is shown hers"
        assert db.session().get_one(Register, desk.register_id).row_version == hers.version
        assert verify_chains(db.session()).broken == ()


def test_a_save_that_is_refused_in_its_last_tap_leaves_nothing_of_its_first(desk: Desk) -> None:
    with desk.world.app.app_context(), clock.at(MORNING):
        her = Actor(desk.world.user_ids[Role.HOMEROOM_TEACHER], "a")
        taps = (
            Operation("tap-00000001", desk.pupils[0], MarkValue("K"), 0),
            Operation("tap-00000002", desk.pupils[1], MarkValue("T", arrived="99:99"), 0),
        )
        with db.transaction() as session:
            saves = [
                Order(her, one, Save("save-00000001", "device-1", 0, taps, Submit.FINAL))
                for one in (desk.register_id, 2**31 - 1)
            ]
            refused, nothing = save_together(session, saves)
        assert isinstance(refused, InvalidError)
        assert isinstance(nothing, HeldElsewhereError)
        assert db.session().scalars(select(Mark)).all() == []
        assert db.session().get_one(Register, desk.register_id).row_version == 0


def test_a_group_waits_for_nobody_who_holds_a_register(desk: Desk) -> None:
    """A month that is being closed must not keep a lesson's answers waiting, which share the writer with saves."""
    with desk.world.app.app_context(), clock.at(MORNING):
        her = Actor(desk.world.user_ids[Role.HOMEROOM_TEACHER], "a")
        order = Order(her, desk.register_id, save_of(desk, 1, desk.pupils[0], "P"))
        with db.db.engine.connect() as other, other.begin():
            other.execute(select(Register.id).where(Register.id == desk.register_id).with_for_update())
            with pytest.raises(LookupError), db.transaction() as session:
                (answer,) = save_together(session, [order])
                assert isinstance(answer, Saved if is_sqlite(session) else HeldElsewhereError)
                raise LookupError
        assert save_register(her, desk.register_id, order.save).counters.excused == 1
        with pytest.raises(NotFoundError):
            save_register(her, 2**31 - 1, order.save)


def test_an_id_that_another_register_has_stores_nothing_twice(desk: Desk) -> None:
    with desk.world.app.app_context(), clock.at(MORNING):
        other = db.session().get_one(SchoolClass, desk.world.class_ids["other_class"])
        theirs = open_register(other, MONDAY, DaySession.MORNING)
        her = Actor(desk.world.user_ids[Role.HOMEROOM_TEACHER], "a")
        save = save_of(desk, 1, desk.pupils[0], "P")
        save_register(her, desk.register_id, save)
        with pytest.raises(IntegrityError):
            save_register(her, theirs, save)
        assert db.session().get_one(Register, theirs).row_version == 0


def test_a_register_that_was_changed_too_often_says_so(desk: Desk) -> None:
    """Its version has two bytes: 32,000 changes by people, and room left for closing and opening its month."""
    with desk.world.app.app_context(), clock.at(MORNING):
        her = Actor(desk.world.user_ids[Role.HOMEROOM_TEACHER], "a")
        save_register(her, desk.register_id, save_of(desk, 1, desk.pupils[0], "P"))
        for version, fits in ((MOST_CHANGES - 1, True), (MOST_CHANGES, False)):
            with db.transaction() as session:
                session.execute(update(Register).values(row_version=version))
            save = save_of(desk, version, desk.pupils[1], "K" if fits else "T")
            if fits:
                assert save_register(her, desk.register_id, save).version == MOST_CHANGES
            else:
                with pytest.raises(ConflictError, match="quá nhiều lần"):
                    save_register(her, desk.register_id, save)
