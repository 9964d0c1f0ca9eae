"""A page with more on it asks the database no more often: pages of people, classes, time and files at two sizes."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

import pytest
from sqlalchemy import event, select

from app import clock, db, text
from app.access import SYSTEM, Role
from app.accounts.commands import NewGrant, add_grant, new_user
from app.accounts.models import AccountRun
from app.audit.commands import record
from app.guardians.models import Guardian
from app.intake.models import RosterImport
from app.school.calendar.commands import decide_days
from app.school.calendar.rules import Decision
from app.school.cards.models import CardPrint
from app.school.commands import add_class, add_unit
from app.school.groups.models import GroupDuty, GroupMembership, TeachingGroup
from app.school.models import HomeroomDuty, School, Staff, Subject, Timetable, TimetableEntry
from app.school.rules import DayKind, UnitKind
from app.school.timetables.commands.versions import make_draft
from app.staff.models import StaffDetail, StaffImport
from reports.cubes.models import ClassDay
from tests.world import MONDAY, MORNING, NAMES, PASSWORD_HASH, add_pupil

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask.testing import FlaskClient
    from sqlalchemy.orm import Session

    from tests.world import World

SOME: Final = 3
"""So many classes come at once, each with six pupils, two members of staff, a group, and files of each kind."""


@pytest.fixture
def statements(world: World) -> Iterator[list[str]]:
    seen: list[str] = []
    with world.app.app_context():
        engine = db.db.engine

    def note(*arguments: object) -> None:
        seen.append(str(arguments[2]))

    event.listen(engine, "before_cursor_execute", note)
    yield seen
    event.remove(engine, "before_cursor_execute", note)


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
def test_every_page_of_a_school_asks_as_often_at_twice_the_size(world: World, statements: list[str]) -> None:
    with clock.at(MORNING):
        grow(world, 0)
        clients = {
            role: world.client(role, gave_factor=True)
            for role in (Role.OFFICE_CLERK, Role.PRINCIPAL, Role.SYSTEM_ADMINISTRATOR, Role.DEPARTMENT_OFFICER,
                         Role.TEACHER, Role.HOMEROOM_TEACHER, Role.GUARDIAN)
        }  # fmt: skip
        before = {page: cost(clients[role], page, statements) for page, role in pages_of(world).items()}
        grow(world, 1)
        grow(world, 2)
        after = {page: cost(clients[role], page, statements) for page, role in pages_of(world).items()}
        pairs = zip(before.items(), after.items(), strict=True)  # the newest draft is another one now
        grew = {page: (few, many) for (_, few), (page, many) in pairs if many > few}
        assert not grew
        assert max(after.values()) <= MOST_QUERIES, sorted(after.items(), key=lambda one: -one[1])[:5]


MOST_QUERIES: Final = 65


def cost(client: FlaskClient, address: str, statements: list[str]) -> int:
    client.get(address)
    statements.clear()
    assert client.get(address, follow_redirects=True).status_code == 200, address
    return len(statements)


def pages_of(world: World) -> dict[str, Role]:
    """Return the pages with who looks at each."""
    school, own, pupil = world.school_ids["a"], world.class_ids["own"], world.pupil_ids["own"][0]
    with world.app.app_context():
        drafts = select(Timetable.id).where(Timetable.state == "draft").order_by(Timetable.id.desc())
        timetable = db.session().scalars(drafts).first()
        group = db.session().scalars(select(TeachingGroup.id)).first()
    of_clerk = (
        "", "/pupils", "/pupils?q=an", "/pupils?order=class", "/staff", "/timetables", "/timetables/import", "/setup",
        "/substitutions", "/bells", "/imports", "/homerooms", "/groups", "/duplicates", "/rollover", "/cards",
        "/accounts", "/arrivals", "/duplicates?show=merges", "/outings",
    )  # fmt: skip
    found = {f"/schools/{school}{page}": Role.OFFICE_CLERK for page in of_clerk}
    found |= dict.fromkeys(
        (
            "/", "/classes", f"/classes/{own}", f"/classes/{own}/teachers", f"/classes/{own}/seats",
            f"/classes/{own}/timetable", f"/pupils/{pupil}", f"/groups/{group}", "/accounts", "/accounts?q=an",
            f"/timetables/{timetable}", f"/timetables/{timetable}?class_id={own}", f"/timetables/{timetable}/changes",
            f"/timetables/{timetable}/paper", f"/timetables/{timetable}/paper?of=staff", f"/calendar/{school}",
            f"/timetables/{timetable}.xlsx", f"/attendance/corrections/{school}",
        ),
        Role.OFFICE_CLERK,
    )  # fmt: skip
    found |= dict.fromkeys(("/audit", "/access", f"/classes/{own}/access"), Role.SYSTEM_ADMINISTRATOR)
    found |= dict.fromkeys(
        (
            "/schools", "/organisation", f"/organisation/{world.ward_id}", "/reports/attendance", "/reports/week",
            "/reports/breakdown", "/submissions", f"/reports/attendance/{school}",
            "/reports/explorer", f"/reports/explorer?place={world.ward_id}&rows=place&columns=indicator",
            "/reports/official", f"/reports/official/{world.ward_id}/start", "/reports/files",
            f"/reports/past/{school}?month=2026-10",
        ),
        Role.DEPARTMENT_OFFICER,
    )  # fmt: skip
    found |= {"/timetable": Role.TEACHER, f"/pupils/{pupil}/timetable": Role.GUARDIAN}
    return found


def grow(world: World, turn: int) -> None:
    """Add as much of everything, at school A, as the pages show."""
    with world.app.app_context():
        with db.transaction() as session:
            for number in range(turn * SOME, turn * SOME + SOME):
                add_class_with_people(session, world, number)
                add_school(session, world, number)
            add_files(session, world, turn)
        source = db.session().scalar(select(Timetable.id).where(Timetable.school_id == world.school_ids["a"]))
        draft = make_draft(SYSTEM, world.school_ids["a"], world.year_id, f"draft-{turn}-12345678", source)
        with db.transaction() as session:
            add_lessons(session, world, draft, turn)
        for number in range(turn * SOME, turn * SOME + SOME):
            day = clock.today().replace(month=12, day=1 + number)
            decision = Decision(day, day.replace(day=day.day + 1), DayKind.EXAM)
            decide_days(SYSTEM, world.school_ids["a"], decision, f"decision-{number}")


def add_school(session: Session, world: World, number: int) -> None:
    """Add a school of the ward with a class that has had a session every day of the week."""
    unit = add_unit(
        session, UnitKind.SCHOOL, f"Q{number}", f"Tiểu học số {number}", world.ward_id, valid_from=MONDAY
    )
    session.add(School(id=unit.id, levels="1"))
    row = add_class(session, unit.id, world.year_id, "3/1", 3)
    pupils = [add_pupil(session, row, f"{name} {number}") for name in NAMES]
    session.add_all(
        ClassDay(
            class_id=row.id, day=MONDAY + timedelta(days=day), school_id=unit.id, sessions_due=1, sessions_taken=1,
            expected=len(pupils), excused=0, unexcused=0, pending=0, late=0, lessons_held=0, computed_at=clock.now(),
        )
        for day in range(5)
    )  # fmt: skip


def add_class_with_people(session: Session, world: World, number: int) -> None:
    school = world.school_ids["a"]
    row = add_class(session, school, world.year_id, f"5/{number + 1}", 5)
    pupils = [add_pupil(session, row, f"{name} {number}") for name in NAMES]
    staff = [add_colleague(session, world, f"{number}-{who}") for who in range(2)]
    session.add(HomeroomDuty(class_id=row.id, staff_id=staff[0], starts_on=MONDAY))
    subject = session.scalars(select(Subject.id)).first()
    group = TeachingGroup(
        school_id=school, year_id=world.year_id, name=f"Nhóm {number}", name_fold=f"nhom {number}",
        name_sort=text.natural_key(f"Nhóm {number}"), subject_id=subject,
    )  # fmt: skip
    session.add(group)
    session.flush()
    session.add(GroupDuty(group_id=group.id, staff_id=staff[1], starts_on=MONDAY))
    session.add_all(
        GroupMembership(group_id=group.id, pupil_id=pupil.id, starts_on=MONDAY) for pupil in pupils
    )
    first = world.pupil_ids["own"][0]
    session.add(
        Guardian(
            pupil_id=first, school_id=school, client_key=f"guardian-{number}", relationship="mother",
            full_name="Lê Thị Mẹ", made_at=clock.now(),
        )
    )  # fmt: skip


def add_colleague(session: Session, world: World, key: str) -> int:
    """Add a teacher with an account, a grant for class 4/1 and what a roster says."""
    name, school = f"Hồ Văn {key}", world.school_ids["a"]
    user = new_user(f"ho.van.{key}", name, PASSWORD_HASH)
    session.add(user)
    session.flush()
    place = NewGrant(Role.TEACHER, school, clock.today(), world.class_ids["own"])
    add_grant(session, SYSTEM, user.id, place)
    row = Staff(
        school_id=school, staff_code=key, full_name=name, name_sort=text.sort_key(name),
        name_fold=text.fold(name), user_id=user.id,
    )  # fmt: skip
    session.add(row)
    session.flush()
    session.add(StaffDetail(staff_id=row.id, email="", position="Giáo viên", duty_group="", subjects="Toán"))
    return row.id


def add_files(session: Session, world: World, turn: int) -> None:
    school, moment = world.school_ids["a"], clock.now()
    for number in range(turn * SOME, turn * SOME + SOME):
        where = {"school_id": school, "client_key": f"key-{number}-12345678"}
        session.add_all(
            (
                RosterImport(
                    **where, year_id=world.year_id, file_name="ds.xlsx", file_size=1, sha256="0" * 64,
                    state="discarded", uploaded_at=moment,
                ),
                StaffImport(**where, file_name="ns.xlsx", state="discarded", preview="[]", uploaded_at=moment),
                CardPrint(**where, year_id=world.year_id, address="", made_at=moment, ready_at=moment, content=b"%PDF"),
                AccountRun(**where, role=Role.PUPIL, made_at=moment),
            )
        )  # fmt: skip
        record(session, SYSTEM, "school.created", ("unit", school))


def add_lessons(session: Session, world: World, timetable_id: int, turn: int) -> None:
    """Give each class of ours five lessons in the draft, with the teachers of the school in turn."""
    subject = session.scalars(select(Subject.id)).first()
    staff = session.scalars(select(Staff.id).where(Staff.school_id == world.school_ids["a"])).all()
    for number in range(turn * SOME + SOME):
        name = f"5/{number + 1}"
        class_id = session.scalars(
            select(HomeroomDuty.class_id)
            .join_from(HomeroomDuty, Staff)
            .where(Staff.staff_code == f"{number}-0")
        ).one()
        session.add_all(
            TimetableEntry(
                timetable_id=timetable_id, class_id=class_id, weekday=weekday, day_session="morning", number=1,
                subject_id=subject, staff_id=staff[number % len(staff)], room=name,
            )
            for weekday in range(1, 6)
        )  # fmt: skip
