"""Registers laid out ahead, what is counted as due, and the pages of a day."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import event, func, select, text, update
from sqlalchemy.exc import DBAPIError

from app import clock, db
from app.access import SYSTEM, Role
from app.school.calendar.commands import decide_days, undo_change
from app.school.calendar.rules import Decision
from app.school.models import CalendarDay, SchoolClass, Timetable
from app.school.rules import DayKind, DaySession
from attendance.registers.commands.opening import Materialised, materialise, materialise_around, open_register
from attendance.registers.models import Register
from attendance.registers.queries.totals import missing_by_school, session_totals, totals_by_school
from attendance.registers.rules.states import RegisterState
from tests.world import MONDAY, MORNING

if TYPE_CHECKING:
    from tests.attendance.registers.conftest import Desk
    from tests.world import World

TUESDAY = MONDAY + timedelta(days=1)
NEXT_MONDAY = MONDAY + timedelta(days=7)


def close(world: World, day: date) -> None:
    """Let the province close its schools on a day."""
    with world.app.app_context(), db.transaction() as session:
        session.add(
            CalendarDay(
                unit_id=world.province_id,
                day=day,
                kind="closure",
                note="Nghỉ do mưa bão",
                decided_at=clock.now(),
            )
        )


def rows(world: World) -> int:
    with world.app.app_context():
        return db.session().scalar(select(func.count()).select_from(Register)) or 0


def test_laying_out_twice_changes_nothing(world: World) -> None:
    with world.app.app_context():
        assert materialise(MONDAY, NEXT_MONDAY) == Materialised(added=15)
        assert materialise(MONDAY, NEXT_MONDAY) == Materialised()
    assert rows(world) == 15, "three classes, five mornings"


def test_a_closed_day_takes_its_untouched_registers_away(world: World) -> None:
    with world.app.app_context():
        materialise(MONDAY, NEXT_MONDAY)
        close(world, TUESDAY)
        assert materialise(MONDAY, NEXT_MONDAY) == Materialised(removed=3)


def test_a_decision_about_the_calendar_takes_registers_away_and_brings_them_back(world: World) -> None:
    with world.app.app_context():
        materialise(MONDAY, NEXT_MONDAY)
        days = Decision(TUESDAY, TUESDAY + timedelta(days=1), DayKind.CLOSURE, note="Nghỉ do mưa bão")
        change_id = decide_days(SYSTEM, world.province_id, days, "storm")
        there = select(func.count()).select_from(Register).where(Register.day == TUESDAY)
        assert db.session().scalar(there) == 0
        undo_change(SYSTEM, change_id)
        assert db.session().scalar(there) == 3


def test_a_register_that_somebody_touched_stays(desk: Desk) -> None:
    desk.save(desk.operation(0, "K"), submit="")
    close(desk.world, MONDAY)
    with desk.world.app.app_context():
        materialise(MONDAY, TUESDAY)
    assert desk.row().state == "open"


def test_a_superseded_timetable_still_says_what_was_due(world: World) -> None:
    with world.app.app_context():
        with db.transaction() as session:
            session.execute(update(Timetable).values(state="superseded", ends_on=TUESDAY))
        assert materialise(MONDAY, NEXT_MONDAY) == Materialised(added=3)


def test_the_periodic_task_lays_out_the_weeks_around_today(world: World) -> None:
    with world.app.app_context():
        assert materialise_around(MONDAY) == Materialised(added=33), "eleven school days"


def test_opening_what_is_due_makes_it_once_and_what_is_not_due_is_refused(world: World) -> None:
    client = world.client(Role.HOMEROOM_TEACHER)
    path = f"/registers/open/{world.class_ids['own']}"
    first = client.post(path, data={"day": MONDAY.isoformat(), "day_session": "morning"})
    again = client.post(path, data={"day": MONDAY.isoformat(), "day_session": "morning"})
    assert first.status_code == 302
    assert first.headers["Location"] == again.headers["Location"]
    assert client.post(path, data={"day": MONDAY.isoformat(), "day_session": "evening"}).status_code == 422
    assert client.post(path, data={"day": "2026-10-04", "day_session": "morning"}).status_code == 422
    assert client.post(path).status_code == 422
    assert rows(world) == 1


def test_a_homeroom_teacher_opens_no_register_of_another_class(world: World) -> None:
    client = world.client(Role.HOMEROOM_TEACHER)
    data = {"day": MONDAY.isoformat(), "day_session": "morning"}
    assert client.post(f"/registers/open/{world.class_ids['own']}", data=data).status_code == 302
    assert client.post(f"/registers/open/{world.class_ids['other_class']}", data=data).status_code == 404


# --- totals -------------------------------------------------------------------------------------------------------


def test_totals_count_what_was_never_opened_and_leave_the_future_out(desk: Desk) -> None:
    desk.save(desk.operation(0, "K"), desk.operation(1, "P"))
    with desk.world.app.app_context():
        found = session_totals(
            db.session(), desk.world.school_ids["a"], MONDAY - timedelta(days=7), NEXT_MONDAY
        )
        assert (sum(row.due for row in found), sum(row.taken for row in found)) == (12, 1)
        (taken,) = [row for row in found if row.taken]
        assert (taken.expected, taken.present, taken.excused, taken.unexcused) == (6, 4, 1, 1)
        untaken = [row for row in found if not row.taken]
        assert {row.expected for row in untaken} == {0}
        assert {row.register_id for row in untaken} == {None}
        own = session_totals(
            db.session(), desk.world.school_ids["a"], MONDAY, NEXT_MONDAY, desk.world.class_ids["own"]
        )
        assert [row.register_id for row in own] == [desk.register_id]


def test_a_session_that_was_called_off_is_neither_due_nor_taken(desk: Desk) -> None:
    with desk.world.app.app_context():
        with db.transaction() as session:
            session.execute(update(Register).values(state=RegisterState.NOT_HELD))
        found = session_totals(db.session(), desk.world.school_ids["a"], MONDAY, TUESDAY)
        assert [row.class_id for row in found] == [desk.world.class_ids["other_class"]]


def test_totals_of_many_schools_in_one_query(desk: Desk) -> None:
    desk.save(desk.operation(0, "K"))
    with desk.world.app.app_context():
        materialise(MONDAY, NEXT_MONDAY)
        a, b = totals_by_school(db.session(), MONDAY, NEXT_MONDAY)
        assert (a.due, a.taken, a.expected, a.unexcused) == (2, 1, 6, 1)
        assert (b.due, b.taken, b.expected) == (1, 0, 0)
        assert totals_by_school(db.session(), MONDAY, NEXT_MONDAY, [b.school_id]) == [b]
        assert missing_by_school(db.session(), MONDAY, DaySession.MORNING) == {a.school_id: 1, b.school_id: 1}


def test_totals_take_as_many_queries_for_a_day_as_for_a_month(world: World) -> None:
    seen: list[str] = []
    with world.app.app_context():
        materialise(MONDAY - timedelta(days=28), NEXT_MONDAY)
        db.session().scalar(select(1))  # the transaction has begun
        event.listen(db.db.engine, "before_cursor_execute", lambda *given: seen.append(given[2]))
        session_totals(db.session(), world.school_ids["a"], MONDAY, TUESDAY)
        day, seen[:] = len(seen), []
        session_totals(db.session(), world.school_ids["a"], MONDAY - timedelta(days=28), NEXT_MONDAY)
    assert (day, len(seen)) == (9, 9)


# --- pages --------------------------------------------------------------------------------------------------------


def test_the_principal_sees_taken_missing_and_absent(desk: Desk) -> None:
    desk.save(desk.operation(0, "K"), desk.operation(1, "T", minutes_late=9), submit="provisional")
    page = desk.world.client(Role.PRINCIPAL).get(f"/attendance/today/{desk.world.school_ids['a']}").text
    missing, rest = page.split('id="absences"')
    assert "4/2" in missing
    assert "Nguyễn Văn An" in rest
    assert "9 phút" in rest
    assert "tạm" in rest, "provisional ones are marked"
    assert "6A1" not in page


def test_the_missing_register_names_whom_to_ask(world: World) -> None:
    page = world.client(Role.OFFICE_CLERK).get(f"/attendance/today/{world.school_ids['a']}").text
    assert "Lê Thị homeroom" in page, "the homeroom teacher of 4/1"
    assert "Lê Thị teacher" in page, "who teaches the first period of 4/2"


@pytest.mark.parametrize(
    ("role", "status"),
    [
        (Role.PRINCIPAL, 200),
        (Role.OFFICE_CLERK, 200),
        (Role.DEPARTMENT_OFFICER, 404),
        (Role.HOMEROOM_TEACHER, 404),
    ],
)
def test_names_of_a_school_are_for_its_office(world: World, role: Role, status: int) -> None:
    assert world.client(role).get(f"/attendance/today/{world.school_ids['a']}").status_code == status


def test_htmx_gets_the_part_that_changes(world: World) -> None:
    path = f"/attendance/today/{world.school_ids['a']}"
    part = world.client(Role.PRINCIPAL).get(path, headers={"HX-Request": "true"}).text
    assert part.lstrip().startswith('<div class="stack')
    assert "<html" not in part


def test_a_free_day_says_why(world: World) -> None:
    close(world, MONDAY)
    page = world.client(Role.PRINCIPAL).get(f"/attendance/today/{world.school_ids['a']}").text
    assert "Nghỉ do mưa bão" in page


def test_the_home_page_leads_to_what_is_due_now(desk: Desk) -> None:
    client = desk.world.client(Role.HOMEROOM_TEACHER)
    assert "Điểm danh buổi sáng lớp 4/1" in client.get("/").text
    desk.save(by=client)
    after = client.get("/").text
    assert "Điểm danh buổi sáng lớp 4/1" not in after
    assert "có mặt 6/6" in after
    principal = desk.world.client(Role.PRINCIPAL)
    assert "1/2" in principal.get("/").text
    with clock.at(MORNING + timedelta(hours=14)):
        assert "1/2" in principal.get("/").text, "in the evening: what is still missing of the day"


def test_the_teachers_page_lists_own_classes_only(world: World) -> None:
    page = world.client(Role.HOMEROOM_TEACHER).get("/registers").text
    assert "Lớp 4/1" in page
    assert "Lớp 4/2" not in page
    assert world.client(Role.PRINCIPAL).get("/registers").status_code == 302
    assert world.client(Role.DEPARTMENT_OFFICER).get("/registers").status_code == 404


def test_state_is_silent_about_what_was_seen(desk: Desk) -> None:
    client = desk.world.client(Role.TEACHER)
    path = f"/registers/{desk.register_id}/state"
    assert client.get(path, query_string={"since": 0}).status_code == 204
    desk.save(desk.operation(0, "K"))
    news = client.get(path, query_string={"since": 0}).get_json()
    assert news["marks"][str(desk.pupils[0])]["letter"] == "K"
    assert client.get(path, query_string={"since": news["version"]}).status_code == 204


# --- the chain ----------------------------------------------------------------------------------------------------


def test_events_cannot_be_changed_and_the_chain_is_proved(desk: Desk) -> None:
    desk.save(desk.operation(0, "K"), desk.operation(1, "P"))
    desk.correct(0, "P")
    runner = desk.world.app.test_cli_runner()
    proved = runner.invoke(args=["registers", "verify"])
    assert (proved.exit_code, "nguyên vẹn: 4" in proved.output) == (0, True)
    for statement in ("UPDATE mark_event SET why = 'x'", "DELETE FROM mark_event"):
        with (
            desk.world.app.app_context(),
            pytest.raises(DBAPIError, match="append-only"),
            db.transaction() as session,
        ):
            session.execute(text(statement))


def test_a_chain_whose_end_was_cut_off_does_not_hold(desk: Desk) -> None:
    desk.save(desk.operation(0, "K"))
    with desk.world.app.app_context(), db.transaction() as session:
        session.execute(text("UPDATE attendance_day SET last_sequence = last_sequence + 1"))
    broken = desk.world.app.test_cli_runner().invoke(
        args=["registers", "verify", "--day", MONDAY.isoformat()]
    )
    assert broken.exit_code == 1
    assert "05/10/2026" in broken.output


def test_the_command_line_lays_out_a_day(world: World) -> None:
    runner = world.app.test_cli_runner()
    assert "thêm 3" in runner.invoke(args=["registers", "materialise", "--day", MONDAY.isoformat()]).output
    with clock.at(MORNING):
        assert "thêm 30" in runner.invoke(args=["registers", "materialise"]).output
    assert rows(world) == 33


def test_a_class_of_another_year_is_not_due_before_its_pupils_come(world: World) -> None:
    with world.app.app_context():
        school_class = db.session().get_one(SchoolClass, world.class_ids["own"])
        assert materialise(date(2026, 8, 1), date(2026, 9, 5)) == Materialised()
        assert open_register(school_class, MONDAY, DaySession.MORNING) > 0
