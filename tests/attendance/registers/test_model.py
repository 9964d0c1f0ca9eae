"""Several teachers, an office, lost acknowledgements and moving pupils, in random order, against a plain model."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import event, select, update

from app import clock, db, facts
from app.access import Actor, Role
from app.errors import ConflictError
from app.school.models import ClassMembership, SchoolClass
from app.school.rules import DaySession
from attendance.registers.commands.correcting import Correction, correct_mark
from attendance.registers.commands.opening import open_register
from attendance.registers.commands.saving import Order, Save, Saved, save_register, save_together
from attendance.registers.models import Mark, MarkEvent, Register
from attendance.registers.queries.chain import verify_chains
from attendance.registers.rules.chain import EventKind
from attendance.registers.rules.marks import MarkValue, Operation
from attendance.registers.rules.replay import Happened, stood_at
from attendance.registers.rules.states import Submit
from tests.installation import settings_for
from tests.world import MONDAY, MORNING, build
from wsgi import create_app

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator
    from datetime import date
    from pathlib import Path

    from tests.world import World

LETTERS = ("", "P", "K", "T")
pupils, letters = st.integers(0, 5), st.sampled_from(LETTERS)


@dataclass
class Stage:
    """One application for all runs; every run takes the register of another school day."""

    world: World
    free: Iterator[tuple[date, str]]

    @classmethod
    def of(cls, world: World) -> Stage:
        days = [MONDAY + timedelta(weeks=week, days=day) for week in range(33) for day in range(5)]
        return cls(world, ((day, key) for key in world.class_ids for day in days))


class RegisterModel(RuleBasedStateMachine):
    """What a register should be, kept in a few dictionaries; the real one is in SQLite."""

    stage: ClassVar[Stage]

    @initialize()
    def start(self) -> None:
        world = self.stage.world
        self.day, key = next(self.stage.free)
        self.clock = clock.at(MORNING + (self.day - MONDAY))
        self.clock.__enter__()
        self.pupils = world.pupil_ids[key]
        school_class = db.session().get_one(SchoolClass, world.class_ids[key])
        self.register_id = open_register(school_class, self.day, DaySession.MORNING)
        self.actors = [
            Actor(world.user_ids[Role.HOMEROOM_TEACHER], "a"),
            Actor(world.user_ids[Role.TEACHER], "b"),
        ]
        self.office = Actor(world.user_ids[Role.OFFICE_CLERK], "c")
        self.seen = [0, 0]
        self.version = 0
        self.number = 0
        self.sent: list[tuple[int, Save, bool]] = []
        self.teacher: dict[int, str] = {}
        self.office_says: dict[int, str] = {}
        self.changed_by: dict[int, tuple[int, int]] = {}
        self.members = set(range(6))
        self.is_taken = False

    def teardown(self) -> None:
        if hasattr(self, "clock"):
            with db.transaction() as session:
                session.execute(update(ClassMembership).values(ends_on=None))
            self.clock.__exit__(None, None, None)

    def _id(self) -> str:
        self.number += 1
        return f"{self.register_id}-operation-{self.number:05d}"

    @rule(
        who=st.integers(0, 1),
        taps=st.lists(st.tuples(pupils, letters), max_size=4),
        submit=st.sampled_from(Submit),
    )
    def save(self, who: int, taps: list[tuple[int, str]], submit: Submit) -> None:
        """A teacher saves what was tapped while looking at the last version that this device has seen."""
        save = self._save_of(who, taps, submit)
        self._note(who, taps, save, save_register(self.actors[who], self.register_id, save))

    @rule(
        taps=st.tuples(*[st.lists(st.tuples(pupils, letters), max_size=3)] * 2),
        submit=st.sampled_from(Submit),
    )
    def save_at_once(self, taps: tuple[list[tuple[int, str]], ...], submit: Submit) -> None:
        """Both teachers' saves arrive in one moment and share a transaction: as if one had come after the other."""
        saves = [self._save_of(who, taps[who], submit) for who in (0, 1)]
        with db.transaction() as session:
            orders = [Order(self.actors[who], self.register_id, saves[who]) for who in (0, 1)]
            answers = save_together(session, orders)
        for who, answer in enumerate(answers):
            assert isinstance(answer, Saved)
            self._note(who, taps[who], saves[who], answer)

    def _save_of(self, who: int, taps: list[tuple[int, str]], submit: Submit) -> Save:
        base = self.seen[who]
        operations = tuple(
            Operation(self._id(), self.pupils[pupil], MarkValue(letter), base) for pupil, letter in taps
        )
        return Save(self._id(), f"device-{who}", base, operations, submit)

    def _note(self, who: int, taps: list[tuple[int, str]], save: Save, saved: Saved) -> None:
        has_conflict = self._expect(who, taps, save.base, saved)
        if save.submit is not Submit.NOTHING and not has_conflict:
            self.is_taken = True
        self.version = saved.version
        self.sent.append((who, save, has_conflict))

    def _expect(self, who: int, taps: list[tuple[int, str]], base: int, saved: Saved) -> bool:
        conflicts = 0
        for pupil, letter in taps:
            author, version = self.changed_by.get(pupil, (who, 0))
            is_unseen = author != who and version > base
            if pupil not in self.members or (is_unseen and self.teacher.get(pupil, "") != letter):
                conflicts += 1
            else:
                if self.teacher.get(pupil, "") != letter:
                    self.changed_by[pupil] = (who, self.version + 1)
                self.teacher[pupil] = letter
        assert len(saved.conflicts) == conflicts
        return conflicts > 0

    @rule(who=st.integers(0, 1))
    def look(self, who: int) -> None:
        """A device gets the answer, or asks what stands."""
        self.seen[who] = self.version

    @rule(data=st.data())
    def send_again(self, data: st.DataObject) -> None:
        """An acknowledgement was lost: an earlier save, in which nothing conflicted, is sent once more."""
        stored = [(who, save) for who, save, had_conflict in self.sent if not had_conflict]
        if not stored:
            return
        who, save = data.draw(st.sampled_from(stored))
        events = self._events()
        again = save_register(self.actors[who], self.register_id, save)
        assert again.conflicts == ()
        assert again.version == self.version
        assert self._events() == events, "no second effect"

    def _events(self) -> int:
        return len(db.session().scalars(select(MarkEvent.id)).all())

    @rule(pupil=pupils, letter=letters)
    def correct(self, pupil: int, letter: str) -> None:
        """The office corrects while looking at what stands."""
        correction = Correction(
            self._id(), "device-office", self.version, self.pupils[pupil], letter, "lý do"
        )
        if not self.is_taken:
            with pytest.raises(ConflictError):
                correct_mark(self.office, self.register_id, correction)
            return
        if pupil not in self.members:
            return
        self.version = correct_mark(self.office, self.register_id, correction).version
        if self.teacher.get(pupil, "") == letter:
            self.office_says.pop(pupil, None)
        else:
            self.office_says[pupil] = letter

    @rule(pupil=st.integers(4, 5))
    def move_away(self, pupil: int) -> None:
        """A pupil is moved to another class from this day on; the next save sees it."""
        self.members.discard(pupil)
        with db.transaction() as session:
            session.execute(
                update(ClassMembership)
                .where(ClassMembership.pupil_id == self.pupils[pupil])
                .values(ends_on=self.day)
            )

    @invariant()
    def stands_as_the_model_says(self) -> None:
        if not hasattr(self, "clock"):
            return
        db.session().rollback()
        marks = {
            mark.pupil_id: mark
            for mark in db.session().scalars(select(Mark).where(Mark.register_id == self.register_id))
        }
        names = {None: "", 1: "P", 2: "K", 3: "T"}
        for number, pupil_id in enumerate(self.pupils):
            mark = marks.get(pupil_id)
            teacher = names[mark.teacher_code_id] if mark else ""
            counts = names[mark.code_id] if mark else ""
            assert teacher == self.teacher.get(number, "")
            if not mark or not mark.is_corrected:
                assert counts == teacher
            else:
                assert counts == self.office_says[number]
        assert {self.pupils.index(p) for p, mark in marks.items() if mark.is_corrected} == set(
            self.office_says
        )

    @invariant()
    def its_events_alone_tell_how_it_stands(self) -> None:
        if not hasattr(self, "clock"):
            return
        events = db.session().scalars(
            select(MarkEvent).where(MarkEvent.register_id == self.register_id).order_by(MarkEvent.sequence)
        )
        told = [Happened(EventKind(one.kind), one.pupil_id, one.after, one.at) for one in events]
        stood = stood_at(told, clock.now())
        assert {self.pupils.index(p): v.letter for p, v in stood.teacher.items()} == {
            number: letter for number, letter in self.teacher.items() if letter
        }
        assert {self.pupils.index(p): letter for p, letter in stood.office.items()} == self.office_says
        assert stood.state is db.session().get_one(Register, self.register_id).standing

    @invariant()
    def counters_add_up_and_the_chain_holds(self) -> None:
        if not hasattr(self, "clock"):
            return
        register = db.session().get_one(Register, self.register_id)
        assert (
            register.present + register.excused + register.unexcused + register.pending == register.expected
        )
        assert (register.expected > 0) == self.is_taken or not self.members
        assert verify_chains(db.session(), self.day).broken == ()


def do_not_wait_for_the_disk(connection: sqlite3.Connection, _record: object) -> None:
    """What is tried here is the merging; that the disk has it is tried elsewhere."""
    connection.execute("PRAGMA synchronous=OFF")


@pytest.mark.slow
def test_registers_behave_like_the_model(migrated_sqlite: Path, tmp_path: Path) -> None:
    shutil.copy(migrated_sqlite, tmp_path / "bangxanh.db")
    app = create_app(settings_for(tmp_path))
    with app.app_context():
        facts.use_waker(lambda: None)  # they have tests of their own
        event.listen(db.db.engine, "connect", do_not_wait_for_the_disk)
        RegisterModel.stage = Stage.of(build(app))
        try:
            run_state_machine_as_test(
                RegisterModel,
                settings=settings(
                    max_examples=25,
                    stateful_step_count=20,
                    deadline=None,
                    database=None,
                    suppress_health_check=list(HealthCheck),
                ),
            )
        finally:
            db.db.session.remove()
            db.db.engine.dispose()
