"""A colleague of the school leads the lesson too, with every right but ending it and handing it over."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from app import db, realtime
from app.access import Actor, HeldGrant, Role
from app.audit.models import AuditEntry
from app.errors import InvalidError, NotFoundError
from app.realtime import Peer
from app.school.models import Subject, Timetable, TimetableEntry
from app.school.timetables.models import EntryTeacher
from classroom.lessons.commands import start_lesson
from classroom.lessons.queries import lesson_for, lessons_taught_by
from classroom.lessons.rules import LEAD_LESSON
from classroom.team.commands import add_teacher, hand_over, remove_teacher
from tests.classroom.held import begin, start_of, teacher_of
from tests.world import MONDAY

if TYPE_CHECKING:
    from tests.classroom.held import Held
    from tests.world import World


def colleague_of(world: World) -> Actor:
    """The homeroom teacher, here as one who teaches another class of the school."""
    grant = HeldGrant(Role.HOMEROOM_TEACHER, world.school_ids["a"], world.class_ids["other_class"])
    return Actor(world.user_ids[Role.HOMEROOM_TEACHER], "Lê Thị homeroom", (grant,))


def sent(actor: Actor, name: str, **payload: Any) -> dict[str, Any]:  # noqa: ANN401 - parts of a payload
    return realtime.answer(Peer(realtime.STAFF, actor=actor, checked_at=1e12), name, payload)


def test_a_co_teacher_leads_but_does_not_end(held: Held) -> None:
    owner, colleague, lesson = teacher_of(held.world), colleague_of(held.world), held.lesson_id
    assert sent(colleague, "lesson_watch", lesson=lesson)["error"] == "not_found"
    offered = sent(owner, "team_colleagues", lesson=lesson)["colleagues"]
    assert [one["id"] for one in offered] == [colleague.user_id]
    for _ in range(2):
        assert sent(owner, "team_add", lesson=lesson, user=colleague.user_id)["ok"]
    assert sent(colleague, "lesson_watch", lesson=lesson)["ok"]
    quick = sent(colleague, "activity_quick", lesson=lesson, op_id="op-000001", kind="quick")
    assert quick["ok"], quick
    assert colleague.user_id in {one["id"] for one in held.snapshot()["teachers"]}
    assert [one.id for one in lessons_taught_by(db.session(), colleague.user_id, MONDAY)] == [lesson]
    for name, more in (
        ("lesson_end", {}),
        ("team_hand_over", {"user": colleague.user_id}),
        ("team_colleagues", {}),
    ):
        assert sent(colleague, name, lesson=lesson, **more)["error"] == "not_found", name
    assert sent(owner, "team_remove", lesson=lesson, user=colleague.user_id)["ok"]
    assert sent(colleague, "lesson_watch", lesson=lesson)["error"] == "not_found"
    said = [row.action for row in db.session().scalars(select(AuditEntry))]
    assert said.count("lesson.teacher_added") == 1


def test_a_running_lesson_is_on_the_home_page_of_all_who_lead_it(held: Held) -> None:
    client, link = held.world.client(Role.HOMEROOM_TEACHER), f"/lessons/{held.lesson_id}/console"
    assert link not in client.get("/").text
    add_teacher(teacher_of(held.world), held.lesson_id, colleague_of(held.world).user_id)
    assert link in client.get("/").text
    assert sent(teacher_of(held.world), "lesson_end", lesson=held.lesson_id)["ok"]
    assert link not in client.get("/").text


def test_a_stranger_is_not_added_and_the_owner_stays(held: Held) -> None:
    owner = teacher_of(held.world)
    for stranger in (held.world.user_ids[Role.OFFICE_CLERK], held.world.user_ids[Role.PUPIL], 999_999):
        with pytest.raises(NotFoundError):
            add_teacher(owner, held.lesson_id, stranger)
    with pytest.raises(InvalidError):
        remove_teacher(owner, held.lesson_id, owner.user_id)


def test_a_lesson_that_was_handed_over_is_the_colleagues(held: Held) -> None:
    owner, colleague = teacher_of(held.world), colleague_of(held.world)
    with pytest.raises(NotFoundError):
        hand_over(owner, held.lesson_id, colleague.user_id)
    add_teacher(owner, held.lesson_id, colleague.user_id)
    hand_over(owner, held.lesson_id, colleague.user_id)
    hand_over(owner, held.lesson_id, colleague.user_id)
    assert sent(owner, "lesson_watch", lesson=held.lesson_id)["ok"], "who gave it leads on"
    assert sent(owner, "lesson_end", lesson=held.lesson_id)["error"] == "not_found"
    assert sent(colleague, "lesson_end", lesson=held.lesson_id)["ok"]


def test_a_co_teacher_who_leaves_the_school_leads_no_longer(held: Held) -> None:
    owner, colleague = teacher_of(held.world), colleague_of(held.world)
    add_teacher(owner, held.lesson_id, colleague.user_id)
    assert lesson_for(colleague, LEAD_LESSON, held.lesson_id).id == held.lesson_id
    with pytest.raises(NotFoundError):
        lesson_for(replace(colleague, grants=()), LEAD_LESSON, held.lesson_id)


def test_the_timetables_co_teacher_is_in_and_begins_no_second_lesson(world: World) -> None:
    with world.app.app_context():
        _teach_together(world)
        held = begin(world)
        colleague = colleague_of(world)
        assert {one["id"] for one in held.snapshot()["teachers"]} == {
            teacher_of(world).user_id,
            colleague.user_id,
        }
        assert start_lesson(colleague, start_of(world)) == held.lesson_id


def _teach_together(world: World) -> None:
    """A timetable from today on in which two teachers take 4/1's period 2 together."""
    with db.transaction() as session:
        old = session.scalars(select(Timetable).where(Timetable.school_id == world.school_ids["a"])).one()
        old.ends_on = MONDAY
        new = Timetable(
            school_id=old.school_id, year_id=old.year_id, version=2, state="draft", starts_on=MONDAY
        )
        session.add(new)
        session.flush()
        entry = TimetableEntry(
            timetable_id=new.id,
            class_id=world.class_ids["own"],
            weekday=1,
            day_session="morning",
            number=2,
            subject_id=session.scalars(select(Subject.id)).one(),
            staff_id=world.staff_ids["teacher"],
        )
        session.add(entry)
        session.flush()
        session.add(EntryTeacher(entry_id=entry.id, staff_id=world.staff_ids["homeroom"]))
        session.flush()
        new.state = "published"
