"""Pupils, how they come and go, and the lists that bring them."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Final

from app import clock, db
from app.access import SYSTEM, Role
from app.intake.models import RosterImport
from app.merging import Pair
from app.school.duplicates.commands import merge_pupils
from app.school.enrolment.commands import Destination, NewPupil, Step, enrol_pupil, transfer_pupil
from app.school.enrolment.commands.enrolling import new_pupil
from app.school.enrolment.commands.steps import change_by_key
from app.school.enrolment.rules import Coming
from app.school.rollover.commands import begin_rollover
from app.school.timetables.models import TimetableImport
from app.staff.models import StaffImport
from tests.app_wide.objects.kind import Kind, school_of
from tests.world import MONDAY

if TYPE_CHECKING:
    from tests.world import World


def _roster_import(world: World, role: Role, relation: str) -> int:
    with world.app.app_context(), db.transaction() as session:
        row = RosterImport(
            school_id=school_of(world, role, relation),
            year_id=world.year_id,
            client_key=f"{role}-{relation}-import",
            file_name="danh-sach.xlsx",
            file_size=1,
            sha256="0" * 64,
            state="uploaded",
            uploaded_at=clock.now(),
        )
        session.add(row)
        session.flush()
        return row.id


def _staff_import(world: World, role: Role, relation: str) -> int:
    with world.app.app_context(), db.transaction() as session:
        row = StaffImport(
            school_id=school_of(world, role, relation),
            client_key=f"{role}-{relation}-staff",
            file_name="nhan-su.xlsx",
            state="previewed",
            preview="[]",
            uploaded_at=clock.now(),
        )
        session.add(row)
        session.flush()
        return row.id


def _timetable_import(world: World, role: Role, relation: str) -> int:
    with world.app.app_context(), db.transaction() as session:
        row = TimetableImport(
            school_id=school_of(world, role, relation),
            year_id=world.year_id,
            client_key=f"{role}-{relation}-timetable",
            file_name="tkb.xlsx",
            cells="[]",
            uploaded_at=clock.now(),
        )
        session.add(row)
        session.flush()
        return row.id


def _enrolment_step(world: World, role: Role, relation: str) -> int:
    """A pupil enrolled by hand at the school in question."""
    key = "other_school" if relation == "other_school" else "own"
    step = Step(f"{role}-{relation}-step", MONDAY)
    with world.app.app_context():
        new = NewPupil(f"Lê Thị {role} {relation}", date(2016, 1, 1), "F")
        enrol_pupil(SYSTEM, new, world.class_ids[key], Coming.NEW, step)
        return change_by_key(db.session(), step.client_key) or 0


def _offer(world: World, role: Role, relation: str) -> int:
    """A pupil whom the other school has transferred to the school in question."""
    school_id = school_of(world, role, relation)
    other = next(one for one in world.school_ids.values() if one != school_id)
    key = "own" if other == world.school_ids["a"] else "other_school"
    with world.app.app_context():
        new = NewPupil(f"Lê Thị {role} {relation} đi", date(2016, 1, 1), "F")
        pupil_id = enrol_pupil(
            SYSTEM, new, world.class_ids[key], Coming.NEW, Step(f"{role}-{relation}-in", MONDAY)
        )
        step = Step(f"{role}-{relation}-away", MONDAY)
        return transfer_pupil(SYSTEM, pupil_id, other, Destination(school_id), step)


def _rollover(world: World, role: Role, relation: str) -> int:
    """The open draft of the school in question; a school has one at a time."""
    with world.app.app_context():
        years = ("2026-2027", "2027-2028")
        return begin_rollover(SYSTEM, school_of(world, role, relation), years, f"{role}-{relation}-rollover")


def _twin(world: World, role: Role, relation: str) -> int:
    """Another pupil of the class, to be compared with."""
    del role
    return world.pupil_ids[relation][1]


def _merge(world: World, role: Role, relation: str) -> int:
    """Two records of one pupil at the school in question, made one."""
    key = "other_school" if relation == "other_school" else "own"
    with world.app.app_context():
        new = NewPupil(f"Lê Thị {role} {relation} hai", date(2016, 1, 1), "F")
        step = Step(f"{role}-{relation}-twin", MONDAY)
        kept = enrol_pupil(SYSTEM, new, world.class_ids[key], Coming.NEW, step)
        with db.transaction() as session:
            gone = new_pupil(session, new).id
        school_id = school_of(world, role, relation)
        return merge_pupils(SYSTEM, school_id, Pair(kept, gone), (), f"{role}-{relation}-merge")


KINDS: Final[dict[str, Kind]] = {
    "pupil_id": Kind("pupil", lambda world, _role, relation: world.pupil_ids[relation][0]),
    "import_id": Kind("school", _roster_import),
    "staff_import_id": Kind("school", _staff_import),
    "timetable_import_id": Kind("school", _timetable_import),
    "step_id": Kind("school", _enrolment_step),
    "offer_id": Kind("school", _offer),
    "rollover_id": Kind("school", _rollover),
    "other_id": Kind("pupil", _twin),
    "merge_id": Kind("school", _merge),
}
