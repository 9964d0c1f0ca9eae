"""Random steps of enrolment against a plain model: for each pupil a line of days, each with a school and a class.

After every step the class list and the enrolment of every day are what the line says; a step that the model refuses is
refused, and undoing puts back the line as it was.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING, ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from app import clock, db, facts
from app.access import SYSTEM
from app.errors import ConflictError, InvalidError, NotFoundError
from app.school.commands import add_class
from app.school.enrolment import commands
from app.school.enrolment.queries import histories_of
from app.school.enrolment.rules import Coming, LeavingReason
from app.school.queries import pupils_in_class
from tests.installation import settings_for
from tests.world import MORNING, build
from wsgi import create_app

if TYPE_CHECKING:
    from pathlib import Path

    from tests.world import World

FIRST = date(2026, 9, 7)
LENGTH = 12
days = st.integers(0, LENGTH - 1)
CLASSES = ("own", "other_class", "other_school")
Line = list[str | None]


@dataclass
class Known:
    """A pupil of the model: what holds on each day, and what held before each step."""

    pupil_id: int
    line: Line
    starts: set[int]
    past: list[tuple[int, Line, set[int]]] = field(default_factory=list)
    offer: tuple[int, int] | None = None


class EnrolmentModel(RuleBasedStateMachine):
    """The line is the whole model: a step writes a stretch of it, or moves a border between two stretches."""

    world: ClassVar[World]
    numbers: ClassVar[list[int]] = [0]

    @initialize()
    def start(self) -> None:
        self.clock = clock.at(MORNING)
        self.clock.__enter__()
        self.pupils: list[Known] = []
        with db.transaction() as session:
            number = self.numbers[0] = self.numbers[0] + 1
            a, b, year = self.world.school_ids["a"], self.world.school_ids["b"], self.world.year_id
            self.classes = {
                "own": add_class(session, a, year, f"4/{number + 10}", 4).id,
                "other_class": add_class(session, a, year, f"4/{number + 10}B", 4).id,
                "other_school": add_class(session, b, year, f"6A{number + 10}", 6).id,
            }
        self.schools = {"own": a, "other_class": a, "other_school": b}

    def teardown(self) -> None:
        if hasattr(self, "clock"):
            self.clock.__exit__(None, None, None)

    def step(self, place: int) -> commands.Step:
        self.numbers[0] += 1
        return commands.Step(f"step-{self.numbers[0]:08d}", FIRST + timedelta(days=place))

    # --- steps ----------------------------------------------------------------------------------------------------

    @rule(place=days, where=st.sampled_from(CLASSES))
    def enrol(self, place: int, where: str) -> None:
        if len(self.pupils) >= 3:
            return
        self.numbers[0] += 1
        new = commands.NewPupil(f"Lê Văn {self.numbers[0]}", date(2016, 1, 1), "M")
        step = self.step(place)
        pupil_id = commands.enrol_pupil(SYSTEM, new, self.classes[where], Coming.NEW, step)
        assert commands.enrol_pupil(SYSTEM, new, self.classes[where], Coming.NEW, step) == pupil_id
        line: Line = [None] * place + [where] * (LENGTH - place)
        self.pupils.append(Known(pupil_id, line, {place}))

    @rule(which=st.integers(0, 2), place=days, where=st.sampled_from(CLASSES))
    def move(self, which: int, place: int, where: str) -> None:
        known = self.pupil(which)
        if known is None:
            return
        now = known.line[-1]
        is_right = (
            now is not None
            and self.schools[where] == self.schools[now]
            and where != now
            and place >= max(known.starts)
        )
        step = self.step(place)
        change = self.attempt(
            lambda: commands.move_pupil(SYSTEM, known.pupil_id, self.classes[where], step), expected=is_right
        )
        self.write(known, change, place, where)

    @rule(which=st.integers(0, 2), place=days)
    def leave(self, which: int, place: int) -> None:
        known = self.pupil(which)
        if known is None:
            return
        now = known.line[-1]
        is_right = now is not None and place >= max(known.starts)
        school = self.schools[now or "own"]
        step, reason = self.step(place), LeavingReason.DISTANCE
        change = self.attempt(
            lambda: commands.end_enrolment(SYSTEM, known.pupil_id, school, reason, step),
            expected=is_right,
            refusals=(InvalidError, ConflictError, NotFoundError),  # the school where the pupil never was
        )
        self.write(known, change, place, None)

    @rule(which=st.integers(0, 2), place=days)
    def transfer(self, which: int, place: int) -> None:
        known = self.pupil(which)
        if known is None or known.line[-1] is None:
            return
        here = self.schools[known.line[-1]]
        there = next(one for one in self.schools.values() if one != here)
        step, is_right = self.step(place), place >= max(known.starts)
        change = self.attempt(
            lambda: commands.transfer_pupil(SYSTEM, known.pupil_id, here, commands.Destination(there), step),
            expected=is_right,
        )
        self.write(known, change, place, None)
        if change is not None:
            known.offer = (change, there)

    @rule(which=st.integers(0, 2), place=days)
    def accept(self, which: int, place: int) -> None:
        known = self.pupil(which)
        if known is None or known.offer is None or known.line[-1] is not None:
            return
        offer, there = known.offer
        where = next(key for key, school in self.schools.items() if school == there)
        step, is_right = self.step(place), place >= max(known.starts)
        change = self.attempt(
            lambda: commands.accept_transfer(SYSTEM, offer, self.classes[where], step), expected=is_right
        )
        self.write(known, change, place, where)
        if change is not None:
            known.offer = None

    @rule(which=st.integers(0, 2), place=days, where=st.sampled_from(CLASSES))
    def take_back(self, which: int, place: int, where: str) -> None:
        known = self.pupil(which)
        if known is None or known.line[-1] is not None:
            return
        if all(one is None or self.schools[one] != self.schools[where] for one in known.line):
            return
        step, is_right = self.step(place), place >= max(known.starts)
        change = self.attempt(
            lambda: commands.return_pupil(SYSTEM, known.pupil_id, self.classes[where], step),
            expected=is_right,
        )
        self.write(known, change, place, where)

    @rule(which=st.integers(0, 2), wrong=days, right=days)
    def correct(self, which: int, wrong: int, right: int) -> None:
        """A border may move as far as the next border, and only within one school."""
        known = self.pupil(which)
        if known is None or wrong == right or known.offer is not None:
            return
        low, high = sorted((wrong, right))
        beside = {known.line[wrong], known.line[wrong - 1] if wrong else None} - {None}
        schools = {self.schools[one] for one in beside if one}
        in_between = {one for one in known.starts if low <= one <= high} - {wrong}
        if wrong in known.starts and len(schools) == 2:
            return
        school = next(iter(schools), self.world.school_ids["a"])
        is_right = wrong in known.starts and not in_between and bool(schools)
        step = self.step(right)
        change = self.attempt(
            lambda: commands.correct_date(
                SYSTEM, known.pupil_id, school, FIRST + timedelta(days=wrong), step
            ),
            expected=is_right,
        )
        if change is None:
            return
        known.past.append((change, list(known.line), set(known.starts)))
        left = known.line[wrong - 1] if wrong else None
        here = known.line[wrong]
        for place in range(low, high):
            known.line[place] = here if right < wrong else left
        known.starts = (known.starts - {wrong}) | {right}

    @rule(which=st.integers(0, 2))
    def undo(self, which: int) -> None:
        known = self.pupil(which)
        if known is None or not known.past:
            return
        change, line, starts = known.past.pop()
        commands.undo_change(SYSTEM, change)
        commands.undo_change(SYSTEM, change)
        known.line, known.starts, known.offer = line, starts, None

    @rule(which=st.integers(0, 2))
    def undo_an_older_one(self, which: int) -> None:
        """Only what nothing was built on can be taken back."""
        known = self.pupil(which)
        if known is None or len(known.past) < 2:
            return
        if known.past[-2][1:] == (known.line, known.starts):
            return  # the last step changed nothing that the older one would not see
        with pytest.raises(ConflictError):
            commands.undo_change(SYSTEM, known.past[-2][0])

    # --- what holds -----------------------------------------------------------------------------------------------

    @invariant()
    def every_day_is_what_it_was(self) -> None:
        if not hasattr(self, "pupils"):
            return
        session = db.session()
        histories = histories_of(session, [known.pupil_id for known in self.pupils])
        for place in range(LENGTH):
            day = FIRST + timedelta(days=place)
            for key, class_id in self.classes.items() if (place + self.numbers[0]) % 4 == 0 else ():
                listed = {pupil.id for pupil in pupils_in_class(session, class_id, day)}
                assert listed == {known.pupil_id for known in self.pupils if known.line[place] == key}
            for known in self.pupils:
                history, where = histories[known.pupil_id], known.line[place]
                stay = history.stay_on(day)
                assert (stay.school_id if stay else None) == (self.schools[where] if where else None)
                assert [one.class_id for one in history.classes_on(day)] == (
                    [self.classes[where]] if where else []
                )
        session.rollback()

    # --- the machine's own ----------------------------------------------------------------------------------------

    def pupil(self, which: int) -> Known | None:
        return self.pupils[which] if which < len(self.pupils) else None

    @staticmethod
    def attempt(
        act: object, *, expected: bool, refusals: tuple[type[Exception], ...] = (InvalidError, ConflictError)
    ) -> int | None:
        if expected:
            change = act()  # type: ignore[operator]
            assert act() == change  # type: ignore[operator] # twice the same request, one effect
            return int(change)
        with pytest.raises(refusals):
            act()  # type: ignore[operator]
        return None

    @staticmethod
    def write(known: Known, change: int | None, place: int, where: str | None) -> None:
        if change is None:
            return
        known.past.append((change, list(known.line), set(known.starts)))
        known.line[place:] = [where] * (LENGTH - place)
        known.starts = known.starts | {place}


def test_enrolment_against_a_model(
    migrated_sqlite: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    instance = tmp_path / "instance"
    instance.mkdir()
    shutil.copy(migrated_sqlite, instance / "bangxanh.db")
    app = create_app(settings_for(instance))
    monkeypatch.setattr(facts, "_wakers", [])  # subscribers have their own tests
    with app.app_context(), clock.at(MORNING):
        EnrolmentModel.world = build(app)
        run_state_machine_as_test(
            EnrolmentModel,
            settings=settings(
                max_examples=15,
                stateful_step_count=25,
                deadline=None,
                suppress_health_check=list(HealthCheck),
            ),
        )
        db.db.session.remove()
        db.db.engine.dispose()
