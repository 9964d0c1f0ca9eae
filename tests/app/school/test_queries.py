"""Reading the school: calendars inherit, memberships are dated, lists keep to what the person may see."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import event, select

from app import clock, db
from app.access import Role
from app.accounts.models import User
from app.accounts.queries import actor_of_user
from app.errors import NotFoundError
from app.school import queries
from app.school.models import CalendarDay, ClassMembership, OrgUnit
from app.school.rules import VIEW_CLASS, VIEW_PUPIL, VIEW_SCHOOL, DayKind
from tests.world import MONDAY, World, add_pupil

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.access import Actor

SUNDAY = date(2026, 10, 4)


@pytest.fixture(autouse=True)
def _context(world: World) -> Iterator[None]:
    with world.app.app_context():
        yield


def actor(world: World, role: Role) -> Actor:
    user = db.session().get_one(User, world.user_ids[role])
    return actor_of_user(db.session(), user, clock.today())


def decide(unit_id: int, day: date, kind: DayKind, follows: int | None = None) -> None:
    with db.transaction() as session:
        session.add(
            CalendarDay(unit_id=unit_id, day=day, kind=kind, follows_weekday=follows, decided_at=clock.now())
        )


def test_a_school_inherits_its_province_and_may_override_it_day_by_day(world: World) -> None:
    decide(world.province_id, MONDAY, DayKind.HOLIDAY)
    for school_id in world.school_ids.values():
        assert not queries.day_at_school(db.session(), school_id, MONDAY).is_teaching
    decide(world.school_ids["a"], MONDAY, DayKind.INSTRUCTIONAL)
    assert queries.day_at_school(db.session(), world.school_ids["a"], MONDAY).is_teaching
    assert not queries.day_at_school(db.session(), world.school_ids["b"], MONDAY).is_teaching
    assert queries.lessons_on(db.session(), world.school_ids["b"], MONDAY) == []


def test_a_make_up_sunday_follows_the_timetable_of_another_day(world: World) -> None:
    school_id = world.school_ids["a"]
    assert queries.lessons_on(db.session(), school_id, SUNDAY) == []
    decide(school_id, SUNDAY, DayKind.MAKE_UP, follows=1)
    made_up = queries.lessons_on(db.session(), school_id, SUNDAY)
    assert [lesson.entry_id for lesson in made_up] == [
        lesson.entry_id for lesson in queries.lessons_on(db.session(), school_id, MONDAY)
    ]
    assert len(made_up) == 8


def test_lessons_come_in_the_order_of_the_day_with_their_times(world: World) -> None:
    lessons = queries.lessons_on(
        db.session(),
        world.school_ids["a"],
        MONDAY,
        staff_id=world.staff_ids["teacher"],
        class_id=world.class_ids["own"],
    )
    assert [(lesson.number, f"{lesson.begins_at:%H:%M}", lesson.class_name) for lesson in lessons] == [
        (2, "08:00", "4/1")
    ]
    sessions = queries.sessions_with_lessons(db.session(), world.school_ids["a"], MONDAY)
    assert sessions == {
        world.class_ids["own"]: {"morning": 1},
        world.class_ids["other_class"]: {"morning": 1},
    }


def test_pupils_stand_in_vietnamese_order_of_given_names(world: World) -> None:
    found = queries.pupils_in_class(db.session(), world.class_ids["own"], MONDAY)
    assert [pupil.full_name for pupil in found] == [
        "Nguyễn Văn An",
        "Trần Thị Ánh",
        "Y Bloong",
        "Điểu K'Rân",
        "Lê Hoàng Phương Uyên",
        "Đặng Thị Ước",
    ]


def test_a_class_is_what_it_was_on_the_day(world: World) -> None:
    class_id, leaver = world.class_ids["own"], world.pupil_ids["own"][0]
    with db.transaction() as session:
        row = session.scalars(select(ClassMembership).where(ClassMembership.pupil_id == leaver)).one()
        row.ends_on = MONDAY
        school_class = queries.class_for(actor(world, Role.PRINCIPAL), VIEW_CLASS, class_id)
        newcomer = add_pupil(session, school_class, "Hoàng Văn Bình", since=MONDAY).id
    before = {
        pupil.id for pupil in queries.pupils_in_class(db.session(), class_id, MONDAY - timedelta(days=1))
    }
    after = {pupil.id for pupil in queries.pupils_in_class(db.session(), class_id, MONDAY)}
    assert leaver in before - after
    assert newcomer in after - before
    assert queries.class_sizes(db.session(), [class_id], MONDAY) == {class_id: 6}


@pytest.mark.parametrize(
    ("role", "schools", "classes"),
    [
        (Role.DEPARTMENT_OFFICER, 2, 0),
        (Role.PRINCIPAL, 1, 2),
        (Role.OFFICE_CLERK, 1, 2),
        (Role.TEACHER, 0, 1),
        (Role.GUARDIAN, 0, 0),
    ],
)
def test_lists_hold_what_the_person_may_see(world: World, role: Role, schools: int, classes: int) -> None:
    found = actor(world, role)
    assert len(queries.schools_for(found, VIEW_SCHOOL)) == schools
    assert len(queries.classes_for(found, VIEW_CLASS, world.year_id)) == classes


def test_a_pupil_is_seen_by_those_of_the_class_and_by_the_own_guardian(world: World) -> None:
    own, other = world.pupil_ids["own"][0], world.pupil_ids["other_class"][0]
    for role in (Role.PRINCIPAL, Role.HOMEROOM_TEACHER, Role.GUARDIAN):
        assert queries.pupil_for(actor(world, role), VIEW_PUPIL, own, MONDAY).id == own
    for role in (Role.HOMEROOM_TEACHER, Role.GUARDIAN, Role.DEPARTMENT_OFFICER):
        with pytest.raises(NotFoundError):
            queries.pupil_for(actor(world, role), VIEW_PUPIL, other, MONDAY)


def test_lists_cost_the_same_number_of_queries_at_any_size(world: World) -> None:
    client = world.client(Role.PRINCIPAL)

    def cost() -> int:
        statements: list[str] = []

        def note(*arguments: object) -> None:
            statements.append(str(arguments[2]))

        db.session().expunge_all()
        event.listen(db.db.engine, "before_cursor_execute", note)
        assert client.get(f"/classes/{world.class_ids['own']}").status_code == 200
        event.remove(db.db.engine, "before_cursor_execute", note)
        return len([statement for statement in statements if statement.startswith(("SELECT", "WITH"))])

    small = cost()
    with db.transaction() as session:
        school_class = queries.class_for(actor(world, Role.PRINCIPAL), VIEW_CLASS, world.class_ids["own"])
        for number in range(40):
            add_pupil(session, school_class, f"Nguyễn Văn {number}")
    assert cost() == small
    assert small <= 16


def test_units_above_and_below(world: World) -> None:
    school_id = world.school_ids["a"]
    assert queries.ancestors(db.session(), school_id) == [school_id, world.ward_id, world.province_id]
    below = set[int](db.session().scalars(queries.below([world.ward_id])))
    assert below == {world.ward_id, *world.school_ids.values()}
    assert queries.unit_by_code(db.session(), "THA", MONDAY).id == school_id  # type: ignore[union-attr]
    assert db.session().get_one(OrgUnit, school_id).name == "Tiểu học Hoa Sen"
