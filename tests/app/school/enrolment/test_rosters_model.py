"""Random rosters (OneRoster zips and workbooks in turn), hand-made steps, merges, rollovers and what takes them back.

After every step no pupil has two enrolments of one year on a day, and no day before the step is another one than it
was; what is taken back leaves every day as it stood before; on the day of a roster the school is what the roster says.
"""

from __future__ import annotations

import shutil
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, ClassVar
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import select

from app import clock, db, facts
from app.access import SYSTEM
from app.errors import BangXanhError
from app.intake.commands.imports import Upload, import_at_once
from app.intake.commands.undoing import undo_import
from app.intake.rules.dating import Choice, Leaving
from app.merging import Pair
from app.school.commands import add_unit
from app.school.duplicates.commands import merge_pupils, undo_merge
from app.school.enrolment import commands
from app.school.enrolment.queries import histories_of
from app.school.enrolment.rules import Coming, History
from app.school.models import Pupil, School
from app.school.queries import classes_of_school, year_by_code
from app.school.rollover.commands import begin_rollover, discard_rollover
from app.school.rollover.commands.applying import apply_rollover, confirm_rollover
from app.school.rollover.commands.undoing import undo_rollover
from app.school.rollover.queries import preview_of_rollover, rollover_by_id
from app.school.rules import UnitKind
from tests.app.intake.files import sheet
from tests.app.oneroster.test_packages import Package
from tests.installation import settings_for
from tests.world import FIRST_DAY, build
from wsgi import create_app

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from pathlib import Path

    import pytest

    from tests.world import World

FIRST = date(2026, 10, 5)
LENGTH = 10
GIVEN = ("An", "Bình", "Cường", "Dung")
CLASSES = ("1/1", "1/2")
LEAVES = Choice(ends_missing=True, leaving=Leaving.TRANSFERRED)
HEADINGS = ("STT", "Mã lớp", "Mã học sinh", "Họ tên", "Ngày sinh", "Giới tính")
places = st.tuples(*[st.sampled_from([*CLASSES, ""])] * len(GIVEN)).filter(any)
Days = dict[int, list[str]]


def as_package(where: tuple[str, ...]) -> bytes:
    """Return the roster as a OneRoster zip; who has no class is not in it."""
    there = [(number, name) for number, name in enumerate(where) if name]
    package = Package(
        users=[(f"u{n}", "active", "true", f"u{n}", GIVEN[n], "Nguyễn Văn", "1", "o1") for n, _ in there],
        enrollments=[
            (f"e{n}-{name}", "active", f"c{name}", "o1", f"u{n}", "student", "", "") for n, name in there
        ],
        classes=[(f"c{name}", "active", name, "1", "k1", "homeroom", "o1", "y1") for name in CLASSES],
    )
    return package.content()


def as_workbook(where: tuple[str, ...]) -> bytes:
    rows = [
        (n + 1, name, "", f"Nguyễn Văn {GIVEN[n]}", "04/03/2020", "Nam")
        for n, name in enumerate(where)
        if name
    ]
    return sheet(*rows, headings=HEADINGS)


