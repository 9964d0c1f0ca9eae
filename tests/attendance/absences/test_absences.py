"""A pupil's year: the count of 45 sessions by its rule, runs of days, the drawing on the pupil's page."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from app import clock, db
from app.access import Role
from app.school.models import SchoolClass
from app.school.rules import DaySession
from attendance.absences.queries import runs_of_absence
from attendance.absences.rules import Counted, Session, counted_sessions, run_of_absence, sums_of
from attendance.registers.commands.opening import open_register
from attendance.registers.rules.marks import SEED_CODES
from tests.world import MONDAY, MORNING

if TYPE_CHECKING:
    from tests.attendance.registers.conftest import Desk

P, K, T = SEED_CODES
sessions = st.builds(
    Session,
    day=st.dates(date(2026, 10, 1), date(2026, 10, 20)),
    slot=st.integers(1, 2),
    programme_session=st.integers(1, 2),
    code=st.sampled_from([None, P, K, T]),
)


@given(st.lists(sessions), st.integers(0, 50))
def test_forty_five_are_days_of_buoi_1_at_most_one_each(found: list[Session], opening: int) -> None:
    counted = counted_sessions(found, opening)
    absent = {one.day for one in found if one.code in {P, K} and one.programme_session == 1}
    assert (counted.days, counted.total) == (len(absent), len(absent) + opening)
    assert counted.left == max(0, 45 - counted.total)
    only_second = [one for one in found if one.programme_session == 2]
    assert counted_sessions(only_second).total == 0
    assert counted_sessions([*found, *found], opening) == counted


def test_forty_five_is_allowed_and_forty_six_is_not() -> None:
    assert [Counted(days).tone for days in (29, 30, 45, 46)] == [None, "warn", "warn", "bad"]
    assert (Counted(40, 5).left, Counted(44, 5).left) == (0, 0)


@given(st.lists(sessions))
def test_a_run_is_unbroken_up_to_the_last_day(found: list[Session]) -> None:
    run = run_of_absence(found)
    assert run == sorted(run, reverse=True)
    days = sorted({one.day for one in found}, reverse=True)
    assert run == days[: len(run)]
    assert all(one.is_absent for one in found if one.day in run)
    assert sums_of(found).taken == len(found)


def test_pages_of_a_pupil_and_of_the_school(desk: Desk) -> None:
    """Three mornings without reason: a run at the school; at a primary school nothing is counted toward 45."""
    for day in range(3):
        with clock.at(MORNING + timedelta(days=day)):
            with desk.world.app.app_context():
                own = db.session().get_one(SchoolClass, desk.world.class_ids["own"])
                desk.register_id = open_register(own, MONDAY + timedelta(days=day), DaySession.MORNING)
            desk.save(desk.operation(0, "K"), desk.operation(1, "K" if day else ""))
    with clock.at(MORNING + timedelta(days=2)):
        with desk.world.app.app_context():
            [run] = runs_of_absence(db.session(), desk.world.school_ids["a"], clock.today())
        assert (run.pupil, run.days, run.since, run.unexcused) == ("Nguyễn Văn An", 3, MONDAY, 3)
        of_guardian = desk.world.client(Role.GUARDIAN).get("/").text
        today = of_guardian.partition("Điểm danh hôm nay")[2].partition("</section>")[0]
        assert "K · Vắng không phép" in today
        assert "Xin nghỉ học" in today
        principal = desk.world.client(Role.PRINCIPAL)
        assert "Nguyễn Văn An <span" in principal.get("/").text, (
            "the first page names who is absent without leave"
        )
        assert "Vắng nhiều ngày liền" in principal.get(f"/attendance/today/{desk.world.school_ids['a']}").text
        page = principal.get(f"/pupils/{desk.pupils[0]}").text
        assert "Bản đồ điểm danh cả năm" in page
        assert "tối đa 45" not in page


def test_a_secondary_pupil_brings_sessions_from_elsewhere(desk: Desk) -> None:
    pupil = desk.pupils[0]
    with desk.world.app.app_context(), db.transaction() as session:
        session.get_one(SchoolClass, desk.world.class_ids["own"]).grade = 6
    desk.save(desk.operation(0, "P"))
    clerk = desk.world.client(Role.OFFICE_CLERK)
    url = f"/pupils/{pupil}/absence-opening"
    assert clerk.post(url, data={"sessions": "301"}).status_code == 422
    assert clerk.post(url, data={"sessions": "12", "note": "Học bạ"}).status_code == 302
    page = " ".join(clerk.get(f"/pupils/{pupil}").text.split())
    assert "tối đa 45" in page
    assert "còn được nghỉ 32 buổi" in page
    assert "Đã cộng 12 buổi từ trường cũ" in page
    assert desk.world.client(Role.HOMEROOM_TEACHER).get(url).status_code == 404
