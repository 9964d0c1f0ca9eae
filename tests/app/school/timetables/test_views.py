"""Substitutes and cancelled lessons: what the day's lists, the grants and the home page say of them."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from app import clock, db
from app.access import Role
from app.accounts.models import Grant, User
from app.accounts.queries import actor_of_user
from app.audit.models import AuditEntry
from app.school.models import SchoolClass
from app.school.queries import PlannedLesson, lessons_on, place_of_class
from app.school.rules import VIEW_CLASS
from tests.world import MONDAY

if TYPE_CHECKING:
    from werkzeug.test import TestResponse

    from tests.world import World


def lessons(world: World, day: date = MONDAY, **which: int) -> list[PlannedLesson]:
    with world.app.app_context():
        return lessons_on(db.session(), world.school_ids["a"], day, **which)


def entry(world: World, number: int, class_key: str = "other_class") -> int:
    """The entry of a period in which the teacher of the other class is away."""
    found = lessons(world, class_id=world.class_ids[class_key])
    return next(lesson.entry_id for lesson in found if lesson.number == number)


def arrange(world: World, role: Role = Role.OFFICE_CLERK, **form: Any) -> TestResponse:  # noqa: ANN401
    filled = {
        "entry_id": entry(world, 3),
        "day": MONDAY.isoformat(),
        "substitute_id": 0,
        "staff_id": world.staff_ids["teacher"],
        "reason": "Đi tập huấn",
    }
    return world.client(role).post(f"/schools/{world.school_ids['a']}/substitutions", data=filled | form)


def may_see_other_class(world: World, day: date) -> bool:
    with world.app.app_context():
        user = db.session().get_one(User, world.user_ids[Role.HOMEROOM_TEACHER])
        other = db.session().get_one(SchoolClass, world.class_ids["other_class"])
        return actor_of_user(db.session(), user, day).may(VIEW_CLASS, place_of_class(other))


def free_homeroom_teacher(world: World) -> None:
    """Period 3 in 4/1 is cancelled, so that its teacher can take 4/2."""
    assert arrange(world, entry_id=entry(world, 3, "own")).status_code == 302


def test_a_cancelled_lesson_is_not_on_that_day_and_is_on_the_next_week(world: World) -> None:
    before = len(lessons(world))
    assert arrange(world).status_code == 302
    assert len(lessons(world)) == before - 1
    assert len(lessons(world, MONDAY + timedelta(days=7))) == before
    page = world.client(Role.PRINCIPAL).get(f"/schools/{world.school_ids['a']}/substitutions").text
    assert "Đi tập huấn" in page
    assert "không dạy" in page


def test_a_substitute_has_the_lesson_and_the_class_for_one_day(world: World) -> None:
    homeroom = world.staff_ids["homeroom"]
    free_homeroom_teacher(world)
    assert not may_see_other_class(world, MONDAY)
    assert arrange(world, substitute_id=homeroom).status_code == 302
    taken = [lesson for lesson in lessons(world, staff_id=homeroom) if lesson.substitute_for]
    assert [(lesson.number, lesson.class_name, lesson.substitute_for) for lesson in taken] == [
        (3, "4/2", "Lê Thị teacher")
    ]
    assert entry(world, 3) not in {
        lesson.entry_id for lesson in lessons(world, staff_id=world.staff_ids["teacher"])
    }
    assert may_see_other_class(world, MONDAY)
    assert not may_see_other_class(world, MONDAY + timedelta(days=1))
    home = world.client(Role.HOMEROOM_TEACHER).get("/").text
    assert "dạy thay Lê Thị teacher" in home
    assert "Lê Thị homeroom dạy thay" in world.client(Role.TEACHER).get("/").text


def test_taking_it_back_takes_the_grant_too(world: World) -> None:
    free_homeroom_teacher(world)
    lesson_id = entry(world, 3)
    arrange(world, substitute_id=world.staff_ids["homeroom"])
    address = f"/schools/{world.school_ids['a']}/substitutions/withdraw"
    form = {"entry_id": lesson_id, "day": MONDAY.isoformat()}
    for _ in range(2):
        assert world.client(Role.OFFICE_CLERK).post(address, data=form).status_code == 302
    assert not may_see_other_class(world, MONDAY)
    assert lesson_id in {lesson.entry_id for lesson in lessons(world, staff_id=world.staff_ids["teacher"])}
    with world.app.app_context():
        actions = db.session().scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()
    assert [one for one in actions if one.startswith(("lesson.", "grant.taken"))] == [
        "lesson.cancelled",
        "lesson.substituted",
        "grant.taken_back",
        "lesson.as_planned",
    ]


def test_another_decision_takes_the_place_of_the_first(world: World) -> None:
    free_homeroom_teacher(world)
    lesson_id = entry(world, 3)
    arrange(world, entry_id=lesson_id, substitute_id=world.staff_ids["homeroom"])
    arrange(world, entry_id=lesson_id, substitute_id=0)
    assert lesson_id not in {lesson.entry_id for lesson in lessons(world)}
    with world.app.app_context():
        assert (
            db.session().scalar(select(func.count()).select_from(Grant).where(Grant.ends_on.is_not(None)))
            == 0
        )


def test_a_busy_teacher_or_one_of_another_school_is_refused(world: World) -> None:
    busy = arrange(world, substitute_id=world.staff_ids["homeroom"])
    assert busy.status_code == 422
    assert "đang dạy lớp khác trong tiết 3" in busy.text
    assert arrange(world, substitute_id=world.staff_ids["other"]).status_code == 422
    assert arrange(world, substitute_id=world.staff_ids["teacher"]).status_code == 422
    assert len(lessons(world)) == 8


def test_a_lesson_of_another_school_or_day_is_not_found(world: World) -> None:
    with world.app.app_context():
        foreign = lessons_on(db.session(), world.school_ids["b"], MONDAY)[0].entry_id
    assert arrange(world, entry_id=foreign).status_code == 404
    assert arrange(world, day="2026-10-04").status_code == 404  # a Sunday
    assert arrange(world, Role.TEACHER).status_code == 404


def test_a_day_that_is_over_gives_no_grant(world: World) -> None:
    past = MONDAY - timedelta(days=7)
    arrange(world, entry_id=entry(world, 3, "own"), day=past.isoformat())
    assert arrange(world, day=past.isoformat(), substitute_id=world.staff_ids["homeroom"]).status_code == 302
    assert [one.substitute_for for one in lessons(world, past) if one.substitute_for] == ["Lê Thị teacher"]
    with world.app.app_context():
        assert clock.today() == MONDAY
        assert (
            db.session().scalar(select(func.count()).select_from(Grant).where(Grant.ends_on.is_not(None)))
            == 0
        )
