"""How registers stand: called off and back, as they stood at a moment, periods and who skipped one, laying out."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from app import clock, db
from app.access import Role
from app.school.models import ClassMembership
from app.school.rules import DaySession
from attendance.registers.commands.inserting import ensure_days, insert_due
from attendance.registers.commands.opening import materialise
from attendance.registers.models import AttendanceDay, Register
from attendance.registers.queries.chain import verify_chains
from attendance.registers.queries.due import due_registers
from attendance.registers.queries.totals import session_totals
from attendance.registers.rules.states import period_of, session_of, slot_of
from tests.world import MONDAY, MORNING

if TYPE_CHECKING:
    from datetime import date

    from tests.attendance.registers.conftest import Desk
    from tests.world import World


def test_no_lesson_keeps_the_marks_inert_and_can_be_taken_back(desk: Desk) -> None:
    teacher = desk.world.client(Role.HOMEROOM_TEACHER)
    desk.save(desk.operation(0, "K"), desk.operation(1, "P"))
    before = desk.row().counters
    url = f"/registers/{desk.register_id}"
    assert teacher.post(f"{url}/call-off", data={"client_key": "wish-0001"}).status_code == 422
    for _ in range(2):
        assert (
            teacher.post(f"{url}/call-off", data={"client_key": "wish-0002", "why": "Họp"}).status_code == 302
        )
    off = desk.row()
    assert (off.state, off.row_version) == ("not_held", 2)
    assert totals_of(desk, desk.row().school_id) == []
    assert desk.save(desk.operation(2, "K", base=2), base=2).status_code == 409
    assert "Họp" in teacher.get(url).text
    for _ in range(2):
        teacher.post(f"{url}/hold", data={"client_key": "wish-0003"})
    again = desk.row()
    assert (again.state, again.counters) == ("submitted", before)
    assert totals_of(desk, again.school_id) == [1]
    with desk.world.app.app_context():
        assert verify_chains(db.session(), MONDAY).broken == ()


def totals_of(desk: Desk, school_id: int) -> list[int]:
    with desk.world.app.app_context():
        rows = session_totals(
            db.session(), school_id, MONDAY, MONDAY + timedelta(days=1), desk.world.class_ids["own"]
        )
        return [row.taken for row in rows]


def test_a_class_is_shown_as_it_stood_at_a_moment(desk: Desk) -> None:
    teacher = desk.world.client(Role.HOMEROOM_TEACHER)
    url = f"/registers/as-of/{desk.world.class_ids['own']}?day={MONDAY}"
    desk.save(desk.operation(0, "K", reason="chưa báo"), submit="provisional")
    with clock.at(MORNING + timedelta(minutes=60)):
        desk.save(desk.operation(0, "P", base=1), base=1)
    with clock.at(MORNING + timedelta(minutes=90)):
        desk.correct(1, "T")
    with clock.at(MORNING + timedelta(minutes=120)):
        leave(desk, 5)
        desk.save(desk.operation(2, "K", base=3), base=3)
    with clock.at(MORNING + timedelta(days=1)):
        pages = [
            teacher.get(f"{url}&at={MONDAY}T{at}").text
            for at in ("06:30", "07:30", "08:30", "08:59", "09:30")
        ]
    early, provisional, final, corrected, last = (" ".join(page.split()) for page in pages)
    assert "Chưa điểm danh" in early
    assert "chưa có gì được ghi" in early
    assert "Lưu tạm" in provisional
    assert "không phép 1" in provisional
    assert "chưa báo" in provisional
    assert "có mặt 5/6 · có phép 1" in final
    assert "trễ" not in final.split("<main")[1].split("Danh sách lớp")[0]
    assert "trễ 1" in corrected
    assert "văn phòng đã sửa" in corrected
    assert "có mặt 3/5" in last, "the roster with which it was saved anew has five"
    assert "6 học sinh" not in last


def leave(desk: Desk, number: int) -> None:
    with desk.world.app.app_context(), db.transaction() as session:
        row = session.scalars(
            select(ClassMembership).where(ClassMembership.pupil_id == desk.pupils[number])
        ).one()
        row.ends_on = MONDAY


# --- periods ------------------------------------------------------------------------------------------------------


@given(st.sampled_from(DaySession), st.none() | st.integers(1, 9))
def test_a_slot_knows_its_session_and_period(day_session: DaySession, number: int | None) -> None:
    slot = slot_of(day_session, number)
    assert (session_of(slot), period_of(slot)) == (day_session, number)


def open_period(desk: Desk, number: int, role: Role = Role.TEACHER) -> int:
    answer = desk.world.client(role).post(
        f"/registers/period/{desk.world.class_ids['own']}",
        data={"day": MONDAY.isoformat(), "day_session": "morning", "number": number},
    )
    return int(answer.location.rsplit("/", 1)[1]) if answer.status_code == 302 else answer.status_code


def test_a_period_register_stands_beside_the_session_and_shows_who_skipped(desk: Desk) -> None:
    desk.save(desk.operation(0, "K"))
    second = open_period(desk, 2)
    assert open_period(desk, 2) == second
    assert open_period(desk, 9) == 422, "the timetable has four periods"
    teacher, principal = desk.world.client(Role.TEACHER), desk.world.client(Role.PRINCIPAL)
    sheet = teacher.get(f"/registers/{second}").text
    assert "Tiết 2 buổi sáng" in sheet
    assert "vắng buổi sáng (K)" in sheet, "who was absent before is suggested, not marked"
    session_register, desk.register_id = desk.register_id, second
    assert (
        desk.save(
            desk.operation(0, "K"), desk.operation(3, "K"), desk.operation(4, "P"), by=teacher
        ).status_code
        == 200
    )
    skipped = principal.get(f"/registers/{session_register}").text
    assert "Đặng Thị Ước (tiết 2)" in " ".join(skipped.split())
    assert "Nguyễn Văn An (tiết" not in skipped, "absent all morning"
    assert "Uyên (tiết" not in skipped, "excused from the period"
    today = principal.get(f"/attendance/today/{desk.world.school_ids['a']}").text
    assert "Bỏ tiết" in today
    assert totals_of(desk, desk.world.school_ids["a"]) == [1], "a period is no session"


# --- laying out ---------------------------------------------------------------------------------------------------


def test_two_may_lay_out_the_same_days_at_once(world: World) -> None:
    """On PostgreSQL both find nothing and both insert; neither fails, and each register is there once."""
    first, after_last = MONDAY, MONDAY + timedelta(days=5)
    failures: list[BaseException] = []
    barrier = threading.Barrier(2)
    done = threading.Thread(target=lay_out, args=(world, first, after_last, barrier, failures))
    done.start()
    lay_out(world, first, after_last, barrier, failures)
    done.join()
    assert failures == []
    with world.app.app_context():
        assert db.session().scalar(select(func.count()).select_from(Register)) == 3 * 5
        assert db.session().scalar(select(func.count()).select_from(AttendanceDay)) == 2 * 5


def lay_out(
    world: World, first: date, after_last: date, barrier: threading.Barrier, failures: list[BaseException]
) -> None:
    try:
        with world.app.app_context():
            barrier.wait(timeout=30)
            materialise(first, after_last)
            db.db.session.remove()
    except BaseException as error:  # noqa: BLE001 - whatever it is, the test tells it
        failures.append(error)


def test_a_register_that_appears_between_looking_and_inserting_is_no_error(world: World) -> None:
    """What two who lay out at once come to, step by step: the second one's insert finds the row there."""
    with world.app.app_context():
        due = due_registers(db.session(), MONDAY, MONDAY + timedelta(days=1))
        for _ in range(2):
            with db.transaction() as session:
                ensure_days(session, due[0].school_id, [MONDAY])
                insert_due(session, due)
        assert db.session().scalar(select(func.count()).select_from(Register)) == len(due)