class RosterModel(RuleBasedStateMachine):
    """What the database said before is the model."""

    world: ClassVar[World]
    numbers: ClassVar[list[int]] = [0]

    @initialize()
    def start(self) -> None:
        self.place = 0
        self.number = self.numbers[0] = self.numbers[0] + 1
        self.code = f"M{self.number}"
        with db.transaction() as session:
            unit = add_unit(
                session, UnitKind.SCHOOL, self.code, "Trường Mới", self.world.ward_id, valid_from=FIRST_DAY
            )
            session.add(School(id=unit.id, levels="1"))
            self.school_id = unit.id
        self.twins: list[int] = []
        self.imports: list[tuple[int, Days]] = []
        self.merges: list[tuple[int, Days]] = []
        self.steps = 0

    def now(self) -> AbstractContextManager[None]:
        self.steps += 1
        noon = datetime.combine(FIRST + timedelta(days=self.place), time(5), ZoneInfo("UTC"))
        return clock.at(noon + timedelta(seconds=self.steps))

    # --- steps ----------------------------------------------------------------------------------------------------

    @rule()
    def a_day_goes_by(self) -> None:
        self.place = min(self.place + 1, LENGTH - 1)

    @rule(where=places, is_package=st.booleans())
    def bring(self, where: tuple[str, ...], is_package: bool) -> None:  # noqa: FBT001 - drawn by hypothesis
        before = self.days()
        content = as_package(where) if is_package else as_workbook(where)
        upload = Upload("a.zip" if is_package else "a.xlsx", content)
        with self.now():
            done = import_at_once(
                SYSTEM, self.code, "2026-2027", upload, LEAVES, apply=True, many_confirmed=True
            )
        after = self.days()
        self.past_is_kept(before, after)
        wanted = {f"Nguyễn Văn {GIVEN[n]}": name for n, name in enumerate(where) if name}
        assert self.listed(after) == wanted
        if done.import_id:
            self.imports.append((done.import_id, before))

    @rule()
    def take_the_last_import_back(self) -> None:
        if self.imports:
            import_id, before = self.imports.pop()
            self.taken_back(lambda: undo_import(SYSTEM, import_id), before)

    @rule(where=st.sampled_from(CLASSES))
    def enrol_a_twin(self, where: str) -> None:
        class_id = self.class_ids().get(where)
        if class_id is None or self.twins:
            return
        before = self.days()
        with self.now():
            new = commands.NewPupil("Nguyễn Văn Anh", date(2020, 3, 14), "M")
            step = commands.Step(f"twin-{self.number}-{self.steps}", FIRST + timedelta(days=self.place))
            self.twins.append(commands.enrol_pupil(SYSTEM, new, class_id, Coming.NEW, step))
        self.past_is_kept(before, self.days())

    @rule(which=st.integers(0, 3))
    def merge_the_twin(self, which: int) -> None:
        others = sorted(set(self.days()) - set(self.twins))
        if not self.twins or which >= len(others):
            return
        before, gone, kept = self.days(), self.twins[0], others[which]
        with self.now(), suppress(BangXanhError):
            key = f"merge-{self.number}-{self.steps}"
            merge_id = merge_pupils(SYSTEM, self.school_id, Pair(kept, gone), [], key)
            self.merges.append((merge_id, before))
            self.twins.clear()
            after = self.days()
            either = [bool(one or other) for one, other in zip(before[kept], before[gone], strict=True)]
            assert [bool(one) for one in after[kept]] == either, "every day at school stays one"
        if self.twins:
            assert self.days() == before, "what is refused changes nothing"

    @rule()
    def take_the_last_merge_back(self) -> None:
        if self.merges:
            merge_id, before = self.merges.pop()
            if self.taken_back(lambda: undo_merge(SYSTEM, merge_id), before):
                self.twins = [
                    pupil_id for pupil_id in before if pupil_id not in self.days_of_named("Nguyễn Văn")
                ]

    @rule()
    def roll_over_and_take_back(self) -> None:
        if not self.listed(self.days()):
            return
        before = self.days()
        with self.now():
            key = f"roll-{self.number}-{self.steps}"
            rollover_id = begin_rollover(SYSTEM, self.school_id, ("2026-2027", "2027-2028"), key)
            preview = preview_of_rollover(db.session(), rollover_by_id(db.session(), rollover_id))
            if not preview.acted:
                discard_rollover(SYSTEM, rollover_id)
                return
            confirm_rollover(SYSTEM, rollover_id, preview.fingerprint, is_queued=False)
            apply_rollover(SYSTEM, rollover_id, lambda *_: None)
            assert self.days() == before, "the old year stays what it was"
            self.never_two_on_a_day()
            undo_rollover(SYSTEM, rollover_id)
        assert self.days() == before

    # --- what holds -----------------------------------------------------------------------------------------------

    @invariant()
    def never_two_on_a_day(self) -> None:
        if not hasattr(self, "school_id"):
            return
        for history in self.histories().values():
            held = [stay for stay in history.stays if stay.ends_on is None or stay.starts_on < stay.ends_on]
            for number, one in enumerate(held):
                for other in held[number + 1 :]:
                    apart = (one.ends_on and one.ends_on <= other.starts_on) or (
                        other.ends_on and other.ends_on <= one.starts_on
                    )
                    assert apart or one.year_id != other.year_id

    def past_is_kept(self, before: Days, after: Days) -> None:
        """Of whom the school knew, every day before this one is what it was."""
        for pupil_id, line in before.items():
            assert after[pupil_id][: self.place] == line[: self.place]

    def taken_back(self, act: object, before: Days) -> bool:
        """Take a step back: every day is what it was before it, or it is refused and nothing has changed."""
        now = self.days()
        try:
            with self.now():
                act()  # type: ignore[operator]
        except BangXanhError:
            db.session().rollback()
            assert self.days() == now
            return False
        left = self.days()
        assert {pupil_id: left[pupil_id] for pupil_id in before} == before
        for pupil_id in set(left) - set(before):
            assert left[pupil_id] == now[pupil_id] or not any(left[pupil_id]), "who came since is left alone"
        return True

    # --- the machine's own ----------------------------------------------------------------------------------------

    def histories(self) -> dict[int, History]:
        session = db.session()
        ids = [pupil_id for (pupil_id,) in session.execute(select(Pupil.id)) if pupil_id > self.world_ids()]
        found = histories_of(session, ids)
        session.rollback()
        return {
            pupil_id: history
            for pupil_id, history in found.items()
            if any(stay.school_id == self.school_id for stay in history.stays)
        }

    def world_ids(self) -> int:
        return max(pupil_id for ids in self.world.pupil_ids.values() for pupil_id in ids)

    def class_ids(self) -> dict[str, int]:
        session = db.session()
        year = year_by_code(session, "2026-2027")
        assert year
        return {one.name: one.id for one in classes_of_school(session, self.school_id, year.id)}

    def days(self) -> Days:
        """Return each pupil's class on every day, "" where the pupil is at no class of the school."""
        names = {class_id: name for name, class_id in self.class_ids().items()}
        dates = [FIRST + timedelta(days=place) for place in range(LENGTH)]
        return {
            pupil_id: [
                ",".join(names.get(one.class_id, "?") for one in history.classes_on(day)) for day in dates
            ]
            for pupil_id, history in self.histories().items()
        }

    def days_of_named(self, begins: str) -> set[int]:
        rows = db.session().scalars(select(Pupil).where(Pupil.id.in_(self.days())))
        return {
            one.id for one in rows if one.full_name.startswith(begins) and one.full_name != "Nguyễn Văn Anh"
        }

    def listed(self, days: Days) -> dict[str, str]:
        """Return who is at which class today, besides the twin, whom no roster names."""
        session = db.session()
        return {
            session.get_one(Pupil, pupil_id).full_name: line[self.place]
            for pupil_id, line in days.items()
            if line[self.place] and pupil_id not in self.twins
        }


def test_rosters_merges_and_rollovers_keep_every_day(
    migrated_sqlite: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    instance = tmp_path / "instance"
    instance.mkdir()
    shutil.copy(migrated_sqlite, instance / "bangxanh.db")
    app = create_app(settings_for(instance))
    monkeypatch.setattr(facts, "_wakers", [])
    with app.app_context():
        RosterModel.world = build(app)
        run_state_machine_as_test(
            RosterModel,
            settings=settings(
                max_examples=8, stateful_step_count=14, deadline=None, suppress_health_check=list(HealthCheck)
            ),
        )
        db.db.session.remove()
        db.db.engine.dispose()
